//! `partitura show`: a scenario in words.

use std::fmt::Write;

use super::args::ShowArguments;
use super::words::{action, lasting, when};
use super::{Answer, output};
use crate::file::{Holds, ScenarioFile, StepFile, SystemFile};
use crate::prepare;
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::seats::seats;

pub(super) fn answer(arguments: &ShowArguments) -> Result<Answer, Problem> {
    let scenario = Scenario::load(&arguments.name)?;
    let mut out = match (arguments.source, &scenario.variant) {
        (true, None) => scenario.source().to_owned(),
        // A variant has no file of its own: this is the file with its changes.
        (true, Some(_)) => output::pretty(scenario.value()),
        (false, _) => in_words(&scenario),
    };
    if let Some(seed) = arguments.seed {
        out.push_str(&drawn(&scenario, seed)?);
    }
    Ok(Answer { out, ..Answer::default() })
}

pub(crate) fn in_words(scenario: &Scenario) -> String {
    let mut out = format!("{}\n\n{}\n\n", scenario.title(), scenario.lesson());
    for (head, words) in settings(scenario) {
        let _infallible = writeln!(out, "  {head:10}{words}");
    }
    let file = &scenario.file;
    if !file.steps.is_empty() {
        out.push_str("\nSteps\n");
    }
    for (place, step) in file.steps.iter().enumerate() {
        let _infallible = writeln!(out, "  {place:>2}  {}", in_a_line(step));
        if let Some(say) = &step.say {
            let _infallible = writeln!(out, "      \"{say}\"");
        }
    }
    if !file.variants.is_empty() {
        out.push_str("\nVariants\n");
    }
    for variant in &file.variants {
        let title = variant.title.as_deref().unwrap_or(&file.title);
        let _infallible = writeln!(out, "  {}@{}  {title}", file.name, variant.name);
    }
    out
}

/// `at 60 ms: crash n1, for 200 ms`.
fn in_a_line(step: &StepFile) -> String {
    format!("{}: {}{}", when(step), action(&step.action), lasting(step))
}

/// What chaos does in the run of `seed`, step by step; systems that meet the same are told once.
fn drawn(scenario: &Scenario, seed: u64) -> Result<String, Problem> {
    let mut told: Vec<(Vec<&str>, String)> = Vec::new();
    for system in scenario.systems() {
        let steps = prepare(scenario, system, None)?.drawn(seed).steps;
        let line = |step: &StepFile| format!("      {}\n", in_a_line(step));
        let lines: String = steps.iter().map(line).collect();
        match told.iter_mut().find(|(_, others)| *others == lines) {
            Some((systems, _)) => systems.push(system),
            None => told.push((vec![system], lines)),
        }
    }
    let several = told.len() > 1;
    let part = |(systems, lines): &(Vec<&str>, String)| {
        let of = if several { format!(" of {}", systems.join(", ")) } else { String::new() };
        let none = if lines.is_empty() { "      nothing\n" } else { "" };
        format!("\nDrawn by chaos for seed {seed}{of}\n{lines}{none}")
    };
    Ok(told.iter().map(part).collect())
}

/// What a scenario says beside its steps: a head and words each.
fn settings(scenario: &Scenario) -> Vec<(&'static str, String)> {
    let file = &scenario.file;
    let system = |system: &SystemFile| {
        if system.name == system.protocol {
            return system.name.clone();
        }
        format!("{} ({})", system.name, system.protocol)
    };
    let mut lines = vec![
        ("name", format!("{} (family {})", scenario.label(), scenario.family())),
        ("systems", comma(file.systems.iter().map(system))),
        ("cast", cast(file)),
        ("network", network(file)),
        ("length", format!("{}, seed {}", file.duration, file.seed)),
    ];
    for load in &file.workload {
        let until = load.until.unwrap_or(file.duration);
        let mix = comma(load.mix.iter().map(|(kind, weight)| format!("{kind} {weight}")));
        let (who, every) = (load.clients.0.join(", "), load.every.words());
        lines.push(("workload", format!("{who}: {mix}; {} to {until}, every {every}", load.from)));
    }
    if let Some(chaos) = &file.chaos {
        let kinds = chaos.kinds.join(", ");
        lines.push(("chaos", format!("{kinds}; {} to {}", chaos.from, chaos.until)));
    }
    lines.push(("expects", expects(scenario)));
    lines
}

/// What must come of it; a variant's own words come first.
fn expects(scenario: &Scenario) -> String {
    let own = scenario.variant.as_ref().and_then(|variant| variant.expect.as_ref());
    let expect = own.unwrap_or(&scenario.file.expect);
    let mut words = vec![match &expect.holds {
        Holds::All if expect.breaks.is_empty() => "every promise holds".to_owned(),
        Holds::All => "every other promise holds".to_owned(),
        Holds::Named(names) => format!("holds {}", names.join(", ")),
    }];
    for (head, names) in [
        ("breaks", &expect.breaks),
        ("may break", &expect.may_break),
        ("reaches", &expect.reaches),
        ("never", &expect.never),
    ] {
        if !names.is_empty() {
            words.push(format!("{head} {}", names.join(", ")));
        }
    }
    words.join("; ")
}

fn comma(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// Who takes part, group by group.
fn cast(file: &ScenarioFile) -> String {
    let seats = seats(file).unwrap_or_default();
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for seat in &seats {
        let kind = seat.role.as_object().and_then(|role| role.keys().next());
        let kind = kind.map_or("seat", String::as_str);
        let place = seat.place.map(|place| format!(" in {place}")).unwrap_or_default();
        let late = if seat.is_late { ", late" } else { "" };
        let kind = format!("{kind}{place}{late}");
        match groups.last_mut().filter(|(last, _)| *last == kind) {
            Some((_, names)) => names.push(seat.name.clone()),
            None => groups.push((kind, vec![seat.name.clone()])),
        }
    }
    let group = |(kind, names): (String, Vec<String>)| match names.as_slice() {
        [first, .., last] if names.len() > 4 => format!("{first} to {last} ({kind})"),
        _ => format!("{} ({kind})", names.join(", ")),
    };
    groups.into_iter().map(group).collect::<Vec<_>>().join("; ")
}

fn network(file: &ScenarioFile) -> String {
    let mut words = format!("delay {}", file.network.delay.words());
    for (rate, what) in [(file.network.loss, "lost"), (file.network.duplication, "twice")] {
        if rate.0 > 0 {
            let _infallible = write!(words, ", {rate} {what}");
        }
    }
    words
}
