//! Writes on their way to a disk, and what the node hears of them.

use std::hash::Hash;

use super::Simulation;
use super::host::Waiting;
use super::queue::Kind;
use super::step::code;
use super::trouble::Fate;
use crate::disk::AfterWrite;
use crate::{
    Durable, Event, EventId, Force, Instant, Moment, Node, NodeId, Released, Ticket, What,
};

impl<N: Node> Simulation<N> {
    #[inline(never)]
    pub(super) fn persist(
        &mut self,
        id: NodeId,
        cause: EventId,
        (delta, force, ticket): (<N::Durable as Durable>::Delta, Force, Option<Ticket>),
    ) {
        self.has_written = true;
        self.digest.word(code::PERSIST);
        delta.hash(&mut self.digest);
        if force == Force::Sync {
            self.meter.forced_write();
        }
        let event = self.next_id();
        if self.sink.is_on() {
            let label = if self.sink.is_full() { delta.to_string() } else { String::new() };
            let forced = force == Force::Sync;
            self.record(event, id, Some(cause), |_| What::Written { label, forced });
        }
        if self.is_in_trouble(id) && self.refuse_write(id) {
            return;
        }
        let place = &mut self.places[id.index()];
        if place.disk.write(delta, force, ticket) == AfterWrite::Nothing {
            if place.sync_began == self.now {
                place.disk.extend_sync();
            }
            return;
        }
        let length = self.sync_length(id);
        // A sync of a disk in trouble may fail, so what follows waits even if it takes no time.
        if length > crate::Duration::ZERO || self.is_in_trouble(id) {
            return self.sync_begins(id, length);
        }
        let place = &mut self.places[id.index()];
        // A disk that takes no time: what follows need not wait, but tickets come back as events.
        let had_tickets = !place.tickets.is_empty();
        place.disk.finish_sync(&mut self.synced, &mut place.tickets);
        if !had_tickets && !place.tickets.is_empty() {
            place.sync_due = self.now;
            self.queue.push(self.now, Kind::Disk, u32::from(id.number()));
        }
    }

    /// The disk of a node has finished a sync, or has tickets to hand out.
    pub(super) fn disk_is_done(&mut self, id: NodeId) {
        self.tell_of_refusal(id);
        let place = &mut self.places[id.index()];
        if place.sync_due != self.now || !place.is_up() {
            return;
        }
        (place.sync_due, place.sync_began) = (Instant::NEVER, Instant::NEVER);
        let event = self.next_id();
        let fate = self.fate_of_sync(id, event);
        if fate == Fate::Failed {
            self.record_failed_sync(id, event);
        } else {
            self.record_sync(id, event, fate);
        }
        if self.places[id.index()].node.is_some() {
            return self.hear_of_sync(id, event, fate);
        }
        // The disk is done, and the process that would go on from there does not run.
        self.settle(id, event, Moment::Step);
        self.wait(id, Waiting::Sync(event, fate));
    }

    /// A node hears what became of a sync, and what waited for it leaves.
    pub(super) fn hear_of_sync(&mut self, id: NodeId, event: EventId, fate: Fate) {
        if self.places[id.index()].rare.is_some() && self.crashes_after_sync(id, event) {
            return;
        }
        while let Some((cause, effect)) = self.places[id.index()].disk.release() {
            let id = self.next_id();
            self.effects.add_released(Released { id, cause, effect });
        }
        self.settle(id, event, Moment::Step);
        // Taken out and put back, so that the room it needed is kept. Tickets that come up
        // meanwhile are those of a disk that takes no time, and have an event of their own.
        let mut tickets = std::mem::take(&mut self.places[id.index()].tickets);
        for ticket in tickets.drain(..) {
            self.step(id, Event::Synced(ticket), event);
        }
        let place = &mut self.places[id.index()];
        if place.tickets.is_empty() {
            place.tickets = tickets;
        }
        if fate == Fate::Failed {
            self.step(id, Event::DiskFailed, event);
        }
    }

    /// The running sync is done, or the node is told so; the next one begins if there is work.
    fn record_sync(&mut self, id: NodeId, event: EventId, fate: Fate) {
        let place = &mut self.places[id.index()];
        let again = if fate == Fate::Pretended {
            place.disk.pretend_sync(&mut place.tickets)
        } else {
            place.disk.finish_sync(&mut self.synced, &mut place.tickets)
        };
        let writes = place.disk.on_disk();
        if again == AfterWrite::StartSync {
            let length = self.sync_length(id);
            self.sync_begins(id, length);
        }
        self.count(id, code::SYNC);
        self.record(event, id, None, |_| What::Synced { writes });
    }

    /// The running sync has failed.
    fn record_failed_sync(&mut self, id: NodeId, event: EventId) {
        let writes_lost = self.places[id.index()].disk.fail_sync();
        self.count(id, code::DISK_FAILED);
        self.record(event, id, None, |_| What::DiskFailed { writes_lost });
    }

    /// A sync of a disk begins.
    pub(super) fn sync_begins(&mut self, id: NodeId, length: crate::Duration) {
        let place = &mut self.places[id.index()];
        (place.sync_due, place.sync_began) = (self.now + length, self.now);
        self.queue.push(place.sync_due, Kind::Disk, u32::from(id.number()));
    }
}
