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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sim_engine::{OpId, Operation};

    use super::*;
    use crate::atomic_commit::few::Few;
    use crate::atomic_commit::txn::{Action, Branch, Txn};

    fn plan(participants: u16) -> Arc<Plan> {
        let key = "x".parse().unwrap();
        let mut actions = Few::default();
        actions.push((key, Action::Set(1)));
        let branch = |n| Branch { participant: NodeId::new(n), actions };
        Arc::new(Plan {
            txn: Txn::of(OpId(0)),
            coordinator: NodeId::new(0),
            client: NodeId::new(99),
            operation: Operation::Write { key, value: 1 },
            branches: (1..=participants).map(branch).collect(),
            last_agent: None,
        })
    }

    /// What may be done with these states of the first participants; the others are silent.
    fn ruling(config: &Config, participants: u16, states: &[State], moved: bool) -> Ruling {
        let states = (1..).map(NodeId::new).zip(states.iter().copied()).collect();
        let moving = moved.then_some(Decision::Commit);
        Asked { states, moving }.rule(config, &plan(participants))
    }

    use State::{PreAborted as Pa, PreCommitted as Pc, Recovering as Re, Uncertain as Un};
    const COMMIT: State = State::Decided(Decision::Commit);
    const ABORT: State = State::Decided(Decision::Abort);

    fn decides(ruling: &Ruling) -> Option<Decision> {
        match ruling {
            Ruling::Decide(decision, _) => Some(*decision),
            Ruling::Move(_) | Ruling::Blocked => None,
        }
    }

    #[test]
    fn in_two_phases_only_whoever_knows_can_help() {
        let config = Config::default();
        for (states, expected) in [
            (vec![Un, COMMIT], Some(Decision::Commit)),
            (vec![Un, Un, ABORT], Some(Decision::Abort)),
            (vec![Un, Un], None),
            (vec![Un, Un, Un], None),
        ] {
            assert_eq!(decides(&ruling(&config, 3, &states, false)), expected, "{states:?}");
        }
        assert_eq!(ruling(&config, 3, &[Un, Un, Un], false), Ruling::Blocked);
    }

    #[test]
    fn skeen_ends_it_by_the_states_of_those_who_answer() {
        let config = Config { phases: Phases::Three, ..Config::default() };
        let rule = |states: &[State], moved| ruling(&config, 3, states, moved);
        // T1 and T2: somebody knows.
        assert_eq!(decides(&rule(&[Pc, Un, ABORT], false)), Some(Decision::Abort));
        assert_eq!(decides(&rule(&[Pc, Un, COMMIT], false)), Some(Decision::Commit));
        // T3: nobody who answers is pre-committed.
        assert_eq!(decides(&rule(&[Un, Un], false)), Some(Decision::Abort));
        // T4: the others first.
        assert_eq!(rule(&[Pc, Un], false), Ruling::Move(Decision::Commit));
        assert_eq!(decides(&rule(&[Pc, Un], true)), Some(Decision::Commit));
        assert_eq!(decides(&rule(&[Pc, Pc], false)), Some(Decision::Commit));
        // Only those who were down: the last to fail might know, and nobody knows who that was.
        assert_eq!(rule(&[Re, Re, Re], false), Ruling::Blocked);
    }

    #[test]
    fn of_two_sides_at_most_one_has_a_quorum() {
        let config =
            Config { phases: Phases::Three, variant: Variant::Quorum, ..Config::default() };
        let rule = |states: &[State]| ruling(&config, 5, states, false);
        assert_eq!(decides(&rule(&[Pc, Pc, Pc])), Some(Decision::Commit));
        assert_eq!(decides(&rule(&[Pa, Pa, Pa, Pc])), Some(Decision::Abort));
        assert_eq!(rule(&[Pc, Un, Un]), Ruling::Move(Decision::Commit));
        assert_eq!(rule(&[Un, Un, Un]), Ruling::Move(Decision::Abort));
        assert_eq!(rule(&[Pc, Pc]), Ruling::Blocked);
        assert_eq!(rule(&[Un, Un]), Ruling::Blocked);
        assert_eq!(rule(&[Pc, Pa, Un]), Ruling::Blocked);
    }
}
