//! Summaries of sweeps as they are printed and written, whoever made them.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use reports::sweep::{self, SweepSummary};

use super::args::Format;
use super::{Answer, MET, UNMET, files, io_problem, output};
use crate::problem::Problem;
use crate::sweep::Extent;

/// A budget ran out first.
const UNDECIDED: u8 = 3;
/// A bug of this program.
const OUR_BUG: u8 = 101;

/// How summaries are told.
pub(super) struct Printing {
    format: Format,
    junit: Option<PathBuf>,
}

impl Printing {
    /// Checks beforehand that the report can be written at all.
    pub(super) fn new(format: Format, junit: Option<&Path>) -> Result<Self, Problem> {
        if let Some(file) = junit {
            let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
                return Err(Problem::new(format!("there is no folder `{}`", folder.display())));
            }
            if file.is_dir() {
                return Err(Problem::new(format!("`{}` is a folder", file.display())));
            }
        }
        Ok(Self { format, junit: junit.map(Path::to_owned) })
    }
}

/// Prints summaries, writes the report for CI, and tells GitHub where it listens.
pub(super) fn printed(summaries: &[SweepSummary], printing: &Printing) -> Result<Answer, Problem> {
    if let Some(file) = &printing.junit {
        let mut draft = files::Drafts::default();
        draft.add(file, &sweep::junit(summaries)).map_err(|error| io_problem(file, &error))?;
        draft.keep().map_err(|(path, error)| io_problem(&path, &error))?;
    }
    let out = match printing.format {
        Format::Json => json(summaries),
        Format::Text => summaries.iter().map(output::sweep).collect::<Vec<_>>().join("\n"),
    };
    let notes = match std::env::var_os("GITHUB_ACTIONS") {
        Some(value) if value == *"true" => {
            summarize(std::env::var_os("GITHUB_STEP_SUMMARY"), summaries);
            sweep::annotations(summaries)
        }
        Some(_) | None => String::new(),
    };
    Ok(Answer { out, notes, code: MET })
}

/// Adds a table to the page of the workflow's run. If that fails nobody can be told.
fn summarize(file: Option<OsString>, summaries: &[SweepSummary]) {
    let Some(file) = file.filter(|file| !file.is_empty()) else { return };
    let opened = std::fs::OpenOptions::new().append(true).create(true).open(file);
    let table = sweep::markdown(summaries);
    let _ignored = opened.and_then(|mut file| file.write_all(table.as_bytes()));
}

/// One object, or a list of several.
fn json(summaries: &[SweepSummary]) -> String {
    match summaries {
        [one] => output::pretty(one),
        several => output::pretty(&several),
    }
}

/// The files of summaries: one of all of them, and a chart each.
pub(super) fn place_of(summaries: &[SweepSummary], part: &str, all: &mut files::Files) {
    all.add(format!("summary{part}.json"), json(summaries));
    for (place, summary) in summaries.iter().enumerate() {
        let several = if summaries.len() > 1 { format!("-{place}") } else { String::new() };
        let name = format!("{}-{}{several}{part}.svg", summary.scenario, summary.system);
        all.add(name, sweep::chart(summary));
    }
}

/// The exit code for all of them.
pub(super) fn code(summaries: &[SweepSummary], extent: Extent) -> u8 {
    let any = |word: &str| summaries.iter().any(|summary| summary.expectation == word);
    let is_short = |summary: &SweepSummary| {
        summary.expectation == "undecided"
            && summary.seeds.run < summary.seeds.to - summary.seeds.from
    };
    if summaries.iter().any(|summary| summary.panicked.is_some()) {
        OUR_BUG
    } else if any("not-met") {
        UNMET
    } else if summaries.iter().any(is_short) || (any("undecided") && extent == Extent::Whole) {
        UNDECIDED
    } else {
        MET
    }
}
