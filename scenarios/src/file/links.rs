//! The faults of some links in a scenario file.

use std::ops::Not;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_engine::Delay;

use super::{PerMillion, Who};

/// Links that are cut, one way unless `both`: between seats, or around a place, or between rooms.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CutFile {
    /// A room or a data centre that is cut off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// Two rooms whose link is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) between: Option<[String; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Who>,
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) both: bool,
}

/// What is healed: everything without ends, some cut links with ends.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealFile {
    /// A room or a data centre whose links to others are mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// Two rooms whose link is mended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) between: Option<[String; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Who>,
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) both: bool,
}

/// Links that hold messages back.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReorderFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Who>,
    pub(crate) rate: PerMillion,
    /// For how long.
    pub(crate) by: Delay,
}

/// Links that damage messages.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorruptFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Who>,
    pub(crate) rate: PerMillion,
    #[serde(default)]
    pub(crate) mode: DamageFile,
}

/// What the damage comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DamageFile {
    /// The receiver drops the message.
    #[default]
    Checksum,
    /// The receiver gets another message.
    Mutate,
}

/// Links that carry so many bytes a second.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BandwidthFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Who>,
    pub(crate) bytes_per_second: u64,
    /// How many bytes may wait; any number if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) queue_bytes: Option<u64>,
}

/// Links that are as usual again: in every way, or in one.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalmFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) of: Option<CalmOfFile>,
}

/// The fault of links that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CalmOfFile {
    Delay,
    Loss,
    Duplicate,
    Reorder,
    Corrupt,
    Bandwidth,
}

impl CalmOfFile {
    /// The word in the file, which is that of the fault.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Loss => "loss",
            Self::Duplicate => "duplicate",
            Self::Reorder => "reorder",
            Self::Corrupt => "corrupt",
            Self::Bandwidth => "bandwidth",
        }
    }
}
