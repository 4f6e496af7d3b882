//! Seeds added up to a summary.

use std::collections::{BTreeMap, BTreeSet};

use reports::sweep::{
    Expected, FORMAT, FaultTally, Operations, Panicked, PromiseTally, Seeds, StepTally,
    SweepSummary, Timing, Violated, append,
};
use sim_engine::{DigestHasher, Status};

use super::Sweep;
use super::seed::{Breach, Ended, SeedResult, is_allowed};
use crate::Prepared;
use crate::file::ENDS;
use crate::registry;

/// The summary of no seed at all.
pub(crate) fn empty(sweep: &Sweep<'_>, prepared: &Prepared) -> SweepSummary {
    let facts = registry::find(prepared.protocol).map_or(&[][..], |entry| entry.facts);
    let tally = |name: &str| PromiseTally { name: name.to_owned(), ..PromiseTally::default() };
    let lines = prepared.expectation.lines().iter().filter(|line| !line.may_miss);
    let steps = lines.map(|line| StepTally {
        step: u64::try_from(line.place).unwrap_or(u64::MAX),
        kind: line.kind.to_owned(),
        acted: 0,
    });
    SweepSummary {
        format: FORMAT.to_owned(),
        scenario: prepared.scenario.clone(),
        system: prepared.system.clone(),
        changes: sweep.changes.clone(),
        fingerprint: fingerprint(sweep, prepared),
        seeds: Seeds { from: sweep.from, to: sweep.from, run: 0 },
        whole: None,
        expectation: String::new(),
        unmet: Vec::new(),
        violated: Vec::new(),
        panicked: None,
        promises: prepared.promises.iter().map(|info| tally(info.name)).collect(),
        milestones: facts.iter().map(|fact| ((*fact).to_owned(), 0)).collect(),
        never_reached: Vec::new(),
        faults: Vec::new(),
        promise_by_fault: BTreeMap::new(),
        operations: Operations::default(),
        steps: steps.collect(),
        limited: 0,
        expect: prepared.expectation.expected(),
        digest: format!("{:016x}", 0),
        timing: Timing::default(),
    }
}

/// The summary of these seeds, which follow on each other.
pub(crate) fn of_seeds(
    sweep: &Sweep<'_>,
    prepared: &Prepared,
    results: &[SeedResult],
) -> SweepSummary {
    let mut whole = empty(sweep, prepared);
    let nothing = whole.clone();
    for result in results {
        append(&mut whole, &of_seed(sweep, prepared, &nothing, result));
    }
    whole
}

fn of_seed(
    sweep: &Sweep<'_>,
    prepared: &Prepared,
    nothing: &SweepSummary,
    result: &SeedResult,
) -> SweepSummary {
    let seed = result.seed;
    let command = format!("{} --seed {seed}", sweep.command);
    let seeds = Seeds { from: seed, to: seed + 1, run: 1 };
    let mut one = SweepSummary { seeds, ..nothing.clone() };
    let ended = match &result.end {
        Ok(ended) => ended,
        Err(message) => {
            let message = message.clone();
            one.panicked = Some(Panicked { seeds: 1, first_seed: seed, message, command });
            return one;
        }
    };
    for (tally, (_, status)) in one.promises.iter_mut().zip(&ended.promises) {
        match status {
            Status::Held => tally.held = 1,
            Status::Violated => tally.violated = 1,
            Status::NotExercised => tally.not_exercised = 1,
            Status::Undecided => tally.undecided = 1,
            Status::Suspended => tally.suspended = 1,
        }
    }
    let breaches = ended.broken.iter();
    one.violated =
        breaches.map(|breach| violated(breach, seed, &command, &nothing.expect)).collect();
    one.milestones.extend(ended.milestones.iter().map(|(name, n)| ((*name).to_owned(), *n)));
    add_faults(&mut one, ended);
    one.operations = ended.operations;
    let own = prepared.expectation.lines().iter().enumerate().filter(|(_, line)| !line.may_miss);
    for (tally, (place, _)) in one.steps.iter_mut().zip(own) {
        let is_vain = u32::try_from(place).is_ok_and(|place| ended.steps_in_vain.contains(&place));
        tally.acted = u64::from(!is_vain);
    }
    one.limited = u64::from(ended.is_limited);
    let mut digest = DigestHasher::default();
    digest.word(seed);
    digest.word(ended.digest);
    one.digest = digest.digest().to_string();
    one
}

fn violated(breach: &Breach, seed: u64, command: &str, expect: &Expected) -> Violated {
    Violated {
        promise: breach.promise.to_owned(),
        seeds: 1,
        first_seed: seed,
        expected: is_allowed(expect, breach.promise),
        at: breach.at.to_string(),
        why: breach.why.clone(),
        failure: None,
        command: command.to_owned(),
    }
}

fn add_faults(one: &mut SweepSummary, ended: &Ended) {
    let mut faults: Vec<FaultTally> = ended
        .faults
        .iter()
        .map(|fault| FaultTally {
            kind: fault.kind.to_owned(),
            armed: fault.armed,
            acted: fault.acted,
            seeds: u64::from(fault.acted > 0),
        })
        .collect();
    faults.sort_unstable_by(|one, other| one.kind.cmp(&other.kind));
    let struck = faults.iter().filter(|fault| fault.acted > 0).map(|fault| fault.kind.as_str());
    // Ends of faults are no columns of a table of faults.
    let struck: BTreeSet<&str> = struck.filter(|kind| !ENDS.contains(kind)).collect();
    let columns = if struck.is_empty() { BTreeSet::from(["none"]) } else { struck };
    for (promise, status) in &ended.promises {
        let (held, violated) = match status {
            Status::Held => (1, 0),
            Status::Violated => (0, 1),
            Status::NotExercised | Status::Undecided | Status::Suspended => continue,
        };
        let row = one.promise_by_fault.entry((*promise).to_owned()).or_default();
        for kind in &columns {
            let cell = row.entry((*kind).to_owned()).or_default();
            (cell.held, cell.violated) = (held, violated);
        }
    }
    one.faults = faults;
}

/// The fingerprint of everything that a run depends on, but its seed and the program.
fn fingerprint(sweep: &Sweep<'_>, prepared: &Prepared) -> String {
    let mut digest = DigestHasher::default();
    let mutant = prepared.mutant.map_or("", |mutant| mutant.0);
    for text in [&prepared.system, mutant, &sweep.scenario.value().to_string()] {
        std::hash::Hasher::write(&mut digest, text.as_bytes());
        digest.word(u64::MAX);
    }
    digest.digest().to_string()
}
