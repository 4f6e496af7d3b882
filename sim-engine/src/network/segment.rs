//! Segments of links: what becomes of one attempt to send one. The sender's kernel makes good what
//! the network does wrong, so that damage and loss are only time.

use std::collections::BTreeMap;

use super::{FilterAction, Network};
use crate::dice::DiceBag;
use crate::faults::CorruptionMode;
use crate::{Concern, Dice, Duration, Instant, NodeId};

/// What the network knows of a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    /// The kind of message it carries, if it does: directives are about messages.
    pub(crate) kind: Option<&'static str>,
    pub(crate) bytes: u32,
    pub(crate) attempt: Try,
}

/// Which attempt it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Try {
    /// The first one.
    First,
    /// There is none: the segment is blocked, behind another of its stream. It draws what it would
    /// have drawn, and only directives see it.
    Blocked,
    /// It was lost before.
    Again,
    /// The schedule let it go.
    Released,
}

/// What becomes of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    /// It arrives, unless a fault stops it on the way.
    Flies { after: Duration, is_damaged: bool },
    /// It is lost, whatever the cause.
    Swallowed,
    /// It is put aside until the schedule releases it.
    Held,
}

/// The dice of senders that have sent segments: apart from those of datagrams, and what is sent
/// again apart from what is sent.
#[derive(Clone, Debug, Default)]
pub(super) struct SegmentDice {
    first: BTreeMap<NodeId, Dice>,
    again: BTreeMap<NodeId, Dice>,
}

impl Network {
    /// What becomes of a segment that leaves now.
    pub(crate) fn pass(&mut self, now: Instant, outgoing: &Outgoing) -> Passage {
        let Outgoing { from, to, kind, bytes, attempt } = *outgoing;
        let link = self.link(from, to);
        let rooms = self.rooms.as_ref().filter(|_| link.delay == self.base.delay);
        let dice = self.segment_dice.stream(&self.rough.bag, from, attempt);
        let path = rooms.and_then(|rooms| rooms.travel(from, to, dice));
        let delay = path.unwrap_or_else(|| link.delay.draw(dice));
        let lost = link.loss > 0 && dice.chance(link.loss);
        let flies = |after| Passage::Flies { after, is_damaged: false };
        if self.calm {
            return flies(delay);
        }
        let kind = kind.filter(|_| attempt != Try::Released);
        let action = kind.and_then(|kind| self.filtered(from, to, kind));
        self.struck.directed += u64::from(action.is_some());
        match action {
            Some(FilterAction::Drop) => return Passage::Swallowed,
            Some(FilterAction::Hold) => return Passage::Held,
            Some(FilterAction::Deliver) => return flies(Duration::ZERO),
            None if attempt == Try::Blocked => return flies(delay),
            None if self.stops(from, to).is_some() => return Passage::Swallowed,
            None => {}
        }
        let held_back = self.rough.hold_back(from, to);
        let damage = self.rough.damage(from, to);
        let Some(carried) = self.narrow.carry(now, (from, to), bytes) else {
            self.struck.bandwidth += 1;
            return Passage::Swallowed;
        };
        self.struck.bandwidth += u64::from(carried > Duration::ZERO);
        self.struck.cut += u64::from(self.is_hindered(from, to));
        self.struck.delay += u64::from(link.delay != self.base.delay);
        if lost {
            self.struck.loss += 1;
            return Passage::Swallowed;
        }
        self.struck.reordering += u64::from(held_back > Duration::ZERO);
        if damage == Some(CorruptionMode::Checksum) {
            self.struck.corruption += 1;
            return Passage::Swallowed;
        }
        let is_damaged = damage == Some(CorruptionMode::Mutate);
        Passage::Flies { after: carried + delay + held_back, is_damaged }
    }
}

impl SegmentDice {
    fn stream(&mut self, bag: &DiceBag, from: NodeId, attempt: Try) -> &mut Dice {
        let (streams, concern) = match attempt {
            Try::First | Try::Blocked => (&mut self.first, Concern::Links),
            Try::Again | Try::Released => (&mut self.again, Concern::Retransmission),
        };
        streams.entry(from).or_insert_with(|| bag.stream(concern, from.number()))
    }
}
