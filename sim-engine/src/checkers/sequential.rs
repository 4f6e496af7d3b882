//! Sequential consistency: one order of all operations in which each process keeps its own order
//! (Lamport, "How to Make a Multiprocessor Computer That Correctly Executes Multiprocess Programs",
//! 1979). It says nothing of real time: what one process has done another may see later.

use super::finding::Finding;
use super::history::ClientHistory;
use super::linearizability::{Linearizability, Unserved, Verdict};
use super::minimal::{Rule, Shrinking};
use super::model::Model;
use super::search::Progress;
use super::value::{number, place};
use super::walk::{Walk, parts};

/// A check in progress.
///
/// ```
/// use sim_engine::checkers::{Answer, Call, ClientHistory, Model, Sequential};
/// use sim_engine::checkers::{ValueId, Verdict};
/// let mut history = ClientHistory::default();
/// let (x, two) = (history.key("x"), history.value(2));
/// history.push(1, x, Call::Write(two), (0, 1, Answer::Ok(ValueId::NIL)));
/// // Late, but another process need not know.
/// history.push(2, x, Call::Read, (2, 3, Answer::Ok(ValueId::NIL)));
/// let mut check = Sequential::new(Model::Register, &history)?;
/// assert_eq!(check.advance(1_000), Verdict::Legal);
/// assert_eq!(check.order(), [1, 0]);
/// # Ok::<(), sim_engine::checkers::Unserved>(())
/// ```
#[derive(Debug)]
pub struct Sequential<'h> {
    model: Model,
    history: &'h ClientHistory,
    part_of: Vec<Option<u32>>,
    /// What is linearizable is sequential, too, and found faster.
    strict: Linearizability<'h>,
    strict_steps: u64,
    walk: Walk,
    is_illegal: bool,
    order: Option<Vec<usize>>,
}

/// How many steps the stricter search gets.
const STRICT_STEPS: u64 = 50_000;

impl<'h> Sequential<'h> {
    /// A check that has not begun. Fails if the model does not know an operation.
    pub fn new(model: Model, history: &'h ClientHistory) -> Result<Self, Unserved> {
        let strict = Linearizability::new(model, history)?;
        let part_of = parts(history);
        let all: Vec<u32> = (0..number(history.operations.len())).collect();
        let walk = Walk::new(model, history, &part_of, &all);
        let (strict_steps, is_illegal, order) = (STRICT_STEPS, false, None);
        Ok(Self { model, history, part_of, strict, strict_steps, walk, is_illegal, order })
    }

    /// Goes on for at most `steps` steps.
    pub fn advance(&mut self, steps: u64) -> Verdict {
        if self.order.is_some() {
            return Verdict::Legal;
        }
        let mut left = steps;
        if self.strict_steps > 0 {
            let turn = self.strict_steps.min(left / 2);
            self.strict_steps -= turn;
            left -= turn;
            let verdict = self.strict.advance(turn);
            let order = self.strict.order();
            if verdict == Verdict::Legal && keeps_processes(self.history, &order) {
                self.order = Some(order);
                return Verdict::Legal;
            }
            if verdict != Verdict::Undecided {
                self.strict_steps = 0;
            }
        }
        match self.walk.advance(&mut left) {
            Progress::Legal => {
                self.order = Some(self.reached());
                Verdict::Legal
            }
            Progress::Illegal => {
                self.is_illegal = true;
                Verdict::Illegal
            }
            Progress::Undecided => Verdict::Undecided,
        }
    }

    fn reached(&self) -> Vec<usize> {
        self.walk.reached().order.iter().map(|at| place(*at)).collect()
    }

    /// How many bytes of memory the search takes by now, roughly.
    pub fn bytes(&self) -> usize {
        self.strict.bytes() + self.walk.bytes()
    }

    /// An order that explains every answer, or the longest that was found.
    pub fn order(&self) -> Vec<usize> {
        self.order.clone().unwrap_or_else(|| self.reached())
    }

    /// What is wrong with an illegal history, found within about this many more steps.
    pub fn finding(&self, steps: u64) -> Option<Finding> {
        if !self.is_illegal {
            return None;
        }
        let (refused, state) = self.walk.refused(self.history)?;
        let all: Vec<u32> = (0..number(self.history.operations.len())).collect();
        let suspects = all.into_iter().filter(|at| self.part_of[place(*at)].is_some()).collect();
        let (subject, rule) = ((self.model, self.history), Rule::Program(&self.part_of));
        let mut shrinking = Shrinking::new(subject, rule, (suspects, refused), steps);
        let is_minimal = shrinking.shrink();
        let why = format!(
            "no order that keeps the order of every process explains `{}`: the state before it is \
             {state}",
            self.history.describe(place(refused))
        );
        Some(Finding {
            prefix: self.reached(),
            longest_prefix: self.walk.reached().answers,
            refused: place(refused),
            state,
            why,
            minimal: shrinking.kept().iter().map(|at| place(*at)).collect(),
            is_minimal,
        })
    }
}

/// True if an order keeps the order of every process, also where real time would not say so.
fn keeps_processes(history: &ClientHistory, order: &[usize]) -> bool {
    let mut last = std::collections::BTreeMap::new();
    order.iter().all(|at| {
        let operation = &history.operations[*at];
        let now = (operation.invoked, *at);
        let before = last.insert(operation.process, now);
        // One without an answer may come late.
        before.is_none_or(|before| before < now || super::search::is_open(operation))
    })
}
