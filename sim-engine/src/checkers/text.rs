//! A key of a key-value store: a text that is read, replaced and added to.

use std::borrow::Cow;

use super::arena::Arena;
use super::blocks::Tale;
use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::machine::{Machine, State};
use super::value::{Value, number};

/// The text under one key; every state is a text by its number.
#[derive(Debug)]
pub(super) struct Text {
    texts: Arena<u8>,
    steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Holds(State),
    Becomes(State),
    Grows(State),
    Never,
}

impl Text {
    pub(super) fn new(history: &ClientHistory, operations: &[ClientOperation]) -> Self {
        let mut texts = Arena::new();
        let step = |operation: &ClientOperation| {
            let mut text = |id| texts.intern(text_of(history.value_of(id)).as_bytes());
            match (operation.call, operation.answer) {
                (Call::Write(value), _) => Step::Becomes(text(value)),
                (Call::Append(value), _) => Step::Grows(text(value)),
                (Call::Read, Answer::Ok(value)) => Step::Holds(text(value)),
                (_, _) => Step::Never,
            }
        };
        let steps = operations.iter().map(step).collect();
        Self { texts, steps }
    }
}

/// The operations that put a text together, if there are any; `pieces` in order, none of which is
/// the beginning of another.
fn put_together(mut text: &[u8], pieces: &[(&[u8], u32)]) -> Option<Vec<u32>> {
    let mut saw = Vec::new();
    while !text.is_empty() {
        // What begins the text is the last piece that is not after it.
        let after = pieces.partition_point(|(piece, _)| *piece <= text);
        let (piece, at) = pieces[after.checked_sub(1)?];
        text = text.strip_prefix(piece)?;
        saw.push(at);
    }
    Some(saw)
}

/// A value as the text that a store keeps; nothing is the empty text.
fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Nil => Cow::Borrowed(""),
        Value::Text(text) => Cow::Borrowed(text),
        Value::Bool(_) | Value::Int(_) | Value::List(_) | Value::Map(_) => {
            Cow::Owned(value.to_string())
        }
    }
}

impl Machine for Text {
    fn initial(&mut self) -> State {
        self.texts.intern(b"")
    }

    fn step(&mut self, state: State, place: usize) -> Option<State> {
        match self.steps[place] {
            Step::Holds(text) => (state == text).then_some(state),
            Step::Becomes(text) => Some(text),
            Step::Grows(more) => Some(self.texts.joined(state, more)),
            Step::Never => None,
        }
    }

    fn looks_ahead(&self) -> bool {
        true
    }

    fn replaces(&self, place: usize) -> bool {
        matches!(self.steps[place], Step::Becomes(_))
    }

    fn may_lead_to(&self, state: State, wanted: usize) -> bool {
        match self.steps[wanted] {
            Step::Holds(text) => self.texts.get(text).starts_with(self.texts.get(state)),
            Step::Becomes(_) | Step::Grows(_) | Step::Never => true,
        }
    }

    fn tales(&self) -> Option<Vec<Tale>> {
        let piece = |(at, step): (usize, &Step)| match step {
            Step::Becomes(text) | Step::Grows(text) => Some((self.texts.get(*text), number(at))),
            Step::Holds(_) | Step::Never => None,
        };
        let mut pieces: Vec<(&[u8], u32)> =
            self.steps.iter().enumerate().filter_map(piece).collect();
        pieces.sort_unstable();
        let is_empty = pieces.first().is_some_and(|(piece, _)| piece.is_empty());
        if is_empty || pieces.windows(2).any(|pair| pair[1].0.starts_with(pair[0].0)) {
            return None;
        }
        let tale = |step: &Step| match step {
            Step::Becomes(_) => Tale::Begins,
            Step::Grows(_) => Tale::Adds,
            Step::Holds(text) => {
                put_together(self.texts.get(*text), &pieces).map_or(Tale::Absurd, Tale::Saw)
            }
            Step::Never => Tale::Nothing,
        };
        Some(self.steps.iter().map(tale).collect())
    }

    fn describe(&self, _history: &ClientHistory, state: State) -> String {
        format!("{:?}", String::from_utf8_lossy(self.texts.get(state)))
    }
}
