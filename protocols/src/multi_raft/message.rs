//! What servers and clients say to each other: what a group's Raft says, and which group it is.

use std::fmt;
use std::sync::Arc;

use sim_engine::{Operation, Payload};

use super::map::{GroupId, PartitionMap};
use crate::raft;

/// A message of the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A message of one group's Raft. Answers to clients are among them.
    Raft {
        /// The group.
        group: GroupId,
        /// What it says.
        message: raft::Message,
    },
    /// A client's command for one group.
    Request(Request),
    /// The client goes by an old map: nothing was done, and this is the map.
    StaleMap {
        /// The command's number.
        seq: u64,
        /// The map of the server.
        map: Arc<PartitionMap>,
    },
}

/// A client's command for one group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    /// The group that has the key, by the client's map.
    pub group: GroupId,
    /// The epoch of that map.
    pub epoch: u64,
    /// The client's session.
    pub session: u64,
    /// The command's number in it; a retry has the same.
    pub seq: u64,
    /// What to do.
    pub operation: Operation,
}

impl Request {
    /// The same as the group's Raft gets it.
    pub(super) fn for_raft(&self) -> raft::Message {
        let Self { session, seq, operation, .. } = *self;
        raft::Message::ClientRequest { session, seq, operation }
    }
}

/// The kinds of messages that Raft does not have.
pub(super) const KINDS: [&str; 2] = ["Request", "StaleMap"];

impl Payload for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Raft { message, .. } => message.kind(),
            Self::Request(_) => KINDS[0],
            Self::StaleMap { .. } => KINDS[1],
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Raft { message, .. } => message.bytes() + 8,
            Self::Request(_) => 80,
            Self::StaleMap { map, .. } => {
                32 + u32::try_from(map.ranges.len()).unwrap_or(u32::MAX).saturating_mul(24)
            }
        }
    }

    /// Hue is the group.
    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Raft { group, message } => message.epoch().map(|_| group.number()),
            Self::Request(_) | Self::StaleMap { .. } => None,
        }
    }

    fn is_routine(&self) -> bool {
        match self {
            Self::Raft { message, .. } => message.is_routine(),
            Self::Request(_) | Self::StaleMap { .. } => false,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // The arrow goes to the client, which knows whom it has asked.
            Self::Raft { message: message @ raft::Message::ClientReply { .. }, .. } => {
                message.fmt(f)
            }
            Self::Raft { group, message } => write!(f, "{group} {message}"),
            Self::Request(request) => write!(f, "{} {}", request.group, request.operation),
            Self::StaleMap { map, .. } => write!(f, "map {}", map.epoch),
        }
    }
}
