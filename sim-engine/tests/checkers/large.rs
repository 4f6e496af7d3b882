//! Large histories of many clients with heavy concurrency: of a store that keeps its promise, and
//! the same with one read that cannot be. For measurements and for tests of the search's budget.

use sim_engine::checkers::{
    Answer, Call, ClientHistory, ClientOperation, KeyId, Model, Value, ValueId,
};
use sim_engine::{Concern, Dice};

/// What a large history looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) clients: u64,
    pub(crate) operations: usize,
    pub(crate) keys: u64,
    /// Of a hundred operations so many end unknown.
    pub(crate) lost: u64,
}

/// What is wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Nothing.
    None,
    /// A read answers what was replaced before it began.
    Stale,
    /// A read answers what nobody wrote.
    Invented,
    /// A read of a text lacks one of its pieces.
    Hole,
    /// Two pieces of a text that a read answers stand the other way round.
    Swapped,
    /// Many reads answer anything.
    Noise,
}

struct Planned {
    moment: u64,
    operation: ClientOperation,
    is_lost: bool,
}

/// A history of puts, appends and gets of texts, or of reads, writes and comparisons of a register.
pub(crate) fn history(model: Model, seed: u64, size: Size, flaw: Flaw) -> ClientHistory {
    let mut dice = Dice::new(seed, Concern::Workload, 9);
    let mut history = ClientHistory::default();
    let keys: Vec<KeyId> = (0..size.keys).map(|n| history.key(&n.to_string())).collect();
    let planned = plan(model, &mut history, size, &keys, &mut dice);
    let mut states = vec![Value::Nil; keys.len()];
    // Of each key: when a value was replaced, and which.
    let mut replaced: Vec<Vec<(u64, Value)>> = vec![Vec::new(); keys.len()];
    for Planned { moment, mut operation, is_lost } in planned {
        let at = keys.iter().position(|key| *key == operation.key).unwrap();
        if is_lost && dice.below(2) == 0 {
            operation.answer = Answer::Unknown;
            history.operations.push(operation);
            continue;
        }
        let before = states[at].clone();
        operation.answer = answer(&mut history, &mut states[at], operation.call);
        if is_lost {
            operation.answer = Answer::Unknown;
        }
        if states[at] != before {
            replaced[at].push((moment, before));
        }
        history.operations.push(operation);
    }
    if flaw == Flaw::Noise {
        disturb(&mut history, &mut dice);
    } else if flaw != Flaw::None {
        spoil(&mut history, &replaced, flaw, &mut dice);
    }
    history
}

fn plan(
    model: Model,
    history: &mut ClientHistory,
    size: Size,
    keys: &[KeyId],
    dice: &mut Dice,
) -> Vec<Planned> {
    let mut free: Vec<u64> = (0..size.clients).map(|_| dice.below(200)).collect();
    let mut process: Vec<u64> = (0..size.clients).collect();
    let mut pieces = vec![0; free.len()];
    let mut planned = Vec::new();
    for _ in 0..size.operations {
        let client = (0..free.len()).min_by_key(|client| free[*client]).unwrap();
        let key = keys[usize::try_from(dice.below(size.keys)).unwrap()];
        let call = if model == Model::Kv {
            pieces[client] += 1;
            let piece = format!("x {client} {} y", pieces[client]);
            match dice.below(20) {
                0 => Call::Write(history.value(piece.as_str())),
                1..=9 => Call::Append(history.value(piece.as_str())),
                _ => Call::Read,
            }
        } else {
            let mut value = || history.value(i64::try_from(dice.below(5)).unwrap());
            let (one, other) = (value(), value());
            match dice.below(3) {
                0 => Call::Write(one),
                1 => Call::Cas { from: one, to: other },
                _ => Call::Read,
            }
        };
        let (before, after) = (1 + dice.below(1_000), 1 + dice.below(1_000));
        let is_lost = dice.below(100) < size.lost;
        let invoked = free[client];
        let late = if is_lost { dice.below(20_000) } else { 0 };
        let operation = ClientOperation {
            process: process[client],
            key,
            call,
            invoked,
            ended: invoked + before + after,
            answer: Answer::Unknown,
        };
        planned.push(Planned { moment: invoked + before + late, operation, is_lost });
        free[client] = operation.ended + 1 + dice.below(100);
        if is_lost {
            process[client] += size.clients;
        }
    }
    planned.sort_by_key(|planned| planned.moment);
    planned
}

fn answer(history: &mut ClientHistory, state: &mut Value, call: Call) -> Answer {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        _ => String::new(),
    };
    match call {
        Call::Write(new) => *state = history.value_of(new).clone(),
        Call::Append(more) => {
            *state = Value::Text(text(state) + &text(history.value_of(more)));
        }
        Call::Cas { from, to } => {
            if *state != *history.value_of(from) {
                return Answer::Refused;
            }
            *state = history.value_of(to).clone();
        }
        _ => return Answer::Ok(history.value(state.clone())),
    }
    Answer::Ok(ValueId::NIL)
}

/// Changes about forty reads, of a short history every second.
fn disturb(history: &mut ClientHistory, dice: &mut Dice) {
    let rarely = 2 + u64::try_from(history.operations.len()).unwrap() / 40;
    for at in 0..history.operations.len() {
        let is_read = history.operations[at].call == Call::Read;
        if is_read && history.operations[at].answer != Answer::Unknown && dice.below(rarely) == 0 {
            let any = i64::try_from(dice.below(5)).unwrap();
            history.operations[at].answer = Answer::Ok(history.value(any));
        }
    }
}

/// Changes one read, as late as it can be changed.
fn spoil(history: &mut ClientHistory, replaced: &[Vec<(u64, Value)>], flaw: Flaw, dice: &mut Dice) {
    let mut reads: Vec<usize> = (0..history.operations.len()).collect();
    reads.retain(|at| {
        let operation = history.operations[*at];
        operation.call == Call::Read && matches!(operation.answer, Answer::Ok(_))
    });
    let skipped = usize::try_from(dice.below(40)).unwrap();
    for at in reads.into_iter().rev().skip(skipped) {
        let operation = history.operations[at];
        let Answer::Ok(said) = operation.answer else { continue };
        let said = history.value_of(said).clone();
        let key: usize = history.key_name(operation.key).parse().unwrap();
        let wrong = match flaw {
            Flaw::None | Flaw::Noise => None,
            Flaw::Invented => Some(match &said {
                Value::Text(text) => Value::Text(format!("{text}z")),
                _ => Value::Int(99),
            }),
            Flaw::Stale => replaced[key]
                .iter()
                .rev()
                .find(|(moment, old)| *moment + 2_000 < operation.invoked && *old != said)
                .map(|(_, old)| old.clone()),
            Flaw::Hole | Flaw::Swapped => rewritten(&said, flaw),
        };
        if let Some(wrong) = wrong {
            history.operations[at].answer = Answer::Ok(history.value(wrong));
            return;
        }
    }
    unreachable!("some read can be changed");
}

/// A text with its first two pieces the other way round, or without its second.
fn rewritten(said: &Value, flaw: Flaw) -> Option<Value> {
    let Value::Text(text) = said else { return None };
    let mut pieces: Vec<&str> = text.split_inclusive('y').collect();
    if pieces.len() < 4 {
        return None;
    }
    if flaw == Flaw::Hole {
        pieces.remove(1);
    } else {
        let last = pieces.len() - 1;
        pieces.swap(0, last);
    }
    Some(Value::Text(pieces.concat()))
}
