//! Input that cannot be used, from outside: one clear message, exit code 2, nothing half written.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::path::PathBuf;
use std::process::{Command, Output};

/// A folder of its own for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("partitura-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.0.join(name), text).unwrap();
        self
    }

    fn names(&self) -> Vec<String> {
        let list = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<String> =
            list.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// What is said on standard error; the exit code must be 2, and nothing be printed.
    fn refused(&self, words: &str) -> String {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partitura"));
        let words = words.split_whitespace();
        let Output { status, stdout, stderr } =
            command.args(words).current_dir(&self.0).output().unwrap();
        let notes = String::from_utf8(stderr).unwrap();
        assert_eq!((status.code(), stdout.len()), (Some(2), 0), "{notes}");
        notes
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ignored = std::fs::remove_dir_all(&self.0);
    }
}

/// A whole scenario that is right, with this cast.
fn with_cast(cast: &str) -> String {
    format!(
        r#"{{
  "name": "mine", "family": "raft", "title": "Mine", "lesson": "A test.",
  "systems": [{{"name": "raft", "protocol": "raft"}}],
  "cast": [{cast}],
  "duration": "1s"
}}"#
    )
}

const SERVERS: &str = r#"{"count": 3, "role": {"server": {}}}"#;

#[test]
fn a_cast_that_raft_cannot_work_with_is_refused() {
    for (name, cast, expected) in [
        (
            "no-server",
            r#"{"name": "c1", "role": {"client": {}}}"#.to_owned(),
            "error: mine.json:4:11: `cast`: no seat has the role `server`\n",
        ),
        (
            "contact",
            format!(r#"{SERVERS}, {{"name": "c1", "role": {{"client": {{"contact": "n7"}}}}}}"#),
            "error: mine.json:4:73: `cast[1].role`: contact: no server is called `n7`\n\
             hint: did you mean `n1`?\n",
        ),
        (
            "contact-client",
            format!(r#"{SERVERS}, {{"name": "c1", "role": {{"client": {{"contact": "c1"}}}}}}"#),
            "error: mine.json:4:73: `cast[1].role`: contact: no server is called `c1`\n\
             hint: did you mean `n1`?\n",
        ),
        (
            "retry",
            format!(r#"{SERVERS}, {{"name": "c1", "role": {{"client": {{"retry": "0ms"}}}}}}"#),
            "error: mine.json:4:73: `cast[1].role`: retry and give_up must be more than 0\n",
        ),
        (
            "term",
            r#"{"name": "n1", "role": {"server": {}}, "durable": {"term": 18446744073709551615}}"#
                .to_owned(),
            "error: mine.json:4:62: `cast[0].durable`: term is 18446744073709551615; a run starts \
             with at most 1000000000\n",
        ),
        (
            "vote",
            format!(
                r#"{SERVERS}, {{"name": "c1", "role": {{"client": {{}}}}}},
    {{"name": "s1", "role": {{"server": {{}}}}, "durable": {{"term": 1, "vote": "c1"}}}}"#
            ),
            "error: mine.json:5:55: `cast[2].durable`: vote: no server is called `c1`\n\
             hint: did you mean `n1`?\n",
        ),
        (
            "client-disk",
            format!(
                r#"{SERVERS},
    {{"name": "c1", "role": {{"client": {{}}}}, "durable": {{"term": 1}}}}"#
            ),
            "error: mine.json:5:55: `cast[1].durable`: a client has nothing on its disk\n",
        ),
    ] {
        let folder = Folder::new(name);
        assert_eq!(folder.file("mine.json", &with_cast(&cast)).refused("mine.json"), expected);
        assert_eq!(folder.names(), ["mine.json"]);
    }
}

#[test]
fn an_export_that_cannot_be_written_leaves_nothing_behind() {
    let folder = Folder::new("export");
    std::fs::create_dir(folder.0.join("taken")).unwrap();
    assert_eq!(
        folder.refused("split-brain --export svg=a.svg --export facts=taken"),
        "error: `taken` is a folder\nhint: name a file in it: `--export facts=taken/facts`\n"
    );
    // A name that is too long is found out only when its file is written.
    let long = "a".repeat(300);
    folder.refused(&format!("split-brain --export svg=a.svg --export facts={long}"));
    assert_eq!(folder.names(), ["taken"], "neither the run's files nor the other export");
}

#[test]
fn a_seed_says_what_it_is() {
    let folder = Folder::new("seed");
    for word in ["-1", "18446744073709551616", "4.2", "x"] {
        let said = folder.refused(&format!("split-brain --seed {word}"));
        let expected = format!(
            "error: invalid value '{word}' for '--seed <N>': a seed is a whole number from 0 to \
             18446744073709551615\n"
        );
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn a_change_of_nothing_is_no_change() {
    let folder = Folder::new("set");
    assert_eq!(
        folder.refused("split-brain --set =3"),
        "error: --set =3: this is not PATH=VALUE\nhint: for example `--set duration=2s`\n"
    );
}

#[test]
fn an_empty_file_is_told_at_its_first_character() {
    let folder = Folder::new("empty");
    let said = folder.file("mine.json", "").refused("mine.json");
    assert!(said.starts_with("error: mine.json:1:1: not JSON: "), "{said}");
}

#[cfg(unix)]
#[test]
fn a_file_without_an_end_is_read_to_the_limit_only() {
    let folder = Folder::new("endless");
    let said = folder.refused("/dev/zero");
    assert_eq!(said, "error: /dev/zero: this is more than the 4194304 bytes that are read\n");
}
