//! Every format that is printed or written, behind one door: the only calls into `reports`.

use reports::figure::Preset;
use reports::format::{self, Format};
use reports::sweep::SweepSummary;
use reports::{OutcomeJson, Report};
use serde::Serialize;

use crate::problem::{Problem, suggest};

/// The formats a run leaves behind, by their names.
const KEPT: [&str; 3] = ["svg", "outcome", "trace"];

/// The format that `--export` asks for.
pub(super) fn find(name: &str) -> Result<&'static Format, Problem> {
    format::find(name).ok_or_else(|| {
        Problem::new(format!("nothing of the kind `{name}` can be exported"))
            .hint(suggest(name, format::ALL.iter().map(|format| format.name)))
    })
}

/// The formats a run leaves behind: with a slide, the words of its speaker.
pub(super) fn kept(report: &Report) -> impl Iterator<Item = &'static Format> + use<> {
    let is_slide = report.preset == Preset::Slide;
    let is_kept = move |name: &str| KEPT.contains(&name) || (is_slide && name == "captions");
    format::ALL.iter().filter(move |format| is_kept(format.name))
}

/// What a terminal shows. Styles are taken out again where there is no terminal.
pub(super) fn text(report: &Report) -> String {
    reports::terminal(report, true)
}

/// The figure of a run.
pub(super) fn figure(report: &Report) -> String {
    format::find("svg").map(|format| (format.render)(report)).unwrap_or_default()
}

/// A sweep as a terminal shows it.
pub(super) fn sweep(summary: &SweepSummary) -> String {
    reports::sweep::terminal(summary, true)
}

/// The outcomes of several systems as one JSON array.
pub(super) fn outcomes(reports: &[Report]) -> String {
    let list: Vec<OutcomeJson> = reports.iter().map(reports::outcome_json).collect();
    pretty(&list)
}

/// JSON for people and programs, with a newline at its end.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_that_is_kept_exists() {
        assert!(KEPT.iter().all(|name| format::find(name).is_some()));
    }
}
