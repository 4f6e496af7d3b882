//! The simulator against recordings of real systems.
//!
//! ```text
//! Recording ──> Stage ──> one scenario, times for each seed ──> runs ──┐
//!     │                                                                ├──> Conformity
//!     └────────────────────> what was recorded ────────────────────────┘
//! ```
//!
//! Nothing here knows a protocol: which real system it stands in for, and in which words the two
//! are compared, is a table of the protocol's own ([`sim_engine::Recorded`]).

mod answers;
mod clients;
mod driver;
mod edges;
mod micros;
mod observed;
mod order;
#[cfg(test)]
mod own_tests;
mod recording;
mod results;
mod scene;
mod settings;
mod stage;
#[cfg(test)]
mod tests;
mod verdict;
mod windows;
mod words;

pub(crate) use recording::Recording as RecordingOf;
pub(crate) use verdict::Conformity;

use std::ops::Range;

use crate::Prepared;
use crate::problem::Problem;
use crate::sweep::Crew;
use observed::{Observed, first_write};
use stage::{Stage, Written};

/// Plays a recording with many seeds and compares.
pub(crate) fn conform(
    recording: &RecordingOf,
    seeds: Range<u64>,
    mutant: Option<&str>,
    crew: &Crew,
) -> Result<Conformity, Problem> {
    let stage = Stage::of(recording)?;
    let prepare = || stage.prepared(mutant);
    let work = |prepared: &Prepared, seed| (perform(&stage, prepared, seed), false);
    let runs = crew.each(seeds.clone(), None, &prepare, &work)?.results;
    let recorded = Observed::recorded(recording, &stage);
    Ok(verdict::judge(&stage, &recorded, &runs, &seeds))
}

/// One run. What the driver did because a write had succeeded needs the time of that: a first,
/// shorter run tells, up to which both are the same.
fn perform(stage: &Stage<'_>, prepared: &Prepared, seed: u64) -> Observed {
    let kinds = stage.recording.table.kinds;
    let written = stage.driver.probe.as_ref().map_or(Written::Never, |_| {
        let try_until = |until| {
            let play = stage.play(seed, Written::Unknown(until));
            let (outcome, _) = prepared.announced(seed, &[], &play.timetable);
            first_write(stage, &play, &outcome)
        };
        let written = try_until(stage.soon()).or_else(|| try_until(micros::Micros::MAX));
        written.map_or(Written::Never, Written::At)
    });
    let play = stage.play(seed, written);
    let (outcome, trace) = prepared.announced(seed, kinds, &play.timetable);
    Observed::simulated(stage, &play, written.time(), (&outcome, &trace))
}
