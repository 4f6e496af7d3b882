//! The heart of the house: what a protocol author writes.

use std::fmt::{Debug, Display};
use std::hash::Hash;

use serde::de::DeserializeOwned;

use crate::dice::Dice;
use crate::engine::Clock;
use crate::{
    Cast, Disconnection, Duration, Effects, Instant, LinkId, NodeId, NodeView, OpId, Operation,
    Port, Seat, Slot, Standing, Ticket, Topics, Vocabulary,
};

/// A plain value: it can be copied, compared, hashed and printed.
pub trait Data: Clone + Debug + Eq + Hash + 'static {}
impl<T: Clone + Debug + Eq + Hash + 'static> Data for T {}

/// One node of a protocol, written as a pure state machine.
///
/// A step depends on nothing but its arguments: no clock, no random source, no I/O, no shared
/// cells. The engine may therefore clone a node, replay it, or compare two of them. Types that are
/// hashed hold no `usize`: its hash would depend on the machine.
///
/// The protocol `echo` in the crate `protocols` is the smallest whole example, kept as a template.
pub trait Node: Data {
    /// The system's settings, one for the run.
    type Config: DeserializeOwned + Clone + Debug + 'static;
    /// What a seat is: server, client ..., and the settings of that seat alone.
    type Role: Role;
    /// What travels between seats.
    type Message: Payload;
    /// Which of several links between two nodes; [`Never`](crate::Never) where datagrams are all.
    type Port: Port;
    /// The timers, a closed enum.
    type Timer: Timer;
    /// All that survives a crash.
    type Durable: Durable;
    /// What clients ask.
    type Command: Vocabulary;
    /// What an administrator asks; [`Never`](crate::Never) where there is nothing.
    type Admin: Admin;
    /// What a node announces.
    type Fact: Fact;

    /// A node as it wakes up: from nothing but its seat and its disk.
    fn boot(cx: &StepContext<'_, Self>, durable: &Self::Durable) -> Self;

    /// One input, answered by an ordered list of effects. Cannot fail: a message from a past life
    /// is also an input, to be answered or ignored.
    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        effects: &mut Effects<Self>,
    );

    /// Where the node stands. Called after every step: no allocation.
    fn standing(&self) -> Standing;

    /// The node's state for people. Called only when somebody looks.
    fn view(&self) -> NodeView;

    /// What is on the disk of a node that has crashed, for people; `None` where that is not shown.
    /// Called only when somebody looks.
    fn asleep(_durable: &Self::Durable) -> Option<NodeView> {
        None
    }
}

/// One input of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<N: Node> {
    /// The node has just booted.
    Started,
    /// A datagram arrived. It may be late, a copy, or from a past life of its sender.
    Message {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        message: N::Message,
    },
    /// A message arrived on a link: every one that was transmitted before it has.
    Received {
        /// Which link.
        link: LinkId<N::Port>,
        /// What it says.
        message: N::Message,
    },
    /// A link is up: one that this node dialled and that was accepted, or one that a peer dialled.
    LinkUp(LinkId<N::Port>),
    /// A link is down, and this node did not end it.
    LinkDown {
        /// Which link.
        link: LinkId<N::Port>,
        /// Why.
        why: Disconnection,
    },
    /// A timer ran out. It is no longer set.
    Timer(N::Timer),
    /// A client operation begins; only seats of clients see this.
    Command {
        /// Its number: [`Effects::finish`] names it.
        op: OpId,
        /// What is asked.
        command: N::Command,
    },
    /// An administrator asks for something.
    Admin(N::Admin),
    /// Everything up to the write with this ticket is on disk.
    Synced(Ticket),
    /// The disk failed: a sync did, or there was no space. Writes that were not on disk by now are
    /// lost, and so is what waited for them; memory still has those changes. The node must not
    /// trust it: it ends its life with [`Effects::halt`], or writes again all that it relies on.
    DiskFailed,
}

/// What a seat is.
pub trait Role: DeserializeOwned + Data {
    /// The role's name: `server`, `client`.
    fn kind(&self) -> &'static str;
    /// True for seats that invoke client operations.
    fn is_client(&self) -> bool;
}

/// What travels between seats. `Display` is the arrow's label: at most 14 characters where
/// possible.
pub trait Payload: Data + Display {
    /// The kind, in the paper's word: `AppendEntries`.
    fn kind(&self) -> &'static str;
    /// The size on the wire, in bytes.
    fn bytes(&self) -> u32;
    /// The epoch it carries, for its hue.
    fn epoch(&self) -> Option<u64>;
    /// The message as damage that no checksum catches may leave it; `None` if the protocol does not
    /// deal with such damage. Damage a message does not opt into does not happen.
    fn corrupted(&self, _dice: &mut Dice) -> Option<Self> {
        None
    }
    /// True if it only says "I am here" or answers that: heartbeats, pings.
    fn is_routine(&self) -> bool {
        false
    }
    /// What it is about, for promises that read only that.
    fn topics(&self) -> Topics {
        Topics::UNKNOWN
    }
}

/// The slot of a timer in its node's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerSlot {
    /// One of the `PLAIN` timers without a key, counted from 0.
    Plain(u16),
    /// A timer with a key: a transaction, a peer.
    Keyed(u16, u64),
}

/// The timers of a protocol: a closed enum with one slot each.
pub trait Timer: Data + Copy {
    /// How many timers without a key there are.
    const PLAIN: u16;
    /// The slot of this timer.
    fn slot(self) -> TimerSlot;
    /// Its name, as a scenario fires it: `election`.
    fn name(self) -> &'static str;
    /// The timer without a key that has this name, or the keyed one with the key 0.
    fn named(name: &str) -> Option<Self>;
}

/// All that survives a crash, and the deltas that change it.
///
/// A node keeps a copy of its own in memory; [`Effects::persist`] changes that copy and hands the
/// delta to the disk in one call, so that appending one entry copies one entry and not the log.
pub trait Durable: Data + Default {
    /// One change. `Display` is its label in a trace.
    type Delta: Data + Display;
    /// How a scenario file writes an initial state.
    type Initial: DeserializeOwned + Clone + Debug;

    /// Makes the change.
    fn apply(&mut self, delta: &Self::Delta);

    /// The size of the write, in bytes.
    fn bytes(delta: &Self::Delta) -> u32;

    /// What is left of a write if the power goes in the middle of it; `None` if nothing is, which
    /// is also the answer of a type that need not survive this.
    fn tear(_delta: &Self::Delta, _dice: &mut Dice) -> Option<Self::Delta> {
        None
    }

    /// Damages the state as a rotten block or a misdirected read does, in a way that the node must
    /// survive. False if nothing changed, which is also the answer of a type that need not.
    fn rot(&mut self, _dice: &mut Dice) -> bool {
        false
    }

    /// The state a scenario asks for; names of seats are looked up with `find`.
    fn initial(
        initial: &Self::Initial,
        find: &dyn Fn(&str) -> Option<NodeId>,
    ) -> Result<Self, String>;
}

/// What an administrator may ask of any node.
pub trait Admin: DeserializeOwned + Data + Display {}

/// What a node announces: for promises, scenarios and stories.
pub trait Fact: Data {
    /// The event's name, the real system's own where it has one.
    fn name(&self) -> &'static str;
    /// `name=value` pairs, in the real system's order.
    fn details(&self) -> Vec<(&'static str, Slot)>;
    /// How much it matters to a story, 0 to 100.
    fn weight(&self) -> u8;
    /// The sentence that tells it; needed from weight 60 on.
    fn caption(&self) -> Option<crate::Caption>;
    /// What a picture draws for it.
    fn mark(&self) -> crate::Mark {
        crate::Mark::None
    }
    /// A state of its node that begins or ends with it, and whose length is measured.
    fn span(&self) -> Option<FactSpan> {
        None
    }
    /// What it is about, for promises that read only that.
    fn topics(&self) -> Topics {
        Topics::UNKNOWN
    }
}

/// A state of a node that is measured: an outcome tells for how long it was on, added up over all
/// nodes and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactSpan {
    /// Its name among the measurements, with the unit: `blocked_ms`.
    pub name: &'static str,
    /// Which of several at one node: a transaction.
    pub key: u64,
    /// True if it begins, false if it ends. To begin again, or to end what is not on, changes
    /// nothing.
    pub is_on: bool,
}

/// A planted bug, by name. Kebab-case, unique within a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mutant(pub &'static str);

/// All that a step may know beside its event.
#[derive(Debug)]
pub struct StepContext<'a, N: Node> {
    pub(crate) id: NodeId,
    pub(crate) config: &'a N::Config,
    pub(crate) cast: &'a Cast<N::Role>,
    pub(crate) now: Instant,
    pub(crate) clock: Option<&'a Clock>,
    pub(crate) life: u32,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) choices: &'a mut Dice,
    pub(crate) nonces: &'a mut u64,
}

impl<'a, N: Node> StepContext<'a, N> {
    /// My id.
    #[inline]
    pub fn id(&self) -> NodeId {
        self.id
    }

    /// The system's settings.
    #[inline]
    pub fn config(&self) -> &'a N::Config {
        self.config
    }

    /// Everybody who takes part in the run, which is not the membership of a cluster.
    #[inline]
    pub fn cast(&self) -> &'a Cast<N::Role> {
        self.cast
    }

    /// My own seat.
    #[inline]
    pub fn seat(&self) -> &'a Seat<N::Role> {
        self.cast.seat(self.id)
    }

    /// The time of day my own clock shows, which may be wrong and may jump.
    #[inline]
    pub fn local_now(&self) -> Instant {
        self.clock.map_or(self.now, |clock| clock.wall(self.now))
    }

    /// My monotonic clock: good only for how long something took. It never jumps and may drift.
    #[inline]
    pub fn monotonic(&self) -> Instant {
        self.clock.map_or(self.now, |clock| clock.monotonic(self.now))
    }

    /// The same context for a guest that this node carries, with the settings and the cast that it
    /// shows to the guest.
    pub fn nested<'b, G: Node>(
        &'b mut self,
        config: &'b G::Config,
        cast: &'b Cast<G::Role>,
    ) -> StepContext<'b, G> {
        let Self { id, now, clock, life, mutant, .. } = *self;
        let (choices, nonces) = (&mut *self.choices, &mut *self.nonces);
        StepContext { id, config, cast, now, clock, life, mutant, choices, nonces }
    }

    /// How often I have crashed.
    pub fn life(&self) -> u32 {
        self.life
    }

    /// A choice of the protocol: a number from `0..n`.
    #[inline]
    pub fn choose(&mut self, n: u64) -> u64 {
        self.choices.below(n)
    }

    /// A number that no other call in this run returns: for ids that merely must be new.
    pub fn nonce(&mut self) -> u64 {
        *self.nonces += 1;
        u64::from(self.id.number()) << 48 | *self.nonces
    }

    /// True if the planted bug is switched on in this run.
    #[inline]
    pub fn mutant(&self, mutant: Mutant) -> bool {
        self.mutant == Some(mutant)
    }
}

/// A range of lengths a timer is drawn from, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The shortest.
    pub min: Duration,
    /// The longest.
    pub max: Duration,
}

impl From<Duration> for Span {
    fn from(exact: Duration) -> Self {
        Self { min: exact, max: exact }
    }
}

/// One input, for tests that feed operations straight in.
impl<N: Node> Event<N> {
    /// The command for `operation`, if the protocol serves it.
    pub fn command(op: OpId, operation: &Operation) -> Option<Self> {
        N::Command::from_operation(operation).map(|command| Self::Command { op, command })
    }
}
