//! Faults of some links as they strike: cuts, reordering, corruption, bandwidth.

use std::hash::Hash;

use super::Simulation;
use super::mail::Envelope;
use super::queue::Kind;
use super::step::code;
use crate::faults::{Bandwidth, Corruption, Cut, Mend, Reordering};
use crate::network::{Scope, Width};
use crate::{DropCause, EventId, Fault, Node, NodeId, Payload, What};

impl<N: Node> Simulation<N> {
    /// Cuts links. Acts when a message meets one of them.
    pub(super) fn cut_links(&mut self, cut: &Cut<NodeId>) -> u64 {
        self.network.cut(&Scope::new(cut.from.as_deref(), cut.to.as_deref()), cut.both);
        0
    }

    /// Mends links, and ends every cut of which nothing is left. Says how many links it mended.
    pub(super) fn mend_links(&mut self, mend: &Mend<NodeId>, cause: EventId) -> u64 {
        let mended =
            self.network.mend(&Scope::new(mend.from.as_deref(), mend.to.as_deref()), mend.both);
        let cuts = self.network.cuts.clone();
        self.end_faults(cause, |open| {
            if let Fault::Cut(cut) = open {
                !cuts.has_any_of(&Scope::new(cut.from.as_deref(), cut.to.as_deref()), cut.both)
            } else {
                false
            }
        });
        mended
    }

    /// Lets links hold messages back. Acts on those that are sent.
    pub(super) fn reorder_links(&mut self, fault: &Reordering<NodeId>) -> u64 {
        let scope = Scope::new(fault.from.as_deref(), fault.to.as_deref());
        self.network.reorder(scope, fault.per_million, fault.by);
        0
    }

    /// Lets links damage messages. Acts on those that arrive.
    pub(super) fn corrupt_links(&mut self, fault: &Corruption<NodeId>) -> u64 {
        let scope = Scope::new(fault.from.as_deref(), fault.to.as_deref());
        self.network.corrupt(scope, fault.per_million, fault.mode);
        0
    }

    /// Makes links narrow. Acts on messages that are sent.
    pub(super) fn narrow_links(&mut self, fault: &Bandwidth<NodeId>) -> u64 {
        let (bytes_per_second, queue_bytes) = (fault.bytes_per_second, fault.queue_bytes);
        let scope = Scope::new(fault.from.as_deref(), fault.to.as_deref());
        self.network.narrow(scope, Width { bytes_per_second, queue_bytes });
        0
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
