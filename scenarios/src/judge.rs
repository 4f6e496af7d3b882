//! Whether a run came to what its scenario expects, and if not, why: one sentence each.

use reports::sweep::Expected;
use sim_engine::{Outcome, PromiseResult, Status, Stopped};

use crate::file::{ExpectFile, Holds};
use crate::path::Path;
use crate::prepare::known;
use crate::problem::{Complaint, quoted};
use crate::registry::Entry;

/// What must come of a run.
#[derive(Clone, Debug)]
pub struct Expectation {
    expect: ExpectFile,
    /// The scenario's own steps, in the engine's order; random faults come after them.
    lines: Vec<Line>,
}

/// A step of the file as the engine counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its place in the file, from 0.
    pub(crate) place: usize,
    /// What it does.
    pub(crate) kind: &'static str,
    /// True if it may miss.
    pub(crate) may_miss: bool,
}

impl Expectation {
    pub(crate) fn new(
        expect: &ExpectFile,
        path: &Path,
        entry: &Entry,
        lines: Vec<Line>,
    ) -> Result<Self, Complaint> {
        let promises: Vec<&'static str> = entry.promises.iter().map(|info| info.name).collect();
        let holds = match &expect.holds {
            Holds::All => &[][..],
            Holds::Named(names) => names,
        };
        for (field, names) in
            [("holds", holds), ("breaks", &expect.breaks), ("may-break", &expect.may_break)]
        {
            for (place, name) in names.iter().enumerate() {
                known(name, "promise", &promises, &path.key(field).index(place))?;
            }
        }
        for (field, names) in [("reaches", &expect.reaches), ("never", &expect.never)] {
            for (place, name) in names.iter().enumerate() {
                known(name, "fact", entry.facts, &path.key(field).index(place))?;
            }
        }
        for (place, name) in expect.breaks.iter().enumerate() {
            if holds.contains(name) {
                let what = format!("`{name}` is expected to hold, too");
                return Err(Complaint::new(&path.key("breaks").index(place), what));
            }
        }
        Ok(Self { expect: expect.clone(), lines })
    }

    /// The promises that must break.
    pub fn breaks(&self) -> &[String] {
        &self.expect.breaks
    }

    /// What many runs together must come to.
    pub(crate) fn expected(&self) -> Expected {
        let expect = &self.expect;
        let holds = match &expect.holds {
            Holds::All => Vec::new(),
            Holds::Named(names) => names.clone(),
        };
        Expected {
            holds,
            breaks: expect.breaks.clone(),
            may_break: expect.may_break.clone(),
            reaches: expect.reaches.clone(),
            never: expect.never.clone(),
        }
    }

    /// The scenario's own steps, in the engine's order.
    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The facts that must be announced.
    pub fn reaches(&self) -> &[String] {
        &self.expect.reaches
    }
}

/// Every way in which a run was not as expected.
pub fn judge(expectation: &Expectation, outcome: &Outcome) -> Vec<String> {
    let mut unmet = Vec::new();
    match outcome.stopped {
        Stopped::Time | Stopped::Quiet => {}
        Stopped::EventLimit => {
            let events = outcome.events;
            unmet.push(format!("the limit of {events} events was reached before the end"));
        }
        Stopped::MailLimit => unmet.push(format!(
            "{} messages were under way at once, which is more than can be simulated",
            outcome.messages.in_flight
        )),
    }
    let broken = |promise: &&PromiseResult| promise.status() == Status::Violated;
    unmet.extend(outcome.promises.iter().filter_map(|promise| judge_promise(expectation, promise)));
    let breaks = expectation.expect.breaks.iter().filter(|name| {
        !outcome.promises.iter().filter(broken).any(|promise| promise.name == name.as_str())
    });
    unmet.extend(breaks.map(|name| format!("`{name}` was expected to break, and did not")));
    let reaches = expectation.expect.reaches.iter();
    let reaches = reaches.filter(|name| !outcome.milestones.contains_key(name.as_str()));
    unmet.extend(reaches.map(|name| format!("no node announced `{name}`")));
    let never = expectation.expect.never.iter();
    let never = never.filter(|name| outcome.milestones.contains_key(name.as_str()));
    unmet.extend(never.map(|name| format!("a node announced `{name}`, which must never happen")));
    judge_steps(expectation, outcome, &mut unmet);
    judge_operations(expectation, outcome, &mut unmet);
    unmet
}

fn judge_promise(expectation: &Expectation, promise: &PromiseResult) -> Option<String> {
    let expect = &expectation.expect;
    let names = |list: &[String]| list.iter().any(|name| name == promise.name);
    let is_named = match &expect.holds {
        Holds::All => false,
        Holds::Named(list) => names(list),
    };
    let name = promise.name;
    match &promise.broken {
        Some(_) if names(&expect.breaks) || names(&expect.may_break) => None,
        Some(broken) => Some(format!("`{name}` broke at {}: {}", broken.at, broken.why)),
        None if promise.status() == Status::Undecided => {
            Some(format!("`{name}` is undecided: its budget ran out first"))
        }
        None if is_named && promise.status() == Status::NotExercised => {
            Some(format!("`{name}` was never put to the test"))
        }
        None if is_named && promise.status() == Status::Suspended => {
            let why = promise.suspended.as_deref().unwrap_or_default();
            Some(format!("nothing can be said of `{name}`: {why}"))
        }
        None => None,
    }
}

fn judge_steps(expectation: &Expectation, outcome: &Outcome, unmet: &mut Vec<String>) {
    // Random faults come after the scenario's steps and may always miss.
    let own = |places: &[u32]| -> Vec<Line> {
        let line = |place: &u32| expectation.lines.get(usize::try_from(*place).ok()?).copied();
        places.iter().filter_map(line).filter(|line| !line.may_miss).collect()
    };
    for Line { place, kind, .. } in own(&outcome.steps_missed) {
        unmet.push(format!("`steps[{place}]` (`{kind}`) was never taken"));
    }
    for Line { place, kind, .. } in own(&outcome.steps_idle) {
        unmet.push(format!("`steps[{place}]` (`{kind}`) changed nothing"));
    }
    for fault in outcome.faults.iter().filter(|fault| fault.armed > 0 && fault.acted == 0) {
        // The end of a fault that changed nothing is told as a step that changed nothing.
        let is_end = [
            "heal",
            "calm",
            "crash",
            "restart",
            "recover",
            "wipe-disk",
            "calm-disk",
            "resume",
            "calm-cpu",
            "calm-clock",
        ]
        .contains(&fault.kind);
        let steps: Vec<String> = expectation
            .lines
            .iter()
            .filter(|line| line.kind == fault.kind && !line.may_miss && !is_end)
            .map(|line| format!("steps[{}]", line.place))
            .collect();
        if !steps.is_empty() {
            let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
            unmet.push(format!("the fault `{}` of {} never struck", fault.kind, quoted(&steps)));
        }
    }
}

fn judge_operations(expectation: &Expectation, outcome: &Outcome, unmet: &mut Vec<String>) {
    let counts = outcome.history.counts();
    let wanted = expectation.expect.operations;
    for (word, wanted, found) in [
        ("ok", wanted.ok, counts.ok),
        ("failed", wanted.failed, counts.failed),
        ("unknown", wanted.unknown, counts.unknown),
    ] {
        if wanted.is_some_and(|wanted| wanted != found) {
            let wanted = wanted.unwrap_or_default();
            unmet.push(format!("operations that ended as {word}: {found}, expected {wanted}"));
        }
    }
}
