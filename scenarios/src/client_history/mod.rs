//! Histories of clients in files: Jepsen's EDN and its old log, key-value text, own JSON.
//!
//! EDN is read here and not by a library: those there are give no places of values, or are not kept
//! up.

mod edn;
mod events;
mod json;
mod log;

use sim_engine::checkers::{ClientHistory, Model};

use crate::problem::{Position, Problem};
use edn::{Edn, Fault, Node};
use events::Event;

/// How a history is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputFormat {
    /// Maps with `:process`, `:type`, `:f` and `:value`, in a vector or one a line.
    Edn,
    /// The log of old versions of Jepsen.
    JepsenLog,
    /// Maps of `get`, `put` and `append` with a `:key`, one a line.
    KvText,
    /// Own JSON: `{"operations": [{"process", "call", "key", "value", "invoked", ...}]}`.
    Json,
}

impl InputFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Edn, Self::JepsenLog, Self::KvText, Self::Json];

    /// Its name: `jepsen-log`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edn => "edn",
            Self::JepsenLog => "jepsen-log",
            Self::KvText => "kv-text",
            Self::Json => "json",
        }
    }

    /// The format with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// What a file tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// What clients asked and know.
    pub history: ClientHistory,
    /// What else happened: what a nemesis did.
    pub annotations: Vec<Annotation>,
    /// The events as they were written, in their order; none of a file that has operations instead.
    pub events: Vec<Written>,
}

/// An event as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Which operation it begins or ends, by its place in the history.
    pub operation: Option<usize>,
    /// All of it, as a map in EDN on one line.
    pub text: String,
    /// The keys that say nothing to this program, with their values as they were written, in order.
    pub others: Vec<(String, String)>,
}

impl Recorded {
    /// The history as EDN, one event a line, with everything that was read: it reads back equal.
    /// `None` if it was not written as events.
    pub fn edn(&self) -> Option<String> {
        let lines = self.events.iter().flat_map(|event| [event.text.as_str(), "\n"]);
        (!self.events.is_empty()).then(|| lines.collect())
    }

    /// Of each operation what is written beside it under keys that say nothing to this program.
    pub fn others(&self) -> Vec<Vec<(String, String)>> {
        let mut others = vec![Vec::new(); self.history.operations.len()];
        for Written { operation, others: beside, .. } in &self.events {
            if let Some(operation) = operation {
                others[*operation].extend_from_slice(beside);
            }
        }
        others
    }
}

/// The keys of an event that say something to this program.
const KEYS: [&str; 7] = ["process", "type", "f", "value", "key", "client", "error"];

/// Something that happened beside the operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// When, on the scale of the operations.
    pub at: u64,
    /// What, in words.
    pub text: String,
}

/// Reads a history as `model` understands it. Guesses the format if none is given.
pub fn read(text: &str, format: Option<InputFormat>, model: Model) -> Result<Recorded, Problem> {
    let recorded = match format.unwrap_or_else(|| guess(text)) {
        InputFormat::Json => return json::read(text, model),
        InputFormat::JepsenLog => log::events(text).and_then(|all| events::operations(&all, model)),
        InputFormat::Edn | InputFormat::KvText => {
            edn_events(text).and_then(|all| events::operations(&all, model))
        }
    };
    let recorded = recorded.map_err(|fault| Problem {
        position: Some(position(text, fault.at)),
        hint: fault.hint.map(str::to_owned),
        ..Problem::new(fault.what)
    })?;
    if recorded.history.operations.is_empty() {
        return Err(Problem::new("there is no client operation in this file")
            .hint("`--input-format` says how it is written".to_owned()));
    }
    Ok(recorded)
}

fn guess(text: &str) -> InputFormat {
    let start = text.trim_start();
    if start.starts_with("INFO") || start.contains("jepsen.util") {
        InputFormat::JepsenLog
    } else if start.starts_with('{') && start.contains("\"operations\"") {
        InputFormat::Json
    } else {
        InputFormat::Edn
    }
}

fn position(text: &str, at: usize) -> Position {
    let before = text.get(..at.min(text.len())).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

fn edn_events(text: &str) -> Result<Vec<Event>, Fault> {
    let mut nodes = edn::read_all(text)?;
    if let [Node { edn: Edn::List(_), .. }] = nodes.as_slice()
        && let Some(Node { edn: Edn::List(list), .. }) = nodes.pop()
    {
        nodes = list;
    }
    nodes.iter().map(|node| edn_event(node, text)).collect()
}

fn written(node: &Node, pairs: &[(Node, Node)], text: &str) -> Written {
    let words = |node: &Node| one_line(text.get(node.at..node.end).unwrap_or_default());
    let is_other = |key: &Node| key.word().is_none_or(|word| !KEYS.contains(&word));
    let others = pairs.iter().filter(|(key, _)| is_other(key));
    Written {
        operation: None,
        text: words(node),
        others: others.map(|(key, value)| (words(key), words(value))).collect(),
    }
}

/// The same values on one line; comments, which end with their line, are left out.
fn one_line(text: &str) -> String {
    let (mut line, mut is_text, mut is_comment, mut is_escaped) =
        (String::new(), false, false, false);
    for c in text.chars() {
        match c {
            '\n' if is_text => line.push_str("\\n"),
            '\n' | '\r' => {
                is_comment = false;
                line.push(' ');
            }
            _ if is_comment => {}
            ';' if !is_text => is_comment = true,
            _ => line.push(c),
        }
        is_text ^= c == '"' && !is_escaped && !is_comment;
        is_escaped = c == '\\' && !is_escaped;
    }
    line
}

fn edn_event(node: &Node, text: &str) -> Result<Event, Fault> {
    let Edn::Map(pairs) = &node.edn else {
        return Err(Fault::new(node.at, "an event is a map")
            .hint("for example `{:process 0, :type :invoke, :f :read, :value nil}`"));
    };
    let missing = |name: &str| Fault::new(node.at, format!("this event has no `:{name}`"));
    let word = |name: &str| {
        let node = node.get(name).ok_or_else(|| missing(name))?;
        let what = format!("`:{name}` must be a keyword");
        node.word().map(str::to_owned).ok_or_else(|| Fault::new(node.at, what))
    };
    let nil = || Node { at: node.at, end: node.at, edn: Edn::Nil };
    Ok(Event {
        at: node.at,
        process: node.get("process").ok_or_else(|| missing("process"))?.edn.clone(),
        client: node.get("client").map(|client| events::plain(&client.value())),
        kind: word("type")?,
        f: word("f")?,
        key: node.get("key").cloned(),
        value: node.get("value").cloned().unwrap_or_else(nil),
        is_refusal: node.get("error").is_some_and(|error| error.word() == Some("refused")),
        written: written(node, pairs, text),
    })
}

#[cfg(test)]
mod tests;
