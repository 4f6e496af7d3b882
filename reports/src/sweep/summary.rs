//! What many seeds came to, as JSON: `partitura-sweep/1`. Fields may be added, never renamed.
//!
//! A summary of some seeds and one of the seeds after them make the summary of both, whichever way
//! the seeds were cut: all but `timing` is sums, first ones and unions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text::{Seconds, as_text};

/// The format that is written and read.
pub const FORMAT: &str = "partitura-sweep/1";

/// What many seeds of one system of a scenario came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepSummary {
    /// [`FORMAT`].
    pub format: String,
    /// The scenario, with its variant.
    pub scenario: String,
    /// The system.
    pub system: String,
    /// What was changed, as it is typed: `--set config.pre_vote=true`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// The fingerprint of the scenario with its changes: only equal ones can be merged.
    pub fingerprint: String,
    /// Which seeds.
    pub seeds: Seeds,
    /// Of a shard, the seeds of all shards together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Whole>,
    /// `met`, `not-met` or `undecided`.
    pub expectation: String,
    /// Why it was not met, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unmet: Vec<String>,
    /// The broken promises, in the protocol's order.
    pub violated: Vec<Violated>,
    /// Seeds that ended in a bug of this program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub panicked: Option<Panicked>,
    /// Every promise, in the protocol's order.
    pub promises: Vec<PromiseTally>,
    /// How often each fact was announced, zeros included.
    pub milestones: BTreeMap<String, u64>,
    /// Expected milestones that no seed reached.
    pub never_reached: Vec<String>,
    /// The faults that were armed, by their kinds.
    pub faults: Vec<FaultTally>,
    /// For each promise and each kind of fault, the seeds in which the fault acted and the promise
    /// was put to the test. `none` stands for seeds in which no fault acted.
    pub promise_by_fault: BTreeMap<String, BTreeMap<String, Cell>>,
    /// What became of the operations of clients.
    pub operations: Operations,
    /// The steps of the scenario that must do something.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepTally>,
    /// Seeds that reached a limit before their end.
    pub limited: u64,
    /// What is expected.
    pub expect: Expected,
    /// The sum of the fingerprints of all runs.
    pub digest: String,
    /// How long it took: the only part that differs from time to time.
    pub timing: Timing,
}

/// A half-open range of seeds, and how many of them were run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seeds {
    /// The first.
    #[serde(with = "as_text")]
    pub from: u64,
    /// The one after the last.
    #[serde(with = "as_text")]
    pub to: u64,
    /// How many were run: fewer where the time ran out, or where the first failure ended it.
    pub run: u64,
}

/// A half-open range of seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Whole {
    /// The first.
    #[serde(with = "as_text")]
    pub from: u64,
    /// The one after the last.
    #[serde(with = "as_text")]
    pub to: u64,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violated {
    /// Its name.
    pub promise: String,
    /// In how many seeds.
    pub seeds: u64,
    /// The lowest of them.
    #[serde(with = "as_text")]
    pub first_seed: u64,
    /// True if the scenario expects or allows it.
    pub expected: bool,
    /// When it was seen in that seed.
    pub at: String,
    /// What is wrong there.
    pub why: String,
    /// The failure file of that seed, from the folder of the summary.
    pub failure: Option<String>,
    /// What to type to see that seed.
    pub command: String,
}

/// Seeds that ended in a bug of this program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Panicked {
    /// How many.
    pub seeds: u64,
    /// The lowest of them.
    #[serde(with = "as_text")]
    pub first_seed: u64,
    /// What it said.
    pub message: String,
    /// What to type to see it again.
    pub command: String,
}

/// In how many seeds a promise came to what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PromiseTally {
    /// Its name.
    pub name: String,
    /// Put to the test, and not broken.
    pub held: u64,
    /// Broken.
    pub violated: u64,
    /// Never put to the test.
    pub not_exercised: u64,
    /// Put to the test, but a budget ran out before anybody knew.
    #[serde(default)]
    pub undecided: u64,
    /// The faults exceeded what the protocol promises to survive.
    pub suspended: u64,
}

/// What became of the faults of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultTally {
    /// The kind.
    pub kind: String,
    /// How many were armed.
    pub armed: u64,
    /// How often they acted.
    pub acted: u64,
    /// In how many seeds one acted.
    pub seeds: u64,
}

/// The seeds in which a fault acted and a promise was put to the test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// In which it held.
    pub held: u64,
    /// In which it broke.
    pub violated: u64,
}

/// What became of the operations of clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operations {
    /// Took effect.
    pub ok: u64,
    /// Certainly took none.
    pub failed: u64,
    /// Nobody can say.
    pub unknown: u64,
}

/// A step of the scenario that must do something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepTally {
    /// Its place in the file, from 0.
    pub step: u64,
    /// What it does.
    pub kind: String,
    /// In how many seeds it was taken and changed something.
    pub acted: u64,
}

/// What is expected of a sweep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Expected {
    /// Promises that must be put to the test in at least one seed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
    /// Promises that must break in at least one seed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<String>,
    /// Promises that may break.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may_break: Vec<String>,
    /// Facts that must be announced in at least one seed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<String>,
    /// Facts that must be announced in none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub never: Vec<String>,
}

/// How long a sweep took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// From its beginning to its end.
    pub wall_s: Seconds,
    /// The time of all processors together.
    pub cpu_s: Seconds,
    /// Seeds a second of the wall clock.
    pub seeds_per_second: u64,
    /// How many threads.
    pub jobs: u64,
}

impl SweepSummary {
    /// True if it came to what is expected.
    pub fn is_met(&self) -> bool {
        self.expectation == "met"
    }

    /// The scenario and its system, with what was changed.
    pub fn label(&self) -> String {
        let mut words = vec![format!("{} · {}", self.scenario, self.system)];
        words.extend(self.changes.iter().cloned());
        words.join(" ")
    }
}
