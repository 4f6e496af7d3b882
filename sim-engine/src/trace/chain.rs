//! The causal chain of a broken promise: what led to it, in at most twelve links.
//!
//! From each witness the last thing that changed the state it shows is followed backwards - the
//! message that was delivered, the step in which that was sent, the timer that fired - until a
//! client's request, a fault, or the beginning. What was lost on the way counts too: a timer fires
//! because messages did not arrive, and those were lost to a fault.

use std::collections::{BTreeMap, BTreeSet};

use super::{CauseEdge, CauseGraph, Trace, TraceEvent, What};
use crate::{EventId, NodeId};

/// More links than this are folded in their middle.
const LINKS_MAX: usize = 12;
/// No path is followed further back than this.
const HOPS_MAX: usize = 60;
/// At most this many lost messages explain one witness.
const LOST_MAX: usize = 2;

/// What led to a broken promise, oldest link first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// The links in the order of their ends.
    pub links: Vec<Link>,
    /// The events that show the violation.
    pub witness: Vec<EventId>,
    /// The events of all links, those that are folded away too.
    pub events: BTreeSet<EventId>,
}

/// One event made another possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The earlier event.
    pub from: EventId,
    /// The later event.
    pub to: EventId,
    /// How.
    pub how: How,
    /// How many links between this one and the one before it are folded away.
    pub folded: usize,
}

/// How one event made another possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// A message was sent, then delivered.
    Message,
    /// A timer was set, then fired.
    Timer,
    /// The node kept what it knew from one moment to another.
    Kept,
    /// A fault struck, and a message was lost to it.
    Lost,
    /// A node crashed, and what others waited for never came.
    Missed,
}

impl Chain {
    /// The chain of a violation in a trace; nothing if the event is none.
    pub fn of(trace: &Trace, graph: &CauseGraph, violated: EventId) -> Self {
        let is_event = |event: &&TraceEvent| !matches!(event.what, What::Viewed(_));
        let upto = trace.events.iter().filter(is_event).take_while(|event| event.id <= violated);
        let events: BTreeMap<EventId, &TraceEvent> = upto.map(|event| (event.id, event)).collect();
        let Some((end, What::Violated { witness, .. })) =
            events.get(&violated).map(|event| (*event, &event.what))
        else {
            return Self::default();
        };
        let mut witness: Vec<EventId> =
            witness.iter().copied().filter(|id| events.contains_key(id)).collect();
        if witness.is_empty() {
            witness.extend(end.cause.filter(|cause| events.contains_key(cause)));
        }
        let mut walk = Walk { graph, events, seen: BTreeSet::new(), paths: Vec::new() };
        for id in witness.iter().rev() {
            walk.witness(end, *id);
        }
        walk.lost_to(&witness);
        let events = walk.seen.clone();
        Self { links: walk.fold(), witness, events }
    }
}

struct Walk<'t> {
    graph: &'t CauseGraph,
    events: BTreeMap<EventId, &'t TraceEvent>,
    seen: BTreeSet<EventId>,
    /// Each from the violation backwards.
    paths: Vec<Vec<Link>>,
}

const fn link(from: EventId, to: EventId, how: How) -> Link {
    Link { from, to, how, folded: 0 }
}

impl<'t> Walk<'t> {
    fn event(&self, id: EventId) -> Option<&'t TraceEvent> {
        self.events.get(&id).copied()
    }

    /// Follows a witness back, and what it waited for in vain.
    fn witness(&mut self, end: &TraceEvent, id: EventId) {
        let Some(witness) = self.event(id) else { return };
        let mut path = Vec::new();
        if witness.node == end.node && witness.at < end.at {
            path.push(link(id, end.id, How::Kept));
            self.missed(witness, end);
        }
        self.back(id, &mut path);
        self.paths.push(path);
    }

    /// Follows an event back to a request, a fault, or the beginning.
    fn back(&mut self, start: EventId, path: &mut Vec<Link>) {
        let mut at = start;
        while path.len() < HOPS_MAX && self.seen.insert(at) {
            let Some(event) = self.event(at) else { return };
            if let What::TimerFired { .. } = event.what {
                return self.timer(event, path);
            }
            let Some((before, edge)) = self.reason(at) else { return };
            match edge {
                CauseEdge::Message => path.push(link(before, at, How::Message)),
                CauseEdge::Cause | CauseEdge::Disk => {
                    let took_time = self.event(before).is_some_and(|e| e.at < event.at);
                    if took_time && self.event(before).is_some_and(|e| e.node == event.node) {
                        path.push(link(before, at, How::Kept));
                    }
                }
                CauseEdge::Timer | CauseEdge::Suppressed | CauseEdge::Order => return,
            }
            at = before;
        }
    }

    /// The one event without which this would not have happened.
    fn reason(&self, id: EventId) -> Option<(EventId, CauseEdge)> {
        let causes = self.graph.causes_of(id).into_iter();
        let rank = |edge: CauseEdge| match edge {
            CauseEdge::Message => 0,
            CauseEdge::Cause => 1,
            CauseEdge::Timer => 2,
            CauseEdge::Disk => 3,
            CauseEdge::Suppressed | CauseEdge::Order => 9,
        };
        causes.filter(|(_, edge)| rank(*edge) < 9).min_by_key(|(_, edge)| rank(*edge))
    }

    /// A timer fired: because it was set, and because nothing came in time.
    fn timer(&mut self, fired: &TraceEvent, path: &mut Vec<Link>) {
        let (Some(node), None) = (fired.node, fired.cause) else { return };
        let set = self.reason(fired.id).and_then(|(set, _)| self.event(set));
        let Some(set) = set else { return };
        path.push(link(set.id, fired.id, How::Timer));
        let between = self.events.range(set.id..fired.id).map(|(_, event)| *event);
        let mut crash = None;
        let mut lost = Vec::new();
        for event in between {
            if let What::Dropped { to, .. } = event.what
                && to == node
            {
                lost.push(event.id);
            } else if let What::Crashed { .. } = event.what
                && event.node != Some(node)
            {
                crash = Some(event.id);
            }
        }
        let known = lost.iter().rev().find_map(|id| Some((self.fault_of(*id)?, *id)));
        if let Some((fault, dropped)) = known {
            path.push(link(fault, dropped, How::Lost));
            self.seen.extend([fault, dropped]);
        } else if let Some(crash) = crash {
            path.push(link(crash, fired.id, How::Missed));
            self.seen.insert(crash);
        }
    }

    fn fault_of(&self, dropped: EventId) -> Option<EventId> {
        let causes = self.graph.causes_of(dropped);
        causes.into_iter().find(|(_, edge)| *edge == CauseEdge::Suppressed).map(|(id, _)| id)
    }

    /// Whoever the culprit had told what it knew, and who crashed before it could answer.
    fn missed(&mut self, witness: &TraceEvent, end: &TraceEvent) {
        let Some(culprit) = witness.node else { return };
        let mut heard: BTreeMap<NodeId, EventId> = BTreeMap::new();
        let mut crash = None;
        for (id, event) in self.events.range(witness.id..end.id) {
            if let (What::Delivered { from, .. }, Some(node)) = (&event.what, event.node)
                && *from == culprit
            {
                heard.entry(node).or_insert(*id);
            } else if let (What::Crashed { .. }, Some(node)) = (&event.what, event.node)
                && let Some(delivered) = heard.get(&node)
            {
                crash = crash.or(Some((*delivered, *id)));
            }
        }
        let Some((delivered, crash)) = crash else { return };
        let mut path = vec![link(crash, end.id, How::Missed), link(delivered, crash, How::Kept)];
        self.seen.insert(crash);
        if let Some((sent, CauseEdge::Message)) = self.reason(delivered) {
            path.push(link(sent, delivered, How::Message));
            self.seen.extend([delivered, sent]);
        }
        self.paths.push(path);
    }

    /// What was sent together with a message of the chain, to a node that shows the violation, and
    /// was lost to a fault.
    fn lost_to(&mut self, witness: &[EventId]) {
        let nodes: BTreeSet<NodeId> =
            witness.iter().filter_map(|id| self.event(*id)?.node).collect();
        let steps: BTreeSet<(EventId, &'static str)> = self
            .seen
            .iter()
            .filter_map(|id| match self.event(*id) {
                Some(TraceEvent { cause: Some(cause), what: What::Sent { kind, .. }, .. }) => {
                    Some((*cause, *kind))
                }
                Some(_) | None => None,
            })
            .collect();
        let mut path = Vec::new();
        for (id, event) in self.events.iter().rev() {
            let What::Dropped { message, to, .. } = event.what else { continue };
            let Some(TraceEvent { cause: Some(cause), what: What::Sent { kind, .. }, .. }) =
                self.event(message)
            else {
                continue;
            };
            if nodes.contains(&to)
                && steps.contains(&(*cause, *kind))
                && path.len() < LOST_MAX
                && let Some(fault) = self.fault_of(*id)
            {
                path.push(link(fault, *id, How::Lost));
            }
        }
        self.seen.extend(path.iter().flat_map(|link| [link.from, link.to]));
        self.paths.push(path);
    }

    /// The links that are shown: of each path those nearest to the violation, and its root.
    fn fold(self) -> Vec<Link> {
        let paths: Vec<Vec<Link>> =
            self.paths.into_iter().filter(|path| !path.is_empty()).collect();
        let mut kept = vec![1; paths.len()];
        let mut total = paths.len();
        while total < LINKS_MAX && kept.iter().zip(&paths).any(|(n, path)| *n < path.len()) {
            for (n, path) in kept.iter_mut().zip(&paths) {
                if *n < path.len() && total < LINKS_MAX {
                    *n += 1;
                    total += 1;
                }
            }
        }
        let mut links = Vec::new();
        for (n, mut path) in kept.into_iter().zip(paths) {
            let folded = path.len() - n;
            // The root stays; what is folded lies between it and the rest.
            path.drain(n - 1..n - 1 + folded);
            if folded > 0 {
                path[n.saturating_sub(2)].folded = folded;
            }
            links.extend(path);
        }
        links.truncate(LINKS_MAX);
        links.sort_by_key(|link| (link.to, link.from));
        links.dedup();
        links
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Cast, Death, DropCause, Duration, FaultView, Instant, Lexicon};

    const A: NodeId = NodeId::new(0);
    const B: NodeId = NodeId::new(1);

    fn event(id: u64, node: Option<NodeId>, cause: Option<u64>, what: What) -> TraceEvent {
        let cause = cause.map(EventId);
        TraceEvent { id: EventId(id), at: Instant::from_nanos(10 * id), node, cause, what }
    }

    fn sent(to: NodeId) -> What {
        What::Sent {
            to,
            kind: "Ball",
            label: String::new(),
            epoch: None,
            routine: false,
            link: None,
        }
    }

    fn violated(witness: &[u64]) -> What {
        let witness = witness.iter().copied().map(EventId).collect();
        What::Violated { promise: "order", why: "it is broken".to_owned(), witness }
    }

    fn chain(events: Vec<TraceEvent>) -> Chain {
        let last = events[events.len() - 1].id;
        let lexicon = Lexicon { epoch: "epoch", epoch_sign: "E", cells: "Slots" };
        let end = Instant::from_nanos(9_999);
        let trace = Trace { cast: Cast::default(), lexicon, end, events, forgotten: 0 };
        Chain::of(&trace, &CauseGraph::of(&trace), last)
    }

    fn links(chain: &Chain) -> Vec<(u64, u64, How)> {
        chain.links.iter().map(|link| (link.from.0, link.to.0, link.how)).collect()
    }

    #[test]
    fn a_timer_that_fires_leads_back_to_the_fault_that_kept_messages_away() {
        let split = FaultView::Partition { groups: vec![vec![A], vec![B]] };
        let fired = What::TimerFired { timer: "election", waited: Duration::nanos(40) };
        let set = What::TimerSet { timer: "election", due: Instant::from_nanos(60) };
        let dropped = What::Dropped { message: EventId(4), to: B, why: DropCause::Partition };
        let chain = chain(vec![
            event(1, Some(B), None, What::Started { life: 0 }),
            event(2, Some(B), Some(1), set),
            event(3, None, None, What::FaultBegan(split)),
            event(4, Some(A), None, sent(B)),
            event(5, Some(A), Some(4), dropped),
            event(6, Some(B), None, fired),
            event(7, Some(B), Some(6), violated(&[6])),
        ]);
        let expected = [(3, 5, How::Lost), (2, 6, How::Timer), (6, 7, How::Kept)];
        assert_eq!(links(&chain), expected);
    }

    #[test]
    fn who_waits_too_long_waits_for_somebody_who_crashed() {
        let delivered = |message, from| What::Delivered { message: EventId(message), from };
        let crashed = What::Crashed { death: Death::Machine, writes_lost: 0 };
        let chain = chain(vec![
            event(1, Some(A), None, sent(B)),
            event(2, Some(B), Some(1), delivered(1, A)),
            event(3, Some(B), Some(2), sent(A)),
            event(4, Some(A), Some(3), delivered(3, B)),
            event(5, Some(A), None, crashed),
            event(6, Some(B), Some(2), violated(&[2])),
        ]);
        let expected = [
            (1, 2, How::Message),
            (3, 4, How::Message),
            (4, 5, How::Kept),
            (2, 6, How::Kept),
            (5, 6, How::Missed),
        ];
        assert_eq!(links(&chain), expected);
    }

    #[test]
    fn a_long_chain_keeps_its_root_and_its_end_and_counts_the_rest() {
        let mut events = vec![event(1, Some(A), None, What::Started { life: 0 })];
        for n in 1..30 {
            let (from, to) = if n % 2 == 1 { (A, B) } else { (B, A) };
            events.push(event(2 * n, Some(from), Some(2 * n - 1), sent(to)));
            let got = What::Delivered { message: EventId(2 * n), from };
            events.push(event(2 * n + 1, Some(to), Some(2 * n), got));
        }
        events.push(event(60, Some(B), Some(59), violated(&[59])));
        let chain = chain(events);
        assert_eq!(chain.links.len(), 12);
        let folded: usize = chain.links.iter().map(|link| link.folded).sum();
        // Every message takes time on its way, and every node before it answers.
        assert_eq!((chain.links[0].from, folded), (EventId(1), 59 - 12));
    }

    #[test]
    fn what_is_no_violation_has_no_chain() {
        assert_eq!(chain(vec![event(1, Some(A), None, sent(B))]), Chain::default());
    }
}
