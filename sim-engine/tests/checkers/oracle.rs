//! The oracle: every order is tried, on a model written a second time and as plainly as possible.

use std::collections::BTreeMap;

use sim_engine::checkers::{Answer, Call, ClientHistory, ClientOperation, KeyId, Model, Value};

/// What every key holds; locks hold the number of a process.
pub(crate) type Store = BTreeMap<KeyId, Value>;

#[expect(clippy::too_many_lines, reason = "one arm a call, on one page")]
/// The state after an operation, and its answer; `Err` if it is refused.
pub(crate) fn perform(
    model: Model,
    store: &Store,
    history: &ClientHistory,
    operation: &ClientOperation,
) -> (Store, Result<Value, ()>) {
    let mut after = store.clone();
    let holds = store.get(&operation.key).cloned().unwrap_or(Value::Nil);
    let value = |id| history.value_of(id).clone();
    let int = |value: &Value| match value {
        Value::Int(n) => *n,
        _ => 0,
    };
    let list = |value: &Value| match value {
        Value::List(values) => values.clone(),
        _ => Vec::new(),
    };
    let me = Value::Int(i64::try_from(operation.process).unwrap());
    let mut put = |value: Value| {
        after.insert(operation.key, value);
    };
    let answer = match operation.call {
        Call::Read => match model {
            Model::Kv if holds == Value::Nil => Ok(Value::from("")),
            Model::Counter => Ok(Value::Int(int(&holds))),
            Model::Set | Model::Log => Ok(Value::List(list(&holds))),
            _ => Ok(holds),
        },
        Call::Write(new) => {
            put(value(new));
            Ok(Value::Nil)
        }
        Call::Cas { from, to } if holds == value(from) => {
            put(value(to));
            Ok(Value::Nil)
        }
        Call::Cas { .. } => Err(()),
        Call::Append(more) if model == Model::Kv => {
            let text = |value: Value| match value {
                Value::Text(text) => text,
                _ => String::new(),
            };
            put(Value::Text(text(holds) + &text(value(more))));
            Ok(Value::Nil)
        }
        Call::Append(more) | Call::Enqueue(more) => {
            put(Value::List([list(&holds), vec![value(more)]].concat()));
            Ok(Value::Nil)
        }
        Call::Add(by) => {
            put(Value::Int(int(&holds) + by));
            Ok(Value::Int(int(&holds) + by))
        }
        Call::Insert(new) => {
            let mut all = [list(&holds), vec![value(new)]].concat();
            all.sort();
            all.dedup();
            put(Value::List(all));
            Ok(Value::Nil)
        }
        Call::Remove(old) => {
            put(Value::List(list(&holds).into_iter().filter(|v| *v != value(old)).collect()));
            Ok(Value::Nil)
        }
        Call::Contains(wanted) => Ok(Value::Bool(list(&holds).contains(&value(wanted)))),
        Call::Dequeue => match list(&holds).split_first() {
            Some((head, rest)) => {
                put(Value::List(rest.to_vec()));
                Ok(head.clone())
            }
            None => Ok(Value::Nil),
        },
        Call::Acquire if holds == Value::Nil || holds == me => {
            put(me);
            Ok(Value::Nil)
        }
        Call::Release if holds == me => {
            put(Value::Nil);
            Ok(Value::Nil)
        }
        Call::Acquire | Call::Release => Err(()),
        Call::Transfer { amount, .. } if amount < 0 || int(&holds) < amount => Err(()),
        Call::Transfer { to, amount } => {
            put(Value::Int(int(&holds) - amount));
            let target = int(after.get(&to).unwrap_or(&Value::Nil));
            after.insert(to, Value::Int(target + amount));
            Ok(Value::Nil)
        }
    };
    (after, answer)
}

/// True if some order explains every answer. `before` says whether one operation must stand before
/// another.
pub(crate) fn is_explained(
    model: Model,
    history: &ClientHistory,
    start: &Store,
    before: &dyn Fn(&ClientOperation, &ClientOperation) -> bool,
) -> bool {
    let is_real = |op: &&ClientOperation| op.answer != Answer::Failed;
    let left: Vec<ClientOperation> = history.operations.iter().filter(is_real).copied().collect();
    any_order(model, history, (start, &left), before)
}

fn any_order(
    model: Model,
    history: &ClientHistory,
    (store, left): (&Store, &[ClientOperation]),
    before: &dyn Fn(&ClientOperation, &ClientOperation) -> bool,
) -> bool {
    if left.iter().all(|op| op.answer == Answer::Unknown) {
        return true;
    }
    (0..left.len()).any(|at| {
        let operation = &left[at];
        if left.iter().any(|other| before(other, operation)) {
            return false;
        }
        let (after, answer) = perform(model, store, history, operation);
        let fits = match (operation.answer, answer) {
            (Answer::Unknown, _) | (Answer::Refused, Err(())) => true,
            (Answer::Ok(said), Ok(value)) => {
                let said = history.value_of(said);
                *said == value
                    || (!operation.call.only_looks()
                        && *said == Value::Nil
                        && operation.call != Call::Dequeue)
            }
            (_, _) => false,
        };
        let rest: Vec<_> = [&left[..at], &left[at + 1..]].concat();
        fits && any_order(model, history, (&after, &rest), before)
    })
}

/// Real time: one ended before the other began.
pub(crate) fn in_real_time(one: &ClientOperation, other: &ClientOperation) -> bool {
    one.answer != Answer::Unknown && one.ended < other.invoked
}
