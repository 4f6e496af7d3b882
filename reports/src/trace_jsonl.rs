//! The whole trace, one JSON object a line: number, time, node, cause, kind, and what belongs to
//! the kind.

use serde_json::{Map, Value, json};
use sim_engine::{Cast, Ending, FaultView, LinkView, Meant, NodeId, TraceEvent, What};

use crate::Report;
use crate::words::{self, Millis};

/// The trace as one JSON object a line.
pub fn trace_jsonl(report: &Report) -> String {
    let cast = &report.trace.cast;
    let mut out = String::new();
    for event in &report.trace.events {
        out.push_str(&line(cast, event).to_string());
        out.push('\n');
    }
    out
}

fn line(cast: &Cast<()>, event: &TraceEvent) -> Value {
    let name = |id: NodeId| Value::from(words::name(cast, id));
    let mut fields = Map::new();
    fields.insert("id".to_owned(), json!(event.id.0));
    fields.insert("t_ms".to_owned(), json!(Millis::from(event.at)));
    if let Some(node) = event.node {
        fields.insert("node".to_owned(), name(node));
    }
    if let Some(cause) = event.cause {
        fields.insert("cause".to_owned(), json!(cause.0));
    }
    let (kind, details) = details(cast, &event.what);
    fields.insert("what".to_owned(), Value::from(kind));
    if let Value::Object(details) = details {
        fields.extend(details);
    }
    Value::Object(fields)
}

/// One end of a link.
fn link(cast: &Cast<()>, link: &LinkView) -> Value {
    let peer = words::name(cast, link.peer);
    json!({ "peer": peer, "port": link.port, "is_dialled": link.is_dialled })
}

fn details(cast: &Cast<()>, what: &What) -> (&'static str, Value) {
    let name = |id: &NodeId| words::name(cast, *id);
    match what {
        What::Started { life } => ("started", json!({ "life": life })),
        What::Crashed { death, writes_lost } => {
            ("crashed", json!({ "of": death.word(), "writes_lost": writes_lost }))
        }
        What::Sent { to, kind, label, epoch, routine, link: over } => {
            let mut sent = json!({
                "to": name(to), "kind": kind, "label": label, "epoch": epoch, "routine": routine
            });
            if let (Some(over), Value::Object(fields)) = (over, &mut sent) {
                fields.insert("link".to_owned(), link(cast, over));
            }
            ("sent", sent)
        }
        What::Dialled { to, port } => ("dialled", json!({ "to": name(to), "port": port })),
        What::LinkUp { link: up } => ("link-up", json!({ "link": link(cast, up) })),
        What::LinkDown { link: down, why } => {
            ("link-down", json!({ "link": link(cast, down), "why": why.word() }))
        }
        What::HungUp { link: over } => ("hung-up", json!({ "link": link(cast, over) })),
        What::Duplicated { message } => ("duplicated", json!({ "message": message.0 })),
        What::Delivered { message, from } => {
            ("delivered", json!({ "message": message.0, "from": name(from) }))
        }
        What::Dropped { message, to, why } => {
            ("dropped", json!({ "message": message.0, "to": name(to), "why": why.words() }))
        }
        What::Mutated { message, label } => {
            ("mutated", json!({ "message": message.0, "label": label }))
        }
        What::Held { message, to } => ("held", json!({ "message": message.0, "to": name(to) })),
        What::TimerSet { timer, due } => {
            ("timer-set", json!({ "timer": timer, "due_ms": Millis::from(*due) }))
        }
        What::TimerFired { timer, waited } => {
            ("timer-fired", json!({ "timer": timer, "waited_ms": Millis::from(*waited) }))
        }
        What::Written { label, forced } => ("written", json!({ "label": label, "forced": forced })),
        What::DiskFailed { writes_lost } => ("disk-failed", json!({ "writes_lost": writes_lost })),
        What::Synced { writes } => ("synced", json!({ "writes": writes })),
        What::Fact(fact) => (
            "fact",
            json!({ "name": fact.name, "details": fact.details_text(cast), "weight": fact.weight }),
        ),
        What::Invoked { op, operation } => {
            ("invoked", json!({ "op": op.0, "operation": operation.to_string() }))
        }
        What::Finished { op, ending } => finished(op.0, ending),
        What::Stood(standing) => (
            "stood",
            json!({ "role": standing.role, "leads": standing.leads, "epoch": standing.epoch }),
        ),
        What::Viewed(view) => ("viewed", viewed(view)),
        What::FaultBegan(view) => ("fault-began", json!({ "fault": fault(cast, view) })),
        What::FaultEnded { began, fault: view } => {
            ("fault-ended", json!({ "began": began.0, "fault": fault(cast, view) }))
        }
        What::Step { step, say, did, meant } => {
            let meant = meant.iter().map(|meant| who(cast, meant)).collect::<Vec<_>>();
            ("step", json!({ "step": step, "say": say, "did": did, "meant": meant }))
        }
        What::Violated { promise, why, witness } => {
            let witness: Vec<u64> = witness.iter().map(|event| event.0).collect();
            ("violated", json!({ "promise": promise, "why": why, "witness": witness }))
        }
    }
}

fn finished(op: u32, ending: &Ending) -> (&'static str, Value) {
    let (how, words) = match ending {
        Ending::Ok(reply) => ("ok", reply.to_string()),
        Ending::Failed(why) => ("failed", (*why).to_owned()),
        Ending::Unknown(why) => ("unknown", (*why).to_owned()),
    };
    ("finished", json!({ "op": op, "ending": how, "answer": words }))
}

fn viewed(view: &sim_engine::NodeView) -> Value {
    let cells: Vec<Value> = view
        .cells
        .iter()
        .map(|cell| {
            json!({
                "index": cell.index, "value": cell.value, "epoch": cell.epoch,
                "committed": cell.committed,
            })
        })
        .collect();
    let rows: Map<String, Value> =
        view.rows.iter().map(|row| (row.name.to_owned(), Value::from(row.value.clone()))).collect();
    json!({ "cells": cells, "rows": rows })
}

/// Whom a word of a step meant.
fn who(cast: &Cast<()>, meant: &Meant) -> Value {
    let seats: Vec<_> = meant.seats.iter().map(|id| words::name(cast, *id)).collect();
    json!({ "word": meant.word, "seats": seats })
}

fn fault(cast: &Cast<()>, view: &FaultView) -> Value {
    match view {
        FaultView::Partition { groups } => {
            let groups: Vec<_> = groups.iter().map(|group| words::names(cast, group)).collect();
            json!({ "partition": groups })
        }
        FaultView::Cut { from, to, both } => {
            let names = |seats: &Option<Vec<NodeId>>| match seats {
                Some(seats) => json!(words::names(cast, seats)),
                None => json!("everybody"),
            };
            json!({ "cut": { "from": names(from), "to": names(to), "both": both } })
        }
        FaultView::Network { words } => json!({ "network": words }),
        FaultView::Node { node, part, words } => {
            json!({ "node": words::name(cast, *node), "part": part.word(), "is": words })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_event_is_one_line_of_json() {
        let report = sample::split_brain();
        let text = trace_jsonl(&report);
        assert_eq!(text.lines().count(), report.trace.events.len());
        for line in text.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            assert!(value["what"].is_string() && value["id"].is_u64(), "{line}");
        }
    }
}
