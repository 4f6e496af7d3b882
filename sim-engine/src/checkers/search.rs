//! The search for an order of one partition: Wing and Gong's depth-first search over a linked list
//! of pending operations, with Lowe's memory of configurations ("Testing for linearizability",
//! 2016), and rules that leave out what cannot matter:
//!
//! - An operation that only looks is placed as soon as its answer fits: nothing changes by it.
//! - The operation that returns next is tried first: others are placed when they are needed.
//! - Of several operations that do the same the one that returns first is placed first, those
//!   without an answer last, and none of these where it would change nothing.
//! - An operation that replaces the state could have come unseen before another that did: it need
//!   not be placed by itself unless something needs the state that it makes.
//! - A configuration is covered by one of the same state in which fewer looks are left, or fewer
//!   operations were used that need not have been.
//!
//! A search that is not over soon asks whether the answers contradict each other ([`evidence`]) or
//! tell the order themselves ([`blocks`]). Only then it heeds what may stand unseen.
//!
//! What may stand unseen is tried so first: an idle configuration leaves out what is tried without
//! the idle operation. Remembered before, it could take the place of the very one it rests on.

use super::blocks;
use super::choices::{self, Choice, Situation};
use super::evidence;
use super::frames::{Before, Frame, Furthest, Idle, Phase, Taken};
use super::history::{Answer, ClientHistory, ClientOperation};
use super::machine::{Effect, Machine, State, machine};
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
    /// What may be placed in the frames.
    choices: Vec<Choice>,
    /// The operations placed so far, in order.
    taken: Vec<Taken>,
    /// The place of the one that replaced the state last.
    replaced_at: u32,
    furthest: Furthest,
    /// By slots, what is pending: looks, and what cannot stand unseen.
    waiting: Vec<u64>,
    configuration: Vec<u64>,
    /// How many steps it took so far.
    spent: u64,
    /// True once it heeds what may stand unseen: that costs more for each step.
    is_thorough: bool,
    /// What the answers themselves came to.
    told: Option<Progress>,
}

/// After so many steps more than there are operations the answers are asked: most are over by then.
const PATIENCE: u64 = 256;

impl Search {
    /// The operations in the order of invocation, each with its place in the history.
    pub(super) fn new(
        model: Model,
        history: &ClientHistory,
        operations: &[ClientOperation],
        sources: &[u32],
    ) -> Self {
        let mut pending = Pending::new(operations, sources);
        let machine = machine(model, history, &pending.operations);
        pending.learn(&*machine, false);
        let mut search = Self {
            machine,
            pending,
            memo: Memo::new(0, 0),
            frames: Vec::new(),
            choices: Vec::new(),
            taken: Vec::new(),
            replaced_at: 0,
            furthest: Furthest::default(),
            waiting: Vec::new(),
            configuration: Vec::new(),
            spent: 0,
            is_thorough: false,
            told: None,
        };
        search.begin();
        search
    }

    /// Arrives at the start, with nothing remembered.
    fn begin(&mut self) {
        let (slots, used) = (self.pending.changed.len(), self.pending.used.len());
        self.waiting = vec![0; if self.is_thorough { 2 * slots } else { slots }];
        let counts = usize::from(self.counts_open());
        self.memo = Memo::new(1 + slots + counts, self.waiting.len() + used + counts);
        let (first, before) = (self.machine.initial(), self.before());
        self.arrive(first, before, Idle::Never);
    }

    /// Begins anew with every rule, where there is anything that replaces the state.
    fn be_thorough(&mut self) {
        while self.retreat() {}
        self.pending.learn(&*self.machine, true);
        self.is_thorough = true;
        self.begin();
    }

    /// True if operations without an answer may stand unseen.
    fn counts_open(&self) -> bool {
        self.is_thorough && !self.pending.used.is_empty()
    }

    /// Takes up to `steps` steps and takes from them what it used.
    pub(super) fn advance(&mut self, steps: &mut u64) -> Progress {
        while *steps > 0 {
            *steps -= 1;
            self.spent += 1;
            let operations = u64::from(number(self.pending.operations.len()));
            if self.spent == PATIENCE + operations {
                *steps = steps.saturating_sub(operations);
                self.told = self.told_by_answers();
                if self.told.is_none() {
                    self.be_thorough();
                }
            }
            if let Some(progress) = self.told {
                return progress;
            }
            if self.pending.is_done() {
                return Progress::Legal;
            }
            match self.candidate() {
                Some(choice) => {
                    let (before, idle) = (self.before(), self.idle(choice));
                    self.take(choice);
                    self.arrive(choice.state, before, idle);
                }
                None if self.retreat() => {}
                None => return Progress::Illegal,
            }
        }
        if self.pending.is_done() { Progress::Legal } else { Progress::Undecided }
    }

    /// The verdict without a search, if the answers tell the order.
    pub(super) fn told_by_answers(&mut self) -> Option<Progress> {
        if evidence::is_absurd(&mut *self.machine, &self.pending.operations) {
            return Some(Progress::Illegal);
        }
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

    fn before(&self) -> Before {
        Before {
            taken: number(self.taken.len()),
            choices: number(self.choices.len()),
            frontier: self.pending.frontier,
            replaced_at: self.replaced_at,
            cover: self.pending.cover,
        }
    }

    /// Settles into a new configuration, or leaves it at once if nothing can come of it.
    fn arrive(&mut self, state: State, before: Before, idle: Idle) {
        let latest = self.settle(state);
        let is_idle = match idle {
            Idle::Never => false,
            Idle::UntilLook => latest.is_none(),
            Idle::UntilLate { .. } if self.pending.frontier == before.frontier => true,
            Idle::UntilLate { is_covered } => {
                is_covered && latest.is_none_or(|invoked| invoked < before.cover)
            }
        };
        self.frames.push(Frame { state, before, phase: Phase::Next, is_idle, at: 0 });
        if self.pending.is_done() {
            return;
        }
        let is_vain = is_idle && !self.pending.may_pass() && {
            self.list();
            before.choices == number(self.choices.len())
        };
        if is_vain || !self.is_hopeful(state) || !self.is_new(state) {
            self.retreat();
        }
    }

    /// How long an operation is of no use once it is placed.
    fn idle(&self, choice: Choice) -> Idle {
        let Choice { operation, is_unseen, .. } = choice;
        let was_idle = self.frames.last().is_some_and(|frame| frame.is_idle);
        let is_covered = self.pending.is_covered(operation);
        match self.pending.effect(operation) {
            _ if is_unseen => {
                if was_idle {
                    Idle::UntilLook
                } else {
                    Idle::Never
                }
            }
            Effect::Replaces if operation == self.pending.frontier && !is_covered => Idle::Never,
            Effect::Replaces => Idle::UntilLate { is_covered },
            Effect::Looks | Effect::Changes if operation < self.pending.answered => Idle::Never,
            Effect::Looks | Effect::Changes => Idle::UntilLook,
        }
    }

    /// Places everything that only looks and whose answer fits; the last invocation of any. What is
    /// left is waiting.
    fn settle(&mut self, state: State) -> Option<u64> {
        let mut latest = None;
        self.waiting.fill(0);
        let (looks, uncovered) = self.waiting.split_at_mut(self.pending.changed.len());
        let mut at = self.pending.first();
        while self.pending.may_be_placed(at) {
            let after = self.pending.after(at);
            let (word, bit) = self.pending.bit(at);
            match self.pending.effect(at) {
                Effect::Looks if self.machine.step(state, place(at)) == Some(state) => {
                    latest = Some(self.pending.operations[place(at)].invoked);
                    self.pending.take(at, true);
                    self.taken.push(Taken { operation: at, unseen_before: None });
                }
                Effect::Looks => looks[word] |= bit,
                Effect::Replaces | Effect::Changes => {}
            }
            if self.is_thorough && !self.pending.began_before_cover(at) {
                uncovered[word] |= bit;
            }
            at = after;
        }
        latest
    }

    fn is_hopeful(&self, state: State) -> bool {
        let wanted = self.pending.wanted();
        wanted.is_none_or(|wanted| self.machine.may_lead_to(state, place(wanted)))
    }

    fn is_new(&mut self, state: State) -> bool {
        // As many ones as there are operations without an answer that cannot stand unseen.
        let open = self.counts_open().then(|| self.pending.open_uncovered());
        let ones = open.map(|open| if open < 64 { ((1 << open) - 1, 0) } else { (0, open) });
        let Self { configuration, pending, waiting, .. } = self;
        configuration.clear();
        configuration.push((u64::from(pending.frontier) << 32) | u64::from(state));
        configuration.extend(ones.map(|(_, many)| many));
        configuration.extend_from_slice(&pending.changed);
        for (looks, replaced) in waiting.iter_mut().zip(&pending.replaced) {
            *looks |= replaced;
        }
        configuration.extend_from_slice(waiting);
        configuration.extend_from_slice(&pending.used);
        configuration.extend(ones.map(|(few, _)| few));
        self.memo.insert(configuration)
    }

    /// What is tried next.
    fn candidate(&mut self) -> Option<Choice> {
        loop {
            let frame = self.frames.last_mut()?;
            match frame.phase {
                Phase::Next => {
                    frame.phase = Phase::Others;
                    let operation = self.pending.frontier;
                    // Unseen first: whoever is idle rests on that.
                    if self.pending.may_pass() {
                        return Some(Choice { operation, state: frame.state, is_unseen: true });
                    }
                    if let Some(state) = self.machine.step(frame.state, place(operation)) {
                        return Some(Choice { operation, state, is_unseen: false });
                    }
                }
                Phase::Others => self.list(),
                Phase::Listed => {
                    let choice = self.choices.get(place(frame.at)).copied()?;
                    frame.at += 1;
                    if self.is_thorough {
                        return Some(choice);
                    }
                    match self.machine.step(frame.state, place(choice.operation)) {
                        // What changes nothing now is as good for later.
                        Some(state)
                            if choice.operation < self.pending.answered || state != frame.state =>
                        {
                            return Some(Choice { state, ..choice });
                        }
                        Some(_) | None => {}
                    }
                }
            }
        }
    }

    /// Lists what may be placed in the last frame.
    fn list(&mut self) {
        let Some(frame) = self.frames.last_mut() else { return };
        let was_tried = frame.phase == Phase::Others && !self.pending.may_pass();
        (frame.phase, frame.at) = (Phase::Listed, number(self.choices.len()));
        let Frame { state, is_idle, .. } = *frame;
        let situation = Situation { state, is_idle, was_tried, is_stepped: self.is_thorough };
        choices::list(&self.pending, &mut *self.machine, situation, &mut self.choices);
    }

    fn take(&mut self, choice: Choice) {
        let Choice { operation, is_unseen, .. } = choice;
        if !is_unseen && self.pending.effect(operation) == Effect::Replaces {
            self.replaced_at = number(self.taken.len());
        }
        self.pending.take(operation, !is_unseen);
        let unseen_before = is_unseen.then_some(self.replaced_at);
        self.taken.push(Taken { operation, unseen_before });
        if !is_unseen {
            return;
        }
        // Whatever looks and is answered by it may stand there, too.
        let Some(left) = self.machine.step(choice.state, place(operation)) else { return };
        let mut at = self.pending.first();
        while self.pending.may_be_placed(at) && self.pending.began_before_cover(at) {
            let after = self.pending.after(at);
            let is_look = self.pending.effect(at) == Effect::Looks;
            if is_look && self.machine.step(left, place(at)) == Some(left) {
                self.pending.take(at, false);
                self.taken.push(Taken { operation: at, unseen_before });
            }
            at = after;
        }
    }

    /// Leaves a configuration for the one before it; false if there is none.
    fn retreat(&mut self) -> bool {
        let Some(Frame { state, before, .. }) = self.frames.pop() else { return false };
        if self.pending.frontier > self.furthest.answers || self.furthest.order.is_empty() {
            self.furthest = self.here(state);
        }
        while number(self.taken.len()) > before.taken {
            if let Some(taken) = self.taken.pop() {
                self.pending.put_back(taken.operation, before.frontier);
            }
        }
        self.choices.truncate(place(before.choices));
        (self.replaced_at, self.pending.cover) = (before.replaced_at, before.cover);
        !self.frames.is_empty()
    }

    fn here(&self, state: State) -> Furthest {
        let moment = |(at, taken): (u32, &Taken)| {
            let moment = taken.unseen_before.map_or((at, true), |other| (other, false));
            (moment, self.pending.sources[place(taken.operation)])
        };
        let mut order: Vec<_> = (0..).zip(&self.taken).map(moment).collect();
        order.sort_by_key(|(moment, _)| *moment);
        let order = order.into_iter().map(|(_, source)| source).collect();
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
