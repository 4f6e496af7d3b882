//! Promises about what a decision rests on.

use std::sync::Arc;

use sim_engine::{EventId, Instant, Look, NodeId, Promise, Reads, Violation};

use super::{Table, Told, slot, told};
use crate::atomic_commit::facts::Fact;
use crate::atomic_commit::message::{Message, Vote};
use crate::atomic_commit::reasons::Why;
use crate::atomic_commit::txn::{Decision, Plan};
use crate::atomic_commit::{CommitNode, Config};

/// A transaction commits only if every participant voted yes (AC3).
#[derive(Clone, Debug, Default)]
pub struct Unanimity {
    ballots: Vec<Ballot>,
    yes: Table<bool>,
    exercised: u64,
}

/// What is known of the votes on a transaction.
#[derive(Clone, Debug, Default)]
enum Ballot {
    /// It has not begun.
    #[default]
    Unknown,
    /// It has begun: with this plan, at this event.
    Open(Arc<Plan>, EventId),
    /// Everybody has voted yes, and nobody takes that back.
    AllYes,
}

impl Promise<CommitNode> for Unanimity {
    fn name(&self) -> &'static str {
        "unanimity"
    }

    fn reads(&self, _: &Config) -> Reads {
        Reads::MESSAGES.and(Reads::FACTS)
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, told) in told(look) {
            let fact = match told {
                Told::Sent(Message::Vote { txn, vote: Vote::Yes(_) | Vote::Read(_) }) => {
                    *self.yes.at(look.node, *txn) = true;
                    continue;
                }
                Told::Sent(_) => continue,
                Told::Announced(Fact::Began { plan }) => {
                    *slot(&mut self.ballots, plan.txn) = Ballot::Open(Arc::clone(plan), event);
                    continue;
                }
                Told::Announced(fact) => fact,
            };
            let (Fact::Decided { txn, decision: Decision::Commit, .. }
            | Fact::Done { txn, decision: Decision::Commit, .. }) = fact
            else {
                continue;
            };
            let ballot = slot(&mut self.ballots, *txn);
            self.exercised += u64::from(!matches!(ballot, Ballot::Unknown));
            let Ballot::Open(plan, began) = ballot else { continue };
            let mut has_agreed = |id: NodeId| {
                // The last agent is not asked for its vote: what it has written is its yes.
                let is_agent = plan.last_agent == Some(id);
                *self.yes.at(id, *txn)
                    || is_agent && look.durable(id).decision(*txn) == Some(Decision::Commit)
            };
            if let Some(missing) = plan.participants().find(|id| !has_agreed(*id)) {
                let (name, missing) = (look.cast().name(look.node), look.cast().name(missing));
                let why = format!("{name} decided to commit {txn}; {missing} had not voted yes");
                return Err(Violation::new(why, [*began, event]));
            }
            *ballot = Ballot::AllYes;
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// A coordinator aborts only what somebody refused, or did not vote on in time (AC4: if nothing
/// fails and all say yes, it commits).
#[derive(Clone, Debug, Default)]
pub struct AbortHasCause {
    began: Vec<(Instant, EventId)>,
    no: Table<bool>,
    exercised: u64,
}

impl Promise<CommitNode> for AbortHasCause {
    fn name(&self) -> &'static str {
        "abort-has-cause"
    }

    fn reads(&self, _: &Config) -> Reads {
        Reads::MESSAGES.and(Reads::FACTS)
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, told) in told(look) {
            let (txn, why) = match told {
                Told::Sent(Message::Vote { txn, vote: Vote::No(_) }) => {
                    *self.no.at(look.node, *txn) = true;
                    continue;
                }
                Told::Announced(Fact::Began { plan }) => {
                    *slot(&mut self.began, plan.txn) = (look.at, event);
                    continue;
                }
                Told::Announced(Fact::Decided { txn, decision: Decision::Abort, why }) => {
                    (txn, why)
                }
                Told::Sent(_) | Told::Announced(_) => continue,
            };
            let (at, began) = *slot(&mut self.began, *txn);
            let is_caused = match why {
                Why::No(who) => *self.no.at(*who, *txn),
                // Half the time, because a clock may run fast.
                Why::Silence(_) => {
                    let half = look.config().vote_timeout.as_nanos() / 2;
                    (look.at - at).as_nanos() >= half
                }
                Why::AllYes => false,
                Why::Deadlock
                | Why::CannotPreCommit(_)
                | Why::SilentPreCommit(_)
                | Why::Restart
                | Why::Learnt(_)
                | Why::NobodyPreCommitted
                | Why::SomebodyPreCommitted
                | Why::Quorum
                | Why::LastAgent
                | Why::Cannot(_) => continue,
            };
            self.exercised += 1;
            if !is_caused {
                let name = look.cast().name(look.node);
                let why = format!("{name} aborted {txn}, though nobody refused and all had time");
                return Err(Violation::new(why, [began, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
