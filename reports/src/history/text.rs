//! The verdict on a history as text.

use std::fmt::Write;

use sim_engine::checkers::{Answer, Finding, Verdict};

use super::{HistoryReport, end_of};
use crate::words;

/// Longer orders are told from their end, where it gets interesting.
const ORDER_MAX: usize = 12;
/// Larger contradictions are cut.
const MINIMAL_MAX: usize = 20;

/// The verdict, why, the smallest contradiction and the order that was found.
pub fn text(report: &HistoryReport) -> String {
    let mut out = String::new();
    let sign = match report.verdict {
        Verdict::Legal => "✓",
        Verdict::Illegal => "✕",
        Verdict::Undecided => "?",
    };
    let _infallible = writeln!(
        out,
        "{sign} {}: {} ({}, model {})",
        report.source,
        report.verdict.word(),
        report.level.name(),
        report.model.name()
    );
    let count = |n: usize, noun| words::count(u64::try_from(n).unwrap_or(u64::MAX), noun);
    let _infallible = writeln!(
        out,
        "  {}, {}, {}, {} µs",
        count(report.history.operations.len(), "operation"),
        words::processes(report.processes()),
        count(report.partitions, "part"),
        report.micros
    );
    if let Some(finding) = &report.finding {
        tell_finding(&mut out, report, finding);
    }
    if report.verdict == Verdict::Undecided {
        out.push_str("\nThe budget was used up first; `--budget` gives more time.\n");
    }
    tell_order(&mut out, report);
    out
}

fn tell_finding(out: &mut String, report: &HistoryReport, finding: &Finding) {
    let _infallible =
        writeln!(out, "\n{}: {}", words::capital(&report.who(finding.refused)), finding.why);
    let explained = u64::try_from(finding.longest_prefix).unwrap_or(u64::MAX);
    if !finding.state.is_empty() {
        let answers = words::count(explained, "answer");
        let _infallible = writeln!(out, "{answers} before it can be explained.");
    }
    let words = if finding.is_minimal {
        "Taken by themselves, these contradict each other; without any one of them the rest would \
         not:"
    } else {
        "Taken by themselves, these contradict each other (perhaps fewer would do):"
    };
    let _infallible = writeln!(out, "\n{words}\n");
    draw_window(out, report, finding);
}

/// The operations of a contradiction as bars over one axis of their beginnings and ends.
fn draw_window(out: &mut String, report: &HistoryReport, finding: &Finding) {
    let shown = &finding.minimal[..finding.minimal.len().min(MINIMAL_MAX)];
    let operation = |at: &usize| &report.history.operations[*at];
    let mut moments: Vec<(u64, bool)> = shown
        .iter()
        .flat_map(|at| {
            let op = operation(at);
            std::iter::once((op.invoked, false)).chain(end_of(op).map(|end| (end, true)))
        })
        .collect();
    moments.sort_unstable();
    moments.dedup();
    let column = |moment| 2 * moments.partition_point(|other| *other < moment);
    let width = 2 * moments.len() + 1;
    let names: Vec<String> = shown.iter().map(|at| report.who(*at)).collect();
    let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    for (at, name) in shown.iter().zip(names) {
        let op = operation(at);
        let from = column((op.invoked, false));
        let until = end_of(op).map(|end| column((end, true)));
        let is_open = op.answer == Answer::Unknown;
        let mut bar = " ".repeat(from);
        bar.push('|');
        let length = until.unwrap_or(width).saturating_sub(from + 1);
        bar.push_str(&if is_open { "." } else { "=" }.repeat(length));
        bar.push(if is_open { '?' } else { '|' });
        let mark = if *at == finding.refused { "   <- refused" } else { "" };
        let line = format!("  {name:<longest$}  {bar:<width$}  {}", report.history.describe(*at));
        let _infallible = writeln!(out, "{line}{mark}");
    }
    let hidden = finding.minimal.len() - shown.len();
    if hidden > 0 {
        let _infallible = writeln!(out, "  ... and {hidden} more");
    }
}

fn tell_order(out: &mut String, report: &HistoryReport) {
    let order = report.order_shown();
    if order.is_empty() {
        return;
    }
    let title = match report.verdict {
        Verdict::Legal => "An order that explains every answer",
        Verdict::Illegal => "The order found up to there",
        Verdict::Undecided => "The order of the parts that are decided",
    };
    // Of a legal history the beginning is as good as the end.
    let hidden = order.len().saturating_sub(ORDER_MAX);
    let is_end = report.verdict == Verdict::Illegal;
    let (from, to) = if is_end { (hidden, order.len()) } else { (0, order.len() - hidden) };
    let _infallible = writeln!(out, "\n{title}:\n");
    if is_end && hidden > 0 {
        let _infallible = writeln!(out, "     ... {hidden} before these");
    }
    for (number, at) in order.iter().enumerate().take(to).skip(from) {
        let words = report.history.describe(*at);
        let _infallible = writeln!(out, "{:>4}  {words}  ({})", number + 1, report.who(*at));
    }
    if !is_end && hidden > 0 {
        let _infallible = writeln!(out, "     ... {hidden} after these");
    }
}
