//! Raft under random faults: every promise holds, and every planted bug breaks one.

#[path = "common/awake.rs"]
mod awake;
mod common;
#[path = "common/weather.rs"]
mod weather;
use protocols::raft::{Raft, RaftConfig, Reads};
use sim_engine::{MutantClass, MutantInfo, Protocol, Status, Stopped};
use weather::{Weather, chaos, chaos_spec};

/// Promises of progress are put to the test and broken in `raft_liveness.rs`.
const OF_PROGRESS: [&str; 5] = [
    "leader-emerges",
    "requests-answered",
    "followers-catch-up",
    "rejoin-keeps-term",
    "leader-hears-majority",
];

/// True for a bug that breaks nothing but promises of progress.
fn only_slows(info: &MutantInfo) -> bool {
    !info.breaks.is_empty() && info.breaks.iter().all(|name| OF_PROGRESS.contains(name))
}

#[test]
fn every_promise_holds_under_random_faults() {
    let profiles = [
        RaftConfig::paper(),
        RaftConfig { pre_vote: true, ..RaftConfig::paper() },
        RaftConfig { check_quorum: true, ..RaftConfig::paper() },
        RaftConfig { pre_vote: true, ..RaftConfig::etcd() },
        RaftConfig { check_quorum: true, reads: Reads::Lease, ..RaftConfig::paper() },
    ];
    let mut ok = 0;
    for seed in 0..64 {
        let usual = profiles.iter().map(|config| Weather::usual(config.clone()));
        let others = [Weather::of(seed), Weather::of(seed % 5 + 4)];
        for weather in usual.chain(others) {
            let outcome = chaos(seed, &weather, None);
            assert_eq!(outcome.stopped, Stopped::Time, "seed {seed}, {weather:?}");
            for promise in &outcome.promises {
                let status = promise.status();
                assert_ne!(status, Status::Violated, "seed {seed}, {weather:?}: {promise:#?}");
            }
            ok += outcome.history.counts().ok;
        }
    }
    assert!(ok > 25_000, "only {ok} of 60,000 operations succeeded");
}

#[test]
fn every_promise_is_put_to_the_test_under_random_faults() {
    let mut exercised = vec![0; Raft::PROMISES.len()];
    for seed in 0..20 {
        let outcome = chaos(seed, &Weather::of(seed), None);
        for (sum, promise) in exercised.iter_mut().zip(&outcome.promises) {
            *sum += promise.exercised;
        }
    }
    for (n, info) in exercised.iter().zip(Raft::PROMISES) {
        if OF_PROGRESS.contains(&info.name) {
            continue;
        }
        assert!(*n > 20, "`{}` was put to the test {n} times in 20 seeds", info.name);
    }
}

/// The first seed in which a bug breaks a promise that it is known to break, and that promise.
fn caught(info: &MutantInfo) -> Option<(u64, &'static str)> {
    (0..2_000).find_map(|seed| {
        let outcome = chaos(seed, &Weather::of(seed), Some(info.mutant));
        let is_meant = |name: &&str| info.breaks.is_empty() || info.breaks.contains(name);
        let broken = outcome.promises.iter().filter(|p| p.status() == Status::Violated);
        broken.map(|promise| promise.name).find(is_meant).map(|name| (seed, name))
    })
}

#[test]
fn every_planted_bug_breaks_a_promise_it_names() {
    let mut missed = Vec::new();
    for info in Raft::MUTANTS.iter().filter(|info| !only_slows(info)) {
        let first = caught(info);
        println!("{:24} {first:?}", info.mutant.0);
        match info.class {
            MutantClass::Bug => missed.extend(first.is_none().then_some(info.mutant.0)),
            MutantClass::Equivalent(why) => assert_eq!(first, None, "{}: {why}", info.mutant.0),
            MutantClass::ExpectedFinding => {}
        }
    }
    assert!(missed.is_empty(), "nothing caught {missed:?}");
}

#[test]
fn every_promise_is_broken_by_a_planted_bug() {
    let mut unbroken: Vec<&str> = Raft::PROMISES.iter().map(|info| info.name).collect();
    unbroken.retain(|name| !OF_PROGRESS.contains(name));
    for info in Raft::MUTANTS.iter().filter(|info| !only_slows(info)) {
        for seed in 0..120 {
            let outcome = chaos(seed, &Weather::of(seed), Some(info.mutant));
            let broken = outcome.promises.iter().filter(|p| p.status() == Status::Violated);
            for promise in broken {
                let witness = &promise.broken.as_ref().expect("it is broken").witness;
                assert!(!witness.is_empty(), "`{}` broke without a witness", promise.name);
                unbroken.retain(|name| *name != promise.name);
            }
        }
    }
    assert!(unbroken.is_empty(), "no planted bug breaks {unbroken:?}");
}

#[test]
fn no_promise_sleeps_through_what_it_reads() {
    let mutants = Raft::MUTANTS.iter().map(|info| Some(info.mutant));
    for mutant in mutants.chain([None]) {
        for seed in 0..9 {
            let spec = || chaos_spec(seed, &Weather::of(seed), mutant);
            awake::no_promise_sleeps(spec, (seed, mutant));
        }
    }
}
