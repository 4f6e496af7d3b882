//! A group as promises of Raft see it.

use std::fmt;

use sim_engine::embed::Projection;
use sim_engine::{Cast, Operation};

use crate::multi_raft::durable::{Delta, Durable};
use crate::multi_raft::facts::Fact;
use crate::multi_raft::group::cast_of;
use crate::multi_raft::map::{GroupId, key_of};
use crate::multi_raft::message::Message;
use crate::multi_raft::{MultiRaftConfig, MultiRaftNode, MultiRaftRole};
use crate::raft::{self, RaftConfig, RaftNode, RaftRole};

/// One group: to a promise of Raft it is all there is.
#[derive(Clone, Debug)]
pub struct GroupSight {
    group: GroupId,
    cast: Cast<RaftRole>,
    /// The disk of a server without a replica.
    nothing: raft::Durable,
}

impl fmt::Display for GroupSight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.group.fmt(f)
    }
}

impl Projection for GroupSight {
    type Host = MultiRaftNode;
    type Guest = RaftNode;

    fn all(config: &MultiRaftConfig, cast: &Cast<MultiRaftRole>) -> Vec<Self> {
        let one = |group| Self {
            group,
            cast: cast_of(group, config, cast),
            nothing: raft::Durable::default(),
        };
        config.groups().map(one).collect()
    }

    fn config<'a>(&self, config: &'a MultiRaftConfig) -> &'a RaftConfig {
        &config.raft
    }

    fn cast(&self) -> &Cast<RaftRole> {
        &self.cast
    }

    fn memory<'a>(&'a self, host: &'a MultiRaftNode) -> Option<&'a RaftNode> {
        match host {
            MultiRaftNode::Server(server) => server.replica(self.group),
            MultiRaftNode::Client(_) => None,
        }
    }

    fn durable<'a>(&'a self, durable: &'a Durable) -> &'a raft::Durable {
        durable.groups.get(&self.group).unwrap_or(&self.nothing)
    }

    fn message(&self, message: &Message) -> Option<raft::Message> {
        match message {
            Message::Raft { group, message } => (*group == self.group).then(|| message.clone()),
            Message::Request(request) => (request.group == self.group).then(|| request.for_raft()),
            Message::StaleMap { .. } => None,
        }
    }

    fn delta(&self, delta: &Delta) -> Option<raft::Delta> {
        (delta.group == self.group).then(|| delta.delta.clone())
    }

    fn fact(&self, fact: &Fact) -> Option<raft::Fact> {
        match fact {
            Fact::Raft { group, fact } => (*group == self.group).then(|| fact.clone()),
            Fact::StaleMapRefused { .. } | Fact::MapRefreshed { .. } => None,
        }
    }

    fn took_part(&self, host: &MultiRaftNode) -> bool {
        match host {
            MultiRaftNode::Server(server) => server.has_stepped(self.group),
            MultiRaftNode::Client(_) => false,
        }
    }

    fn serves(&self, config: &MultiRaftConfig, operation: &Operation) -> bool {
        key_of(operation).is_some_and(|key| config.map.group_of(key) == self.group)
    }
}
