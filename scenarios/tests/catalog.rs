//! The catalogue: every scenario and every variant, over many seeds, and its golden digests.

use std::fmt::Write;
use std::path::Path;

use scenarios::{Prepared, Scenario, catalog, prepare, run};
use sim_engine::Recording;

/// Few: `.ci/run` sweeps fifty of each with the program that users run.
const SEEDS: std::ops::Range<u64> = 0..10;

/// Every scenario and every variant, by the name one runs it by.
fn every_name() -> Vec<String> {
    catalog::ALL
        .iter()
        .flat_map(|entry| {
            let scenario = Scenario::load(entry.name).unwrap_or_else(|problem| panic!("{problem}"));
            let variants = scenario.variants();
            let variants = variants.iter().map(|variant| format!("{}@{variant}", entry.name));
            std::iter::once(entry.name.to_owned()).chain(variants).collect::<Vec<_>>()
        })
        .collect()
}

/// Every system of a scenario, ready to run, with the scenario's own seed.
fn every_system(name: &str) -> Vec<(Prepared, u64)> {
    let scenario = Scenario::load(name).unwrap_or_else(|problem| panic!("{problem}"));
    let prepared = |system: &str| {
        prepare(&scenario, system, None).unwrap_or_else(|problem| panic!("{name}: {problem}"))
    };
    scenario.systems().into_iter().map(|system| (prepared(system), scenario.seed())).collect()
}

#[test]
fn every_scenario_meets_its_expectation_at_its_own_seed_and_at_ten_others() {
    let mut failures = String::new();
    for name in every_name() {
        for (prepared, seed) in every_system(&name) {
            for seed in std::iter::once(seed).chain(SEEDS) {
                for why in run(&prepared, seed, Recording::Nothing).unmet {
                    writeln!(failures, "{name} {} seed {seed}: {why}", prepared.system).unwrap();
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn what_is_recorded_changes_nothing() {
    for name in every_name() {
        for (prepared, seed) in every_system(&name) {
            let quiet = run(&prepared, seed, Recording::Nothing).outcome;
            for recording in [Recording::Ring(100), Recording::Everything] {
                assert_eq!(run(&prepared, seed, recording).outcome, quiet, "{name} {recording:?}");
            }
        }
    }
}

/// Compares the digest of every scenario with the file `golden-digests.txt`. `REWRITE=1` writes the
/// file: read the difference, and commit it only if every run that changed was meant to.
#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs the test says whether to rewrite")]
fn golden_digests_are_what_they_were() {
    let mut digests = String::new();
    for name in every_name() {
        for (prepared, seed) in every_system(&name) {
            let outcome = run(&prepared, seed, Recording::Nothing).outcome;
            writeln!(digests, "{name} {} {seed} {}", prepared.system, outcome.digest).unwrap();
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden-digests.txt");
    if std::env::var("REWRITE").is_ok() {
        std::fs::write(&path, &digests).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(digests, golden, "a run has changed; if that was meant: REWRITE=1 cargo test");
}
