//! One seed of many: what counts of its run. A panic is a result, too.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread::{self, ThreadId};

use reports::sweep::{Expected, Operations};
use sim_engine::{FaultCount, Instant, Outcome, Recording, Status, Stopped};

use crate::{Prepared, run};

/// What one seed came to.
#[derive(Clone, Debug)]
pub(crate) struct SeedResult {
    pub(crate) seed: u64,
    /// Its run, or what a panic said.
    pub(crate) end: Result<Ended, String>,
}

/// What counts of a run.
#[derive(Clone, Debug)]
pub(crate) struct Ended {
    pub(crate) digest: u64,
    /// In the protocol's order.
    pub(crate) promises: Vec<(&'static str, Status)>,
    pub(crate) broken: Vec<Breach>,
    pub(crate) milestones: BTreeMap<&'static str, u64>,
    pub(crate) faults: Vec<FaultCount>,
    pub(crate) operations: Operations,
    /// True if a limit was reached before the end.
    pub(crate) is_limited: bool,
    /// Steps that were never taken or changed nothing, as the engine counts them.
    pub(crate) steps_in_vain: Vec<u32>,
}

/// A broken promise of a run.
#[derive(Clone, Debug)]
pub(crate) struct Breach {
    pub(crate) promise: &'static str,
    pub(crate) at: Instant,
    pub(crate) why: String,
}

/// What panics said that no seed has taken up yet, with their threads.
static SAID: Mutex<Vec<(ThreadId, String)>> = Mutex::new(Vec::new());

/// From now on a panic says nothing by itself: its seed does.
pub(crate) fn panics_are_results() {
    std::panic::set_hook(Box::new(|panic| {
        if let Ok(mut said) = SAID.lock() {
            said.push((thread::current().id(), panic.to_string()));
        }
    }));
}

/// Runs one seed with digest and promises only.
pub(crate) fn run_seed(prepared: &Prepared, seed: u64) -> SeedResult {
    // Nothing that a panic could leave half-done is used again: a run owns all that it changes.
    let end = catch_unwind(AssertUnwindSafe(|| {
        Ended::from(&run(prepared, seed, Recording::Nothing).outcome)
    }));
    SeedResult { seed, end: end.map_err(|_| said()) }
}

/// What the last panic of this thread said. What others said stays where their threads find it.
fn said() -> String {
    let words = SAID.lock().ok().and_then(|mut said| {
        let own = said.iter().rposition(|(thread, _)| *thread == thread::current().id())?;
        Some(said.swap_remove(own).1)
    });
    words.unwrap_or_else(|| "a panic".to_owned())
}

impl From<&Outcome> for Ended {
    fn from(outcome: &Outcome) -> Self {
        let counts = outcome.history.counts();
        let breach = |promise: &sim_engine::PromiseResult| {
            let broken = promise.broken.as_ref()?;
            Some(Breach { promise: promise.name, at: broken.at, why: broken.why.clone() })
        };
        Self {
            digest: outcome.digest.0,
            promises: outcome.promises.iter().map(|p| (p.name, p.status())).collect(),
            broken: outcome.promises.iter().filter_map(breach).collect(),
            milestones: outcome.milestones.clone(),
            faults: outcome.faults.clone(),
            operations: Operations {
                ok: counts.ok,
                failed: counts.failed,
                unknown: counts.unknown,
            },
            is_limited: match outcome.stopped {
                Stopped::Time | Stopped::Quiet => false,
                Stopped::EventLimit | Stopped::MailLimit => true,
            },
            steps_in_vain: [&outcome.steps_missed[..], &outcome.steps_idle].concat(),
        }
    }
}

impl SeedResult {
    /// True if this seed alone says that the sweep does not come to what is expected.
    pub(crate) fn fails(&self, expect: &Expected) -> bool {
        let Ok(ended) = &self.end else { return true };
        let is_allowed = |name: &str| is_allowed(expect, name);
        ended.is_limited
            || ended.broken.iter().any(|breach| !is_allowed(breach.promise))
            || expect.never.iter().any(|fact| ended.milestones.contains_key(fact.as_str()))
    }
}

/// True if the scenario expects or allows a promise to break.
pub(crate) fn is_allowed(expect: &Expected, promise: &str) -> bool {
    expect.breaks.iter().chain(&expect.may_break).any(|name| name == promise)
}
