//! How to end a transaction whose coordinator is silent, by what those who answer know.

use std::collections::BTreeMap;

use sim_engine::NodeId;

use super::config::{Config, Phases, Variant};
use super::message::State;
use super::reasons::Why;
use super::txn::{Decision, Plan};

/// What was asked, and what has been answered so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Asked {
    /// What everybody who answered knows.
    pub(super) states: BTreeMap<NodeId, State>,
    /// To which side those who were undecided are being moved.
    pub(super) moving: Option<Decision>,
}

/// What may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// Decide.
    Decide(Decision, Why),
    /// Move those who are undecided to one side first.
    Move(Decision),
    /// Nothing: either decision could be wrong.
    Blocked,
}

impl Asked {
    pub(super) fn in_state(&self, wanted: State) -> Vec<NodeId> {
        self.states.iter().filter(|(_, state)| **state == wanted).map(|(id, _)| *id).collect()
    }

    fn count(&self, wanted: State) -> usize {
        self.states.values().filter(|state| **state == wanted).count()
    }

    /// Everybody who takes part and has not answered.
    pub(super) fn silent(&self, plan: &Plan) -> Vec<NodeId> {
        plan.participants().filter(|id| !self.states.contains_key(id)).collect()
    }

    /// True once nobody is left to answer, or nobody is left to be moved.
    pub(super) fn is_complete(&self, plan: &Plan) -> bool {
        match self.moving {
            None => self.silent(plan).is_empty(),
            Some(_) => self.count(State::Uncertain) == 0,
        }
    }

    /// What may be done, now that nobody else is expected to answer.
    pub(super) fn rule(&self, config: &Config, plan: &Plan) -> Ruling {
        let decided = self.states.iter().find_map(|(id, state)| match state {
            State::Decided(decision) => Some(Ruling::Decide(*decision, Why::Learnt(*id))),
            State::Uncertain | State::PreCommitted | State::PreAborted | State::Recovering => None,
        });
        decided.unwrap_or_else(|| match (config.phases, config.variant) {
            // In doubt is in doubt: the one who does not answer may have decided either way.
            (Phases::Two, _) | (_, Variant::Popular) => Ruling::Blocked,
            (Phases::Three, Variant::Skeen) => self.skeen(),
            (Phases::Three, Variant::Quorum) => self.quorum(config, plan),
        })
    }

    /// T3 and T4: whoever does not answer is down. Nobody commits before everybody who is up is
    /// pre-committed, so if nobody is, nobody has committed.
    fn skeen(&self) -> Ruling {
        let (moved, undecided) = (self.count(State::PreCommitted), self.count(State::Uncertain));
        match (moved, undecided) {
            (0, 0) => Ruling::Blocked,
            (0, _) => Ruling::Decide(Decision::Abort, Why::NobodyPreCommitted),
            // Whoever is still undecided has not answered in time, and is down.
            (_, 0) => Ruling::Decide(Decision::Commit, Why::SomebodyPreCommitted),
            (_, _) if self.moving.is_some() => {
                Ruling::Decide(Decision::Commit, Why::SomebodyPreCommitted)
            }
            (_, _) => Ruling::Move(Decision::Commit),
        }
    }

    /// Nobody is ever on both sides, and the two quorums have a member in common: so at most one
    /// of them is ever reached.
    fn quorum(&self, config: &Config, plan: &Plan) -> Ruling {
        let (to_commit, to_abort) = config.quorums(plan.branches.len());
        let (committing, aborting) =
            (self.count(State::PreCommitted), self.count(State::PreAborted));
        let undecided = self.count(State::Uncertain);
        if committing >= to_commit {
            Ruling::Decide(Decision::Commit, Why::Quorum)
        } else if aborting >= to_abort {
            Ruling::Decide(Decision::Abort, Why::Quorum)
        } else if committing > 0 && committing + undecided >= to_commit {
            Ruling::Move(Decision::Commit)
        } else if aborting + undecided >= to_abort && undecided > 0 {
            Ruling::Move(Decision::Abort)
        } else {
            Ruling::Blocked
        }
    }
}
