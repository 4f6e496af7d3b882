//! `partitura sweep`: many seeds, each of its systems, each combination of varied values.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reports::Report;
use reports::sweep::SweepSummary;

use super::args::SweepArguments;
use super::command;
use super::run::report_of;
use super::summaries::{Printing, code, place_of, printed};
use super::{Answer, files, io_problem};
use crate::failure::Failure;
use crate::problem::Problem;
use crate::sweep::{Clock, Crew, Extent, Kept, Sweep, judge_sweep, panics_are_results, variations};
use crate::{Prepared, Scenario};

/// One scenario with one combination of values.
struct Case {
    scenario: Scenario,
    /// What was changed, the combination included.
    sets: Vec<String>,
}

pub(super) fn answer(arguments: &SweepArguments) -> Result<Answer, Problem> {
    let began = Clock::now();
    let cases = cases(arguments)?;
    let sweeps = sweeps(&cases, arguments, began)?;
    let printing = Printing::new(arguments.format, arguments.junit.as_deref())?;
    let folder = (!arguments.no_files).then(|| folder(arguments, &cases));
    let crew = Crew::new(arguments.jobs)?;
    let extent = if arguments.shard.is_some() { Extent::Shard } else { Extent::Whole };
    let bar = progress(&sweeps);
    let mut all = files::Files::default();
    let mut summaries = Vec::new();
    for sweep in &sweeps {
        let kept = folder.as_ref().map(|folder| Kept::in_folder(folder.join("blocks")));
        let tell = |n| bar.inc(n);
        // A figure that was drawn meanwhile took panics for its own.
        panics_are_results();
        let mut summary = sweep.run(&crew, &kept.unwrap_or_default(), &tell)?;
        judge_sweep(&mut summary, extent);
        if extent == Extent::Shard {
            summary.whole = Some(arguments.seeds.into());
        }
        if folder.is_some() {
            add_failures(sweep, &mut summary, &mut all)?;
        }
        summaries.push(summary);
    }
    bar.finish_and_clear();
    if let Some(folder) = &folder {
        let shard = arguments.shard.map(|shard| format!("-{}-of-{}", shard.number, shard.of));
        place_of(&summaries, &shard.unwrap_or_default(), &mut all);
        all.write(folder).map_err(|error| io_problem(folder, &error))?;
    }
    let out = printed(&summaries, &printing)?;
    Ok(Answer { code: code(&summaries, extent), ..out })
}

/// Every scenario with every combination of values.
fn cases(arguments: &SweepArguments) -> Result<Vec<Case>, Problem> {
    let mut cases = Vec::new();
    let variations = variations(&arguments.vary)?;
    for name in &arguments.names {
        let base = Scenario::load(name)?.with_sets(&arguments.sets)?;
        for values in &variations {
            let scenario = base.clone().with_sets(values)?;
            let sets = arguments.sets.iter().chain(values).cloned().collect();
            cases.push(Case { scenario, sets });
        }
    }
    Ok(cases)
}

/// What is to be swept, all of it typed and checked.
fn sweeps<'c>(
    cases: &'c [Case],
    arguments: &'c SweepArguments,
    began: Clock,
) -> Result<Vec<Sweep<'c>>, Problem> {
    let range = arguments.seeds;
    let (from, to) = match arguments.shard {
        Some(shard) => shard.part_of(range)?,
        None => (range.from, range.to),
    };
    let asked = arguments.system.as_deref();
    let mutant = arguments.mutant.as_deref();
    let mut sweeps = Vec::new();
    for case in cases {
        let systems = asked.map_or_else(|| case.scenario.systems(), |system| vec![system]);
        for system in systems {
            let changes = command::changes(None, &case.sets, mutant);
            let typed = command::changes(Some(system), &case.sets, mutant);
            let sweep = Sweep {
                scenario: &case.scenario,
                system,
                mutant,
                changes,
                command: command::command(&case.scenario, &typed),
                from,
                to,
                fails_fast: arguments.fail_fast,
                deadline: arguments.budget.and_then(|budget| began.checked_add(budget)),
            };
            sweep.prepare()?;
            sweeps.push(sweep);
        }
    }
    Ok(sweeps)
}

/// A bar on standard error, if that is a terminal.
fn progress(sweeps: &[Sweep<'_>]) -> ProgressBar {
    let n = sweeps.iter().map(|sweep| sweep.to - sweep.from).fold(0, u64::saturating_add);
    let bar = ProgressBar::with_draw_target(Some(n), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{bar:32} {pos} of {len} seeds, {per_sec}, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// Runs the first seed of each broken promise again, and writes down what it takes to see it.
fn add_failures(
    sweep: &Sweep<'_>,
    summary: &mut SweepSummary,
    all: &mut files::Files,
) -> Result<(), Problem> {
    let prepared = sweep.prepare()?;
    for broken in &mut summary.violated {
        let seed = broken.first_seed;
        let command = broken.command.clone();
        let failure = Failure::of(sweep.scenario, &prepared, seed, &broken.promise, command)?;
        let place = PathBuf::from("failures").join(failure.name());
        let named = |ending: &str| format!("{}.{ending}", place.display());
        add_failure(&failure, &prepared, (&named("json"), &named("svg")), all)?;
        broken.failure = Some(named("json"));
    }
    Ok(())
}

/// A failure file and its figure.
fn add_failure(
    failure: &Failure,
    prepared: &Prepared,
    (json, svg): (&str, &str),
    all: &mut files::Files,
) -> Result<(), Problem> {
    let ready = failure.ready()?;
    let report: Report = report_of(&ready.prepared, ready.seed, failure.command.clone());
    let report = Report {
        scenario: prepared.scenario.clone(),
        subtitle: prepared.subtitle.clone(),
        ..report
    };
    all.add(svg, super::output::figure(&report));
    all.add(json, failure.text());
    Ok(())
}

/// Where the files go.
fn folder(arguments: &SweepArguments, cases: &[Case]) -> PathBuf {
    let seeds = arguments.seeds;
    let name = match cases {
        [one] => one.scenario.label(),
        _ => "sweep".to_owned(),
    };
    let usual = || Path::new("partitura-out").join(format!("{name}-{}..{}", seeds.from, seeds.to));
    arguments.out.clone().unwrap_or_else(usual)
}
