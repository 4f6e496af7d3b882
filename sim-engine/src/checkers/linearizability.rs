//! Linearizability: every operation seems to take effect at one moment between its invocation and
//! its answer.

use std::fmt;

use super::finding::{Finding, explain};
use super::frames::Furthest;
use super::history::ClientHistory;
use super::model::Model;
use super::partition::partitions;
use super::search::{Progress, Search};
use super::value::place;

/// What a checker has to say of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// There is an order that explains every answer.
    Legal,
    /// There is none.
    Illegal,
    /// The budget was used up first.
    Undecided,
}

impl Verdict {
    /// The word used in reports: `legal`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Legal => "legal",
            Self::Illegal => "illegal",
            Self::Undecided => "undecided",
        }
    }
}

const LINEARIZABLE: &str = "linearizable";

/// An operation that the model does not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unserved {
    /// Its place in the history.
    pub operation: usize,
    /// The model.
    pub model: Model,
    /// The name of the operation.
    pub call: &'static str,
    /// What cannot be judged with it.
    pub level: &'static str,
}

impl fmt::Display for Unserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.level == LINEARIZABLE {
            return write!(f, "the model `{}` knows no `{}`", self.model.name(), self.call);
        }
        write!(f, "{} cannot be judged by `{}`", self.level, self.call)
    }
}

impl std::error::Error for Unserved {}

/// A check in progress. It knows no clock: whoever runs it says how many steps it may take, as
/// often as it likes.
///
/// ```
/// use sim_engine::checkers::{Answer, Call, ClientHistory, Linearizability, Model};
/// use sim_engine::checkers::{ValueId, Verdict};
/// let mut history = ClientHistory::default();
/// let (x, two) = (history.key("x"), history.value(2));
/// history.push(1, x, Call::Write(two), (0, 1, Answer::Ok(ValueId::NIL)));
/// // It begins after the write has ended, and does not see it.
/// history.push(2, x, Call::Read, (2, 3, Answer::Ok(ValueId::NIL)));
/// let mut check = Linearizability::new(Model::Register, &history)?;
/// assert_eq!(check.advance(1_000), Verdict::Illegal);
/// let finding = check.finding(100_000).expect("it is illegal");
/// assert_eq!((finding.refused, finding.minimal.as_slice()), (1, &[0, 1][..]));
/// # Ok::<(), sim_engine::checkers::Unserved>(())
/// ```
#[derive(Debug)]
pub struct Linearizability<'h> {
    model: Model,
    history: &'h ClientHistory,
    parts: Vec<Part>,
    /// The parts that are not decided, the next one last.
    waiting: Vec<usize>,
    /// Those that had their turn in this round.
    had_turn: Vec<usize>,
    /// How many steps a turn has in this round.
    turn: u64,
    illegal: Option<usize>,
}

#[derive(Debug)]
struct Part {
    operations: Vec<u32>,
    state: PartState,
}

#[derive(Debug)]
enum PartState {
    New,
    Searching(Box<Search>),
    Legal(Furthest),
    Illegal(Furthest),
}

/// How many steps a part has before the next one has its turn, in the first round. In every round
/// it is twice as many, so that one illegal part is found before many legal ones are exhausted.
const FIRST_TURN: u64 = 512;

impl<'h> Linearizability<'h> {
    /// A check that has not begun. Fails if the model does not know an operation.
    pub fn new(model: Model, history: &'h ClientHistory) -> Result<Self, Unserved> {
        let mut all = history.operations.iter().enumerate();
        if let Some((operation, strange)) = all.find(|(_, op)| !model.serves(op.call)) {
            return Err(Unserved {
                operation,
                model,
                call: strange.call.name(),
                level: LINEARIZABLE,
            });
        }
        let part = |operations| Part { operations, state: PartState::New };
        let parts: Vec<Part> = partitions(history).into_iter().map(part).collect();
        let waiting = (0..parts.len()).rev().collect();
        let had_turn = Vec::new();
        Ok(Self { model, history, parts, waiting, had_turn, turn: FIRST_TURN, illegal: None })
    }

    /// Goes on for at most `steps` steps.
    pub fn advance(&mut self, steps: u64) -> Verdict {
        let mut left = steps;
        while self.illegal.is_none() {
            let Some(part) = self.waiting.pop() else {
                if self.had_turn.is_empty() {
                    return Verdict::Legal;
                }
                std::mem::swap(&mut self.waiting, &mut self.had_turn);
                self.waiting.reverse();
                self.turn = self.turn.saturating_mul(2);
                continue;
            };
            let mut turn = self.turn.min(left);
            left -= turn;
            match self.take_turn(part, &mut turn) {
                Progress::Legal => {}
                Progress::Illegal => self.illegal = Some(part),
                Progress::Undecided if left == 0 => {
                    self.waiting.push(part);
                    return Verdict::Undecided;
                }
                Progress::Undecided => self.had_turn.push(part),
            }
            left += turn;
        }
        Verdict::Illegal
    }

    fn take_turn(&mut self, part: usize, steps: &mut u64) -> Progress {
        let Part { operations, state } = &mut self.parts[part];
        if let PartState::New = state {
            let all: Vec<_> =
                operations.iter().map(|at| self.history.operations[place(*at)]).collect();
            let search = Search::new(self.model, self.history, &all, operations);
            *state = PartState::Searching(Box::new(search));
        }
        let PartState::Searching(search) = state else { return Progress::Legal };
        let progress = search.advance(steps);
        match progress {
            Progress::Legal => *state = PartState::Legal(search.furthest()),
            Progress::Illegal => *state = PartState::Illegal(search.furthest()),
            Progress::Undecided => {}
        }
        progress
    }

    /// How many parts of the history say nothing of each other.
    pub fn partitions(&self) -> usize {
        self.parts.len()
    }

    /// How many bytes of memory the search takes by now, roughly.
    pub fn bytes(&self) -> usize {
        let bytes = |part: &Part| match &part.state {
            PartState::Searching(search) => search.bytes(),
            PartState::New | PartState::Legal(_) | PartState::Illegal(_) => 0,
        };
        self.parts.iter().map(bytes).sum()
    }

    /// An order in which the operations may have taken effect, by their places in the history: of
    /// a legal history one that explains every answer, else of the parts that are decided.
    pub fn order(&self) -> Vec<usize> {
        let mut moments = Vec::new();
        for (at, part) in self.parts.iter().enumerate() {
            let (PartState::Legal(found) | PartState::Illegal(found)) = &part.state else {
                continue;
            };
            // Each takes effect as soon as it is invoked and the one before it has taken effect.
            let mut now = 0;
            for (n, operation) in found.order.iter().enumerate() {
                now = self.history.operations[place(*operation)].invoked.max(now);
                moments.push((now, at, n, place(*operation)));
            }
        }
        moments.sort_unstable();
        moments.into_iter().map(|(.., operation)| operation).collect()
    }

    /// What is wrong with an illegal history, found within about this many more steps.
    pub fn finding(&self, steps: u64) -> Option<Finding> {
        let part = &self.parts[self.illegal?];
        let PartState::Illegal(furthest) = &part.state else { return None };
        explain(self.model, self.history, (&part.operations, furthest), steps)
    }
}

/// Checks a history within a budget of steps.
pub fn linearizable(
    model: Model,
    history: &ClientHistory,
    steps: u64,
) -> Result<Verdict, Unserved> {
    Ok(Linearizability::new(model, history)?.advance(steps))
}
