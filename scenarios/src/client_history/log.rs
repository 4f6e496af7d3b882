//! The log of old versions of Jepsen: `INFO  jepsen.util - PROCESS :TYPE :F VALUE`, with tabs.

use super::Written;
use super::edn::{self, Edn, Fault, Node};
use super::events::Event;

/// The events of a log; lines of other loggers are passed over.
pub(super) fn events(text: &str) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some((head, rest)) = line.split_once(" - ")
            && head.contains("jepsen.util")
        {
            events.push(event(rest, at + head.len() + 3)?);
        }
        at += line.len();
    }
    Ok(events)
}

fn event(text: &str, at: usize) -> Result<Event, Fault> {
    let shifted = |fault: Fault| Fault { at: fault.at + at, ..fault };
    let nodes = edn::read_all(text).map_err(shifted)?;
    let [process, kind, f, rest @ ..] = nodes.as_slice() else {
        return Err(Fault::new(at, "this line is no event")
            .hint("for example `INFO  jepsen.util - 0 :invoke :read nil`"));
    };
    let (Some(kind), Some(f)) = (kind.word(), f.word()) else {
        return Err(Fault::new(at + kind.at, "a type and a function are keywords")
            .hint("for example `:invoke :read`"));
    };
    let value = rest.first().cloned().unwrap_or(Node { at: 0, end: 0, edn: Edn::Nil });
    let written = text.get(value.at..value.end).filter(|word| !word.is_empty()).unwrap_or("nil");
    let written = Written {
        text: format!(
            "{{:process {}, :type :{kind}, :f :{f}, :value {written}}}",
            text.get(process.at..process.end).unwrap_or_default()
        ),
        ..Written::default()
    };
    let value = Node { at: value.at + at, end: value.end + at, ..value };
    // A failed comparison is an answer; a failure for want of time is none.
    let is_refusal = kind == "fail" && f == "cas" && value.word().is_none();
    let (kind, f) = (kind.to_owned(), f.to_owned());
    Ok(Event {
        at,
        process: process.edn.clone(),
        client: None,
        kind,
        f,
        key: None,
        value,
        is_refusal,
        written,
    })
}
