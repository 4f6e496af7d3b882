//! The replicated state machine: a key-value store with sessions (section 8).

use std::collections::BTreeMap;

use sim_engine::{Key, Operation, Reply, StepContext};

use super::RaftNode;
use super::log::{Entry, Payload};
use super::message::Answer;
use super::mutants::{DEDUPE_NOT_IN_SNAPSHOT, NO_DEDUPE};
use super::snapshot::Record;

const ANOTHER_VALUE: &str = "the register holds another value";
const ANOTHER_HOLDER: &str = "another client holds the lock";
const NOT_THE_HOLDER: &str = "the client does not hold the lock";
const NOT_ENOUGH: &str = "the account does not hold that much";
/// The reasons for which the store refuses a command after a look at what it holds.
pub(crate) const REFUSALS: &[&str] = &[ANOTHER_VALUE, ANOTHER_HOLDER, NOT_THE_HOLDER, NOT_ENOUGH];

/// The store as of the last applied entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Machine {
    registers: BTreeMap<Key, i64>,
    lists: BTreeMap<Key, Vec<i64>>,
    locks: BTreeMap<Key, u64>,
    /// Of each session, the last command and its answer.
    sessions: BTreeMap<u64, (u64, Answer)>,
}

impl Machine {
    /// The stored answer to a command that was applied before.
    pub fn answered(&self, session: u64, seq: u64) -> Option<&Answer> {
        let (last, answer) = self.sessions.get(&session)?;
        (seq <= *last).then_some(answer)
    }

    /// Applies the next entry; a command that was applied before is not executed again. Returns the
    /// session and number of its command, if that was executed now. The answer to it is kept:
    /// [`answered`](Self::answered).
    pub fn apply(&mut self, entry: &Entry, cx: &StepContext<'_, RaftNode>) -> Option<(u64, u64)> {
        let Payload::Command { session, seq, operation } = *entry.payload() else { return None };
        let is_known = self.answered(session, seq).is_some();
        if is_known && session != 0 && !cx.mutant(NO_DEDUPE) {
            return None;
        }
        let answer = self.execute(session, &operation);
        self.sessions.insert(session, (seq, answer));
        Some((session, seq))
    }

    /// What a read of `key` answers now.
    pub fn read(&self, key: Key) -> Reply {
        match self.lists.get(&key) {
            Some(list) => Reply::List(list.clone()),
            None => Reply::Value(self.registers.get(&key).copied()),
        }
    }

    /// Everything the machine holds, for a snapshot.
    pub fn records(&self) -> Vec<Record> {
        let registers = self.registers.iter().map(|(key, value)| Record::Register(*key, *value));
        let lists = self.lists.iter().map(|(key, list)| Record::List(*key, list.clone()));
        let locks = self.locks.iter().map(|(lock, owner)| Record::Lock(*lock, *owner));
        let sessions = self.sessions.iter();
        let sessions =
            sessions.map(|(id, (seq, answer))| Record::Session(*id, *seq, answer.clone()));
        registers.chain(lists).chain(locks).chain(sessions).collect()
    }

    /// The machine of a snapshot.
    pub fn restore(records: &[Record], cx: &StepContext<'_, RaftNode>) -> Self {
        let mut machine = Self::default();
        for record in records {
            match record {
                Record::Register(key, value) => {
                    machine.registers.insert(*key, *value);
                }
                Record::List(key, list) => {
                    machine.lists.insert(*key, list.clone());
                }
                Record::Lock(lock, owner) => {
                    machine.locks.insert(*lock, *owner);
                }
                Record::Session(id, seq, answer) if !cx.mutant(DEDUPE_NOT_IN_SNAPSHOT) => {
                    machine.sessions.insert(*id, (*seq, answer.clone()));
                }
                Record::Session(..) => {}
            }
        }
        machine
    }

    fn execute(&mut self, session: u64, operation: &Operation) -> Answer {
        match *operation {
            Operation::Read { key } => Answer::Applied(self.read(key)),
            Operation::Write { key, value } => {
                self.registers.insert(key, value);
                Answer::Applied(Reply::Done)
            }
            Operation::Cas { key, old, new } => {
                if self.registers.get(&key) != Some(&old) {
                    return Answer::Refused(ANOTHER_VALUE);
                }
                self.registers.insert(key, new);
                Answer::Applied(Reply::Done)
            }
            Operation::Append { key, value } => {
                self.lists.entry(key).or_default().push(value);
                Answer::Applied(Reply::Done)
            }
            Operation::Increment { key } => {
                let value = self.registers.entry(key).or_default();
                *value = value.wrapping_add(1);
                Answer::Applied(Reply::Value(Some(*value)))
            }
            Operation::Acquire { lock } => match self.locks.get(&lock) {
                Some(owner) if *owner != session => Answer::Refused(ANOTHER_HOLDER),
                _ => {
                    self.locks.insert(lock, session);
                    Answer::Applied(Reply::Done)
                }
            },
            Operation::Release { lock } => {
                if self.locks.get(&lock) != Some(&session) {
                    return Answer::Refused(NOT_THE_HOLDER);
                }
                self.locks.remove(&lock);
                Answer::Applied(Reply::Done)
            }
            Operation::Transfer { from, to, amount } => self.transfer(from, to, amount),
        }
    }

    fn transfer(&mut self, from: Key, to: Key, amount: i64) -> Answer {
        let funds = self.registers.get(&from).copied().unwrap_or(0);
        if amount < 0 || funds < amount {
            return Answer::Refused(NOT_ENOUGH);
        }
        self.registers.insert(from, funds - amount);
        let target = self.registers.entry(to).or_default();
        *target = target.wrapping_add(amount);
        Answer::Applied(Reply::Done)
    }

    /// The registers, for views.
    pub fn registers(&self) -> impl Iterator<Item = (&Key, &i64)> {
        self.registers.iter()
    }
}
