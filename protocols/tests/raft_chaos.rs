//! Raft under random faults: every promise holds, and every planted bug breaks one.

mod common;

use common::chaos;
use protocols::raft::{Raft, RaftConfig};
use sim_engine::{Outcome, Protocol, Status, Stopped};

fn broken(outcome: &Outcome) -> Vec<&'static str> {
    let is_broken = |status: Status| status == Status::Violated;
    outcome.promises.iter().filter(|p| is_broken(p.status())).map(|p| p.name).collect()
}

#[test]
fn every_promise_holds_under_random_faults() {
    let profiles = [
        RaftConfig::paper(),
        RaftConfig { pre_vote: true, ..RaftConfig::paper() },
        RaftConfig { check_quorum: true, ..RaftConfig::paper() },
        RaftConfig { pre_vote: true, ..RaftConfig::etcd() },
    ];
    let mut ok = 0;
    for seed in 0..100 {
        for config in &profiles {
            let outcome = chaos(seed, config.clone(), None);
            assert_eq!(outcome.stopped, Stopped::Time, "seed {seed}, {config:?}");
            for promise in &outcome.promises {
                let status = promise.status();
                assert_ne!(status, Status::Violated, "seed {seed}, {config:?}: {promise:#?}");
            }
            ok += outcome.history.counts().ok;
        }
    }
    assert!(ok > 40_000, "only {ok} of 80,000 operations succeeded");
}

#[test]
fn every_planted_bug_breaks_a_promise_it_names() {
    let mut missed = Vec::new();
    for info in Raft::MUTANTS {
        let caught = (0..300).find_map(|seed| {
            let outcome = chaos(seed, RaftConfig::paper(), Some(info.mutant));
            let broken = broken(&outcome);
            broken
                .iter()
                .find(|name| info.breaks.contains(name))
                .map(|name| (seed, *name, broken.clone()))
        });
        println!("{:24} {caught:?}", info.mutant.0);
        missed.extend(caught.is_none().then_some(info.mutant.0));
    }
    assert!(missed.is_empty(), "nothing caught {missed:?}");
}
