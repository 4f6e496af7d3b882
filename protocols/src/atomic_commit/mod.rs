//! Atomic commit: all participants of a transaction commit it, or none does. Two protocols, one set
//! of parts: `two-phase-commit` and `three-phase-commit`.
//!
//! Two phases from Gray, "Notes on Data Base Operating Systems", and Mohan, Lindsay and Obermarck,
//! "Transaction Management in the R* Distributed Database Management System" (presumptions); the
//! properties and cooperative termination from Bernstein, Hadzilacos and Goodman, chapter 7; the
//! last agent from Gray and Reuter, "Transaction Processing", and Samaras, Britton, Citron and
//! Mohan, "Two-Phase Commit Optimizations in a Commercial Distributed Environment" (1995); three
//! phases from Skeen, "Nonblocking Commit Protocols" (1981) and "A Quorum-Based Commit Protocol"
//! (1982).
//!
//! ```text
//! coordinator                 participant
//!   |  PREPARE                  |  locks, PREPARED to disk
//!   |-------------------------->|
//!   |                      yes  |  in doubt from here on
//!   |<--------------------------|
//!   |  COMMIT to disk: decided  |
//!   |-------------------------->|  COMMITTED to disk, locks go back
//!   |                      ack  |
//!   |<--------------------------|  END: forgotten
//! ```
//!
//! ```text
//! coordinator                 last agent
//!   |  (all others say yes)     |
//!   |  PREPARED to disk         |
//!   |  YOU DECIDE               |  locks
//!   |-------------------------->|  COMMITTED to disk: decided, locks go back
//!   |                   COMMIT  |
//!   |<--------------------------|
//! ```
//!
//! # What is implemented
//!
//! - Logs with forced and lazy records; nothing, abort or commit presumed; the vote of a
//!   participant that only read.
//! - The last agent (`last_agent`): once all others have voted yes the coordinator logs its own
//!   PREPARED and leaves the decision to the last participant that changes anything, which does
//!   its part and commits in one forced record. Where nobody else takes part that is one phase,
//!   and the coordinator writes nothing. Its record of the answer is lazy: until it is on disk
//!   PREPARED is, and the last agent, which remembers every outcome, is asked again.
//! - Locks from the yes to the decision; who waits for whom, as a graph of the coordinator;
//!   deadlocks end with the youngest transaction in the circle.
//! - Participants in doubt ask the coordinator, its backups and, where they cooperate, each other.
//! - Three phases: Skeen's termination by the first of those who are up, the popular telling in
//!   which everybody decides by its own timeout, and quorums.
//! - When locks are taken (`lock_phase`) apart from how a silent coordinator is replaced.
//! - What clients saw is checked when a run is over: transactions, and reads of one account, seem
//!   to take effect one at a time ([`Bank`](sim_engine::checkers::Model::Bank)), since locks are
//!   held from the vote to the decision and reads wait for them.
//! - Whoever has lost a sync halts. A coordinator that restarted begins nothing of a client before
//!   it has heard from it once: the first request may be a copy.
//!
//! # Where to see it
//!
//! - all say yes; one says no; a vote is lost: `txn2-commit-and-abort`, `@vote-lost`.
//! - the coordinator fails with the decision on its disk only; before it is there:
//!   `txn2-coordinator-crash-blocks-locks`, `@before-the-decision`.
//! - each moment at which the coordinator can fail, in order:
//!   `txn2-coordinator-crash@before-begin`, `@after-begin`, `@some-prepares`,
//!   `@before-the-force`, `@after-the-force`, without variant (some are told),
//!   `@all-decisions`.
//! - each moment at which a participant can fail, in order:
//!   `txn2-participant-crash@before-the-vote`, `@before-its-yes`, without variant (after its
//!   yes), `@after-the-decision`, `@before-its-ack`.
//! - one has been told: with cooperation, without:
//!   `txn2-backup-coordinator-decides@cooperative`, `@alone`.
//! - two of three have been told, the third and the coordinator fail: that can be resolved:
//!   `txn2-backup-coordinator-decides`.
//! - only the one who was told fails with the coordinator: that can not; a guess is wrong:
//!   `txn2-sole-informed-crash-blocks`, `@guess`.
//! - somebody never heard PREPARE; heard it late:
//!   `txn2-backup-coordinator-decides@never-prepared`, `@late-prepare`.
//! - a lost acknowledgement: `txn2-participant-crash@lost-ack`.
//! - asked after it has forgotten: `txn2-participant-crash@presumed-abort`.
//! - no record at all; the collecting record: `txn2-coordinator-crash@presumed-abort`,
//!   `@presumed-commit`.
//! - the last agent decides; cannot; is the only one: `txn2-last-agent`, `@cannot`,
//!   `@left-to-one`.
//! - it fails before its decision, after it; its answer is lost:
//!   `txn2-last-agent@fails-before-deciding`, `@fails-after-deciding`, `@answer-lost`.
//! - the coordinator fails, or does not wait for it: `txn2-last-agent@coordinator-crash`,
//!   `@impatient`.
//! - two transfers wait for each other: one coordinator, two: `txn2-deadlock`,
//!   `@two-coordinators`.
//! - half of a transfer is done; one is refused: `txn2-cross-shard-transfer`, `@refused`.
//! - three phases with a no; with locks before the vote: `txn3-commit-and-cheap-abort`,
//!   `@skeen`.
//! - three phases, the coordinator fails: all are pre-committed; nobody is:
//!   `txn3-coordinator-crash`, `@before-pre-commit`.
//! - it fails together with the only one who was pre-committed; whoever takes over fails,
//!   too: `txn3-double-crash-unblocked`, `@second-crash`.
//! - votes that do not bind under Skeen's termination:
//!   `txn3-double-crash-unblocked@late-locks`.
//! - a partition after an abort that not all hear; quorums: `txn3-partition-diverges`,
//!   `@quorum-commits`.
//! - pre-committed on one side, undecided on the other; quorums:
//!   `txn3-partition-diverges@skeen`, `@quorum`.
//! - a pause longer than a timeout; in Skeen's protocol:
//!   `txn3-partition-diverges@paused-participant`, `@paused-participant-skeen`.
//!
//! # What is left out
//!
//! Trees of coordinators, checkpoints of logs (participants remember every outcome), locks for
//! readers that change nothing, and finding out who failed last when all participants of three
//! phases have failed: then they wait.

mod asking;
mod captions;
mod client;
mod config;
mod coordinator;
mod deciding;
mod directory;
mod doubt;
mod facts;
mod few;
mod last_agent;
mod latest;
mod locks;
mod log;
mod message;
pub mod mutants;
mod participant;
pub mod promises;
mod reasons;
mod record;
mod rules;
mod script;
mod seats;
mod txn;
mod under_way;
mod unlocking;
mod view;
mod waits;

use sim_engine::{
    Cast, Effects, Event, Lexicon, Misfit, MutantInfo, Never, Node, NodeView, Promise, PromiseInfo,
    Protocol, Standing, StepContext,
};

pub use client::{Client, Request};
pub use config::{Config, LockPhase, Phases, Presumption, Variant};
pub use coordinator::{Coordinator, Phase, Run};
pub use directory::Directory;
pub use facts::Fact;
pub use few::Few;
pub use latest::Latest;
pub use locks::{Lock, Locks, Waiter};
pub use log::{Doubt, Initial, Lean, Log, Open, Outcomes, Stage};
pub use message::{Message, State, Verdict, Vote};
pub use participant::{Doubt as Waiting, Participant, Work};
pub use reasons::{By, Why};
pub use record::{Change, Prepared, Record, Word};
pub use rules::{Asked, Ruling};
pub use seats::{
    Administration, Alarm, ClientSettings, CommitRole, CoordinatorSettings, ParticipantSettings,
};
pub use txn::{Action, Branch, Decision, Plan, Txn};
pub use under_way::UnderWay;
pub use waits::Waits;

type Cx<'a> = StepContext<'a, CommitNode>;
type Out = Effects<CommitNode>;

/// Vote, then decide.
#[derive(Clone, Copy, Debug)]
pub struct TwoPhaseCommit;

/// Vote, tell everybody that all said yes, then decide.
#[derive(Clone, Copy, Debug)]
pub struct ThreePhaseCommit;

/// A seat of either protocol.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CommitNode {
    /// It coordinates.
    Coordinator(Box<Coordinator>),
    /// It keeps values.
    Participant(Box<Participant>),
    /// It asks.
    Client(Box<Client>),
}

impl Node for CommitNode {
    type Config = Config;
    type Role = CommitRole;
    type Message = Message;
    type Port = Never;
    type Timer = Alarm;
    type Durable = Log;
    type Command = Request;
    type Admin = Administration;
    type Fact = Fact;

    fn boot(cx: &StepContext<'_, Self>, durable: &Log) -> Self {
        match &cx.seat().role {
            CommitRole::Coordinator(_) => {
                Self::Coordinator(Box::new(Coordinator::boot(cx, durable)))
            }
            CommitRole::Participant(_) => {
                Self::Participant(Box::new(Participant::boot(cx, durable)))
            }
            CommitRole::Client(settings) => Self::Client(Box::new(Client::boot(cx, settings))),
        }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        out: &mut Effects<Self>,
    ) {
        match self {
            Self::Coordinator(coordinator) => coordinator.step(cx, event, out),
            Self::Participant(participant) => participant.step(cx, event, out),
            Self::Client(client) => client.step(cx, &event, out),
        }
    }

    fn standing(&self) -> Standing {
        match self {
            Self::Coordinator(coordinator) => coordinator.standing(),
            Self::Participant(participant) => participant.standing(),
            Self::Client(_) => Client::standing(),
        }
    }

    fn view(&self) -> NodeView {
        match self {
            Self::Coordinator(coordinator) => coordinator.view(),
            Self::Participant(participant) => participant.view(),
            Self::Client(client) => client.view(),
        }
    }

    fn asleep(log: &Log) -> Option<NodeView> {
        view::asleep(log)
    }
}

const LEXICON: Lexicon = Lexicon { epoch: "decision", epoch_sign: "", cells: "Logs" };
const ROLES: &[&str] = &[
    "coordinator",
    "backup",
    "collecting votes",
    "asking",
    "commit",
    "abort",
    "participant",
    "prepared, in doubt",
    "committed",
    "aborted",
    "client",
    "pre-committing",
    "pre-committed",
    "pre-aborted",
];

impl Protocol for TwoPhaseCommit {
    type Node = CommitNode;

    const NAME: &'static str = "two-phase-commit";
    const ABOUT: &'static str = "all participants of a transaction commit it, or none does";
    const LEXICON: Lexicon = LEXICON;
    const PROMISES: &'static [PromiseInfo] = promises::INFO_2;
    const MUTANTS: &'static [MutantInfo] = mutants::ALL_2;
    const FACTS: &'static [&'static str] = facts::NAMES_2;
    const MESSAGES: &'static [&'static str] = message::KINDS_2;
    const TIMERS: &'static [&'static str] = &Alarm::NAMES;
    const ROLES: &'static [&'static str] = ROLES.split_at(11).0;

    fn promises() -> Vec<Box<dyn Promise<CommitNode>>> {
        promises::of(Phases::Two)
    }

    fn configure(config: Config) -> Config {
        Config { phases: Phases::Two, ..config }
    }

    fn check(config: &Config) -> Result<(), String> {
        config.check()
    }

    fn check_cast(cast: &Cast<CommitRole>, durables: &[Log]) -> Result<(), Misfit> {
        seats::check(cast, durables)
    }

    fn subtitle(config: &Config) -> Vec<String> {
        config.words()
    }
}

impl Protocol for ThreePhaseCommit {
    type Node = CommitNode;

    const NAME: &'static str = "three-phase-commit";
    const ABOUT: &'static str =
        "atomic commit that does not block, as long as silence means a crash";
    const LEXICON: Lexicon = LEXICON;
    const PROMISES: &'static [PromiseInfo] = promises::INFO_3;
    const MUTANTS: &'static [MutantInfo] = mutants::ALL_3;
    const FACTS: &'static [&'static str] = facts::NAMES_3;
    const MESSAGES: &'static [&'static str] = message::KINDS_3;
    const TIMERS: &'static [&'static str] = &Alarm::NAMES;
    const ROLES: &'static [&'static str] = ROLES;

    fn promises() -> Vec<Box<dyn Promise<CommitNode>>> {
        promises::of(Phases::Three)
    }

    fn configure(config: Config) -> Config {
        Config { phases: Phases::Three, ..config }
    }

    fn check(config: &Config) -> Result<(), String> {
        config.check()
    }

    fn check_cast(cast: &Cast<CommitRole>, durables: &[Log]) -> Result<(), Misfit> {
        seats::check(cast, durables)
    }

    fn subtitle(config: &Config) -> Vec<String> {
        config.words()
    }
}
