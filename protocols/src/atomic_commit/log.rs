//! The log of a coordinator or participant, and what it says of each transaction.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{Key, NodeId};

use super::few::Few;
use super::txn::{Decision, Plan, Txn};
use super::under_way::UnderWay;

/// How many of its last records a log shows.
const TAIL: usize = 6;

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

impl Record {
    /// The transaction it is about.
    pub fn txn(&self) -> Txn {
        match self {
            Self::Begin(plan) | Self::Abort(plan) | Self::Commit { plan, .. } => plan.txn,
            Self::Prepared(prepared) => prepared.plan.txn,
            Self::PreCommit(txn)
            | Self::End(txn)
            | Self::PreCommitted(txn)
            | Self::PreAborted(txn)
            | Self::Committed(txn)
            | Self::Aborted(txn) => *txn,
        }
    }

    const fn word(&self) -> Word {
        match self {
            Self::Begin(_) => Word::Begin,
            Self::PreCommit(_) => Word::PreCommit,
            Self::Commit { .. } => Word::Commit,
            Self::Abort(_) => Word::Abort,
            Self::End(_) => Word::End,
            Self::Prepared(_) => Word::Prepared,
            Self::PreCommitted(_) => Word::PreCommitted,
            Self::PreAborted(_) => Word::PreAborted,
            Self::Committed(_) => Word::Committed,
            Self::Aborted(_) => Word::Aborted,
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

/// How far a coordinator has come with a transaction it has not forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Open {
    /// What.
    pub plan: Arc<Plan>,
    /// How far.
    pub stage: Stage,
}

/// How far a coordinator has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It has begun.
    Begun,
    /// It has every yes and asks for pre-commits.
    PreCommitting,
    /// It has decided.
    Decided(Decision),
}

/// How far a participant has come with a transaction that it could commit.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Doubt {
    /// What.
    pub prepared: Arc<Prepared>,
    /// Whether it has moved to one side.
    pub lean: Lean,
}

/// To which side a participant in doubt has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lean {
    /// To none: it has voted yes.
    Neither,
    /// It is pre-committed.
    Commit,
    /// It is pre-aborted.
    Abort,
}

/// What became of every transaction that a participant has ended. They are numbered without gaps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Outcomes(Vec<Option<Decision>>);

impl Outcomes {
    /// What became of one, if it has ended.
    pub fn of(&self, txn: Txn) -> Option<Decision> {
        self.0.get(usize::try_from(txn.0).ok()?).copied().flatten()
    }

    fn set(&mut self, txn: Txn, decision: Decision) {
        let place = usize::try_from(txn.0).unwrap_or(usize::MAX);
        if self.0.len() <= place {
            self.0.resize(place + 1, None);
        }
        self.0[place] = Some(decision);
    }
}

/// Everything a node has on disk, as its records say it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    /// As a coordinator: what it has not forgotten.
    pub open: UnderWay<Open>,
    /// As a coordinator: the last operation of each client that was committed, and its answer.
    pub answered: BTreeMap<NodeId, (Txn, Option<i64>)>,
    /// As a participant: what it is in doubt about.
    pub doubts: UnderWay<Doubt>,
    /// As a participant: what became of every transaction.
    pub outcomes: Outcomes,
    /// As a participant: the values.
    pub store: BTreeMap<Key, i64>,
    /// How many records there are.
    pub records: u64,
    /// The last ones, each in the place of its number.
    tail: [Option<(Word, Txn)>; TAIL],
}

/// An initial state as a scenario writes it: `{"store": {"x": 1}}`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Initial {
    /// Values that were committed before the run.
    store: BTreeMap<Key, i64>,
}

/// Where the record of this number is, as long as it is one of the last.
fn tail_place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(0) % TAIL
}

impl Log {
    /// The last records with their numbers, counted from 1, oldest first.
    pub fn tail(&self) -> impl Iterator<Item = (u64, Word, Txn)> {
        let tail = u64::try_from(TAIL).unwrap_or(0);
        let numbers = self.records.saturating_sub(tail) + 1..=self.records;
        numbers.filter_map(|n| self.tail[tail_place(n)].map(|(word, txn)| (n, word, txn)))
    }

    /// The last record.
    pub fn last_record(&self) -> Option<(Word, Txn)> {
        self.tail[tail_place(self.records)]
    }

    fn decide(&mut self, txn: Txn, decision: Decision) {
        if let Some(doubt) = self.doubts.remove(txn)
            && decision == Decision::Commit
        {
            for change in doubt.prepared.changes.iter() {
                self.store.insert(change.key, change.redo);
            }
        }
        self.outcomes.set(txn, decision);
    }

    fn stage(&mut self, plan: &Arc<Plan>, stage: Stage) {
        self.open.insert(plan.txn, Open { plan: Arc::clone(plan), stage });
    }

    fn lean(&mut self, txn: Txn, lean: Lean) {
        if let Some(doubt) = self.doubts.get_mut(txn) {
            doubt.lean = lean;
        }
    }
}

impl sim_engine::Durable for Log {
    type Delta = Record;
    type Initial = Initial;

    fn apply(&mut self, record: &Record) {
        self.records += 1;
        self.tail[tail_place(self.records)] = Some((record.word(), record.txn()));
        match record {
            Record::Begin(plan) => self.stage(plan, Stage::Begun),
            Record::PreCommit(txn) => {
                if let Some(open) = self.open.get_mut(*txn) {
                    open.stage = Stage::PreCommitting;
                }
            }
            Record::Commit { plan, value } => {
                self.stage(plan, Stage::Decided(Decision::Commit));
                self.answered.insert(plan.client, (plan.txn, *value));
            }
            Record::Abort(plan) => self.stage(plan, Stage::Decided(Decision::Abort)),
            Record::End(txn) => {
                self.open.remove(*txn);
            }
            Record::Prepared(prepared) => {
                let doubt = Doubt { prepared: Arc::clone(prepared), lean: Lean::Neither };
                self.doubts.insert(prepared.plan.txn, doubt);
            }
            Record::PreCommitted(txn) => self.lean(*txn, Lean::Commit),
            Record::PreAborted(txn) => self.lean(*txn, Lean::Abort),
            Record::Committed(txn) => self.decide(*txn, Decision::Commit),
            Record::Aborted(txn) => self.decide(*txn, Decision::Abort),
        }
    }

    fn bytes(record: &Record) -> u32 {
        let many = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_mul(32);
        match record {
            Record::Begin(plan) | Record::Abort(plan) | Record::Commit { plan, .. } => {
                16 + many(plan.branches.len())
            }
            Record::Prepared(prepared) => 32 + many(prepared.changes.len()),
            Record::PreCommit(_)
            | Record::End(_)
            | Record::PreCommitted(_)
            | Record::PreAborted(_)
            | Record::Committed(_)
            | Record::Aborted(_) => 16,
        }
    }

    fn initial(initial: &Initial, _: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        Ok(Self { store: initial.store.clone(), ..Self::default() })
    }
}
