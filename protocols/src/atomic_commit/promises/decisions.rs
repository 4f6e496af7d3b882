//! Promises about what is decided.

use sim_engine::{EventId, Look, NodeId, Promise, Reads, Violation};

use super::{Table, Told, slot, told};
use crate::atomic_commit::facts::Fact;
use crate::atomic_commit::message::{Message, Vote};
use crate::atomic_commit::txn::{Decision, Txn};
use crate::atomic_commit::{CommitNode, Config};

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
        | Fact::FoundPrepared { .. }
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
        | Fact::LockGranted { .. }
        | Fact::HandedOver { .. } => None,
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

    fn reads(&self, _: &Config) -> Reads {
        Reads::FACTS
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
    made: Table<Option<(Decision, EventId)>>,
    exercised: u64,
}

impl Finality {
    fn state(
        &mut self,
        look: &Look<'_, CommitNode>,
        event: EventId,
        (txn, decision): (Txn, Decision),
    ) -> Result<(), Violation> {
        let made = self.made.at(look.node, txn);
        let Some((earlier, first)) = *made else {
            *made = Some((decision, event));
            return Ok(());
        };
        self.exercised += 1;
        if earlier == decision {
            return Ok(());
        }
        let name = look.cast().name(look.node);
        let why =
            format!("{name} had decided to {earlier} {txn}, and now decides to {decision} it");
        Err(Violation::new(why, [first, event]))
    }
}

impl Promise<CommitNode> for Finality {
    fn name(&self) -> &'static str {
        "finality"
    }

    fn reads(&self, _: &Config) -> Reads {
        Reads::MESSAGES.and(Reads::FACTS)
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, told) in told(look) {
            let stated = match told {
                Told::Announced(fact) => decision(fact),
                Told::Sent(Message::Commit(txn)) => Some((*txn, Decision::Commit)),
                Told::Sent(Message::Abort(txn)) => Some((*txn, Decision::Abort)),
                Told::Sent(Message::Decided { txn, decision, .. }) => Some((*txn, *decision)),
                Told::Sent(_) => None,
            };
            if let Some(stated) = stated {
                self.state(look, event, stated)?;
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
    /// The yes of each node.
    bound: Table<Option<EventId>>,
    /// Who has decided to commit, and who to abort.
    commits: Vec<Deciders>,
    aborts: Vec<Deciders>,
    exercised: u64,
}

/// Who has decided a transaction one way: the first, and whether there is another.
#[derive(Clone, Copy, Debug, Default)]
struct Deciders {
    first: Option<NodeId>,
    is_shared: bool,
}

impl Deciders {
    fn add(&mut self, node: NodeId) {
        self.is_shared |= self.first.is_some_and(|first| first != node);
        self.first.get_or_insert(node);
    }

    fn has_another_than(self, node: NodeId) -> bool {
        self.is_shared || self.first.is_some_and(|first| first != node)
    }
}

impl Promise<CommitNode> for NoChoiceAfterYes {
    fn name(&self) -> &'static str {
        "no-choice-after-yes"
    }

    fn reads(&self, _: &Config) -> Reads {
        Reads::MESSAGES.and(Reads::FACTS)
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, told) in told(look) {
            let fact = match told {
                // Whoever leaves the decision to another has voted yes with that.
                Told::Sent(Message::Decide(plan)) => {
                    *self.bound.at(look.node, plan.txn) = Some(event);
                    continue;
                }
                Told::Sent(Message::Vote { txn, vote: Vote::Yes(_) }) => {
                    *self.bound.at(look.node, *txn) = Some(event);
                    continue;
                }
                Told::Sent(_) => continue,
                Told::Announced(fact) => fact,
            };
            let made = if let Fact::Presumed { txn, decision, .. } = fact {
                Some((*txn, *decision))
            } else {
                decision(fact)
            };
            let Some((txn, decision)) = made else { continue };
            let table = match decision {
                Decision::Commit => &mut self.commits,
                Decision::Abort => &mut self.aborts,
            };
            let deciders = slot(table, txn);
            let is_own = matches!(fact, Fact::Done { .. } | Fact::Decided { .. });
            if let Some(vote) = self.bound.at(look.node, txn).filter(|_| is_own) {
                self.exercised += 1;
                // Whoever failed between its record and its announcement has decided, too.
                let is_written = |id: NodeId| look.durable(id).decision(txn) == Some(decision);
                let mut others = look.cast().ids().filter(|id| *id != look.node);
                if !deciders.has_another_than(look.node) && !others.any(is_written) {
                    let name = look.cast().name(look.node);
                    let why = format!(
                        "{name} voted yes on {txn} and decided to {decision} it before anybody \
                         else had"
                    );
                    return Err(Violation::new(why, [vote, event]));
                }
            }
            deciders.add(look.node);
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
