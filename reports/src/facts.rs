//! Facts, one JSON object a line, in the shape of the recordings of real systems.

use serde::Serialize;
use sim_engine::{Ending, EventId, Instant, Operation, What};

use crate::Report;
use crate::scene::Scene;
use crate::words::{self, Millis};

#[derive(Debug, Serialize)]
struct Line<'a> {
    t_ms: Millis,
    source: String,
    event: &'a str,
    details: String,
}

/// Everything the nodes announced, and the first write that succeeded after the first fault, as the
/// recordings' driver tells it. Time counts from the first fault, or from the start without one.
pub fn facts(report: &Report) -> String {
    let scene = Scene::of(&report.trace);
    let origin = scene.first_fault().unwrap_or(Instant::ZERO);
    let cast = &report.trace.cast;
    let mut out = String::new();
    let mut first_write = scene.first_fault().and_then(|fault| first_write(&scene, fault));
    for event in scene.events() {
        if first_write == Some(event.id) {
            let (t_ms, source) = (Millis::between(origin, event.at), "driver".to_owned());
            let line = Line { t_ms, source, event: "first-write", details: String::new() };
            push(&mut out, &line);
            first_write = None;
        }
        let (Some(node), What::Fact(fact)) = (event.node, &event.what) else { continue };
        let line = Line {
            t_ms: Millis::between(origin, event.at),
            source: words::name(cast, node),
            event: fact.name,
            details: fact.details_text(cast),
        };
        push(&mut out, &line);
    }
    out
}

fn push(out: &mut String, line: &Line<'_>) {
    out.push_str(&serde_json::to_string(line).unwrap_or_default());
    out.push('\n');
}

/// The event at which the first write ended well that did so after a fault.
fn first_write(scene: &Scene<'_>, fault: Instant) -> Option<EventId> {
    let writes = scene.ops.iter().filter(|op| !matches!(op.operation, Operation::Read { .. }));
    let ends = writes.filter_map(|op| op.end);
    let taken = ends.filter(|(at, _, ending)| *at >= fault && matches!(ending, Ending::Ok(_)));
    taken.map(|(at, event, _)| (at, event)).min().map(|(_, event)| event)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn time_counts_from_the_first_fault() {
        let facts = facts(&sample::split_brain());
        let first = r#"{"t_ms":14.0,"source":"n1","event":"accepted","details":""}"#;
        assert_eq!(facts.lines().next(), Some(first));
        assert_eq!(facts.lines().count(), 7);
        let write = r#""source":"driver","event":"first-write""#;
        assert!(facts.lines().any(|line| line.contains(write)), "{facts}");
    }
}
