//! `partitura list`: every scenario of the catalogue, its variants included.

use std::fmt::Write;

use serde::Serialize;

use super::args::{Format, ListArguments};
use super::{Answer, BAD_INPUT, output};
use crate::catalog;
use crate::problem::suggest;
use crate::scenario::Scenario;

#[derive(Serialize)]
struct Line {
    name: String,
    family: String,
    systems: Vec<String>,
    title: String,
    lesson: String,
}

#[derive(Serialize)]
struct List {
    format: &'static str,
    scenarios: Vec<Line>,
}

pub(super) fn answer(arguments: &ListArguments) -> Answer {
    let wanted = arguments.family.as_deref();
    let entries = catalog::ALL.iter().filter(|entry| wanted.is_none_or(|w| w == entry.family));
    let lines: Vec<Line> = entries.flat_map(|entry| lines(entry.name)).collect();
    if let (true, Some(family)) = (lines.is_empty(), wanted) {
        let known = catalog::ALL.iter().map(|entry| entry.family);
        let hint = suggest(family, known).map(|hint| format!("hint: {hint}\n"));
        let notes = format!("error: no family is called `{family}`\n{}", hint.unwrap_or_default());
        return Answer { notes, code: BAD_INPUT, ..Answer::default() };
    }
    let out = match arguments.format {
        Format::Text => text(&lines),
        Format::Json => output::pretty(&List { format: "partitura-list/1", scenarios: lines }),
    };
    Answer { out, ..Answer::default() }
}

/// A scenario and its variants.
fn lines(name: &str) -> Vec<Line> {
    // Tests load every scenario of the catalogue and every variant.
    let Ok(base) = Scenario::load(name) else { return Vec::new() };
    let variants = base.variants().into_iter().filter_map(|v| base.clone().at_variant(v).ok());
    let variants: Vec<Scenario> = variants.collect();
    std::iter::once(&base).chain(&variants).map(line).collect()
}

fn line(scenario: &Scenario) -> Line {
    Line {
        name: scenario.label(),
        family: scenario.family().to_owned(),
        systems: scenario.systems().into_iter().map(str::to_owned).collect(),
        title: scenario.title().to_owned(),
        lesson: scenario.lesson().to_owned(),
    }
}

fn text(lines: &[Line]) -> String {
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    let mut family = "";
    for line in lines {
        if line.family != family {
            let gap = if family.is_empty() { "" } else { "\n" };
            let _infallible = writeln!(out, "{gap}{}", line.family);
            family = &line.family;
        }
        let several = match line.systems.len() {
            1 => String::new(),
            _ => format!(" [{}]", line.systems.join(", ")),
        };
        let _infallible = writeln!(out, "  {:width$}  {}{several}", line.name, line.title);
    }
    out
}
