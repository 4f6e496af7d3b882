//! Faults of some links as they strike: cuts, links between rooms, reordering, corruption,
//! bandwidth.

use std::hash::Hash;

use super::Simulation;
use super::mail::Envelope;
use super::queue::Kind;
use super::step::code;
use crate::faults::{Cut, Mend, RoomLinks};
use crate::network::{Scope, Width};
use crate::{DropCause, EventId, Fault, FaultView, Node, NodeId, Payload, What};

impl<N: Node> Simulation<N> {
    /// Lets a fault of the network change it. Such a fault acts when messages meet it.
    pub(super) fn spoil_network(&mut self, fault: &Fault) {
        let network = &mut self.network;
        match fault {
            Fault::Partition(partition) => network.part(&partition.groups),
            Fault::Cut(Cut { from, to, both }) => {
                network.cut(&Scope::new(from.as_deref(), to.as_deref()), *both);
            }
            Fault::Mend(Mend { from, to, both }) => {
                network.mend(&Scope::new(from.as_deref(), to.as_deref()), *both);
            }
            Fault::Delay(fault) => {
                network.change(fault.from.as_deref(), fault.to.as_deref(), |link| {
                    link.delay = fault.delay;
                });
            }
            Fault::Loss(fault) => {
                network.change(fault.from.as_deref(), fault.to.as_deref(), |link| {
                    link.loss = fault.per_million;
                });
            }
            Fault::Duplicate(fault) => {
                network.change(fault.from.as_deref(), fault.to.as_deref(), |link| {
                    link.duplication = fault.per_million;
                });
            }
            Fault::Reorder(fault) => {
                let scope = Scope::new(fault.from.as_deref(), fault.to.as_deref());
                network.reorder(scope, fault.per_million, fault.by);
            }
            Fault::Corrupt(fault) => {
                let scope = Scope::new(fault.from.as_deref(), fault.to.as_deref());
                network.corrupt(scope, fault.per_million, fault.mode);
            }
            Fault::Bandwidth(fault) => {
                let (bytes_per_second, queue_bytes) = (fault.bytes_per_second, fault.queue_bytes);
                let scope = Scope::new(fault.from.as_deref(), fault.to.as_deref());
                network.narrow(scope, Width { bytes_per_second, queue_bytes });
            }
            Fault::Recover(recover) => network.recover(&recover.nodes),
            Fault::CutRooms(links) => network.cut_rooms(links),
            Fault::MendRooms(links) => {
                network.mend_rooms(links);
            }
            Fault::Heal
            | Fault::Crash(_)
            | Fault::CrashInStep(_)
            | Fault::Restart(_)
            | Fault::Calm(_)
            | Fault::Disk(_)
            | Fault::Host(_)
            | Fault::Clock(_) => {}
        }
    }

    /// Mends links, and ends every cut of which nothing is left. Says how many links it mended.
    pub(super) fn mend_links(&mut self, mend: &Mend<NodeId>, cause: EventId) -> u64 {
        let mended =
            self.network.mend(&Scope::new(mend.from.as_deref(), mend.to.as_deref()), mend.both);
        let cuts = self.network.cuts.clone();
        self.end_faults(cause, |_, open| {
            if let Fault::Cut(cut) = open {
                !cuts.has_any_of(&Scope::new(cut.from.as_deref(), cut.to.as_deref()), cut.both)
            } else {
                false
            }
        });
        mended
    }

    /// Mends links between rooms, and ends every cut of which nothing is left. Says how many links
    /// it mended.
    pub(super) fn mend_rooms(&mut self, links: &RoomLinks, cause: EventId) -> u64 {
        let mended = self.network.mend_rooms(links);
        let Some(rooms) = self.network.rooms.clone() else { return mended };
        self.end_faults(
            cause,
            |_, open| matches!(open, Fault::CutRooms(cut) if !rooms.has_cut_any_of(cut)),
        );
        mended
    }

    /// Shows where rooms are parted now: a wall of its own, whichever cuts have led to it.
    pub(super) fn show_wall(&mut self, cause: EventId) {
        let Some(rooms) = &self.network.rooms else { return };
        let view = rooms.groups().map(|groups| FaultView::Partition { groups });
        if self.plan.strikes.wall.as_ref().map(|(_, wall)| wall) == view.as_ref() {
            return;
        }
        if let Some((began, fault)) = self.plan.strikes.wall.take() {
            let event = self.next_id();
            self.record(event, None, Some(cause), |_| What::FaultEnded { began, fault });
        }
        if let Some(view) = view {
            let event = self.next_id();
            self.plan.strikes.wall = Some((event, view.clone()));
            self.record(event, None, Some(cause), |_| What::FaultBegan(view));
        }
    }

    /// What is left of a message that was damaged on its way; `None` if its receiver drops it.
    #[cold]
    pub(super) fn damage(
        &mut self,
        kind: Kind,
        envelope: Envelope<N::Message>,
    ) -> Option<N::Message> {
        let Envelope { from, to, id, message } = envelope;
        if kind == Kind::Spoiled {
            self.network.struck.corruption += 1;
            self.count(to, code::DROP);
            self.lose(from, to, id, DropCause::Corrupted);
            return None;
        }
        let Some(damaged) = message.corrupted(self.network.rough.damage_dice()) else {
            return Some(message);
        };
        self.network.struck.corruption += 1;
        let label = if self.sink.is_full() { damaged.to_string() } else { String::new() };
        let event = self.next_id();
        self.digest.word(code::MUTATE);
        damaged.hash(&mut self.digest);
        self.record(event, to, Some(id), |_| What::Mutated { message: id, label });
        Some(damaged)
    }
}
