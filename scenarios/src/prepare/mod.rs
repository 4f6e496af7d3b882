//! From a scenario and a protocol to something that runs: everything is typed and checked once, and
//! then run for as many seeds as one likes.

mod disks;
mod hosts;
mod links;
mod looking;
mod names;
mod steps;
#[cfg(test)]
mod tests;
mod typed;
mod workload;

use sim_engine::{
    Instant, Mutant, Outcome, PlannedOperation, PromiseInfo, Recording, Topology, Trace,
};

pub(crate) use names::known;
pub(crate) use typed::{Built, Draft, build};

use crate::file::{ExpectFile, OperationAtFile, StepFile};
use crate::judge::{Expectation, judge};
use crate::path::Path;
use crate::problem::{Complaint, Problem, suggest};
use crate::registry::{self, Entry};
use crate::scenario::Scenario;
use crate::seats::seats;
use crate::topology::topology;

/// One system of a scenario, ready to run for any seed.
#[derive(Debug)]
pub struct Prepared {
    /// The scenario's name, with its variant.
    pub scenario: String,
    /// The system's name.
    pub system: String,
    /// The protocol's name.
    pub protocol: &'static str,
    /// The title.
    pub title: String,
    /// The lesson.
    pub lesson: String,
    /// What matters of the settings.
    pub subtitle: Vec<String>,
    /// The planted bug, if there is one.
    pub mutant: Option<Mutant>,
    /// What must come of it.
    pub expectation: Expectation,
    /// The promises that are checked.
    pub promises: &'static [PromiseInfo],
    /// The reasons for which the protocol fails an operation after a look at its state.
    pub refusals: &'static [&'static str],
    /// The rooms that seats stand in, if there are any.
    pub topology: Option<Topology>,
    runner: Box<dyn Runner>,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Run {
    /// Counts, promises, faults.
    pub outcome: Outcome,
    /// What was recorded.
    pub trace: Trace,
    /// Why it was not as expected, one sentence each; empty if it was.
    pub unmet: Vec<String>,
}

/// A system whose protocol's types are hidden.
pub(crate) trait Runner: std::fmt::Debug {
    fn run(&self, seed: u64, recording: Recording) -> (Outcome, Trace);
    /// Runs at other times, checks no promise, and records what these facts say.
    fn announced(&self, seed: u64, facts: Facts, timetable: &Timetable) -> (Outcome, Trace);
    fn drawn(&self, seed: u64) -> Drawn;
}

/// Names of facts.
pub(crate) type Facts = &'static [&'static str];

/// When everything that a scenario lists happens in one run, in place of the times of its file.
#[derive(Clone, Debug)]
pub(crate) struct Timetable {
    /// Of each step in its order; one without a time is left out.
    pub(crate) steps: Vec<Option<Instant>>,
    pub(crate) operations: Vec<PlannedOperation>,
    pub(crate) until: Instant,
}

/// What chance adds to a scenario for one seed, as a file would say it.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    /// The faults of `chaos`, in the order of time; they come after the file's own steps.
    pub(crate) steps: Vec<StepFile>,
    /// Every operation: those of the file, and then those of `workload`, in the order of time.
    pub(crate) operations: Vec<OperationAtFile>,
}

/// Types and checks one system of a scenario. A `mutant` given here replaces the file's, and the
/// run is judged as if nobody had planted a bug.
pub fn prepare(
    scenario: &Scenario,
    system: &str,
    mutant: Option<&str>,
) -> Result<Prepared, Problem> {
    let place = scenario.system(system)?;
    let (entry, mutant) = protocol(scenario, place, mutant)?;
    let complete = || {
        let seats = seats(&scenario.file)?;
        let topology = topology(&scenario.file, &seats)?;
        let draft = Draft {
            file: &scenario.file,
            system: place,
            entry,
            mutant: mutant.map(|(mutant, _)| mutant),
            seats,
            topology: topology.as_ref(),
        };
        let built = (entry.build)(&draft)?;
        let is_asked_for = mutant.is_some_and(|(_, is_asked_for)| is_asked_for);
        let (expect, path) = expected(scenario, place, is_asked_for);
        let expectation = Expectation::new(expect, &path, entry, built.lines)?;
        Ok((built.runner, built.subtitle, expectation, topology))
    };
    let (runner, subtitle, expectation, topology) =
        complete().map_err(|complaint: Complaint| scenario.document.problem(complaint))?;
    Ok(Prepared {
        scenario: scenario.label(),
        system: system.to_owned(),
        protocol: entry.name,
        title: scenario.title().to_owned(),
        lesson: scenario.lesson().to_owned(),
        subtitle,
        mutant: mutant.map(|(mutant, _)| mutant),
        expectation,
        promises: entry.promises,
        refusals: entry.refusals,
        topology,
        runner,
    })
}

impl Prepared {
    /// What chance adds for one seed.
    pub(crate) fn drawn(&self, seed: u64) -> Drawn {
        self.runner.drawn(seed)
    }

    /// What is announced in a run at other times. Promises are not checked.
    pub(crate) fn announced(
        &self,
        seed: u64,
        facts: Facts,
        timetable: &Timetable,
    ) -> (Outcome, Trace) {
        self.runner.announced(seed, facts, timetable)
    }
}

/// Runs one seed.
pub fn run(prepared: &Prepared, seed: u64, recording: Recording) -> Run {
    let (outcome, trace) = prepared.runner.run(seed, recording);
    let unmet = judge(&prepared.expectation, &outcome);
    Run { outcome, trace, unmet }
}

/// A planted bug, and whether somebody asked for it beside the file.
type Planted = Option<(Mutant, bool)>;

fn protocol(
    scenario: &Scenario,
    place: usize,
    asked: Option<&str>,
) -> Result<(&'static Entry, Planted), Problem> {
    let system = &scenario.file.systems[place];
    let path = Path::root().key("systems").index(place);
    let entry = registry::find(&system.protocol).ok_or_else(|| {
        let known = registry::ALL.iter().map(|entry| entry.name);
        let path = path.key("protocol");
        scenario.document.problem(Complaint::unknown(&path, "protocol", &system.protocol, known))
    })?;
    let known = || entry.mutants.iter().map(|info| info.mutant);
    if let Some(name) = asked {
        let mutant = known().find(|mutant| mutant.0 == name).ok_or_else(|| {
            Problem::new(format!("`{}` has no mutant called `{name}`", entry.name))
                .hint(suggest(name, known().map(|mutant| mutant.0)))
        })?;
        return Ok((entry, Some((mutant, true))));
    }
    let own = system.mutant.as_deref().map(|name| (name, path.key("mutant")));
    let varied = scenario.variant.as_ref().and_then(|variant| variant.mutant.as_deref());
    let varied = varied.map(|name| (name, scenario.variant_path().key("mutant")));
    let Some((name, path)) = varied.or(own) else { return Ok((entry, None)) };
    let mutant = known().find(|mutant| mutant.0 == name).ok_or_else(|| {
        let known = known().map(|mutant| mutant.0);
        scenario.document.problem(Complaint::unknown(&path, "mutant", name, known))
    })?;
    Ok((entry, Some((mutant, false))))
}

/// The expectation that counts, with its place: the variant's, the system's, the scenario's. One
/// that was written for another planted bug does not count.
fn expected(scenario: &Scenario, place: usize, is_asked_for: bool) -> (&ExpectFile, Path) {
    let root = Path::root();
    let file = &scenario.file;
    let system = &file.systems[place];
    if let Some(variant) = &scenario.variant
        && let Some(expect) = &variant.expect
        && !(is_asked_for && variant.mutant.is_some())
    {
        return (expect, scenario.variant_path().key("expect"));
    }
    if let Some(expect) = &system.expect
        && !(is_asked_for && system.mutant.is_some())
    {
        return (expect, root.key("systems").index(place).key("expect"));
    }
    (&file.expect, root.key("expect"))
}
