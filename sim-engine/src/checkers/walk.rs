//! The search for an order of all operations in which every process keeps its own order, and real
//! time says nothing. Unlike linearizability this is no property of single keys, so there is one
//! state for each part of the history and one place for each process.

use std::collections::BTreeMap;

use super::history::{ClientHistory, ClientOperation};
use super::machine::{Machine, State, machine};
use super::memo::Memo;
use super::model::Model;
use super::partition::partitions;
use super::search::{Progress, is_open};
use super::value::{number, place};

/// Of each operation of a history the part that it is in; nothing for what says nothing.
pub(super) fn parts(history: &ClientHistory) -> Vec<Option<u32>> {
    let mut part_of = vec![None; history.operations.len()];
    for (part, operations) in (0..).zip(partitions(history)) {
        for at in operations {
            part_of[place(at)] = Some(part);
        }
    }
    part_of
}

/// An operation of the walk.
#[derive(Clone, Copy, Debug)]
struct Item {
    source: u32,
    operation: ClientOperation,
    part: usize,
    /// Its place in its part.
    place: usize,
}

/// An operation without an answer: it may come any time after what its process did before it.
#[derive(Clone, Copy, Debug)]
struct Open {
    id: usize,
    line: usize,
    after: usize,
}

/// The longest order found.
#[derive(Clone, Debug, Default)]
pub(super) struct Reached {
    /// By places in the history.
    pub(super) order: Vec<u32>,
    /// How many answers it explains.
    pub(super) answers: usize,
    done: Vec<usize>,
    states: Vec<State>,
}

#[derive(Clone, Debug)]
struct Frame {
    choices: Vec<usize>,
    at: usize,
    taken_before: usize,
}

/// The search; goes on where it stopped.
#[derive(Debug)]
pub(super) struct Walk {
    machines: Vec<Box<dyn Machine>>,
    items: Vec<Item>,
    /// The answered operations of each process.
    lines: Vec<Vec<usize>>,
    open: Vec<Open>,
    answered: usize,
    /// How many of each line are placed, and how many of all.
    done: Vec<usize>,
    placed: usize,
    states: Vec<State>,
    used: Vec<u64>,
    /// How many operations that are not placed make a state that others need.
    makers: BTreeMap<(usize, State), u32>,
    /// What was placed, each with the state before it.
    taken: Vec<(usize, State)>,
    frames: Vec<Frame>,
    memo: Memo,
    reached: Reached,
}

impl Walk {
    /// A search among `operations`, by their places in the history.
    pub(super) fn new(
        model: Model,
        history: &ClientHistory,
        part_of: &[Option<u32>],
        operations: &[u32],
    ) -> Self {
        let mut members: BTreeMap<u32, Vec<ClientOperation>> = BTreeMap::new();
        let mut lines: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
        let mut sorted: Vec<u32> = operations.to_vec();
        sorted.retain(|at| part_of[place(*at)].is_some());
        sorted.sort_by_key(|at| (history.operations[place(*at)].invoked, *at));
        let mut items = Vec::new();
        for source in sorted {
            let operation = history.operations[place(source)];
            let Some(part) = part_of[place(source)] else { continue };
            let list = members.entry(part).or_default();
            lines.entry(operation.process).or_default().push(number(items.len()));
            items.push(Item { source, operation, part: place(part), place: list.len() });
            list.push(operation);
        }
        let numbers: BTreeMap<usize, usize> = members.keys().map(|p| place(*p)).zip(0..).collect();
        for item in &mut items {
            item.part = numbers[&item.part];
        }
        let machines = members.values().map(|list| machine(model, history, list)).collect();
        Self::start(machines, items, lines.into_values())
    }

    fn start(
        mut machines: Vec<Box<dyn Machine>>,
        items: Vec<Item>,
        processes: impl Iterator<Item = Vec<u32>>,
    ) -> Self {
        let (mut lines, mut open) = (Vec::new(), Vec::new());
        for (line, process) in processes.enumerate() {
            let mut answered = Vec::new();
            for id in process.into_iter().map(place) {
                if is_open(&items[id].operation) {
                    open.push(Open { id, line, after: answered.len() });
                } else {
                    answered.push(id);
                }
            }
            lines.push(answered);
        }
        let states: Vec<State> = machines.iter_mut().map(|machine| machine.initial()).collect();
        let mut makers = BTreeMap::new();
        for item in &items {
            if let Some(made) = machines[item.part].makes(item.place) {
                *makers.entry((item.part, made)).or_default() += 1;
            }
        }
        let words = open.len().div_ceil(64);
        let mut walk = Self {
            memo: Memo::new(lines.len() + states.len(), words),
            answered: lines.iter().map(Vec::len).sum(),
            done: vec![0; lines.len()],
            used: vec![0; words],
            placed: 0,
            taken: Vec::new(),
            frames: Vec::new(),
            reached: Reached::default(),
            machines,
            items,
            lines,
            open,
            states,
            makers,
        };
        walk.arrive(0);
        walk
    }

    /// Takes up to `steps` steps and takes from them what it used.
    pub(super) fn advance(&mut self, steps: &mut u64) -> Progress {
        while self.placed < self.answered {
            if *steps == 0 {
                return Progress::Undecided;
            }
            *steps -= 1;
            let Some(frame) = self.frames.last_mut() else { return Progress::Illegal };
            let choice = frame.choices.get(frame.at).copied();
            frame.at += 1;
            let taken = self.taken.len();
            match choice {
                Some(id) if self.take(id) => self.arrive(taken),
                Some(_) => {}
                None => self.retreat(),
            }
        }
        Progress::Legal
    }

    /// The longest order found.
    pub(super) fn reached(&self) -> &Reached {
        &self.reached
    }

    /// How many bytes its memory takes.
    pub(super) fn bytes(&self) -> usize {
        self.memo.bytes()
    }

    /// The operation that ended first of those that cannot follow the longest order, with the state
    /// before it in words.
    pub(super) fn refused(&self, history: &ClientHistory) -> Option<(u32, String)> {
        let next = self.lines.iter().zip(&self.reached.done);
        let next = next.filter_map(|(line, done)| line.get(*done));
        let id = *next.min_by_key(|id| self.items[**id].operation.ended)?;
        let Item { source, part, .. } = self.items[id];
        Some((source, self.machines[part].describe(history, self.reached.states[part])))
    }

    fn arrive(&mut self, taken_before: usize) {
        // What only looks changes nothing: it is placed as soon as its answer fits.
        for line in 0..self.lines.len() {
            while let Some(id) = self.lines[line].get(self.done[line]).copied()
                && self.items[id].operation.call.only_looks()
                && self.take(id)
            {}
        }
        if self.placed > self.reached.answers || self.reached.done.is_empty() {
            let order = self.taken.iter().map(|(id, _)| self.items[*id].source).collect();
            let (done, states) = (self.done.clone(), self.states.clone());
            self.reached = Reached { order, answers: self.placed, done, states };
        }
        let is_worth_it = self.placed == self.answered || (self.is_hopeful() && self.is_new());
        let choices = if is_worth_it { self.choices() } else { Vec::new() };
        self.frames.push(Frame { choices, at: 0, taken_before });
    }

    /// False if some process waits for a state that nothing makes any more.
    fn is_hopeful(&self) -> bool {
        let next = self.lines.iter().zip(&self.done).filter_map(|(line, done)| line.get(*done));
        next.into_iter().all(|id| {
            let Item { part, place, .. } = self.items[*id];
            let needed = self.machines[part].needs(place);
            needed.is_none_or(|needed| {
                self.states[part] == needed
                    || self.makers.get(&(part, needed)).is_some_and(|n| *n > 0)
            })
        })
    }

    fn is_new(&mut self) -> bool {
        let word = |n: &usize| u64::from(number(*n));
        let mut configuration: Vec<u64> = self.done.iter().map(word).collect();
        configuration.extend(self.states.iter().map(|state| u64::from(*state)));
        configuration.extend_from_slice(&self.used);
        self.memo.insert(&configuration)
    }

    /// What can come next: of each process its next operation, those that ended first before
    /// others; then those without an answer.
    fn choices(&self) -> Vec<usize> {
        let next = self.lines.iter().zip(&self.done).filter_map(|(line, done)| line.get(*done));
        let mut choices: Vec<usize> = next.copied().collect();
        choices.sort_by_key(|id| self.items[*id].operation.ended);
        let open = self.open.iter().enumerate().filter(|(bit, open)| {
            let is_used = self.used[bit / 64] >> (bit % 64) & 1 == 1;
            !is_used && self.done[open.line] >= open.after
        });
        choices.extend(open.map(|(_, open)| open.id));
        choices
    }

    /// Places an operation, if it can be answered so.
    fn take(&mut self, id: usize) -> bool {
        let Item { part, place, operation, .. } = self.items[id];
        let before = self.states[part];
        let Some(after) = self.machines[part].step(before, place) else { return false };
        if is_open(&operation) && after == before {
            return false;
        }
        self.states[part] = after;
        self.taken.push((id, before));
        self.count(id, true);
        true
    }

    /// Counts an operation as placed, or as not placed any more.
    fn count(&mut self, id: usize, is_placed: bool) {
        let Item { part, place, operation, .. } = self.items[id];
        if let Some(made) = self.machines[part].makes(place)
            && let Some(n) = self.makers.get_mut(&(part, made))
        {
            *n = if is_placed { *n - 1 } else { *n + 1 };
        }
        if is_open(&operation) {
            let bit = self.open.iter().position(|open| open.id == id).unwrap_or(0);
            self.used[bit / 64] ^= 1 << (bit % 64);
            return;
        }
        let own = |line: &Vec<usize>| line.binary_search(&id).is_ok();
        let line = self.lines.iter().position(own).unwrap_or(0);
        if is_placed {
            (self.done[line], self.placed) = (self.done[line] + 1, self.placed + 1);
        } else {
            (self.done[line], self.placed) = (self.done[line] - 1, self.placed - 1);
        }
    }

    fn retreat(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        while self.taken.len() > frame.taken_before {
            let Some((id, before)) = self.taken.pop() else { return };
            self.states[self.items[id].part] = before;
            self.count(id, false);
        }
    }
}
