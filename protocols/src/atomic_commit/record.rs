//! What coordinators and participants write into their logs, one record at a time.

use std::fmt;
use std::sync::Arc;

use sim_engine::Key;

use super::few::Few;
use super::txn::{Plan, Txn};

/// One record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// A coordinator begins, and notes who takes part. Presumed commit calls it *collecting*.
    Begin(Arc<Plan>),
    /// A coordinator of three phases has every yes, and will ask for pre-commits.
    PreCommit(Txn),
    /// A coordinator decides to commit: the commit point.
    Commit {
        /// What.
        plan: Arc<Plan>,
        /// The value its client asked for.
        value: Option<i64>,
    },
    /// A coordinator decides to abort.
    Abort(Arc<Plan>),
    /// A coordinator knows that everybody knows, and forgets.
    End(Txn),
    /// A participant can do its part, whatever happens.
    Prepared(Arc<Prepared>),
    /// A participant knows that everybody voted yes.
    PreCommitted(Txn),
    /// A participant has promised not to let a quorum commit.
    PreAborted(Txn),
    /// A participant makes its changes.
    Committed(Txn),
    /// A participant drops its changes, or never made any.
    Aborted(Txn),
    /// A coordinator promises to do whatever the last agent says: its own PREPARED.
    HandedOver(Arc<Plan>),
    /// A last agent makes its changes, and was never in doubt.
    CommittedAtOnce(Arc<Prepared>),
}

/// What a participant must remember to be able to commit and to abort.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prepared {
    /// Who takes part and who coordinates.
    pub plan: Arc<Plan>,
    /// Each key with its value before (undo) and after (redo).
    pub changes: Few<Change>,
}

/// A key with its value before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    /// Which.
    pub key: Key,
    /// Its value before, `None` if it was never written.
    pub undo: Option<i64>,
    /// Its value after.
    pub redo: i64,
}

impl Prepared {
    /// The value its client asked for, as far as this participant can tell.
    pub(super) fn value(&self) -> Option<i64> {
        self.changes.first().map(|change| change.redo)
    }

    /// By how much its accounts change.
    pub(super) fn moved(&self) -> i64 {
        self.changes.iter().map(|change| change.redo - change.undo.unwrap_or(0)).sum()
    }
}

impl Record {
    /// The transaction it is about.
    pub fn txn(&self) -> Txn {
        match self {
            Self::Begin(plan)
            | Self::Abort(plan)
            | Self::Commit { plan, .. }
            | Self::HandedOver(plan) => plan.txn,
            Self::Prepared(prepared) | Self::CommittedAtOnce(prepared) => prepared.plan.txn,
            Self::PreCommit(txn)
            | Self::End(txn)
            | Self::PreCommitted(txn)
            | Self::PreAborted(txn)
            | Self::Committed(txn)
            | Self::Aborted(txn) => *txn,
        }
    }

    pub(super) const fn word(&self) -> Word {
        match self {
            Self::Begin(_) => Word::Begin,
            Self::PreCommit(_) => Word::PreCommit,
            Self::Commit { .. } => Word::Commit,
            Self::Abort(_) => Word::Abort,
            Self::End(_) => Word::End,
            Self::Prepared(_) | Self::HandedOver(_) => Word::Prepared,
            Self::PreCommitted(_) => Word::PreCommitted,
            Self::PreAborted(_) => Word::PreAborted,
            Self::Committed(_) | Self::CommittedAtOnce(_) => Word::Committed,
            Self::Aborted(_) => Word::Aborted,
        }
    }

    /// How much room it takes.
    pub(super) fn bytes(&self) -> u32 {
        let many = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_mul(32);
        match self {
            Self::Begin(plan)
            | Self::Abort(plan)
            | Self::Commit { plan, .. }
            | Self::HandedOver(plan) => 16 + many(plan.branches.len()),
            Self::Prepared(prepared) | Self::CommittedAtOnce(prepared) => {
                32 + many(prepared.changes.len())
            }
            Self::PreCommit(_)
            | Self::End(_)
            | Self::PreCommitted(_)
            | Self::PreAborted(_)
            | Self::Committed(_)
            | Self::Aborted(_) => 16,
        }
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.word().text(), self.txn())
    }
}

/// The kind of a record, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Word {
    /// BEGIN.
    Begin,
    /// PRE-COMMIT.
    PreCommit,
    /// COMMIT.
    Commit,
    /// ABORT.
    Abort,
    /// END.
    End,
    /// PREPARED.
    Prepared,
    /// PRE-COMMITTED.
    PreCommitted,
    /// PRE-ABORTED.
    PreAborted,
    /// COMMITTED.
    Committed,
    /// ABORTED.
    Aborted,
}

impl Word {
    /// As it stands in a log.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Begin => "BEGIN",
            Self::PreCommit => "PRE-COMMIT",
            Self::Commit => "COMMIT",
            Self::Abort => "ABORT",
            Self::End => "END",
            Self::Prepared => "PREPARED",
            Self::PreCommitted => "PRE-COMMITTED",
            Self::PreAborted => "PRE-ABORTED",
            Self::Committed => "COMMITTED",
            Self::Aborted => "ABORTED",
        }
    }

    /// What is known once it is written: 1 open, 2 in doubt, 3 commit, 4 abort.
    pub const fn hue(self) -> u64 {
        match self {
            Self::Begin => 1,
            Self::Prepared => 2,
            Self::PreCommit | Self::PreCommitted | Self::Commit | Self::Committed => 3,
            Self::PreAborted | Self::Abort | Self::Aborted => 4,
            Self::End => 0,
        }
    }

    /// True if it says what becomes of the transaction.
    pub const fn is_final(self) -> bool {
        match self {
            Self::Commit | Self::Abort | Self::End | Self::Committed | Self::Aborted => true,
            Self::Begin
            | Self::PreCommit
            | Self::Prepared
            | Self::PreCommitted
            | Self::PreAborted => false,
        }
    }
}
