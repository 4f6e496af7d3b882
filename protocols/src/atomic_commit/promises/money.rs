//! The promise that a bank cares about.

use sim_engine::{End, EventId, Look, NodeId, Promise, Reads, Violation};

use super::slot;
use crate::atomic_commit::CommitNode;
use crate::atomic_commit::facts::Fact;
use crate::atomic_commit::log::Log;
use crate::atomic_commit::txn::participants;

/// Transfers leave the sum of all accounts as it was.
#[derive(Clone, Debug, Default)]
pub struct MoneyConserved {
    transfers: Vec<Transfer>,
    /// True once something else than a transfer has changed an account.
    changed_otherwise: bool,
    exercised: u64,
}

#[derive(Clone, Debug, Default)]
struct Transfer {
    is_one: bool,
    participants: usize,
    /// By how much each participant's accounts have changed.
    moved: Vec<(NodeId, i64)>,
    event: EventId,
}

impl Promise<CommitNode> for MoneyConserved {
    fn name(&self) -> &'static str {
        "money-conserved"
    }

    fn reads(&self) -> Reads {
        Reads::Facts
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            if let Fact::Began { txn, participants, is_transfer, .. } = fact {
                let transfer = slot(&mut self.transfers, *txn);
                transfer.is_one = *is_transfer;
                transfer.participants = participants.len();
                transfer.event = event;
            }
            let Fact::Done { txn, moved: Some(amount), .. } = fact else { continue };
            let transfer = slot(&mut self.transfers, *txn);
            if !transfer.is_one {
                self.changed_otherwise |= *amount != 0;
                continue;
            }
            // Whoever lost its record in a crash commits a second time.
            transfer.moved.retain(|(node, _)| *node != look.node);
            transfer.moved.push((look.node, *amount));
            if transfer.moved.len() < transfer.participants {
                continue;
            }
            self.exercised += 1;
            let sum: i64 = transfer.moved.iter().map(|(_, amount)| amount).sum();
            if sum != 0 {
                let why = format!("{txn} has changed the sum of all accounts by {sum}");
                return Err(Violation::new(why, [transfer.event, event]));
            }
        }
        Ok(())
    }

    fn at_end(&mut self, end: &End<'_, CommitNode>) -> Result<(), Violation> {
        let logs = || participants(end.cast()).map(|(id, accounts)| (end.durable(id), accounts));
        // Half of what is in doubt may be on one disk only.
        if self.changed_otherwise || logs().any(|(log, _)| !log.doubts.is_empty()) {
            return Ok(());
        }
        let now = |log: &Log, key, before: i64| log.store.get(key).copied().unwrap_or(before);
        let pairs: Vec<(i64, i64)> = logs()
            .flat_map(|(log, accounts)| {
                accounts.iter().map(move |(key, before)| (*before, now(log, key, *before)))
            })
            .collect();
        let before: i64 = pairs.iter().map(|(before, _)| before).sum();
        let after: i64 = pairs.iter().map(|(_, after)| after).sum();
        if before != after {
            let why =
                format!("the accounts held {before} at the start and hold {after} at the end");
            return Err(Violation::new(why, []));
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
