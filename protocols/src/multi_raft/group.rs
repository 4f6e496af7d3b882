//! A group's Raft as a guest of a server.

use sim_engine::embed::Embedding;
use sim_engine::{Cast, Never, Seat};

use super::config::MultiRaftConfig;
use super::durable::Delta;
use super::facts::Fact;
use super::map::GroupId;
use super::message::Message;
use super::{Alarm, MultiRaftNode, MultiRaftRole};
use crate::raft::{self, RaftNode, RaftRole};

impl Embedding for GroupId {
    type Host = MultiRaftNode;
    type Guest = RaftNode;

    fn message(&self, message: raft::Message) -> Message {
        Message::Raft { group: *self, message }
    }

    fn port(&self, port: Never) -> Never {
        port
    }

    fn timer(&self, timer: raft::Alarm) -> Alarm {
        Alarm::Group(*self, timer)
    }

    fn delta(&self, delta: raft::Delta) -> Delta {
        Delta { group: *self, delta }
    }

    fn fact(&self, fact: raft::Fact) -> Fact {
        Fact::Raft { group: *self, fact }
    }
}

/// The cast as a group's Raft sees it: its replicas are servers, other servers are spare. Whoever
/// is spare can become a replica by a change of the members.
pub(super) fn cast_of(
    group: GroupId,
    config: &MultiRaftConfig,
    cast: &Cast<MultiRaftRole>,
) -> Cast<RaftRole> {
    let replicas = config.replicas(group);
    let seen = |seat: &Seat<MultiRaftRole>| {
        let role = match &seat.role {
            MultiRaftRole::Server {} if replicas.contains(&seat.name) => RaftRole::Server {},
            MultiRaftRole::Server {} => RaftRole::Spare {},
            MultiRaftRole::Client(_) => RaftRole::Client(raft::ClientSettings::default()),
        };
        Seat {
            name: seat.name.clone(),
            kind: seat.kind.clone(),
            role,
            place: seat.place.clone(),
            is_client: seat.is_client,
        }
    };
    Cast::new(cast.iter().map(|(_, seat)| seen(seat)).collect())
}
