//! Happens-before as a graph: every event with its cause and its place in its node's order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::graphmap::DiGraphMap;

use super::{DropCause, FaultView, Trace, TraceEvent, What};
use crate::{EventId, NodeId};

/// Why one event comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseEdge {
    /// The first made the second happen: a delivery and what it led to.
    Cause,
    /// A message was sent, then delivered or dropped.
    Message,
    /// A timer was set, then fired.
    Timer,
    /// A write was handed to a disk, then it was on it.
    Disk,
    /// A fault struck, and a message was lost to it.
    Suppressed,
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
        let mut behind = Behind::default();
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
            if let Some((earlier, edge)) = behind.take(event) {
                graph.add_edge(earlier, event.id, edge);
            }
        }
        Self { graph }
    }

    /// True if `earlier` happened before `later`: a path of causes leads from one to the other.
    pub fn happens_before(&self, earlier: EventId, later: EventId) -> bool {
        earlier != later && petgraph::algo::has_path_connecting(&self.graph, earlier, later, None)
    }

    /// The events that lead to any of `events`, those included: walked backwards, nearest first, at
    /// most `max` of them.
    pub fn slice(&self, events: &[EventId], max: usize) -> BTreeSet<EventId> {
        let mut slice = BTreeSet::new();
        let mut next: VecDeque<EventId> =
            events.iter().copied().filter(|event| self.graph.contains_node(*event)).collect();
        while let Some(event) = next.pop_front()
            && slice.len() < max
        {
            if slice.insert(event) {
                next.extend(self.causes_of(event).into_iter().map(|(cause, _)| cause));
            }
        }
        slice
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

/// What stands behind events that name no cause: a timer that was set, a write, a fault.
#[derive(Debug, Default)]
struct Behind {
    timers: BTreeMap<(NodeId, &'static str), EventId>,
    writes: BTreeMap<NodeId, EventId>,
    crashes: BTreeMap<NodeId, EventId>,
    faults: Vec<(EventId, FaultView)>,
}

impl Behind {
    /// Remembers an event, and says what stood behind it.
    fn take(&mut self, event: &TraceEvent) -> Option<(EventId, CauseEdge)> {
        let what = &event.what;
        if let What::FaultBegan(view) = what {
            self.faults.push((event.id, view.clone()));
        } else if let What::FaultEnded { began, .. } = what {
            self.faults.retain(|(id, _)| id != began);
        }
        let node = event.node?;
        if let What::TimerSet { timer, .. } = what {
            self.timers.insert((node, timer), event.id);
        } else if let What::Written { .. } = what {
            self.writes.insert(node, event.id);
        } else if let What::Crashed { .. } = what {
            self.crashes.insert(node, event.id);
        } else if let What::Started { .. } = what {
            self.crashes.remove(&node);
        }
        if let What::TimerFired { timer, .. } = what
            && event.cause.is_none()
        {
            let set = self.timers.get(&(node, *timer))?;
            Some((*set, CauseEdge::Timer))
        } else if let What::Synced { .. } = what {
            Some((*self.writes.get(&node)?, CauseEdge::Disk))
        } else if let What::Dropped { to, why, .. } = what {
            Some((self.fault(node, *to, *why)?, CauseEdge::Suppressed))
        } else {
            None
        }
    }

    /// The fault that a message from one node to another was lost to.
    fn fault(&self, from: NodeId, to: NodeId, why: DropCause) -> Option<EventId> {
        let last = |fits: &dyn Fn(&FaultView) -> bool| {
            self.faults.iter().rfind(|(_, view)| fits(view)).map(|(id, _)| *id)
        };
        match why {
            DropCause::Down => self.crashes.get(&to).copied(),
            DropCause::Partition => last(&|view| matches!(view, FaultView::Partition { .. })),
            DropCause::Cut => last(&|view| view.cuts(from, to)),
            DropCause::Loss | DropCause::Corrupted | DropCause::Congestion => {
                last(&|view| matches!(view, FaultView::Network { .. }))
            }
            DropCause::PowerLost => self.crashes.get(&from).copied(),
            DropCause::Directed
            | DropCause::NoLink
            | DropCause::HungUp
            | DropCause::Reset
            | DropCause::Superseded => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cast, Instant, Lexicon};

    const A: NodeId = NodeId::new(0);
    const B: NodeId = NodeId::new(1);

    fn event(id: u64, node: NodeId, cause: Option<u64>, what: What) -> TraceEvent {
        let cause = cause.map(EventId);
        TraceEvent { id: EventId(id), at: Instant::from_nanos(id), node: Some(node), cause, what }
    }

    /// A sends to B while B is busy with something of its own; B then answers nobody.
    fn trace() -> Trace {
        let started = What::Started { life: 0 };
        let sent = What::Sent {
            to: B,
            kind: "Ball",
            label: String::new(),
            epoch: None,
            routine: false,
            link: None,
        };
        let delivered = What::Delivered { message: EventId(3), from: A };
        let events = vec![
            event(1, A, None, started.clone()),
            event(2, B, None, started),
            event(3, A, Some(1), sent),
            event(4, B, Some(3), delivered),
        ];
        let lexicon = Lexicon { epoch: "epoch", epoch_sign: "E", cells: "Slots" };
        let end = Instant::from_nanos(9);
        Trace { cast: Cast::default(), lexicon, end, events, forgotten: 0 }
    }

    #[test]
    fn a_sending_happens_before_its_delivery_and_not_the_other_way_round() {
        let graph = CauseGraph::of(&trace());
        assert!(graph.happens_before(EventId(1), EventId(4)));
        assert!(!graph.happens_before(EventId(4), EventId(1)));
        assert!(!graph.happens_before(EventId(2), EventId(3)), "two nodes that have not met");
    }

    #[test]
    fn a_slice_holds_what_led_to_an_event_and_nothing_else() {
        let graph = CauseGraph::of(&trace());
        let ids = |slice: BTreeSet<EventId>| slice.into_iter().map(|id| id.0).collect::<Vec<_>>();
        assert_eq!(ids(graph.slice(&[EventId(3)], 10)), [1, 3]);
        assert_eq!(ids(graph.slice(&[EventId(4)], 10)), [1, 2, 3, 4]);
        assert_eq!(graph.slice(&[EventId(4)], 2).len(), 2);
    }
}
