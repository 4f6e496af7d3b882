//! Histories by hand: one line an operation.

use sim_engine::checkers::{Answer, Call, ClientHistory, KeyId, Value, ValueId};

/// Reads `P FROM..TO CALL [KEY] ARGUMENTS [-> ANSWER]`, one operation a line; `FROM..` is open for
/// ever. Keys are words in the place of `x`; answers are `ok`, `no` (refused), `fail` or a value.
pub(crate) fn history(text: &str) -> ClientHistory {
    let mut history = ClientHistory::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (asked, answer) = line.split_once(" -> ").unwrap_or((line, "?"));
        let words: Vec<&str> = asked.split_whitespace().collect();
        let (from, to) = words[1].split_once("..").unwrap();
        let key = history.key(words[3]);
        let call = call(&mut history, words[2], &words[4..]);
        let answer = match answer {
            "?" => Answer::Unknown,
            "ok" => Answer::Ok(ValueId::NIL),
            "no" => Answer::Refused,
            "fail" => Answer::Failed,
            word => Answer::Ok(history.value(value(word))),
        };
        assert_eq!(to.is_empty(), answer == Answer::Unknown, "{line}");
        let ended = to.parse().unwrap_or(0);
        history.push(words[0].parse().unwrap(), key, call, (from.parse().unwrap(), ended, answer));
    }
    history
}

fn call(history: &mut ClientHistory, name: &str, words: &[&str]) -> Call {
    let mut id = |at: usize| history.value(value(words[at]));
    match name {
        "read" => Call::Read,
        "write" => Call::Write(id(0)),
        "cas" => Call::Cas { from: id(0), to: id(1) },
        "append" => Call::Append(id(0)),
        "add" => Call::Add(words[0].parse().unwrap()),
        "insert" => Call::Insert(id(0)),
        "remove" => Call::Remove(id(0)),
        "contains" => Call::Contains(id(0)),
        "enqueue" => Call::Enqueue(id(0)),
        "dequeue" => Call::Dequeue,
        "acquire" => Call::Acquire,
        "release" => Call::Release,
        "transfer" => {
            Call::Transfer { to: history.key(words[0]), amount: words[1].parse().unwrap() }
        }
        other => panic!("no call is named {other}"),
    }
}

/// `nil`, `true`, `3`, `[1,2]`, or a text.
fn value(word: &str) -> Value {
    match word {
        "nil" => Value::Nil,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        list if list.starts_with('[') => {
            let inside = list.trim_matches(['[', ']']);
            Value::List(inside.split(',').filter(|word| !word.is_empty()).map(value).collect())
        }
        word => word.parse().map_or_else(|_| Value::from(word), Value::Int),
    }
}

#[test]
fn a_line_says_what_it_seems_to_say() {
    let history = history("1 0..4 cas x 1 2 -> no\n2 3.. read y\n1 5..6 read x -> [1,2]");
    assert_eq!(history.operations.len(), 3);
    assert_eq!(history.describe(0), "cas x 1 2 -> refused");
    assert_eq!(history.describe(1), "read y -> unknown");
    assert_eq!(history.describe(2), "read x -> [1 2]");
    assert_ne!(history.operations[0].key, history.operations[1].key);
    assert_eq!(history.operations[0].key, KeyId::default());
}
