//! As few operations as possible that contradict each other.
//!
//! Taking away a write makes every read of its value absurd, which proves nothing. So an operation
//! may only be taken away if what remains is still illegal *and* the answer that is refused could
//! still be given, by the remaining changes in whatever order, *and* the others can be explained
//! without it. In program order no answer is the first that nothing explains: there every answer
//! that remains must be one that could still be given.

use super::finding::open;
use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::model::Model;
use super::search::{Progress, Search, is_open};
use super::value::{ValueId, place};
use super::walk::Walk;

/// How many steps it may take to see that an answer could be given.
const GROUND_STEPS: u64 = 5_000;

/// What makes operations illegal together.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rule<'h> {
    /// No order explains them in real time. All are of one part.
    RealTime,
    /// No order that keeps every process's own explains them. They are of these parts.
    Program(&'h [Option<u32>]),
}

/// Takes away what is not needed for a contradiction.
#[derive(Debug)]
pub(super) struct Shrinking<'h> {
    rule: Rule<'h>,
    model: Model,
    history: &'h ClientHistory,
    kept: Vec<u32>,
    /// Whose answer is in question: it is not taken away.
    refused: u32,
    /// Without its answer the rest could be explained from the start.
    is_about_refused: bool,
    /// Answers that not even all operations together could lead to.
    groundless: Vec<u32>,
    steps: u64,
}

impl<'h> Shrinking<'h> {
    /// `suspects` are illegal together, with the one whose answer is refused.
    pub(super) fn new(
        (model, history): (Model, &'h ClientHistory),
        rule: Rule<'h>,
        (suspects, refused): (Vec<u32>, u32),
        steps: u64,
    ) -> Self {
        let (kept, groundless) = (suspects, Vec::new());
        let mut shrinking = Self {
            rule,
            model,
            history,
            kept,
            refused,
            groundless,
            steps,
            is_about_refused: false,
        };
        let all = shrinking.kept.clone();
        let claims: Vec<u32> = all.iter().filter(|at| shrinking.claims(**at)).copied().collect();
        let is_groundless = |at: &u32| !shrinking.is_grounded(*at, &all);
        shrinking.groundless = claims.into_iter().filter(is_groundless).collect();
        shrinking.is_about_refused =
            matches!(rule, Rule::RealTime) && !shrinking.is_illegal(&all, true);
        shrinking
    }

    /// What is left.
    pub(super) fn kept(&self) -> &[u32] {
        &self.kept
    }

    /// Takes away all that can be; false if the steps were used up first.
    pub(super) fn shrink(&mut self) -> bool {
        // Looks first: without them few answers are left that changes must be kept for.
        let looks = |shrinking: &Self, at: u32| shrinking.operation(at).call.only_looks();
        self.pass(looks);
        while self.steps > 0 && self.pass(|_, _| true) {}
        self.steps > 0
    }

    /// Tries to take away runs of operations, long ones first. True if any could be.
    fn pass(&mut self, is_meant: impl Fn(&Self, u32) -> bool) -> bool {
        let mut any = false;
        let mut length = self.kept.len().div_ceil(2);
        while length > 0 && self.steps > 0 {
            let may_go = |at: &&u32| **at != self.refused && is_meant(self, **at);
            let meant: Vec<u32> = self.kept.iter().filter(may_go).copied().collect();
            for run in meant.chunks(length) {
                let left: Vec<u32> =
                    self.kept.iter().filter(|at| !run.contains(at)).copied().collect();
                if self.steps > 0 && self.is_as_good(&left) {
                    self.kept = left;
                    any = true;
                }
            }
            length = if length == 1 { 0 } else { length.div_ceil(2) };
        }
        any
    }

    /// True if `left` is a contradiction of answers that each could be given: of the one that is
    /// refused with others that could be explained without it, where it was so from the start.
    fn is_as_good(&mut self, left: &[u32]) -> bool {
        let is_grounded = |shrinking: &Self, at: u32| {
            !shrinking.claims(at)
                || shrinking.groundless.contains(&at)
                || shrinking.is_grounded(at, left)
        };
        if !self.is_illegal(left, false) {
            return false;
        }
        if self.is_about_refused {
            is_grounded(self, self.refused) && !self.is_illegal(left, true)
        } else {
            left.iter().all(|at| is_grounded(self, *at))
        }
    }

    /// True if no order explains `left`, or none even without the answer that is refused.
    fn is_illegal(&mut self, left: &[u32], without_refused: bool) -> bool {
        if let Rule::Program(parts) = self.rule {
            let mut walk = Walk::new(self.model, self.history, parts, left);
            return walk.advance(&mut self.steps) == Progress::Illegal;
        }
        let known = |at: &u32| {
            let operation = self.operation(*at);
            if without_refused && *at == self.refused { open(operation) } else { operation }
        };
        let operations: Vec<_> = left.iter().map(known).collect();
        let mut search = Search::new(self.model, self.history, &operations, left);
        search.advance(&mut self.steps) == Progress::Illegal
    }

    /// True if the changes among `left` can lead to one answer, in whatever order.
    fn is_grounded(&self, claim: u32, left: &[u32]) -> bool {
        let about = self.operation(claim);
        let free = |at: &u32| {
            let operation = self.operation(*at);
            let operation = if *at == claim { operation } else { open(operation) };
            ClientOperation { invoked: 0, ..operation }
        };
        let has_part = |at: &&u32| {
            let operation = self.operation(**at);
            let is_possible = match self.rule {
                Rule::RealTime => operation.invoked <= about.ended,
                Rule::Program(parts) => parts[place(**at)] == parts[place(claim)],
            };
            **at == claim || (!operation.call.only_looks() && is_possible)
        };
        let sources: Vec<u32> = left.iter().filter(has_part).copied().collect();
        let operations: Vec<_> = sources.iter().map(free).collect();
        let mut steps = GROUND_STEPS;
        let mut search = Search::new(self.model, self.history, &operations, &sources);
        search.advance(&mut steps) != Progress::Illegal
    }

    /// True if the answer of an operation depends on the state.
    fn claims(&self, at: u32) -> bool {
        let operation = self.operation(at);
        let is_told = !matches!(operation.answer, Answer::Ok(ValueId::NIL));
        !is_open(&operation)
            && match operation.call {
                Call::Write(_)
                | Call::Append(_)
                | Call::Insert(_)
                | Call::Remove(_)
                | Call::Enqueue(_) => operation.answer == Answer::Refused,
                Call::Add(_) => is_told,
                Call::Read
                | Call::Contains(_)
                | Call::Dequeue
                | Call::Cas { .. }
                | Call::Acquire
                | Call::Release
                | Call::Transfer { .. } => true,
            }
    }

    fn operation(&self, at: u32) -> ClientOperation {
        self.history.operations[place(at)]
    }
}
