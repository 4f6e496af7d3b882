//! A sweep in a terminal: promises, what was never seen, how fast it was.

use std::fmt::Write;

use super::{PromiseTally, SweepSummary, Violated};

/// The summary as text, with ANSI styles if `styled`. Colour never carries a meaning alone.
pub fn terminal(sweep: &SweepSummary, styled: bool) -> String {
    let mut out = String::new();
    let seeds = sweep.seeds;
    let word = match sweep.expectation.as_str() {
        "met" => paint("32", "✓ as expected", styled),
        "not-met" => paint("1;31", "✕ not as expected", styled),
        _ => paint("33", "– undecided", styled),
    };
    line(&mut out, &format!("{} · seeds {}..{} · {word}", sweep.label(), seeds.from, seeds.to));
    for sentence in &sweep.unmet {
        line(&mut out, &format!("  {} {sentence}", paint("1;31", "✕", styled)));
    }
    if seeds.run < seeds.to - seeds.from {
        line(
            &mut out,
            &format!("  only {} of {} seeds were run", seeds.run, seeds.to - seeds.from),
        );
    }
    line(&mut out, "");
    let width = sweep.promises.iter().map(|promise| promise.name.len()).max().unwrap_or(0);
    for promise in &sweep.promises {
        let broken = sweep.violated.iter().find(|broken| broken.promise == promise.name);
        promise_line(&mut out, (promise, broken), width, styled);
    }
    line(&mut out, "");
    numbers(&mut out, sweep);
    out
}

fn paint(code: &str, text: &str, styled: bool) -> String {
    if styled { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text.trim_end());
    out.push('\n');
}

fn promise_line(
    out: &mut String,
    (promise, broken): (&PromiseTally, Option<&Violated>),
    width: usize,
    styled: bool,
) {
    let PromiseTally { name, held, violated, not_exercised, undecided, suspended } = promise;
    let mut counts = vec![format!("held {held}")];
    for (n, word) in [
        (violated, "violated"),
        (not_exercised, "not exercised"),
        (undecided, "undecided"),
        (suspended, "suspended"),
    ] {
        if *n > 0 {
            counts.push(format!("{word} {n}"));
        }
    }
    let sign = match (violated, held) {
        (0, 0) => paint("2", "–", styled),
        (0, _) => paint("32", "✓", styled),
        (_, _) => paint("1;31", "✕", styled),
    };
    line(out, &format!("  {sign} {name:<width$}  {}", counts.join(", ")));
    let Some(broken) = broken else { return };
    let indent = " ".repeat(width + 6);
    let expected = if broken.expected { ", as the scenario says" } else { "" };
    line(out, &format!("{indent}first in seed {} at {}{expected}:", broken.first_seed, broken.at));
    line(out, &format!("{indent}{}", broken.why));
    line(out, &format!("{indent}{}", broken.command));
    if let Some(file) = &broken.failure {
        line(out, &format!("{indent}{file}"));
    }
}

fn numbers(out: &mut String, sweep: &SweepSummary) {
    let announced = sweep.milestones.iter().filter(|(_, n)| **n > 0);
    let announced: Vec<String> = announced.map(|(name, n)| format!("{name} {n}")).collect();
    let silent = sweep.milestones.iter().filter(|(_, n)| **n == 0);
    let silent: Vec<&str> = silent.map(|(name, _)| name.as_str()).collect();
    let faults = sweep
        .faults
        .iter()
        .map(|fault| format!("{} ×{} (acted in {} seeds)", fault.kind, fault.armed, fault.seeds));
    let operations = sweep.operations;
    let mut time = String::new();
    let timing = &sweep.timing;
    let _infallible = write!(
        time,
        "{} seeds in {} s, {} a second, {} threads, {} s of processors; digest {}",
        sweep.seeds.run,
        timing.wall_s,
        timing.seeds_per_second,
        timing.jobs,
        timing.cpu_s,
        sweep.digest
    );
    for (name, text) in [
        ("reached", announced.join(", ")),
        ("never", silent.join(", ")),
        ("faults", faults.collect::<Vec<_>>().join(", ")),
        (
            "operations",
            format!(
                "{} ok, {} failed, {} unknown",
                operations.ok, operations.failed, operations.unknown
            ),
        ),
        ("sweep", time),
    ] {
        if !text.is_empty() {
            wrapped(out, name, &text);
        }
    }
}

/// A name and a text that is broken between words.
fn wrapped(out: &mut String, name: &str, text: &str) {
    let mut current = format!("  {name:<11} ");
    let mut is_fresh = true;
    for word in text.split(' ') {
        if !is_fresh && current.chars().count() + 1 + word.chars().count() > 96 {
            line(out, &current);
            current = " ".repeat(14);
            is_fresh = true;
        }
        if !is_fresh {
            current.push(' ');
        }
        current.push_str(word);
        is_fresh = false;
    }
    line(out, &current);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::sample;

    #[test]
    fn a_sweep_says_what_broke_and_how_to_see_it() {
        insta::assert_snapshot!(terminal(&sample::whole(), false));
    }
}
