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

/// A scenario that is right, with a client and one step.
const RIGHT: &str = r#"{
  "name": "mine", "family": "raft", "title": "Mine", "lesson": "A test.",
  "systems": [{"name": "raft", "protocol": "raft"}],
  "cast": [{"count": 3, "role": {"server": {}}}, {"name": "c1", "role": {"client": {}}}],
  "duration": "1s",
  "steps": [{"at": "10ms", "do": {"crash": {"node": "n1"}}}]
}"#;

/// What is said of the file whose bytes these are.
fn said_of(name: &str, bytes: &[u8]) -> String {
    let folder = Folder::new(name);
    std::fs::write(folder.0.join("mine.json"), bytes).unwrap();
    let said = folder.refused("mine.json");
    assert_eq!(folder.names(), ["mine.json"], "nothing is half written");
    said
}

/// What is said of the right file with one thing changed.
fn said_with(from: &str, to: &str) -> String {
    assert_eq!(RIGHT.matches(from).count(), 1, "{from}");
    said_of("changed", RIGHT.replace(from, to).as_bytes())
}

/// The right file so far, and then what else.
fn right_and(rest: &str) -> String {
    format!("{}, {rest}\n}}", RIGHT.trim_end_matches(['}', '\n']))
}

/// A step, that many times.
fn with_steps(n: usize) -> String {
    let step = r#"{"at": "1ms", "do": {"look": {}}}"#;
    RIGHT.replace(r#"{"at": "10ms", "do": {"crash": {"node": "n1"}}}"#, &vec![step; n].join(","))
}

#[test]
fn texts_that_are_no_scenario_are_refused() {
    let cases: [(&str, Vec<u8>); 9] = [
        ("cut off", RIGHT.as_bytes()[..100].to_vec()),
        ("not UTF-8", b"{\"name\": \"\xff\"}".to_vec()),
        ("a byte order mark", format!("\u{feff}{RIGHT}").into_bytes()),
        ("UTF-16", RIGHT.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a list", b"[]".to_vec()),
        ("a number", b"42".to_vec()),
        ("null", b"null".to_vec()),
        ("deep nesting", "[".repeat(100_000).into_bytes()),
        ("another language", b"name: mine\n".to_vec()),
    ];
    let said: Vec<String> =
        cases.iter().map(|(name, bytes)| format!("{name}\n{}", said_of("text", bytes))).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn values_that_are_wrong_are_refused() {
    let cases = [
        (r#""steps": ["#, r#""stesp": ["#),
        (r#""1s""#, "null"),
        (r#""1s""#, r#""99999999999999999999s""#),
        (r#""1s""#, r#""86401s""#),
        (r#""1s""#, r#""0ms""#),
        (r#""count": 3"#, r#""count": 99999999999"#),
        (r#""count": 3"#, r#""count": -3"#),
        (r#""count": 3"#, r#""count": 3.5"#),
        (r#""count": 3"#, r#""count": 1e400"#),
        (r#""name": "mine""#, r#""name": "../mine""#),
        (r#""n1"}"#, r#""the side with n9"}"#),
        (r#""n1"}"#, "[]}"),
        (r#""at": "10ms""#, r#""at": "10ms", "when": {"role": {"role": "leader"}}"#),
        (r#""at": "10ms""#, r#""at": "10ms", "lasts": "2s""#),
        (r#""at": "10ms""#, r#""at": "10ms", "repeat": {"times": 1000001, "every": "1ns"}"#),
        (r#"{"name": "raft", "protocol": "raft"}"#, ""),
    ];
    let said: Vec<String> =
        cases.iter().map(|(from, to)| format!("{to}\n{}", said_with(from, to))).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_scenario_that_asks_for_too_much_is_refused() {
    let cases = [
        ("events", right_and(r#""events_max": 1000000001"#)),
        ("no events", right_and(r#""events_max": 0"#)),
        ("steps", with_steps(10_001)),
        (
            "operations",
            right_and(
                r#""workload": [{"clients": "c1", "every": {"fixed": "1ns"}, "keys": ["x"],
    "mix": {"read": 1}}]"#,
            ),
        ),
        (
            "faults",
            right_and(
                r#""chaos": {"from": "0ms", "until": "1s", "every": {"min": "1ns", "max": "1s"},
    "lasts": {"min": "1ms", "max": "1ms"}}"#,
            ),
        ),
        ("variants", {
            let variants: Vec<String> =
                (0..1_001).map(|n| format!(r#"{{"name": "v{n}"}}"#)).collect();
            right_and(&format!(r#""variants": [{}]"#, variants.join(",")))
        }),
        ("systems", {
            let systems: Vec<String> =
                (0..101).map(|n| format!(r#"{{"name": "s{n}", "protocol": "raft"}}"#)).collect();
            RIGHT.replace(r#"{"name": "raft", "protocol": "raft"}"#, &systems.join(","))
        }),
    ];
    let said: Vec<String> = cases
        .iter()
        .map(|(name, text)| format!("{name}\n{}", said_of("much", text.as_bytes())))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn as_many_steps_as_allowed_are_taken() {
    let folder = Folder::new("steps");
    folder.file("mine.json", &with_steps(10_000));
    let mut command = Command::new(env!("CARGO_BIN_EXE_partitura"));
    let output = command.args(["show", "mine.json"]).current_dir(&folder.0).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_huge_file_is_refused_unread() {
    let folder = Folder::new("huge");
    let file = std::fs::File::create(folder.0.join("huge.json")).unwrap();
    file.set_len(100 * 1024 * 1024).unwrap();
    assert_eq!(
        folder.refused("huge.json"),
        "error: huge.json: the file has 104857600 bytes; at most 4194304 are read\n"
    );
}

#[test]
fn a_folder_is_no_scenario() {
    let folder = Folder::new("folder");
    std::fs::create_dir(folder.0.join("mine.json")).unwrap();
    let said = folder.refused("mine.json");
    assert_eq!(said, "error: mine.json: this is a folder, not a scenario file\n");
}

#[cfg(unix)]
#[test]
fn a_named_pipe_that_nobody_writes_to_is_not_waited_for() {
    let folder = Folder::new("pipe");
    let made = Command::new("mkfifo").arg(folder.0.join("mine.json")).status().unwrap();
    assert!(made.success());
    assert_eq!(
        folder.refused("mine.json"),
        "error: mine.json: this is a named pipe, not a scenario file\n\
         hint: `/dev/stdin` reads what is piped in\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_told() {
    // Not even the superuser can read this one from its beginning.
    let said = Folder::new("unreadable").refused("/proc/self/mem");
    assert_eq!(said, "error: /proc/self/mem: Input/output error (os error 5)\n");
}
