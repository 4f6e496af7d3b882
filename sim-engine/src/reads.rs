//! What promises read of a step, so that each is asked only about steps in which there is something
//! of it.

use crate::effect::Told;
use crate::{Fact, Moment, Node, Payload, Released};

/// What facts or messages are about: a set of topics that their protocol numbers.
///
/// A promise that names the topics it reads is not asked about steps in which others are all there
/// is.
///
/// ```
/// use sim_engine::Topics;
///
/// const VOTES: Topics = Topics::one(0);
/// const TERMS: Topics = Topics::one(1);
/// assert_ne!(VOTES, VOTES.and(TERMS));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topics(u64);

impl Topics {
    /// How many topics a protocol can have for its facts, and for its messages.
    pub const MAX: u32 = 22;
    /// None that has a number: for promises that read everything.
    pub const OTHER: Self = Self(1 << Self::MAX);
    /// Whatever there is: every promise looks, unless it reads nothing of the kind.
    pub const UNKNOWN: Self = Self(2 << Self::MAX);
    const BITS: u32 = Self::MAX + 2;
    const ALL: Self = Self((1 << Self::BITS) - 1);

    /// The topic with this number, which is less than [`Topics::MAX`].
    pub const fn one(number: u32) -> Self {
        assert!(number < Self::MAX, "a protocol has at most 22 topics");
        Self(1 << number)
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a promise reads when it looks at a step: a set. Of a step in which there is something of
/// it, a promise may read everything.
///
/// ```
/// use sim_engine::{Reads, Topics};
///
/// const VOTES: Topics = Topics::one(0);
/// let reads = Reads::facts(VOTES).and(Reads::DISKS);
/// assert!(reads.has(Reads::DISKS) && !reads.has(Reads::MESSAGES));
/// assert!(Reads::STEPS.has(Reads::MESSAGES) && !Reads::NOTHING.has(Reads::MESSAGES));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads(u64);

impl Reads {
    /// Nothing: it judges recoveries or the end.
    pub const NOTHING: Self = Self(0);
    /// [`Look::synced`](crate::Look::synced), and what a disk shows when its node boots or crashes.
    pub const DISKS: Self = Self(1);
    /// What a node has handed to its disk, and has changed in its memory with it.
    pub const WRITES: Self = Self(2);
    /// That a node boots or crashes.
    pub const LIVES: Self = Self(4);
    /// [`Look::facts`](crate::Look::facts).
    pub const FACTS: Self = Self::facts(Topics::ALL);
    /// [`Look::sent`](crate::Look::sent).
    pub const MESSAGES: Self = Self::messages(Topics::ALL);
    /// Every step, even if nothing that anybody could see happens in it: what is in memory.
    pub const STEPS: Self = Self(u64::MAX);
    /// That there is a step.
    const STEP: Self = Self(8);
    const FACTS_FROM: u32 = 8;
    const MESSAGES_FROM: u32 = Self::FACTS_FROM + Topics::BITS;

    /// [`Look::facts`](crate::Look::facts), if there are some about any of these.
    pub const fn facts(topics: Topics) -> Self {
        Self::fact_about(topics.and(Topics::UNKNOWN))
    }

    /// [`Look::sent`](crate::Look::sent), if there are some about any of these.
    pub const fn messages(topics: Topics) -> Self {
        Self::message_about(topics.and(Topics::UNKNOWN))
    }

    const fn fact_about(topics: Topics) -> Self {
        Self(topics.0 << Self::FACTS_FROM)
    }

    const fn message_about(topics: Topics) -> Self {
        Self(topics.0 << Self::MESSAGES_FROM)
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if there is something of `other` in it.
    #[inline]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// How many parts a set may have.
    pub(crate) const PARTS: usize = 64;

    /// The numbers of its parts, each less than [`Reads::PARTS`].
    #[inline]
    pub(crate) fn parts(self) -> Bits {
        Bits(self.0)
    }
}

/// The places of the bits of a number that are one, lowest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bits(pub(crate) u64);

impl Bits {
    pub(crate) fn set(&mut self, place: usize) {
        self.0 |= 1 << place;
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl Iterator for Bits {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.is_empty() {
            return None;
        }
        let place = self.0.trailing_zeros();
        self.0 &= self.0 - 1;
        usize::try_from(place).ok()
    }
}

/// What there is to read in a step, beside what it has released.
#[inline]
pub(crate) fn known(moment: Moment, has_synced: bool, has_written: bool) -> Reads {
    let lives = match moment {
        Moment::Step => Reads::STEP,
        Moment::Boot | Moment::Crash => Reads::STEP.and(Reads::LIVES).and(Reads::DISKS),
    };
    let synced = if has_synced { Reads::DISKS } else { Reads::NOTHING };
    let written = if has_written { Reads::WRITES } else { Reads::NOTHING };
    lives.and(synced).and(written)
}

/// What there is to read in a step, beside what is known of it.
#[inline]
pub(crate) fn there_is<N: Node>(known: Reads, released: &[Released<N>]) -> Reads {
    released.iter().fold(known, |there_is, released| {
        there_is.and(match released.effect.told() {
            Told::Fact(fact) => Reads::fact_about(fact.topics()),
            Told::Message(_, message) => Reads::message_about(message.topics()),
            Told::Nothing => Reads::NOTHING,
        })
    })
}
