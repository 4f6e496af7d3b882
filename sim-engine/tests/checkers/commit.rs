//! Atomic commit: each rule kept, and each broken alone.

use sim_engine::checkers::{AtomicCommit, CommitEvent, CommitRule, CommitStep, Verdict};

const YES: CommitStep = CommitStep::Votes { yes: true };
const NO: CommitStep = CommitStep::Votes { yes: false };
const COMMIT: CommitStep = CommitStep::Decides { commit: true };
const ABORT: CommitStep = CommitStep::Decides { commit: false };

/// The rules that the steps of sites 1 and 2 break.
fn broken(steps: &[(u64, CommitStep)]) -> Vec<CommitRule> {
    let both = [(1, CommitStep::TakesPart), (2, CommitStep::TakesPart)];
    let all = both.iter().chain(steps);
    let events: Vec<_> =
        all.map(|(site, step)| CommitEvent { txn: 7, site: *site, step: *step }).collect();
    let check = AtomicCommit::new(&events);
    assert_eq!(check.verdict() == Verdict::Legal, check.breaches.is_empty());
    assert!(check.breaches.iter().all(|breach| breach.witness.iter().all(|at| *at < events.len())));
    CommitRule::ALL.into_iter().filter(|rule| check.breaks(*rule)).collect()
}

#[test]
fn what_commits_or_aborts_as_it_should_is_legal() {
    assert_eq!(broken(&[(1, YES), (2, YES), (1, COMMIT), (2, COMMIT)]), []);
    assert_eq!(broken(&[(1, YES), (2, NO), (1, ABORT), (2, ABORT)]), []);
    // A failure is a reason to abort, and whoever is down need not decide.
    assert_eq!(broken(&[(1, YES), (2, YES), (2, CommitStep::Fails), (1, ABORT)]), []);
}

#[test]
fn each_rule_can_be_broken_alone() {
    use CommitRule::{Agreement, Finality, NonTriviality, Termination, Unanimity};
    let down = CommitStep::Fails;
    let up = CommitStep::Repaired;
    let decided = [(1, COMMIT), (2, ABORT)];
    assert_eq!(
        broken(&[&[(1, YES), (2, YES), (2, down), (2, up)][..], &decided].concat()),
        [Agreement]
    );
    let twice = [(1, YES), (2, YES), (2, down), (2, COMMIT), (2, COMMIT), (1, COMMIT)];
    assert_eq!(broken(&twice), []);
    let turned = [(1, YES), (2, YES), (1, down), (1, up), (1, ABORT), (1, COMMIT), (2, COMMIT)];
    assert_eq!(broken(&turned), [Agreement, Finality]);
    assert_eq!(broken(&[(1, YES), (2, NO), (1, COMMIT), (2, COMMIT)]), [Unanimity]);
    // A vote that comes after the decision is none.
    assert_eq!(broken(&[(1, YES), (1, COMMIT), (2, YES), (2, COMMIT)]), [Unanimity]);
    assert_eq!(broken(&[(1, YES), (2, YES), (1, ABORT), (2, ABORT)]), [NonTriviality]);
    assert_eq!(broken(&[(1, YES), (2, YES), (1, COMMIT)]), [Termination]);
    assert_eq!(broken(&[(1, YES), (2, YES), (1, COMMIT), (2, down)]), []);
    assert_eq!(broken(&[(1, YES), (2, YES), (1, COMMIT), (2, down), (2, up)]), [Termination]);
}

#[test]
fn transactions_are_judged_without_each_other() {
    let event = |txn, site, step| CommitEvent { txn, site, step };
    let check = AtomicCommit::new(&[
        event(1, 1, CommitStep::TakesPart),
        event(2, 1, CommitStep::TakesPart),
        event(1, 1, YES),
        event(2, 1, NO),
        event(1, 1, COMMIT),
        event(2, 1, COMMIT),
    ]);
    assert_eq!(check.transactions, 2);
    let found: Vec<_> = check.breaches.iter().map(|b| (b.txn, b.rule)).collect();
    assert_eq!(found, [(2, CommitRule::Unanimity)]);
    assert_eq!(check.breaches[0].witness, [3, 5]);
}
