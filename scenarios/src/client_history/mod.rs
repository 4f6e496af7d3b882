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
}

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
    nodes.iter().map(edn_event).collect()
}

fn edn_event(node: &Node) -> Result<Event, Fault> {
    if !matches!(node.edn, Edn::Map(_)) {
        return Err(Fault::new(node.at, "an event is a map")
            .hint("for example `{:process 0, :type :invoke, :f :read, :value nil}`"));
    }
    let missing = |name: &str| Fault::new(node.at, format!("this event has no `:{name}`"));
    let word = |name: &str| {
        let node = node.get(name).ok_or_else(|| missing(name))?;
        let what = format!("`:{name}` must be a keyword");
        node.word().map(str::to_owned).ok_or_else(|| Fault::new(node.at, what))
    };
    let nil = || Node { at: node.at, edn: Edn::Nil };
    Ok(Event {
        at: node.at,
        process: node.get("process").ok_or_else(|| missing("process"))?.edn.clone(),
        client: node.get("client").map(|client| events::plain(&client.value())),
        kind: word("type")?,
        f: word("f")?,
        key: node.get("key").cloned(),
        value: node.get("value").cloned().unwrap_or_else(nil),
        is_refusal: node.get("error").is_some_and(|error| error.word() == Some("refused")),
    })
}

#[cfg(test)]
mod tests;
