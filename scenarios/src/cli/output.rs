//! Every format that is printed or written, behind one door: the only calls into `reports`.

use reports::Report;
use serde::Serialize;
use serde_json::json;

use crate::problem::{Problem, suggest};

/// The files of a run, by their names in its folder.
pub(super) const FILES: [&str; 1] = ["outcome.json"];

/// What `--export` knows.
const KINDS: [&str; 3] = ["facts", "trace", "svg"];

/// A kind of output that can be asked for by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Facts,
    Trace,
    Svg,
}

impl Kind {
    pub(super) fn parse(name: &str) -> Result<Self, Problem> {
        match name {
            "facts" => Ok(Self::Facts),
            "trace" => Ok(Self::Trace),
            "svg" => Ok(Self::Svg),
            _ => Err(Problem::new(format!("nothing of the kind `{name}` can be exported"))
                .hint(suggest(name, KINDS))),
        }
    }
}

/// One kind of output of a finished run.
pub(super) fn export(kind: Kind, report: &Report) -> String {
    match kind {
        Kind::Facts | Kind::Trace | Kind::Svg => report.title.clone(),
    }
}

/// The files of a run, by their names in its folder.
pub(super) fn files(report: &Report) -> Vec<(&'static str, String)> {
    vec![("outcome.json", outcomes(std::slice::from_ref(report)))]
}

/// What a terminal shows.
pub(super) fn text(report: &Report) -> String {
    format!("{}\n{}\n", report.title, report.lesson)
}

/// The outcomes of several systems as one JSON array.
pub(super) fn outcomes(reports: &[Report]) -> String {
    let list: Vec<_> = reports
        .iter()
        .map(|report| {
            json!({
                "format": "partitura-outcome/1",
                "scenario": report.scenario,
                "system": report.system,
                "seed": report.outcome.seed.to_string(),
                "digest": report.outcome.digest.to_string(),
                "expectation": if report.is_met() { "met" } else { "not-met" },
                "files": report.files,
            })
        })
        .collect();
    pretty(&list)
}

/// JSON for people and programs, with a newline at its end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
