//! Every planted bug against every scenario of its protocol: a promise that no bug can break
//! promises nothing.

use reports::sweep::Seconds;
use serde::Serialize;
use sim_engine::{MutantClass, MutantInfo};

use crate::catalog;
use crate::failure::Failure;
use crate::problem::Problem;
use crate::registry::Entry;
use crate::shrink::shrink;
use crate::sweep::{Clock, Crew, SeedResult, run_seed};
use crate::{Prepared, Scenario, prepare};

/// Scenarios that are the same for nearly every seed are tried with so many only.
const SEEDS_OF_STORIES: u64 = 4;

/// What became of one planted bug.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Verdict {
    pub(crate) protocol: &'static str,
    pub(crate) name: &'static str,
    pub(crate) class: &'static str,
    pub(crate) about: &'static str,
    /// Why nothing can break, of an equivalent one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    pub(crate) caught: bool,
    /// The promises that broke.
    pub(crate) by: Vec<String>,
    pub(crate) scenario: Option<String>,
    /// After how many seeds of that scenario; of a survivor, how many were tried.
    pub(crate) seeds: u64,
    pub(crate) seconds: Seconds,
    pub(crate) shrunk_steps: Option<usize>,
}

impl Verdict {
    /// True if it is what its class says.
    pub(crate) fn is_right(&self) -> bool {
        match self.class {
            "bug" => self.caught,
            "equivalent" => !self.caught,
            _ => true,
        }
    }
}

/// A scenario of the catalogue on one of its systems.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    scenario: Scenario,
    system: String,
}

/// The class of a planted bug in one word.
pub(crate) const fn class(info: &MutantInfo) -> &'static str {
    match info.class {
        MutantClass::Bug => "bug",
        MutantClass::Equivalent(_) => "equivalent",
        MutantClass::ExpectedFinding => "expected-finding",
    }
}

/// Every scenario and variant that runs a protocol without a bug and expects nothing to break. What
/// may break in one proves nothing there.
pub(crate) fn stages(entry: &Entry) -> Result<Vec<Stage>, Problem> {
    let mut stages = Vec::new();
    for known in catalog::ALL {
        let base = Scenario::load(known.name)?;
        let names = base.variants().into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut all = vec![base.clone()];
        for name in names {
            all.push(base.clone().at_variant(&name)?);
        }
        for scenario in all {
            for system in scenario.systems() {
                let prepared = prepare(&scenario, system, None)?;
                let expect = prepared.expectation.expected();
                let is_clean = prepared.mutant.is_none() && expect.breaks.is_empty();
                if prepared.protocol == entry.name && is_clean {
                    let (scenario, system) = (scenario.clone(), system.to_owned());
                    stages.push(Stage { scenario, system });
                }
            }
        }
    }
    Ok(stages)
}

/// Tries one planted bug: seed after seed, each on every stage, until a promise breaks.
pub(crate) fn hunt(
    protocol: &'static str,
    info: &MutantInfo,
    stages: &[Stage],
    (from, to): (u64, u64),
    crew: &Crew,
) -> Result<Verdict, Problem> {
    let began = Clock::now();
    let n = u64::try_from(stages.len()).unwrap_or(u64::MAX).max(1);
    let ready = || stages.iter().map(|s| s.prepare(info)).collect::<Result<Vec<_>, _>>();
    let done = crew.each(0..(to - from).saturating_mul(n), None, &ready, &|prepared, number| {
        let place = usize::try_from(number % n).unwrap_or(0);
        let result = try_one(&stages[place], &prepared[place], from, number / n);
        let is_found = result.is_some();
        (result.map(|by| (place, number / n, by)), is_found)
    })?;
    let found = done.results.into_iter().last().flatten();
    let reason = match info.class {
        MutantClass::Equivalent(reason) => Some(reason),
        MutantClass::Bug | MutantClass::ExpectedFinding => None,
    };
    let mut verdict = Verdict {
        protocol,
        name: info.mutant.0,
        class: class(info),
        about: info.about,
        reason,
        caught: found.is_some(),
        by: Vec::new(),
        scenario: None,
        seeds: to - from,
        seconds: Seconds(began.elapsed()),
        shrunk_steps: None,
    };
    if let Some((place, offset, by)) = found {
        let stage = &stages[place];
        let prepared = stage.prepare(info)?;
        let promise = by.first().map_or("", String::as_str);
        let seed = from + offset;
        let failure = Failure::of(&stage.scenario, &prepared, seed, promise, String::new())?;
        verdict.shrunk_steps = Some(shrink(&failure, crew)?.failure.size().steps);
        verdict.scenario = Some(stage.scenario.label());
        verdict.seeds = offset + 1;
        verdict.by = by;
    }
    Ok(verdict)
}

/// The promises that break in one seed, if any does.
fn try_one(stage: &Stage, prepared: &Prepared, from: u64, offset: u64) -> Option<Vec<String>> {
    if stage.scenario.file.chaos.is_none() && offset >= SEEDS_OF_STORIES {
        return None;
    }
    let SeedResult { end, .. } = run_seed(prepared, from + offset);
    let mut broken = end.ok()?.broken;
    let may_break = &prepared.expectation.expected().may_break;
    broken.retain(|breach| !may_break.iter().any(|name| name == breach.promise));
    broken.sort_by_key(|breach| breach.at);
    let by: Vec<String> = broken.iter().map(|breach| breach.promise.to_owned()).collect();
    (!by.is_empty()).then_some(by)
}

impl Stage {
    fn prepare(&self, info: &MutantInfo) -> Result<Prepared, Problem> {
        prepare(&self.scenario, &self.system, Some(info.mutant.0))
    }
}
