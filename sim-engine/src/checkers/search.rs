//! The search for an order of one partition: Wing and Gong's depth-first search over a linked list
//! of pending operations, with Lowe's memory of configurations ("Testing for linearizability",
//! 2016), and four rules that leave out what cannot matter:
//!
//! - An operation that only looks is placed as soon as its answer fits: nothing changes by it.
//! - The operation that returns next is tried first: others are placed when they are needed.
//! - Of several equal operations without an answer the first invoked is used first, and none where
//!   it would change nothing.
//! - A configuration reached with fewer operations without an answer covers one with more.
//!
//! A search that is not over soon asks whether the answers tell the order themselves ([`blocks`]).

use super::blocks;
use super::history::{Answer, ClientHistory, ClientOperation};
use super::machine::{Machine, State, machine};
use super::memo::Memo;
use super::model::Model;
use super::pending::Pending;
use super::value::{number, place};

/// What the search has found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is an order.
    Legal,
    /// There is none.
    Illegal,
    /// The steps were used up.
    Undecided,
}

/// The search for an order of one partition; goes on where it stopped.
#[derive(Debug)]
pub(super) struct Search {
    machine: Box<dyn Machine>,
    pending: Pending,
    memo: Memo,
    frames: Vec<Frame>,
    /// The operations placed so far, in order.
    taken: Vec<u32>,
    furthest: Furthest,
    configuration: Vec<u64>,
    /// How many steps it took so far.
    spent: u64,
    /// What the answers themselves came to.
    told: Option<Progress>,
}

/// After so many steps the answers are asked: most searches are over by then.
const PATIENCE: u64 = 256;

/// A configuration on the way, and what was tried from it.
#[derive(Clone, Copy, Debug)]
struct Frame {
    state: State,
    /// How many operations had been placed before those that led here.
    taken_before: u32,
    frontier_before: u32,
    phase: Phase,
    at: u32,
}

/// What is tried next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The operation that returns next.
    Next,
    /// The others that are pending, after the one at this place of the list.
    Others,
    /// Those without an answer, from this one on.
    Open,
}

/// The longest prefix for which an order was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Furthest {
    /// How many answers of the partition it explains, in the order in which they came.
    pub(super) answers: u32,
    /// The order, by places in the history.
    pub(super) order: Vec<u32>,
    /// The state after it.
    pub(super) state: State,
}

impl Search {
    /// The operations in the order of invocation, each with its place in the history.
    pub(super) fn new(
        model: Model,
        history: &ClientHistory,
        operations: &[ClientOperation],
        sources: &[u32],
    ) -> Self {
        let mut pending = Pending::new(operations, sources);
        let mut machine = machine(model, history, &pending.operations);
        pending.look_ahead(&*machine);
        let memo = Memo::new(1 + pending.mask.len(), pending.used.len());
        let first = machine.initial();
        let mut search = Self {
            machine,
            pending,
            memo,
            frames: Vec::new(),
            taken: Vec::new(),
            furthest: Furthest::default(),
            configuration: Vec::new(),
            spent: 0,
            told: None,
        };
        search.arrive(first, 0, 0);
        search
    }

    /// Takes up to `steps` steps and takes from them what it used.
    pub(super) fn advance(&mut self, steps: &mut u64) -> Progress {
        while *steps > 0 {
            *steps -= 1;
            self.spent += 1;
            if self.spent == PATIENCE {
                *steps = steps.saturating_sub(u64::from(number(self.pending.operations.len())));
                self.told = self.told_by_answers();
            }
            if let Some(progress) = self.told {
                return progress;
            }
            if self.pending.is_done() {
                return Progress::Legal;
            }
            match self.candidate() {
                Some((operation, state)) => {
                    let (taken, frontier) = (number(self.taken.len()), self.pending.frontier);
                    self.take(operation);
                    self.arrive(state, taken, frontier);
                }
                None if self.retreat() => {}
                None => return Progress::Illegal,
            }
        }
        if self.pending.is_done() { Progress::Legal } else { Progress::Undecided }
    }

    /// The verdict without a search, if the answers tell the order.
    pub(super) fn told_by_answers(&mut self) -> Option<Progress> {
        let tales = self.machine.tales()?;
        let Some(order) = blocks::order(&self.pending.operations, &tales) else {
            return Some(Progress::Illegal);
        };
        let first = self.machine.initial();
        let state = order.iter().fold(first, |state, at| {
            let next = self.machine.step(state, place(*at));
            next.unwrap_or_else(|| unreachable!("the answers told an order that explains none"))
        });
        let order = order.into_iter().map(|at| self.pending.sources[place(at)]).collect();
        self.furthest = Furthest { answers: self.pending.answered, order, state };
        Some(Progress::Legal)
    }

    /// Settles into a new configuration, or leaves it at once if nothing can come of it.
    fn arrive(&mut self, state: State, taken_before: u32, frontier_before: u32) {
        self.settle(state);
        let is_new = self.pending.is_done() || (self.is_hopeful(state) && self.is_new(state));
        self.frames.push(Frame { state, taken_before, frontier_before, phase: Phase::Next, at: 0 });
        if !is_new {
            self.retreat();
        }
    }

    /// Places everything that only looks and whose answer fits.
    fn settle(&mut self, state: State) {
        let mut at = self.pending.first();
        while self.pending.may_be_placed(at) {
            let after = self.pending.after(at);
            if self.pending.only_looks(at) && self.machine.step(state, place(at)) == Some(state) {
                self.take(at);
            }
            at = after;
        }
    }

    fn is_hopeful(&self, state: State) -> bool {
        let wanted = self.pending.wanted();
        wanted.is_none_or(|wanted| self.machine.may_lead_to(state, place(wanted)))
    }

    fn is_new(&mut self, state: State) -> bool {
        self.configuration.clear();
        self.configuration.push((u64::from(self.pending.frontier) << 32) | u64::from(state));
        self.configuration.extend_from_slice(&self.pending.mask);
        self.configuration.extend_from_slice(&self.pending.used);
        self.memo.insert(&self.configuration)
    }

    /// The next operation that can be placed, with the state after it.
    fn candidate(&mut self) -> Option<(u32, State)> {
        let frame = self.frames.last_mut()?;
        loop {
            let at = match frame.phase {
                Phase::Next => {
                    frame.phase = Phase::Others;
                    frame.at = self.pending.first();
                    self.pending.frontier
                }
                Phase::Others if self.pending.may_be_placed(frame.at) => {
                    let at = frame.at;
                    frame.at = self.pending.after(at);
                    if at == self.pending.frontier {
                        continue;
                    }
                    at
                }
                Phase::Others => {
                    frame.phase = Phase::Open;
                    frame.at = self.pending.answered;
                    continue;
                }
                Phase::Open => {
                    let at = self.pending.open_from(frame.at)?;
                    frame.at = at + 1;
                    at
                }
            };
            match self.machine.step(frame.state, place(at)) {
                // Whatever it is good for, it is as good for later.
                Some(state) if state == frame.state && at >= self.pending.answered => {}
                Some(state) => return Some((at, state)),
                None => {}
            }
        }
    }

    fn take(&mut self, operation: u32) {
        self.pending.take(operation);
        self.taken.push(operation);
    }

    /// Leaves a configuration for the one before it; false if there is none.
    fn retreat(&mut self) -> bool {
        let Some(frame) = self.frames.pop() else { return false };
        if self.pending.frontier > self.furthest.answers || self.furthest.order.is_empty() {
            self.furthest = self.here(frame.state);
        }
        while number(self.taken.len()) > frame.taken_before {
            if let Some(operation) = self.taken.pop() {
                self.pending.put_back(operation, frame.frontier_before);
            }
        }
        !self.frames.is_empty()
    }

    fn here(&self, state: State) -> Furthest {
        let order = self.taken.iter().map(|at| self.pending.sources[place(*at)]).collect();
        Furthest { answers: self.pending.frontier, order, state }
    }

    /// The longest prefix for which an order was found.
    pub(super) fn furthest(&self) -> Furthest {
        match self.frames.last() {
            Some(_) if self.told == Some(Progress::Legal) => self.furthest.clone(),
            Some(frame) if self.pending.frontier > self.furthest.answers => self.here(frame.state),
            Some(_) | None => self.furthest.clone(),
        }
    }

    /// How many bytes its memory takes.
    pub(super) fn bytes(&self) -> usize {
        self.memo.bytes()
    }

    /// A state in words.
    pub(super) fn describe(&self, history: &ClientHistory, state: State) -> String {
        self.machine.describe(history, state)
    }
}

/// True if an operation stays open for ever.
pub(super) fn is_open(operation: &ClientOperation) -> bool {
    operation.answer == Answer::Unknown
}
