//! What survives a crash: of every group what its Raft keeps, all on one disk.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{Dice, NodeId};

use super::map::GroupId;
use crate::raft;

/// The persistent state of a server: that of each group it has a replica of. Clients have one too,
/// always empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    /// Of each group, what its Raft keeps.
    pub groups: BTreeMap<GroupId, raft::Durable>,
}

/// One change of one group's state. One sync of the disk brings those of all groups.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delta {
    /// The group.
    pub group: GroupId,
    /// The change.
    pub delta: raft::Delta,
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.group, self.delta)
    }
}

/// An initial state as a scenario writes it: `{"groups": {"g2": {"term": 1, "log": [1, 1]}}}`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Initial {
    /// Of each group, by its name, what is on the disk.
    groups: BTreeMap<String, raft::Initial>,
}

impl sim_engine::Durable for Durable {
    type Delta = Delta;
    type Initial = Initial;

    fn apply(&mut self, delta: &Delta) {
        self.groups.entry(delta.group).or_default().apply(&delta.delta);
    }

    fn bytes(delta: &Delta) -> u32 {
        raft::Durable::bytes(&delta.delta)
    }

    fn tear(delta: &Delta, dice: &mut Dice) -> Option<Delta> {
        let left = raft::Durable::tear(&delta.delta, dice)?;
        Some(Delta { group: delta.group, delta: left })
    }

    fn initial(initial: &Initial, find: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        let mut durable = Self::default();
        for (name, initial) in &initial.groups {
            let group = GroupId::named(name)
                .ok_or_else(|| format!("groups: `{name}` is no group; write `g1`"))?;
            let state = raft::Durable::initial(initial, find)
                .map_err(|why| format!("groups.{name}: {why}"))?;
            durable.groups.insert(group, state);
        }
        Ok(durable)
    }
}
