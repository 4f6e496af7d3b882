//! Atomic commit: AC1 to AC5 over a history of votes and decisions (Bernstein, Hadzilacos and
//! Goodman, "Concurrency Control and Recovery in Database Systems", 1987, section 7.3).

use std::collections::BTreeMap;

use super::linearizability::Verdict;

/// What a site did in one transaction, in the order in which it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitStep {
    /// It takes part; every participant is named before it votes.
    TakesPart,
    /// It votes.
    Votes {
        /// True for yes.
        yes: bool,
    },
    /// It decides.
    Decides {
        /// True to commit.
        commit: bool,
    },
    /// It failed, or could not be reached in time.
    Fails,
    /// It is repaired for good, and can reach everybody.
    Repaired,
}

/// One event of a decision history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitEvent {
    /// The transaction.
    pub txn: u64,
    /// The site.
    pub site: u64,
    /// What it did.
    pub step: CommitStep,
}

/// One of the five rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CommitRule {
    /// AC1: all who decide decide the same.
    Agreement,
    /// AC2: nobody reverses a decision.
    Finality,
    /// AC3: commit only if all voted yes.
    Unanimity,
    /// AC4: if nothing fails and all vote yes, commit.
    NonTriviality,
    /// AC5: once all failures are repaired, everybody decides.
    Termination,
}

impl CommitRule {
    /// Every rule, AC1 first.
    pub const ALL: [Self; 5] =
        [Self::Agreement, Self::Finality, Self::Unanimity, Self::NonTriviality, Self::Termination];
}

/// Why a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitBreach {
    /// Which rule.
    pub rule: CommitRule,
    /// The transaction.
    pub txn: u64,
    /// The events that show it, by their places in the history.
    pub witness: Vec<usize>,
}

/// A check of a decision history that has come to its end: nothing happens after its last event.
///
/// ```
/// use sim_engine::checkers::{AtomicCommit, CommitEvent, CommitRule, CommitStep, Verdict};
/// let event = |site, step| CommitEvent { txn: 1, site, step };
/// let yes = CommitStep::Votes { yes: true };
/// let check = AtomicCommit::new(&[
///     event(1, CommitStep::TakesPart),
///     event(2, CommitStep::TakesPart),
///     event(1, yes),
///     event(2, yes),
///     event(1, CommitStep::Decides { commit: true }),
///     event(2, CommitStep::Decides { commit: false }),
/// ]);
/// assert_eq!(check.verdict(), Verdict::Illegal);
/// assert_eq!(check.breaches[0].rule, CommitRule::Agreement);
/// assert_eq!(check.breaches[0].witness, [4, 5]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtomicCommit {
    /// Every broken rule of every transaction, with the first events that show it.
    pub breaches: Vec<CommitBreach>,
    /// How many transactions there are.
    pub transactions: usize,
}

/// What is known of one transaction. Events are places in the history.
#[derive(Clone, Debug, Default)]
struct Ballot {
    participants: Vec<u64>,
    /// Of each site its vote, and its decisions, with their events.
    votes: BTreeMap<u64, (bool, usize)>,
    decisions: Vec<(u64, bool, usize)>,
    last: usize,
    failed: Vec<u64>,
    has_failed: bool,
}

impl AtomicCommit {
    /// Judges a history.
    pub fn new(events: &[CommitEvent]) -> Self {
        let mut ballots: BTreeMap<u64, Ballot> = BTreeMap::new();
        for (at, event) in events.iter().enumerate() {
            let ballot = ballots.entry(event.txn).or_default();
            let site = event.site;
            ballot.last = at;
            match event.step {
                CommitStep::TakesPart => ballot.participants.push(site),
                CommitStep::Votes { yes } => {
                    ballot.votes.entry(site).or_insert((yes, at));
                }
                CommitStep::Decides { commit } => ballot.decisions.push((site, commit, at)),
                CommitStep::Fails => {
                    ballot.has_failed = true;
                    ballot.failed.push(site);
                }
                CommitStep::Repaired => ballot.failed.retain(|other| *other != site),
            }
        }
        let transactions = ballots.len();
        let mut breaches = Vec::new();
        for (txn, ballot) in &ballots {
            for rule in CommitRule::ALL {
                let witness = ballot.breach(rule);
                breaches.extend(witness.map(|witness| CommitBreach { rule, txn: *txn, witness }));
            }
        }
        Self { breaches, transactions }
    }

    /// Legal if no rule is broken.
    pub fn verdict(&self) -> Verdict {
        if self.breaches.is_empty() { Verdict::Legal } else { Verdict::Illegal }
    }

    /// True if this rule is broken in some transaction.
    pub fn breaks(&self, rule: CommitRule) -> bool {
        self.breaches.iter().any(|breach| breach.rule == rule)
    }
}

impl Ballot {
    /// The events that break a rule, if it is broken.
    fn breach(&self, rule: CommitRule) -> Option<Vec<usize>> {
        match rule {
            CommitRule::Agreement => self.pair(|one, other| one != other),
            CommitRule::Finality => self.pair(|one, other| one == other),
            CommitRule::Unanimity => {
                let (.., commit) = self.decisions.iter().find(|(_, commit, _)| *commit)?;
                let is_yes = |site| self.votes.get(site).filter(|(yes, at)| *yes && at < commit);
                let missing = self.participants.iter().find(|site| is_yes(site).is_none())?;
                let vote = self.votes.get(missing).map(|(_, at)| *at);
                Some(vote.into_iter().chain([*commit]).collect())
            }
            CommitRule::NonTriviality => {
                let all_yes = self
                    .participants
                    .iter()
                    .all(|site| self.votes.get(site).is_some_and(|(yes, _)| *yes));
                let (.., abort) = self.decisions.iter().find(|(_, commit, _)| !commit)?;
                (all_yes && !self.has_failed).then(|| vec![*abort])
            }
            CommitRule::Termination => {
                let has_decided = |site: &u64| self.decisions.iter().any(|(who, ..)| who == site);
                let is_open = !self.participants.iter().all(has_decided);
                (is_open && self.failed.is_empty()).then(|| vec![self.last])
            }
        }
    }

    /// Two different decisions, by sites of which `is_meant` says yes.
    fn pair(&self, is_meant: impl Fn(u64, u64) -> bool) -> Option<Vec<usize>> {
        self.decisions.iter().enumerate().find_map(|(n, (site, commit, at))| {
            let mut before = self.decisions[..n].iter();
            let is_other =
                |(other, said, _): &&(u64, bool, usize)| said != commit && is_meant(*other, *site);
            before.find(is_other).map(|(.., first)| vec![*first, *at])
        })
    }
}
