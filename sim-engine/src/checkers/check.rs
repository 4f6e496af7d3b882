//! One door to every checker of a client history: by the level of consistency that is asked for.

use super::convergence::Convergence;
use super::exclusion::Exclusion;
use super::finding::Finding;
use super::history::ClientHistory;
use super::linearizability::{Linearizability, Unserved, Verdict};
use super::model::Model;
use super::sequential::Sequential;
use super::session::{Guarantee, Sessions};

/// How strictly a history is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Consistency {
    /// One order of all operations, in real time (Herlihy and Wing, 1990).
    #[default]
    Linearizable,
    /// One order of all operations that keeps the order of each process (Lamport, 1979).
    Sequential,
    /// All four guarantees of a session (Terry et al., 1994).
    Session,
    /// One of them.
    Guarantee(Guarantee),
    /// No two processes hold a lock at once.
    Exclusion,
    /// Once nobody changes anything any more, all see the same.
    Convergence,
}

impl Consistency {
    /// Every level.
    pub const ALL: [Self; 9] = [
        Self::Linearizable,
        Self::Sequential,
        Self::Session,
        Self::Guarantee(Guarantee::MonotonicReads),
        Self::Guarantee(Guarantee::MonotonicWrites),
        Self::Guarantee(Guarantee::ReadYourWrites),
        Self::Guarantee(Guarantee::WritesFollowReads),
        Self::Exclusion,
        Self::Convergence,
    ];

    /// Its name: `linearizable`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linearizable => "linearizable",
            Self::Sequential => "sequential",
            Self::Session => "session",
            Self::Guarantee(guarantee) => guarantee.name(),
            Self::Exclusion => "exclusion",
            Self::Convergence => "convergence",
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
    Sequential(Box<Sequential<'h>>),
    /// What needs no search, and is known at once.
    Known(Verdict, Option<Finding>),
}

impl<'h> Check<'h> {
    /// A check that has not begun. Fails if an operation has no meaning at this level.
    pub fn new(
        level: Consistency,
        model: Model,
        history: &'h ClientHistory,
    ) -> Result<Self, Unserved> {
        let sessions = |guarantees: &[Guarantee]| {
            let check = Sessions::new(guarantees, model, history)?;
            Ok(Kind::Known(check.verdict(), check.finding().cloned()))
        };
        Ok(Self(match level {
            Consistency::Linearizable => Kind::Linearizable(Linearizability::new(model, history)?),
            Consistency::Sequential => Kind::Sequential(Box::new(Sequential::new(model, history)?)),
            Consistency::Session => sessions(&Guarantee::ALL)?,
            Consistency::Guarantee(guarantee) => sessions(&[guarantee])?,
            Consistency::Exclusion => {
                let check = Exclusion::new(history)?;
                Kind::Known(check.verdict(), check.finding().cloned())
            }
            Consistency::Convergence => {
                let check = Convergence::new(history);
                Kind::Known(check.verdict(), check.finding().cloned())
            }
        }))
    }

    /// Goes on for at most about `steps` steps.
    pub fn advance(&mut self, steps: u64) -> Verdict {
        match &mut self.0 {
            Kind::Linearizable(check) => check.advance(steps),
            Kind::Sequential(check) => check.advance(steps),
            Kind::Known(verdict, _) => *verdict,
        }
    }

    /// True if more steps may change the verdict.
    pub const fn is_search(&self) -> bool {
        !matches!(self.0, Kind::Known(..))
    }

    /// How many parts of the history are judged without each other.
    pub fn partitions(&self) -> usize {
        match &self.0 {
            Kind::Linearizable(check) => check.partitions(),
            Kind::Sequential(_) | Kind::Known(..) => 1,
        }
    }

    /// How many bytes of memory the search takes by now, roughly.
    pub fn bytes(&self) -> usize {
        match &self.0 {
            Kind::Linearizable(check) => check.bytes(),
            Kind::Sequential(check) => check.bytes(),
            Kind::Known(..) => 0,
        }
    }

    /// An order that explains the answers, or as many as were explained; empty for levels that ask
    /// for none.
    pub fn order(&self) -> Vec<usize> {
        match &self.0 {
            Kind::Linearizable(check) => check.order(),
            Kind::Sequential(check) => check.order(),
            Kind::Known(..) => Vec::new(),
        }
    }

    /// What is wrong with an illegal history, found within about this many more steps.
    pub fn finding(&self, steps: u64) -> Option<Finding> {
        match &self.0 {
            Kind::Linearizable(check) => check.finding(steps),
            Kind::Sequential(check) => check.finding(steps),
            Kind::Known(_, finding) => finding.clone(),
        }
    }
}
