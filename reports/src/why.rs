//! Why a promise broke, in numbered words: the causal chain of its violation.

use std::collections::BTreeMap;

use sim_engine::{
    CauseGraph, Chain, ChainLink, EventId, How, Instant, NodeId, Trace, TraceEvent, What,
};

use crate::{fault_words, words};

/// One line of a why: when, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) at: Instant,
    pub(crate) words: String,
}

/// The events at which promises broke, in order.
pub(crate) fn violations(trace: &Trace) -> impl Iterator<Item = (&TraceEvent, &'static str)> {
    trace.events.iter().filter_map(|event| {
        let What::Violated { promise, .. } = event.what else { return None };
        Some((event, promise))
    })
}

/// Why a promise broke: at most fourteen sentences, oldest first. Empty if it did not break.
pub fn why(trace: &Trace, promise: &str) -> Vec<String> {
    let Some((event, _)) = violations(trace).find(|(_, name)| *name == promise) else {
        return Vec::new();
    };
    let chain = Chain::of(trace, &CauseGraph::of(trace), event.id);
    let line = |reason: Reason| format!("{}: {}", words::moment(reason.at), reason.words);
    reasons(trace, &chain, event).into_iter().map(line).collect()
}

/// The lines of a chain, oldest first.
pub(crate) fn reasons(trace: &Trace, chain: &Chain, violated: &TraceEvent) -> Vec<Reason> {
    let events: BTreeMap<EventId, &TraceEvent> = trace
        .events
        .iter()
        .filter(|event| !matches!(event.what, What::Viewed(_)))
        .map(|event| (event.id, event))
        .collect();
    let teller = Teller { trace, events };
    let mut lines: Vec<(EventId, u8, Reason)> = Vec::new();
    for link in &chain.links {
        if link.folded > 0
            && let Some(event) = teller.events.get(&link.from)
        {
            let words = format!("… {} more", link.folded);
            lines.push((event.id, 0, Reason { at: event.at, words }));
        }
        lines.extend(teller.link(link).map(|(id, reason)| (id, 1, reason)));
    }
    lines.extend(chain.links.iter().filter_map(|link| teller.root(link.from, &chain.links)));
    for id in &chain.witness {
        lines.extend(teller.fact(*id).map(|reason| (*id, 2, reason)));
    }
    if let What::Violated { why, .. } = &violated.what {
        lines.push((violated.id, 3, Reason { at: violated.at, words: why.clone() }));
    }
    lines.sort_by_key(|(id, rank, _)| (*id, *rank));
    lines.dedup_by(|a, b| a.2 == b.2);
    lines.into_iter().map(|(_, _, reason)| reason).collect()
}

struct Teller<'t> {
    trace: &'t Trace,
    events: BTreeMap<EventId, &'t TraceEvent>,
}

impl Teller<'_> {
    fn name(&self, node: Option<NodeId>) -> String {
        node.map_or_else(|| "the network".to_owned(), |node| words::name(&self.trace.cast, node))
    }

    /// A link in words, with the event it is told at.
    fn link(&self, link: &ChainLink) -> Option<(EventId, Reason)> {
        let (from, to) = (self.events.get(&link.from)?, self.events.get(&link.to)?);
        let (said_at, words) = match link.how {
            How::Message => (from, self.message(from, to)?),
            How::Timer => (to, self.timer(to)?),
            How::Kept => return None,
            How::Lost => (to, self.lost(from, to)?),
            How::Missed => (
                from,
                format!("{} crashes, and what was awaited of it never comes", self.name(from.node)),
            ),
        };
        Some((said_at.id, Reason { at: said_at.at, words }))
    }

    fn message(&self, sent: &TraceEvent, delivered: &TraceEvent) -> Option<String> {
        let What::Sent { to, kind, label, .. } = &sent.what else { return None };
        let label = if label.is_empty() { kind } else { label.as_str() };
        Some(format!(
            "{} sends {label} to {}, which gets it at {}",
            self.name(sent.node),
            self.name(Some(*to)),
            words::moment(delivered.at)
        ))
    }

    fn timer(&self, fired: &TraceEvent) -> Option<String> {
        let What::TimerFired { timer, waited } = &fired.what else { return None };
        let name = self.name(fired.node);
        let waited = words::short_ms(waited.as_nanos());
        Some(format!("the {} timer of {name} fires after {waited}", timer.replace('-', " ")))
    }

    fn lost(&self, fault: &TraceEvent, dropped: &TraceEvent) -> Option<String> {
        let What::Dropped { message, to, why } = &dropped.what else { return None };
        let sent = self.events.get(message)?;
        let What::Sent { kind, label, .. } = &sent.what else { return None };
        let label = if label.is_empty() { kind } else { label.as_str() };
        let since = words::moment(fault.at);
        Some(format!(
            "{label} from {} to {} is lost: {}, since {since}",
            self.name(sent.node),
            self.name(Some(*to)),
            why.words(),
        ))
    }

    /// Where a chain begins, if that is a request, a fault, or a step of the scenario.
    fn root(&self, id: EventId, links: &[ChainLink]) -> Option<(EventId, u8, Reason)> {
        if links.iter().any(|link| link.to == id) {
            return None;
        }
        let first = self.events.get(&id)?;
        let is_effect = matches!(first.what, What::Sent { .. } | What::Fact(_));
        let event = if is_effect { self.events.get(&first.cause?)? } else { first };
        let name = self.name(event.node);
        let words = if let What::Invoked { operation, .. } = &event.what {
            format!("{name} asks: {operation}")
        } else if let What::TimerFired { timer, .. } = &event.what {
            let who = if event.cause.is_some() { "the scenario lets" } else { "the time lets" };
            format!("{who} the {} timer of {name} fire", timer.replace('-', " "))
        } else if let What::FaultBegan(view) = &event.what {
            fault_words::began(view, &self.trace.cast, None).text
        } else if let What::Started { life: 1.. } = &event.what {
            format!("{name} restarts")
        } else {
            return None;
        };
        Some((event.id, 0, Reason { at: event.at, words }))
    }

    /// What a witness announced.
    fn fact(&self, id: EventId) -> Option<Reason> {
        let event = self.events.get(&id)?;
        let What::Fact(fact) = &event.what else { return None };
        let node = event.node?;
        let cast = &self.trace.cast;
        let words = if let Some(caption) = &fact.caption {
            words::fill(caption, node, cast).trim_end_matches('.').to_owned()
        } else {
            let details = fact.details_text(cast);
            format!("{}: {} {details}", self.name(Some(node)), fact.name.replace('-', " "))
        };
        Some(Reason { at: event.at, words })
    }
}
