//! The promise that a bank cares about.

use sim_engine::{End, EventId, Look, Promise, Reads, Violation};

use super::{Table, slot};
use crate::atomic_commit::directory::participants;
use crate::atomic_commit::facts::Fact;
use crate::atomic_commit::log::Log;
use crate::atomic_commit::{CommitNode, Config};

/// Transfers leave the sum of all accounts as it was.
#[derive(Clone, Debug, Default)]
pub struct MoneyConserved {
    transfers: Vec<Transfer>,
    /// By how much each participant's accounts have changed.
    moved: Table<Option<i64>>,
    /// True once something else than a transfer has changed an account.
    changed_otherwise: bool,
    exercised: u64,
}

/// What is known of one transaction.
#[derive(Clone, Copy, Debug, Default)]
struct Transfer {
    is_one: bool,
    /// How many participants have not said by how much their accounts have changed.
    missing: usize,
    /// By how much the others' have changed.
    sum: i64,
    event: EventId,
}

impl Promise<CommitNode> for MoneyConserved {
    fn name(&self) -> &'static str {
        "money-conserved"
    }

    fn reads(&self, _: &Config) -> Reads {
        Reads::FACTS
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            if let Fact::Began { plan } = fact {
                let (is_one, missing) = (plan.is_transfer(), plan.branches.len());
                *slot(&mut self.transfers, plan.txn) = Transfer { is_one, missing, sum: 0, event };
            }
            let Fact::Done { txn, moved: Some(amount), .. } = fact else { continue };
            let transfer = slot(&mut self.transfers, *txn);
            if !transfer.is_one {
                self.changed_otherwise |= *amount != 0;
                continue;
            }
            // Whoever lost its record in a crash commits a second time.
            let before = self.moved.at(look.node, *txn).replace(*amount);
            transfer.missing = transfer.missing.saturating_sub(usize::from(before.is_none()));
            transfer.sum += amount - before.unwrap_or(0);
            if transfer.missing > 0 {
                continue;
            }
            self.exercised += 1;
            if transfer.sum != 0 {
                let sum = transfer.sum;
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
