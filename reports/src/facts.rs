//! Facts, one JSON object a line, in the shape of the recordings of real systems.

use serde::Serialize;
use sim_engine::{Instant, What};

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

/// Everything the nodes announced. Time counts from the first fault, or from the start without one.
pub fn facts(report: &Report) -> String {
    let scene = Scene::of(&report.trace);
    let origin = scene.first_fault().unwrap_or(Instant::ZERO);
    let cast = &report.trace.cast;
    let mut out = String::new();
    for event in scene.events() {
        let (Some(node), What::Fact(fact)) = (event.node, &event.what) else { continue };
        let line = Line {
            t_ms: Millis::between(origin, event.at),
            source: words::name(cast, node),
            event: fact.name,
            details: fact.details_text(cast),
        };
        out.push_str(&serde_json::to_string(&line).unwrap_or_default());
        out.push('\n');
    }
    out
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
        assert_eq!(facts.lines().count(), 6);
    }
}
