//! The verdict on a history as JSON.

use serde::Serialize;
use sim_engine::checkers::Finding;

use super::{HistoryReport, end_of, outcome};

#[derive(Serialize)]
struct CheckJson<'r> {
    format: &'static str,
    file: &'r str,
    model: &'static str,
    consistency: &'static str,
    verdict: &'static str,
    operations: usize,
    processes: usize,
    partitions: usize,
    /// How many answers can be explained; all of them if it is legal, unknown if undecided.
    longest_prefix: Option<usize>,
    /// The operation that could not be placed.
    refused: Option<Refused>,
    /// Operations that contradict each other.
    minimal: Vec<OperationJson>,
    is_minimal: Option<bool>,
    /// The order that was found, by places in the history.
    order: &'r [usize],
    micros: u64,
}

#[derive(Serialize)]
struct Refused {
    #[serde(flatten)]
    operation: OperationJson,
    state: String,
    why: String,
}

#[derive(Serialize)]
struct OperationJson {
    index: usize,
    process: String,
    operation: String,
    outcome: String,
    invoked: u64,
    ended: Option<u64>,
    /// What else was written beside it: keys with their values, as they were written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<(String, String)>,
}

/// The verdict as one JSON object, with a newline at its end.
pub fn json(report: &HistoryReport) -> String {
    let finding = report.finding.as_ref();
    let refused = |finding: &Finding| Refused {
        operation: operation(report, finding.refused),
        state: finding.state.clone(),
        why: finding.why.clone(),
    };
    let is_legal = report.verdict == sim_engine::checkers::Verdict::Legal;
    let all = report.history.operations.iter();
    let answered = all.filter(|op| op.answer != sim_engine::checkers::Answer::Unknown).count();
    let minimal = finding.map(|finding| finding.minimal.as_slice()).unwrap_or_default();
    let object = CheckJson {
        format: "partitura-history-check/1",
        file: &report.source,
        model: report.model.name(),
        consistency: report.level.name(),
        verdict: report.verdict.word(),
        operations: report.history.operations.len(),
        processes: report.processes(),
        partitions: report.partitions,
        longest_prefix: finding.map(|f| f.longest_prefix).or(is_legal.then_some(answered)),
        refused: finding.map(refused),
        minimal: minimal.iter().map(|at| operation(report, *at)).collect(),
        is_minimal: finding.map(|finding| finding.is_minimal),
        order: report.order_shown(),
        micros: report.micros,
    };
    let mut text = serde_json::to_string_pretty(&object).unwrap_or_default();
    text.push('\n');
    text
}

fn operation(report: &HistoryReport, index: usize) -> OperationJson {
    let operation = &report.history.operations[index];
    OperationJson {
        index,
        process: report.history.process_name(operation.process),
        operation: report.history.asked(operation),
        outcome: outcome(&report.history, operation),
        invoked: operation.invoked,
        ended: end_of(operation),
        others: report.others.get(index).cloned().unwrap_or_default(),
    }
}
