//! What a server or a client announces: what a group's Raft announces, and what is about the map.

use sim_engine::{Caption, Key, Mark, NodeId, Slot};

use super::map::GroupId;
use crate::raft;

/// Something that is announced.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum Fact {
    /// What a group's Raft announces.
    Raft { group: GroupId, fact: raft::Fact },
    /// The server refused a command: the client went by a map of this epoch, the server's is newer.
    StaleMapRefused { client: NodeId, key: Key, epoch: u64, own: u64 },
    /// The client has a newer map. By that one the key it asks for is this group's.
    MapRefreshed { from: NodeId, epoch: u64, key: Key, group: GroupId },
}

/// The names of the facts that Raft does not have.
pub(super) const NAMES: [&str; 2] = ["stale-map-refused", "map-refreshed"];

impl sim_engine::Fact for Fact {
    fn name(&self) -> &'static str {
        match self {
            Self::Raft { fact, .. } => fact.name(),
            Self::StaleMapRefused { .. } => NAMES[0],
            Self::MapRefreshed { .. } => NAMES[1],
        }
    }

    fn details(&self) -> Vec<(&'static str, Slot)> {
        use Slot::{Node, Number, Text};
        match self {
            Self::Raft { group, fact } => {
                let group = ("group", Text(group.to_string()));
                [group].into_iter().chain(fact.details()).collect()
            }
            Self::StaleMapRefused { client, key, epoch, own } => vec![
                ("client", Node(*client)),
                ("key", Text(key.to_string())),
                ("epoch", Number(*epoch)),
                ("own_epoch", Number(*own)),
            ],
            Self::MapRefreshed { from, epoch, key, group } => vec![
                ("from", Node(*from)),
                ("epoch", Number(*epoch)),
                ("key", Text(key.to_string())),
                ("group", Text(group.to_string())),
            ],
        }
    }

    fn weight(&self) -> u8 {
        match self {
            // Every group has a first leader, and that is no story.
            Self::Raft {
                fact:
                    raft::Fact::ElectionTimeout { next_term: 1, .. }
                    | raft::Fact::BecameLeader { term: 1, .. }
                    | raft::Fact::Committed { value: raft::Payload::Noop, .. },
                ..
            } => 0,
            Self::Raft { fact, .. } => fact.weight(),
            Self::StaleMapRefused { .. } => 78,
            Self::MapRefreshed { .. } => 70,
        }
    }

    fn caption(&self) -> Option<Caption> {
        use Slot::{Node, Number, Text};
        Some(match self {
            Self::Raft { group, fact } => {
                fact.caption()?.within("{group}: {sentence}", ("group", Text(group.to_string())))
            }
            Self::StaleMapRefused { client, key, epoch, own } => Caption {
                template: "{client} asks for {key} by map {epoch}. {node} has map {own}: it does \
                           nothing and sends that.",
                slots: vec![
                    ("client", Node(*client)),
                    ("key", Text(key.to_string())),
                    ("epoch", Number(*epoch)),
                    ("own", Number(*own)),
                ],
            },
            Self::MapRefreshed { epoch, key, group, .. } => Caption {
                template: "{node} takes map {epoch}, by which {group} has {key}, and asks there.",
                slots: vec![
                    ("epoch", Number(*epoch)),
                    ("group", Text(group.to_string())),
                    ("key", Text(key.to_string())),
                ],
            },
        })
    }

    fn mark(&self) -> Mark {
        match self {
            Self::Raft { fact, .. } => fact.mark(),
            Self::StaleMapRefused { .. } | Self::MapRefreshed { .. } => Mark::None,
        }
    }
}
