//! Rooms in scenario files, from outside: what is refused, what is drawn, what runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]
#![expect(clippy::wildcard_enum_match_arm, reason = "a test looks for one kind of event")]

use std::collections::{BTreeMap, BTreeSet};

use scenarios::{Scenario, prepare, run};
use sim_engine::{Recording, What};

/// A scenario that is right, with rooms `a` and `b` in `east`, and `c` beside them.
const RIGHT: &str = r#"{
  "name": "mine", "family": "raft", "title": "Mine", "lesson": "A test.",
  "systems": [{"name": "raft", "protocol": "raft"}],
  "topology": {
    "data_centres": [{"name": "east", "rooms": ["a", "b"]}],
    "rooms": ["c"],
    "links": [
      {"between": ["a", "b"], "delay": {"fixed": "2ms"}},
      {"between": ["b", "c"], "delay": {"fixed": "20ms"}}
    ]
  },
  "cast": [
    {"names": ["n1", "n2"], "role": {"server": {}}, "place": "a"},
    {"name": "n3", "role": {"server": {}}, "place": "b"},
    {"name": "c1", "role": {"client": {}}, "place": "c"}
  ],
  "duration": "1s",
  "steps": [
    {"at": "500ms", "do": {"cut": {"place": "c"}}},
    {"at": "600ms", "do": {"heal": {"between": ["b", "c"]}}}
  ]
}"#;

/// The answer to the file with some of it replaced.
fn answer(from: &str, to: &str) -> String {
    assert_eq!(RIGHT.matches(from).count(), 1, "{from}");
    Scenario::parse("f.json", &RIGHT.replace(from, to))
        .and_then(|scenario| prepare(&scenario, "raft", None))
        .map_or_else(|problem| problem.to_string(), |_| "fine".to_owned())
}

/// What is replaced, by what, and the answer.
const WRONG: [(&str, &str, &str); 16] = [
    (
        r#""rooms": ["c"]"#,
        r#""rooms": ["c", "a"]"#,
        "f.json:6:20: `topology.rooms[1]`: a room is called `a` already",
    ),
    (
        r#""name": "east""#,
        r#""name": "n3""#,
        "f.json:5:31: `topology.data_centres[0].name`: a seat is called `n3` already",
    ),
    (
        r#""name": "east""#,
        r#""name": "server""#,
        "f.json:4:15: `topology`: `server` is a role, so no place can have that name",
    ),
    (
        r#""rooms": ["c"]"#,
        r#""rooms": ["c", "leader"]"#,
        "f.json:6:20: `topology.rooms[1]`: `leader` is no name of a room\nhint: use up to 24 \
         letters, digits, `-`, `_` and `.`, and no word such as `leader`",
    ),
    (
        r#""rooms": ["a", "b"]"#,
        r#""rooms": []"#,
        "f.json:5:48: `topology.data_centres[0].rooms`: this data centre has no room",
    ),
    (
        r#"["a", "b"], "delay""#,
        r#"["a", "d"], "delay""#,
        "f.json:8:25: `topology.links[0].between[1]`: no room is called `d`\n\
         hint: did you mean `a`?",
    ),
    (
        r#"["a", "b"], "delay""#,
        r#"["c", "east"], "delay""#,
        "f.json:8:25: `topology.links[0].between[1]`: `east` is a data centre; only rooms \
         will do here\nhint: there is `a`, `b`",
    ),
    (
        r#"["a", "b"], "delay""#,
        r#"["a", "a"], "delay""#,
        "f.json:8:19: `topology.links[0].between`: `a` needs no link to itself\n\
         hint: how long messages take within a room is `network.delay`",
    ),
    (
        r#"["a", "b"], "delay""#,
        r#"["c", "b"], "delay""#,
        "f.json:9:19: `topology.links[1].between`: `b` and `c` are linked already",
    ),
    (
        r#"["a", "b"], "delay""#,
        r#"["a"], "delay""#,
        "f.json:8:19: `topology.links[0].between`: invalid length 1, expected an array of \
         length 2",
    ),
    (
        r#",
      {"between": ["b", "c"], "delay": {"fixed": "20ms"}}"#,
        "",
        "f.json:4:15: `topology`: there is no way from `a` to `c`\nhint: every room must be \
         reached over `links`; cut them in a step",
    ),
    (
        r#""place": "b""#,
        r#""place": "d""#,
        "f.json:14:53: `cast[1].place`: no room is called `d`\nhint: did you mean `a`?",
    ),
    (
        r#", "place": "b""#,
        "",
        "f.json:14:5: `cast[1]`: `n3` stands in no room\n\
         hint: give it a `place`; there is `a`, `b`, `c`",
    ),
    (
        r#"{"place": "c"}"#,
        r#"{"place": "west"}"#,
        "f.json:19:45: `steps[0].do.cut.place`: no room or data centre is called `west`\n\
         hint: there is `a`, `b`, `c`, `east`",
    ),
    (
        r#"{"place": "c"}"#,
        r#"{"place": "c", "both": true}"#,
        "f.json:19:35: `steps[0].do.cut`: this names seats, or a `place`, or two rooms \
         `between`: one of them",
    ),
    (
        r#"{"place": "c"}"#,
        r#"{"between": ["a", "c"]}"#,
        "f.json:19:47: `steps[0].do.cut.between`: no link joins `a` and `c`",
    ),
];

#[test]
fn wrong_rooms_are_refused_with_their_place_and_a_hint() {
    let wrong = WRONG.iter().filter(|(from, to, expected)| answer(from, to) != *expected);
    let wrong: Vec<String> = wrong.map(|(from, to, _)| answer(from, to)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(answer("Mine", "Yours"), "fine");
}

#[test]
fn without_a_topology_there_is_nothing_between_rooms_to_cut() {
    let (start, end) = (RIGHT.find(r#"  "topology""#), RIGHT.find(r#"  "cast""#));
    let text = format!("{}{}", &RIGHT[..start.unwrap()], &RIGHT[end.unwrap()..]);
    let scenario = Scenario::parse("f.json", &text).unwrap();
    let problem = prepare(&scenario, "raft", None).unwrap_err().to_string();
    let what = "this scenario has no `topology`, so there are no links between rooms";
    assert!(problem.contains(what), "{problem}");
}

#[test]
fn too_many_rooms_are_refused() {
    let rooms: Vec<String> = (0..63).map(|n| format!("\"r{n}\"")).collect();
    let to = format!("\"rooms\": [{}]", rooms.join(", "));
    let said = answer(r#""rooms": ["c"]"#, &to);
    assert!(said.contains("65 rooms are asked for; at most 64 are allowed"), "{said}");
}

/// How long messages between two seats take, in milliseconds, over ten seeds.
fn delays(scenario: &Scenario, a: &str, b: &str) -> BTreeSet<u64> {
    let prepared = prepare(scenario, "raft", None).unwrap();
    let mut delays = BTreeSet::new();
    for seed in 0..10 {
        let trace = run(&prepared, seed, Recording::Everything).trace;
        let pair = [trace.cast.find(a), trace.cast.find(b)];
        let mut sent = BTreeMap::new();
        for event in &trace.events {
            match event.what {
                What::Sent { to, .. } if pair.contains(&event.node) && pair.contains(&Some(to)) => {
                    sent.insert(event.id, event.at);
                }
                What::Delivered { message, .. } => {
                    let at = sent.get(&message);
                    delays.extend(at.map(|at| (event.at.nanos() - at.nanos()) / 1_000_000));
                }
                _ => {}
            }
        }
    }
    delays
}

#[test]
fn a_scenario_file_places_its_seats() {
    let scenario = Scenario::parse("f.json", RIGHT).unwrap();
    let scenario = scenario.with_sets(&["network.delay={\"fixed\": \"1ms\"}"]).unwrap();
    assert_eq!(delays(&scenario, "n1", "n2"), [1].into());
    assert_eq!(delays(&scenario, "n1", "n3"), [2].into());
}

#[test]
fn a_cut_in_a_file_strikes_and_is_mended() {
    let scenario = Scenario::parse("f.json", RIGHT).unwrap();
    let words = ["cast.2.place=c", "cast.2.role={\"server\": {}}"];
    let scenario = scenario.with_sets(&words).unwrap();
    let prepared = prepare(&scenario, "raft", None).unwrap();
    let run = run(&prepared, 1, Recording::Nothing);
    assert_eq!(run.unmet, Vec::<String>::new());
    let cut = run.outcome.faults.iter().find(|fault| fault.kind == "cut").unwrap();
    assert!(cut.armed == 1 && cut.acted > 0, "{cut:?}");
}
