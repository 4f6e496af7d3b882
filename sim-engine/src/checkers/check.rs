//! One door to every checker of a client history: by the level of consistency that is asked for.

use super::finding::Finding;
use super::history::ClientHistory;
use super::linearizability::{Linearizability, Unserved, Verdict};
use super::model::Model;

/// How strictly a history is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consistency {
    /// One order of all operations, in real time (Herlihy and Wing, 1990).
    #[default]
    Linearizable,
}

impl Consistency {
    /// Every level.
    pub const ALL: [Self; 1] = [Self::Linearizable];

    /// Its name: `linearizable`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
        }
    }

    /// The level with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// A check in progress, of whatever level.
///
/// ```
/// use sim_engine::checkers::{Answer, Call, Check, ClientHistory, Consistency, Model};
/// use sim_engine::checkers::{ValueId, Verdict};
/// let mut history = ClientHistory::default();
/// let (x, two) = (history.key("x"), history.value(2));
/// history.push(1, x, Call::Write(two), (0, 1, Answer::Ok(ValueId::NIL)));
/// history.push(2, x, Call::Read, (2, 3, Answer::Ok(two)));
/// let mut check = Check::new(Consistency::Linearizable, Model::Register, &history)?;
/// assert_eq!(check.advance(1_000), Verdict::Legal);
/// assert_eq!(check.order(), [0, 1]);
/// # Ok::<(), sim_engine::checkers::Unserved>(())
/// ```
#[derive(Debug)]
pub struct Check<'h>(Kind<'h>);

#[derive(Debug)]
enum Kind<'h> {
    Linearizable(Linearizability<'h>),
}

impl<'h> Check<'h> {
    /// A check that has not begun. Fails if an operation has no meaning at this level.
    pub fn new(
        level: Consistency,
        model: Model,
        history: &'h ClientHistory,
    ) -> Result<Self, Unserved> {
        Ok(Self(match level {
            Consistency::Linearizable => Kind::Linearizable(Linearizability::new(model, history)?),
        }))
    }

    /// Goes on for at most about `steps` steps.
    pub fn advance(&mut self, steps: u64) -> Verdict {
        match &mut self.0 {
            Kind::Linearizable(check) => check.advance(steps),
        }
    }

    /// How many parts of the history are judged without each other.
    pub fn partitions(&self) -> usize {
        match &self.0 {
            Kind::Linearizable(check) => check.partitions(),
        }
    }

    /// How many bytes of memory the search takes by now, roughly.
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Kind::Linearizable(check) => check.bytes(),
        }
    }

    /// An order that explains the answers, or as many as were explained; empty for levels that ask
    /// for none.
    pub fn order(&self) -> Vec<usize> {
        match &self.0 {
            Kind::Linearizable(check) => check.order(),
        }
    }

    /// What is wrong with an illegal history, found within about this many more steps.
    pub fn finding(&self, steps: u64) -> Option<Finding> {
        match &self.0 {
            Kind::Linearizable(check) => check.finding(steps),
        }
    }
}
