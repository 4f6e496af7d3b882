//! What may be placed next from one configuration of a [`search`](super::search).

use super::machine::{Effect, Machine, State};
use super::pending::Pending;
use super::value::place;

/// An operation that may be placed, and the state after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Choice {
    pub(super) operation: u32,
    pub(super) state: State,
    /// It stands unseen before the one that replaced the state last.
    pub(super) is_unseen: bool,
}

/// Where something is to be placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    pub(super) state: State,
    /// Replacing the state would be in vain.
    pub(super) is_idle: bool,
    /// What returns next was tried before.
    pub(super) was_tried: bool,
    /// Only what can be answered is listed, with the state after it. Without that everything is,
    /// with the state before it: a step may cost more than all else.
    pub(super) is_stepped: bool,
}

/// Lists what may be placed: what may stand unseen, then the others, what returns first before
/// others and what has no answer at the end.
pub(super) fn list(
    pending: &Pending,
    machine: &mut dyn Machine,
    situation: Situation,
    choices: &mut Vec<Choice>,
) {
    let Situation { state, is_idle, was_tried, is_stepped } = situation;
    list_unseen(pending, machine, (state, choices));
    let from = choices.len();
    let mut choose = |at: u32| {
        if is_idle && pending.effect(at) == Effect::Replaces {
            return None;
        }
        let state = if is_stepped { machine.step(state, place(at))? } else { state };
        Some(Choice { operation: at, state, is_unseen: false })
    };
    let end = list_answered(pending, choices, &mut choose);
    for crowd in 0..pending.crowds.len() {
        let Some(choice) = pending.next_of(crowd).and_then(&mut choose) else { continue };
        let does_the_same = |known: &Choice| {
            known.state == choice.state && pending.ask_alike(known.operation, choice.operation)
        };
        // What changes nothing now is as good for later.
        let is_of_use = choice.state != state && !choices[from..end].iter().any(does_the_same);
        if is_of_use || !is_stepped {
            choices.push(choice);
        }
    }
    let is_first = |choice: &Choice| choice.operation == pending.frontier;
    if was_tried && choices.get(from).is_some_and(is_first) {
        choices.remove(from);
    }
}

/// Lists what may stand unseen before what replaced the state last, for what returns next to look
/// at.
fn list_unseen(
    pending: &Pending,
    machine: &mut dyn Machine,
    (state, choices): (State, &mut Vec<Choice>),
) {
    let due = pending.frontier;
    if pending.effect(due) != Effect::Looks || !pending.is_covered(due) {
        return;
    }
    let from = choices.len();
    let mut choose = |at: u32| {
        if pending.effect(at) != Effect::Replaces || !pending.is_covered(at) {
            return None;
        }
        let left = machine.step(state, place(at))?;
        machine.step(left, place(due))?;
        Some(Choice { operation: at, state, is_unseen: true })
    };
    let end = list_answered(pending, choices, &mut choose);
    for crowd in 0..pending.crowds.len() {
        let Some(choice) = pending.next_of(crowd).and_then(&mut choose) else { continue };
        let does_the_same = |known: &Choice| pending.ask_alike(known.operation, choice.operation);
        if !choices[from..end].iter().any(does_the_same) {
            choices.push(choice);
        }
    }
}

/// Lists what `choose` makes of the operations with an answer that may be placed, what returns
/// first before others, and of several that do the same the first. Where they end.
fn list_answered(
    pending: &Pending,
    choices: &mut Vec<Choice>,
    choose: &mut impl FnMut(u32) -> Option<Choice>,
) -> usize {
    let from = choices.len();
    let mut at = pending.first();
    while pending.may_be_placed(at) {
        choices.extend(choose(at));
        at = pending.after(at);
    }
    choices[from..].sort_unstable();
    part_alike(pending, choices, from)
}

/// Leaves the first of several choices that do the same; where they end.
fn part_alike(pending: &Pending, choices: &mut Vec<Choice>, from: usize) -> usize {
    let mut end = from;
    for n in from..choices.len() {
        let is_known = |known: &Choice| pending.are_alike(known.operation, choices[n].operation);
        if !choices[from..end].iter().any(is_known) {
            choices[end] = choices[n];
            end += 1;
        }
    }
    choices.truncate(end);
    end
}
