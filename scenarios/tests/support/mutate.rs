//! Scenario files of the catalogue with a few things changed by dice, for tests and an example:
//! none of them may be answered with a panic.

use std::panic::{AssertUnwindSafe, catch_unwind};

use scenarios::{Scenario, catalog, prepare};
use serde_json::Value;
use sim_engine::{Concern, Dice};

/// What is put between the bytes of a file.
const TOKENS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "0",
    "1",
    "1e400",
    "-0",
    "1.5",
    "65536",
    "4294967296",
    "18446744073709551615",
    "18446744073709551616",
    "\"leader\"",
    "\"n1\"",
    "\"rest\"",
    "\"everybody\"",
    "\"the side with leader\"",
    "\"0ms\"",
    "\"18446744073709551615ns\"",
    "\"99999999999h\"",
    "\"-5ms\"",
    "\"100%\"",
    "\"\\ud800\"",
    "\"é\u{301}\u{0}\"",
    "\u{feff}",
    "//",
    "\n",
];

/// Values that stand for any other.
const VALUES: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "[[]]",
    "\"\"",
    "\"leader\"",
    "\"n1\"",
    "\"rest\"",
    "0",
    "1",
    "-1",
    "2",
    "255",
    "65535",
    "65536",
    "4294967295",
    "1000000000",
    "18446744073709551615",
    "1.5",
    "1e300",
    "\"0ms\"",
    "\"1ns\"",
    "\"18446744073709551615ns\"",
    "\"213503982334601d\"",
    "\"5000h\"",
    "\"0%\"",
    "\"100%\"",
    "\"0.0001%\"",
    "\"x y\"",
    "\"é\"",
    "\"{old}\"",
    "\"a/b\"",
    "\"..\"",
    "{\"fixed\": \"0ms\"}",
    "{\"uniform\": {\"min\": \"9ms\", \"max\": \"1ms\"}}",
    "{\"crash\": {}}",
];

/// What became of one file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// It is a scenario all the same.
    Usable,
    /// It is refused, with these words.
    Refused(String),
    /// It made the reader panic.
    Panicked,
}

/// The `number`th file that is made of the catalogue.
pub(crate) fn file(number: u64) -> Vec<u8> {
    let mut dice = Dice::new(number, Concern::Choice, 0);
    let base = pick(&mut dice, catalog::ALL).text;
    let changes = dice.between(1, 4);
    if dice.chance(350_000) {
        let mut bytes = base.as_bytes().to_vec();
        (0..changes).for_each(|_| change_bytes(&mut bytes, &mut dice));
        return bytes;
    }
    let mut value: Value = serde_json::from_str(base).unwrap_or_default();
    (0..changes).for_each(|_| change_value(&mut value, &mut dice));
    value.to_string().into_bytes()
}

/// Reads a file and makes every system of it and of its variants ready to run.
pub(crate) fn answer(bytes: &[u8]) -> Answer {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Answer::Refused("not UTF-8".to_owned());
    };
    let read = || -> Result<(), scenarios::Problem> {
        let scenario = Scenario::parse("file.json", text)?;
        let variants =
            scenario.variants().into_iter().map(|name| scenario.clone().at_variant(name));
        let variants: Vec<Scenario> = variants.collect::<Result<_, _>>()?;
        for scenario in std::iter::once(&scenario).chain(&variants) {
            for system in scenario.systems() {
                prepare(scenario, system, None)?;
            }
        }
        Ok(())
    };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(())) => Answer::Usable,
        Ok(Err(problem)) => Answer::Refused(problem.to_string()),
        Err(_) => Answer::Panicked,
    }
}

fn pick<'a, T>(dice: &mut Dice, all: &'a [T]) -> &'a T {
    &all[below(dice, all.len())]
}

/// A place in something of this length, which must not be 0.
fn below(dice: &mut Dice, length: usize) -> usize {
    usize::try_from(dice.below(u64::try_from(length).unwrap_or(u64::MAX))).unwrap_or(0)
}

fn change_bytes(bytes: &mut Vec<u8>, dice: &mut Dice) {
    if bytes.is_empty() {
        return;
    }
    let place = below(dice, bytes.len());
    let rest = below(dice, bytes.len() - place).min(1 + below(dice, 40));
    match dice.below(7) {
        0 => bytes[place] ^= 1 << dice.below(8),
        1 => bytes[place] = u8::try_from(dice.below(256)).unwrap_or(0),
        2 => drop(bytes.drain(place..place + rest)),
        3 => {
            let copy = bytes[place..place + rest].to_vec();
            let to = below(dice, bytes.len());
            bytes.splice(to..to, copy);
        }
        4 => bytes.truncate(place),
        5 => {
            let token = pick(dice, TOKENS).bytes();
            bytes.splice(place..place, token);
        }
        _ => {
            let token = pick(dice, TOKENS).bytes();
            bytes.splice(place..place + rest, token);
        }
    }
}

/// How many values there are in a value, itself included.
fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
    }
}

/// The value of this number, in the order of the text.
fn nth(value: &mut Value, number: usize) -> Option<&mut Value> {
    if number == 0 {
        return Some(value);
    }
    let mut left = number - 1;
    let inner: Vec<&mut Value> = match value {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(fields) => fields.values_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    };
    for child in inner {
        let size = count(child);
        if left < size {
            return nth(child, left);
        }
        left -= size;
    }
    None
}

fn change_value(whole: &mut Value, dice: &mut Dice) {
    let size = count(whole);
    let other = below(dice, size);
    let other = nth(whole, other).cloned().unwrap_or_default();
    let Some(value) = nth(whole, below(dice, size)) else { return };
    match dice.below(6) {
        0 => *value = other,
        1 => {
            let text: &str = VALUES[below(dice, VALUES.len())];
            *value = serde_json::from_str(text).unwrap_or_default();
        }
        2 => change_inside(value, other, dice),
        3 => change_word(value, dice),
        4 => {
            if let Some(number) = value.as_u64() {
                let near = [0, number.wrapping_sub(1), number.saturating_add(1), number << 20];
                *value = Value::from(*pick(dice, &near));
            }
        }
        _ => repeat(value, dice),
    }
}

/// Takes something out of a list or an object, or puts something in.
fn change_inside(value: &mut Value, other: Value, dice: &mut Dice) {
    match value {
        Value::Array(items) if !items.is_empty() && dice.chance(500_000) => {
            items.remove(below(dice, items.len()));
        }
        Value::Array(items) => items.insert(below(dice, items.len() + 1), other),
        Value::Object(fields) if !fields.is_empty() => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            let taken = fields.remove(pick(dice, &keys)).unwrap_or_default();
            if dice.chance(500_000) {
                let words = ["nodes", "at", "when", "after", "lasts", "repeat", "only", "node", ""];
                fields.insert((*pick(dice, &words)).to_owned(), taken);
            }
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Changes one character of a word.
fn change_word(value: &mut Value, dice: &mut Dice) {
    let Value::String(word) = value else { return };
    let mut characters: Vec<char> = word.chars().collect();
    let place = below(dice, characters.len() + 1);
    let character = *pick(dice, &['0', '9', '-', ' ', '%', '@', '{', '}', '"', 'é', '\u{0}', 's']);
    match dice.below(3) {
        0 => characters.insert(place, character),
        _ if place == characters.len() => {}
        1 => characters[place] = character,
        _ => drop(characters.remove(place)),
    }
    *word = characters.into_iter().collect();
}

/// Says a thing again and again, up to some thousand times.
fn repeat(value: &mut Value, dice: &mut Dice) {
    let times = 1 << dice.below(13);
    match value {
        Value::Array(items) if !items.is_empty() => {
            let item = pick(dice, items).clone();
            if count(&item) * times < 20_000 {
                items.extend(std::iter::repeat_n(item, times));
            }
        }
        Value::String(word) if word.len() < 64 => *word = word.repeat(times),
        Value::Object(_) if times < 200 => {
            for _ in 0..times {
                *value = Value::from(vec![value.take()]);
            }
        }
        Value::Array(_)
        | Value::Object(_)
        | Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_) => {}
    }
}
