//! Many seeds from outside: the same whatever the threads and the shards, resumed, cut short.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

/// Three servers in bad weather, for three seconds.
const STORM: &str = r#"{
  "name": "storm", "family": "raft", "title": "Storm", "lesson": "A test.",
  "systems": [{"name": "raft", "protocol": "raft"}],
  "cast": [{"count": 3, "role": {"server": {}}}, {"name": "c1", "role": {"client": {}}}],
  "duration": "3s",
  "workload": [
    {"clients": "client", "every": {"fixed": "50ms"}, "keys": ["x"], "mix": {"write": 1}}
  ],
  "chaos": {"from": "100ms", "until": "3s", "kinds": ["partition", "crash"],
    "every": {"min": "50ms", "max": "200ms"}, "lasts": {"min": "50ms", "max": "300ms"},
    "down_max": 3},
  "expect": {"reaches": ["became-leader"]}
}"#;

/// A folder of its own for one test, with the scenario in it, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("partitura-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        std::fs::write(path.join("storm.json"), STORM).unwrap();
        Self(path)
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partitura"));
        command.args(words.split_whitespace()).current_dir(&self.0).env_remove("GITHUB_ACTIONS");
        command
    }

    fn run(&self, words: &str) -> (i32, String, String) {
        let Output { status, stdout, stderr } = self.command(words).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    /// The exit code and the summary, without what differs from time to time.
    fn summary(&self, words: &str) -> (i32, Value) {
        let (code, out, notes) = self.run(&format!("{words} --format json"));
        let mut summary: Value =
            serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{notes}"));
        summary.as_object_mut().unwrap().remove("timing").unwrap();
        (code, summary)
    }

    fn names(&self, path: &str) -> Vec<String> {
        let list = std::fs::read_dir(self.0.join(path)).unwrap();
        let mut names: Vec<String> =
            list.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.0.join(path)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ignored = std::fs::remove_dir_all(&self.0);
    }
}

const BAD: &str = "sweep storm.json --seeds 1000..1060 --mutant no-log-check";

#[test]
fn the_number_of_threads_changes_nothing() {
    let folder = Folder::new("jobs");
    let (code, one) = folder.summary(&format!("{BAD} --no-files --jobs 1"));
    assert_eq!((code, &one["expectation"]), (1, &Value::from("not-met")));
    assert_eq!(one["seeds"], serde_json::json!({"from": "1000", "to": "1060", "run": 60}));
    assert!(one["violated"].as_array().unwrap().len() > 1, "{one:#}");
    for jobs in [2, 4] {
        assert_eq!(folder.summary(&format!("{BAD} --no-files --jobs {jobs}")), (1, one.clone()));
    }
    assert_eq!(folder.names("."), ["storm.json"]);
    let (code, good) = folder.summary("sweep storm.json --seeds 40 --no-files");
    assert_eq!((code, &good["expectation"]), (0, &Value::from("met")), "{good:#}");
}

#[test]
fn shards_merge_into_the_whole() {
    let folder = Folder::new("shards");
    let whole = folder.summary(&format!("{BAD} --out whole"));
    for n in [1, 3, 7] {
        for shard in 1..=n {
            folder.run(&format!("{BAD} --shard {shard}/{n} --out of-{n}"));
        }
        let files = (1..=n).rev().map(|shard| format!(" of-{n}/summary-{shard}-of-{n}.json"));
        let merged = folder.summary(&format!("merge{} --out all-{n}", files.collect::<String>()));
        assert_eq!(merged, whole, "{n} shards");
        let chart = "storm-raft.svg";
        assert_eq!(
            folder.read(&format!("all-{n}/{chart}")),
            folder.read(&format!("whole/{chart}"))
        );
    }
    let answer = |files: &str| folder.run(&format!("merge {files}"));
    let (code, _, notes) = answer("of-3/summary-1-of-3.json of-3/summary-3-of-3.json");
    let why = "error: seeds 1020..1040 of storm · raft --mutant no-log-check are missing\n";
    assert_eq!((code, notes.as_str()), (2, why));
    let (code, _, notes) = answer("of-3/summary-1-of-3.json of-3/summary-2-of-3.json");
    assert_eq!((code, notes.contains("1040..1060")), (2, true), "{notes}");
    let (code, _, notes) = answer("of-3/summary-1-of-3.json of-3/summary-1-of-3.json");
    assert_eq!((code, notes.contains("come twice")), (2, true), "{notes}");
    let (code, _, notes) = answer("storm.json");
    assert_eq!((code, notes.contains("not the summary of a sweep")), (2, true), "{notes}");
    folder.run("sweep storm.json --seeds 9 --set seed=2 --out other");
    let other = folder.read("other/summary.json").replace("--set seed=2", "--mutant no-log-check");
    std::fs::write(folder.0.join("other.json"), other).unwrap();
    let (code, _, notes) = answer("of-3/summary-1-of-3.json other.json");
    assert_eq!((code, notes.contains("different scenarios")), (2, true), "{notes}");
}

#[test]
fn a_sweep_that_was_killed_goes_on_where_it_was() {
    let folder = Folder::new("resume");
    let mut child = folder.command("sweep storm.json --seeds 900000 --out there").spawn().unwrap();
    let blocks = folder.0.join("there/blocks");
    let is_begun = || {
        let list = std::fs::read_dir(&blocks).ok()?;
        list.map(|entry| entry.unwrap().path()).find(|path| path.extension().unwrap() == "json")
    };
    let mut tries = 0;
    let block = loop {
        if let Some(block) = is_begun() {
            break block;
        }
        tries += 1;
        assert!(tries < 3_000, "no block after a minute");
        #[expect(clippy::disallowed_methods, reason = "another process is waited for")]
        std::thread::sleep(Duration::from_millis(20));
    };
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!folder.0.join("there/summary.json").exists(), "no summary of a part");
    let fresh = folder.summary("sweep storm.json --seeds 1100 --no-files");
    assert_eq!(folder.summary("sweep storm.json --seeds 1100 --out there"), fresh);
    // What the block says is taken as it stands there: it was not run again.
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&block).unwrap()).unwrap();
    kept["operations"]["ok"] = Value::from(1_000_000_000);
    std::fs::write(&block, kept.to_string()).unwrap();
    let (_, resumed) = folder.summary("sweep storm.json --seeds 1100 --out there");
    assert!(resumed["operations"]["ok"].as_u64().unwrap() > 1_000_000_000);
    // Another scenario has other blocks, and what is no block is run again.
    let (_, changed) = folder.summary("sweep storm.json --seeds 1100 --set seed=1 --out there");
    assert_eq!(changed["operations"], fresh.1["operations"]);
    std::fs::write(&block, "{").unwrap();
    assert_eq!(folder.summary("sweep storm.json --seeds 1100 --out there"), fresh);
}

#[test]
fn the_lowest_seed_that_fails_ends_it() {
    let folder = Folder::new("first");
    let sweep = "sweep storm.json --seeds 60 --mutant vote-not-durable";
    let (_, whole) = folder.summary(&format!("{sweep} --no-files"));
    let seeds = whole["violated"].as_array().unwrap().iter();
    let lowest = seeds.map(|broken| broken["first_seed"].as_str().unwrap().parse::<u64>().unwrap());
    let lowest = lowest.min().unwrap();
    let (code, first) = folder.summary(&format!("{sweep} --fail-fast --no-files --jobs 1"));
    assert_eq!((code, &first["seeds"]["run"]), (1, &Value::from(lowest + 1)));
    for jobs in [2, 4] {
        let words = format!("{sweep} --fail-fast --no-files --jobs {jobs}");
        assert_eq!(folder.summary(&words), (1, first.clone()));
    }
}

#[test]
fn a_failure_file_breaks_again_until_the_bug_is_gone() {
    let folder = Folder::new("failure");
    let (_, summary) = folder.summary(&format!("{BAD} --out there --junit there.xml"));
    let broken = &summary["violated"][0];
    let name = broken["failure"].as_str().unwrap();
    let (seed, promise) = (broken["first_seed"].as_str().unwrap(), "leader-completeness");
    assert_eq!(name, format!("failures/storm-raft-{seed}-{promise}.json"));
    assert!(folder.read(&format!("there/{}", name.replace(".json", ".svg"))).starts_with("<svg"));
    let junit = folder.read("there.xml");
    let command = format!("--mutant no-log-check --seed {seed}");
    assert!(junit.contains(&command) && junit.contains(name), "{junit}");

    let file = format!("there/{name}");
    let (code, out, _) = folder.run(&format!("replay {file} --out again"));
    assert_eq!(code, 1, "{out}");
    let last = out.lines().last().unwrap();
    let why = broken["why"].as_str().unwrap();
    assert_eq!(
        last,
        format!("`{promise}` breaks again at {}: {why}", broken["at"].as_str().unwrap())
    );
    assert!(folder.read("again/raft/figure.svg").starts_with("<svg"));

    let text = folder.read(&file);
    let change = |name: &str, from: &str, to: &str| {
        assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
        std::fs::write(folder.0.join(name), text.replace(from, to)).unwrap();
        folder.run(&format!("replay {name} --no-files"))
    };
    let (code, out, _) = change("fixed.json", r#", "mutant": "no-log-check""#, "");
    assert_eq!((code, out.ends_with("does not break any more\n")), (0, true), "{out}");
    let (code, _, notes) = change("old.json", "partitura-failure/1", "partitura-failure/0");
    let why = "error: old.json: this is `partitura-failure/0`, and this program reads \
               `partitura-failure/1`\nhint: replay it with the version that wrote it\n";
    assert_eq!((code, notes.as_str()), (2, why));
    let (code, _, notes) = change("typo.json", r#""promise": ""#, r#""promise": "x"#);
    assert_eq!((code, notes.contains("has no promise `xleader")), (2, true), "{notes}");
    let (code, _, notes) = folder.run(&format!("run {file}"));
    assert_eq!((code, notes.contains("partitura replay")), (2, true), "{notes}");
    let (code, _, notes) = folder.run("replay storm.json");
    assert_eq!((code, notes.contains("not a failure file")), (2, true), "{notes}");
}

#[test]
fn values_are_varied_and_what_must_break_need_not_break_everywhere() {
    let folder = Folder::new("vary");
    let words = "sweep storm.json --seeds 5 --vary nodes=3,5 --vary seed=1..3 --format json";
    let (code, out, _) = folder.run(&format!("{words} --out there"));
    let list: Vec<Value> = serde_json::from_str(&out).unwrap();
    let changes = |summary: &Value| summary["changes"].to_string();
    let expected = [
        r#"["--set nodes=3","--set seed=1"]"#,
        r#"["--set nodes=3","--set seed=2"]"#,
        r#"["--set nodes=5","--set seed=1"]"#,
        r#"["--set nodes=5","--set seed=2"]"#,
    ];
    assert_eq!(
        (code, list.iter().map(changes).collect::<Vec<_>>()),
        (0, expected.map(str::to_owned).to_vec())
    );
    assert_ne!(list[0]["digest"], list[2]["digest"]);
    assert_eq!(list[0]["digest"], list[1]["digest"], "the scenario's own seed is not used");
    assert_eq!(folder.names("there").len(), 6);

    let expect =
        r#"expect={"breaks":["vote-uniqueness"],"may-break":["election-safety","monotony"]}"#;
    let words = format!("sweep storm.json --seeds 60 --no-files --set {expect}");
    let (code, summary) = folder.summary(&format!("{words} --mutant vote-not-durable"));
    assert_eq!((code, &summary["expectation"]), (0, &Value::from("met")), "{summary:#}");
    let seeds = summary["violated"][0]["seeds"].as_u64().unwrap();
    assert!((1..60).contains(&seeds), "not in every seed: {summary:#}");
    let (code, summary) = folder.summary(&words);
    let why = "`vote-uniqueness` was expected to break, and did so in no seed";
    assert_eq!((code, &summary["unmet"][0]), (1, &Value::from(why)));
    let words = "sweep storm.json --seeds 9 --no-files --set";
    let (code, summary) =
        folder.summary(&format!("{words} expect={{\"reaches\":[\"prevote-cast\"]}}"));
    assert_eq!((code, &summary["never_reached"][0]), (1, &Value::from("prevote-cast")));
}

#[test]
fn a_budget_that_runs_out_leaves_it_undecided() {
    let folder = Folder::new("budget");
    let words = "sweep storm.json --seeds 900000 --no-files --budget 300ms";
    let (code, summary) = folder.summary(words);
    assert_eq!((code, &summary["expectation"]), (3, &Value::from("undecided")));
    assert!(summary["seeds"]["run"].as_u64().unwrap() < 900_000);
}

#[test]
fn github_is_told_in_its_own_words() {
    let folder = Folder::new("github");
    let mut command = folder.command(&format!("{BAD} --no-files --format json"));
    let page = folder.0.join("page.md");
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &page);
    let output = command.output().unwrap();
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(notes.starts_with("::error title=storm"), "{notes}");
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok(), "data stays data");
    assert!(folder.read("page.md").contains("| not-met |"));
}

#[test]
fn bad_input_is_answered_and_nothing_is_written() {
    let folder = Folder::new("bad");
    let cases = [
        ("sweep storm.json", "--seeds"),
        ("sweep --seeds 3", "SCENARIO"),
        ("sweep storm.json --seeds 3..3", "empty"),
        ("sweep storm.json --seeds -3..3", "no seed"),
        ("sweep storm.json --seeds 3 --jobs 0", "--jobs"),
        ("sweep storm.json --seeds 3 --shard 0/2", "1/2 to 2/2"),
        ("sweep storm.json --seeds 3 --shard 1/4", "cannot be shared"),
        ("sweep storm.json --seeds 3 --budget soon", "not a time"),
        ("sweep storm.json --seeds 3 --vary nodes", "PATH=A..B"),
        ("sweep storm.json --seeds 3 --vary nodse=3,5", "did you mean `nodes`?"),
        ("sweep storm.json --seeds 3 --set nodes=0", "1 to"),
        ("sweep storm.json --seeds 3 --mutant nobody", "no mutant"),
        ("sweep storm.json --seeds 3 --system nobody", "no system"),
        ("sweep storm.json none --seeds 3", "no scenario"),
        ("sweep storm.json --seeds 3 --junit no/such/folder.xml", "no folder"),
        ("sweep storm.json --seeds 3 --no-files --out x", "cannot be used with"),
        ("merge", "FILE"),
        ("merge nowhere.json", "no such file"),
        ("replay nowhere.json", "no such file"),
    ];
    for (words, expected) in cases {
        let (code, out, notes) = folder.run(words);
        assert_eq!(
            (code, out.as_str(), notes.contains(expected)),
            (2, "", true),
            "{words}: {notes}"
        );
        assert_eq!(folder.names("."), ["storm.json"], "{words}");
    }
}

#[test]
fn a_seed_is_shrunk_to_a_file_that_replays() {
    let folder = Folder::new("shrink");
    let (code, out, notes) =
        folder.run("shrink storm.json --mutant no-log-check --seed 0 --out small.json");
    assert_eq!(code, 0, "{out}{notes}");
    assert!(out.contains("seats (of 4)") && out.contains("replay small.json"), "{out}");
    assert_eq!(folder.names("."), ["small.json", "small.svg", "storm.json"]);
    let (code, again, _) = folder.run("replay small.json --no-files");
    assert_eq!((code, again.contains("breaks again")), (1, true), "{again}");
    // Nothing more can be left out of what is small; times may still become plainer.
    let (code, json, _) = folder.run("shrink small.json --out same.json --format json");
    let shrunk: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &shrunk["format"]), (0, &Value::from("partitura-shrink/1")));
    let small: Value = serde_json::from_str(&folder.read("small.json")).unwrap();
    assert_eq!(shrunk["shrunk"], small["shrunk"]);
    let (code, out, _) = folder.run("shrink storm.json --seed 0");
    assert_eq!((code, out.as_str()), (1, "seed 0 breaks no promise: nothing to shrink\n"));
    for (words, expected) in [
        ("shrink storm.json", "which seed?"),
        ("shrink storm.json --seed x", "a seed is"),
        ("shrink storm.json --seed 0 --promise nothing", "has no promise"),
        ("shrink small.json --seed 3", "has its own seed"),
        ("shrink nowhere.json --seed 3", "no such file"),
        ("shrink storm.json --seed 0 --mutant no-log-check --out .", "is a folder"),
        ("mutants --protocol nobody", "no protocol"),
        ("mutants --seeds 0..0", "empty"),
    ] {
        let (code, out, notes) = folder.run(words);
        assert_eq!(
            (code, out.as_str(), notes.contains(expected)),
            (2, "", true),
            "{words}: {notes}"
        );
    }
}
