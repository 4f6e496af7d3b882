//! Promises: what a protocol says will always hold, checked after every step.

use std::any::Any;
use std::cell::OnceCell;
use std::fmt::Debug;

use crate::effect::Told;
use crate::embed::Nodes;
use crate::{Cast, Durable, Effect, EventId, History, Instant, Node, NodeId, Reads, Recovery};

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
        released.iter().filter_map(|released| match released.effect.told() {
            Told::Fact(fact) => Some((released.id, fact)),
            Told::Message(..) | Told::Nothing => None,
        })
    }

    /// The messages sent in this step, as datagrams or on links, with their events and receivers.
    pub fn sent(&self) -> impl Iterator<Item = (EventId, NodeId, &'a N::Message)> + use<'a, N> {
        let released = if self.has(Reads::MESSAGES) { self.released } else { &[] };
        released.iter().filter_map(|released| match released.effect.told() {
            Told::Message(to, message) => Some((released.id, to, message)),
            Told::Fact(_) | Told::Nothing => None,
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
