//! A history of client operations as plain data: who asked what, when, and what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::BuildHasherDefault;

use indexmap::IndexMap;

use super::value::{KeyId, Value, ValueId, number};
use crate::DigestHasher;

/// What was asked of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    /// Read everything that the key holds.
    Read,
    /// Replace what it holds.
    Write(ValueId),
    /// Replace `from` by `to`; refused where it holds something else.
    Cas {
        /// What it must hold.
        from: ValueId,
        /// What it holds then.
        to: ValueId,
    },
    /// Add to the end of a text or list.
    Append(ValueId),
    /// Add to a number. The answer may be the new number.
    Add(i64),
    /// Put an element into a set.
    Insert(ValueId),
    /// Take an element out of a set.
    Remove(ValueId),
    /// Ask whether an element is in a set.
    Contains(ValueId),
    /// Put a value at the end of a queue.
    Enqueue(ValueId),
    /// Take the value at the head of a queue; nil, or refused, where it is empty.
    Dequeue,
    /// Take a lock. Whoever holds it may take it again.
    Acquire,
    /// Give a lock back.
    Release,
    /// Move an amount from this key to another; refused where there is less.
    Transfer {
        /// Where it goes.
        to: KeyId,
        /// How much.
        amount: i64,
    },
}

impl Call {
    /// The name of the operation: `read`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write(_) => "write",
            Self::Cas { .. } => "cas",
            Self::Append(_) => "append",
            Self::Add(_) => "add",
            Self::Insert(_) => "insert",
            Self::Remove(_) => "remove",
            Self::Contains(_) => "contains",
            Self::Enqueue(_) => "enqueue",
            Self::Dequeue => "dequeue",
            Self::Acquire => "acquire",
            Self::Release => "release",
            Self::Transfer { .. } => "transfer",
        }
    }

    /// The other key, if it speaks of two.
    pub const fn target(self) -> Option<KeyId> {
        if let Self::Transfer { to, .. } = self { Some(to) } else { None }
    }

    /// The values it brings along: nil for those it does not.
    pub const fn values(self) -> [ValueId; 2] {
        match self {
            Self::Write(value)
            | Self::Append(value)
            | Self::Insert(value)
            | Self::Remove(value)
            | Self::Contains(value)
            | Self::Enqueue(value) => [value, ValueId::NIL],
            Self::Cas { from, to } => [from, to],
            Self::Read
            | Self::Add(_)
            | Self::Dequeue
            | Self::Acquire
            | Self::Release
            | Self::Transfer { .. } => [ValueId::NIL; 2],
        }
    }

    /// True if it never changes anything.
    pub const fn only_looks(self) -> bool {
        matches!(self, Self::Read | Self::Contains(_))
    }
}

/// What a client knows of the end of its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// It took effect, and this was the answer; nil where there is nothing to tell.
    Ok(ValueId),
    /// It took effect as a refusal: the system looked at the state and said no. A comparison that
    /// failed, a lock that somebody else holds.
    Refused,
    /// It took no effect and never will. Says nothing of the state.
    Failed,
    /// Nobody knows: it may take effect at any time after its invocation, or never.
    Unknown,
}

/// One operation, as its client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientOperation {
    /// Who asked. One process does one thing at a time.
    pub process: u64,
    /// Of what it was asked.
    pub key: KeyId,
    /// What was asked.
    pub call: Call,
    /// When it was invoked: any number that grows with time.
    pub invoked: u64,
    /// When it ended, on the same scale; not looked at where the answer is unknown. What ends at
    /// the moment in which another begins is concurrent with it.
    pub ended: u64,
    /// How it ended.
    pub answer: Answer,
}

/// The numbers of keys or values: looked up, never iterated.
type Numbers<T, Id> = IndexMap<T, Id, BuildHasherDefault<DigestHasher>>;

/// A history: operations, and the keys and values that they speak of.
///
/// ```
/// use sim_engine::checkers::{Answer, Call, ClientHistory, ValueId};
/// let mut history = ClientHistory::default();
/// let (x, two) = (history.key("x"), history.value(2));
/// history.push(1, x, Call::Write(two), (0, 3, Answer::Ok(ValueId::NIL)));
/// history.push(2, x, Call::Read, (4, 5, Answer::Ok(two)));
/// assert_eq!(history.describe(1), "read x -> 2");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientHistory {
    /// The operations, in any order.
    pub operations: Vec<ClientOperation>,
    keys: Vec<String>,
    key_ids: Numbers<String, KeyId>,
    values: Vec<Value>,
    value_ids: Numbers<Value, ValueId>,
    processes: BTreeMap<u64, String>,
}

impl Default for ClientHistory {
    fn default() -> Self {
        Self {
            operations: Vec::new(),
            keys: Vec::new(),
            key_ids: Numbers::default(),
            values: vec![Value::Nil],
            value_ids: Numbers::from_iter([(Value::Nil, ValueId::NIL)]),
            processes: BTreeMap::new(),
        }
    }
}

impl ClientHistory {
    /// The number of a key, a new one for a new name.
    pub fn key(&mut self, name: &str) -> KeyId {
        if let Some(id) = self.key_ids.get(name) {
            return *id;
        }
        let id = KeyId(number(self.keys.len()));
        self.keys.push(name.to_owned());
        self.key_ids.insert(name.to_owned(), id);
        id
    }

    /// The number of a value, a new one for a new value.
    pub fn value(&mut self, value: impl Into<Value>) -> ValueId {
        let value = value.into();
        if let Some(id) = self.value_ids.get(&value) {
            return *id;
        }
        let id = ValueId(number(self.values.len()));
        self.values.push(value.clone());
        self.value_ids.insert(value, id);
        id
    }

    /// Gives a process a name to be shown by.
    pub fn name_process(&mut self, process: u64, name: impl Into<String>) {
        self.processes.insert(process, name.into());
    }

    /// Adds an operation: who, of what, what, and when it began and ended and how.
    pub fn push(
        &mut self,
        process: u64,
        key: KeyId,
        call: Call,
        (invoked, ended, answer): (u64, u64, Answer),
    ) {
        self.operations.push(ClientOperation { process, key, call, invoked, ended, answer });
    }

    /// How many keys there are.
    pub fn keys(&self) -> usize {
        self.keys.len()
    }

    /// The name of a key.
    pub fn key_name(&self, key: KeyId) -> &str {
        self.keys.get(key.index()).map_or("all", String::as_str)
    }

    /// The value with this number.
    pub fn value_of(&self, id: ValueId) -> &Value {
        self.values.get(id.index()).unwrap_or(&Value::Nil)
    }

    /// The number of a value, if the history knows it.
    pub fn find_value(&self, value: &Value) -> Option<ValueId> {
        self.value_ids.get(value).copied()
    }

    /// The key that a value names, if the history knows it.
    pub fn find_key(&self, name: &Value) -> Option<KeyId> {
        if let Value::Text(name) = name {
            return self.key_ids.get(name).copied();
        }
        self.key_ids.get(&name.to_string()).copied()
    }

    /// The name of a process: its number where it has no other.
    pub fn process_name(&self, process: u64) -> String {
        self.processes.get(&process).cloned().unwrap_or_else(|| process.to_string())
    }

    /// The same keys and values with some of the operations.
    #[must_use]
    pub fn with_only(&self, operations: impl IntoIterator<Item = usize>) -> Self {
        let operations = operations.into_iter().filter_map(|i| self.operations.get(i).copied());
        Self { operations: operations.collect(), ..self.clone() }
    }

    /// What was asked, in a few words: `write x 2`.
    pub fn asked(&self, operation: &ClientOperation) -> String {
        let (name, key) = (operation.call.name(), self.key_name(operation.key));
        let with = |id: ValueId| format!("{name} {key} {}", self.value_of(id));
        match operation.call {
            Call::Read | Call::Dequeue | Call::Acquire | Call::Release => format!("{name} {key}"),
            Call::Write(value)
            | Call::Append(value)
            | Call::Insert(value)
            | Call::Remove(value)
            | Call::Contains(value)
            | Call::Enqueue(value) => with(value),
            Call::Cas { from, to } => {
                format!("{name} {key} {} {}", self.value_of(from), self.value_of(to))
            }
            Call::Add(by) => format!("{name} {key} {by}"),
            Call::Transfer { to, amount } => format!("{name} {key} {} {amount}", self.key_name(to)),
        }
    }

    /// An operation with its answer, in a few words: `read x -> 2`.
    pub fn describe(&self, index: usize) -> String {
        self.operations.get(index).map(|op| Described(self, op).to_string()).unwrap_or_default()
    }
}

/// An operation in words.
struct Described<'a>(&'a ClientHistory, &'a ClientOperation);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(history, operation) = self;
        f.write_str(&history.asked(operation))?;
        match operation.answer {
            Answer::Ok(ValueId::NIL) if !operation.call.only_looks() => f.write_str(" -> ok"),
            Answer::Ok(value) => write!(f, " -> {}", history.value_of(value)),
            Answer::Refused => f.write_str(" -> refused"),
            Answer::Failed => f.write_str(" -> failed"),
            Answer::Unknown => f.write_str(" -> unknown"),
        }
    }
}
