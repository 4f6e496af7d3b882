//! One step of one node, and what becomes of its effects.

use std::hash::Hash;

use super::Simulation;
use super::host::Waiting;
use super::queue::Kind;
use crate::timers::Queue as TimerQueue;
use crate::{
    Death, Effect, Event, EventId, Fact, Instant, Moment, Node, NodeId, Released, Span,
    StepContext, Timer, TraceEvent, What,
};

/// What kind of event a number in the digest stands for.
pub(super) mod code {
    pub(crate) const DELIVER: u64 = 1;
    pub(crate) const TIMER: u64 = 2;
    pub(crate) const BOOT: u64 = 3;
    pub(crate) const CRASH: u64 = 4;
    pub(crate) const SYNC: u64 = 5;
    pub(crate) const COMMAND: u64 = 6;
    pub(crate) const ADMIN: u64 = 7;
    pub(crate) const STEP: u64 = 8;
    pub(crate) const DROP: u64 = 9;
    pub(crate) const SEND: u64 = 10;
    pub(crate) const FINISH: u64 = 11;
    pub(crate) const FACT: u64 = 12;
    pub(crate) const PERSIST: u64 = 13;
    pub(crate) const COPY: u64 = 14;
    pub(crate) const DISK_FAILED: u64 = 20;
    pub(crate) const MUTATE: u64 = 24;
    pub(crate) const WAIT: u64 = 25;
    pub(crate) const DIAL: u64 = 40;
    pub(crate) const HANG: u64 = 41;
    pub(crate) const LINK_UP: u64 = 42;
    pub(crate) const LINK_DOWN: u64 = 43;
    pub(crate) const RECEIVE: u64 = 44;
    pub(crate) const TRANSMIT: u64 = 45;
}

/// Everything a context needs, borrowed apart so that the node itself can be borrowed too.
macro_rules! context {
    ($simulation:ident, $id:ident, $place:ident) => {
        StepContext {
            id: $id,
            config: &$simulation.config,
            cast: &$simulation.cast,
            now: $simulation.now,
            clock: $place.rare.as_deref().map(|rare| &rare.clock),
            life: $place.life,
            mutant: $simulation.mutant,
            choices: &mut $simulation.dice[$id.index()].choices,
            nonces: &mut $simulation.nonces,
        }
    };
}

impl<N: Node> Simulation<N> {
    /// Boots a node from what its disk shows.
    pub(super) fn boot(&mut self, id: NodeId, cause: Option<EventId>) {
        let event = self.next_id();
        self.count(id, code::BOOT);
        self.rot_disk(id, event);
        let place = &mut self.places[id.index()];
        (place.has_begun, place.has_power) = (true, true);
        let life = place.life;
        let cx = context!(self, id, place);
        let node = N::boot(&cx, &place.disk.seen());
        place.node = Some(node);
        self.record(event, id, cause, |_| What::Started { life });
        self.open_disk(id);
        self.step(id, Event::Started, event);
        self.client_may_go_on(id);
        self.fall_asleep(id);
    }

    /// Gives a node one input and carries out what it asks for. Nothing happens to a node that is
    /// down.
    #[inline(never)]
    pub(super) fn step(&mut self, id: NodeId, event: Event<N>, cause: EventId) {
        self.step_now(id, event, cause);
    }

    /// The same, where a call would cost too much.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each event costs several percent")]
    pub(super) fn step_now(&mut self, id: NodeId, event: Event<N>, cause: EventId) {
        let moment = if matches!(event, Event::Started) { Moment::Boot } else { Moment::Step };
        let is_rare = self.places[id.index()].rare.is_some();
        let is_doomed = is_rare && self.is_doomed(id, &event);
        let place = &mut self.places[id.index()];
        let Some(node) = place.node.as_mut() else { return };
        let mut cx = context!(self, id, place);
        node.step(&mut cx, event, &mut self.effects);
        let standing = node.standing();
        let stands = place.standing.as_ref().is_some_and(|before| before.is_still(&standing));
        if is_rare && self.ends_unusually(id, cause, is_doomed) {
            return;
        }
        if !self.effects.is_empty() {
            self.carry_out_all(id, cause);
        }
        if !stands {
            self.stand(id, standing, cause);
        }
        self.settle_now(id, cause, moment);
    }

    /// Lets the promises look, then lets what was released take its way.
    #[inline(never)]
    pub(super) fn settle(&mut self, id: NodeId, event: EventId, moment: Moment) {
        self.settle_now(id, event, moment);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each event costs several percent")]
    fn settle_now(&mut self, id: NodeId, event: EventId, moment: Moment) {
        if !self.watch.is_empty() {
            self.look(id, event, moment);
        }
        self.synced.clear();
        self.view_if_changed(id, event);
        if self.effects.is_empty() {
            return;
        }
        // Taken one by one from the end of the turned list: nothing is moved out and back in.
        self.effects.turn();
        while let Some(released) = self.effects.take() {
            self.go(id, released);
        }
    }

    /// Carries out everything that was asked for.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each event costs several percent")]
    fn carry_out_all(&mut self, id: NodeId, cause: EventId) {
        let mut next = 0;
        loop {
            if self.places[id.index()].disk.is_clear() {
                next = self.effects.release_visible(next, &mut self.last_id, cause);
            }
            if next >= self.effects.len() {
                return;
            }
            next = self.carry_out(id, cause, next);
        }
    }

    /// Carries out what was asked for at this place of the list. Returns the next place.
    pub(super) fn carry_out(&mut self, id: NodeId, cause: EventId, place: usize) -> usize {
        match self.effects.get(place) {
            Some(Effect::SetTimer { timer, after }) => {
                let (timer, after) = (*timer, *after);
                self.effects.forget(place);
                self.set_timer(id, cause, timer, after);
                place
            }
            Some(Effect::CancelTimer(timer)) => {
                let timer = *timer;
                self.effects.forget(place);
                self.timers.cancel(id, timer);
                place
            }
            Some(Effect::Persist { .. }) => {
                if let Effect::Persist { delta, force, ticket } = self.effects.remove(place) {
                    self.persist(id, cause, (delta, force, ticket));
                }
                place
            }
            Some(Effect::SendNow { .. } | Effect::TransmitNow { .. } | Effect::AnnounceNow(_)) => {
                self.release(cause, place)
            }
            Some(Effect::Halt) => {
                self.effects.truncate(place + 1);
                self.release(cause, place)
            }
            Some(
                Effect::Send { .. }
                | Effect::Transmit { .. }
                | Effect::Dial { .. }
                | Effect::Hang(_)
                | Effect::Finish { .. }
                | Effect::Announce(_),
            ) => {
                let disk = &mut self.places[id.index()].disk;
                if disk.is_clear() {
                    return self.release(cause, place);
                }
                disk.wait(cause, self.effects.remove(place));
                place
            }
            None => place,
        }
    }

    /// A visible effect leaves its node. Returns the next place of the list.
    #[inline]
    fn release(&mut self, cause: EventId, place: usize) -> usize {
        let id = self.next_id();
        self.effects.release(place, id, cause);
        place + 1
    }

    #[inline]
    fn set_timer(&mut self, id: NodeId, cause: EventId, timer: N::Timer, after: Span) {
        let (min, max) = (after.min.as_nanos(), after.max.as_nanos());
        let length = if min == max {
            after.min
        } else {
            crate::Duration::nanos(self.dice[id.index()].jitter.between(min, max))
        };
        let truly = if self.places[id.index()].rare.is_some() {
            self.true_length(id, length)
        } else {
            length
        };
        let due = self.now + truly;
        if let TimerQueue::Push(index, at) = self.timers.set(id, timer, self.now, due) {
            self.queue.push(at, Kind::Timer, index);
        }
        let event = self.next_id();
        self.record(event, id, Some(cause), |_| What::TimerSet { timer: timer.name(), due });
    }

    /// A timer runs out.
    pub(super) fn fire(
        &mut self,
        id: NodeId,
        timer: N::Timer,
        set_at: Instant,
        cause: Option<EventId>,
    ) {
        if self.places[id.index()].node.is_none() {
            return self.put_timer_off(id, timer, set_at);
        }
        let event = self.next_id();
        self.count(id, code::TIMER);
        let waited = self.now - set_at;
        self.record(event, id, cause, |_| What::TimerFired { timer: timer.name(), waited });
        self.step(id, Event::Timer(timer), event);
    }

    /// A timer of a node that does not run runs out: it will fire when the node runs again.
    #[cold]
    fn put_timer_off(&mut self, id: NodeId, timer: N::Timer, set_at: Instant) {
        let index = self.timers.put_off(id, timer, self.now, set_at);
        self.wait(id, Waiting::Timer(index));
    }

    /// A released effect takes its way into the world.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    fn go(&mut self, id: NodeId, released: Released<N>) {
        let Released { id: event, cause, effect } = released;
        match effect {
            Effect::Send { to, message } | Effect::SendNow { to, message } => {
                self.digest.tag(code::SEND << 32 | u64::from(to.number()));
                message.hash(&mut self.digest);
                if self.sink.is_on() {
                    self.record_sent((id, to), (event, cause), &message, None);
                }
                self.post(id, to, event, message);
            }
            effect @ (Effect::Transmit { .. }
            | Effect::TransmitNow { .. }
            | Effect::Dial { .. }
            | Effect::Hang(_)
            | Effect::Finish { .. }
            | Effect::Announce(_)
            | Effect::AnnounceNow(_)
            | Effect::Halt
            | Effect::SetTimer { .. }
            | Effect::CancelTimer(_)
            | Effect::Persist { .. }) => {
                self.go_otherwise(id, Released { id: event, cause, effect });
            }
        }
    }

    /// The same for everything but datagrams.
    #[inline(never)]
    fn go_otherwise(&mut self, id: NodeId, released: Released<N>) {
        let Released { id: event, cause, effect } = released;
        match effect {
            Effect::Transmit { link, message } | Effect::TransmitNow { link, message } => {
                self.transmit(id, link, (event, cause), message);
            }
            Effect::Dial { to, port } => self.dial(id, (to, port), (event, cause)),
            Effect::Hang(link) => self.hang_up(id, link, (event, cause)),
            Effect::Finish { op, ending } => {
                self.digest.word(code::FINISH << 32 | u64::from(op.0));
                ending.hash(&mut self.digest);
                self.finish_operation(id, op, ending, (event, cause));
            }
            Effect::Announce(fact) | Effect::AnnounceNow(fact) => {
                self.digest.word(code::FACT);
                fact.hash(&mut self.digest);
                let name = fact.name();
                self.milestones.count(name);
                if let Some(span) = fact.span() {
                    self.meter.span(self.now, id, span);
                }
                if self.sink.takes_fact(name) {
                    let (at, what) = (self.now, What::Fact(view_of(&fact)));
                    let (node, cause) = (Some(id), Some(cause));
                    self.sink.push(TraceEvent { id: event, at, node, cause, what });
                }
                self.notice_fact(id, name);
            }
            Effect::Halt => {
                self.crash(id, Death::Halt, cause);
            }
            Effect::Send { .. }
            | Effect::SendNow { .. }
            | Effect::SetTimer { .. }
            | Effect::CancelTimer(_)
            | Effect::Persist { .. } => {
                unreachable!("datagrams are sent, and only visible effects are released")
            }
        }
    }

    /// Hands an administrator's command to a node.
    pub(super) fn administer(&mut self, id: NodeId, command: N::Admin, cause: EventId) {
        if self.places[id.index()].node.is_none() {
            self.wait(id, Waiting::Admin(command, cause));
            return;
        }
        self.count(id, code::ADMIN);
        command.hash(&mut self.digest);
        self.step(id, Event::Admin(command), cause);
    }
}

/// A fact as the trace keeps it.
fn view_of<F: Fact>(fact: &F) -> crate::FactView {
    crate::FactView {
        name: fact.name(),
        details: fact.details(),
        weight: fact.weight(),
        caption: fact.caption(),
        mark: fact.mark(),
    }
}
