//! Runs in separate processes, from outside: what `verify` says of them, and that nothing but
//! scenario and seed decides what they print.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::process::{Command, Output};

const PARTITURA: &str = env!("CARGO_BIN_EXE_partitura");

fn run(words: &str) -> Output {
    let mut command = Command::new(PARTITURA);
    command.args(words.split_whitespace()).env("PARTITURA", PARTITURA).output().unwrap()
}

/// The exit code, then what was printed, notes marked.
fn answer(words: &str) -> (i32, String, String) {
    let Output { status, stdout, stderr } = run(words);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn every_seed_is_the_same_twice() {
    let (code, out, notes) = answer("verify raft-chaos --seeds 3..6");
    assert_eq!((code, notes.as_str()), (0, ""));
    insta::assert_snapshot!(out, @r"
    raft-chaos (raft): seeds 3..6, each twice, in separate processes
    the same: 3 of 3 seeds
    ");
    let (code, out, _) = answer("verify txn3-steady --seeds 2 --format json");
    let verified: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(verified["format"], "partitura-verify/1");
    assert_eq!(verified["seeds"], serde_json::json!({"from": "0", "to": "2", "run": 2}));
    assert_eq!(verified["differing"], serde_json::json!([]));
    assert_eq!(verified["first"], serde_json::Value::Null);
}

/// Shell scripts stand in for other builds.
#[cfg(unix)]
mod against {
    use super::*;

    fn verify(build: &str, more: &str) -> (i32, String, String) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata");
        let (code, out, notes) =
            answer(&format!("verify split-brain --seeds 1..4 --against {folder}/{build} {more}"));
        (code, out.replace(folder, "FOLDER"), notes.replace(folder, "FOLDER"))
    }

    #[test]
    fn the_first_event_that_differs_is_named() {
        let (code, out, _) = verify("other-events.sh", "");
        assert_eq!(code, 1);
        insta::assert_snapshot!("first_difference", out);
        let (code, out, _) = verify("other-events.sh", "--format json");
        let verified: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(code, 1);
        assert_eq!(verified["differing"], serde_json::json!(["2"]));
        assert_eq!(verified["first"]["seed"], "2");
        let event = &verified["first"]["event"];
        assert!(event["at_ms"].is_number() && event["what"].is_string(), "{event}");
        assert_ne!(event["records"][0], event["records"][1]);
    }

    #[test]
    fn a_digest_that_differs_alone_is_told_as_that() {
        let (code, out, _) = verify("other-digest.sh", "");
        assert_eq!(code, 1);
        assert!(out.contains("3 of 3 seeds differ; the first is seed 1, system raft"), "{out}");
        assert!(out.ends_with("the traces are the same: what differs is not recorded\n"), "{out}");
    }

    #[test]
    fn a_bug_of_a_build_is_passed_on() {
        let (code, out, notes) = verify("panics.sh", "");
        assert_eq!((code, out.as_str(), notes.as_str()), (101, "", "a panic of mine\n"));
    }

    #[test]
    fn what_is_no_build_is_refused() {
        let (code, _, notes) = verify("nothing.sh", "");
        assert_eq!(code, 2);
        assert!(notes.starts_with("error: FOLDER/nothing.sh: No such file"), "{notes}");
        let (code, _, notes) = answer("verify split-brain --seeds 1 --against true");
        assert_eq!(code, 2);
        assert!(notes.contains("hint: it must be a build of `partitura`"), "{notes}");
    }
}

#[test]
fn input_that_cannot_be_used_is_refused_before_anything_runs() {
    for (words, expected) in [
        ("verify split-brian --seeds 2", "no scenario is called `split-brian`"),
        ("verify split-brain --seeds 2 --system zab", "`split-brain` has no system `zab`"),
        ("verify split-brain --seeds 2 --mutant none", "has no mutant called `none`"),
        ("verify split-brain --seeds 2 --set x=1", "--set x=1"),
        ("verify split-brain --seeds 5..5", "the range is empty"),
        ("verify split-brain", "--seeds"),
        ("show split-brain --source --seed 1", "cannot be used with"),
    ] {
        let (code, out, notes) = answer(words);
        assert_eq!((code, out.as_str()), (2, ""), "{words}");
        assert!(notes.contains(expected), "{notes}");
    }
}

#[test]
fn neither_environment_nor_folder_decides_anything() {
    let asks = [
        "raft-chaos --seed 3 --no-files --format json",
        "split-brain --no-files",
        "split-brain --no-files --export trace=-",
        "split-brain --no-files --export svg=-",
        "list",
        "show raft-chaos --seed 3",
    ];
    let folder = std::env::temp_dir();
    for words in asks {
        let usual = run(words);
        assert_eq!(usual.status.code(), Some(0), "{words}");
        let told = |change: &dyn Fn(&mut Command)| {
            let mut command = Command::new(PARTITURA);
            change(command.args(words.split_whitespace()));
            command.output().unwrap()
        };
        let change = |name: &str, value: &str| {
            let changed = told(&|command| {
                command.env(name, value);
            });
            assert_eq!(changed, usual, "{words} with {name}={value}");
        };
        for locale in ["C", "de_DE.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8"] {
            change("LANG", locale);
            change("LC_ALL", locale);
        }
        for (name, value) in [
            ("TZ", "Pacific/Apia"),
            ("COLUMNS", "20"),
            ("TERM", "dumb"),
            ("RAYON_NUM_THREADS", "1"),
            ("RUST_BACKTRACE", "full"),
            ("HOME", "/nowhere"),
        ] {
            change(name, value);
        }
        let elsewhere = told(&|command| {
            command.current_dir(&folder);
        });
        assert_eq!(elsewhere, usual, "{words} in another folder");
        if cfg!(unix) {
            let bare = told(&|command| {
                command.env_clear();
            });
            assert_eq!(bare, usual, "{words} without an environment");
        }
    }
}
