//! Happens-before as a graph: every event with its cause and its place in its node's order.

use std::collections::BTreeMap;

use petgraph::graphmap::DiGraphMap;

use super::{Trace, What};
use crate::EventId;

/// Why one event comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseEdge {
    /// The first made the second happen: a delivery and what it led to.
    Cause,
    /// A message was sent, then delivered or dropped.
    Message,
    /// Both happened at one node, in this order.
    Order,
}

/// The graph of causes of a recorded run.
#[derive(Clone, Debug)]
pub struct CauseGraph {
    graph: DiGraphMap<EventId, CauseEdge>,
}

impl CauseGraph {
    /// The causes in `trace`.
    pub fn of(trace: &Trace) -> Self {
        let mut graph = DiGraphMap::new();
        let mut last_at_node = BTreeMap::new();
        // A view is no event: it shows what the event with its number led to.
        let is_event = |what: &What| !matches!(what, What::Viewed(_));
        for event in trace.events.iter().filter(|event| is_event(&event.what)) {
            graph.add_node(event.id);
            if let Some(node) = event.node
                && !matches!(event.what, What::Dropped { .. } | What::Held { .. })
                && let Some(earlier) = last_at_node.insert(node, event.id)
            {
                graph.add_edge(earlier, event.id, CauseEdge::Order);
            }
            if let Some(cause) = event.cause {
                graph.add_edge(cause, event.id, CauseEdge::Cause);
            }
            if let What::Delivered { message, .. } | What::Dropped { message, .. } = event.what {
                graph.add_edge(message, event.id, CauseEdge::Message);
            }
        }
        Self { graph }
    }

    /// True if `earlier` happened before `later`: a path of causes leads from one to the other.
    pub fn happens_before(&self, earlier: EventId, later: EventId) -> bool {
        earlier != later && petgraph::algo::has_path_connecting(&self.graph, earlier, later, None)
    }

    /// The direct causes of `event`, oldest first.
    pub fn causes_of(&self, event: EventId) -> Vec<(EventId, CauseEdge)> {
        let mut causes: Vec<_> = self
            .graph
            .edges_directed(event, petgraph::Direction::Incoming)
            .map(|(from, _, edge)| (from, *edge))
            .collect();
        causes.sort_unstable_by_key(|(from, _)| *from);
        causes
    }

    /// How many events and edges the graph has.
    pub fn size(&self) -> (usize, usize) {
        (self.graph.node_count(), self.graph.edge_count())
    }
}
