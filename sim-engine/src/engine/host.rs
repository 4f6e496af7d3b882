//! Nodes that do not run although they are up: what waits for them, and how they meet it.

use std::collections::VecDeque;

use super::Simulation;
use super::connections::{Segment, StreamId};
use super::mail::Envelope;
use super::queue::Kind;
use super::step::code;
use super::trouble::Fate;
use crate::faults::{HostFault, HostTrouble};
use crate::timers::TimerIndex;
use crate::{
    Concern, Delay, Dice, DropCause, EventId, FaultView, Instant, Node, NodeId, NodePart, What,
};

/// The processor of one node. Kept once something was wrong with it, for its dice.
#[derive(Clone, Debug)]
pub(crate) struct Host<N: Node> {
    /// The memory of a node that is up and does not run.
    pub(super) asleep: Option<N>,
    /// What it will meet, oldest first.
    waiting: VecDeque<Waiting<N>>,
    /// The event that stopped it.
    paused: Option<EventId>,
    /// How long an input takes, and the event that began it.
    slow: Option<(Delay, EventId)>,
    /// When a slow processor is done with the input in front; anything else that comes up is stale.
    done_at: Instant,
    dice: Dice,
}

/// An input that waits for a node that does not run.
#[derive(Clone, Debug)]
pub(super) enum Waiting<N: Node> {
    /// A message in the kernel: an index of the mail.
    Mail(u32),
    /// A timer that ran out, unless the node sets it again or cancels it first.
    Timer(TimerIndex),
    /// What became of a sync.
    Sync(EventId, Fate),
    /// A write was refused.
    Refusal,
    /// A client's next operation may be due.
    Client,
    /// Something on a link.
    Segment(StreamId, Segment),
    /// A command of an administrator.
    Admin(N::Admin, EventId),
}

impl<N: Node> Host<N> {
    pub(super) fn new(seed: u64, id: NodeId) -> Self {
        Self {
            asleep: None,
            waiting: VecDeque::new(),
            paused: None,
            slow: None,
            done_at: Instant::NEVER,
            dice: Dice::new(seed, Concern::Processor, id.number()),
        }
    }

    /// The event that stopped it, if it is stopped.
    pub(super) fn paused_at(&self) -> Option<EventId> {
        self.paused
    }

    /// The event that made it slow, if it is slow.
    pub(super) fn slow_since(&self) -> Option<EventId> {
        self.slow.map(|(_, began)| began)
    }

    /// True if it is stopped or slow.
    pub(super) fn is_hampered(&self) -> bool {
        self.paused.is_some() || self.slow.is_some()
    }
}

impl<N: Node> Simulation<N> {
    /// Lets a fault of processors strike. Says how many nodes it changed.
    pub(super) fn strike_hosts(&mut self, fault: &HostFault<NodeId>, cause: EventId) -> u64 {
        fault.nodes.iter().map(|id| u64::from(self.strike_host(*id, fault.trouble, cause))).sum()
    }

    pub(super) fn strike_host(&mut self, id: NodeId, trouble: HostTrouble, cause: EventId) -> bool {
        match trouble {
            HostTrouble::Pause => {
                let is_running = self.places[id.index()].is_up() && self.host(id).paused.is_none();
                if is_running {
                    let began = self.host_began(id, trouble, cause);
                    self.host(id).paused = Some(began);
                }
                self.fall_asleep(id);
                is_running
            }
            HostTrouble::Resume => self.resume(id, cause),
            HostTrouble::SlowCpu { takes } => {
                self.calm_cpu(id, cause);
                let began = self.host_began(id, trouble, cause);
                self.host(id).slow = Some((takes, began));
                self.fall_asleep(id);
                true
            }
            HostTrouble::CalmCpu => self.calm_cpu(id, cause),
        }
    }

    fn host(&mut self, id: NodeId) -> &mut Host<N> {
        &mut self.rare(id).host
    }

    fn host_began(&mut self, id: NodeId, trouble: HostTrouble, cause: EventId) -> EventId {
        let event = self.next_id();
        self.record(event, id, Some(cause), |_| What::FaultBegan(view(id, trouble)));
        event
    }

    fn host_ended(&mut self, id: NodeId, (began, trouble): (EventId, HostTrouble), cause: EventId) {
        let event = self.next_id();
        let fault = view(id, trouble);
        self.record(event, id, Some(cause), |_| What::FaultEnded { began, fault });
    }

    /// Puts a running node to sleep if its processor is hampered.
    pub(super) fn fall_asleep(&mut self, id: NodeId) {
        let place = &mut self.places[id.index()];
        let Some(rare) = &mut place.rare else { return };
        if rare.host.is_hampered() && place.node.is_some() {
            rare.host.asleep = place.node.take();
        }
    }

    fn wake(&mut self, id: NodeId) {
        let place = &mut self.places[id.index()];
        if let Some(rare) = &mut place.rare
            && rare.host.asleep.is_some()
        {
            place.node = rare.host.asleep.take();
        }
    }

    fn resume(&mut self, id: NodeId, cause: EventId) -> bool {
        let Some(began) = self.host(id).paused.take() else { return false };
        self.host_ended(id, (began, HostTrouble::Pause), cause);
        self.catch_up(id);
        true
    }

    fn calm_cpu(&mut self, id: NodeId, cause: EventId) -> bool {
        let Some((takes, began)) = self.host(id).slow.take() else { return false };
        self.host_ended(id, (began, HostTrouble::SlowCpu { takes }), cause);
        self.catch_up(id);
        true
    }

    /// A node that runs again meets what waited: at once, or one input after the other.
    fn catch_up(&mut self, id: NodeId) {
        if self.host(id).paused.is_some() {
            return;
        }
        if self.host(id).slow.is_some() {
            return self.work_on(id);
        }
        self.host(id).done_at = Instant::NEVER;
        self.wake(id);
        while self.places[id.index()].node.is_some()
            && let Some(waiting) = self.host(id).waiting.pop_front()
        {
            self.meet(id, waiting);
        }
    }

    /// A slow processor turns to the input in front, if it is free.
    fn work_on(&mut self, id: NodeId) {
        let now = self.now;
        let host = self.host(id);
        if host.waiting.is_empty() || host.paused.is_some() || host.done_at != Instant::NEVER {
            return;
        }
        let Some((takes, _)) = host.slow else { return };
        host.done_at = now + takes.draw(&mut host.dice);
        let done_at = host.done_at;
        self.queue.push(done_at, Kind::Processor, u32::from(id.number()));
    }

    /// A slow processor is done with an input.
    #[cold]
    pub(super) fn processor_is_done(&mut self, id: NodeId) {
        let now = self.now;
        let host = self.host(id);
        if host.done_at != now {
            return;
        }
        host.done_at = Instant::NEVER;
        if host.paused.is_some() || host.asleep.is_none() {
            return;
        }
        if let Some(waiting) = host.waiting.pop_front() {
            self.wake(id);
            self.meet(id, waiting);
            self.fall_asleep(id);
        }
        self.work_on(id);
    }

    /// A node that is up and does not run will meet this later. False if it is down.
    pub(super) fn wait(&mut self, id: NodeId, waiting: Waiting<N>) -> bool {
        let Some(rare) = &mut self.places[id.index()].rare else { return false };
        let host = &mut rare.host;
        if host.asleep.is_none() {
            return false;
        }
        host.waiting.push_back(waiting);
        let kind = if host.paused.is_some() { "pause" } else { "slow-cpu" };
        self.plan.strikes.act(kind);
        self.count(id, code::WAIT);
        self.work_on(id);
        true
    }

    fn meet(&mut self, id: NodeId, waiting: Waiting<N>) {
        match waiting {
            Waiting::Mail(index) => {
                if let Some(envelope) = self.mail.take(index) {
                    self.deliver(envelope);
                }
            }
            Waiting::Timer(index) => {
                if let Some((timer, set_at)) = self.timers.overdue(id, index, self.now) {
                    self.fire(id, timer, set_at, None);
                }
            }
            Waiting::Sync(event, fate) => self.hear_of_sync(id, event, fate),
            Waiting::Refusal => self.hear_of_refusal(id),
            Waiting::Segment(stream, segment) => self.hear_at_last(stream, segment),
            Waiting::Client => self.client_is_due(id),
            Waiting::Admin(command, cause) => self.administer(id, command, cause),
        }
    }

    /// A message reaches a node that does not run: it waits in the kernel, or nobody is there.
    #[cold]
    #[inline(never)]
    pub(super) fn arrive_at_sleeper(&mut self, kind: Kind, envelope: Envelope<N::Message>) {
        let (from, to, id) = (envelope.from, envelope.to, envelope.id);
        if !self.places[to.index()].is_up() {
            self.count(to, code::DROP);
            return self.lose(from, to, id, DropCause::Down);
        }
        let envelope = if kind == Kind::Mail {
            envelope
        } else {
            let Some(message) = self.damage(kind, envelope) else { return };
            Envelope { from, to, id, message }
        };
        match self.mail.put(envelope) {
            Some(index) => {
                self.wait(to, Waiting::Mail(index));
            }
            None => self.mail_is_full(),
        }
    }

    /// What is left of a processor's work when its node dies: nothing. A pause ends with the
    /// process; a slow processor stays slow.
    pub(super) fn forget_waiting(&mut self, id: NodeId, cause: EventId) {
        let Some(rare) = &mut self.places[id.index()].rare else { return };
        rare.host.done_at = Instant::NEVER;
        let paused = rare.host.paused.take();
        let waiting = std::mem::take(&mut rare.host.waiting);
        for waiting in waiting {
            match waiting {
                Waiting::Mail(index) => {
                    if let Some(Envelope { from, to, id, .. }) = self.mail.take(index) {
                        self.lose(from, to, id, DropCause::Down);
                    }
                }
                Waiting::Segment(stream, segment) => self.forget_segment(stream, segment),
                Waiting::Timer(_)
                | Waiting::Sync(..)
                | Waiting::Refusal
                | Waiting::Client
                | Waiting::Admin(..) => {}
            }
        }
        if let Some(began) = paused {
            self.host_ended(id, (began, HostTrouble::Pause), cause);
        }
    }
}

fn view(node: NodeId, trouble: HostTrouble) -> FaultView {
    let part = match trouble {
        HostTrouble::Pause | HostTrouble::Resume => NodePart::Pause,
        HostTrouble::SlowCpu { .. } | HostTrouble::CalmCpu => NodePart::Processor,
    };
    FaultView::Node { node, part, words: trouble.words() }
}
