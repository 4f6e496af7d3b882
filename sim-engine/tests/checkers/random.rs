//! Random small histories: most come from a store that does what it promises, some answers are
//! changed, some are lost.

use sim_engine::checkers::{Answer, Call, ClientHistory, ClientOperation, KeyId, Model, ValueId};
use sim_engine::{Concern, Dice};

use crate::oracle::{Store, perform};

/// A random history of a few processes.
pub(crate) fn history(model: Model, seed: u64, size: u64) -> ClientHistory {
    let mut dice = Dice::new(seed, Concern::Workload, 0);
    let mut history = ClientHistory::default();
    let keys = [history.key("x"), history.key("y")];
    // Whoever is alone with its key is easier to contradict.
    let keys = if dice.below(3) == 0 { &keys[..] } else { &keys[..1] };
    let mut planned = Vec::new();
    for process in 0..=dice.below(3) {
        let mut now = dice.below(4);
        for _ in 0..=dice.below(size) {
            let length = dice.below(6);
            let key = keys[usize::try_from(dice.below(2)).unwrap() % keys.len()];
            let call = call(model, &mut history, &mut dice, keys);
            let key = if model == Model::Bank { keys[0] } else { key };
            let operation = ClientOperation {
                process,
                key,
                call,
                invoked: now,
                ended: now + length,
                answer: Answer::Unknown,
            };
            planned.push((now + dice.below(length + 1), operation));
            now += length + 1 + dice.below(3);
        }
    }
    planned.sort_by_key(|(moment, _)| *moment);
    answer(model, &mut history, planned, &mut dice);
    history
}

/// Performs the operations in order and sometimes changes what is known of it.
fn answer(
    model: Model,
    history: &mut ClientHistory,
    planned: Vec<(u64, ClientOperation)>,
    dice: &mut Dice,
) {
    let mut store = Store::new();
    if model == Model::Bank {
        store.extend(["x", "y"].map(|name| (history.key(name), 0.into())));
    }
    for (_, mut operation) in planned {
        let is_lost = dice.below(6) == 0;
        if is_lost && dice.below(2) == 0 {
            history.operations.push(operation);
            continue;
        }
        let (after, said) = perform(model, &store, history, &operation);
        store = after;
        operation.answer = match said {
            _ if is_lost => Answer::Unknown,
            Ok(value) => Answer::Ok(history.value(value)),
            Err(()) => Answer::Refused,
        };
        if dice.below(6) == 0 {
            operation.answer = another(model, history, dice, operation.call);
        }
        history.operations.push(operation);
    }
}

fn another(model: Model, history: &mut ClientHistory, dice: &mut Dice, call: Call) -> Answer {
    let n = i64::try_from(dice.below(4)).unwrap();
    let list: &[i64] = match n {
        0 => &[],
        1 => &[1],
        2 => &[0, 1],
        _ if model == Model::Set => &[0, 2],
        _ => &[2, 0],
    };
    let list = || sim_engine::checkers::Value::List(list.iter().map(|n| (*n).into()).collect());
    match (call, model) {
        (Call::Read, Model::Kv) => Answer::Ok(history.value(["", "a", "ab", "c"][dice_at(n)])),
        (Call::Read, Model::Set | Model::Log) => Answer::Ok(history.value(list())),
        (Call::Read | Call::Dequeue, _) => Answer::Ok(history.value(n)),
        (Call::Contains(_), _) => {
            Answer::Ok(history.value(sim_engine::checkers::Value::Bool(n > 1)))
        }
        (Call::Cas { .. } | Call::Acquire | Call::Release | Call::Transfer { .. }, _) if n < 2 => {
            Answer::Refused
        }
        _ if n == 0 => Answer::Failed,
        _ => Answer::Ok(ValueId::NIL),
    }
}

fn dice_at(n: i64) -> usize {
    usize::try_from(n).unwrap()
}

fn call(model: Model, history: &mut ClientHistory, dice: &mut Dice, keys: &[KeyId]) -> Call {
    let n = i64::try_from(dice.below(3)).unwrap();
    // A refused comparison says what an account did not hold at first; the bank forgets that.
    let is_exact = |name: &&&str| model != Model::Bank || **name != "cas";
    let calls: Vec<&str> = model.calls().iter().filter(is_exact).copied().collect();
    let name = calls[usize::try_from(dice.below(u64::try_from(calls.len()).unwrap())).unwrap()];
    let id = |history: &mut ClientHistory| match model {
        Model::Kv => history.value(["a", "b", "c"][dice_at(n)]),
        _ => history.value(n),
    };
    match name {
        "read" => Call::Read,
        "write" => Call::Write(id(history)),
        "cas" => Call::Cas { from: id(history), to: history.value((n + 1) % 3) },
        "append" => Call::Append(id(history)),
        "add" => Call::Add(n),
        "insert" => Call::Insert(id(history)),
        "remove" => Call::Remove(id(history)),
        "contains" => Call::Contains(id(history)),
        "enqueue" => Call::Enqueue(id(history)),
        "dequeue" => Call::Dequeue,
        "acquire" => Call::Acquire,
        "release" => Call::Release,
        _ => Call::Transfer { to: keys[keys.len() - 1], amount: n },
    }
}
