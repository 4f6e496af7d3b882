//! Large histories are judged within few steps, also where many clients meet on few keys.

use sim_engine::checkers::{Linearizability, Model, Verdict};

use crate::large::{Flaw, Size, history};

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
