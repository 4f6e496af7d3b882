//! What the README shows works as it stands there.

use scenarios::{Scenario, prepare, run};
use sim_engine::{MutantClass, Recording};

const README: &str = include_str!("../../README.md");

#[test]
fn the_scenario_in_the_readme_meets_its_expectation() {
    let start = README.find("```json\n").unwrap() + 8;
    let end = start + README[start..].find("```").unwrap();
    let scenario = Scenario::parse("README.md", &README[start..end])
        .unwrap_or_else(|problem| panic!("{problem}"));
    let prepared = prepare(&scenario, "raft", None).unwrap_or_else(|problem| panic!("{problem}"));
    for seed in 0..20 {
        assert_eq!(run(&prepared, seed, Recording::Nothing).unmet, Vec::<String>::new(), "{seed}");
    }
}

#[test]
fn the_readme_names_scenarios_of_every_family_and_none_that_is_not_there() {
    let rows = README.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let named: Vec<&str> = rows.collect();
    for name in &named {
        assert!(scenarios::catalog::find(name).is_some(), "there is no `{name}`");
    }
    for family in scenarios::catalog::ALL.iter().map(|entry| entry.family) {
        let is_named = |name: &&str| scenarios::catalog::find(name).unwrap().family == family;
        assert!(named.iter().any(is_named), "the README names nothing of the family {family}");
    }
}

#[test]
fn the_table_of_planted_bugs_names_each_with_its_class() {
    let start = README.find("<!-- mutants -->").unwrap();
    let table = &README[start..README.find("<!-- /mutants -->").unwrap()];
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = |row: &str| row.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let named: Vec<[String; 4]> = rows
        .map(|row| {
            let cells = cells(row);
            [cells[1].clone(), cells[2].replace('`', ""), cells[3].clone(), cells[4].clone()]
        })
        .collect();
    let mut expected = Vec::new();
    for entry in scenarios::registry::ALL {
        for info in entry.mutants {
            let class = match info.class {
                MutantClass::Bug => "bug",
                MutantClass::Equivalent(_) => "equivalent",
                MutantClass::ExpectedFinding => "expected-finding",
            };
            let row = [entry.name, info.mutant.0, class, info.about];
            expected.push(row.map(str::to_owned));
        }
    }
    assert_eq!(named, expected, "make it anew with `partitura mutants --format markdown`");
}
