//! `partitura conform` from outside: exit codes, and the JSON that scripts read.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::process::{Command, Output};

fn run(words: &str) -> Output {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/recordings");
    let mut command = Command::new(env!("CARGO_BIN_EXE_partitura"));
    command.args(words.split_whitespace()).current_dir(folder).output().unwrap()
}

#[test]
fn a_recording_that_conforms_is_told_as_json() {
    let words = "conform etcd/etcd-transfer-n3-noprevote-3.json --seeds 10..60 --format json";
    let output = run(words);
    assert_eq!(output.status.code(), Some(0));
    let one: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(one["format"], "partitura-conform/1");
    assert_eq!(one["recording"], "etcd-transfer-n3-noprevote-3");
    assert_eq!(one["seeds"]["from"], "10");
    assert_eq!(one["conforms"], true);
    assert_eq!(one["processes"][0]["order"], "equal");
    assert_eq!(one["edges"][0]["ok"], true);
    let window = one["windows"].as_array().unwrap().iter();
    let mut window = window.filter(|window| window["event"] == "transfer after command");
    let window = window.next().unwrap();
    assert_eq!((&window["recorded_ms"], &window["inside"]), (&112.2.into(), &true.into()));
    assert!(window["simulated_ms"]["p50"].is_number());
    let again = run(words);
    assert_eq!(output.stdout, again.stdout, "the same seeds, the same answer");
}

#[test]
fn one_that_differs_ends_with_1_and_says_what_differs() {
    let words =
        "conform etcd/etcd-minority-n3-noprevote-1.json --seeds 40 --mutant candidate-gives-up";
    let output = run(words);
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{out}");
    assert!(out.starts_with("✕ etcd-minority-n3-noprevote-1 (etcd 3.4.23): does not"), "{out}");
    assert!(out.contains("✕ last to lead: etcd m3; simulator m1, m2"), "{out}");
}

#[test]
fn what_cannot_be_used_ends_with_2() {
    for words in ["conform nowhere.json", "conform etcd", "conform", "conform x.json --seeds 3..3"]
    {
        let output = run(words);
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{words}");
    }
}
