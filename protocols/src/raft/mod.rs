//! Raft: a replicated log with a strong leader.
//!
//! From Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (the paper),
//! and Ongaro's dissertation; names of facts are those etcd logs.
//!
//! ```text
//!                      times out,                 receives votes from
//!        starts up     starts election            a majority
//!            |        .---------------.  .------------------------.
//!            v        |               v  |                        v
//!        [Follower]---'            [Candidate]                 [Leader]
//!            ^  ^                     |   | ^                     |
//!            |  '---------------------'   '-' times out,          |
//!            |    meets a leader              new election        |
//!            '----------------------------------------------------'
//!                               meets a higher term
//! ```
//!
//! With PreVote a server is a *pre-candidate* first, and becomes a candidate only if a majority
//! says it could win.
//!
//! # What is implemented
//!
//! - Elections (5.2), the election restriction (5.4.1), PreVote (dissertation 9.6), CheckQuorum and
//!   ignoring candidates while a leader is heard (6.2, 4.2.3).
//! - Replication with the consistency check, conflict hints that skip a term an answer, probing and
//!   pipelining per peer (5.3), the commit rule of Figure 8 (5.4.2), a no-op at the start of a
//!   reign.
//! - Persistence: term and vote before any answer that shows them, entries before they are
//!   acknowledged; a leader sends while it writes, and counts itself once its disk has the entry.
//! - A server whose disk fails a sync halts: it no longer knows what it has promised.
//! - Clients with sessions and numbered commands, applied once each; redirects; retries.
//! - Two [profiles](Profile): the paper's times, and etcd's with its ticks.
//!
//! # What is left out
//!
//! Snapshots and compaction, membership change, leadership transfer, ReadIndex and lease reads
//! (every read goes through the log), registration and expiry of sessions. Both profiles use empty
//! AppendEntries as heartbeats; etcd has a message of its own. A server of etcd that starts afresh
//! also waits for one or two ticks only; here it waits a whole election timeout.

mod captions;
mod client;
mod config;
mod durable;
mod election;
mod facts;
mod log;
mod machine;
mod message;
pub mod mutants;
pub mod promises;
mod replication;
mod requests;
mod script;
mod seats;
mod server;

use serde::Deserialize;
use sim_engine::{
    Cast, Duration, Effects, Event, Lexicon, Misfit, MutantInfo, Never, Node, NodeView, Operation,
    Promise, PromiseInfo, Protocol, Standing, StepContext, TimerSlot,
};

pub use client::Client;
pub use config::{Profile, RaftConfig};
pub use durable::{Delta, Durable, Initial};
pub use facts::{Fact, LogEnd, Poll, StepDown};
pub use log::{Entry, Log, Payload};
pub use machine::{Applied, Machine};
pub use message::{Answer, Append, AppendResult, Appended, Ballot, Message, Vote};
pub use replication::{Leadership, Pace, Progress};
pub use server::{Role, Server, Votes, Waiter};

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct Raft;

/// A seat of a Raft run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RaftNode {
    /// A server of the cluster.
    Server(Box<Server>),
    /// A client of it.
    Client(Box<Client>),
}

/// What a seat is, as a scenario writes it: `{"server": {}}` or `{"client": {"contact": "n1"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RaftRole {
    /// A server.
    Server {},
    /// A client.
    Client(ClientSettings),
}

/// The settings of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// The server it asks first; the first one if left out.
    pub contact: Option<String>,
    /// After what time it asks the next server, if not as the system's settings say.
    pub retry: Option<Duration>,
    /// After what time it gives up, if not as the system's settings say.
    pub give_up: Option<Duration>,
}

impl sim_engine::Role for RaftRole {
    fn kind(&self) -> &'static str {
        match self {
            Self::Server {} => "server",
            Self::Client(_) => "client",
        }
    }

    fn is_client(&self) -> bool {
        matches!(self, Self::Client(_))
    }
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// No leader was heard for too long.
    Election,
    /// A leader shows that it is there.
    Heartbeat,
    /// A leader looks whether a majority still answers.
    CheckQuorum,
    /// A client asks the next server.
    Retry,
    /// A client gives up.
    GiveUp,
}

impl sim_engine::Timer for Alarm {
    const PLAIN: u16 = 5;

    fn slot(self) -> TimerSlot {
        TimerSlot::Plain(match self {
            Self::Election => 0,
            Self::Heartbeat => 1,
            Self::CheckQuorum => 2,
            Self::Retry => 3,
            Self::GiveUp => 4,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::Heartbeat => "heartbeat",
            Self::CheckQuorum => "check-quorum",
            Self::Retry => "retry",
            Self::GiveUp => "give-up",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Election, Self::Heartbeat, Self::CheckQuorum, Self::Retry, Self::GiveUp]
            .into_iter()
            .find(|alarm| alarm.name() == name)
    }
}

impl Node for RaftNode {
    type Config = RaftConfig;
    type Role = RaftRole;
    type Message = Message;
    type Port = Never;
    type Timer = Alarm;
    type Durable = Durable;
    type Command = Operation;
    type Admin = Never;
    type Fact = Fact;

    fn boot(cx: &StepContext<'_, Self>, durable: &Durable) -> Self {
        match &cx.seat().role {
            RaftRole::Server {} => Self::Server(Box::new(Server::boot(cx, durable))),
            RaftRole::Client(settings) => Self::Client(Box::new(Client::boot(cx, settings))),
        }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        out: &mut Effects<Self>,
    ) {
        match self {
            Self::Server(server) => server.step(cx, event, out),
            Self::Client(client) => client.step(event, out),
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::Server(server) => server.standing(),
            Self::Client(_) => Client::standing(),
        }
    }

    fn view(&self) -> NodeView {
        match self {
            Self::Server(server) => server.view(),
            Self::Client(client) => client.view(),
        }
    }
}

impl Protocol for Raft {
    type Node = RaftNode;

    const NAME: &'static str = "raft";
    const ABOUT: &'static str = "a replicated log with a strong leader";
    const LEXICON: Lexicon = Lexicon { epoch: "term", epoch_sign: "T", cells: "Logs" };
    const PROMISES: &'static [PromiseInfo] = promises::INFO;
    const MUTANTS: &'static [MutantInfo] = mutants::ALL;
    const FACTS: &'static [&'static str] = facts::NAMES;
    const MESSAGES: &'static [&'static str] = message::KINDS;
    const TIMERS: &'static [&'static str] =
        &["election", "heartbeat", "check-quorum", "retry", "give-up"];
    const ROLES: &'static [&'static str] =
        &["follower", "pre-candidate", "candidate", "leader", "client"];

    fn promises() -> Vec<Box<dyn Promise<RaftNode>>> {
        promises::all()
    }

    fn check(config: &RaftConfig) -> Result<(), String> {
        config.check()
    }

    fn check_cast(cast: &Cast<RaftRole>, durables: &[Durable]) -> Result<(), Misfit> {
        seats::check(cast, durables)
    }

    fn subtitle(config: &RaftConfig) -> Vec<String> {
        let span = config.election_timeout;
        let timeout = if span.min < Duration::secs(10) {
            format!("election timeout {}–{}", span.min.as_millis(), span.max)
        } else {
            // So long that no election starts by itself.
            "elections by hand".to_owned()
        };
        let mut parts = vec![timeout];
        if config.pre_vote {
            parts.push("PreVote".to_owned());
        }
        if config.check_quorum {
            parts.push("CheckQuorum".to_owned());
        }
        parts
    }
}
