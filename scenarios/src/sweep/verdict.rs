//! Whether a sweep came to what its scenario expects: `holds` in all seeds, `breaks` and `reaches`
//! in at least one. Counts of operations, and what a step comes to in a single seed, are of one run
//! and not of many: here a step must have done something in at least one seed.

use reports::sweep::SweepSummary;

/// What a summary is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every seed that was asked for.
    Whole,
    /// One of several parts: what must come to pass in at least one seed is left to the whole.
    Shard,
}

/// True if a seed came to what none may come to.
pub(crate) fn has_failed(sweep: &SweepSummary) -> bool {
    !in_every_seed(sweep).is_empty()
}

/// Judges what the counts say.
pub(crate) fn judge_sweep(sweep: &mut SweepSummary, extent: Extent) {
    let reached = |name: &String| sweep.milestones.get(name).is_some_and(|n| *n > 0);
    sweep.never_reached =
        sweep.expect.reaches.iter().filter(|name| !reached(name)).cloned().collect();
    let mut unmet = in_every_seed(sweep);
    let missing = in_some_seed(sweep);
    let is_complete = sweep.seeds.run == sweep.seeds.to - sweep.seeds.from;
    let is_open = !is_complete || (extent == Extent::Shard && !missing.is_empty());
    let word = match (unmet.is_empty(), is_open) {
        (true, true) => "undecided",
        (true, false) if missing.is_empty() => "met",
        (true | false, _) => "not-met",
    };
    word.clone_into(&mut sweep.expectation);
    if !is_open {
        unmet.extend(missing);
    }
    sweep.unmet = unmet;
}

/// What must be so in every seed, and was not in one.
fn in_every_seed(sweep: &SweepSummary) -> Vec<String> {
    let run = sweep.seeds.run;
    let mut unmet = Vec::new();
    if let Some(panic) = &sweep.panicked {
        let (n, seed) = (panic.seeds, panic.first_seed);
        unmet.push(format!("{n} of {run} seeds ended in a bug of Partitura, first seed {seed}"));
    }
    for broken in sweep.violated.iter().filter(|broken| !broken.expected) {
        let (name, n, seed) = (&broken.promise, broken.seeds, broken.first_seed);
        unmet.push(format!("`{name}` broke in {n} of {run} seeds, first in seed {seed}"));
    }
    for fact in &sweep.expect.never {
        if sweep.milestones.get(fact).is_some_and(|n| *n > 0) {
            unmet.push(format!("a node announced `{fact}`, which must never happen"));
        }
    }
    if sweep.limited > 0 {
        let n = sweep.limited;
        unmet.push(format!("{n} of {run} seeds reached a limit of events before the end"));
    }
    unmet
}

/// What must be so in at least one seed, and was in none.
fn in_some_seed(sweep: &SweepSummary) -> Vec<String> {
    let mut unmet = Vec::new();
    for name in &sweep.expect.breaks {
        if !sweep.violated.iter().any(|broken| broken.promise == *name) {
            unmet.push(format!("`{name}` was expected to break, and did so in no seed"));
        }
    }
    for name in &sweep.expect.holds {
        let tested = |p: &&reports::sweep::PromiseTally| p.name == *name && p.held + p.violated > 0;
        if !sweep.promises.iter().any(|promise| tested(&promise)) {
            unmet.push(format!("`{name}` was put to the test in no seed"));
        }
    }
    for name in &sweep.never_reached {
        unmet.push(format!("no node announced `{name}` in any seed"));
    }
    for step in sweep.steps.iter().filter(|step| step.acted == 0) {
        unmet.push(format!("`steps[{}]` (`{}`) did something in no seed", step.step, step.kind));
    }
    for fault in sweep.faults.iter().filter(|fault| fault.armed > 0 && fault.acted == 0) {
        if sweep.steps.iter().any(|step| step.kind == fault.kind) {
            unmet.push(format!("the fault `{}` struck in no seed", fault.kind));
        }
    }
    unmet
}
