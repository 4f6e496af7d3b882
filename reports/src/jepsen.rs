//! The clients' history of a run as Jepsen writes histories: EDN, one map a line.
//!
//! Keys stand beside values, as Jepsen's `independent` has them: `:value ["x" 2]`. A refusal is a
//! `:fail` with `:error :refused`; every other `:fail` certainly had no effect. What happens to the
//! system is done by the process `:nemesis`.

use std::fmt::Write;

use sim_engine::{Ending, Instant, NodeId, Operation, Reply, TraceEvent, What};

use crate::scene::Scene;
use crate::{Report, fault_words, words};

/// One event, without its place in the history.
struct Line {
    at: Instant,
    /// `:process 3, :type :invoke, :f :read, :value ["x" nil]`.
    text: String,
}

/// Every client operation, and every fault beside them, in the order of events.
pub fn jepsen(report: &Report) -> String {
    let cast = &report.trace.cast;
    let mut lines = Vec::new();
    for record in &report.outcome.history.operations {
        let who = |kind: &str, value: String| {
            format!(
                ":process {}, :type :{kind}, :f :{}, :value {value}, :client {}",
                record.client.number(),
                record.operation.name(),
                quoted(&words::name(cast, record.client))
            )
        };
        let asked = asked(&record.operation);
        let text = who("invoke", asked.clone());
        lines.push((record.invoked, Line { at: record.invoked_at, text }));
        let Some(ended) = &record.ended else { continue };
        let text = match &ended.ending {
            Ending::Ok(reply) => who("ok", answered(&record.operation, reply)),
            Ending::Failed(why) if report.refusals.contains(why) => {
                let why = quoted(why);
                format!("{}, :error :refused, :reason {why}", who("fail", asked))
            }
            Ending::Failed(why) => format!("{}, :error {}", who("fail", asked), quoted(why)),
            Ending::Unknown(why) => format!("{}, :error {}", who("info", asked), quoted(why)),
        };
        lines.push((ended.event, Line { at: ended.at, text }));
    }
    let scene = Scene::of(&report.trace);
    lines.extend(scene.events().filter_map(|event| Some((event.id, nemesis(report, event)?))));
    lines.sort_by_key(|(event, _)| *event);
    let mut out = String::new();
    for (index, (_, line)) in lines.iter().enumerate() {
        let (text, nanos) = (&line.text, line.at.nanos());
        let _infallible = writeln!(out, "{{:index {index}, :time {nanos}, {text}}}");
    }
    out
}

fn asked(operation: &Operation) -> String {
    let key = |key: &sim_engine::Key| quoted(key.as_str());
    match operation {
        Operation::Read { key: of } | Operation::Increment { key: of } => {
            format!("[{} nil]", key(of))
        }
        Operation::Write { key: of, value } | Operation::Append { key: of, value } => {
            format!("[{} {value}]", key(of))
        }
        Operation::Cas { key: of, old, new } => format!("[{} [{old} {new}]]", key(of)),
        Operation::Acquire { lock } | Operation::Release { lock } => format!("[{} nil]", key(lock)),
        Operation::Transfer { from, to, amount } => {
            format!("{{:from {}, :to {}, :amount {amount}}}", key(from), key(to))
        }
    }
}

/// What was asked, with the answer in it.
fn answered(operation: &Operation, reply: &Reply) -> String {
    let (Operation::Read { key } | Operation::Increment { key }) = operation else {
        return asked(operation);
    };
    let value = match reply {
        Reply::Done | Reply::Value(None) => "nil".to_owned(),
        Reply::Value(Some(value)) => value.to_string(),
        Reply::List(values) => {
            let words: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!("[{}]", words.join(" "))
        }
    };
    format!("[{} {value}]", quoted(key.as_str()))
}

fn nemesis(report: &Report, event: &TraceEvent) -> Option<Line> {
    let cast = &report.trace.cast;
    let name = |node: Option<NodeId>| node.map(|id| words::name(cast, id)).unwrap_or_default();
    let (f, value) = if let What::FaultBegan(view) = &event.what {
        ("fault", fault_words::began(view, cast, None).text)
    } else if let What::FaultEnded { fault, .. } = &event.what {
        ("end", fault_words::began(fault, cast, None).text)
    } else if let What::Crashed { .. } = &event.what {
        ("crash", name(event.node))
    } else if let What::Started { life: 1.. } = &event.what {
        ("restart", name(event.node))
    } else {
        return None;
    };
    let value = quoted(&value);
    let text = format!(":process :nemesis, :type :info, :f :{f}, :value {value}");
    Some(Line { at: event.at, text })
}

/// A text as EDN writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
