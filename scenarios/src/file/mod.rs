//! The shape of a scenario file. Only shape: names are checked later, against the protocol.

mod chaos;
mod concrete;
mod links;
mod step;
mod topology;
mod values;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sim_engine::{Delay, Duration, Operation};

use crate::bounds::{EVENTS_MAX, OPERATIONS_MAX, SEATS_MAX, STEPS_MAX, SYSTEMS_MAX, VARIANTS_MAX};
use crate::schema;

pub(crate) use chaos::{ChaosFile, KnobsFile, SpanFile};
pub(crate) use concrete::step_of_fault;
pub(crate) use links::{
    BandwidthFile, CalmFile, CalmOfFile, CorruptFile, CutFile, DamageFile, HealFile, ReorderFile,
};
pub(crate) use step::{
    ActionFile, ChooseFile, ClockDriftFile, ClockShiftFile, CrashFile, CrashInStepFile,
    CrashOfFile, ENDS, FailSyncFile, LinksDelayFile, LinksRateFile, NodesFile, RecoverFile,
    ReleaseFile, RepeatFile, SlowFile, StepFile, WhenFile,
};
pub(crate) use topology::{RoomLinkFile, TopologyFile};
pub(crate) use values::{Holds, PerMillion, Who};

/// A whole scenario file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "A scenario of Partitura")]
pub(crate) struct ScenarioFile {
    /// For editors that complete names; means nothing here.
    #[serde(rename = "$schema", default)]
    #[schemars(with = "Option<String>")]
    _schema: Option<IgnoredAny>,
    pub(crate) name: String,
    pub(crate) family: String,
    pub(crate) title: String,
    pub(crate) lesson: String,
    #[schemars(length(min = 1, max = SYSTEMS_MAX))]
    pub(crate) systems: Vec<SystemFile>,
    #[schemars(length(min = 1, max = SEATS_MAX))]
    pub(crate) cast: Vec<SeatsFile>,
    #[serde(default)]
    pub(crate) network: NetworkFile,
    #[serde(default)]
    pub(crate) topology: Option<TopologyFile>,
    #[serde(default)]
    pub(crate) disk: DiskFile,
    pub(crate) duration: Duration,
    #[serde(default = "million")]
    #[schemars(range(min = 1, max = EVENTS_MAX))]
    pub(crate) events_max: u64,
    #[serde(default = "forty_two")]
    pub(crate) seed: u64,
    #[serde(default)]
    pub(crate) workload: Vec<WorkloadFile>,
    #[serde(default)]
    #[schemars(length(max = OPERATIONS_MAX))]
    pub(crate) operations: Vec<OperationAtFile>,
    #[serde(default)]
    pub(crate) chaos: Option<ChaosFile>,
    #[serde(default)]
    #[schemars(length(max = STEPS_MAX))]
    pub(crate) steps: Vec<StepFile>,
    #[serde(default)]
    pub(crate) expect: ExpectFile,
    #[serde(default)]
    #[schemars(length(max = VARIANTS_MAX))]
    pub(crate) variants: Vec<VariantFile>,
}

/// Every field at the top of a file, for hints. A test compares it with the type above.
pub(crate) const FIELDS: [&str; 18] = [
    "name",
    "family",
    "title",
    "lesson",
    "systems",
    "cast",
    "network",
    "topology",
    "disk",
    "duration",
    "events_max",
    "seed",
    "workload",
    "operations",
    "chaos",
    "steps",
    "expect",
    "variants",
];

const fn million() -> u64 {
    1_000_000
}

const fn forty_two() -> u64 {
    42
}

/// A protocol with a configuration.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemFile {
    pub(crate) name: String,
    #[schemars(schema_with = "schema::protocol")]
    pub(crate) protocol: String,
    #[serde(default = "empty")]
    pub(crate) config: Value,
    #[serde(default)]
    pub(crate) mutant: Option<String>,
    /// What is expected of this system, where it differs from the others.
    #[serde(default)]
    pub(crate) expect: Option<ExpectFile>,
}

fn empty() -> Value {
    Value::Object(serde_json::Map::new())
}

/// One seat, or several of a kind: exactly one of `name`, `names` and `count`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeatsFile {
    #[serde(default)]
    pub(crate) name: Option<String>,
    #[serde(default)]
    pub(crate) names: Option<Vec<String>>,
    #[serde(default)]
    #[schemars(range(min = 1, max = SEATS_MAX))]
    pub(crate) count: Option<u32>,
    #[serde(default)]
    pub(crate) prefix: Option<String>,
    #[schemars(schema_with = "schema::role")]
    pub(crate) role: Value,
    /// The room; without a topology a name for a group of seats.
    #[serde(default)]
    pub(crate) place: Option<String>,
    #[serde(default)]
    pub(crate) late: bool,
    #[serde(default)]
    #[schemars(schema_with = "schema::durable")]
    pub(crate) durable: Option<Value>,
}

/// How every link behaves while nothing changes it; between rooms, all but the delay.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkFile {
    #[serde(default = "usual_delay")]
    pub(crate) delay: Delay,
    #[serde(default)]
    pub(crate) loss: PerMillion,
    #[serde(default)]
    pub(crate) duplication: PerMillion,
}

impl Default for NetworkFile {
    fn default() -> Self {
        Self {
            delay: usual_delay(),
            loss: PerMillion::default(),
            duplication: PerMillion::default(),
        }
    }
}

const fn usual_delay() -> Delay {
    Delay::Uniform { min: Duration::millis(1), max: Duration::millis(10) }
}

/// How disks behave.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiskFile {
    pub(crate) sync: Delay,
}

impl Default for DiskFile {
    fn default() -> Self {
        Self { sync: Delay::Fixed(Duration::ZERO) }
    }
}

/// Operations that clients draw from the seed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkloadFile {
    pub(crate) clients: Who,
    #[serde(default)]
    pub(crate) from: Duration,
    /// The end of the run if absent.
    #[serde(default)]
    pub(crate) until: Option<Duration>,
    pub(crate) every: Delay,
    pub(crate) keys: Vec<sim_engine::Key>,
    pub(crate) mix: BTreeMap<String, u32>,
}

/// An operation that a client asks for at a time, or once it is free after that.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationAtFile {
    pub(crate) at: Duration,
    pub(crate) client: String,
    pub(crate) operation: Operation,
}

/// What a run must come to.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ExpectFile {
    #[serde(default)]
    pub(crate) holds: Holds,
    #[serde(default)]
    pub(crate) breaks: Vec<String>,
    #[serde(default)]
    pub(crate) may_break: Vec<String>,
    #[serde(default)]
    pub(crate) reaches: Vec<String>,
    /// Facts that must not be announced.
    #[serde(default)]
    pub(crate) never: Vec<String>,
    #[serde(default)]
    pub(crate) operations: OperationsFile,
}

/// How many operations must have ended how; absent means any number.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationsFile {
    #[serde(default)]
    pub(crate) ok: Option<u64>,
    #[serde(default)]
    pub(crate) failed: Option<u64>,
    #[serde(default)]
    pub(crate) unknown: Option<u64>,
}

/// The same scenario with something changed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct VariantFile {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) lesson: Option<String>,
    #[serde(default)]
    pub(crate) set: BTreeMap<String, Value>,
    #[serde(default)]
    pub(crate) mutant: Option<String>,
    #[serde(default)]
    pub(crate) expect: Option<ExpectFile>,
}
