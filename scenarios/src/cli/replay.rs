//! `partitura replay`: runs a failure file, and says whether its violation happens again.

use std::path::{Path, PathBuf};

use super::args::{Format, ReplayArguments};
use super::run::{name_files, report_of, write_files};
use super::{Answer, MET, UNMET, output};
use crate::failure::Failure;
use crate::problem::Problem;

pub(super) fn answer(arguments: &ReplayArguments) -> Result<Answer, Problem> {
    let failure = Failure::load(&arguments.file)?;
    let ready = failure.ready().map_err(|problem| Problem {
        origin: Some(match &problem.origin {
            None => arguments.file.clone(),
            Some(_) => format!("{}, in `run`", arguments.file),
        }),
        ..problem
    })?;
    let mut report =
        report_of(&ready.prepared, ready.seed, format!("cargo run -- replay {}", arguments.file));
    if !arguments.no_files {
        let folder = arguments.out.clone().unwrap_or_else(|| folder(&failure));
        name_files(std::slice::from_mut(&mut report), &folder);
        write_files(std::slice::from_ref(&report), &folder)?;
    }
    let found = report.outcome.promises.iter().find(|promise| promise.name == failure.promise);
    let promise = &failure.promise;
    let (sentence, code) = match found.and_then(|found| found.broken.as_ref()) {
        Some(broken) => {
            (format!("`{promise}` breaks again at {}: {}", broken.at, broken.why), UNMET)
        }
        None => (format!("`{promise}` does not break any more"), MET),
    };
    let out = match arguments.format {
        Format::Json => output::outcomes(&[report]),
        Format::Text => format!("{}\n{sentence}\n", output::text(&report)),
    };
    let notes = match arguments.format {
        Format::Json => format!("{sentence}\n"),
        Format::Text => String::new(),
    };
    Ok(Answer { out, notes, code })
}

fn folder(failure: &Failure) -> PathBuf {
    Path::new("partitura-out").join(failure.name())
}
