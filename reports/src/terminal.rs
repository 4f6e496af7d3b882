//! The report of a run for a terminal: at most two screens, the same story as the figure.

use std::fmt::Write;

use sim_engine::{CauseGraph, Chain, Measurements, Status};

use crate::Report;
use crate::story::Story;
use crate::why::{reasons, violations};
use crate::words;

/// Lines are broken after this many characters.
const WIDTH: usize = 96;

/// How a piece of text stands out, where the terminal can show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Bold,
    Dim,
    Good,
    Bad,
    Unsure,
}

struct Writer {
    out: String,
    styled: bool,
}

/// The report as text, with ANSI styles if `styled`. Colour never carries a meaning alone.
pub fn terminal(report: &Report, styled: bool) -> String {
    let mut writer = Writer { out: String::new(), styled };
    writer.head(report);
    writer.story(report);
    writer.promises(report);
    writer.numbers(report);
    writer.end(report);
    writer.out
}

impl Writer {
    fn paint(&self, style: Style, text: &str) -> String {
        if !self.styled {
            return text.to_owned();
        }
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Bad => "1;31",
            Style::Unsure => "33",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }

    fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// Text broken between words, all lines but the first indented.
    fn wrapped(&mut self, first: &str, indent: usize, text: &str) {
        let mut line = first.to_owned();
        let mut used = indent;
        let mut is_fresh = true;
        for word in text.split_whitespace() {
            let length = word.chars().count();
            if !is_fresh && used + 1 + length > WIDTH {
                self.line(&line);
                line = " ".repeat(indent);
                used = indent;
                is_fresh = true;
            }
            if !is_fresh {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += length;
            is_fresh = false;
        }
        self.line(&line);
    }

    /// Text broken between words, every line in the same style.
    fn wrapped_in(&mut self, style: Style, text: &str) {
        let mut plain = Self { out: String::new(), styled: false };
        plain.wrapped("", 0, text);
        for line in plain.out.lines() {
            let line = self.paint(style, line);
            self.line(&line);
        }
    }

    fn head(&mut self, report: &Report) {
        self.wrapped_in(Style::Bold, &report.title);
        if report.lesson != report.title && !report.lesson.is_empty() {
            self.wrapped("", 0, &report.lesson);
        }
        let mut about = vec![report.system.clone()];
        about.extend(report.subtitle.iter().cloned());
        about.extend(report.mutant.iter().map(|mutant| format!("planted bug {mutant}")));
        self.wrapped_in(Style::Dim, &about.join(" · "));
    }

    fn story(&mut self, report: &Report) {
        let story = Story::of(report);
        if story.steps.is_empty() {
            return;
        }
        self.line("");
        for step in &story.steps {
            let number = self.paint(Style::Bold, &format!("{:>3}", step.number));
            let at = self.paint(Style::Dim, &format!("{:>9}", words::moment(step.at)));
            self.wrapped(&format!("{number}  {at}  "), 16, &step.sentence);
        }
    }

    fn promises(&mut self, report: &Report) {
        if report.outcome.promises.is_empty() {
            return;
        }
        self.line("");
        let width = report.outcome.promises.iter().map(|p| p.name.chars().count()).max();
        let width = width.unwrap_or(0);
        let untested = |status: Status| status == Status::NotExercised;
        for promise in report.outcome.promises.iter().filter(|p| !untested(p.status())) {
            let status = promise.status();
            let (sign, style) = match status {
                Status::Held => ("✓", Style::Good),
                Status::Violated => ("✕", Style::Bad),
                Status::NotExercised => ("–", Style::Dim),
                Status::Undecided => ("?", Style::Unsure),
                Status::Suspended => ("–", Style::Unsure),
            };
            let word = status.word().replace('-', " ");
            let head = self.paint(style, &format!("{sign} {word:<13}"));
            let info = report.promises.iter().find(|info| info.name == promise.name);
            let says = info.map_or("", |info| info.short);
            let line = format!("  {head}  {:<width$}  ", promise.name);
            match &promise.broken {
                None if status == Status::Suspended => {
                    let why = promise.suspended.as_deref().unwrap_or_default();
                    self.wrapped(&line, 21 + width, &format!("{says}; but {why}"));
                }
                None => self.wrapped(&line, 21 + width, says),
                Some(broken) => {
                    let why = format!("at {}: {}", words::moment(broken.at), broken.why);
                    self.wrapped(&line, 21 + width, &why);
                    let events: Vec<_> = broken.witness.iter().map(ToString::to_string).collect();
                    if !events.is_empty() {
                        let events = format!("witnesses: events {}", events.join(", "));
                        self.wrapped(&" ".repeat(21 + width), 21 + width, &events);
                    }
                }
            }
        }
        self.why(report);
        let names = report.outcome.promises.iter().filter(|p| untested(p.status()));
        let names: Vec<&str> = names.map(|promise| promise.name).collect();
        if !names.is_empty() {
            let head = self.paint(Style::Dim, &format!("– {:<13}", "not exercised"));
            self.wrapped(&format!("  {head}  "), 19, &names.join(", "));
        }
        for unmet in &report.unmet {
            let head = self.paint(Style::Bad, "  ✕ not as expected");
            self.wrapped(&format!("{head}  "), 21, unmet);
        }
    }

    /// What led to the first broken promise, step by step.
    fn why(&mut self, report: &Report) {
        let Some((violated, promise)) = violations(&report.trace).next() else { return };
        let chain = Chain::of(&report.trace, &CauseGraph::of(&report.trace), violated.id);
        let reasons = reasons(&report.trace, &chain, violated);
        if reasons.len() < 2 {
            return;
        }
        self.line("");
        let head = self.paint(Style::Bold, &format!("  why {promise} broke"));
        self.line(&head);
        for (reason, n) in reasons.iter().zip(1..) {
            let number = self.paint(Style::Bold, &format!("{n:>5}"));
            let at = self.paint(Style::Dim, &format!("{:>9}", words::moment(reason.at)));
            self.wrapped(&format!("{number}  {at}  "), 18, &reason.words);
        }
        self.line("");
    }

    fn numbers(&mut self, report: &Report) {
        self.line("");
        let outcome = &report.outcome;
        let counts = outcome.history.counts();
        let total = counts.ok + counts.failed + counts.unknown;
        if total > 0 {
            let counts =
                format!("{} ok, {} failed, {} unknown", counts.ok, counts.failed, counts.unknown);
            self.entry("operations", &counts);
        }
        if !outcome.faults.is_empty() {
            let faults = outcome
                .faults
                .iter()
                .map(|fault| format!("{} ×{} (acted {})", fault.kind, fault.armed, fault.acted));
            self.entry("faults", &faults.collect::<Vec<_>>().join(", "));
        }
        let messages = outcome.messages;
        let mut counts = format!("{} sent, {} delivered", messages.sent, messages.delivered);
        for (n, word) in [(messages.dropped, "lost"), (messages.in_flight, "under way")] {
            if n > 0 {
                let _ = write!(counts, ", {n} {word}");
            }
        }
        self.entry("messages", &counts);
        if outcome.measurements.forced_writes > 0 {
            self.entry("writes", &format!("{} forced", outcome.measurements.forced_writes));
        }
        self.times(&outcome.measurements);
    }

    fn times(&mut self, measured: &Measurements) {
        let times = [
            (measured.two_leaders, "two leaders"),
            (measured.leaderless, "no leader"),
            (measured.unavailable, "longest wait of clients"),
        ];
        let spans = measured.spans.iter();
        let spans = spans.map(|(name, sum)| (*sum, name.strip_suffix("_ms").unwrap_or(name)));
        let times: Vec<String> = times
            .into_iter()
            .chain(spans)
            .filter(|(length, _)| length.as_nanos() > 0)
            .map(|(length, words)| format!("{words} {}", words::short_ms(length.as_nanos())))
            .collect();
        if !times.is_empty() {
            self.entry("times", &times.join(", "));
        }
    }

    fn end(&mut self, report: &Report) {
        let outcome = &report.outcome;
        let simulated = words::short_ms(outcome.simulated.as_nanos());
        let run = format!(
            "seed {}, {} events, {simulated} simulated, digest {}",
            outcome.seed, outcome.events, outcome.digest
        );
        self.entry("run", &run);
        if !report.files.is_empty() {
            self.entry("files", &report.files.join(" "));
        }
        self.entry("again", &report.command);
    }

    fn entry(&mut self, name: &str, text: &str) {
        let head = self.paint(Style::Dim, &format!("  {name:<11}"));
        self.wrapped(&format!("{head} "), 14, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_report_tells_the_story_of_the_figure() {
        insta::assert_snapshot!(terminal(&sample::split_brain(), false));
    }

    #[test]
    fn styles_change_no_letter() {
        let report = sample::split_brain();
        let mut styled = terminal(&report, true);
        for code in ["1", "2", "32", "1;31", "33", "0"] {
            styled = styled.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(styled, terminal(&report, false));
    }
}
