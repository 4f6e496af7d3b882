//! Plays the stories under `testdata` and compares their answers with the recorded ones.
//!
//! To record them anew: `REWRITE=1 cargo test -p protocols --test scripts`. Then read the diff, and
//! commit only what you understand.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its stories has failed")]

use std::fs;
use std::path::Path;

use protocols::atomic_commit::{ThreePhaseCommit, TwoPhaseCommit};
use protocols::echo::Echo;
use protocols::multi_raft::MultiRaft;
use protocols::raft::Raft;
use sim_engine::script::{Scripted, play};

/// Plays every story of a protocol.
fn stories<P: Scripted>() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata").join(P::NAME);
    let paths = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    // Folders hold tables, which are for another test.
    let mut files: Vec<_> = paths.filter(|path| path.is_file()).collect();
    files.sort();
    let mut different = Vec::new();
    for file in &files {
        let name = file.strip_prefix(&folder).unwrap().display();
        assert!(file.extension().is_some_and(|end| end == "txt"), "{name} is no story");
        let recorded = fs::read_to_string(file).unwrap();
        let fresh = play::<P>(&recorded).unwrap_or_else(|error| panic!("{name}: {error}"));
        if fresh == recorded {
            continue;
        }
        if wants_rewrite() {
            fs::write(file, fresh).unwrap();
        } else {
            different.push(format!("{name}\n{}", first_difference(&recorded, &fresh)));
        }
    }
    assert!(!files.is_empty(), "{} has no stories", P::NAME);
    assert!(different.is_empty(), "these stories end differently now:\n{}", different.join("\n"));
}

#[expect(clippy::disallowed_methods, reason = "the one switch of this test, not of any run")]
fn wants_rewrite() -> bool {
    std::env::var("REWRITE").is_ok_and(|value| value == "1")
}

/// The first line that differs, as it was recorded and as it is now.
fn first_difference(recorded: &str, fresh: &str) -> String {
    let lines = recorded.lines().map(Some).chain(std::iter::repeat(None));
    let fresh_lines = fresh.lines().map(Some).chain(std::iter::repeat(None));
    let longest = recorded.lines().count().max(fresh.lines().count());
    for ((old, new), number) in lines.zip(fresh_lines).zip(1..=longest) {
        if old != new {
            let [old, new] = [old, new].map(|line| line.unwrap_or("(nothing)"));
            return format!("  line {number}\n  - {old}\n  + {new}");
        }
    }
    "  only the ends of lines differ".to_owned()
}

#[test]
fn stories_of_echo_end_as_recorded() {
    stories::<Echo>();
}

#[test]
fn stories_of_raft_end_as_recorded() {
    stories::<Raft>();
}

#[test]
fn stories_of_multi_raft_end_as_recorded() {
    stories::<MultiRaft>();
}

#[test]
fn stories_of_two_phase_commit_end_as_recorded() {
    stories::<TwoPhaseCommit>();
}

#[test]
fn stories_of_three_phase_commit_end_as_recorded() {
    stories::<ThreePhaseCommit>();
}
