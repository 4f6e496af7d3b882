//! Promises: what a protocol says will always hold, checked after every step.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt::Debug;

use crate::embed::Nodes;
use crate::{
    Cast, Durable, Effect, EventId, Fact, History, Instant, Node, NodeId, Payload, Recovery,
};

/// A promise of a protocol, checked as the run goes on.
///
/// It remembers what it needs: one look must not cost more in a long run than in a short one.
pub trait Promise<N: Node>: Debug {
    /// Its name, kebab-case: `election-safety`.
    fn name(&self) -> &'static str;

    /// Looks at one step. Promises about history read released effects, never memory: a vote that
    /// died unsynced and was never sent is no vote.
    fn look(&mut self, look: &Look<'_, N>) -> Result<(), Violation>;

    /// What it reads when it looks at a step: it is not asked about steps in which there is nothing
    /// of that. Settings may take a promise back altogether.
    fn reads(&self, _config: &N::Config) -> Reads {
        Reads::STEPS
    }

    /// Looks at a recovery: when the faults of a core end, whenever something strikes before the
    /// time for progress is over, and when it is. Promises of progress judge then, and only if the
    /// faults that are left are no more than the protocol promises to survive.
    fn recovery(&mut self, _recovery: &Recovery<'_, N>) -> Result<(), Violation> {
        Ok(())
    }

    /// Why nothing can be said of it, if the faults were more than the protocol survives.
    fn suspended(&self) -> Option<&str> {
        None
    }

    /// Looks at the whole run once it is over.
    fn at_end(&mut self, _end: &End<'_, N>) -> Result<(), Violation> {
        Ok(())
    }

    /// True if it was put to the test and nobody knows what came of it: a budget ran out first.
    fn is_undecided(&self) -> bool {
        false
    }

    /// How often it was put to the test. A promise that never was is not exercised, not held.
    fn exercised(&self) -> u64;
}

/// What facts or messages are about: a set of topics that their protocol numbers.
///
/// A promise that names the topics it reads is not asked about steps in which others are all there
/// is. What names no topic of its own is about every one.
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
    pub const MAX: u32 = 24;
    /// None: no promise reads it.
    pub const NONE: Self = Self(0);
    /// Every one.
    pub const ALL: Self = Self((1 << Self::MAX) - 1);

    /// The topic with this number, which is less than [`Topics::MAX`].
    pub const fn one(number: u32) -> Self {
        assert!(number < Self::MAX, "a protocol has at most 24 topics");
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
/// assert!(Reads::FACTS.has(Reads::facts(VOTES)) && !reads.has(Reads::facts(Topics::one(1))));
/// assert!(Reads::STEPS.has(Reads::MESSAGES) && !Reads::NOTHING.has(Reads::MESSAGES));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reads(u64);

impl Reads {
    /// Nothing: it judges recoveries or the end.
    pub const NOTHING: Self = Self(0);
    /// [`Look::synced`], and what a disk shows when its node boots or crashes.
    pub const DISKS: Self = Self(1);
    /// What a node has handed to its disk, and has changed in its memory with it.
    pub const WRITES: Self = Self(2);
    /// That a node boots or crashes.
    pub const LIVES: Self = Self(4);
    /// [`Look::facts`].
    pub const FACTS: Self = Self::facts(Topics::ALL);
    /// [`Look::sent`].
    pub const MESSAGES: Self = Self::messages(Topics::ALL);
    /// Every step, even if nothing that anybody could see happens in it: what is in memory.
    pub const STEPS: Self = Self(u64::MAX);
    /// That there is a step.
    const STEP: Self = Self(8);

    /// [`Look::facts`] about any of these.
    pub const fn facts(topics: Topics) -> Self {
        Self(topics.0 << 8)
    }

    /// [`Look::sent`] about any of these.
    pub const fn messages(topics: Topics) -> Self {
        Self(topics.0 << (8 + Topics::MAX))
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
}

/// A broken promise: a finding, not an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong, in one sentence.
    pub why: String,
    /// The events that show it, oldest first. They say which nodes and messages to point at.
    pub witness: Vec<EventId>,
}

impl Violation {
    /// A finding with its witness.
    pub fn new(why: impl Into<String>, witness: impl IntoIterator<Item = EventId>) -> Self {
        let mut witness: Vec<_> = witness.into_iter().collect();
        witness.sort_unstable();
        witness.dedup();
        Self { why: why.into(), witness }
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
        there_is.and(match &released.effect {
            Effect::Announce(fact) | Effect::AnnounceNow(fact) => Reads::facts(fact.topics()),
            Effect::Send { message, .. }
            | Effect::SendNow { message, .. }
            | Effect::Transmit { message, .. }
            | Effect::TransmitNow { message, .. } => Reads::messages(message.topics()),
            Effect::Dial { .. }
            | Effect::Hang(_)
            | Effect::SetTimer { .. }
            | Effect::CancelTimer(_)
            | Effect::Persist { .. }
            | Effect::Finish { .. }
            | Effect::Halt => Reads::NOTHING,
        })
    })
}

/// What kind of moment a look is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A node booted, and took its first step.
    Boot,
    /// A node took a step, or its disk made writes durable.
    Step,
    /// A node crashed: its memory is gone, and its unsynced writes if its machine crashed.
    Crash,
}

/// A visible effect that left its node, with the event id it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Released<N: Node> {
    /// Its event.
    pub id: EventId,
    /// The step that asked for it.
    pub cause: EventId,
    /// What left: a message, the end of an operation, a fact.
    pub effect: Effect<N>,
}

/// What a promise sees of one step.
#[derive(Debug)]
pub struct Look<'a, N: Node> {
    /// When.
    pub at: Instant,
    /// The event.
    pub event: EventId,
    /// At which node.
    pub node: NodeId,
    /// What kind of moment.
    pub moment: Moment,
    /// What others can see of it now.
    pub released: &'a [Released<N>],
    /// The writes of this node that became durable now.
    pub synced: &'a [<N::Durable as Durable>::Delta],
    pub(crate) nodes: Nodes<'a, N>,
    pub(crate) cast: &'a Cast<N::Role>,
    pub(crate) config: &'a N::Config,
    /// What guests did in this step: worked out by the first promise that asks, for all others.
    pub(crate) guests: &'a OnceCell<Box<dyn Any>>,
    /// What there is to read.
    pub(crate) there_is: Reads,
}

impl<'a, N: Node> Look<'a, N> {
    /// The memory of a node; `None` while it is down.
    pub fn memory(&self, id: NodeId) -> Option<&'a N> {
        self.nodes.memory(id)
    }

    /// What is truly on the disk of a node, whatever a lying disk has told it. Promises about
    /// durability read this.
    pub fn durable(&self, id: NodeId) -> &'a N::Durable {
        self.nodes.durable(id)
    }

    /// True if there is something of this in the step.
    pub fn has(&self, reads: Reads) -> bool {
        self.there_is.has(reads)
    }

    /// Who takes part.
    pub fn cast(&self) -> &'a Cast<N::Role> {
        self.cast
    }

    /// The system's settings.
    pub fn config(&self) -> &'a N::Config {
        self.config
    }

    /// The facts announced in this step, with their events.
    pub fn facts(&self) -> impl Iterator<Item = (EventId, &'a N::Fact)> + use<'a, N> {
        let released = if self.has(Reads::FACTS) { self.released } else { &[] };
        released.iter().filter_map(|released| match &released.effect {
            Effect::Announce(fact) | Effect::AnnounceNow(fact) => Some((released.id, fact)),
            Effect::Send { .. }
            | Effect::SendNow { .. }
            | Effect::Transmit { .. }
            | Effect::TransmitNow { .. }
            | Effect::Dial { .. }
            | Effect::Hang(_)
            | Effect::SetTimer { .. }
            | Effect::CancelTimer(_)
            | Effect::Persist { .. }
            | Effect::Finish { .. }
            | Effect::Halt => None,
        })
    }

    /// The messages sent in this step, as datagrams or on links, with their events and receivers.
    pub fn sent(&self) -> impl Iterator<Item = (EventId, NodeId, &'a N::Message)> + use<'a, N> {
        let released = if self.has(Reads::MESSAGES) { self.released } else { &[] };
        released.iter().filter_map(|released| match &released.effect {
            Effect::Send { to, message } | Effect::SendNow { to, message } => {
                Some((released.id, *to, message))
            }
            Effect::Transmit { link, message } | Effect::TransmitNow { link, message } => {
                Some((released.id, link.peer, message))
            }
            Effect::Dial { .. }
            | Effect::Hang(_)
            | Effect::SetTimer { .. }
            | Effect::CancelTimer(_)
            | Effect::Persist { .. }
            | Effect::Finish { .. }
            | Effect::Announce(_)
            | Effect::AnnounceNow(_)
            | Effect::Halt => None,
        })
    }
}

/// What a promise sees when the run is over.
#[derive(Debug)]
pub struct End<'a, N: Node> {
    /// When it ended.
    pub at: Instant,
    /// What clients asked and know.
    pub history: &'a History,
    pub(crate) nodes: Nodes<'a, N>,
    pub(crate) cast: &'a Cast<N::Role>,
    pub(crate) config: &'a N::Config,
}

impl<'a, N: Node> End<'a, N> {
    /// The memory of a node; `None` if it is down.
    pub fn memory(&self, id: NodeId) -> Option<&'a N> {
        self.nodes.memory(id)
    }

    /// What is on the disk of a node.
    pub fn durable(&self, id: NodeId) -> &'a N::Durable {
        self.nodes.durable(id)
    }

    /// Who takes part.
    pub fn cast(&self) -> &'a Cast<N::Role> {
        self.cast
    }
}
