//! A trace sorted by what a reader looks for: messages with their fates, spans of standing,
//! operations.
//!
//! Tolerates any trace: what refers to an unknown seat or message is left out.

use std::collections::BTreeMap;

use sim_engine::{
    CauseGraph, Chain, ChainLink, DropCause, Duration, Ending, EventId, FaultView, How, Instant,
    NodeId, NodeView, OpId, Operation, Standing, Trace, TraceEvent, What,
};

/// A message from its sending to its end.
#[derive(Clone, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) id: EventId,
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) sent_at: Instant,
    pub(crate) kind: &'static str,
    pub(crate) label: &'a str,
    pub(crate) epoch: Option<u64>,
    pub(crate) routine: bool,
    pub(crate) cause: Option<EventId>,
    pub(crate) fate: Fate,
    /// The message this is the network's second copy of.
    pub(crate) copy_of: Option<EventId>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Arrived { at: Instant, event: EventId },
    Lost { at: Instant, why: DropCause },
    Flying,
}

/// A node stands somewhere from one moment to another.
#[derive(Clone, Debug)]
pub(crate) struct Stand {
    pub(crate) node: NodeId,
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    pub(crate) standing: Standing,
}

/// A node is down.
#[derive(Clone, Debug)]
pub(crate) struct Down<'a> {
    pub(crate) node: NodeId,
    pub(crate) from: Instant,
    /// `None` if it never came back.
    pub(crate) to: Option<Instant>,
    /// False if it had not been started yet.
    pub(crate) is_crash: bool,
    /// What is on its disk meanwhile, where the protocol shows that.
    pub(crate) asleep: Option<&'a NodeView>,
}

/// A client operation.
#[derive(Clone, Debug)]
pub(crate) struct Op<'a> {
    pub(crate) id: OpId,
    pub(crate) client: NodeId,
    pub(crate) operation: &'a Operation,
    pub(crate) from: Instant,
    pub(crate) invoked: EventId,
    pub(crate) end: Option<(Instant, EventId, &'a Ending)>,
}

/// A fault with a length: a partition, a bad network, a bad node.
#[derive(Clone, Debug)]
pub(crate) struct Trouble<'a> {
    pub(crate) event: EventId,
    pub(crate) from: Instant,
    pub(crate) to: Option<Instant>,
    pub(crate) view: &'a FaultView,
}

/// A timer that fired.
#[derive(Clone, Debug)]
pub(crate) struct Fired {
    pub(crate) event: EventId,
    pub(crate) node: NodeId,
    pub(crate) timer: &'static str,
    pub(crate) at: Instant,
    pub(crate) waited: Duration,
}

/// A trace, sorted.
#[derive(Clone, Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) trace: &'a Trace,
    pub(crate) messages: Vec<Message<'a>>,
    pub(crate) stands: Vec<Stand>,
    pub(crate) downs: Vec<Down<'a>>,
    pub(crate) ops: Vec<Op<'a>>,
    pub(crate) troubles: Vec<Trouble<'a>>,
    pub(crate) fired: Vec<Fired>,
    pub(crate) views: Vec<(NodeId, Instant, &'a NodeView)>,
    /// Where every event's cause is found.
    pub(crate) causes: BTreeMap<EventId, &'a TraceEvent>,
    /// What led to the first broken promise.
    pub(crate) chain: Chain,
}

impl<'a> Scene<'a> {
    /// Sorts a trace.
    pub(crate) fn of(trace: &'a Trace) -> Self {
        let mut scene = Self {
            trace,
            messages: Vec::new(),
            stands: Vec::new(),
            downs: Vec::new(),
            ops: Vec::new(),
            troubles: Vec::new(),
            fired: Vec::new(),
            views: Vec::new(),
            causes: BTreeMap::new(),
            chain: Chain::default(),
        };
        if let Some((violated, _)) = crate::why::violations(trace).next() {
            scene.chain = Chain::of(trace, &CauseGraph::of(trace), violated.id);
        }
        let mut builder = Builder { scene: &mut scene, by_id: BTreeMap::new() };
        for event in &trace.events {
            builder.take(event);
        }
        builder.close();
        scene
    }

    /// Every event that names a seat of the cast, or none.
    pub(crate) fn events(&self) -> impl Iterator<Item = &'a TraceEvent> + use<'a> {
        let n = self.trace.cast.len();
        self.trace.events.iter().filter(move |event| event.node.is_none_or(|id| id.index() < n))
    }

    /// The moment of the first fault or crash.
    pub(crate) fn first_fault(&self) -> Option<Instant> {
        let begins = self.troubles.iter().map(|trouble| trouble.from);
        let crashes = self.downs.iter().filter(|down| down.is_crash).map(|down| down.from);
        begins.chain(crashes).min()
    }

    /// The message that a link of the causal chain is about.
    pub(crate) fn message_of(&self, link: &ChainLink) -> Option<EventId> {
        match link.how {
            How::Message => Some(link.from),
            How::Lost => {
                let What::Dropped { message, .. } = self.causes.get(&link.to)?.what else {
                    return None;
                };
                Some(message)
            }
            How::Timer | How::Kept | How::Missed => None,
        }
    }

    /// True if this seat is a client.
    pub(crate) fn is_client(&self, id: NodeId) -> bool {
        id.index() < self.trace.cast.len() && self.trace.cast.seat(id).is_client
    }

    /// Where a node stands at a moment.
    pub(crate) fn standing(&self, node: NodeId, at: Instant) -> Option<Standing> {
        self.stands
            .iter()
            .rfind(|stand| stand.node == node && stand.from <= at && at <= stand.to)
            .map(|stand| stand.standing)
    }

    /// True if a node is down at a moment.
    pub(crate) fn is_down(&self, node: NodeId, at: Instant) -> bool {
        self.downs
            .iter()
            .any(|down| down.node == node && down.from <= at && down.to.is_none_or(|to| at < to))
    }

    /// What is on the disk of a node that is down at a moment, where the protocol shows that.
    pub(crate) fn asleep(&self, node: NodeId, at: Instant) -> Option<&'a NodeView> {
        let is_it = |down: &&Down<'_>| {
            down.node == node && down.from <= at && down.to.is_none_or(|to| at < to)
        };
        self.downs.iter().rfind(is_it)?.asleep
    }

    /// What a node last showed of itself up to a moment, since it last booted.
    pub(crate) fn view(&self, node: NodeId, at: Instant) -> Option<&'a NodeView> {
        self.views
            .iter()
            .rfind(|(of, when, _)| *of == node && *when <= at)
            .map(|(_, _, view)| *view)
    }
}

struct Builder<'s, 'a> {
    scene: &'s mut Scene<'a>,
    by_id: BTreeMap<EventId, usize>,
}

impl<'a> Builder<'_, 'a> {
    fn take(&mut self, event: &'a TraceEvent) {
        let n = self.scene.trace.cast.len();
        if !matches!(event.what, What::Viewed(_)) {
            self.scene.causes.entry(event.id).or_insert(event);
        }
        match (event.node, &event.what) {
            (_, What::FaultBegan(view)) => self.scene.troubles.push(Trouble {
                event: event.id,
                from: event.at,
                to: None,
                view,
            }),
            (_, What::FaultEnded { began, .. }) => {
                if let Some(open) = self.scene.troubles.iter_mut().find(|t| t.event == *began) {
                    open.to = Some(event.at.max(open.from));
                }
            }
            (Some(node), what) if node.index() < n => {
                self.take_message(event, node, what);
                self.take_state(event, node, what);
            }
            (Some(_) | None, _) => {}
        }
    }

    fn take_message(&mut self, event: &'a TraceEvent, node: NodeId, what: &'a What) {
        let n = self.scene.trace.cast.len();
        if let What::Sent { to, kind, label, epoch, routine, .. } = what
            && to.index() < n
        {
            let routine = *routine && !self.answers_news(event);
            self.by_id.insert(event.id, self.scene.messages.len());
            self.scene.messages.push(Message {
                id: event.id,
                from: node,
                to: *to,
                sent_at: event.at,
                kind,
                label,
                epoch: *epoch,
                routine,
                cause: event.cause,
                fate: Fate::Flying,
                copy_of: None,
            });
        } else if let What::Duplicated { message } = what
            && let Some(original) = self.by_id.get(message).map(|i| self.scene.messages[*i].clone())
        {
            self.by_id.insert(event.id, self.scene.messages.len());
            self.scene.messages.push(Message {
                id: event.id,
                copy_of: Some(*message),
                fate: Fate::Flying,
                ..original
            });
        } else if let What::Delivered { message, .. } = what {
            self.end(*message, |sent| Fate::Arrived { at: event.at.max(sent), event: event.id });
        } else if let What::Dropped { message, why, .. } = what {
            self.end(*message, |sent| Fate::Lost { at: event.at.max(sent), why: *why });
        }
    }

    /// True if a message answers one that is no routine: then it is none either.
    fn answers_news(&self, event: &TraceEvent) -> bool {
        let cause = event.cause.and_then(|cause| self.scene.causes.get(&cause));
        let Some(What::Delivered { message, .. }) = cause.map(|cause| &cause.what) else {
            return false;
        };
        self.by_id.get(message).is_some_and(|i| !self.scene.messages[*i].routine)
    }

    fn end(&mut self, message: EventId, fate: impl Fn(Instant) -> Fate) {
        if let Some(i) = self.by_id.get(&message) {
            let sent = &mut self.scene.messages[*i];
            sent.fate = fate(sent.sent_at);
        }
    }

    fn take_state(&mut self, event: &'a TraceEvent, node: NodeId, what: &'a What) {
        if let What::Stood(standing) = what {
            self.leave(node, event.at);
            self.scene.stands.push(Stand {
                node,
                from: event.at,
                to: Instant::NEVER,
                standing: *standing,
            });
        } else if let What::Crashed { .. } = what {
            self.leave(node, event.at);
            self.scene.downs.push(Down {
                node,
                from: event.at,
                to: None,
                is_crash: true,
                asleep: None,
            });
        } else if let What::Started { life } = what {
            let is_late = *life == 0 && event.at > Instant::ZERO;
            if is_late && self.scene.trace.forgotten == 0 {
                let (from, to) = (Instant::ZERO, Some(event.at));
                let asleep = None;
                self.scene.downs.push(Down { node, from, to, is_crash: false, asleep });
            }
            let open = self.scene.downs.iter_mut().rfind(|down| down.node == node);
            if let Some(down) = open
                && down.to.is_none()
            {
                down.to = Some(event.at.max(down.from));
            }
        } else if let What::Invoked { op, operation } = what {
            self.scene.ops.push(Op {
                id: *op,
                client: node,
                operation,
                from: event.at,
                invoked: event.id,
                end: None,
            });
        } else if let What::Finished { op, ending } = what {
            if let Some(open) = self.scene.ops.iter_mut().rfind(|open| open.id == *op) {
                open.end = Some((event.at.max(open.from), event.id, ending));
            }
        } else if let What::TimerFired { timer, waited } = what {
            let (at, waited) = (event.at, *waited);
            self.scene.fired.push(Fired { event: event.id, node, timer, at, waited });
        } else if let What::Viewed(view) = what
            && let Some(down) = self.scene.downs.iter_mut().rfind(|down| down.node == node)
            && down.to.is_none()
        {
            down.asleep = Some(view);
        } else if let What::Viewed(view) = what {
            self.scene.views.push((node, event.at, view));
        }
    }

    /// The node no longer stands where it stood.
    fn leave(&mut self, node: NodeId, at: Instant) {
        let open = self.scene.stands.iter_mut().rfind(|stand| stand.node == node);
        if let Some(stand) = open
            && stand.to == Instant::NEVER
        {
            stand.to = at.max(stand.from);
        }
    }

    fn close(self) {
        let end = self.scene.trace.end;
        for stand in &mut self.scene.stands {
            if stand.to == Instant::NEVER {
                stand.to = end.max(stand.from);
            }
        }
    }
}
