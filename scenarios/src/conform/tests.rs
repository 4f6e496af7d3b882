//! Comparisons with recordings of etcd, and with recordings that were doctored: those must not
//! conform.

use serde_json::{Value, json};

use super::micros::Micros;
use super::{Conformity, RecordingOf, conform};
use crate::sweep::Crew;

/// The folder of the recordings.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/testdata/recordings/etcd");

fn text(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/etcd-{name}.json")).unwrap()
}

pub(super) fn compared(text: &str, seeds: u64, mutant: Option<&str>) -> Conformity {
    let recording = RecordingOf::parse("recording.json", text).unwrap();
    let crew = Crew::new(None).unwrap();
    conform(&recording, 0..seeds, mutant, &crew).unwrap()
}

/// Everything that differs, for messages.
pub(super) fn differences(one: &Conformity) -> Vec<String> {
    let orders = one.processes.iter().filter_map(|process| {
        process.first_difference.as_ref().map(|why| format!("{}: {why}", process.name))
    });
    let edges = one.edges.iter().filter_map(|edge| edge.why.clone());
    let windows = one.windows.iter().filter(|window| !window.inside);
    let windows = windows.map(|window| window.sentence("etcd"));
    let results = one.results.iter().filter(|line| !line.ok);
    let results = results.map(|line| format!("{}: {}", line.what, line.recorded));
    orders.chain(edges).chain(windows).chain(results).collect()
}

/// A recording with something changed.
fn doctored(name: &str, change: impl Fn(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(&text(name)).unwrap();
    let before = value.clone();
    change(&mut value);
    assert_ne!(value, before, "nothing was changed");
    value.to_string()
}

fn events(recording: &mut Value) -> &mut Vec<Value> {
    recording["events"].as_array_mut().unwrap()
}

/// What differs when a recording is doctored.
fn wrong(name: &str, change: impl Fn(&mut Value)) -> String {
    let one = compared(&doctored(name, change), 100, None);
    assert!(!one.conforms, "{name}");
    differences(&one).join("\n")
}

#[test]
fn recordings_of_every_case_conform() {
    let names = [
        "kill-leader-n3-prevote-3",
        "kill-leader-n3-noprevote-5",
        "minority-n3-noprevote-1",
        "onelink-n3-noprevote-1",
        "partition-follower-n3-prevote-1",
        "partition-leader-n3-prevote-1",
        "partition-leader-n3-noprevote-1",
        "stop-leader-n3-noprevote-2",
        "transfer-n3-noprevote-2",
    ];
    for name in names {
        let one = compared(&text(name), 200, None);
        assert!(one.conforms, "{name}: {:#?}", differences(&one));
        assert!(one.runs_with_the_same_orders > 0, "{name}");
    }
}

#[test]
fn the_recorded_times_of_a_case_are_not_all_at_the_edge() {
    let cases = [
        ("kill-leader-n3-prevote", 8),
        ("kill-leader-n3-noprevote", 8),
        ("partition-follower-n3-prevote", 2),
        ("partition-leader-n3-noprevote", 2),
        ("stop-leader-n3-noprevote", 2),
        ("transfer-n3-noprevote", 3),
    ];
    for (case, runs) in cases {
        let all: Vec<Conformity> =
            (1..=runs).map(|run| compared(&text(&format!("{case}-{run}")), 80, None)).collect();
        let windows = all.iter().flat_map(|one| &one.windows);
        let mut names: Vec<&str> = windows.map(|window| window.event.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert!(names.len() >= 4, "{case}: {names:?}");
        // The longest of many pauses of a real machine is no time of the protocol.
        for name in names.into_iter().filter(|name| *name != "max-write-gap") {
            let own =
                || all.iter().flat_map(|one| &one.windows).filter(|window| window.event == name);
            assert!(
                own().any(|window| !window.outer),
                "{case}: {name}: {:#?}",
                own().collect::<Vec<_>>()
            );
        }
    }
}

#[test]
fn another_winner_does_not_conform() {
    // The one that was killed wins.
    let why = wrong("kill-leader-n3-prevote-3", |recording| {
        for event in events(recording) {
            let swap =
                |text: &str| text.replace("m1", "mX").replace("m3", "m1").replace("mX", "m3");
            for key in ["source", "details"] {
                event[key] = json!(swap(event[key].as_str().unwrap()));
            }
        }
    });
    assert!(why.contains("first to lead"), "{why}");
}

#[test]
fn a_step_of_three_terms_does_not_conform_with_prevote() {
    let why = wrong("kill-leader-n3-prevote-3", |recording| {
        for event in events(recording) {
            let details = event["details"].as_str().unwrap().replace("term=5", "term=7");
            event["details"] = json!(details);
        }
    });
    assert!(why.contains("epochs between leaders: +3"), "{why}");
}

#[test]
fn a_vote_after_the_election_does_not_conform() {
    let why = wrong("kill-leader-n3-prevote-3", |recording| {
        let events = events(recording);
        let at = events.iter().position(|event| event["event"] == "vote-cast").unwrap();
        let mut late = events.remove(at);
        let after = events.iter().rposition(|event| event["event"] == "leader-elected");
        let after = after.unwrap() - 1;
        late["t_ms"] = json!(events[after]["t_ms"].as_f64().unwrap());
        events.insert(after + 1, late);
    });
    assert!(why.contains("`became-leader` at") && why.contains("without `vote-cast`"), "{why}");
    assert!(why.contains("the recording has"), "{why}");
}

#[test]
fn a_time_far_outside_does_not_conform() {
    let why = wrong("kill-leader-n3-prevote-3", |recording| {
        for list in ["events", "faults"] {
            for line in recording[list].as_array_mut().unwrap() {
                let at = line["t_ms"].to_string().parse::<Micros>().unwrap();
                if at > Micros::millis(1) {
                    line["t_ms"] = json!(at.times(4));
                }
            }
        }
    });
    assert!(why.contains("became-leader after kill"), "{why}");
}

#[test]
fn a_missing_event_does_not_conform() {
    let why = wrong("kill-leader-n3-prevote-3", |recording| {
        events(recording).retain(|event| event["event"] != "leader-lost");
    });
    assert!(why.contains("leader-lost after kill: etcd never"), "{why}");
}

#[test]
fn a_system_with_another_setting_does_not_conform() {
    let why = wrong("kill-leader-n3-prevote-3", |recording| {
        recording["config"]["pre-vote"] = json!(false);
    });
    assert!(why.contains("became-pre-candidate"), "{why}");
    let why = wrong("kill-leader-n3-noprevote-5", |recording| {
        recording["config"]["pre-vote"] = json!(true);
    });
    assert!(why.contains("became-candidate"), "{why}");
}

#[test]
fn other_results_of_clients_do_not_conform() {
    let why = wrong("minority-n3-noprevote-1", |recording| {
        for event in events(recording) {
            if event["details"].as_str().unwrap().contains("linearizable") {
                event["details"] = json!("linearizable read at m3 => \"ok\"");
            }
        }
    });
    assert!(why.contains("linearizable read: answered"), "{why}");
    let why = wrong("partition-follower-n3-prevote-1", |recording| {
        recording["observations"]["failed_puts"] = json!(50);
        recording["observations"]["max_write_gap_ms"] = json!(3000);
    });
    assert!(why.contains("writes that failed: 50") && why.contains("max-write-gap"), "{why}");
}

#[test]
fn a_read_of_the_newest_value_where_it_must_be_old_does_not_conform() {
    let newest = |name, from: &str, to: &str| {
        wrong(name, |recording| {
            for event in events(recording) {
                event["details"] = json!(event["details"].as_str().unwrap().replace(from, to));
            }
        })
    };
    let (from, to) = (r#"{"count": null, "rev": "4"}"#, r#"{"count": "1", "rev": "5"}"#);
    let why = newest("partition-leader-n3-prevote-1", from, to);
    assert!(why.contains("serializable read: the newest value"), "{why}");
    let older = r#"{"count": null, "rev": "2"}"#;
    let why = newest("partition-leader-n3-prevote-1", from, older);
    assert!(why.contains("serializable read: a value older by 3 writes"), "{why}");
    // Of a later round only what members had applied tells how old it is.
    let why = wrong("partition-leader-n3-noprevote-2", |recording| {
        recording["observations"]["before_heal"]["m3"]["index"] = json!(19);
    });
    assert!(why.contains("serializable read: the newest value"), "{why}");
}

#[test]
fn names_do_not_matter_and_a_killed_process_may_be_started_again() {
    let other = doctored("kill-leader-n3-prevote-3", |recording| {
        let text = recording.to_string();
        let text = text.replace("m1", "etcd-a").replace("m2", "b").replace("m3", "infra-3");
        *recording = serde_json::from_str(&text.replace("\"restart\"", "\"start\"")).unwrap();
    });
    let one = compared(&other, 100, None);
    assert!(one.conforms, "{:#?}", differences(&one));
    assert!(one.windows.iter().any(|window| window.event == "leader-elected after restart"));
}

#[test]
fn planted_bugs_do_not_conform() {
    let bugs = [
        ("minority-n3-noprevote-1", "candidate-gives-up"),
        ("kill-leader-n3-prevote-1", "prevote-bumps-term"),
        ("onelink-n3-noprevote-1", "no-log-check"),
    ];
    for (name, mutant) in bugs {
        let one = compared(&text(name), 100, Some(mutant));
        assert!(!one.conforms, "{mutant} conforms to {name}");
    }
}

/// What is wrong with a recording that cannot be used.
fn refused(text: &str) -> String {
    let recording = RecordingOf::parse("r.json", text);
    let compare = |recording: RecordingOf| {
        conform(&recording, 0..1, None, &Crew::new(Some(1)).unwrap()).map(|_| ())
    };
    recording.and_then(compare).unwrap_err().to_string()
}

#[test]
fn recordings_that_cannot_be_used_are_refused_with_place_and_hint() {
    let name = "kill-leader-n3-prevote-3";
    let change = |change: &dyn Fn(&mut Value)| refused(&doctored(name, change));
    let answers = [
        refused("{"),
        refused("{}"),
        refused(r#"{"format": "partitura-recording/2"}"#),
        change(&|recording| recording["system"] = json!("redis 7.0.15")),
        change(&|recording| recording["faults"][1]["target"] = json!("m9")),
        change(&|recording| recording["faults"][1]["action"] = json!("explode")),
        change(&|recording| recording["events"][3]["t_ms"] = json!(-5)),
        change(&|recording| recording["events"][3]["t_ms"] = json!("soon")),
        change(&|recording| recording["config"]["heartbeat-interval"] = json!(-1)),
        change(&|recording| recording["nodes"] = json!([])),
        change(&|recording| {
            recording["faults"][1] = json!({
                "t_ms": 0, "action": "cut", "target": "m1|", "details": ""
            });
        }),
        change(&|recording| {
            recording["faults"][1] = json!({
                "t_ms": 0, "action": "command", "target": "m1", "details": "defrag m1"
            });
        }),
    ];
    let lines = answers.iter().map(|answer| {
        // The places are those of a text in one line.
        let (place, rest) = answer.split_once(": ").unwrap();
        format!("{}: {rest}\n", place.split(':').next().unwrap())
    });
    insta::assert_snapshot!(lines.collect::<String>());
}
