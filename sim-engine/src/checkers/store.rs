//! The engine's whole vocabulary of client operations on one store.

use std::collections::BTreeMap;
use std::hash::BuildHasherDefault;

use indexmap::IndexMap;

use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::records::Rules;
use super::value::{KeyId, Value, ValueId};
use crate::DigestHasher;

/// Three numbers a key, then its list: 1 if its register was written, what it holds, and who holds
/// its lock, plus one. The list is preceded by its length plus one, or by 0 where it was never
/// added to.
const FIXED: usize = 4;

/// The keys of one partition.
#[derive(Debug)]
pub(super) struct Store {
    places: BTreeMap<KeyId, usize>,
    /// Looked up, never iterated.
    values: IndexMap<ValueId, Content, BuildHasherDefault<DigestHasher>>,
}

/// A value as the store knows it.
#[derive(Debug)]
enum Content {
    Nothing,
    Number(i64),
    List(Vec<i64>),
    /// Nothing that the store could hold.
    Strange,
}

/// What the store holds under one key, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Entry {
    register: Option<i64>,
    /// The number of a process, plus one; 0 where nobody holds the lock.
    owner: i64,
    list: Option<Vec<i64>>,
}

impl Store {
    pub(super) fn new(history: &ClientHistory, operations: &[ClientOperation]) -> Self {
        let mut store = Self { places: BTreeMap::new(), values: IndexMap::default() };
        for operation in operations {
            store.note_key(operation.key);
            operation.call.target().into_iter().for_each(|to| store.note_key(to));
            for value in operation.call.values() {
                store.note_value(history, value);
            }
            if let Answer::Ok(value) = operation.answer {
                store.note_value(history, value);
            }
        }
        store
    }

    fn note_key(&mut self, key: KeyId) {
        let next = self.places.len();
        self.places.entry(key).or_insert(next);
    }

    fn note_value(&mut self, history: &ClientHistory, id: ValueId) {
        if self.values.contains_key(&id) {
            return;
        }
        let content = match history.value_of(id) {
            Value::Nil => Content::Nothing,
            Value::Int(n) => Content::Number(*n),
            Value::List(values) => {
                let list: Option<Vec<i64>> = values.iter().map(Value::as_int).collect();
                list.map_or(Content::Strange, Content::List)
            }
            Value::Bool(_) | Value::Text(_) | Value::Map(_) => Content::Strange,
        };
        self.values.insert(id, content);
    }

    fn number(&self, id: ValueId) -> Option<i64> {
        match self.values.get(&id) {
            Some(Content::Number(n)) => Some(*n),
            Some(Content::Nothing | Content::List(_) | Content::Strange) | None => None,
        }
    }

    /// Where the numbers of a key begin.
    fn start(&self, numbers: &[i64], key: KeyId) -> usize {
        let place = self.places.get(&key).copied().unwrap_or(0);
        (0..place).fold(0, |at, _| at + FIXED + length(numbers, at).unwrap_or(0))
    }

    fn entry(&self, numbers: &[i64], key: KeyId) -> Entry {
        let at = self.start(numbers, key);
        Entry {
            register: (numbers[at] == 1).then_some(numbers[at + 1]),
            owner: numbers[at + 2],
            list: length(numbers, at).map(|n| numbers[at + FIXED..at + FIXED + n].to_vec()),
        }
    }

    fn put(&self, numbers: &mut Vec<i64>, key: KeyId, entry: &Entry) {
        let at = self.start(numbers, key);
        let end = at + FIXED + length(numbers, at).unwrap_or(0);
        let length = entry.list.as_ref().map_or(0, |list| list.len() + 1);
        let fixed = [
            i64::from(entry.register.is_some()),
            entry.register.unwrap_or(0),
            entry.owner,
            i64::try_from(length).unwrap_or(0),
        ];
        let list = entry.list.iter().flatten().copied();
        numbers.splice(at..end, fixed.into_iter().chain(list));
    }

    fn read(&self, entry: &Entry, answer: Answer) -> bool {
        let Answer::Ok(value) = answer else { return false };
        match (self.values.get(&value), &entry.list) {
            (Some(Content::List(said)), Some(list)) => said == list,
            (Some(Content::Nothing), None) => entry.register.is_none(),
            (Some(Content::Number(said)), None) => entry.register == Some(*said),
            (_, _) => false,
        }
    }

    /// Changes one entry, or returns false if the operation cannot be answered so.
    fn change(&self, entry: &mut Entry, operation: &ClientOperation) -> bool {
        let (answer, me) = (operation.answer, operation.process.cast_signed() + 1);
        let is_refused = answer == Answer::Refused;
        match operation.call {
            Call::Read => return self.read(entry, answer),
            Call::Write(value) => entry.register = self.number(value),
            Call::Cas { from, to } => {
                let is_equal = entry.register.is_some() && entry.register == self.number(from);
                if !is_equal || is_refused {
                    return is_refused && !is_equal;
                }
                entry.register = self.number(to);
            }
            Call::Append(value) => {
                entry.list.get_or_insert_default().push(self.number(value).unwrap_or(0));
            }
            Call::Add(by) => {
                let sum = entry.register.unwrap_or(0).wrapping_add(by);
                entry.register = Some(sum);
                if let Answer::Ok(value) = answer {
                    return value == ValueId::NIL || self.number(value) == Some(sum);
                }
            }
            // Who was refused may hold the lock under the name of an earlier life.
            Call::Acquire if is_refused => return entry.owner != 0,
            Call::Release if is_refused => return true,
            Call::Acquire => {
                let is_free = entry.owner == 0 || entry.owner == me;
                entry.owner = me;
                return is_free;
            }
            Call::Release => return std::mem::take(&mut entry.owner) == me,
            Call::Insert(_)
            | Call::Remove(_)
            | Call::Contains(_)
            | Call::Enqueue(_)
            | Call::Dequeue
            | Call::Transfer { .. } => return false,
        }
        !is_refused
    }

    fn transfer(&self, numbers: &mut Vec<i64>, operation: &ClientOperation) -> bool {
        let Call::Transfer { to, amount } = operation.call else { return false };
        let mut from = self.entry(numbers, operation.key);
        let funds = from.register.unwrap_or(0);
        let is_covered = amount >= 0 && funds >= amount;
        if operation.answer == Answer::Refused || !is_covered {
            return operation.answer == Answer::Refused && !is_covered;
        }
        from.register = Some(funds - amount);
        self.put(numbers, operation.key, &from);
        let mut target = self.entry(numbers, to);
        target.register = Some(target.register.unwrap_or(0).wrapping_add(amount));
        self.put(numbers, to, &target);
        true
    }
}

/// The length of the list of the key whose numbers begin at `at`.
fn length(numbers: &[i64], at: usize) -> Option<usize> {
    usize::try_from(numbers[at + 3]).unwrap_or(0).checked_sub(1)
}

impl Rules for Store {
    fn initial(&self) -> Vec<i64> {
        vec![0; FIXED * self.places.len()]
    }

    fn apply(&self, numbers: &mut Vec<i64>, operation: &ClientOperation) -> bool {
        if matches!(operation.call, Call::Transfer { .. }) {
            return self.transfer(numbers, operation);
        }
        let before = self.entry(numbers, operation.key);
        let mut entry = before.clone();
        let is_legal = self.change(&mut entry, operation);
        if is_legal && entry != before {
            self.put(numbers, operation.key, &entry);
        }
        is_legal
    }

    fn describe(&self, history: &ClientHistory, numbers: &[i64]) -> String {
        let key = |key: &KeyId| {
            let entry = self.entry(numbers, *key);
            let mut words = entry.register.map_or_else(|| "nil".to_owned(), |n| n.to_string());
            if let Some(list) = &entry.list {
                words = format!("{list:?}");
            }
            if let Some(owner) = u64::try_from(entry.owner).ok().and_then(|n| n.checked_sub(1)) {
                words = format!("{words}, held by {}", history.process_name(owner));
            }
            if self.places.len() == 1 {
                words
            } else {
                format!("{} {words}", history.key_name(*key))
            }
        };
        self.places.keys().map(key).collect::<Vec<_>>().join(", ")
    }
}
