//! The event queue: ordered by time, then by order of entry. Holds packed keys only; what they
//! stand for lies in slabs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Instant;

const KIND_BITS: u32 = 4;
const INDEX_BITS: u32 = 24;
const SEQUENCE_BITS: u32 = 36;

/// How many things of one kind can wait at once.
pub(crate) const INDEX_LIMIT: u32 = 1 << INDEX_BITS;

/// What a queued key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A message arrives: an index of the mail.
    Mail,
    /// A message arrives damaged, and its receiver sees that: an index of the mail.
    Spoiled,
    /// A message arrives damaged, unseen: an index of the mail.
    Mutated,
    /// A timer may be due: an index of the timer table.
    Timer,
    /// A disk may have finished, or tickets are to be handed out: a seat.
    Disk,
    /// A client may invoke its next operation: a seat.
    Client,
    /// A step of the scenario is due: its place.
    Step,
    /// Something may be due on a link: a direction of a connection.
    Link,
    /// A slow processor may be done with an input: a seat.
    Processor,
}

impl Kind {
    const fn number(self) -> u128 {
        match self {
            Self::Mail => 0,
            Self::Timer => 1,
            Self::Disk => 2,
            Self::Client => 3,
            Self::Step => 4,
            Self::Link => 5,
            Self::Processor => 6,
            Self::Spoiled => 8,
            Self::Mutated => 9,
        }
    }

    const fn of(number: u128) -> Self {
        match number {
            0 => Self::Mail,
            1 => Self::Timer,
            2 => Self::Disk,
            3 => Self::Client,
            5 => Self::Link,
            6 => Self::Processor,
            8 => Self::Spoiled,
            9 => Self::Mutated,
            _ => Self::Step,
        }
    }
}

/// The queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    heap: BinaryHeap<Reverse<u128>>,
    sequence: u64,
}

impl Queue {
    #[inline]
    pub(crate) fn push(&mut self, at: Instant, kind: Kind, index: u32) {
        debug_assert!(index < INDEX_LIMIT, "more than {INDEX_LIMIT} things wait at once");
        self.sequence += 1;
        assert!(self.sequence < 1 << SEQUENCE_BITS, "a run has fewer than 2^36 events");
        let key = u128::from(at.nanos()) << 64
            | u128::from(self.sequence) << (KIND_BITS + INDEX_BITS)
            | kind.number() << INDEX_BITS
            | u128::from(index);
        self.heap.push(Reverse(key));
    }

    /// The next key that comes up no later than `until`.
    #[inline]
    #[expect(
        clippy::as_conversions,
        reason = "the parts of the key are taken apart; the masks keep what fits"
    )]
    pub(crate) fn pop(&mut self, until: Instant) -> Option<(Instant, Kind, u32)> {
        let Reverse(key) = *self.heap.peek()?;
        let at = Instant::from_nanos((key >> 64) as u64);
        if at > until {
            return None;
        }
        self.heap.pop();
        let kind = Kind::of(key >> INDEX_BITS & ((1 << KIND_BITS) - 1));
        let index = (key & ((1 << INDEX_BITS) - 1)) as u32;
        Some((at, kind, index))
    }

    /// True if nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_leave_in_order_of_entry() {
        let mut queue = Queue::default();
        let at = Instant::from_nanos;
        queue.push(at(5), Kind::Mail, 1);
        queue.push(at(3), Kind::Timer, 2);
        queue.push(at(5), Kind::Disk, 3);
        queue.push(at(3), Kind::Step, INDEX_LIMIT - 1);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(at(9))).collect();
        assert_eq!(
            order,
            [
                (at(3), Kind::Timer, 2),
                (at(3), Kind::Step, INDEX_LIMIT - 1),
                (at(5), Kind::Mail, 1),
                (at(5), Kind::Disk, 3),
            ]
        );
    }

    #[test]
    fn nothing_comes_up_after_the_end() {
        let mut queue = Queue::default();
        queue.push(Instant::from_nanos(10), Kind::Mail, 0);
        assert_eq!(queue.pop(Instant::from_nanos(9)), None);
        assert!(!queue.is_empty());
    }
}
