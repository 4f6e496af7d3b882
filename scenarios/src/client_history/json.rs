//! Own JSON of client histories.
//!
//! ```json
//! {"operations": [
//!   {"process": 1, "call": "write", "key": "x", "value": 2,
//!    "invoked": 0, "ended": 5, "outcome": "ok"},
//!   {"process": 2, "call": "read", "key": "x",
//!    "invoked": 6, "ended": 9, "outcome": "ok", "answer": 2},
//!   {"process": 2, "call": "cas", "key": "x", "from": 2, "value": 3,
//!    "invoked": 10, "outcome": "unknown"}
//! ]}
//! ```
//!
//! `outcome` is `ok`, `refused` (the system looked and said no), `failed` (no effect) or `unknown`.
//! A transfer has `key`, `to` and `amount`; `add` has an `amount`. What ends when another begins is
//! concurrent with it.

use serde::Deserialize;
use sim_engine::checkers::{Answer, Call, ClientHistory, KeyId, Model, Value};

use super::Recorded;
use crate::problem::{Position, Problem, suggest};

#[derive(Debug, Deserialize)]
struct File {
    operations: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    process: u64,
    call: String,
    key: Option<String>,
    #[serde(default)]
    value: serde_json::Value,
    #[serde(default)]
    from: serde_json::Value,
    to: Option<String>,
    amount: Option<i64>,
    invoked: u64,
    ended: Option<u64>,
    outcome: Outcome,
    #[serde(default)]
    answer: serde_json::Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Outcome {
    Ok,
    Refused,
    Failed,
    Unknown,
}

pub(super) fn read(text: &str, model: Model) -> Result<Recorded, Problem> {
    let file: File = serde_json::from_str(text).map_err(|error| Problem {
        position: Some(Position { line: error.line(), column: error.column() }),
        ..Problem::new(error.to_string())
    })?;
    let mut recorded = Recorded::default();
    for (at, line) in file.operations.iter().enumerate() {
        operation(&mut recorded.history, line, model).map_err(|problem| Problem {
            path: crate::Path::root().key("operations").index(at),
            ..problem
        })?;
    }
    if recorded.history.operations.is_empty() {
        return Err(Problem::new("there is no client operation in this file"));
    }
    Ok(recorded)
}

fn operation(history: &mut ClientHistory, line: &Line, model: Model) -> Result<(), Problem> {
    let call = call(history, line, model)?;
    let key = match &line.key {
        Some(key) => history.key(key),
        None if model == Model::Bank && call == Call::Read => KeyId::ALL,
        None => history.key("value"),
    };
    if let serde_json::Value::Object(map) = &line.answer {
        for name in map.keys() {
            history.key(name);
        }
    }
    let answer = match line.outcome {
        Outcome::Ok => Answer::Ok(history.value(value(&line.answer))),
        Outcome::Refused => Answer::Refused,
        Outcome::Failed => Answer::Failed,
        Outcome::Unknown => Answer::Unknown,
    };
    if line.ended.is_none() && line.outcome != Outcome::Unknown {
        return Err(Problem::new("an operation whose outcome is known needs `ended`"));
    }
    if line.ended.is_some_and(|ended| ended < line.invoked) {
        return Err(Problem::new("an operation cannot end before it is invoked"));
    }
    history.push(line.process, key, call, (line.invoked, line.ended.unwrap_or(0), answer));
    Ok(())
}

fn call(history: &mut ClientHistory, line: &Line, model: Model) -> Result<Call, Problem> {
    let id = history.value(value(&line.value));
    let from = history.value(value(&line.from));
    let missing = |name| Problem::new(format!("`{}` needs `{name}`", line.call));
    let call = match line.call.as_str() {
        "read" => Call::Read,
        "write" => Call::Write(id),
        "cas" => Call::Cas { from, to: id },
        "append" => Call::Append(id),
        "add" => Call::Add(line.amount.ok_or_else(|| missing("amount"))?),
        "insert" => Call::Insert(id),
        "remove" => Call::Remove(id),
        "contains" => Call::Contains(id),
        "enqueue" => Call::Enqueue(id),
        "dequeue" => Call::Dequeue,
        "acquire" => Call::Acquire,
        "release" => Call::Release,
        "transfer" => {
            let to = line.to.as_ref().ok_or_else(|| missing("to"))?;
            let amount = line.amount.ok_or_else(|| missing("amount"))?;
            Call::Transfer { to: history.key(to), amount }
        }
        other => {
            return Err(Problem::new(format!("no operation is called `{other}`"))
                .hint(suggest(other, model.calls().iter().copied())));
        }
    };
    if model.serves(call) {
        return Ok(call);
    }
    let what = format!("the model `{}` knows no `{}`", model.name(), line.call);
    Err(Problem::new(what).hint("another `--model` may fit".to_owned()))
}

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(is) => Value::Bool(*is),
        serde_json::Value::Number(n) => {
            n.as_i64().map_or_else(|| Value::Text(n.to_string()), Value::Int)
        }
        serde_json::Value::String(text) => Value::Text(text.clone()),
        serde_json::Value::Array(list) => Value::List(list.iter().map(value).collect()),
        serde_json::Value::Object(map) => {
            let pair = |(name, inner): (&String, _)| (Value::from(name.as_str()), value(inner));
            Value::Map(map.iter().map(pair).collect())
        }
    }
}
