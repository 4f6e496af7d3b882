//! From invocations and completions, one after the other, to operations.

use std::collections::BTreeMap;

use sim_engine::checkers::{Answer, Call, ClientHistory, KeyId, Model, Value, ValueId};

use super::edn::{Edn, Fault, Node};
use super::{Annotation, Recorded, Written};

/// One line of a history.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Where it stands in the text.
    pub(super) at: usize,
    pub(super) process: Edn,
    /// The name of the process, where it has one.
    pub(super) client: Option<String>,
    pub(super) kind: String,
    pub(super) f: String,
    pub(super) key: Option<Node>,
    pub(super) value: Node,
    /// A failure says that the system looked and refused.
    pub(super) is_refusal: bool,
    /// All of it.
    pub(super) written: Written,
}

/// The operations of some events, in the order of the text.
pub(super) fn operations(events: &[Event], model: Model) -> Result<Recorded, Fault> {
    let is_keyed = is_keyed(events);
    let mut recorded = Recorded::default();
    let mut open: BTreeMap<u64, (usize, &Event)> = BTreeMap::new();
    for (now, event) in (0..).zip(events) {
        let Some(process) = process(event)? else {
            let text = format!("{} {}", event.f, event.value.value()).replace(" nil", "");
            recorded.events.push(event.written.clone());
            recorded.annotations.push(Annotation { at: now, text });
            continue;
        };
        let history = &mut recorded.history;
        if let Some(name) = &event.client {
            history.name_process(process, name.as_str());
        }
        if event.kind == "invoke" {
            recorded.events.push(Written {
                operation: Some(history.operations.len()),
                ..event.written.clone()
            });
            let (key, call) = asked(history, event, model, is_keyed)?;
            if open.insert(process, (history.operations.len(), event)).is_some() {
                let what = format!("process {process} invokes before its last operation has ended");
                return Err(Fault::new(event.at, what)
                    .hint("one process does one thing at a time; after `:info` it is another"));
            }
            history.push(process, key, call, (now, 0, Answer::Unknown));
            continue;
        }
        let Some((place, invoked)) = open.remove(&process) else {
            let what = format!("process {process} completes what it has not invoked");
            return Err(Fault::new(event.at, what));
        };
        if invoked.f != event.f {
            let what = format!("process {process} invoked `{}`, not `{}`", invoked.f, event.f);
            return Err(Fault::new(event.at, what));
        }
        recorded.events.push(Written { operation: Some(place), ..event.written.clone() });
        complete(history, place, (invoked, event), (now, is_keyed))?;
    }
    Ok(recorded)
}

fn process(event: &Event) -> Result<Option<u64>, Fault> {
    match &event.process {
        Edn::Int(n) => u64::try_from(*n)
            .map(Some)
            .map_err(|_| Fault::new(event.at, "a process is a number from 0")),
        Edn::Word(_) | Edn::Text(_) => Ok(None),
        Edn::Nil | Edn::Bool(_) | Edn::List(_) | Edn::Map(_) => {
            Err(Fault::new(event.at, "an event needs a `:process`, a number or `:nemesis`"))
        }
    }
}

/// True if every value is a pair of a key and a value, as Jepsen's `independent` writes them.
fn is_keyed(events: &[Event]) -> bool {
    let mut asked = events.iter().filter(|event| {
        event.kind == "invoke" && matches!(event.process, Edn::Int(_)) && event.f != "transfer"
    });
    let is_pair = |event: &Event| match event.value.pair() {
        Some((_, value)) => event.f != "cas" || value.pair().is_some(),
        None => false,
    };
    asked.clone().next().is_some() && asked.all(|event| event.key.is_none() && is_pair(event))
}

/// The value without its key.
fn bare(event: &Event, is_keyed: bool) -> &Node {
    match event.value.pair() {
        Some((_, value)) if is_keyed => value,
        Some(_) | None => &event.value,
    }
}

fn key(history: &mut ClientHistory, event: &Event, is_keyed: bool) -> KeyId {
    let name = match (&event.key, event.value.pair()) {
        (Some(key), _) => key,
        (None, Some((key, _))) if is_keyed => key,
        (None, _) => return history.key("value"),
    };
    history.key(&plain(&name.value()))
}

/// A name without quotes.
pub(super) fn plain(value: &Value) -> String {
    if let Value::Text(text) = value { text.clone() } else { value.to_string() }
}

fn asked(
    history: &mut ClientHistory,
    event: &Event,
    model: Model,
    is_keyed: bool,
) -> Result<(KeyId, Call), Fault> {
    if event.f == "transfer" {
        return transfer(history, event);
    }
    let node = bare(event, is_keyed);
    if model == Model::Bank && event.key.is_none() && !is_keyed && event.f == "read" {
        return Ok((KeyId::ALL, Call::Read));
    }
    let key = key(history, event, is_keyed);
    let amount = |sign: i64| match node.edn {
        Edn::Nil => Ok(Call::Add(sign)),
        Edn::Int(n) => Ok(Call::Add(n.wrapping_mul(sign))),
        Edn::Bool(_) | Edn::Text(_) | Edn::Word(_) | Edn::List(_) | Edn::Map(_) => {
            Err(Fault::new(node.at, "what is added must be a whole number"))
        }
    };
    let id = |history: &mut ClientHistory| history.value(node.value());
    let call = match event.f.as_str() {
        "read" | "get" | "r" => Call::Read,
        "write" | "put" | "w" => Call::Write(id(history)),
        "cas" => {
            let Some((from, to)) = node.pair() else {
                return Err(Fault::new(node.at, "the value of a cas is `[from to]`"));
            };
            Call::Cas { from: history.value(from.value()), to: history.value(to.value()) }
        }
        "append" => Call::Append(id(history)),
        "add" if model == Model::Set => Call::Insert(id(history)),
        "insert" => Call::Insert(id(history)),
        "add" | "increment" | "inc" => amount(1)?,
        "decrement" | "dec" => amount(-1)?,
        "remove" | "delete" => Call::Remove(id(history)),
        "contains" => Call::Contains(id(history)),
        "enqueue" => Call::Enqueue(id(history)),
        "dequeue" => Call::Dequeue,
        "acquire" | "lock" => Call::Acquire,
        "release" | "unlock" => Call::Release,
        other => {
            return Err(Fault::new(event.at, format!("no operation is called `{other}`"))
                .hint("the model's operations are listed by `partitura check-history --help`"));
        }
    };
    if !model.serves(call) {
        let what = format!("the model `{}` knows no `{}`", model.name(), event.f);
        return Err(Fault::new(event.at, what).hint("another `--model` may fit"));
    }
    Ok((key, call))
}

fn transfer(history: &mut ClientHistory, event: &Event) -> Result<(KeyId, Call), Fault> {
    let part = |name| event.value.get(name).map(Node::value);
    let (Some(from), Some(to), Some(Value::Int(amount))) =
        (part("from"), part("to"), part("amount"))
    else {
        let what = "the value of a transfer is `{:from a, :to b, :amount 1}`";
        return Err(Fault::new(event.value.at, what));
    };
    let to = history.key(&plain(&to));
    Ok((history.key(&plain(&from)), Call::Transfer { to, amount }))
}

fn complete(
    history: &mut ClientHistory,
    place: usize,
    (invoked, event): (&Event, &Event),
    (now, is_keyed): (u64, bool),
) -> Result<(), Fault> {
    let call = history.operations[place].call;
    let node = bare(event, is_keyed);
    if let (Edn::Map(pairs), Call::Read) = (&node.edn, call) {
        for (name, _) in pairs {
            history.key(&plain(&name.value()));
        }
    }
    let is_echo = node.value() == bare(invoked, is_keyed).value();
    let answer = match event.kind.as_str() {
        "ok" if call.only_looks()
            || call == Call::Dequeue
            || (matches!(call, Call::Add(_)) && !is_echo) =>
        {
            Answer::Ok(history.value(node.value()))
        }
        "ok" => Answer::Ok(ValueId::NIL),
        "fail" if event.is_refusal => Answer::Refused,
        "fail" if call.only_looks() => Answer::Unknown,
        "fail" => Answer::Failed,
        "info" => Answer::Unknown,
        other => {
            return Err(Fault::new(event.at, format!("no type is called `{other}`"))
                .hint("there is `:invoke`, `:ok`, `:fail`, `:info`"));
        }
    };
    let operation = &mut history.operations[place];
    (operation.ended, operation.answer) = (now, answer);
    Ok(())
}
