//! Sets, queues, locks, lists, counters, accounts and stores of everything: states that are lists
//! of numbers.

use super::arena::Arena;
use super::bank::Accounts;
use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::machine::{Machine, State};
use super::model::Model;
use super::store::Store;
use super::value::{Value, ValueId};

/// What the numbers of a state mean, and how an operation changes them.
pub(super) trait Rules: std::fmt::Debug {
    /// The numbers at the start.
    fn initial(&self) -> Vec<i64>;

    /// Changes the numbers as an operation does, or returns false if it cannot be answered so.
    fn apply(&self, numbers: &mut Vec<i64>, operation: &ClientOperation) -> bool;

    /// The numbers in words.
    fn describe(&self, history: &ClientHistory, numbers: &[i64]) -> String;

    /// See [`Machine::looks_ahead`].
    fn looks_ahead(&self) -> bool {
        false
    }

    /// See [`Machine::may_lead_to`].
    fn may_lead_to(&self, _numbers: &[i64], _wanted: &ClientOperation) -> bool {
        true
    }
}

/// A machine whose states are lists of numbers.
#[derive(Debug)]
pub(super) struct Records {
    states: Arena<i64>,
    rules: Box<dyn Rules>,
    operations: Vec<ClientOperation>,
    scratch: Vec<i64>,
}

impl Records {
    pub(super) fn new(
        model: Model,
        history: &ClientHistory,
        operations: &[ClientOperation],
    ) -> Self {
        let rules: Box<dyn Rules> = match model {
            Model::Bank => Box::new(Accounts::new(history, operations)),
            Model::Store => Box::new(Store::new(history, operations)),
            Model::Register
            | Model::CasRegister
            | Model::Kv
            | Model::Set
            | Model::Queue
            | Model::Lock
            | Model::Log
            | Model::Counter => Box::new(One::new(model, history, operations)),
        };
        let operations = operations.to_vec();
        Self { states: Arena::new(), rules, operations, scratch: Vec::new() }
    }
}

impl Machine for Records {
    fn initial(&mut self) -> State {
        self.states.intern(&self.rules.initial())
    }

    fn step(&mut self, state: State, place: usize) -> Option<State> {
        self.scratch.clear();
        self.scratch.extend_from_slice(self.states.get(state));
        let is_legal = self.rules.apply(&mut self.scratch, &self.operations[place]);
        is_legal.then(|| self.states.intern(&self.scratch))
    }

    fn looks_ahead(&self) -> bool {
        self.rules.looks_ahead()
    }

    fn may_lead_to(&self, state: State, wanted: usize) -> bool {
        self.rules.may_lead_to(self.states.get(state), &self.operations[wanted])
    }

    fn describe(&self, history: &ClientHistory, state: State) -> String {
        self.rules.describe(history, self.states.get(state))
    }
}

/// One set, queue, lock, list or counter. Elements are numbers of values.
#[derive(Debug)]
struct One {
    model: Model,
    /// Of every value that a look answered, its elements.
    answers: Vec<(ValueId, Vec<i64>)>,
}

impl One {
    fn new(model: Model, history: &ClientHistory, operations: &[ClientOperation]) -> Self {
        let looks = operations.iter().filter_map(|operation| match operation.answer {
            Answer::Ok(value) => Some(value),
            Answer::Refused | Answer::Failed | Answer::Unknown => None,
        });
        let mut answers: Vec<_> =
            looks.map(|value| (value, numbers(model, history, value))).collect();
        answers.sort_unstable();
        answers.dedup();
        Self { model, answers }
    }

    /// The numbers of an answer.
    fn answered(&self, value: ValueId) -> &[i64] {
        let found = self.answers.binary_search_by_key(&value, |(id, _)| *id);
        found.map_or(&[], |at| &self.answers[at].1)
    }

    fn look(&self, numbers: &[i64], value: ValueId) -> bool {
        self.answered(value) == numbers
    }
}

/// Stands for a value that nobody ever wrote.
const STRANGE: i64 = -1;

fn element(history: &ClientHistory, value: &Value) -> i64 {
    history.find_value(value).map_or(STRANGE, |id| i64::from(id.0))
}

/// The elements of a list or set, the number of a counter, the truth of a question.
fn numbers(model: Model, history: &ClientHistory, value: ValueId) -> Vec<i64> {
    match (model, history.value_of(value)) {
        (Model::Counter, Value::Nil) => vec![0],
        (_, Value::Nil) => Vec::new(),
        (_, Value::Bool(is)) => vec![i64::from(*is)],
        (Model::Set | Model::Log, Value::List(values)) => {
            let mut list: Vec<i64> = values.iter().map(|value| element(history, value)).collect();
            if model == Model::Set {
                list.sort_unstable();
                list.dedup();
            }
            list
        }
        (Model::Counter, Value::Int(n)) => vec![*n],
        (_, Value::Int(_) | Value::Text(_) | Value::List(_) | Value::Map(_)) => vec![STRANGE],
    }
}

impl Rules for One {
    fn initial(&self) -> Vec<i64> {
        if self.model == Model::Counter { vec![0] } else { Vec::new() }
    }

    fn apply(&self, numbers: &mut Vec<i64>, operation: &ClientOperation) -> bool {
        let answer = operation.answer;
        match operation.call {
            Call::Read => matches!(answer, Answer::Ok(value) if self.look(numbers, value)),
            Call::Contains(value) => {
                let has = numbers.binary_search(&i64::from(value.0)).is_ok();
                matches!(answer, Answer::Ok(said) if *self.answered(said) == [i64::from(has)])
            }
            Call::Insert(value) => match numbers.binary_search(&i64::from(value.0)) {
                Ok(_) => true,
                Err(at) => {
                    numbers.insert(at, i64::from(value.0));
                    answer != Answer::Refused
                }
            },
            Call::Remove(value) => match numbers.binary_search(&i64::from(value.0)) {
                Ok(at) => {
                    numbers.remove(at);
                    answer != Answer::Refused
                }
                Err(_) => true,
            },
            Call::Append(value) | Call::Enqueue(value) => {
                numbers.push(i64::from(value.0));
                answer != Answer::Refused
            }
            Call::Dequeue => dequeue(numbers, answer),
            Call::Add(by) => self.add(numbers, by, answer),
            Call::Acquire | Call::Release => lock(numbers, operation),
            Call::Write(_) | Call::Cas { .. } | Call::Transfer { .. } => false,
        }
    }

    fn looks_ahead(&self) -> bool {
        self.model == Model::Log
    }

    fn may_lead_to(&self, numbers: &[i64], wanted: &ClientOperation) -> bool {
        match wanted.answer {
            // A list only grows at its end.
            Answer::Ok(value) => self.answered(value).starts_with(numbers),
            Answer::Refused | Answer::Failed | Answer::Unknown => true,
        }
    }

    fn describe(&self, history: &ClientHistory, numbers: &[i64]) -> String {
        match (self.model, numbers) {
            (Model::Counter, [n]) => n.to_string(),
            (Model::Lock, []) => "free".to_owned(),
            (Model::Lock, [owner, ..]) => {
                format!("held by {}", history.process_name(owner.cast_unsigned()))
            }
            (_, elements) => {
                let value = |id: &i64| {
                    let id = u32::try_from(*id).map_or(ValueId::NIL, ValueId);
                    history.value_of(id).to_string()
                };
                let words: Vec<String> = elements.iter().map(value).collect();
                format!("[{}]", words.join(" "))
            }
        }
    }
}

impl One {
    fn add(&self, numbers: &mut [i64], by: i64, answer: Answer) -> bool {
        let [n] = numbers else { return false };
        *n = n.wrapping_add(by);
        match answer {
            Answer::Ok(ValueId::NIL) | Answer::Unknown => true,
            Answer::Ok(value) => self.look(numbers, value),
            Answer::Refused | Answer::Failed => false,
        }
    }
}

fn dequeue(numbers: &mut Vec<i64>, answer: Answer) -> bool {
    if numbers.is_empty() {
        return matches!(answer, Answer::Ok(ValueId::NIL) | Answer::Refused);
    }
    let head = numbers.remove(0);
    match answer {
        Answer::Ok(value) => head == i64::from(value.0),
        Answer::Unknown => true,
        Answer::Refused | Answer::Failed => false,
    }
}

fn lock(numbers: &mut Vec<i64>, operation: &ClientOperation) -> bool {
    let me = operation.process.cast_signed();
    let is_mine = numbers.first() == Some(&me);
    let is_possible = is_mine || (operation.call == Call::Acquire && numbers.is_empty());
    if operation.answer == Answer::Refused {
        return !is_possible;
    }
    numbers.clear();
    if operation.call == Call::Acquire {
        numbers.push(me);
    }
    is_possible
}
