//! Several Raft groups on the same servers, and a map that says which group has which keys.
//!
//! One Raft group is as fast as its leader. A store that is to grow cuts its keys into ranges,
//! gives each range to a Raft group of its own, and lets every server have replicas of several
//! groups: `TiKV` calls this Multi-Raft and the parts regions, `CockroachDB` calls them ranges. A
//! server that crashes then stops only the groups it led, and only until each has elected again.
//!
//! ```text
//!         a key             the map, by epoch            the group's leader
//! client ------> [ g1: up to g ][ g2: g to n ] ... ------> n2 --+--> n3
//!                                                          disk +--> n4
//! ```
//!
//! # What is implemented
//!
//! Raft is not copied: a server carries one [`raft::Server`] for each of its
//! groups as a guest ([`sim_engine::embed`]), and everything that Raft can do, its groups can.
//!
//! | what | from | where |
//! |---|---|---|
//! | messages, timers, writes and facts of Raft, each with its group | raftstore | `group` |
//! | one disk for all groups of a server: one sync serves them all | raft-engine | `server` |
//! | ranges of keys, a map with an epoch | region epochs | `map` |
//! | a client caches map and leaders, and follows redirects | region cache | `client` |
//! | a command by an old map is refused with the new one | `EpochNotMatch` | `server` |
//! | a server becomes a replica when the group's leader first writes to it | raftstore | `server` |
//! | transfer, change of members, snapshots, reads of one group | the module `raft` | `admin` |
//! | leaders are spread from the start | preferred leaders | `server` |
//!
//! The map is part of the settings, and servers never differ in it; a client may start with the map
//! before it ([`old_map`](ClientSettings::old_map)).
//!
//! Promises of Raft are kept for each group ([`sim_engine::embed::PerGuest`]); beside them there
//! are those of the map, of independence, and linearizability over all keys.
//!
//! # Standing
//!
//! Here hue is the group: a server that leads several groups has the hue of the one it has led
//! longest, and its bar names them all. Nobody is *the* leader: the selector `leader` finds none,
//! and servers that lead different groups are no split brain.
//!
//! # What is left out
//!
//! Ranges that split, merge or move to another group while clients write: a group's replicas and
//! its leader can move, its keys cannot. A placement seat that balances replicas and leaders by
//! itself (an administrator can, group by group). Heartbeats of several groups in one message, and
//! groups that fall asleep. Commands over keys of several groups: transfers are refused; they need
//! a commit protocol on top. A replica that was taken out of its group is not deleted.

mod admin;
mod client;
mod config;
mod durable;
mod facts;
mod group;
mod map;
mod message;
pub mod mutants;
pub mod promises;
mod script;
mod seats;
mod server;
mod standing;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{
    Cast, Duration, Effects, Event, Lexicon, Misfit, MutantInfo, Never, Node, NodeView, Operation,
    Promise, PromiseInfo, Protocol, Standing, StepContext, TimerSlot, Vocabulary,
};

pub use admin::Admin;
pub use client::Client;
pub use config::MultiRaftConfig;
pub use durable::{Delta, Durable, Initial};
pub use facts::Fact;
pub use map::{GROUPS_MAX, GroupId, GroupSet, PartitionMap, Range};
pub use message::{Message, Request};
pub use server::Server;

use crate::raft;

/// The protocol.
#[derive(Clone, Copy, Debug)]
pub struct MultiRaft;

/// A seat of a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MultiRaftNode {
    /// A server.
    Server(Box<Server>),
    /// A client.
    Client(Box<Client>),
}

/// What a seat is, as a scenario writes it: `{"server": {}}` or `{"client": {"old_map": true}}`.
/// Which server has replicas of which groups is in the system's settings.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum MultiRaftRole {
    /// A server.
    Server {},
    /// A client.
    Client(ClientSettings),
}

/// The settings of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// True if it has cached the settings' `old_map`.
    pub old_map: bool,
    /// After what time it asks the next replica, if not as the settings of Raft say.
    pub retry: Option<Duration>,
    /// After what time it gives up, if not as the settings of Raft say.
    pub give_up: Option<Duration>,
}

impl sim_engine::Role for MultiRaftRole {
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

/// A command on one key. Whatever is about several keys may be about several groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Command(pub Operation);

impl Vocabulary for Command {
    fn from_operation(operation: &Operation) -> Option<Self> {
        map::key_of(operation).map(|_| Self(*operation))
    }
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// A timer of one group's Raft.
    Group(GroupId, raft::Alarm),
    /// A client asks the next replica.
    Retry,
    /// A client gives up.
    GiveUp,
}

impl sim_engine::Timer for Alarm {
    const PLAIN: u16 = 2;

    fn slot(self) -> TimerSlot {
        match self {
            Self::Retry => TimerSlot::Plain(0),
            Self::GiveUp => TimerSlot::Plain(1),
            Self::Group(group, alarm) => match alarm.slot() {
                TimerSlot::Plain(slot) => TimerSlot::Keyed(slot, group.number()),
                // Raft has none with a key.
                TimerSlot::Keyed(slot, _) => TimerSlot::Keyed(slot, 0),
            },
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Group(_, alarm) => alarm.name(),
            Self::Retry => "retry",
            Self::GiveUp => "give-up",
        }
    }

    /// A timer of the first group is called as in Raft, one of another `election-g2`.
    fn named(name: &str) -> Option<Self> {
        match name {
            "retry" => return Some(Self::Retry),
            "give-up" => return Some(Self::GiveUp),
            _ => {}
        }
        let of_group = name
            .rsplit_once('-')
            .and_then(|(timer, group)| Some((raft::Alarm::named(timer)?, GroupId::named(group)?)));
        let (alarm, group) = match of_group {
            Some(found) => found,
            None => (raft::Alarm::named(name)?, GroupId::at(0)),
        };
        Some(Self::Group(group, alarm))
    }
}

impl Node for MultiRaftNode {
    type Config = MultiRaftConfig;
    type Role = MultiRaftRole;
    type Message = Message;
    type Port = Never;
    type Timer = Alarm;
    type Durable = Durable;
    type Command = Command;
    type Admin = Admin;
    type Fact = Fact;

    fn boot(cx: &StepContext<'_, Self>, durable: &Durable) -> Self {
        match &cx.seat().role {
            MultiRaftRole::Server {} => Self::Server(Box::new(Server::boot(cx, durable))),
            MultiRaftRole::Client(settings) => Self::Client(Box::new(Client::boot(cx, settings))),
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
            Self::Client(client) => client.step(cx, event, out),
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

/// Two lists of names in one.
const fn joined<const N: usize>(one: &[&'static str], two: &[&'static str]) -> [&'static str; N] {
    let mut all = [""; N];
    let mut place = 0;
    while place < N {
        all[place] = if place < one.len() { one[place] } else { two[place - one.len()] };
        place += 1;
    }
    all
}

impl Protocol for MultiRaft {
    type Node = MultiRaftNode;

    const NAME: &'static str = "multi-raft";
    const ABOUT: &'static str =
        "several Raft groups on the same servers, each with a part of the keys";
    const LEXICON: Lexicon = Lexicon { epoch: "group", epoch_sign: "", cells: "Groups" };
    const PROMISES: &'static [PromiseInfo] = promises::INFO;
    const REFUSALS: &'static [&'static str] = raft::REFUSALS;
    const MUTANTS: &'static [MutantInfo] = mutants::ALL;
    const FACTS: &'static [&'static str] = &joined::<
        { <raft::Raft as Protocol>::FACTS.len() + facts::NAMES.len() },
    >(<raft::Raft as Protocol>::FACTS, &facts::NAMES);
    const MESSAGES: &'static [&'static str] =
        &joined::<{ <raft::Raft as Protocol>::MESSAGES.len() + message::KINDS.len() }>(
            <raft::Raft as Protocol>::MESSAGES,
            &message::KINDS,
        );
    const TIMERS: &'static [&'static str] = <raft::Raft as Protocol>::TIMERS;
    const ROLES: &'static [&'static str] = standing::ROLES;

    fn promises() -> Vec<Box<dyn Promise<MultiRaftNode>>> {
        promises::all()
    }

    fn check(config: &MultiRaftConfig) -> Result<(), String> {
        config.check()
    }

    fn check_together(
        config: &MultiRaftConfig,
        cast: &Cast<MultiRaftRole>,
        durables: &[Durable],
    ) -> Result<(), Misfit> {
        seats::check(config, cast, durables)
    }

    fn subtitle(config: &MultiRaftConfig) -> Vec<String> {
        let mut parts = vec![format!("{} Raft groups", config.groups.len())];
        parts.extend(<raft::Raft as Protocol>::subtitle(&config.raft));
        parts
    }
}
