//! `partitura run`: one scenario, one seed, each of its systems.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use reports::Report;
use reports::format::Format;
use sim_engine::Recording;

use super::args::{Format as Printed, Preset, RunArguments};
use super::contrast::contrast;
use super::output;
use super::{Answer, MET, UNMET, command, files, io_problem, panic};
use crate::problem::Problem;
use crate::{Prepared, Run, Scenario, prepare, run};

/// Of longer runs only the last events are recorded, and without their labels.
const RECORDED_MAX: u64 = 1_000_000;

pub(super) fn answer(arguments: &RunArguments) -> Result<Answer, Problem> {
    let Some(asked_for) = arguments.asked_for() else {
        return Err(Problem::new("no scenario is named")
            .hint(Some("`partitura list` shows them, `partitura --help` the rest".to_owned())));
    };
    let exports = exports(arguments)?;
    let scenario = Scenario::load(asked_for)
        .map_err(|problem| perhaps_a_command(asked_for, problem))?
        .with_sets(&arguments.sets)?;
    let seed = arguments.seed.unwrap_or(scenario.seed());
    let systems = prepared(&scenario, arguments)?;
    if systems.len() > 1 && !exports.is_empty() {
        return Err(Problem::new("`--export` writes one system, and this scenario has several")
            .hint(Some(format!("choose one with `--system {}`", systems[0].system))));
    }
    let mut reports: Vec<Report> =
        systems.iter().map(|system| report(&scenario, system, seed, arguments)).collect();
    if arguments.preset == Preset::Poster {
        for (report, system) in reports.iter_mut().zip(&systems) {
            report.contrast = Some(contrast(&scenario, system, seed, arguments)?);
        }
    }
    let folder = (!arguments.no_files).then(|| folder(arguments, &scenario, seed));
    if let Some(folder) = &folder {
        name_files(&mut reports, folder);
    }
    // What may fail comes first, so that nothing is left behind where something fails.
    let (exported, drafts) = draft_exports(&exports, &reports)?;
    if let Some(folder) = &folder {
        write_files(&reports, folder)?;
    }
    drafts.keep().map_err(|(path, error)| io_problem(&path, &error))?;
    let is_met = reports.iter().all(Report::is_met);
    let out = match (exported, arguments.format) {
        (Some(exported), _) => exported,
        (None, Printed::Json) => output::outcomes(&reports),
        (None, Printed::Text) => reports.iter().map(output::text).collect::<Vec<_>>().join("\n"),
    };
    Ok(Answer { out, notes: notes(&reports, arguments), code: if is_met { MET } else { UNMET } })
}

/// A word that is no scenario may have been meant as a command.
fn perhaps_a_command(word: &str, problem: Problem) -> Problem {
    match crate::problem::nearest(word, super::COMMANDS.iter().copied()) {
        Some(command) if problem.origin.is_none() => {
            problem.hint(Some(format!("did you mean the command `{command}`?")))
        }
        Some(_) | None => problem,
    }
}

fn prepared(scenario: &Scenario, arguments: &RunArguments) -> Result<Vec<Prepared>, Problem> {
    let systems = match &arguments.system {
        Some(system) => vec![system.as_str()],
        None => scenario.systems(),
    };
    let mutant = arguments.mutant.as_deref();
    systems.into_iter().map(|system| prepare(scenario, system, mutant)).collect()
}

/// Runs one system and gathers what is told of it.
pub(super) fn report(
    scenario: &Scenario,
    prepared: &Prepared,
    seed: u64,
    arguments: &RunArguments,
) -> Report {
    let (system, mutant) = (arguments.system.as_deref(), arguments.mutant.as_deref());
    let mut changes = vec![format!("--seed {seed}")];
    changes.extend(command::changes(system, &arguments.sets, mutant));
    let report = report_of(prepared, seed, command::command(scenario, &changes));
    Report { preset: page(arguments.preset), ..report }
}

/// Runs one seed and records it. `command` is what repeats it.
pub(super) fn report_of(prepared: &Prepared, seed: u64, command: String) -> Report {
    panic::now_running(command.clone());
    let run = record(prepared, seed);
    Report {
        scenario: prepared.scenario.clone(),
        system: prepared.system.clone(),
        title: prepared.title.clone(),
        lesson: prepared.lesson.clone(),
        subtitle: prepared.subtitle.clone(),
        mutant: prepared.mutant.map(|mutant| mutant.0.to_owned()),
        command,
        outcome: run.outcome,
        trace: run.trace,
        promises: prepared.promises.to_vec(),
        refusals: prepared.refusals,
        topology: prepared.topology.clone(),
        unmet: run.unmet,
        files: Vec::new(),
        preset: reports::figure::Preset::Figure,
        contrast: None,
    }
}

const fn page(preset: Preset) -> reports::figure::Preset {
    match preset {
        Preset::Figure => reports::figure::Preset::Figure,
        Preset::Readme => reports::figure::Preset::Readme,
        Preset::Slide => reports::figure::Preset::Slide,
        Preset::Poster => reports::figure::Preset::Poster,
    }
}

/// Runs twice: once to see how long it gets and what must come out, and once more to record it.
fn record(prepared: &Prepared, seed: u64) -> Run {
    let first = run(prepared, seed, Recording::Nothing);
    let recording = if first.outcome.events <= RECORDED_MAX {
        Recording::Everything
    } else {
        Recording::Ring(usize::try_from(RECORDED_MAX).unwrap_or(usize::MAX))
    };
    let run = run(prepared, seed, recording);
    assert_eq!(first.outcome, run.outcome, "a run does not depend on what is recorded of it");
    run
}

fn folder(arguments: &RunArguments, scenario: &Scenario, seed: u64) -> PathBuf {
    arguments
        .out
        .clone()
        .unwrap_or_else(|| Path::new("partitura-out").join(format!("{}-{seed}", scenario.label())))
}

/// Names every system's files: an outcome tells which stand beside it.
pub(super) fn name_files(reports: &mut [Report], folder: &Path) {
    for report in reports {
        let system = folder.join(&report.system);
        let path = |format: &Format| system.join(format.file).display().to_string();
        report.files = output::kept(report).map(path).collect();
    }
}

/// Writes every system's files, all of them or none.
pub(super) fn write_files(reports: &[Report], folder: &Path) -> Result<(), Problem> {
    let mut all = files::Files::default();
    for report in reports {
        let system = PathBuf::from(&report.system);
        for format in output::kept(report) {
            all.add(system.join(format.file), (format.render)(report));
        }
    }
    all.write(folder).map_err(|error| io_problem(folder, &error))
}

/// Each kind with the file it goes to.
fn exports(arguments: &RunArguments) -> Result<Vec<(&'static Format, String)>, Problem> {
    let mut exports = Vec::new();
    for words in &arguments.exports {
        let (kind, file) = kind_and_file(words)?;
        exports.push((output::find(kind)?, file.to_owned()));
    }
    let to_stdout = exports.iter().filter(|(_, file)| file == "-").count();
    if to_stdout > 1 || (to_stdout == 1 && arguments.format == Printed::Json) {
        let what = "only one thing at a time can go to standard output";
        return Err(Problem::new(what).hint(Some("give the others a file".to_owned())));
    }
    Ok(exports)
}

/// Takes `KIND=FILE` apart. What cannot be written to is found out now, and not after everything
/// else has been written.
pub(super) fn kind_and_file(words: &str) -> Result<(&str, &str), Problem> {
    let Some((kind, file)) = words.split_once('=').filter(|(_, file)| !file.is_empty()) else {
        return Err(Problem::new(format!("`--export {words}` is not KIND=FILE"))
            .hint(Some("for example `--export svg=a.svg`".to_owned())));
    };
    let folder = Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        return Err(Problem::new(format!("there is no folder `{}`", folder.display())));
    }
    if Path::new(file).is_dir() {
        return Err(Problem::new(format!("`{file}` is a folder"))
            .hint(Some(format!("name a file in it: `--export {kind}={file}/{kind}`"))));
    }
    Ok((kind, file))
}

/// Writes drafts of the exports. Returns what is to be printed instead of the report, too.
fn draft_exports(
    exports: &[(&'static Format, String)],
    reports: &[Report],
) -> Result<(Option<String>, files::Drafts), Problem> {
    let mut printed = None;
    let mut drafts = files::Drafts::default();
    for ((format, file), report) in
        exports.iter().flat_map(|export| reports.iter().map(move |r| (export, r)))
    {
        let text = (format.render)(report);
        if file == "-" {
            printed = Some(text);
        } else {
            drafts
                .add(Path::new(file), &text)
                .map_err(|error| io_problem(Path::new(file), &error))?;
        }
    }
    Ok((printed, drafts))
}

/// Where the report is not printed as text, an unmet expectation is told beside it.
fn notes(reports: &[Report], arguments: &RunArguments) -> String {
    let is_told = arguments.format == Printed::Text
        && !arguments.exports.iter().any(|words| words.ends_with("=-"));
    let mut notes = String::new();
    for report in reports.iter().filter(|_| !is_told) {
        for sentence in &report.unmet {
            let _infallible = writeln!(notes, "{}: {sentence}", report.system);
        }
    }
    notes
}
