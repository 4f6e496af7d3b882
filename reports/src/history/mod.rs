//! A client history from anywhere with the verdict on it: as text, JSON and a figure.
//!
//! Knows no protocol and no file format: only operations, and what a checker found.

mod draw;
mod json;
mod layout;
mod text;

use sim_engine::checkers::{Answer, ClientHistory, ClientOperation, Consistency, Finding};
use sim_engine::checkers::{Model, ValueId, Verdict};

pub use json::json;
pub use text::text;

/// A history and what a checker says of it.
#[derive(Clone, Debug)]
pub struct HistoryReport {
    /// Where it came from: the name of a file.
    pub source: String,
    /// What the system promises to behave like.
    pub model: Model,
    /// How strictly it was judged.
    pub level: Consistency,
    /// The verdict.
    pub verdict: Verdict,
    /// How many parts were judged without each other.
    pub partitions: usize,
    /// An order that explains the answers, or as many as were explained.
    pub order: Vec<usize>,
    /// What is wrong, if it is illegal.
    pub finding: Option<Finding>,
    /// How long the verdict took, in microseconds of real time.
    pub micros: u64,
    /// The operations.
    pub history: ClientHistory,
    /// What else happened, with its moment on the scale of the operations.
    pub annotations: Vec<(u64, String)>,
    /// Of each operation what was written beside it, key and value, that says nothing here.
    pub others: Vec<Vec<(String, String)>>,
    /// The history as EDN with everything that was read, if it was read from events.
    pub edn: Option<String>,
    /// The command that gives the verdict again.
    pub command: String,
}

impl HistoryReport {
    /// The order that leads to what is refused, or the whole order of a legal history.
    fn order_shown(&self) -> &[usize] {
        self.finding.as_ref().map_or(&self.order, |finding| &finding.prefix)
    }

    /// `process 3`, or the name of a process that has one.
    fn who(&self, operation: usize) -> String {
        let process = self.history.operations[operation].process;
        let name = self.history.process_name(process);
        if name == process.to_string() { format!("process {name}") } else { name }
    }

    /// How many processes there are.
    fn processes(&self) -> usize {
        let mut all: Vec<u64> = self.history.operations.iter().map(|op| op.process).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    }
}

/// The figure as SVG: the same report gives the same bytes.
pub fn figure(report: &HistoryReport) -> String {
    draw::draw(&layout::picture(report), report)
}

/// When an operation ended, if its client learnt of it.
fn end_of(operation: &ClientOperation) -> Option<u64> {
    let is_seen = operation.ended > operation.invoked || operation.answer != Answer::Unknown;
    is_seen.then_some(operation.ended)
}

/// An outcome in one word or value: `ok`, `2`, `refused`.
fn outcome(history: &ClientHistory, operation: &ClientOperation) -> String {
    match operation.answer {
        Answer::Ok(ValueId::NIL) if !operation.call.only_looks() => "ok".to_owned(),
        Answer::Ok(value) => history.value_of(value).to_string(),
        Answer::Refused => "refused".to_owned(),
        Answer::Failed => "failed".to_owned(),
        Answer::Unknown => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests;
