//! What coordinators and participants announce.

use std::sync::Arc;

use sim_engine::{Caption, Duration, FactSpan, Key, Mark, NodeId, Slot};

use super::locks::Waiter;
use super::reasons::{By, Why};
use super::txn::{Decision, Plan, Txn};

/// Something that happened. Each is about one transaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A coordinator begins.
    Began {
        /// What, and who takes part.
        plan: Arc<Plan>,
    },
    /// A coordinator has every yes, and asks for pre-commits.
    PreCommitBegan {
        /// Of what.
        txn: Txn,
    },
    /// Whoever coordinates has decided, and the decision is as durable as it must be.
    Decided {
        /// What.
        txn: Txn,
        /// How.
        decision: Decision,
        /// Why.
        why: Why,
    },
    /// A coordinator knows that everybody knows, and forgets.
    Ended {
        /// What.
        txn: Txn,
    },
    /// A coordinator that restarted finds a transaction in its log.
    FoundInLog {
        /// What.
        txn: Txn,
        /// The decision, if there is one.
        decision: Option<Decision>,
    },
    /// A coordinator has no record of a transaction, and says what that means.
    Presumed {
        /// What.
        txn: Txn,
        /// What it means.
        decision: Decision,
        /// Who asked.
        to: NodeId,
    },
    /// Transactions wait for each other in a circle.
    Deadlock {
        /// Which.
        cycle: Vec<Txn>,
        /// The one that is aborted.
        victim: Txn,
    },
    /// A participant can do its part, and is in doubt from now on.
    Prepared {
        /// What.
        txn: Txn,
        /// True if it votes yes now; where locks are taken late it has done so before.
        votes: bool,
    },
    /// A participant that restarted finds a yes of its own in its log, and no decision: it takes
    /// its locks again, and is in doubt.
    FoundPrepared {
        /// What.
        txn: Txn,
    },
    /// A participant says that it could, without having done anything yet.
    SaidYes {
        /// What.
        txn: Txn,
    },
    /// A participant votes no.
    VotedNo {
        /// On what.
        txn: Txn,
        /// Why.
        why: &'static str,
    },
    /// A participant has only read, and is done.
    OnlyRead {
        /// In what.
        txn: Txn,
    },
    /// A participant knows that everybody has voted yes.
    PreCommitted {
        /// On what.
        txn: Txn,
    },
    /// A participant joins a quorum against a transaction.
    PreAborted {
        /// Against what.
        txn: Txn,
    },
    /// A participant knows the decision, and acts on it.
    Done {
        /// What.
        txn: Txn,
        /// How it ended.
        decision: Decision,
        /// How it knows.
        by: By,
        /// How long it was in doubt in this life, if it was.
        doubt: Option<Duration>,
        /// By how much its accounts have changed, if it made changes.
        moved: Option<i64>,
    },
    /// A participant in doubt asks.
    InDoubt {
        /// About what.
        txn: Txn,
        /// How long it has waited.
        waited: Duration,
        /// True if it has asked before.
        again: bool,
    },
    /// Everybody who answers is in doubt: nobody may decide.
    Blocked {
        /// About what.
        txn: Txn,
        /// Who answered.
        uncertain: Vec<NodeId>,
        /// Who did not.
        silent: Vec<NodeId>,
        /// True at the first of those who are in doubt: the others find the same.
        first: bool,
    },
    /// A participant has been in doubt for too long.
    DoubtExceeded {
        /// About what.
        txn: Txn,
        /// How long.
        waited: Duration,
        /// True if it was down in the meantime, and in three phases may not decide.
        was_down: bool,
    },
    /// A participant ends a transaction in place of its coordinator.
    TookOver {
        /// What.
        txn: Txn,
        /// How long it had heard nothing.
        waited: Duration,
    },
    /// Somebody has to wait for a lock.
    LockWait {
        /// Who.
        waiter: Waiter,
        /// For which key.
        key: Key,
        /// Who has it.
        holder: Txn,
    },
    /// Somebody need not wait any longer.
    LockGranted {
        /// Who.
        waiter: Waiter,
        /// For which key.
        key: Key,
    },
    /// A coordinator leaves the decision to the last agent, and is in doubt from now on.
    HandedOver {
        /// On what.
        txn: Txn,
        /// To whom.
        agent: NodeId,
        /// True if nobody else takes part.
        alone: bool,
    },
}

impl sim_engine::Fact for Fact {
    fn name(&self) -> &'static str {
        match self {
            Self::Began { .. } => "began",
            Self::PreCommitBegan { .. } => "pre-commit-began",
            Self::Decided { decision: Decision::Commit, .. } => "commit-decided",
            Self::Decided { decision: Decision::Abort, .. } => "abort-decided",
            Self::Ended { .. } => "ended",
            Self::FoundInLog { .. } => "found-in-log",
            Self::Presumed { .. } => "presumed",
            Self::Deadlock { .. } => "deadlock",
            Self::Prepared { .. } => "prepared",
            Self::FoundPrepared { .. } => "found-prepared",
            Self::SaidYes { .. } => "said-yes",
            Self::VotedNo { .. } => "voted-no",
            Self::OnlyRead { .. } => "only-read",
            Self::PreCommitted { .. } => "pre-committed",
            Self::PreAborted { .. } => "pre-aborted",
            Self::Done { decision: Decision::Commit, .. } => "committed",
            Self::Done { decision: Decision::Abort, .. } => "aborted",
            Self::InDoubt { .. } => "in-doubt",
            Self::Blocked { .. } => "blocked",
            Self::DoubtExceeded { .. } => "doubt-exceeded",
            Self::TookOver { .. } => "took-over",
            Self::LockWait { .. } => "lock-wait",
            Self::LockGranted { .. } => "lock-granted",
            Self::HandedOver { .. } => "handed-over",
        }
    }

    fn details(&self) -> Vec<(&'static str, Slot)> {
        let mut details = Vec::new();
        if let Some(txn) = self.txn() {
            details.push(("txn", text(txn)));
        }
        details.extend(self.more());
        details
    }

    fn weight(&self) -> u8 {
        match self {
            Self::Blocked { first: true, .. } => 80,
            Self::Decided { .. }
            | Self::TookOver { .. }
            | Self::Deadlock { .. }
            | Self::HandedOver { .. } => 75,
            Self::VotedNo { .. }
            | Self::FoundInLog { .. }
            | Self::FoundPrepared { .. }
            | Self::Presumed { .. }
            | Self::Done { by: By::Peer(_) | By::Timeout, .. } => 72,
            Self::LockWait { .. } => 66,
            Self::InDoubt { again: false, .. } => 62,
            Self::Began { .. }
            | Self::PreCommitBegan { .. }
            | Self::Prepared { votes: true, .. } => 60,
            Self::PreAborted { .. } | Self::Done { .. } | Self::SaidYes { .. } => 50,
            Self::PreCommitted { .. }
            | Self::LockGranted { .. }
            | Self::Prepared { votes: false, .. } => 45,
            Self::Blocked { first: false, .. } | Self::DoubtExceeded { .. } => 40,
            Self::OnlyRead { .. } => 30,
            Self::Ended { .. } | Self::InDoubt { again: true, .. } => 0,
        }
    }

    fn caption(&self) -> Option<Caption> {
        super::captions::of(self)
    }

    fn mark(&self) -> Mark {
        if matches!(self, Self::LockWait { .. }) { Mark::Waits("lock") } else { Mark::None }
    }

    /// From its yes to the decision a participant is blocked: in doubt, with its locks held.
    fn span(&self) -> Option<FactSpan> {
        let span = |txn: &Txn, is_on| FactSpan { name: "blocked_ms", key: u64::from(txn.0), is_on };
        if let Self::Prepared { txn, .. } | Self::FoundPrepared { txn } = self {
            Some(span(txn, true))
        } else if let Self::Done { txn, doubt: Some(_), .. } = self {
            Some(span(txn, false))
        } else {
            None
        }
    }
}

impl Fact {
    /// The transaction it is about, if it is about one.
    pub fn txn(&self) -> Option<Txn> {
        match self {
            Self::Began { plan } => Some(plan.txn),
            Self::PreCommitBegan { txn }
            | Self::Decided { txn, .. }
            | Self::Ended { txn }
            | Self::FoundInLog { txn, .. }
            | Self::Presumed { txn, .. }
            | Self::Deadlock { victim: txn, .. }
            | Self::Prepared { txn, .. }
            | Self::FoundPrepared { txn }
            | Self::SaidYes { txn }
            | Self::VotedNo { txn, .. }
            | Self::OnlyRead { txn }
            | Self::PreCommitted { txn }
            | Self::PreAborted { txn }
            | Self::Done { txn, .. }
            | Self::InDoubt { txn, .. }
            | Self::Blocked { txn, .. }
            | Self::DoubtExceeded { txn, .. }
            | Self::TookOver { txn, .. }
            | Self::HandedOver { txn, .. } => Some(*txn),
            Self::LockWait { .. } | Self::LockGranted { .. } => None,
        }
    }

    fn more(&self) -> Vec<(&'static str, Slot)> {
        match self {
            Self::Began { plan } => {
                let participants = Slot::Nodes(plan.participants().collect());
                vec![("participants", participants), ("what", text(plan.operation))]
            }
            Self::Decided { why, .. } => vec![("why", text(why.word()))],
            Self::FoundInLog { decision, .. } => {
                let found = decision.map_or_else(|| "undecided".to_owned(), |d| d.to_string());
                vec![("decision", Slot::Text(found))]
            }
            Self::Presumed { decision, to, .. } => {
                vec![("decision", text(decision)), ("to", Slot::Node(*to))]
            }
            Self::HandedOver { agent, .. } => vec![("agent", Slot::Node(*agent))],
            Self::Deadlock { cycle, .. } => vec![("cycle", text(list(cycle)))],
            Self::VotedNo { why, .. } => vec![("why", text(why))],
            Self::Done { by, .. } => by.details(),
            Self::InDoubt { waited, .. }
            | Self::DoubtExceeded { waited, .. }
            | Self::TookOver { waited, .. } => vec![("waited", Slot::Time(*waited))],
            Self::Blocked { uncertain, silent, .. } => vec![
                ("uncertain", Slot::Nodes(uncertain.clone())),
                ("silent", Slot::Nodes(silent.clone())),
            ],
            Self::LockWait { waiter, key, holder } => {
                vec![("waiter", text(waiter.txn())), ("key", text(key)), ("holder", text(holder))]
            }
            Self::LockGranted { waiter, key } => {
                vec![("waiter", text(waiter.txn())), ("key", text(key))]
            }
            Self::PreCommitBegan { .. }
            | Self::Ended { .. }
            | Self::Prepared { .. }
            | Self::FoundPrepared { .. }
            | Self::SaidYes { .. }
            | Self::OnlyRead { .. }
            | Self::PreCommitted { .. }
            | Self::PreAborted { .. } => Vec::new(),
        }
    }
}

pub(super) fn text(what: impl std::fmt::Display) -> Slot {
    Slot::Text(what.to_string())
}

/// `T1, T3`.
pub(super) fn list(txns: &[Txn]) -> String {
    txns.iter().map(Txn::to_string).collect::<Vec<_>>().join(", ")
}

const COMMON: [&str; 20] = [
    "began",
    "commit-decided",
    "abort-decided",
    "ended",
    "found-in-log",
    "presumed",
    "deadlock",
    "prepared",
    "voted-no",
    "only-read",
    "committed",
    "aborted",
    "in-doubt",
    "blocked",
    "doubt-exceeded",
    "lock-wait",
    "lock-granted",
    "found-prepared",
    "took-over",
    "said-yes",
];

/// The names of all facts of two phases: in the place of the first that only three have, the one
/// that only two have.
pub(super) const NAMES_2: &[&str] = &{
    let mut names = [""; 19];
    let mut n = 0;
    while n < names.len() {
        names[n] = COMMON[n];
        n += 1;
    }
    names[18] = "handed-over";
    names
};

/// The names of all facts of three phases.
pub(super) const NAMES_3: &[&str] = &{
    let mut names = [""; 23];
    let mut n = 0;
    while n < COMMON.len() {
        names[n] = COMMON[n];
        n += 1;
    }
    names[20] = "pre-commit-began";
    names[21] = "pre-committed";
    names[22] = "pre-aborted";
    names
};
