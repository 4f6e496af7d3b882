//! What people see of the command line, from outside: the binary is run and its answers are read.
//! Long because most of it is those answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use insta::assert_snapshot;

/// A folder of its own for one test, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        // Several tests may ask for the same name at once.
        static MADE: AtomicU32 = AtomicU32::new(0);
        let n = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("partitura-{name}-{}-{n}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> &Self {
        std::fs::write(self.0.join(name), text).unwrap();
        self
    }

    fn run(&self, words: &str) -> Output {
        let words = words.split_whitespace();
        let mut command = Command::new(env!("CARGO_BIN_EXE_partitura"));
        command.args(words).current_dir(&self.0).output().unwrap()
    }

    /// The exit code, then what was printed, notes marked.
    fn answer(&self, words: &str) -> String {
        let Output { status, stdout, stderr } = self.run(words);
        let out = String::from_utf8(stdout).unwrap();
        let notes = String::from_utf8(stderr).unwrap();
        format!("exit {}\n{out}{notes}", status.code().unwrap())
    }

    fn names(&self, path: &str) -> Vec<String> {
        let list = std::fs::read_dir(self.0.join(path)).unwrap();
        let mut names: Vec<String> =
            list.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ignored = std::fs::remove_dir_all(&self.0);
    }
}

/// A whole scenario that is right.
const RIGHT: &str = r#"{
  "name": "mine", "family": "raft", "title": "Mine", "lesson": "A test.",
  "systems": [{"name": "raft", "protocol": "raft"}],
  "cast": [{"count": 3, "role": {"server": {}}}, {"name": "c1", "role": {"client": {}}}],
  "duration": "1s",
  "steps": [
    {"when": {"fact": {"name": "became-leader"}}, "do": {"crash": {"node": "leader"}}},
    {"after": "10ms", "do": {"restart": {"node": "n1"}}, "may_miss": true}
  ]
}"#;

/// The answer to a file that is `RIGHT` but for one thing.
fn wrong(from: &str, to: &str) -> String {
    assert_eq!(RIGHT.matches(from).count(), 1, "{from}");
    let folder = Folder::new("wrong");
    let answer = folder.file("mine.json", &RIGHT.replace(from, to)).answer("mine.json");
    assert_eq!(folder.names("."), ["mine.json"], "nothing is half-written");
    answer
}

#[test]
fn a_right_file_runs_and_leaves_its_files() {
    let folder = Folder::new("right");
    let output = folder.file("mine.json", RIGHT).run("mine.json --seed 5");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(folder.names("."), ["mine.json", "partitura-out"]);
    assert_eq!(folder.names("partitura-out"), ["mine-5"]);
    let files = folder.names("partitura-out/mine-5/raft");
    assert_eq!(files, ["figure.svg", "outcome.json", "trace.jsonl"]);
    assert!(!output.stdout.contains(&0x1b), "no colours where there is no terminal");
    let again = folder.run("run --scenario mine.json --seed 5");
    assert_eq!(again.stdout, output.stdout, "the same words give the same bytes");
}

#[test]
fn the_outcome_is_an_array_with_one_object_a_system() {
    let folder = Folder::new("json");
    let output = folder.run("split-brain --no-files --format json");
    let outcomes: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcomes[0]["format"], "partitura-outcome/1");
    assert_eq!(outcomes[0]["scenario"], "split-brain");
    assert_eq!(outcomes[0]["seed"], "42");
    assert_eq!(outcomes[0]["expectation"], "met");
    assert!(folder.names(".").is_empty(), "no files were asked for");
}

#[test]
fn the_list_for_programs_has_every_variant() {
    let folder = Folder::new("list-json");
    let output = folder.run("list --family raft --format json");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list["format"], "partitura-list/1");
    let scenarios = list["scenarios"].as_array().unwrap();
    let named = |name: &str| scenarios.iter().find(|scenario| scenario["name"] == name);
    assert_eq!(named("split-brain").unwrap()["systems"], serde_json::json!(["raft"]));
    assert!(named("split-brain@check-quorum").is_some());
}

#[test]
fn a_caught_mutant_exits_with_1() {
    let folder = Folder::new("mutant");
    let words = "raft-figure8-indirect-commit --no-files --mutant commit-old-term";
    assert_eq!(folder.run(words).status.code(), Some(1));
    let variant = "raft-figure8-indirect-commit@without-the-rule --no-files";
    assert_eq!(folder.run(variant).status.code(), Some(0), "there it is expected");
}

#[test]
fn exports_go_to_a_file_or_instead_of_the_report_to_standard_output() {
    let folder = Folder::new("exports");
    let output = folder.run("split-brain --no-files --export facts=- --export svg=a.svg");
    assert_eq!(output.status.code(), Some(0));
    let facts = String::from_utf8(output.stdout).unwrap();
    assert!(facts.lines().all(|line| line.starts_with("{\"t_ms\":")), "{facts}");
    assert!(facts.contains("became-leader"));
    assert!(std::fs::read_to_string(folder.0.join("a.svg")).unwrap().starts_with("<svg"));
    assert_eq!(folder.names("."), ["a.svg"]);
}

#[test]
fn several_systems_run_side_by_side() {
    let folder = Folder::new("several");
    let two = r#"{"name": "raft", "protocol": "raft"},
        {"name": "raft+pre-vote", "protocol": "raft", "config": {"pre_vote": true}}"#;
    let text = RIGHT.replace(r#"{"name": "raft", "protocol": "raft"}"#, two);
    let output = folder.file("mine.json", &text).run("mine.json --format json --out here");
    let outcomes: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(outcomes.as_array().unwrap().len(), 2);
    assert_ne!(outcomes[0]["digest"], outcomes[1]["digest"]);
    assert_eq!(folder.names("here"), ["raft", "raft+pre-vote"]);
    assert_eq!(folder.names("here/raft"), ["figure.svg", "outcome.json", "trace.jsonl"]);
    assert_eq!(outcomes[1]["files"][1], "here/raft+pre-vote/outcome.json");
    let kept = std::fs::read(folder.0.join("here/raft/outcome.json")).unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept).unwrap();
    assert_eq!(kept["digest"], outcomes[0]["digest"]);
    assert_snapshot!(folder.answer("mine.json --export svg=a.svg"), @"
    exit 2
    error: `--export` writes one system, and this scenario has several
    hint: choose one with `--system raft`
    ");
}

#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let folder = Folder::new("unwritable");
    folder.file("taken", "a file");
    let output = folder.run("split-brain --out taken/here");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("error: taken/here: "));
    assert_eq!(folder.names("."), ["taken"], "nothing is half-written");
    assert_snapshot!(folder.answer("split-brain --export svg=no/a.svg"), @"
    exit 2
    error: there is no folder `no`
    ");
}

#[test]
fn an_unmet_expectation_is_told_and_exits_with_1() {
    let folder = Folder::new("unmet");
    let words = "split-brain --no-files --set expect.operations.unknown=3";
    let text = folder.answer(words);
    assert!(text.starts_with("exit 1\n"), "{text}");
    let sentence = "operations that ended as unknown: 1, expected 3";
    assert!(text.contains(sentence), "{text}");
    let output = folder.run(&format!("{words} --format json"));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("raft: {sentence}\n"));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new("pipe");
    let mut child = Command::new(env!("CARGO_BIN_EXE_partitura"))
        .args(["show", "split-brain", "--source"])
        .current_dir(&folder.0)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn bench_tells_what_it_measured() {
    let folder = Folder::new("bench");
    let output = folder.run("bench split-brain --seconds 1 --format json");
    let bench: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(bench["format"], "partitura-bench/1");
    assert_eq!((&bench["scenario"], &bench["system"]), (&"split-brain".into(), &"raft".into()));
    for field in ["messages_per_cpu_s", "events_per_cpu_s", "seeds_per_cpu_s", "promises"] {
        assert!(bench[field].as_u64().unwrap() > 0, "{field}");
    }
}

#[test]
fn unknown_names_are_answered_with_the_nearest() {
    let folder = Folder::new("unknown-name");
    assert_snapshot!(folder.answer("split-brian"), @r#"
    exit 2
    error: no scenario is called `split-brian`
    hint: did you mean `split-brain`?
    "#);
    assert_snapshot!(folder.answer("lst"), @r#"
    exit 2
    error: no scenario is called `lst`
    hint: did you mean the command `list`?
    "#);
    assert_snapshot!(folder.answer("split-brain@check-quorom"), @r#"
    exit 2
    error: `split-brain` has no variant `check-quorom`
    hint: did you mean `check-quorum`?
    "#);
    assert_snapshot!(folder.answer("split-brain --mutant commit-old"), @r#"
    exit 2
    error: `raft` has no mutant called `commit-old`
    hint: did you mean `commit-old-term`?
    "#);
    assert_snapshot!(folder.answer("split-brain --system zab"), @r#"
    exit 2
    error: `split-brain` has no system `zab`
    hint: there is `raft`
    "#);
    assert_snapshot!(folder.answer("split-brain --export svgs=a.svg"), @r#"
    exit 2
    error: nothing of the kind `svgs` can be exported
    hint: did you mean `svg`?
    "#);
    assert_snapshot!(folder.answer("no-such-file.json"), @r#"
    exit 2
    error: no-such-file.json: there is no such file
    "#);
    assert_snapshot!(folder.answer("list --family rafts"), @r#"
    exit 2
    error: no family is called `rafts`
    hint: did you mean `raft`?
    "#);
    assert_snapshot!(folder.answer(""), @r#"
    exit 2
    error: no scenario is named
    hint: `partitura list` shows them, `partitura --help` the rest
    "#);
    assert!(folder.names(".").is_empty(), "nothing is half-written");
}

#[test]
fn wrong_flags_are_blamed_on_the_flag() {
    let folder = Folder::new("wrong-flags-");
    assert_snapshot!(folder.answer("split-brain --set durations=3s"), @r#"
    exit 2
    error: --set durations=3s: `durations`: a scenario has no field `durations`
    hint: did you mean `duration`?
    "#);
    assert_snapshot!(folder.answer("split-brain --set duration=3"), @r#"
    exit 2
    error: --set duration=3: `duration`: invalid type: integer `3`, expected a string
    "#);
    assert_snapshot!(folder.answer("split-brain --set config.prevote=true"), @r#"
    exit 2
    error: --set config.prevote=true: `systems[0].config.prevote`: unknown field `prevote`
    hint: did you mean `pre_vote`?
    "#);
    assert_snapshot!(folder.answer("split-brain --set steps.20.at=3ms"), @r#"
    exit 2
    error: --set steps.20.at=3ms: `steps`: this list has no entry `20`
    hint: its entries are 0 to 8
    "#);
    assert_snapshot!(folder.answer("split-brain --set duration=200ms"), @r#"
    exit 2
    error: split-brain.json:19:13: `steps[2].at`: 210 ms is after the end of the run at 200 ms
    "#);
    assert_snapshot!(folder.answer("split-brain --seed many"), @r#"
    exit 2
    error: invalid value 'many' for '--seed <N>': a seed is a whole number from 0 to 18446744073709551615

    For more information, try '--help'.
    "#);
    assert_snapshot!(folder.answer("split-brain --export svg"), @r#"
    exit 2
    error: `--export svg` is not KIND=FILE
    hint: for example `--export svg=a.svg`
    "#);
    assert_snapshot!(folder.answer("split-brain --export facts=- --format json"), @r#"
    exit 2
    error: only one thing at a time can go to standard output
    hint: give the others a file
    "#);
    assert!(folder.names(".").is_empty(), "nothing is half-written");
}

#[test]
fn wrong_texts_are_refused() {
    assert_snapshot!(wrong(
        r#""duration": "1s","#,
        r#""duration": "1s""#,
    ), @r#"
    exit 2
    error: mine.json:6:3: not JSON: expected `,` or `}`
    "#);
    assert_snapshot!(wrong(
        r#""title": "Mine""#,
        r#""title": "Mine", "title": "Yours""#,
    ), @r#"
    exit 2
    error: mine.json:2:54: `title`: this key is written twice in one object
    "#);
    assert_snapshot!(wrong(
        r#""lesson": "A test.""#,
        r#""lesons": "A test.""#,
    ), @r#"
    exit 2
    error: mine.json:2:54: `lesons`: unknown field `lesons`
    hint: did you mean `lesson`?
    "#);
    assert_snapshot!(wrong(
        r#", "lesson": "A test.""#,
        "",
    ), @r#"
    exit 2
    error: mine.json:1:1: missing field `lesson`
    "#);
    assert_snapshot!(wrong(
        r#""1s""#,
        r#""1 second""#,
    ), @r#"
    exit 2
    error: mine.json:5:15: `duration`: `1 second` is not a duration; write a whole number and ns, us, ms or s, such as `150ms`
    "#);
    assert_snapshot!(wrong(
        r#""1s""#,
        r#""2000h""#,
    ), @r#"
    exit 2
    error: mine.json:5:15: `duration`: `2000h` is not a duration; write a whole number and ns, us, ms or s, such as `150ms`
    "#);
    assert_snapshot!(wrong(
        r#"{"crash": {"node": "leader"}}"#,
        r#"{"crush": {"node": "leader"}}"#,
    ), @r#"
    exit 2
    error: mine.json:7:58: `steps[0].do.crush`: unknown word `crush`
    hint: did you mean `crash`?
    "#);
    assert_snapshot!(wrong(
        r#"{"crash": {"node": "leader"}}"#,
        r#""heal""#,
    ), @r#"
    exit 2
    error: mine.json:7:57: `steps[0].do.heal`: this must be an object, even an empty one
    hint: write `{"heal": {}}`
    "#);
}

#[test]
fn wrong_names_are_refused() {
    assert_snapshot!(wrong(
        r#""protocol": "raft""#,
        r#""protocol": "rafft""#,
    ), @r#"
    exit 2
    error: mine.json:3:44: `systems[0].protocol`: no protocol is called `rafft`
    hint: did you mean `raft`?
    "#);
    assert_snapshot!(wrong(
        r#""became-leader""#,
        r#""become-leader""#,
    ), @r#"
    exit 2
    error: mine.json:7:32: `steps[0].when.fact.name`: no fact is called `become-leader`
    hint: did you mean `became-leader`?
    "#);
    assert_snapshot!(wrong(
        r#""node": "n1""#,
        r#""node": "n9""#,
    ), @r#"
    exit 2
    error: mine.json:8:50: `steps[1].do.restart.node`: no seat, role, place or bound name is called `n9`
    hint: did you mean `n1`?
    "#);
    assert_snapshot!(wrong(
        r#"{"server": {}}"#,
        r#"{"sever": {}}"#,
    ), @r#"
    exit 2
    error: mine.json:4:34: `cast[0].role.sever`: unknown word `sever`
    hint: did you mean `server`?
    "#);
    assert_snapshot!(wrong(
        r#""count": 3"#,
        r#""count": 3000"#,
    ), @r#"
    exit 2
    error: mine.json:4:22: `cast[0].count`: 3000 seats are asked for; 1 to 1000 are allowed
    "#);
    assert_snapshot!(wrong(
        r#""name": "c1""#,
        r#""name": "n2""#,
    ), @r#"
    exit 2
    error: mine.json:4:59: `cast[1].name`: two seats are called `n2`
    "#);
}

#[test]
fn wrong_words_of_the_protocol_are_refused() {
    assert_snapshot!(wrong(
        r#"{"restart": {"node": "n1"}}"#,
        r#"{"fire": {"node": "n1", "timer": "elections"}}"#,
    ), @r#"
    exit 2
    error: mine.json:8:62: `steps[1].do.fire.timer`: no timer is called `elections`
    hint: did you mean `election`?
    "#);
    assert_snapshot!(wrong(
        r#"{"restart": {"node": "n1"}}"#,
        r#"{"client": {"client": "n1", "operation": {"read": {"key": "x"}}}}"#,
    ), @r#"
    exit 2
    error: mine.json:8:51: `steps[1].do.client.client`: `n1` is a server, not a client
    hint: did you mean `c1`?
    "#);
    assert_snapshot!(wrong(
        r#"{"restart": {"node": "n1"}}"#,
        r#"{"hold": {"kind": "AppendEntry"}}"#,
    ), @r#"
    exit 2
    error: mine.json:8:47: `steps[1].do.hold.kind`: no message is called `AppendEntry`
    hint: did you mean `AppendEntries`?
    "#);
    assert_snapshot!(wrong(
        r#"{"restart": {"node": "n1"}}"#,
        r#"{"loss": {"rate": "200%"}}"#,
    ), @r#"
    exit 2
    error: mine.json:8:47: `steps[1].do.loss.rate`: `200%` is not a rate; write 0% to 100% with at most four decimals, such as `0.05%`
    "#);
}

#[test]
fn help_reads_well() {
    let folder = Folder::new("help");
    assert_snapshot!(folder.answer("--help"), @r#"
    exit 0
    Deterministic simulation of distributed systems: run a scenario, read the figure

    Usage: partitura [OPTIONS] [SCENARIO]
           partitura <COMMAND>

    Commands:
      run            Run a scenario; the same as naming it without `run`
      list           Every scenario, in one line each
      show           The lesson of a scenario, its cast and its steps in words
      schema         The JSON Schema of scenario files, for editors
      sweep          Run many seeds, and report which promises break
      merge          Put the summaries of shards together
      shrink         Make a seed that breaks a promise as small as it gets
      mutants        Which promise catches which planted bug
      replay         Run a failure file that `sweep` or `shrink` wrote
      verify         Run every seed twice, and name the first event that differs
      bench          How fast a scenario runs, seed after seed
      check-history  Whether what clients saw is consistent: any system's history, from a file
      conform        Compare runs with recordings of the real system
      completions    What a shell needs to complete commands, on standard output
      man            The manual pages, one a command

    Arguments:
      [SCENARIO]  The scenario: NAME, NAME@VARIANT or a file

    Options:
          --scenario <SCENARIO>  The same, as a flag
          --seed <N>             The seed of all dice [default: the scenario's own]
          --system <NAME>        Only this system of the scenario
          --set <PATH=VALUE>     Change a field of the scenario; may be repeated
          --mutant <NAME>        Plant a bug; judged as if nobody had
          --out <DIR>            Where files go [default: partitura-out/SCENARIO-SEED]
          --no-files             Write no files
          --preset <PRESET>      The page of the figure: figure, readme, slide, or poster (two runs, one
                                 change) [default: figure]
          --format <FORMAT>      What is printed: text or json [default: text]
          --export <KIND=FILE>   Also write one kind of output to FILE, or to standard output with `-`;
                                 may be repeated
      -h, --help                 Print help
      -V, --version              Print version

    Examples:
      partitura list                                   what there is
      partitura split-brain                            run it and draw it
      partitura run split-brain --seed 7               the same with other dice
      partitura run split-brain --set nodes=9          what if there were nine?
      partitura run my.json --set config.pre_vote=true a scenario of your own
      partitura run split-brain --export facts=-       what happened, one JSON object a line
      partitura sweep raft-chaos --seeds 0..1000       which promise breaks, and in which seed?

    Exit codes: 0 as the scenario expects; 1 not so; 2 bad input; 3 undecided; 101 our own bug
    "#);
}

#[test]
fn list_reads_well() {
    let folder = Folder::new("list");
    let listed = folder.answer("list");
    assert!(listed.starts_with("exit 0\nraft\n  split-brain  "), "{listed}");
    for entry in scenarios::catalog::ALL {
        let scenario = scenarios::Scenario::load(entry.name).unwrap();
        let line = listed.lines().find(|line| line.trim().split(' ').next() == Some(entry.name));
        let line = line.unwrap_or_else(|| panic!("`{}` is not listed", entry.name));
        assert!(line.ends_with(scenario.title()), "{line}");
    }
}

#[test]
fn show_reads_well() {
    let folder = Folder::new("show");
    assert_snapshot!(folder.answer("show split-brain"), @r#"
    exit 0
    Raft split brain: the cut-off leader keeps accepting writes, but cannot commit them

    Two servers may both believe that they lead, in different terms. Only the one that reaches a majority can commit; what the other one accepted is never acknowledged, and vanishes when the network heals.

      name      split-brain (family raft)
      systems   raft
      cast      c1 (client); n1 to n5 (server); c2 (client)
      network   delay 5–12 ms
      length    2000 ms, seed 42
      expects   holds election-safety, leader-append-only, log-matching, leader-completeness, state-machine-safety, vote-uniqueness, monotony, durability, committed-never-truncated, commit-legality, exactly-once; reaches became-leader, stepped-down, log-truncated

    Steps
       0  at 0 ms: the election timer of n1 runs out
       1  at 60 ms: c1: write x=1
       2  at 210 ms, old is leader: partition c1, leader, a follower | rest
          "The network splits. {old} can reach only one other server."
       3  at 220 ms: c1: write x=2
       4  old announces entry-appended: look
          "{old} still believes that it leads term 1, so it accepts x=2 and appends it."
       5  25 ms after that: look
          "One ack arrives: 2 of 5 copies. A majority needs 3, so x=2 stays uncommitted."
       6  a node announces became-leader, new is leader: look
          "{new} has 3 of 5 votes. Two servers now call themselves leader, in different terms."
       7  20 ms after that: c2: write x=3
       8  80 ms after that: heal
          "The partition heals: what {new} sends reaches {old} again."

    Variants
      split-brain@check-quorum  With CheckQuorum the cut-off leader notices that nobody answers and steps down by itself
    "#);
}

#[test]
fn show_tells_what_chaos_draws_for_a_seed() {
    let folder = Folder::new("drawn");
    let answer = folder.answer("show raft-chaos@pre-vote --seed 3");
    let drawn = answer.split_once("\nDrawn").unwrap().1;
    assert_snapshot!(drawn, @r#"
     by chaos for seed 3
          at 542.009 ms: crash n3, for 850.562 ms
          at 906.662 ms: crash n2, for 660.543 ms
          at 1461.362 ms: loss 3.2612 % of messages, for 506.827 ms
          at 1646.757 ms: crash n1, for 375.609 ms
          at 2176.456 ms: crash n5, for 349.295 ms
          at 2282.489 ms: loss 3.8845 % of messages, for 272.042 ms
          at 2552.69 ms: crash n5, for 216.411 ms
          at 2831.426 ms: loss 26.6037 % of messages, for 849.301 ms
          at 3427.389 ms: crash n1, for 802.044 ms
          at 3715.483 ms: crash n3, for 821.64 ms
          at 4116.805 ms: loss 17.1708 % of messages, for 640.291 ms
          at 4301.786 ms: crash n2, for 721.419 ms
          at 4782.114 ms: crash n4, for 724.132 ms
          at 5202.462 ms: loss 16.4032 % of messages, for 309.592 ms
          at 5361.114 ms: crash n2, for 762.961 ms
          at 5558.097 ms: crash n5, for 806.451 ms
          at 5755.816 ms: loss 28.5809 % of messages, for 53.215 ms
          at 6106.761 ms: loss 26.8905 % of messages, for 589.626 ms
          at 6306.789 ms: crash n1, for 563.332 ms
          at 6760.556 ms: crash n2, for 486.759 ms
          at 6921.85 ms: loss 23.1137 % of messages, for 203.312 ms
          at 7074.556 ms: crash n4, for 118.926 ms
          at 7301.913 ms: crash n1, for 596.344 ms
          at 7634.276 ms: loss 29.9925 % of messages, for 365.723 ms
          at 8000 ms: everybody recover, and make progress within 1900 ms
    "#);
    let peace = folder.answer("show split-brain --seed 3");
    assert!(peace.ends_with("\n\nDrawn by chaos for seed 3\n      nothing\n"), "{peace}");
}
