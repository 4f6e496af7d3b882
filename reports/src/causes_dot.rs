//! What led to what, as a graph for Graphviz: backwards from a broken promise, or from the story.

use std::collections::BTreeMap;
use std::fmt::Write;

use sim_engine::{Cast, CauseEdge, CauseGraph, EventId, LinkView, TraceEvent, What};

use crate::words;
use crate::{Report, Story};

/// How many events a graph shows at most: more cannot be read.
const EVENTS_MAX: usize = 150;

/// The causes of the broken promises, or of what the story tells, in the language of `dot`.
pub fn causes_dot(report: &Report) -> String {
    let graph = CauseGraph::of(&report.trace);
    let slice = graph.slice(&ends(report), EVENTS_MAX);
    let events: BTreeMap<EventId, &TraceEvent> =
        report.trace.events.iter().map(|event| (event.id, event)).collect();
    let mut out = String::from("digraph causes {\n  rankdir=LR;\n  node [shape=box];\n");
    for id in &slice {
        let label = events.get(id).map_or_else(|| id.to_string(), |event| label(report, event));
        writeln!(out, "  e{id} [label=\"{}\"];", escaped(&label)).unwrap_or_default();
    }
    for id in &slice {
        for (cause, edge) in graph.causes_of(*id) {
            if slice.contains(&cause) {
                writeln!(out, "  e{cause} -> e{id}{};", style(edge)).unwrap_or_default();
            }
        }
    }
    out.push_str("}\n");
    out
}

/// Where to begin: the witnesses of what is broken, or the events of the story.
fn ends(report: &Report) -> Vec<EventId> {
    let broken = report.outcome.promises.iter().filter_map(|promise| promise.broken.as_ref());
    let witnesses: Vec<EventId> =
        broken.flat_map(|broken| broken.witness.iter().copied().chain([broken.event])).collect();
    if !witnesses.is_empty() {
        return witnesses;
    }
    Story::of(report).steps.iter().map(|step| step.event).collect()
}

fn label(report: &Report, event: &TraceEvent) -> String {
    let cast = &report.trace.cast;
    let node = event.node.map(|node| words::name(cast, node)).unwrap_or_default();
    let what = match &event.what {
        What::Sent { kind, to, .. } => format!("{kind} to {}", words::name(cast, *to)),
        What::Delivered { from, .. } => format!("hears {}", words::name(cast, *from)),
        What::Dropped { to, why, .. } => {
            format!("lost on the way to {}: {}", words::name(cast, *to), why.words())
        }
        What::Dialled { to, port } => format!("dials {port} to {}", words::name(cast, *to)),
        What::LinkUp { link } => format!("{} is up", end_of(cast, link)),
        What::LinkDown { link, why } => format!("{} is down: {}", end_of(cast, link), why.word()),
        What::HungUp { link } => format!("hangs up {}", end_of(cast, link)),
        What::Fact(fact) => fact.name.to_owned(),
        What::TimerFired { timer, .. } => format!("{timer} timer"),
        What::Step { did, .. } => format!("scenario: {did}"),
        What::Started { .. } => "starts".to_owned(),
        What::Crashed { .. } => "crashes".to_owned(),
        What::Written { label, .. } => format!("writes {label}"),
        What::Violated { promise, .. } => format!("{promise} is broken"),
        What::Invoked { operation, .. } => operation.to_string(),
        What::Finished { .. } => "operation ends".to_owned(),
        What::Stood(standing) => format!("stands as {}", standing.role),
        What::DiskFailed { .. } => "disk fails".to_owned(),
        What::Synced { .. } => "on disk".to_owned(),
        What::Duplicated { .. } => "copied by the network".to_owned(),
        What::Mutated { .. } => "damaged on its way".to_owned(),
        What::Held { .. } => "held back".to_owned(),
        What::TimerSet { timer, .. } => format!("sets {timer}"),
        What::Viewed(_) => "state".to_owned(),
        What::FaultBegan(_) => "fault begins".to_owned(),
        What::FaultEnded { .. } => "fault ends".to_owned(),
    };
    format!("{node} {} {what}", event.at).trim_start().to_owned()
}

/// One end of a link: `replication to n1`.
fn end_of(cast: &Cast<()>, link: &LinkView) -> String {
    let direction = if link.is_dialled { "to" } else { "from" };
    format!("{} {direction} {}", link.port, words::name(cast, link.peer))
}

fn style(edge: CauseEdge) -> &'static str {
    match edge {
        CauseEdge::Cause => "",
        CauseEdge::Message => " [style=bold]",
        CauseEdge::Timer | CauseEdge::Disk => " [style=dashed]",
        CauseEdge::Suppressed => " [color=red]",
        CauseEdge::Order => " [style=dotted]",
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn every_edge_joins_two_events_that_are_shown() {
        let dot = causes_dot(&sample::split_brain());
        let shown: Vec<&str> = dot
            .lines()
            .filter_map(|line| line.trim().split_once(" [label="))
            .map(|p| p.0)
            .collect();
        let edges = dot.lines().filter_map(|line| line.trim().split_once(" -> "));
        let mut n = 0;
        for (from, to) in edges {
            let to = to.split([' ', ';']).next().unwrap_or_default();
            assert!(shown.contains(&from) && shown.contains(&to), "{from} -> {to}");
            n += 1;
        }
        assert!(n > 5 && shown.len() > 5, "{dot}");
    }
}
