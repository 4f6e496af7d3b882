//! What an administrator may ask of a server: anything of one group's Raft.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

use super::map::GroupId;
use crate::raft;

/// An administrator's command, as a scenario writes it:
/// `{"group": "g2", "ask": {"transfer": {"to": "n3"}}}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admin {
    /// The group.
    pub group: GroupId,
    /// What its Raft is asked.
    pub ask: raft::Admin,
}

impl sim_engine::Admin for Admin {}

impl fmt::Display for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.group, self.ask)
    }
}
