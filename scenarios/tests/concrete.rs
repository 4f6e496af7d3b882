//! A seed written down step by step is the very same run.

use scenarios::{Prepared, Scenario, catalog, concrete, prepare, run};
use sim_engine::{ChaosKind, Recording};

fn written(scenario: &Scenario, system: &Prepared, seed: u64) -> String {
    concrete(scenario, system, seed).unwrap_or_else(|why| panic!("{why}")).to_string()
}

/// Runs `seed` of every system from the dice and from what was written down of them.
fn assert_same(scenario: &Scenario, seed: u64) -> usize {
    let mut steps = 0;
    for system in scenario.systems() {
        let chance = prepare(scenario, system, None).unwrap_or_else(|why| panic!("{why}"));
        let text = written(scenario, &chance, seed);
        let parsed = Scenario::parse("written.json", &text).unwrap_or_else(|why| panic!("{why}"));
        let written = prepare(&parsed, system, None).unwrap_or_else(|why| panic!("{why}"));
        let outcome = |prepared| run(prepared, seed, Recording::Nothing).outcome;
        assert_eq!(outcome(&chance), outcome(&written), "{}, seed {seed}", scenario.label());
        steps += text.matches(r#""may_miss":true"#).count();
    }
    steps
}

#[test]
fn every_scenario_is_the_same_when_it_is_written_down() {
    for entry in catalog::ALL {
        let scenario = Scenario::load(entry.name).unwrap();
        assert_same(&scenario, 1);
        for variant in scenario.variants() {
            assert_same(&scenario.clone().at_variant(variant).unwrap(), 2);
        }
    }
}

#[test]
fn every_kind_of_chaos_is_the_same_when_it_is_written_down() {
    for kind in ChaosKind::ALL {
        let sets = [format!("chaos.kinds=[\"{}\"]", kind.name()), "expect={}".to_owned()];
        let scenario = Scenario::load("raft-chaos").unwrap().with_sets(&sets).unwrap();
        assert!(assert_same(&scenario, 3) > 5, "{} is drawn", kind.name());
    }
    let all = ChaosKind::ALL.map(|kind| format!("\"{}\"", kind.name())).join(",");
    let scenario = Scenario::load("raft-chaos").unwrap();
    let scenario = scenario.with_sets(&[format!("chaos.kinds=[{all}]")]).unwrap();
    (0..6).for_each(|seed| assert!(assert_same(&scenario, seed) > 0, "something is drawn"));
}
