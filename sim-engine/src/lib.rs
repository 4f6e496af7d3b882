//! The deterministic discrete-event engine of Partitura.
//!
//! > A run is a pure function of *(scenario, seed)*: a single-threaded event loop moves virtual
//! > nodes, each a pure state machine, through a seeded network and a typed list of faults, checks
//! > every promise after every step, and leaves behind a trace that can be hashed, replayed and
//! > drawn.
//!
//! # The tour
//!
//! - [`Node`] is what a protocol author writes: an [`Event`] in, an ordered list of [`Effects`]
//!   out.
//! - [`Spec`] says what to run: a [`Cast`], settings, a network, [`Step`]s, client operations.
//! - [`Simulation`] runs it and returns an [`Outcome`] and, if asked to, a [`Trace`].
//! - [`Promise`] is what must hold, checked after every step with witnesses.
//! - [`Fault`] is everything that can go wrong, as data; [`Chaos`] draws random schedules of it.
//! - [`embed`] carries one node inside another.
//! - [`script`] tells stories of a few nodes, step by step, as text.
//! - [`Protocol`] is what the rest of the house knows of a protocol: tables of names.
//!
//! # The loop
//!
//! `pop (time, sequence)` → drop or postpone what the fault state forbids → `step` → release
//! effects in order → let the promises look → fold into the digest → hand to the trace. Ties leave
//! in the order they came. Time is `u64` nanoseconds. No float decides anything.
//!
//! # What is deliberately absent
//!
//! The engine names no protocol, reads no file and no argument, prints nothing, starts no thread.
//!
//! # Words
//!
//! *node*, *seat* (a place in the cast), *step* (one input of a node, or one line of a scenario),
//! *effect*, *fact* (what a node announces), *fault*, *promise*, *violation*, *run*, *trace*,
//! *seed*.

mod cast;
pub mod checkers;
mod dice;
mod disk;
mod effect;
pub mod embed;
mod engine;
pub mod faults;
mod fixed;
mod history;
mod id;
mod link;
mod network;
mod node;
mod nothing;
mod operation;
mod outcome;
mod promise;
mod protocol;
mod reads;
mod recorded;
mod recovery;
mod rehearsal;
mod schedule;
mod schema;
pub mod script;
mod time;
mod timers;
mod topology;
mod trace;
mod view;

pub use cast::{Cast, Seat};
pub use dice::{Concern, Dice};
pub use effect::{Effect, Effects, Force};
pub use engine::{DiskSpec, PlannedOperation, Simulation, Spec};
pub use faults::Fault;
pub use history::{Ended, History, OperationCounts, OperationRecord};
pub use id::{EventId, NodeId, OpId, Ticket};
pub use link::{Dialler, Disconnection, LinkId, LinkView, Port};
pub use network::{Delay, Filter, FilterAction, Link};
pub use node::{
    Admin, Data, Durable, Event, Fact, FactSpan, Mutant, Node, Payload, Role, Span, StepContext,
    Timer, TimerSlot,
};
pub use nothing::Never;
pub use operation::{Ending, Key, Operation, Reply, Vocabulary};
pub use outcome::{
    Broken, FaultCount, Measurements, MessageCounts, Outcome, PromiseResult, Status, Stopped,
};
pub use promise::{End, Look, Moment, Promise, Released, Violation};
pub use protocol::{Misfit, MisfitAt, MutantClass, MutantInfo, PromiseInfo, Protocol};
pub use reads::{Reads, Topics};
pub use recorded::{EdgeBy, Recorded, RecordedEdge, RecordedOption, Scale};
pub use recovery::{Phase, Recovery, Window};
pub use rehearsal::Rehearsal;
pub use schedule::{
    Action, Chaos, ChaosKind, Condition, Direct, Happening, Knobs, Rate, Release, Repeat, Selector,
    Step, Trigger,
};
pub use time::{Duration, Instant};
pub use topology::{Room, RoomLink, Topology};
pub use trace::{
    CauseEdge, CauseGraph, Chain, ChainLink, Death, Digest, DigestHasher, DropCause, FaultView,
    How, Meant, NodePart, Recording, Trace, TraceEvent, What,
};
pub use view::{
    Caption, Cell, FactView, Lexicon, Mark, NodeView, RoleClass, Row, Slot, Standing, Tone,
};
