//! Every scenario of the catalogue, with every variant and system: it comes to what it expects, and
//! the same seed gives the same run.

use scenarios::{Prepared, Scenario, catalog, prepare, run};
use sim_engine::Recording;

/// Every scenario and every variant.
fn everything() -> Vec<Scenario> {
    let mut all = Vec::new();
    for entry in catalog::ALL {
        let base = Scenario::load(entry.name).unwrap_or_else(|problem| panic!("{problem}"));
        for variant in base.variants() {
            let variant = base.clone().at_variant(variant);
            all.push(variant.unwrap_or_else(|problem| panic!("{problem}")));
        }
        all.push(base);
    }
    all
}

fn prepared(scenario: &Scenario) -> Vec<Prepared> {
    let one =
        |system| prepare(scenario, system, None).unwrap_or_else(|problem| panic!("{problem}"));
    scenario.systems().into_iter().map(one).collect()
}

#[test]
fn every_scenario_comes_to_what_it_expects() {
    let mut unmet = Vec::new();
    for scenario in everything() {
        for system in prepared(&scenario) {
            for sentence in run(&system, scenario.seed(), Recording::Nothing).unmet {
                unmet.push(format!("{} ({}): {sentence}", scenario.label(), system.system));
            }
        }
    }
    assert!(unmet.is_empty(), "{}", unmet.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_run_whatever_is_recorded() {
    for scenario in everything() {
        for system in prepared(&scenario) {
            for seed in [scenario.seed(), 7] {
                let outcome = |recording| run(&system, seed, recording).outcome;
                let first = outcome(Recording::Nothing);
                assert_eq!(first, outcome(Recording::Everything), "{}", scenario.label());
                assert_eq!(first, outcome(Recording::Ring(100)), "{}", scenario.label());
            }
        }
    }
}
