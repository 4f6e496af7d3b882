//! Runs of the simulator, written down as recordings: they conform, whatever the number of members,
//! their names and when the driver did what.

use serde_json::{Value, json};

use super::answers::Came;
use super::micros::Micros;
use super::observed::Observed;
use super::stage::Stage;
use super::tests::{compared, differences};
use super::{RecordingOf, perform};

/// What the driver did: the time, the action, the target, the details.
type Deed<'a> = (i64, &'a str, &'a str, &'a str);

const BEFORE: Deed<'_> = (-20, "write", "n1", "three puts just before the fault (time nominal)");
const PROBE: Deed<'_> =
    (1, "write", "all other members", "probe put, time-out 300 ms, retried until one succeeds");
/// When the probe's first write succeeds before anybody knows.
const FIRST_WRITE: i64 = 1_500;

/// A recording of five members, of which the first led, with no events but the probe's.
fn script(pre_vote: bool, deeds: &[Deed<'_>]) -> Value {
    let names = ["n1", "n2", "n3", "n4", "n5"];
    let starts = names.map(|name| json!({"t_ms": -2500, "action": "start", "target": name}));
    let deeds = deeds.iter().map(|(at, action, target, details)| {
        json!({"t_ms": at, "action": action, "target": target, "details": details})
    });
    let node =
        |name| json!({"name": name, "role": if name == "n1" { "leader" } else { "follower" }});
    let has_probe = deeds.clone().any(|deed| deed["details"] == PROBE.3);
    let first_write = json!({
        "t_ms": FIRST_WRITE, "source": "driver", "event": "first-write", "details": "via=n2"
    });
    json!({
        "format": "partitura-recording/1",
        "case": "own",
        "run": 1,
        "system": "etcd 3.4.23",
        "nodes": names.map(node),
        "config": {
            "heartbeat-interval": 100, "election-timeout": 1000,
            "pre-vote": pre_vote, "check-quorum": true,
        },
        "faults": starts.into_iter().chain(deeds).collect::<Vec<_>>(),
        "events": if has_probe { vec![first_write] } else { Vec::new() },
    })
}

/// What one run of it comes to.
fn run_once(script: &Value, seed: u64) -> Observed {
    let recording = RecordingOf::parse("own.json", &script.to_string()).unwrap();
    let stage = Stage::of(&recording).unwrap();
    perform(&stage, &stage.prepared(None).unwrap(), seed)
}

/// The script with the times and events of one of its runs.
fn written_down(script: &Value, seed: u64) -> Value {
    let observed = run_once(script, seed);
    let mut recording = script.clone();
    let later = |at| at - Micros::millis(FIRST_WRITE);
    let written = observed.first_write.map_or(Micros::ZERO, later);
    let deeds = recording["faults"].as_array_mut().unwrap().iter_mut();
    for deed in deeds.filter(|deed| deed["t_ms"].as_i64() > Some(FIRST_WRITE)) {
        let at: Micros = deed["t_ms"].to_string().parse().unwrap();
        deed["t_ms"] = json!(at + written);
    }
    let driver = |at: Micros, event: &str, details: String| {
        (at, json!({"t_ms": at, "source": "driver", "event": event, "details": details}))
    };
    // What came before the first fault is left out, as in a later round: the replay starts its
    // clocks at other moments.
    let counted = observed.events.iter().filter(|one| one.at >= Micros::ZERO);
    let announced = counted.map(|one| {
        let (source, event) = (&one.source, one.kind);
        let line = json!({
            "t_ms": one.at, "source": source, "event": event, "details": one.details
        });
        (one.at, line)
    });
    let mut events: Vec<(Micros, Value)> = announced.collect();
    events.extend(observed.first_write.map(|at| driver(at, "first-write", "via=n2".to_owned())));
    let answered = Micros::millis(FIRST_WRITE + 1_600) + written;
    events.extend(observed.answers.iter().map(|(asked, came)| {
        let came = match came {
            Came::Nothing => "\"TimeoutError\"".to_owned(),
            Came::Something => "\"ok\"".to_owned(),
            // Three writes before the fault and the probe's are acknowledged.
            Came::Lacks(n) => json!({"count": "1", "rev": (5 - n).to_string()}).to_string(),
        };
        driver(answered, "client-reply", format!("{asked} => {came}"))
    }));
    events.sort_by_key(|(at, _)| *at);
    recording["events"] = events.into_iter().map(|(_, event)| event).collect();
    recording
}

/// Without PreVote elections among five may go so many ways that few runs are enough only where
/// little happens.
const BOTH: &[bool] = &[false, true];

fn conforms_to_itself(what: &str, settings: &[bool], deeds: &[Deed<'_>]) {
    for pre_vote in settings.iter().copied() {
        let seed = if pre_vote { 1_000_002 } else { 1_000_001 };
        let recording = written_down(&script(pre_vote, deeds), seed);
        let one = compared(&recording.to_string(), 100, None);
        let (orders, what) = (&differences(&one), format!("{what}, PreVote {pre_vote}"));
        assert!(one.conforms, "{what}: {orders:#?}");
        assert!(one.windows.len() >= 3, "{what}");
    }
}

#[test]
fn five_members_without_their_leader_conform() {
    let killed = (0, "kill", "n1", "leader, SIGKILL");
    let again = (FIRST_WRITE + 6, "start", "n1", "");
    conforms_to_itself("kill-leader", BOTH, &[BEFORE, killed, PROBE, again]);
    let paused = (0, "pause", "the leader", "SIGSTOP");
    let resumed = (FIRST_WRITE + 2_000, "resume", "n1", "SIGCONT");
    conforms_to_itself("stop-leader", &[false], &[BEFORE, paused, PROBE, resumed]);
    let moved = (0, "command", "n1", "move-leader to n4 (the client needs a while)");
    conforms_to_itself("transfer", BOTH, &[BEFORE, moved]);
}

#[test]
fn five_members_whose_links_are_cut_conform() {
    let read = "serializable, then linearizable read (time-out 1500 ms)";
    conforms_to_itself(
        "partition-leader",
        &[true],
        &[
            BEFORE,
            (0, "cut", "n1|n2,n3,n4,n5", "leader isolated"),
            (1, "write", "n1", "put with 500 ms time-out"),
            (1, "write", "all members", PROBE.3),
            (FIRST_WRITE + 6, "read", "n1", read),
            (FIRST_WRITE + 4_500, "heal", "all", "all links"),
        ],
    );
    let cut = (0, "cut", "n2-n1", "links cut one by one");
    let details = "puts every 20 ms for 2 s, time-out 350 ms, last good member first";
    let writing = (1, "write", "all members", details);
    conforms_to_itself(
        "onelink",
        &[true],
        &[BEFORE, cut, writing, (2_033, "heal", "all", "all links")],
    );
}

#[test]
fn five_members_without_a_majority_conform() {
    let read = (4_000, "read", "n1", "serializable, then linearizable read (time nominal)");
    conforms_to_itself(
        "minority",
        &[true],
        &[
            BEFORE,
            (0, "kill", "n2,n3,n5", "SIGKILL"),
            read,
            (6_018, "restart", "n2", ""),
            (6_022, "restart", "n3", ""),
            (6_026, "start", "n5", ""),
        ],
    );
}

#[test]
fn members_that_are_started_one_by_one_conform() {
    let mut script = script(false, &[]);
    for node in script["nodes"].as_array_mut().unwrap() {
        node["role"] = Value::Null;
    }
    let deeds = script["faults"].as_array_mut().unwrap();
    for (place, deed) in (0..).zip(deeds) {
        deed["t_ms"] = json!(place * 30);
    }
    let recording = written_down(&script, 1_000_001);
    let one = compared(&recording.to_string(), 100, None);
    assert!(one.conforms, "{:#?}", differences(&one));
    assert!(one.windows.iter().any(|window| window.event == "became-leader after start"));
    let starts = one.processes.iter().filter(|process| process.runs > 0).count();
    assert!(starts > 0, "{:#?}", one.processes);
}
