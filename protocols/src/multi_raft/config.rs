//! The settings of a store of several groups.

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{Cast, NodeId};

use super::MultiRaftRole;
use super::map::{GROUPS_MAX, GroupId, PartitionMap};
use crate::raft::RaftConfig;

/// The settings of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MultiRaftConfig {
    /// The settings of every group's Raft.
    #[serde(default)]
    pub raft: RaftConfig,
    /// The groups `g1`, `g2` ..., each a list of the servers that have a replica.
    pub groups: Vec<Vec<String>>,
    /// Which group has which keys.
    pub map: PartitionMap,
    /// An older map: what clients with `old_map` have cached.
    #[serde(default)]
    pub old_map: Option<PartitionMap>,
    /// True if the first replica of each group stands for election as soon as it starts for the
    /// first time, so that leaders are spread from the beginning.
    #[serde(default = "yes")]
    pub first_leaders: bool,
}

const fn yes() -> bool {
    true
}

impl MultiRaftConfig {
    /// Every group.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + use<> {
        (0..self.groups.len()).map(GroupId::at)
    }

    /// The names of the servers that have a replica of a group from the beginning.
    pub(super) fn replicas(&self, group: GroupId) -> &[String] {
        self.groups.get(group.place()).map_or(&[], Vec::as_slice)
    }

    /// The same servers.
    pub(super) fn seats(&self, group: GroupId, cast: &Cast<MultiRaftRole>) -> Vec<NodeId> {
        self.replicas(group).iter().filter_map(|name| cast.find(name)).collect()
    }

    /// What is wrong with the settings, if anything.
    pub fn check(&self) -> Result<(), String> {
        self.raft.check().map_err(|why| format!("raft: {why}"))?;
        if self.groups.is_empty() || self.groups.len() > GROUPS_MAX {
            let n = self.groups.len();
            return Err(format!("groups: there are {n}; a run has 1 to {GROUPS_MAX}"));
        }
        for group in self.groups() {
            let replicas = self.replicas(group);
            if replicas.is_empty() {
                return Err(format!("groups: {group} has no replicas"));
            }
            let is_again = |(place, name): &(usize, &String)| replicas[..*place].contains(name);
            if let Some((_, name)) = replicas.iter().enumerate().find(is_again) {
                return Err(format!("groups: {group} lists `{name}` twice"));
            }
        }
        self.map.check(self.groups.len()).map_err(|why| format!("map: {why}"))?;
        if let Some(old) = &self.old_map {
            old.check(self.groups.len()).map_err(|why| format!("old_map: {why}"))?;
            if old.epoch >= self.map.epoch {
                let (old, new) = (old.epoch, self.map.epoch);
                return Err(format!(
                    "old_map: its epoch is {old}; it must be less than that of map, {new}"
                ));
            }
        }
        Ok(())
    }
}
