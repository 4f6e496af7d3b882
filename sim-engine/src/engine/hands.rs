//! A run moved by hand, one thing at a time: for stories and for tests that must choose every
//! order.
//!
//! Every message is held until somebody names it, time stands still until somebody lets it pass,
//! and what takes no time happens at once: tickets of a disk that needs no time, messages to
//! oneself.

use super::mail::Envelope;
use super::{Simulation, Spec};
use crate::trace::TraceEvent;
use crate::{
    Duration, Fault, Filter, FilterAction, Instant, Mutant, Node, NodeId, Operation, PromiseResult,
    Timer, Vocabulary,
};

/// How many events may happen while time stands still or passes by hand: more means a loop.
const EVENTS_MAX: u64 = 10_000;

/// What is done with a held message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hand {
    /// It arrives.
    Deliver,
    /// It is lost.
    Drop,
    /// A second copy of it is held, newest of all.
    Duplicate,
}

impl<N: Node> Simulation<N> {
    /// A run in hands from its first event on: holds every message, except those of a node to
    /// itself, and then boots everybody.
    pub(crate) fn by_hand(mut spec: Spec<N>) -> Self {
        spec.late = spec.cast.ids().collect();
        let mut simulation = Self::new(spec);
        let hold =
            Filter { action: FilterAction::Hold, kind: None, from: None, to: None, left: None };
        simulation.network.filters.push(hold);
        simulation.network.look_again();
        for id in simulation.cast.ids() {
            simulation.boot(id, None);
        }
        simulation
    }

    /// The messages that are held, oldest first.
    pub(crate) fn held(&self) -> impl Iterator<Item = Envelope<&N::Message>> {
        self.mail.held()
    }

    /// Does something with the oldest held message that fits. False if none does. Messages of a
    /// link keep their order, are sent again when they are lost, and have no copies.
    pub(crate) fn handle(
        &mut self,
        hand: Hand,
        fits: impl Fn(Envelope<&N::Message>) -> bool,
    ) -> bool {
        let connections = self.connections.as_deref();
        let may = |index| match (hand, connections) {
            (Hand::Deliver | Hand::Drop, Some(links)) => links.may_arrive(index),
            (Hand::Duplicate, Some(links)) => !links.carry(index),
            (_, None) => true,
        };
        let found = self.mail.find_held(|index, envelope| fits(envelope) && may(index));
        let Some(index) = found else { return false };
        if hand == Hand::Duplicate {
            self.copy_held(index);
            return true;
        }
        self.mail.unhold(index);
        match hand {
            Hand::Deliver if self.arrive_on_link(index) => {}
            Hand::Deliver => self.arrive(index),
            Hand::Drop | Hand::Duplicate => self.let_go(index, true),
        }
        true
    }

    fn copy_held(&mut self, index: u32) {
        let Some(Envelope { from, to, id, message }) = self.mail.get(index) else { return };
        let message = message.clone();
        let id = self.copied(from, id);
        if let Some(index) = self.mail.put(Envelope { from, to, id, message }) {
            self.mail.hold(index);
        }
    }

    /// Makes a timer run out now. An error if it is not set: a timer that is not set cannot fire.
    pub(crate) fn fire_by_hand(&mut self, id: NodeId, timer: N::Timer) -> Result<(), String> {
        let name = self.cast.name(id);
        if !self.timers.is_set(id, timer) {
            return Err(format!("the timer `{}` of {name} is not set", timer.name()));
        }
        self.timers.cancel(id, timer);
        self.fire(id, timer, self.now, None);
        Ok(())
    }

    /// Lets a client invoke an operation now.
    pub(crate) fn command_by_hand(
        &mut self,
        client: NodeId,
        operation: Operation,
    ) -> Result<(), String> {
        let (seat, place) = (self.cast.seat(client), &self.places[client.index()]);
        if !seat.is_client {
            return Err(format!("{} is no client", seat.name));
        }
        if place.node.is_none() {
            return Err(format!("{} is down or does not run", seat.name));
        }
        if place.lane.open.is_some() {
            return Err(format!("{} still waits for its last operation", seat.name));
        }
        if N::Command::from_operation(&operation).is_none() {
            return Err(format!("this protocol does not serve `{operation}`"));
        }
        self.invoke(client, operation);
        Ok(())
    }

    /// Lets a fault strike now. Says how many things it changed at once.
    pub(crate) fn strike_by_hand(&mut self, fault: Fault) -> u64 {
        let event = self.next_id();
        self.strike(fault, event)
    }

    /// Lets the running sync of a disk finish now. False if none runs.
    pub(crate) fn sync_by_hand(&mut self, id: NodeId) -> bool {
        let place = &mut self.places[id.index()];
        if place.sync_due == Instant::NEVER {
            return false;
        }
        place.sync_due = self.now;
        self.disk_is_done(id);
        true
    }

    /// From now on a sync takes this long.
    pub(crate) fn set_disk(&mut self, sync: Duration) {
        self.disk_spec.sync = crate::Delay::Fixed(sync);
    }

    /// From now on this planted bug is on.
    pub(crate) fn plant(&mut self, mutant: Mutant) {
        self.mutant = Some(mutant);
    }

    /// Lets time pass, and with it everything that is due but held messages. An error if it never
    /// ends.
    pub(crate) fn pass(&mut self, length: Duration) -> Result<(), String> {
        let end = self.now + length;
        self.until = end;
        self.events_max = self.events.saturating_add(EVENTS_MAX);
        let mut rounds = 0;
        while rounds < EVENTS_MAX && self.advance() {
            rounds += 1;
        }
        self.now = end;
        if rounds == EVENTS_MAX || self.events >= self.events_max {
            return Err(format!(
                "more than {EVENTS_MAX} things happened; something goes in circles"
            ));
        }
        Ok(())
    }

    /// Who takes part.
    pub(crate) fn cast(&self) -> &crate::Cast<N::Role> {
        &self.cast
    }

    /// The memory of a node and what is on its disk; `None` while it is down.
    pub(crate) fn state(&self, id: NodeId) -> Option<(&N, &N::Durable)> {
        let place = &self.places[id.index()];
        place.memory().map(|node| (node, &place.disk.synced))
    }

    /// The operation with this number, as its client knows it.
    pub(crate) fn operation(&self, op: crate::OpId) -> Option<Operation> {
        let record = self.history.operations.get(usize::try_from(op.0).ok()?)?;
        Some(record.operation)
    }

    /// What was recorded since `place`, in the order in which it happened.
    pub(crate) fn recorded_since(&self, place: usize) -> impl Iterator<Item = &TraceEvent> {
        self.sink.since(place)
    }

    /// What has become of each promise so far.
    pub(crate) fn promises_so_far(&self) -> Vec<PromiseResult> {
        self.watch.results()
    }
}
