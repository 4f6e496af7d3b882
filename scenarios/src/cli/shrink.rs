//! `partitura shrink`: a seed that breaks a promise, made as small as it gets.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;
use sim_engine::{Broken, Recording};

use super::args::{Format, ShrinkArguments};
use super::run::report_of;
use super::words::{action, when};
use super::{Answer, MET, UNMET, command, files, io_problem, output};
use crate::failure::{Failure, Shrunk};
use crate::problem::{Problem, suggest};
use crate::scenario::read;
use crate::shrink::{Small, shrink};
use crate::sweep::{Clock, Crew, panics_are_results};
use crate::{Prepared, Scenario, prepare, run};

#[derive(Serialize)]
struct Printed<'f> {
    format: &'static str,
    scenario: &'f str,
    system: &'f str,
    seed: &'f str,
    promise: &'f str,
    why: &'f str,
    shrunk: Option<Shrunk>,
    runs: u64,
    file: String,
}

pub(super) fn answer(arguments: &ShrinkArguments) -> Result<Answer, Problem> {
    let found = match known(arguments)? {
        Some(failure) => failure,
        None => match found(arguments)? {
            Ok(failure) => failure,
            Err(out) => return Ok(Answer { out, code: UNMET, ..Answer::default() }),
        },
    };
    if found.breach()?.is_none() {
        let out = format!("`{}` does not break any more: nothing to shrink\n", found.promise);
        return Ok(Answer { out, code: UNMET, ..Answer::default() });
    }
    let file = arguments.out.clone().unwrap_or_else(|| file(&found));
    check_place(&file)?;
    let began = Clock::now();
    panics_are_results();
    let Small { failure, runs } = shrink(&found, &Crew::new(arguments.jobs)?)?;
    write(&failure, &file)?;
    let out = match arguments.format {
        Format::Json => output::pretty(&Printed {
            format: "partitura-shrink/1",
            scenario: &failure.scenario,
            system: &failure.system,
            seed: &failure.seed,
            promise: &failure.promise,
            why: &failure.why,
            shrunk: failure.shrunk,
            runs,
            file: file.display().to_string(),
        }),
        Format::Text => {
            let time = format!(
                "{runs} runs in {}.{:01} s",
                began.elapsed().as_secs(),
                began.elapsed().subsec_millis() / 100
            );
            in_words(&failure, &time, &file)?
        }
    };
    Ok(Answer { out, code: MET, ..Answer::default() })
}

/// A failure file that is to become smaller, if that is what was named.
fn known(arguments: &ShrinkArguments) -> Result<Option<Failure>, Problem> {
    let is_file = Path::new(&arguments.name).extension().is_some_and(|end| end == "json");
    if !is_file {
        return Ok(None);
    }
    let text = read(&arguments.name)?;
    if !Failure::is_one(&text) {
        return Ok(None);
    }
    if arguments.seed.is_some() || !arguments.sets.is_empty() || arguments.mutant.is_some() {
        let what = "a failure file has its own seed, and nothing in it can be changed by flags";
        return Err(Problem::new(what));
    }
    Failure::parse(&arguments.name, &text).map(Some)
}

/// The failure in the run that was asked for; a sentence if there is none.
fn found(arguments: &ShrinkArguments) -> Result<Result<Failure, String>, Problem> {
    let scenario = Scenario::load(&arguments.name)?.with_sets(&arguments.sets)?;
    let Some(seed) = arguments.seed else {
        return Err(Problem::new("which seed? `--seed N` is missing")
            .hint("`partitura sweep` tells which seeds break a promise".to_owned()));
    };
    let systems = match &arguments.system {
        Some(system) => vec![system.as_str()],
        None => scenario.systems(),
    };
    let mutant = arguments.mutant.as_deref();
    for system in systems {
        let prepared = prepare(&scenario, system, mutant)?;
        let asked = arguments.promise.as_deref();
        if let Some((promise, _)) = first_broken(&prepared, seed, asked)? {
            let mut changes = command::changes(Some(system), &arguments.sets, mutant);
            changes.push(format!("--seed {seed}"));
            let command = command::command(&scenario, &changes);
            return Failure::of(&scenario, &prepared, seed, promise, command).map(Ok);
        }
    }
    let what = arguments.promise.as_ref().map_or("no promise".to_owned(), |p| format!("not `{p}`"));
    Ok(Err(format!("seed {seed} breaks {what}: nothing to shrink\n")))
}

/// The promise that broke first, or the one that was asked for if it broke.
fn first_broken(
    prepared: &Prepared,
    seed: u64,
    asked: Option<&str>,
) -> Result<Option<(&'static str, Broken)>, Problem> {
    let names = prepared.promises.iter().map(|info| info.name);
    if let Some(asked) = asked
        && !names.clone().any(|name| name == asked)
    {
        let what = format!("`{}` has no promise `{asked}`", prepared.protocol);
        return Err(Problem::new(what).hint(suggest(asked, names)));
    }
    let outcome = run(prepared, seed, Recording::Nothing).outcome;
    let promises = outcome.promises.into_iter();
    let broken = promises.filter(|promise| asked.is_none_or(|asked| asked == promise.name));
    let broken = broken.filter_map(|promise| Some((promise.name, promise.broken?)));
    Ok(broken.min_by_key(|(_, broken)| broken.at))
}

/// Found out before the work, and not after it.
fn check_place(file: &Path) -> Result<(), Problem> {
    if file.is_dir() {
        return Err(Problem::new(format!("`{}` is a folder", file.display())));
    }
    Ok(())
}

fn file(failure: &Failure) -> PathBuf {
    Path::new("partitura-out").join(format!("{}-shrunk.json", failure.name()))
}

/// The failure file and its figure beside it.
fn write(failure: &Failure, file: &Path) -> Result<(), Problem> {
    let ready = failure.ready()?;
    let command = format!("cargo run -- replay {}", file.display());
    let report = report_of(&ready.prepared, ready.seed, command);
    let name = file.file_name().unwrap_or_default();
    let mut all = files::Files::default();
    all.add(name, failure.text());
    all.add(Path::new(name).with_extension("svg"), output::figure(&report));
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    all.write(folder).map_err(|error| io_problem(folder, &error))
}

fn in_words(failure: &Failure, time: &str, file: &Path) -> Result<String, Problem> {
    let mut out = format!("`{}` breaks at {}: {}\n\n", failure.promise, failure.at, failure.why);
    let scenario = failure.scenario()?;
    for (place, step) in scenario.file.steps.iter().enumerate() {
        let _infallible = writeln!(out, "  {place:>2}  {}: {}", when(step), action(&step.action));
    }
    for operation in &scenario.file.operations {
        let (at, client) = (operation.at, &operation.client);
        let _infallible = writeln!(out, "      at {at}: {client}: {}", operation.operation);
    }
    if let Some(Shrunk { before, after }) = failure.shrunk {
        let _infallible = writeln!(
            out,
            "\n  {} steps (of {}), {} operations (of {}), {} seats (of {}); {time}",
            after.steps,
            before.steps,
            after.operations,
            before.operations,
            after.seats,
            before.seats
        );
    }
    let _infallible = writeln!(
        out,
        "  {} {}\n  cargo run -- replay {}",
        file.display(),
        file.with_extension("svg").display(),
        file.display()
    );
    Ok(out)
}
