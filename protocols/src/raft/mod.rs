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
//! Sections are the paper's, those behind a `D` the dissertation's.
//!
//! | what | from | where |
//! |---|---|---|
//! | elections, the election restriction | 5.2, 5.4.1 | `election` |
//! | PreVote; CheckQuorum; no vote while a leader is heard | D 9.6, 6.2, 4.2.3 | `election` |
//! | the consistency check, hints that skip a term an answer | 5.3 | `append`, `log` |
//! | probing, a window of messages under way, batches | 5.3 | `progress` |
//! | the commit rule of Figure 8 | 5.4.2 | `replication` |
//! | on disk before it is seen; a leader writes while it sends | D 3.8, 10.2.1 | `durable` |
//! | leadership transfer | D 3.10 | `transfer` |
//! | one server at a time, with the correction of 2015 | D 4.1 | `reconfigure` |
//! | joint consensus; learners | D 4.2, 4.3 | `membership` |
//! | snapshots, compaction, InstallSnapshot part by part | 7 | `install`, `snapshot` |
//! | sessions, commands once each, the table in the snapshot | 8, D 6.3 | `machine` |
//! | reads by the log, ReadIndex (followers forward), lease, local | 8, D 6.4 | `reads` |
//!
//! A server whose disk fails a sync halts: it no longer knows what it has promised. In the paper's
//! [profile](Profile) a configuration is in effect as soon as it is in the log, and empty
//! AppendEntries are the heartbeats. In etcd's it is in effect once it is applied, and heartbeats
//! are messages of their own that carry no place in the log; time is counted in whole ticks
//! (`ticks`), and what is announced is what etcd logs (`etcd`).
//!
//! # What is left out
//!
//! Registration and expiry of sessions: a client names its own session. A leader that is removed
//! steps down without handing over first.

mod admin;
mod append;
mod captions;
mod client;
mod config;
mod durable;
mod election;
mod etcd;
mod facts;
mod install;
mod log;
mod machine;
mod membership;
mod message;
pub mod mutants;
mod progress;
pub mod promises;
mod reads;
mod reconfigure;
mod recorded;
mod replication;
mod requests;
mod script;
mod seats;
mod server;
mod sight;
mod snapshot;
mod ticks;
mod topics;
mod transfer;
mod upkeep;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{
    Cast, Duration, Effects, Event, Lexicon, Misfit, MutantInfo, Never, Node, NodeView, Operation,
    Promise, PromiseInfo, Protocol, Standing, StepContext, TimerSlot,
};

pub use admin::Admin;
pub use client::Client;
pub use config::{Profile, RaftConfig, Reads};
pub use durable::{Delta, Durable, Initial};
pub use etcd::EtcdFact;
pub use facts::{Fact, LogEnd, Poll, StepDown};
pub use log::{Entry, Log, LogStart, Payload};
pub use machine::Machine;
pub(crate) use machine::REFUSALS;
pub use membership::{Change, Membership, Tally, majority_index, majority_tally};
pub use message::{
    Answer, Append, AppendResult, Appended, Ballot, Beat, BeatReply, Message, ReadId, Vote,
};
pub use progress::{Leadership, Pace, Progress};
pub use reads::{Asker, OwnReads, ReadQueue, Reader};
pub use reconfigure::Configs;
pub use server::{Role, Server, Votes, Waiter};
pub use snapshot::{Chunk, ChunkReply, Incoming, Record, Snapshot};
pub use upkeep::{TransferPhase, Upkeep};

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
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RaftRole {
    /// A server that votes from the beginning.
    Server {},
    /// A server that gets the log from the beginning, but does not vote.
    Learner {},
    /// A server that belongs to no cluster until an administrator adds it.
    Spare {},
    /// A client.
    Client(ClientSettings),
}

/// The settings of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// The server it asks first; the first one if left out.
    pub contact: Option<String>,
    /// After what time it asks the next server, if not as the system's settings say.
    pub retry: Option<Duration>,
    /// After what time it gives up, if not as the system's settings say.
    pub give_up: Option<Duration>,
    /// It asks its contact first with every operation, wherever it was sent before: a member of
    /// etcd passes on what only the leader can do.
    pub keeps_contact: bool,
    /// Whoever it asks answers its reads from its own state, whatever the system's settings say:
    /// a serializable read of etcd, which may be old.
    pub serializable: bool,
}

impl RaftRole {
    /// True for servers, whether they belong to the cluster or not.
    pub const fn is_server(&self) -> bool {
        !matches!(self, Self::Client(_))
    }
}

impl sim_engine::Role for RaftRole {
    fn kind(&self) -> &'static str {
        match self {
            Self::Server {} => "server",
            Self::Learner {} => "learner",
            Self::Spare {} => "spare",
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
    /// A transfer of leadership has taken too long.
    Transfer,
    /// A client asks the next server.
    Retry,
    /// A client gives up.
    GiveUp,
    /// A tick has passed, where time is counted in ticks.
    Tick,
}

impl sim_engine::Timer for Alarm {
    const PLAIN: u16 = 7;

    fn slot(self) -> TimerSlot {
        TimerSlot::Plain(match self {
            Self::Election => 0,
            Self::Heartbeat => 1,
            Self::CheckQuorum => 2,
            Self::Transfer => 3,
            Self::Retry => 4,
            Self::GiveUp => 5,
            Self::Tick => 6,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Election => "election",
            Self::Heartbeat => "heartbeat",
            Self::CheckQuorum => "check-quorum",
            Self::Transfer => "transfer",
            Self::Retry => "retry",
            Self::GiveUp => "give-up",
            Self::Tick => "tick",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let servers = [Self::Election, Self::Heartbeat, Self::CheckQuorum, Self::Transfer];
        let all = servers.into_iter().chain([Self::Retry, Self::GiveUp, Self::Tick]);
        all.into_iter().find(|alarm| alarm.name() == name)
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
    type Admin = Admin;
    type Fact = Fact;

    fn boot(cx: &StepContext<'_, Self>, durable: &Durable) -> Self {
        match &cx.seat().role {
            RaftRole::Server {} | RaftRole::Learner {} | RaftRole::Spare {} => {
                Self::Server(Box::new(Server::boot(cx, durable)))
            }
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
    const REFUSALS: &'static [&'static str] = REFUSALS;
    const MUTANTS: &'static [MutantInfo] = mutants::ALL;
    const FACTS: &'static [&'static str] = facts::NAMES;
    const MESSAGES: &'static [&'static str] = message::KINDS;
    const TIMERS: &'static [&'static str] =
        &["election", "heartbeat", "check-quorum", "transfer", "retry", "give-up", "tick"];
    const ROLES: &'static [&'static str] =
        &["follower", "pre-candidate", "candidate", "leader", "client"];

    const RECORDED: &'static [sim_engine::Recorded] = &[recorded::ETCD];

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
        let timeout = if span.min >= Duration::secs(10) {
            // So long that no election starts by itself.
            "elections by hand".to_owned()
        } else if span.min == span.max {
            format!("election timeout {}", span.max)
        } else {
            format!("election timeout {}–{}", span.min.as_millis(), span.max)
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
