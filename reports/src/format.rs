//! Every format a finished run can be written in: one line each.

use crate::figure::{Options, Theme};
use crate::{Report, Story, causes_dot, facts, figure, jepsen, topology_dot, trace_jsonl};

/// A format: what it is called, the file it is kept in, how it is made.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// The name on the command line: `svg`.
    pub name: &'static str,
    /// The name of the file in a run's folder.
    pub file: &'static str,
    /// Makes the text.
    pub render: fn(&Report) -> String,
}

/// All formats.
pub const ALL: &[Format] = &[
    Format { name: "svg", file: "figure.svg", render: svg },
    Format { name: "svg-light", file: "figure.light.svg", render: svg_light },
    Format { name: "svg-dark", file: "figure.dark.svg", render: svg_dark },
    Format { name: "outcome", file: "outcome.json", render: outcome },
    Format { name: "trace", file: "trace.jsonl", render: trace_jsonl },
    Format { name: "facts", file: "facts.jsonl", render: facts },
    Format { name: "causes-dot", file: "causes.dot", render: causes_dot },
    Format { name: "captions", file: "captions.txt", render: captions },
    Format { name: "topology-dot", file: "topology.dot", render: topology_dot },
    Format { name: "jepsen", file: "history.edn", render: jepsen },
    Format { name: "text", file: "report.txt", render: text },
];

/// The format with this name.
pub fn find(name: &str) -> Option<&'static Format> {
    ALL.iter().find(|format| format.name == name)
}

fn svg(report: &Report) -> String {
    in_theme(report, Theme::Auto)
}

/// For pages that choose by a theme of their own, as `<picture>` on GitHub.
fn svg_light(report: &Report) -> String {
    in_theme(report, Theme::Light)
}

fn svg_dark(report: &Report) -> String {
    in_theme(report, Theme::Dark)
}

fn in_theme(report: &Report, theme: Theme) -> String {
    figure::render(report, &Options::on(report.preset).in_theme(theme)).svg
}

fn outcome(report: &Report) -> String {
    let json = serde_json::to_string_pretty(&crate::outcome_json(report)).unwrap_or_default();
    format!("{json}\n")
}

/// The sentences of the story, for whoever speaks to a slide.
fn captions(report: &Report) -> String {
    let story = Story::of(report);
    let steps = story.steps.iter().map(|step| format!("{}. {}\n", step.number, step.sentence));
    std::iter::once(format!("{}\n\n", report.title)).chain(steps).collect()
}

fn text(report: &Report) -> String {
    crate::terminal(report, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_figure_in_one_theme_holds_the_colours_of_that_theme_alone() {
        let report = sample::split_brain();
        let (both, light, dark) = (svg(&report), svg_light(&report), svg_dark(&report));
        assert!(both.contains("prefers-color-scheme") && both.contains("fill=\"#FFFFFF\""));
        for (one, ground, others) in [
            (&light, "#FFFFFF", ["#E6EDF3", "#6CB2F7"]),
            (&dark, "#0D1117", ["#17202E", "#1B5FAA"]),
        ] {
            assert!(!one.contains("prefers-color-scheme") && !one.contains("<style"), "{ground}");
            assert!(one.contains(&format!("fill=\"{ground}\" data-fill=\"bg\"")));
            assert!(others.iter().all(|colour| !one.contains(colour)), "{ground}");
        }
        assert_eq!(light.lines().count(), dark.lines().count());
    }

    #[test]
    fn every_format_renders_the_same_bytes_twice() {
        let report = sample::split_brain();
        for format in ALL {
            let text = (format.render)(&report);
            assert!(!text.is_empty(), "{}", format.name);
            assert_eq!(text, (format.render)(&report), "{}", format.name);
            assert_eq!(find(format.name).map(|found| found.file), Some(format.file));
        }
    }
}
