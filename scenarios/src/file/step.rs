//! The steps of a scenario file: when, what, and what the figure says.

use std::collections::BTreeMap;
use std::ops::Not;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sim_engine::faults::Shift;
use sim_engine::{Delay, Duration, Operation};

use crate::bounds::REPEATS_MAX;
use crate::schema;

use super::{
    BandwidthFile, CalmFile, CorruptFile, CutFile, HealFile, PerMillion, ReorderFile, Who,
};

/// One step. Without `at` and `when` it follows the step before it.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StepFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) when: Option<WhenFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<Duration>,
    /// Names for whoever a selector means at this moment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) bind: BTreeMap<String, String>,
    /// The systems it is for; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<Vec<String>>,
    #[serde(rename = "do")]
    pub(crate) action: ActionFile,
    /// After what time everything that it began ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) lasts: Option<Duration>,
    /// How often it is taken, if not once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) repeat: Option<RepeatFile>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) say: Option<String>,
    /// True if it may change nothing, or never be taken.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) may_miss: bool,
}

/// How often a step is taken: every so often, or every time what it waits for happens.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatFile {
    /// At least twice.
    #[schemars(range(min = 2, max = REPEATS_MAX))]
    pub(crate) times: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) every: Option<Duration>,
}

/// What a step waits for.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum WhenFile {
    /// A fact is announced.
    Fact {
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<String>,
        #[serde(default = "once")]
        count: u32,
    },
    /// A node comes to stand in a role.
    Role {
        role: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<String>,
        #[serde(default = "once")]
        count: u32,
    },
    /// A message is delivered.
    Delivered {
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        #[serde(default = "once")]
        count: u32,
    },
}

const fn once() -> u32 {
    1
}

/// What a step does. Variants without fields are written `{"heal": {}}`.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum ActionFile {
    Partition {
        groups: Vec<Vec<String>>,
    },
    Heal(HealFile),
    Cut(CutFile),
    Crash(CrashFile),
    CrashInStep(CrashInStepFile),
    Restart(NodesFile),
    Recover(RecoverFile),
    Pause(NodesFile),
    Resume(NodesFile),
    SlowCpu(SlowFile),
    CalmCpu(NodesFile),
    ClockOffset(ClockShiftFile),
    ClockStep(ClockShiftFile),
    ClockDrift(ClockDriftFile),
    CalmClock(NodesFile),
    Delay(LinksDelayFile),
    Loss(LinksRateFile),
    Duplicate(LinksRateFile),
    Reorder(ReorderFile),
    Corrupt(CorruptFile),
    Bandwidth(BandwidthFile),
    Calm(CalmFile),
    SlowDisk(SlowFile),
    FailSync(FailSyncFile),
    LyingDisk(NodesFile),
    FullDisk(NodesFile),
    TornWrite(NodesFile),
    CorruptRead(NodesFile),
    WipeDisk(NodesFile),
    CalmDisk(NodesFile),
    Client {
        client: String,
        operation: Operation,
    },
    Admin {
        node: String,
        #[schemars(schema_with = "schema::admin")]
        command: Value,
    },
    Hold(ChooseFile),
    Drop(ChooseFile),
    Deliver(ChooseFile),
    Release(ReleaseFile),
    Fire {
        node: String,
        timer: String,
    },
    Start {
        node: String,
    },
    Look {},
}

/// Nodes that crash.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct CrashFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
    #[serde(default)]
    pub(crate) of: CrashOfFile,
}

/// What crashes.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CrashOfFile {
    #[default]
    Machine,
    Process,
}

/// Nodes whose syncs, or whose steps, take another time.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct SlowFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
    pub(crate) takes: Delay,
}

/// Nodes whose next syncs fail.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct FailSyncFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
    #[serde(default = "once")]
    pub(crate) count: u32,
}

/// Nodes that crash in the middle of a step.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct CrashInStepFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
    #[serde(default)]
    pub(crate) of: CrashOfFile,
    /// A kind of message, a timer, or `started`, `command`, `admin`, `synced`, `disk-failed`. With
    /// `synced`, what waited for the disk counts.
    #[serde(default)]
    pub(crate) on: Option<String>,
    /// After how many of the step's writes, messages and answers.
    pub(crate) after: u32,
}

/// Nodes whose clocks are moved.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct ClockShiftFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
    pub(crate) by: Shift,
}

/// Nodes whose clocks run at another speed.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct ClockDriftFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
    /// Millionths that they gain.
    pub(crate) ppm: i32,
}

/// Nodes that restart or stop, or whose disks are in trouble.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct NodesFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
}

/// Nodes whose faults end.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
#[schemars(transform = schema::or_nodes)]
pub(crate) struct RecoverFile {
    #[serde(alias = "nodes")]
    pub(crate) node: Who,
    /// Within what time promises of progress must be kept from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) within: Option<Duration>,
}

/// Links whose messages take another time.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinksDelayFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Who>,
    pub(crate) takes: Delay,
}

/// Links whose messages are lost or doubled at a rate.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinksRateFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<Who>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Who>,
    pub(crate) rate: PerMillion,
}

/// Messages that are chosen from now on.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChooseFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
}

/// Held messages that go on, or are lost.
#[derive(Clone, Debug, Deserialize, JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReleaseFile {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) count: Option<u32>,
    #[serde(default, skip_serializing_if = "Not::not")]
    pub(crate) drop: bool,
}

/// The words that end a fault.
pub(crate) const ENDS: [&str; 8] =
    ["heal", "calm", "restart", "recover", "resume", "calm-cpu", "calm-clock", "calm-disk"];

impl ActionFile {
    /// The word in the file.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Partition { .. } => "partition",
            Self::Heal(_) => "heal",
            Self::Cut(_) => "cut",
            Self::Crash(_) => "crash",
            Self::CrashInStep(_) => "crash-in-step",
            Self::Restart(_) => "restart",
            Self::Recover(_) => "recover",
            Self::Pause(_) => "pause",
            Self::Resume(_) => "resume",
            Self::SlowCpu(_) => "slow-cpu",
            Self::CalmCpu(_) => "calm-cpu",
            Self::ClockOffset(_) => "clock-offset",
            Self::ClockStep(_) => "clock-step",
            Self::ClockDrift(_) => "clock-drift",
            Self::CalmClock(_) => "calm-clock",
            Self::Delay(_) => "delay",
            Self::Loss(_) => "loss",
            Self::Duplicate(_) => "duplicate",
            Self::Reorder(_) => "reorder",
            Self::Corrupt(_) => "corrupt",
            Self::Bandwidth(_) => "bandwidth",
            Self::Calm(_) => "calm",
            Self::SlowDisk(_) => "slow-disk",
            Self::FailSync(_) => "fail-sync",
            Self::LyingDisk(_) => "lying-disk",
            Self::FullDisk(_) => "full-disk",
            Self::TornWrite(_) => "torn-write",
            Self::CorruptRead(_) => "corrupt-read",
            Self::WipeDisk(_) => "wipe-disk",
            Self::CalmDisk(_) => "calm-disk",
            Self::Client { .. } => "client",
            Self::Admin { .. } => "admin",
            Self::Hold(_) => "hold",
            Self::Drop(_) => "drop",
            Self::Deliver(_) => "deliver",
            Self::Release(_) => "release",
            Self::Fire { .. } => "fire",
            Self::Start { .. } => "start",
            Self::Look {} => "look",
        }
    }
}
