//! Atomic commit under random faults: every promise holds but the one that nobody can make, and
//! every planted bug breaks one.

#[path = "common/awake.rs"]
mod awake;
#[path = "common/commit_weather.rs"]
mod commit_weather;

use std::collections::BTreeMap;

use commit_weather::{Weather, chaos, chaos_spec};
use protocols::atomic_commit::{ThreePhaseCommit, TwoPhaseCommit};
use sim_engine::{MutantClass, MutantInfo, Outcome, Protocol, Status, Stopped};

fn broken(outcome: &Outcome) -> Vec<&'static str> {
    let broken = outcome.promises.iter().filter(|promise| promise.status() == Status::Violated);
    broken.map(|promise| promise.name).collect()
}

/// Runs `seeds` in fair and foul weather. No promise may break but those that `may`; all must be
/// put to the test.
fn every_promise_holds(weather: fn(u64) -> Weather, seeds: u64, may: fn(&Weather) -> bool) {
    let (mut ok, mut exercised) = (0, BTreeMap::<&str, u64>::new());
    for seed in 0..seeds {
        let weather = weather(seed);
        let outcome = chaos(seed, &weather, None);
        assert_ne!(outcome.stopped, Stopped::EventLimit, "seed {seed}, {weather:?}");
        for promise in &outcome.promises {
            *exercised.entry(promise.name).or_default() += promise.exercised;
            let excused = promise.name == "bounded-doubt" && may(&weather);
            let is_broken = promise.status() == Status::Violated && !excused;
            assert!(!is_broken, "seed {seed}, {weather:?}: {promise:#?}");
        }
        ok += outcome.history.counts().ok;
    }
    for (name, n) in exercised {
        assert!(n > seeds, "`{name}` was put to the test {n} times in {seeds} seeds");
    }
    assert!(ok > seeds * 100, "only {ok} of {} operations succeeded", seeds * 300);
}

#[test]
fn every_promise_of_two_phases_holds_under_random_faults() {
    every_promise_holds(Weather::two, 150, |_| true);
}

#[test]
fn every_promise_of_three_phases_holds_under_random_faults() {
    every_promise_holds(Weather::three, 150, |weather| weather.kinds.len() > 1);
}

/// The first seed in which a bug breaks a promise that it is known to break, and that promise.
fn caught(info: &MutantInfo, weather: fn(u64) -> Weather) -> Option<(u64, &'static str)> {
    (0..2_000).find_map(|seed| {
        let outcome = chaos(seed, &weather(seed), Some(info.mutant));
        let found = broken(&outcome).into_iter().find(|name| info.breaks.contains(name));
        found.map(|name| (seed, name))
    })
}

fn every_bug_is_caught(mutants: &[MutantInfo], weather: fn(u64) -> Weather) {
    let mut missed = Vec::new();
    for info in mutants {
        assert_eq!(info.class, MutantClass::Bug);
        let first = caught(info, weather);
        missed.extend(first.is_none().then_some(info.mutant.0));
    }
    assert!(missed.is_empty(), "nothing caught {missed:?}");
}

#[test]
fn every_planted_bug_of_two_phases_breaks_a_promise_it_names() {
    every_bug_is_caught(TwoPhaseCommit::MUTANTS, Weather::two);
}

#[test]
fn every_planted_bug_of_three_phases_breaks_a_promise_it_names() {
    every_bug_is_caught(ThreePhaseCommit::MUTANTS, Weather::three);
}

#[test]
fn every_promise_is_broken_by_a_planted_bug() {
    let mut unbroken: Vec<&str> = TwoPhaseCommit::PROMISES.iter().map(|info| info.name).collect();
    for info in TwoPhaseCommit::MUTANTS {
        for seed in 0..60 {
            let outcome = chaos(seed, &Weather::two(seed), Some(info.mutant));
            unbroken.retain(|name| !broken(&outcome).contains(name));
        }
    }
    assert!(unbroken.is_empty(), "no planted bug breaks {unbroken:?}");
}

fn no_promise_sleeps(mutants: &[MutantInfo], weather: fn(u64) -> Weather) {
    for mutant in mutants.iter().map(|info| Some(info.mutant)).chain([None]) {
        for seed in 0..6 {
            let spec = || chaos_spec(seed, &weather(seed), mutant);
            awake::no_promise_sleeps(spec, (seed, mutant));
        }
    }
}

#[test]
fn no_promise_sleeps_through_what_it_reads() {
    no_promise_sleeps(TwoPhaseCommit::MUTANTS, Weather::two);
    no_promise_sleeps(ThreePhaseCommit::MUTANTS, Weather::three);
}
