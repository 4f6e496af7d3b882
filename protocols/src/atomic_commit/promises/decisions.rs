//! Promises about what is decided.

use sim_engine::{EventId, Look, NodeId, Promise, Reads, Violation};

use super::slot;
use crate::atomic_commit::CommitNode;
use crate::atomic_commit::facts::Fact;
use crate::atomic_commit::message::{Message, Vote};
use crate::atomic_commit::txn::{Decision, Txn};

/// A decision somebody made.
#[derive(Clone, Copy, Debug)]
struct Made {
    by: NodeId,
    decision: Decision,
    event: EventId,
}

/// The decision a fact tells of.
fn decision(fact: &Fact) -> Option<(Txn, Decision)> {
    match fact {
        Fact::Decided { txn, decision, .. }
        | Fact::Done { txn, decision, .. }
        | Fact::FoundInLog { txn, decision: Some(decision) } => Some((*txn, *decision)),
        Fact::Began { .. }
        | Fact::PreCommitBegan { .. }
        | Fact::Ended { .. }
        | Fact::FoundInLog { decision: None, .. }
        | Fact::Presumed { .. }
        | Fact::Deadlock { .. }
        | Fact::Prepared { .. }
        | Fact::SaidYes { .. }
        | Fact::VotedNo { .. }
        | Fact::OnlyRead { .. }
        | Fact::PreCommitted { .. }
        | Fact::PreAborted { .. }
        | Fact::InDoubt { .. }
        | Fact::Blocked { .. }
        | Fact::DoubtExceeded { .. }
        | Fact::TookOver { .. }
        | Fact::LockWait { .. }
        | Fact::LockGranted { .. } => None,
    }
}

/// All who decide a transaction decide the same (AC1).
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    first: Vec<Option<Made>>,
    exercised: u64,
}

impl Promise<CommitNode> for Agreement {
    fn name(&self) -> &'static str {
        "agreement"
    }

    fn reads(&self) -> Reads {
        Reads::Facts
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            let Some((txn, decision)) = decision(fact) else { continue };
            let first = slot(&mut self.first, txn);
            let Some(first) = *first else {
                *first = Some(Made { by: look.node, decision, event });
                continue;
            };
            self.exercised += u64::from(first.by != look.node);
            if first.decision != decision {
                let (one, two) = (look.cast().name(first.by), look.cast().name(look.node));
                let why = format!(
                    "{one} decided to {} {txn}, and {two} to {decision} it",
                    first.decision
                );
                return Err(Violation::new(why, [first.event, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// Nobody reverses a decision, not even across crashes (AC2). What counts is what it announces and
/// what it tells others to do.
#[derive(Clone, Debug, Default)]
pub struct Finality {
    made: Vec<Vec<Made>>,
    exercised: u64,
}

impl Finality {
    fn state(
        &mut self,
        look: &Look<'_, CommitNode>,
        event: EventId,
        (txn, decision): (Txn, Decision),
    ) -> Result<(), Violation> {
        let made = slot(&mut self.made, txn);
        let Some(earlier) = made.iter().find(|made| made.by == look.node) else {
            made.push(Made { by: look.node, decision, event });
            return Ok(());
        };
        self.exercised += 1;
        if earlier.decision == decision {
            return Ok(());
        }
        let name = look.cast().name(look.node);
        let why = format!(
            "{name} had decided to {} {txn}, and now decides to {decision} it",
            earlier.decision
        );
        Err(Violation::new(why, [earlier.event, event]))
    }
}

impl Promise<CommitNode> for Finality {
    fn name(&self) -> &'static str {
        "finality"
    }

    fn reads(&self) -> Reads {
        Reads::Released
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            if let Some(stated) = decision(fact) {
                self.state(look, event, stated)?;
            }
        }
        for (event, _, message) in look.sent() {
            match message {
                Message::Commit(txn) => self.state(look, event, (*txn, Decision::Commit))?,
                Message::Abort(txn) => self.state(look, event, (*txn, Decision::Abort))?,
                Message::Begin { .. }
                | Message::Outcome { .. }
                | Message::Read { .. }
                | Message::Value { .. }
                | Message::Prepare(_)
                | Message::CanCommit(_)
                | Message::Vote { .. }
                | Message::PreCommit(_)
                | Message::PreAbort(_)
                | Message::PreAck { .. }
                | Message::Ack(_)
                | Message::Inquire { .. }
                | Message::State { .. }
                | Message::Waits { .. } => {}
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// Whoever voted yes decides only what somebody else has decided before (AC6).
#[derive(Clone, Debug, Default)]
pub struct NoChoiceAfterYes {
    seen: Vec<Seen>,
    exercised: u64,
}

/// What is known of one transaction.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// Who voted yes.
    bound: Vec<(NodeId, EventId)>,
    /// Who was free to decide, and how it did.
    free: Vec<(NodeId, Decision)>,
}

impl Promise<CommitNode> for NoChoiceAfterYes {
    fn name(&self) -> &'static str {
        "no-choice-after-yes"
    }

    fn reads(&self) -> Reads {
        Reads::Released
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, _, message) in look.sent() {
            if let Message::Vote { txn, vote: Vote::Yes(_) } = message {
                slot(&mut self.seen, *txn).bound.push((look.node, event));
            }
        }
        for (event, fact) in look.facts() {
            let made = if let Fact::Presumed { txn, decision, .. } = fact {
                Some((*txn, *decision))
            } else {
                decision(fact)
            };
            let Some((txn, decision)) = made else { continue };
            let seen = slot(&mut self.seen, txn);
            let bound = seen.bound.iter().find(|(node, _)| *node == look.node);
            if let (Some((_, vote)), Fact::Done { .. }) = (bound, fact) {
                self.exercised += 1;
                let is_told = seen.free.iter().any(|(by, d)| *by != look.node && *d == decision);
                if !is_told {
                    let name = look.cast().name(look.node);
                    let why = format!(
                        "{name} voted yes on {txn} and decided to {decision} it before anybody \
                         else had"
                    );
                    return Err(Violation::new(why, [*vote, event]));
                }
            }
            if !seen.free.contains(&(look.node, decision)) {
                seen.free.push((look.node, decision));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
