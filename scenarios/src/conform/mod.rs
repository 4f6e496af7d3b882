//! The simulator against recordings of real systems.
//!
//! ```text
//! Recording ──> Stage ──> one scenario a seed ──> runs ──┐
//!     │                                                  ├──> Conformity
//!     └────────────> what was recorded ──────────────────┘
//! ```
//!
//! Nothing here knows a protocol: which real system it stands in for, and in which words the two
//! are compared, is a table of the protocol's own ([`sim_engine::Recorded`]).

mod driver;
mod edges;
mod micros;
mod observed;
mod order;
mod recording;
mod results;
mod stage;
#[cfg(test)]
mod tests;
mod verdict;
mod windows;
mod words;

pub(crate) use recording::Recording as RecordingOf;
pub(crate) use verdict::Conformity;

use std::ops::Range;

use sim_engine::Recording;

use crate::problem::Problem;
use crate::sweep::Crew;
use crate::{Scenario, prepare, run};
use observed::{Observed, first_write};
use stage::{Play, Stage};

/// More events than any run has: a ring holds them without words for people.
const EVENTS_KEPT: usize = 4_000_000;

/// Plays a recording with many seeds and compares.
pub(crate) fn conform(
    recording: &RecordingOf,
    seeds: Range<u64>,
    mutant: Option<&str>,
    crew: &Crew,
) -> Result<Conformity, Problem> {
    let stage = Stage::of(recording)?;
    // What cannot be prepared is told once, before all runs.
    perform(&stage, seeds.start, mutant)?;
    let work = |(): &(), seed| (perform(&stage, seed, mutant), false);
    let done = crew.each(seeds.clone(), None, &|| Ok(()), &work)?;
    let runs = done.results.into_iter().collect::<Result<Vec<_>, _>>()?;
    let recorded = Observed::recorded(recording, &stage);
    Ok(verdict::judge(&stage, &recorded, &runs, &seeds))
}

/// One run. What the driver did because a write had succeeded needs the time of that: a first run
/// tells, up to which both are the same.
fn perform(stage: &Stage<'_>, seed: u64, mutant: Option<&str>) -> Result<Observed, Problem> {
    let play = stage.play(seed, None);
    if stage.driver.probe.is_none() {
        return observe(stage, &play, (seed, mutant), None);
    }
    let prepared = prepared(stage, &play, mutant)?;
    let first = run(&prepared, seed, Recording::Ring(0));
    match first_write(stage, &play, &first.outcome, &first.trace) {
        Some(written) => {
            observe(stage, &stage.play(seed, Some(written)), (seed, mutant), Some(written))
        }
        None => observe(stage, &play, (seed, mutant), None),
    }
}

fn observe(
    stage: &Stage<'_>,
    play: &Play,
    (seed, mutant): (u64, Option<&str>),
    written: Option<micros::Micros>,
) -> Result<Observed, Problem> {
    let run = run(&prepared(stage, play, mutant)?, seed, Recording::Ring(EVENTS_KEPT));
    Ok(Observed::simulated(stage, play, written, (&run.outcome, &run.trace)))
}

fn prepared(
    stage: &Stage<'_>,
    play: &Play,
    mutant: Option<&str>,
) -> Result<crate::Prepared, Problem> {
    let origin = format!("the scenario of {}", stage.recording.file.case);
    let scenario = Scenario::parse(&origin, &play.scenario.to_string())?;
    prepare(&scenario, stage.recording.table.system, mutant)
}
