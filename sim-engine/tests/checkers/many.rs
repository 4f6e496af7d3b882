//! Large histories are judged within few steps, also where many clients meet on few keys.

use std::collections::BTreeSet;

use sim_engine::checkers::{Answer, Call, ClientHistory, Linearizability, Model, ValueId, Verdict};

use crate::large::{Flaw, Size, history};

const SEEDS: u64 = 3_000;

fn judge(seed: u64, keys: u64, lost: u64, flaw: Flaw) -> Verdict {
    let size = Size { clients: 50, operations: 2_000, keys, lost };
    let history = history(Model::Kv, seed, size, flaw);
    let mut check = Linearizability::new(Model::Kv, &history).unwrap();
    let verdict = check.advance(40_000);
    if verdict == Verdict::Legal {
        assert!(check.order().len() >= 1_500, "the order explains everything");
    }
    verdict
}

#[test]
fn fifty_clients_on_few_keys_are_judged_within_few_steps() {
    for seed in 0..4 {
        for (keys, lost) in [(50, 0), (10, 0), (3, 0), (3, 10)] {
            assert_eq!(judge(seed, keys, lost, Flaw::None), Verdict::Legal, "{seed} {keys} {lost}");
            for flaw in [Flaw::Stale, Flaw::Invented, Flaw::Hole, Flaw::Swapped] {
                let verdict = judge(seed, keys, lost, flaw);
                assert_eq!(verdict, Verdict::Illegal, "{seed} {keys} {lost} {flaw:?}");
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_large_history_is_small() {
    let size = Size { clients: 20, operations: 400, keys: 2, lost: 0 };
    let history = history(Model::Kv, 1, size, Flaw::Stale);
    let mut check = Linearizability::new(Model::Kv, &history).unwrap();
    assert_eq!(check.advance(40_000), Verdict::Illegal);
    let finding = check.finding(1_000_000).unwrap();
    assert!(finding.longest_prefix > 20 && finding.is_minimal, "{finding:?}");
    assert!(finding.minimal.contains(&finding.refused) && finding.minimal.len() < 40);
}

/// True if some order explains a register with at most 64 operations: every set of operations and
/// state that can be reached is looked at, without any shortcut.
fn is_explained(history: &ClientHistory) -> bool {
    let all = &history.operations;
    let is_open = |at: usize| all[at].answer == Answer::Unknown;
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![(0_u64, ValueId::NIL)]);
    while let Some((done, state)) = waiting.pop() {
        let left: Vec<usize> = (0..all.len()).filter(|at| done >> at & 1 == 0).collect();
        let ends = left.iter().filter(|at| !is_open(**at)).map(|at| all[*at].ended);
        let Some(now) = ends.min() else { return true };
        for at in left.into_iter().filter(|at| all[*at].invoked <= now) {
            let after = match (all[at].call, all[at].answer) {
                (Call::Write(value), _) => value,
                (Call::Cas { from, .. }, Answer::Refused) if from != state => state,
                (Call::Cas { .. }, Answer::Refused) => continue,
                (Call::Cas { from, to }, _) if from == state => to,
                (Call::Read, Answer::Ok(said)) if said == state => state,
                (_, _) => continue,
            };
            if seen.insert((done | 1 << at, after)) {
                waiting.push((done | 1 << at, after));
            }
        }
    }
    false
}

#[test]
fn registers_of_several_clients_are_judged_as_without_any_shortcut() {
    let (mut legal, mut illegal) = (0, 0);
    for seed in 0..SEEDS {
        let (operations, clients) = (4 + usize::try_from(seed % 22).unwrap(), 2 + seed % 6);
        let size = Size { clients, operations, keys: 1, lost: seed % 4 * 12 };
        let flaw = if seed % 5 == 0 { Flaw::None } else { Flaw::Noise };
        let history = history(Model::CasRegister, seed, size, flaw);
        let mut check = Linearizability::new(Model::CasRegister, &history).unwrap();
        let verdict = check.advance(100_000);
        let is_legal = is_explained(&history);
        let expected = if is_legal { Verdict::Legal } else { Verdict::Illegal };
        assert_eq!(verdict, expected, "{seed}, {size:?}, {flaw:?}");
        assert!(is_legal || flaw == Flaw::Noise, "{seed}");
        *(if is_legal { &mut legal } else { &mut illegal }) += 1;
    }
    assert!(legal > SEEDS / 5 && illegal > SEEDS / 5, "{legal} legal, {illegal} illegal");
}

#[test]
fn what_a_register_that_keeps_its_promise_answers_is_legal() {
    for seed in 0..1_000 {
        let (operations, clients) = (4 + usize::try_from(seed % 60).unwrap(), 2 + seed % 7);
        let size = Size { clients, operations, keys: 1, lost: seed % 3 * 15 };
        let history = history(Model::CasRegister, seed, size, Flaw::None);
        let mut check = Linearizability::new(Model::CasRegister, &history).unwrap();
        assert_eq!(check.advance(100_000), Verdict::Legal, "{seed}, {size:?}");
    }
}
