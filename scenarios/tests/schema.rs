//! The JSON Schema of scenario files: kept equal to the types, judged by another validator, and as
//! strict as the parser.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::path::Path;

use jsonschema::Validator;
use scenarios::{Scenario, catalog, prepare};
use serde_json::Value;

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(&scenarios::schema()).unwrap();
    assert!(jsonschema::meta::is_valid(&schema), "the schema is no schema");
    jsonschema::validator_for(&schema).unwrap()
}

/// Every scenario of the catalogue.
fn every_file() -> impl Iterator<Item = (&'static str, Value)> {
    catalog::ALL.iter().map(|entry| (entry.name, serde_json::from_str(entry.text).unwrap()))
}

/// What the validator has against a file.
fn faults(validator: &Validator, file: &Value) -> String {
    let lines = validator.iter_errors(file);
    let lines = lines.map(|error| format!("{}: {error}", error.instance_path()));
    lines.collect::<Vec<_>>().join("\n")
}

/// Compares the schema with the file `scenario.schema.json`. `REWRITE=1` writes the file.
#[test]
#[expect(clippy::disallowed_methods, reason = "whoever runs the test says whether to rewrite")]
fn the_schema_is_the_one_that_is_kept() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenario.schema.json");
    if std::env::var("REWRITE").is_ok() {
        std::fs::write(&path, scenarios::schema()).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let hint = "the schema has changed; if that was meant: REWRITE=1 cargo test";
    assert_eq!(scenarios::schema(), kept, "{hint}");
}

#[test]
fn every_file_of_the_catalogue_and_every_variant_fits_it() {
    let validator = validator();
    for (name, mut file) in every_file() {
        assert_eq!(faults(&validator, &file), "", "{name}");
        file["$schema"] = "../../scenario.schema.json".into();
        assert_eq!(faults(&validator, &file), "", "{name} with `$schema`");
        let scenario = Scenario::parse(name, &file.to_string()).unwrap();
        for variant in scenario.variants() {
            let changed = scenario.clone().at_variant(variant).unwrap();
            assert_eq!(faults(&validator, changed.value()), "", "{name}@{variant}");
        }
    }
}

/// The pointers to every object of a file; those within `set` are paths, not fields.
fn objects(value: &Value, here: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(here.to_owned());
            for (name, value) in fields.iter().filter(|(name, _)| *name != "set") {
                objects(value, &format!("{here}/{name}"), found);
            }
        }
        Value::Array(list) => {
            for (place, value) in list.iter().enumerate() {
                objects(value, &format!("{here}/{place}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Objects of names that people choose, or of operations.
const NO_FIELDS: [&str; 5] = ["/bind", "/mix", "/tune", "/accounts", "/store"];

/// True if the parser, and every protocol that it asks, takes the file.
fn is_taken(file: &Value) -> bool {
    Scenario::parse("f.json", &file.to_string()).is_ok_and(|scenario| {
        scenario.systems().iter().all(|system| prepare(&scenario, system, None).is_ok())
    })
}

#[test]
fn a_field_that_nobody_knows_is_refused_wherever_it_stands() {
    let validator = validator();
    let mut tried = 0;
    for (name, file) in every_file() {
        let mut places = Vec::new();
        objects(&file, "", &mut places);
        for place in places {
            if NO_FIELDS.iter().any(|end| place.ends_with(end)) {
                continue;
            }
            let mut file = file.clone();
            file.pointer_mut(&place).unwrap()["tpyo"] = 1.into();
            assert!(!validator.is_valid(&file), "{name} {place}: the schema takes it");
            assert!(!is_taken(&file), "{name} {place}: the parser takes it");
            tried += 1;
        }
    }
    assert!(tried > 500, "only {tried} places");
}

#[test]
fn wrong_values_are_refused() {
    let validator = validator();
    let right = every_file().find(|(name, _)| *name == "split-brain").unwrap().1;
    for (place, value) in [
        ("/duration", "3 s".into()),
        ("/duration", 3.into()),
        ("/events_max", 0.into()),
        ("/events_max", 1_000_000_001.into()),
        ("/seed", (-1).into()),
        ("/cast/0/count", 1_001.into()),
        ("/cast/0/role", serde_json::json!({ "sever": {} })),
        ("/systems/0/protocol", "rafft".into()),
        ("/systems/0/config", serde_json::json!({ "prevote": true })),
        ("/systems", serde_json::json!([])),
        ("/network", serde_json::json!({ "loss": "200%" })),
        ("/steps/0/do", "heal".into()),
        ("/steps/0/do", serde_json::json!({ "crush": { "node": "n1" } })),
        ("/steps/0/do", serde_json::json!({ "crash": {} })),
        ("/steps/0/do", serde_json::json!({ "crash": { "node": "n1", "nodes": "n1" } })),
        ("/expect/holds", "some".into()),
    ] {
        let mut file = right.clone();
        let (parent, name) = place.rsplit_once('/').unwrap();
        let parent = file.pointer_mut(parent).unwrap();
        match name.parse::<usize>() {
            Ok(index) => parent[index] = value,
            Err(_) => parent[name] = value,
        }
        assert!(!validator.is_valid(&file), "{place}: the schema takes it");
        assert!(!is_taken(&file), "{place}: the parser takes it");
    }
}

#[test]
fn nodes_may_stand_for_node() {
    let validator = validator();
    let mut file = every_file().find(|(name, _)| *name == "split-brain").unwrap().1;
    file["steps"][0]["do"] = serde_json::json!({ "crash": { "nodes": ["n1", "n2"] } });
    assert_eq!(faults(&validator, &file), "");
}
