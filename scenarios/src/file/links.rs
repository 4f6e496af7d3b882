//! The faults of some links in a scenario file.

use serde::Deserialize;
use sim_engine::Delay;

use super::{PerMillion, Who};

/// Links that are cut, one way unless `both`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CutFile {
    #[serde(default)]
    pub(crate) from: Option<Who>,
    #[serde(default)]
    pub(crate) to: Option<Who>,
    #[serde(default)]
    pub(crate) both: bool,
}

/// What is healed: everything without ends, some cut links with ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealFile {
    #[serde(default)]
    pub(crate) from: Option<Who>,
    #[serde(default)]
    pub(crate) to: Option<Who>,
    #[serde(default)]
    pub(crate) both: bool,
}

/// Links that hold messages back.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReorderFile {
    #[serde(default)]
    pub(crate) from: Option<Who>,
    #[serde(default)]
    pub(crate) to: Option<Who>,
    pub(crate) rate: PerMillion,
    /// For how long.
    pub(crate) by: Delay,
}

/// Links that damage messages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorruptFile {
    #[serde(default)]
    pub(crate) from: Option<Who>,
    #[serde(default)]
    pub(crate) to: Option<Who>,
    pub(crate) rate: PerMillion,
    #[serde(default)]
    pub(crate) mode: DamageFile,
}

/// What the damage comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DamageFile {
    /// The receiver drops the message.
    #[default]
    Checksum,
    /// The receiver gets another message.
    Mutate,
}

/// Links that carry so many bytes a second.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandwidthFile {
    #[serde(default)]
    pub(crate) from: Option<Who>,
    #[serde(default)]
    pub(crate) to: Option<Who>,
    pub(crate) bytes_per_second: u64,
    /// How many bytes may wait; any number if absent.
    #[serde(default)]
    pub(crate) queue_bytes: Option<u64>,
}
