//! The log of a coordinator or participant, and what it says of each transaction.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{Key, NodeId};

use super::latest::Latest;
use super::record::{Prepared, Record, Word};
use super::txn::{Decision, Plan, Txn};
use super::under_way::UnderWay;

/// How many of its last records a log shows.
const TAIL: usize = 6;

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
    /// It has left the decision to the last agent.
    HandedOver,
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
    /// As a coordinator, or as a last agent: the last operation of each client that was committed,
    /// and its answer.
    pub answered: Latest<Option<i64>>,
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
            self.change(&doubt.prepared);
        }
        self.outcomes.set(txn, decision);
    }

    fn change(&mut self, prepared: &Prepared) {
        for change in prepared.changes.iter() {
            self.store.insert(change.key, change.redo);
        }
    }

    /// The decision on a transaction, as far as it is written here.
    pub fn decision(&self, txn: Txn) -> Option<Decision> {
        let decided = self.open.get(txn).and_then(|open| match open.stage {
            Stage::Decided(decision) => Some(decision),
            Stage::Begun | Stage::PreCommitting | Stage::HandedOver => None,
        });
        decided.or_else(|| self.outcomes.of(txn))
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
                self.answered.note(plan.client, plan.txn, *value);
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
            Record::HandedOver(plan) => self.stage(plan, Stage::HandedOver),
            Record::CommittedAtOnce(prepared) => {
                let plan = &prepared.plan;
                self.change(prepared);
                self.outcomes.set(plan.txn, Decision::Commit);
                self.answered.note(plan.client, plan.txn, prepared.value());
            }
            Record::Committed(txn) => self.decide(*txn, Decision::Commit),
            Record::Aborted(txn) => self.decide(*txn, Decision::Abort),
        }
    }

    fn bytes(record: &Record) -> u32 {
        record.bytes()
    }

    fn initial(initial: &Initial, _: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        Ok(Self { store: initial.store.clone(), ..Self::default() })
    }
}
