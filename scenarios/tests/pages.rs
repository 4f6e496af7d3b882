//! The pages a figure can be made for, from outside.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::process::{Command, Output};

fn run(words: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partitura"));
    command.args(words.split_whitespace()).output().unwrap()
}

fn drawn(words: &str) -> String {
    let output = run(&format!("{words} --no-files --export svg=-"));
    assert!(output.status.code().is_some_and(|code| code < 2), "{words}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_slide_has_its_size_and_leaves_the_sentences_to_the_speaker() {
    let folder = std::env::temp_dir().join(format!("partitura-slide-{}", std::process::id()));
    let out = folder.display();
    assert!(run(&format!("split-brain --preset slide --out {out}")).status.success());
    let svg = std::fs::read_to_string(folder.join("raft/figure.svg")).unwrap();
    let words = std::fs::read_to_string(folder.join("raft/captions.txt")).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    assert!(svg.contains("width=\"1280\" height=\"720\""));
    assert!(words.contains("\n9. "), "{words}");
}

#[test]
fn a_poster_shows_the_run_before_the_change_above_the_one_after_it() {
    let titles = |svg: &str| {
        let title = svg.split("<title id=\"fig-title\">").nth(1).unwrap();
        title.split("</title>").next().unwrap().to_owned()
    };
    let variant = drawn("raft-prevote-rejoin@no-pre-vote --preset poster");
    assert_eq!(variant, drawn("raft-prevote-rejoin --preset poster"), "the first variant");
    let (before, after) =
        titles(&variant).split_once(" / ").map(|(a, b)| (a.len(), b.len())).unwrap();
    assert!(before > after, "the title of the scenario itself is the longer one");
    let changed = drawn("raft-elect --set nodes=3 --preset poster");
    assert_eq!(changed.matches("class=\"lane\"").count(), 5 + 3);
    let planted = drawn("raft-figure8-indirect-commit --mutant commit-old-term --preset poster");
    assert!(planted.contains("planted bug commit-old-term"));
}

#[test]
fn a_poster_without_a_change_is_refused() {
    let output = run("raft-steady --preset poster --no-files");
    assert_eq!(output.status.code(), Some(2));
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(notes.contains("change something"), "{notes}");
}
