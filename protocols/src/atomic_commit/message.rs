//! What clients, coordinators and participants say to each other.

use std::fmt;
use std::sync::Arc;

use sim_engine::{Key, OpId, Operation};

use super::txn::{Decision, Plan, Txn};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A client wants a transaction.
    Begin {
        /// Its number.
        op: OpId,
        /// What it is to do.
        operation: Operation,
        /// The last life of its coordinator that the client had heard of when it first asked this:
        /// a later one cannot know what became of it.
        life: u32,
    },
    /// What became of it.
    Outcome {
        /// Its number.
        op: OpId,
        /// What.
        result: Verdict,
        /// Which life of the coordinator says so.
        life: u32,
    },
    /// A client reads one key.
    Read {
        /// The number of its operation.
        op: OpId,
        /// Which key.
        key: Key,
    },
    /// The value.
    Value {
        /// The number of the operation.
        op: OpId,
        /// What is there.
        value: Option<i64>,
    },
    /// First phase of two: do your part, and say whether you can commit it.
    Prepare(Arc<Plan>),
    /// First phase of three: can you commit this?
    CanCommit(Arc<Plan>),
    /// The answer.
    Vote {
        /// To which transaction.
        txn: Txn,
        /// Yes or no.
        vote: Vote,
    },
    /// Second phase of three: everybody has voted yes. It carries the plan for those who have
    /// nothing on disk yet.
    PreCommit(Arc<Plan>),
    /// A quorum is gathered against it.
    PreAbort(Txn),
    /// The answer to a pre-commit or pre-abort; no if it could not be done.
    PreAck {
        /// To which transaction.
        txn: Txn,
        /// To which of the two.
        to: Decision,
        /// True for yes.
        done: bool,
    },
    /// The decision.
    Commit(Txn),
    /// The decision.
    Abort(Txn),
    /// The decision is on disk.
    Ack(Txn),
    /// What do you know of this transaction? It carries the plan, for those who never heard of it.
    Inquire {
        /// Which.
        plan: Arc<Plan>,
        /// True if whoever asks is about to end it.
        leads: bool,
    },
    /// The answer.
    State {
        /// Of which transaction.
        txn: Txn,
        /// What.
        state: State,
    },
    /// A transaction waits for a lock that another one holds.
    Waits {
        /// Who waits.
        waiter: Txn,
        /// For whom.
        holder: Txn,
    },
    /// To the last agent: do your part, and decide; everybody else has voted yes.
    Decide(Arc<Plan>),
    /// The answer.
    Decided {
        /// Of which transaction.
        txn: Txn,
        /// How.
        decision: Decision,
        /// The value that its client asked for, if it commits.
        value: Option<i64>,
    },
}

/// A vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Vote {
    /// It can, and has promised to. With the value it read or made.
    Yes(Option<i64>),
    /// It has only read, and does not care what becomes of the rest.
    Read(Option<i64>),
    /// It cannot.
    No(&'static str),
}

/// What became of a transaction, as its client hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It happened. With the value that was read or made.
    Committed(Option<i64>),
    /// It did not, and this is why.
    Aborted(&'static str),
}

/// What somebody knows of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The decision.
    Decided(Decision),
    /// It has voted yes, and nothing since (Skeen's w).
    Uncertain,
    /// It knows that everybody has voted yes (Skeen's p).
    PreCommitted,
    /// It has joined a quorum against it.
    PreAborted,
    /// It was down in the meantime, and may have missed the decision.
    Recovering,
}

impl Message {
    /// The decision as a message.
    pub(super) const fn decision(txn: Txn, decision: Decision) -> Self {
        match decision {
            Decision::Commit => Self::Commit(txn),
            Decision::Abort => Self::Abort(txn),
        }
    }
}

/// Every kind of message of two phases.
pub(super) const KINDS_2: &[&str] = &[
    "Begin", "Outcome", "Read", "Value", "Prepare", "Vote", "Commit", "Abort", "Ack", "Inquire",
    "State", "Waits", "Decide", "Decided",
];

/// Every kind of message of three phases.
pub(super) const KINDS_3: &[&str] = &[
    "Begin",
    "Outcome",
    "Read",
    "Value",
    "CanCommit",
    "Vote",
    "PreCommit",
    "PreAbort",
    "PreAck",
    "Commit",
    "Abort",
    "Ack",
    "Inquire",
    "State",
    "Waits",
];

impl sim_engine::Payload for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Begin { .. } => "Begin",
            Self::Outcome { .. } => "Outcome",
            Self::Read { .. } => "Read",
            Self::Value { .. } => "Value",
            Self::Prepare(_) => "Prepare",
            Self::CanCommit(_) => "CanCommit",
            Self::Vote { .. } => "Vote",
            Self::PreCommit(_) => "PreCommit",
            Self::PreAbort(_) => "PreAbort",
            Self::PreAck { .. } => "PreAck",
            Self::Commit(_) => "Commit",
            Self::Abort(_) => "Abort",
            Self::Ack(_) => "Ack",
            Self::Inquire { .. } => "Inquire",
            Self::State { .. } => "State",
            Self::Waits { .. } => "Waits",
            Self::Decide(_) => "Decide",
            Self::Decided { .. } => "Decided",
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Prepare(plan)
            | Self::CanCommit(plan)
            | Self::PreCommit(plan)
            | Self::Decide(plan) => {
                let n = u32::try_from(plan.branches.len()).unwrap_or(u32::MAX);
                n.saturating_mul(32).saturating_add(32)
            }
            Self::Begin { .. } => 64,
            Self::Outcome { .. }
            | Self::Read { .. }
            | Self::Value { .. }
            | Self::Vote { .. }
            | Self::PreAbort(_)
            | Self::PreAck { .. }
            | Self::Commit(_)
            | Self::Abort(_)
            | Self::Ack(_)
            | Self::Inquire { .. }
            | Self::State { .. }
            | Self::Waits { .. }
            | Self::Decided { .. } => 24,
        }
    }

    /// What the receiver knows of the transaction once it has it: 1 open, 2 in doubt, 3 commit,
    /// 4 abort.
    fn epoch(&self) -> Option<u64> {
        match self {
            Self::Prepare(_) | Self::CanCommit(_) | Self::Decide(_) => Some(1),
            Self::Vote { vote: Vote::Yes(_) | Vote::Read(_), .. } | Self::Inquire { .. } => Some(2),
            Self::PreCommit(_) | Self::Commit(_) => Some(3),
            Self::Vote { vote: Vote::No(_), .. } | Self::PreAbort(_) | Self::Abort(_) => Some(4),
            Self::PreAck { to, .. } => Some(hue(*to)),
            Self::Decided { decision, .. } => Some(hue(*decision)),
            Self::State { state, .. } => Some(match state {
                State::Decided(decision) => hue(*decision),
                State::PreCommitted => 3,
                State::PreAborted => 4,
                State::Uncertain | State::Recovering => 2,
            }),
            Self::Begin { .. }
            | Self::Outcome { .. }
            | Self::Read { .. }
            | Self::Value { .. }
            | Self::Ack(_)
            | Self::Waits { .. } => None,
        }
    }
}

/// The hue of a decision.
pub(super) const fn hue(decision: Decision) -> u64 {
    match decision {
        Decision::Commit => 3,
        Decision::Abort => 4,
    }
}

fn write_value(value: Option<i64>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match value {
        Some(value) => write!(f, "{value}"),
        None => f.write_str("nothing"),
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin { operation, .. } => operation.fmt(f),
            Self::Outcome { result: Verdict::Committed(None), .. } => f.write_str("ok"),
            Self::Outcome { result: Verdict::Committed(value), .. } | Self::Value { value, .. } => {
                write_value(*value, f)
            }
            Self::Outcome { result: Verdict::Aborted(_), .. } => f.write_str("aborted"),
            Self::Read { key, .. } => write!(f, "read {key}"),
            Self::Prepare(_) => f.write_str("PREPARE"),
            Self::CanCommit(_) => f.write_str("CAN COMMIT?"),
            Self::Vote { vote: Vote::Yes(_), .. } => f.write_str("yes"),
            Self::Vote { vote: Vote::Read(_), .. } => f.write_str("only read"),
            Self::Vote { vote: Vote::No(_), .. } => f.write_str("no"),
            Self::PreCommit(_) => f.write_str("PRE-COMMIT"),
            Self::PreAbort(_) => f.write_str("PRE-ABORT"),
            Self::PreAck { done: true, .. } | Self::Ack(_) => f.write_str("ack"),
            Self::PreAck { done: false, .. } => f.write_str("cannot"),
            Self::Commit(_) | Self::Decided { decision: Decision::Commit, .. } => {
                f.write_str("COMMIT")
            }
            Self::Abort(_) | Self::Decided { decision: Decision::Abort, .. } => {
                f.write_str("ABORT")
            }
            Self::Decide(_) => f.write_str("YOU DECIDE"),
            Self::Inquire { .. } => f.write_str("decision?"),
            Self::State { state, .. } => f.write_str(match state {
                State::Decided(Decision::Commit) => "committed",
                State::Decided(Decision::Abort) => "aborted",
                State::Uncertain => "don't know",
                State::PreCommitted => "pre-committed",
                State::PreAborted => "pre-aborted",
                State::Recovering => "was down",
            }),
            Self::Waits { waiter, holder } => write!(f, "{waiter} waits {holder}"),
        }
    }
}
