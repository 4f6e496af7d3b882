//! Random faults in a scenario file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{ChaosKind, Duration};

use super::{PerMillion, Who};

/// Random faults, drawn from the seed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChaosFile {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    /// Those that every protocol survives if absent.
    #[serde(default = "usual")]
    #[schemars(schema_with = "crate::schema::chaos_kinds")]
    pub(crate) kinds: Vec<String>,
    pub(crate) every: SpanFile,
    pub(crate) lasts: SpanFile,
    #[serde(default = "one")]
    pub(crate) down_max: u16,
    /// What is otherwise for some kinds.
    #[serde(default)]
    pub(crate) tune: BTreeMap<String, KnobsFile>,
    /// Whose faults end; everybody's if absent.
    #[serde(default)]
    pub(crate) core: Option<Who>,
    /// Within what time promises of progress must be kept after the end.
    #[serde(default)]
    pub(crate) within: Option<Duration>,
}

/// The knobs of one kind.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnobsFile {
    #[serde(default)]
    pub(crate) lasts: Option<SpanFile>,
    #[serde(default)]
    pub(crate) rate: Option<RatesFile>,
    /// How many nodes may have it at once.
    #[serde(default)]
    pub(crate) at_once: Option<u16>,
}

/// A range of rates, both ends included.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatesFile {
    pub(crate) min: PerMillion,
    pub(crate) max: PerMillion,
}

/// A range of lengths, both ends included.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SpanFile {
    pub(crate) min: Duration,
    pub(crate) max: Duration,
}

const fn one() -> u16 {
    1
}

fn usual() -> Vec<String> {
    ChaosKind::USUAL.map(|kind| kind.name().to_owned()).to_vec()
}
