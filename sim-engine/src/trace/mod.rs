//! What a run leaves behind: a list of events, free of any protocol's types, each with its cause.

mod causes;
mod chain;
mod digest;
mod sink;

pub use causes::{CauseEdge, CauseGraph};
pub use chain::{Chain, How, Link as ChainLink};
pub use digest::{Digest, DigestHasher};
pub use sink::Recording;
pub(crate) use sink::Sink;

use crate::{
    Cast, Disconnection, Duration, Ending, EventId, FactView, Instant, Lexicon, LinkView, NodeId,
    NodeView, OpId, Operation, Standing,
};

/// Everything that was recorded of a run.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Who took part.
    pub cast: Cast<()>,
    /// The protocol's words.
    pub lexicon: Lexicon,
    /// The moment of the last event.
    pub end: Instant,
    /// What happened, in order.
    pub events: Vec<TraceEvent>,
    /// How many earlier events a bounded recording let go.
    pub forgotten: u64,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEvent {
    /// Its number: unique, growing, the same whatever is recorded. Only [`What::Viewed`] has none
    /// of its own: it shows a node as the event of that number, which is also its cause, left it.
    pub id: EventId,
    /// When.
    pub at: Instant,
    /// At which node; `None` for what happens to the network or to nobody.
    pub node: Option<NodeId>,
    /// What made it happen; `None` for what the run itself begins.
    pub cause: Option<EventId>,
    /// What.
    pub what: What,
}

/// A word of a step, such as `leader`, and whom it meant when the step was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The word; never the name of a seat, which means that seat.
    pub word: String,
    /// Whom it meant; nobody if empty.
    pub seats: Vec<NodeId>,
}

/// The kinds of things that happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The node booted: life 0 is its first, later ones follow crashes.
    Started {
        /// How often it had crashed before.
        life: u32,
    },
    /// The node crashed: its memory is gone.
    Crashed {
        /// What ended it.
        death: Death,
        /// Writes that were not yet on disk and are lost.
        writes_lost: u32,
    },
    /// The node sent a message. The event's id is the message's id.
    Sent {
        /// To whom.
        to: NodeId,
        /// The kind of message: `AppendEntries`.
        kind: &'static str,
        /// The arrow's label; empty in a bounded recording.
        label: String,
        /// The epoch the message carries.
        epoch: Option<u64>,
        /// True for messages that only say "I am here": drawn thin, folded when repeated.
        routine: bool,
        /// The link it goes on; `None` for a datagram.
        link: Option<LinkView>,
    },
    /// The node dialled a peer. What came of it has this event as its cause.
    Dialled {
        /// Whom.
        to: NodeId,
        /// The name of the port.
        port: &'static str,
    },
    /// A link of the node is up.
    LinkUp {
        /// Which one.
        link: LinkView,
    },
    /// A link of the node is down, and the node did not end it.
    LinkDown {
        /// Which one.
        link: LinkView,
        /// Why.
        why: Disconnection,
    },
    /// The node hung up a link.
    HungUp {
        /// Which one.
        link: LinkView,
    },
    /// The network made a second copy of a message. The event's id is the copy's id.
    Duplicated {
        /// The message that was copied.
        message: EventId,
    },
    /// A message was damaged on its way, unnoticed: what is delivered differs from what was sent.
    /// The event's node is its receiver.
    Mutated {
        /// Which one.
        message: EventId,
        /// What it says now; empty in a bounded recording.
        label: String,
    },
    /// A message reached the node.
    Delivered {
        /// Which one.
        message: EventId,
        /// Who had sent it.
        from: NodeId,
    },
    /// A message was lost. The event's node is its sender.
    Dropped {
        /// Which one.
        message: EventId,
        /// For whom it was.
        to: NodeId,
        /// Why.
        why: DropCause,
    },
    /// A message is held back by the schedule. The event's node is its sender.
    Held {
        /// Which one.
        message: EventId,
        /// For whom it is.
        to: NodeId,
    },
    /// A timer was set or set again.
    TimerSet {
        /// Its name.
        timer: &'static str,
        /// When it will fire.
        due: Instant,
    },
    /// A timer fired.
    TimerFired {
        /// Its name.
        timer: &'static str,
        /// How long it had run since it was last set.
        waited: Duration,
    },
    /// The node handed a write to its disk.
    Written {
        /// What: `vote for n1 in term 2`; empty in a bounded recording.
        label: String,
        /// True if what the node does next waits for it.
        forced: bool,
    },
    /// The disk has everything that was written before `upto`.
    Synced {
        /// How many writes of this node are on disk.
        writes: u64,
    },
    /// The node's disk failed: a sync did, or there was no space.
    DiskFailed {
        /// Writes that are lost.
        writes_lost: u32,
    },
    /// The node announced a fact.
    Fact(FactView),
    /// A client invoked an operation.
    Invoked {
        /// Its number.
        op: OpId,
        /// What it asks.
        operation: Operation,
    },
    /// An operation ended, as its client knows it.
    Finished {
        /// Its number.
        op: OpId,
        /// How.
        ending: Ending,
    },
    /// The node stands elsewhere now.
    Stood(Standing),
    /// The node's whole state, where somebody looked.
    Viewed(NodeView),
    /// A fault began.
    FaultBegan(FaultView),
    /// The fault that began at event `began` ended.
    FaultEnded {
        /// The event at which it began.
        began: EventId,
        /// What ended it.
        fault: FaultView,
    },
    /// A step of the scenario was taken.
    Step {
        /// Its place in the scenario, from 0.
        step: u32,
        /// The caption the scenario gives it.
        say: Option<String>,
        /// What it did, in words.
        did: String,
        /// Whom its words meant, in the order in which they stand in it.
        meant: Vec<Meant>,
    },
    /// A promise was broken.
    Violated {
        /// Which promise.
        promise: &'static str,
        /// How, in words.
        why: String,
        /// The events that show it.
        witness: Vec<EventId>,
    },
}

/// What ended a life of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Death {
    /// Its machine lost power.
    Machine,
    /// Its process was killed.
    Process,
    /// It ended itself.
    Halt,
}

impl Death {
    /// The word in exports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Process => "process",
            Self::Halt => "halt",
        }
    }
}

/// Why a message did not arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropCause {
    /// A partition stood between sender and receiver, when it left or when it would have arrived.
    Partition,
    /// Lost at random.
    Loss,
    /// The receiver was down.
    Down,
    /// The scenario asked for it.
    Directed,
    /// The link was cut, when it left or when it would have arrived.
    Cut,
    /// It was damaged on its way, and the receiver saw that.
    Corrupted,
    /// It found its link busy and the queue full.
    Congestion,
    /// It was transmitted on a link that was not up.
    NoLink,
    /// Sender or receiver had hung up before it was received.
    HungUp,
    /// The link was reset before it was received.
    Reset,
    /// The link was dialled again before it was received.
    Superseded,
    /// It waited in its sender's kernel when that machine lost power.
    PowerLost,
}

impl DropCause {
    /// The cause in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Partition => "partition",
            Self::Loss => "random loss",
            Self::Down => "receiver down",
            Self::Directed => "dropped by the scenario",
            Self::Cut => "link cut",
            Self::Corrupted => "damaged",
            Self::Congestion => "queue full",
            Self::NoLink => "no link",
            Self::HungUp => "link hung up",
            Self::Reset => "link reset",
            Self::Superseded => "link superseded",
            Self::PowerLost => "sender without power",
        }
    }
}

/// A fault as a picture sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultView {
    /// The network is parted: nodes of different groups cannot hear each other.
    Partition {
        /// The groups, each in the order of ids.
        groups: Vec<Vec<NodeId>>,
    },
    /// Links are cut.
    Cut {
        /// The senders that are not heard; everybody if absent.
        from: Option<Vec<NodeId>>,
        /// The receivers that do not hear them; everybody if absent.
        to: Option<Vec<NodeId>>,
        /// True if the receivers are not heard either.
        both: bool,
    },
    /// A fault of the network without a place, with its words: `loss 10 %`.
    Network {
        /// What it is.
        words: String,
    },
    /// A fault of one node, with its words.
    Node {
        /// Which node.
        node: NodeId,
        /// What of it is at fault.
        part: NodePart,
        /// What it is.
        words: String,
    },
}

impl FaultView {
    /// True if this is a cut of the link from one node to another.
    pub fn cuts(&self, from: NodeId, to: NodeId) -> bool {
        let Self::Cut { from: senders, to: receivers, both } = self else { return false };
        let is_in = |seats: &Option<Vec<NodeId>>, node: NodeId| {
            seats.as_ref().is_none_or(|seats| seats.contains(&node))
        };
        is_in(senders, from) && is_in(receivers, to)
            || *both && is_in(senders, to) && is_in(receivers, from)
    }
}

/// The part of a node that a fault is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodePart {
    /// Its disk.
    Disk,
    /// Its clock.
    Clock,
    /// The whole node stands still: it was stopped, or collects garbage.
    Pause,
    /// Its processor, and whatever else it has.
    Processor,
}

impl NodePart {
    /// The word in exports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Clock => "clock",
            Self::Pause => "pause",
            Self::Processor => "processor",
        }
    }
}
