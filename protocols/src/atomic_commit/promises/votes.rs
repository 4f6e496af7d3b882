//! Promises about what a decision rests on.

use sim_engine::{EventId, Instant, Look, NodeId, Promise, Reads, Violation};

use super::slot;
use crate::atomic_commit::CommitNode;
use crate::atomic_commit::facts::Fact;
use crate::atomic_commit::message::{Message, Vote};
use crate::atomic_commit::reasons::Why;
use crate::atomic_commit::txn::Decision;

/// What is known of the votes on one transaction.
#[derive(Clone, Debug, Default)]
struct Ballot {
    /// Who takes part, and when it began.
    participants: Vec<NodeId>,
    began: Instant,
    event: EventId,
    yes: Vec<NodeId>,
    no: Vec<NodeId>,
}

/// Every vote of a run.
#[derive(Clone, Debug, Default)]
struct Ballots(Vec<Ballot>);

impl Ballots {
    fn look(&mut self, look: &Look<'_, CommitNode>) {
        for (_, _, message) in look.sent() {
            let Message::Vote { txn, vote } = message else { continue };
            let ballot = slot(&mut self.0, *txn);
            match vote {
                Vote::Yes(_) | Vote::Read(_) => ballot.yes.push(look.node),
                Vote::No(_) => ballot.no.push(look.node),
            }
        }
        for (event, fact) in look.facts() {
            let Fact::Began { txn, participants, .. } = fact else { continue };
            let ballot = slot(&mut self.0, *txn);
            (ballot.began, ballot.event) = (look.at, event);
            ballot.participants.clone_from(participants);
        }
    }
}

/// A transaction commits only if every participant voted yes (AC3).
#[derive(Clone, Debug, Default)]
pub struct Unanimity {
    ballots: Ballots,
    exercised: u64,
}

impl Promise<CommitNode> for Unanimity {
    fn name(&self) -> &'static str {
        "unanimity"
    }

    fn reads(&self) -> Reads {
        Reads::Released
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        self.ballots.look(look);
        for (event, fact) in look.facts() {
            let (Fact::Decided { txn, decision: Decision::Commit, .. }
            | Fact::Done { txn, decision: Decision::Commit, .. }) = fact
            else {
                continue;
            };
            let ballot = slot(&mut self.ballots.0, *txn);
            self.exercised += 1;
            let missing = ballot.participants.iter().find(|id| !ballot.yes.contains(id));
            if let Some(missing) = missing {
                let (name, missing) = (look.cast().name(look.node), look.cast().name(*missing));
                let why = format!("{name} decided to commit {txn}; {missing} had not voted yes");
                return Err(Violation::new(why, [ballot.event, event]));
            }
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
    ballots: Ballots,
    exercised: u64,
}

impl Promise<CommitNode> for AbortHasCause {
    fn name(&self) -> &'static str {
        "abort-has-cause"
    }

    fn reads(&self) -> Reads {
        Reads::Released
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        self.ballots.look(look);
        for (event, fact) in look.facts() {
            let Fact::Decided { txn, decision: Decision::Abort, why } = fact else { continue };
            let ballot = slot(&mut self.ballots.0, *txn);
            let is_caused = match why {
                Why::No(who) => ballot.no.contains(who),
                // Half the time, because a clock may run fast.
                Why::Silence(_) => {
                    let half = look.config().vote_timeout.as_nanos() / 2;
                    (look.at - ballot.began).as_nanos() >= half
                }
                Why::AllYes => false,
                Why::Deadlock
                | Why::CannotPreCommit(_)
                | Why::SilentPreCommit(_)
                | Why::Restart
                | Why::Learnt(_)
                | Why::NobodyPreCommitted
                | Why::SomebodyPreCommitted
                | Why::Quorum => continue,
            };
            self.exercised += 1;
            if !is_caused {
                let name = look.cast().name(look.node);
                let why = format!("{name} aborted {txn}, though nobody refused and all had time");
                return Err(Violation::new(why, [ballot.event, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
