//! `partitura check-history` from outside: verdicts, words, files, and input that cannot be used;
//! and histories of our own runs, which read back as they were.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use scenarios::client_history::read;
use scenarios::{Scenario, prepare, run};
use sim_engine::Recording;
use sim_engine::checkers::{Check, ClientHistory, Consistency, Linearizability, Model, Verdict};

/// Where the histories are that come with the tests.
fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/histories")
}

/// Runs the program in a folder; the exit code, what was printed and what was noted.
fn partitura(folder: &Path, words: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_partitura"));
    let Output { status, stdout, stderr } =
        command.args(words.split_whitespace()).current_dir(folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// The answer to `check-history WORDS` beside the shipped histories, without its time.
fn answer(words: &str) -> String {
    let (code, out, notes) = partitura(&shipped(), &format!("check-history {words}"));
    let timeless = |line: &str| match line.rsplit_once(", ").filter(|_| line.ends_with(" µs")) {
        Some((head, _)) => format!("{head}, N µs\n"),
        None => format!("{line}\n"),
    };
    let out: String = out.lines().map(timeless).collect();
    format!("exit {code}\n{out}{notes}")
}

/// A new folder for one test.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("partitura-check-{name}-{}", std::process::id()));
    let _ignored = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn every_shipped_history_has_its_verdict_and_exit_code() {
    let table = std::fs::read_to_string(shipped().join("verdicts.tsv")).unwrap();
    let (mut legal, mut illegal) = (0, 0);
    for line in table.lines().skip(1) {
        let [file, model, level, verdict] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let words = format!("check-history {file} --model {model} --consistency {level}");
        let (code, out, notes) = partitura(&shipped(), &format!("{words} --format json"));
        let object: serde_json::Value = serde_json::from_str(&out).expect(&notes);
        assert_eq!(object["verdict"], verdict, "{line}");
        assert_eq!(object["format"], "partitura-history-check/1");
        let expected = if verdict == "legal" { &mut legal } else { &mut illegal };
        *expected += 1;
        assert_eq!(code, i32::from(verdict == "illegal"), "{line}");
        assert_eq!(object["refused"].is_null(), verdict == "legal", "{line}");
    }
    assert!(legal >= 10 && illegal >= 10, "{legal} legal, {illegal} illegal");
}

/// Histories from elsewhere, if `PARTITURA_HISTORIES` names their folder: `verdicts.tsv` lists a
/// file without its ending, its operations, and `Ok` or `Illegal`.
#[test]
fn histories_from_elsewhere_have_the_verdicts_that_others_gave_them() {
    let Some(root) = std::env::var_os("PARTITURA_HISTORIES").map(PathBuf::from) else {
        // Whoever has none still learns that the reader and the checker work together.
        let text = std::fs::read_to_string(shipped().join("appends.kv")).unwrap();
        let recorded = read(&text, None, Model::Kv).unwrap();
        let mut check = Linearizability::new(Model::Kv, &recorded.history).unwrap();
        assert_eq!(check.advance(10_000), Verdict::Legal);
        return;
    };
    let mut files = BTreeMap::new();
    for folder in std::fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        if folder.is_dir() {
            for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                files.insert(file.file_stem().unwrap().to_string_lossy().into_owned(), file);
            }
        }
    }
    let table = std::fs::read_to_string(root.join("verdicts.tsv")).unwrap();
    let mut judged = 0;
    for line in table.lines().skip(1) {
        let words: Vec<&str> = line.split('\t').collect();
        // The same keys, but whoever made the table did not part them.
        let name = words[0].trim_end_matches("-nopart");
        let file = &files[name];
        let is_log = file.extension().is_some_and(|end| end == "log");
        let model = if is_log { Model::CasRegister } else { Model::Kv };
        let text = std::fs::read_to_string(file).unwrap();
        let recorded = read(&text, None, model).unwrap_or_else(|p| panic!("{name}: {p}"));
        let mut check = Check::new(Consistency::Linearizable, model, &recorded.history).unwrap();
        let expected = if words[2] == "Ok" { Verdict::Legal } else { Verdict::Illegal };
        assert_eq!(check.advance(20_000_000), expected, "{name}");
        assert_eq!(check.finding(200_000).is_some(), expected == Verdict::Illegal, "{name}");
        judged += 1;
    }
    assert!(judged > 0, "the table is empty");
}

#[test]
fn what_is_printed_of_a_verdict() {
    let mut told = String::new();
    for words in [
        "keyed-cas.edn --model cas-register",
        "stale-read.edn --model register",
        "refused-cas.log --model cas-register",
        "appends-swapped.kv --model kv",
        "money-made.json --model bank",
        "behind.edn --model register --consistency sequential",
        "backwards.edn --model register --consistency monotonic-reads",
        "two-holders.json --model lock --consistency exclusion",
    ] {
        writeln!(told, "$ check-history {words}\n{}", answer(words)).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_history_is_written_again_with_every_key_that_was_read() {
    let (code, out, notes) =
        partitura(&shipped(), "check-history stale-read.edn --model register --export edn=-");
    assert_eq!((code, notes.as_str()), (1, ""));
    let text = std::fs::read_to_string(shipped().join("stale-read.edn")).unwrap();
    let [once, again] = [&text, &out].map(|text| read(text, None, Model::Register).unwrap());
    assert_eq!(once, again);
    assert!(out.contains(":node \"n1\"") && out.contains(":time 13000000"), "{out}");
    let words = "check-history queue.json --model queue --export edn=-";
    assert_eq!(partitura(&shipped(), words).0, 2, "there are no events in it");
}

#[test]
fn a_figure_and_the_verdict_are_written_where_they_are_asked_for() {
    let folder = folder("files");
    let text = std::fs::read_to_string(shipped().join("stale-read.edn")).unwrap();
    std::fs::write(folder.join("a.edn"), text).unwrap();
    let words = "check-history a.edn --model register --out why --export svg=b.svg";
    assert_eq!(partitura(&folder, words).0, 1);
    let svg = std::fs::read_to_string(folder.join("why/figure.svg")).unwrap();
    assert_eq!(svg, std::fs::read_to_string(folder.join("b.svg")).unwrap());
    assert!(svg.starts_with("<svg") && svg.contains("start-partition") && svg.contains("op-3"));
    let json = std::fs::read_to_string(folder.join("why/check.json")).unwrap();
    assert!(json.contains("\"verdict\": \"illegal\""));
    let (code, out, _) = partitura(&folder, "check-history a.edn --model register --export svg=-");
    assert_eq!((code, out), (1, svg));
    std::fs::remove_dir_all(folder).unwrap();
}

fn dequeued(value: u64) -> String {
    let asked = "{:process 0 :type :invoke :f :dequeue :value nil}\n";
    format!("{asked}{{:process 0 :type :ok :f :dequeue :value {value}}}\n")
}

#[test]
fn a_history_that_takes_too_long_is_undecided() {
    let folder = folder("long");
    // Enough concurrent operations on few values to keep anybody busy, and one absurd end.
    let mut text = String::new();
    for n in 0..40 {
        writeln!(text, "{{:process {n} :type :invoke :f :enqueue :value {n}}}").unwrap();
    }
    for n in 0..40 {
        writeln!(text, "{{:process {n} :type :ok :f :enqueue :value {n}}}").unwrap();
    }
    for n in 0..39 {
        text.push_str(&dequeued((n * 7 + 3) % 40));
    }
    text.push_str(&dequeued(3));
    std::fs::write(folder.join("long.edn"), text).unwrap();
    let (code, out, _) = partitura(&folder, "check-history long.edn --model queue --budget 30ms");
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("undecided") && out.contains("`--budget` gives more time"), "{out}");
    let timeless = out.lines().enumerate().filter(|(line, _)| *line != 1).map(|(_, line)| line);
    insta::assert_snapshot!(timeless.collect::<Vec<_>>().join("\n"));
    let (_, out, _) =
        partitura(&folder, "check-history long.edn --model queue --budget 30ms --format json");
    let object: serde_json::Value = serde_json::from_str(&out).unwrap();
    let micros = object["micros"].as_u64().unwrap();
    assert!((30_000..80_000).contains(&micros), "a budget holds, even on a busy machine: {micros}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn input_that_cannot_be_used_is_told_with_its_place() {
    let folder = folder("bad");
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).unwrap();
    put("empty.edn", b" \n");
    put("binary.edn", &[0x7f, b'E', b'L', b'F', 0, 1, 2]);
    put("latin.edn", &[b'{', 0xe9, b'}']);
    put("torn.edn", b"{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f");
    put("order.edn", b"{:process 0, :type :invoke, :f :read}\n{:process 0, :type :ok, :f :write}");
    put("word.edn", b"{:process 0, :type :invoke, :f :raed}");
    put("type.edn", b"{:process 0, :type :begin, :f :read}");
    put("deep.edn", &[b'['; 5_000]);
    put("words.txt", b"this is a letter, not a history");
    put("field.json", b"{\"operations\": [{\"process\": 1, \"kall\": \"read\"}]}");
    put("scenario.json", b"{\"name\": \"mine\", \"family\": \"raft\"}");
    std::fs::create_dir_all(folder.join("store")).unwrap();
    let mut told = String::new();
    for words in [
        "empty.edn --model kv",
        "binary.edn --model kv",
        "latin.edn --model kv",
        "missing.edn --model kv",
        "store --model kv",
        "torn.edn --model register",
        "order.edn --model register",
        "word.edn --model register",
        "type.edn --model register",
        "deep.edn --model register",
        "words.txt --model register",
        "field.json --model register",
        "scenario.json --model register",
        "torn.edn --model cas-registre",
        "torn.edn --model register --consistency linearisable",
        "torn.edn --model register --input-format jepsen",
        "torn.edn --model register --export png=a.png",
        "torn.edn --model register --export svg",
        "torn.edn --model register --budget soon",
        "torn.edn",
    ] {
        let (code, out, notes) = partitura(&folder, &format!("check-history {words}"));
        assert_eq!((code, out.as_str()), (2, ""), "{words}: {notes}");
        writeln!(told, "$ {words}\n{notes}").unwrap();
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 12, "nothing is half-written");
    insta::assert_snapshot!(told);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A history in words: who did what, and when on a scale of beginnings and ends only.
fn words(history: &ClientHistory) -> Vec<String> {
    let ended =
        |op: &sim_engine::checkers::ClientOperation| (op.ended > op.invoked).then_some(op.ended);
    let all = history.operations.iter();
    let mut moments: Vec<u64> =
        all.flat_map(|op| [Some(op.invoked), ended(op)].into_iter().flatten()).collect();
    moments.sort_unstable();
    let rank = |moment| moments.partition_point(|other| *other < moment);
    let word = |(at, op): (usize, &sim_engine::checkers::ClientOperation)| {
        let (from, to) = (rank(op.invoked), ended(op).map(rank));
        format!("{} {from}..{to:?} {}", history.process_name(op.process), history.describe(at))
    };
    history.operations.iter().enumerate().map(word).collect()
}

#[test]
fn the_history_of_a_run_reads_back_as_it_was() {
    let (mut operations, mut notes) = (0, 0);
    for name in ["split-brain", "raft-chaos", "raft-crash-leader", "txn2-cross-shard-transfer"] {
        let folder = folder(name);
        let words_typed = format!("{name} --no-files --seed 5 --export jepsen=h.edn");
        partitura(&folder, &words_typed);
        let text = std::fs::read_to_string(folder.join("h.edn")).unwrap();
        let recorded = read(&text, None, Model::Store).unwrap_or_else(|p| panic!("{name}: {p}"));
        let scenario = Scenario::load(name).unwrap();
        let prepared = prepare(&scenario, scenario.systems()[0], None).unwrap();
        let outcome = run(&prepared, 5, Recording::Nothing).outcome;
        let mut own = ClientHistory::of_run(&outcome.history, prepared.refusals);
        for op in &recorded.history.operations {
            own.name_process(op.process, recorded.history.process_name(op.process));
        }
        assert_eq!(words(&recorded.history), words(&own), "{name}");
        operations += own.operations.len();
        notes += recorded.annotations.len();
        let (code, out, _) = partitura(&folder, "check-history h.edn --model store");
        assert!(name.starts_with("txn") || code == 0, "{name}: {out}");
        std::fs::remove_dir_all(folder).unwrap();
    }
    assert!(operations > 50 && notes > 5, "{operations} operations, {notes} faults");
}
