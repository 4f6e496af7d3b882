//! Whole scenarios on the protocol of [`crate::fake`]: wrong ones are refused, right ones run.

use sim_engine::Recording;

use crate::fake::SCENARIO;
use crate::{Run, Scenario, prepare, run};

/// The scenario with `from` replaced, loaded and prepared.
fn answer(from: &str, to: &str) -> String {
    assert_eq!(SCENARIO.matches(from).count(), 1, "{from}");
    let prepared = Scenario::parse("f.json", &SCENARIO.replace(from, to))
        .and_then(|scenario| prepare(&scenario, "one", None));
    prepared.map_or_else(|problem| problem.to_string(), |_| "fine".to_owned())
}

fn run_once(scenario: &Scenario, mutant: Option<&str>, seed: u64) -> Run {
    let prepared = prepare(scenario, "one", mutant).unwrap();
    run(&prepared, seed, Recording::Everything)
}

fn small() -> Scenario {
    Scenario::parse("f.json", SCENARIO).unwrap()
}

/// What is changed, into what, and the answer.
const WRONG: [(&str, &str, &str); 21] = [
    (
        r#""protocol": "fake""#,
        r#""protocol": "faker""#,
        "f.json:4:43: `systems[0].protocol`: no protocol is called `faker`\n\
             hint: did you mean `fake`?",
    ),
    (
        r#""patience": "40ms""#,
        r#""patiense": "40ms""#,
        "f.json:4:62: `systems[0].config.patiense`: unknown field `patiense`\n\
             hint: did you mean `patience`?",
    ),
    ("40ms", "0ms", "f.json:4:61: `systems[0].config`: without patience nothing is ever answered"),
    (
        "40ms",
        "40",
        "f.json:4:74: `systems[0].config.patience`: `40` is not a duration; write a whole \
             number and ns, us, ms or s, such as `150ms`",
    ),
    (
        r#"{"server": {}}"#,
        r#"{"severs": {}}"#,
        "f.json:6:29: `cast[0].role.severs`: unknown word `severs`\n\
             hint: did you mean `server`?",
    ),
    (r#""durable": 7"#, r#""durable": -7"#, "f.json:6:74: `cast[0].durable`: -7 is below zero"),
    (
        r#""count": 2, "prefix": "c""#,
        r#""names": ["n1"]"#,
        "f.json:7:16: `cast[1].names[0]`: two seats are called `n1`",
    ),
    (
        r#""name": "n1""#,
        r#""name": "leader""#,
        "f.json:6:14: `cast[0].name`: `leader` is no name of a seat\nhint: use up to 24 \
             letters, digits, `-`, `_` and `.`, and no word such as `leader`",
    ),
    (
        r#"{"name": "written"}"#,
        r#"{"name": "writen"}"#,
        "f.json:14:32: `steps[1].when.fact.name`: no fact is called `writen`\n\
             hint: did you mean `written`?",
    ),
    (
        r#"["room-a"], ["rest"]"#,
        r#"["room-b"], ["rest"]"#,
        "f.json:15:39: `steps[1].do.partition.groups[0][0]`: no seat, role, place or bound \
             name is called `room-b`\nhint: did you mean `room-a`?",
    ),
    (
        r#"["room-a"], ["rest"]"#,
        r#"["n1"], ["server", "c1"]"#,
        "f.json:15:47: `steps[1].do.partition.groups[1][0]`: `n1` is in two groups",
    ),
    (
        r#"["room-a"], ["rest"]"#,
        r#"["rest"], ["c1"]"#,
        "f.json:15:49: `steps[1].do.partition.groups[1][0]`: nobody is left after `rest`: name \
             this before it",
    ),
    (
        r#"{"read": {"key": "x"}}"#,
        r#"{"increment": {"key": "x"}}"#,
        "f.json:16:69: `steps[2].do.client.operation`: `fake` does not serve `increment`",
    ),
    (
        r#""client": "c2""#,
        r#""client": "n1""#,
        "f.json:16:50: `steps[2].do.client.client`: `n1` is a server, not a client\n\
             hint: did you mean `c1`?",
    ),
    (
        "{old} is asked",
        "{odl} is asked",
        "f.json:12:54: `steps[0].say`: `{odl}` is bound to nobody\nhint: did you mean `old`?",
    ),
    (
        r#""at": "200ms""#,
        r#""at": "200s""#,
        "f.json:17:12: `steps[3].at`: 200000 ms is after the end of the run at 500 ms",
    ),
    (
        r#"{"heal": {}}"#,
        r#"{"heal": {"all": true}}"#,
        "f.json:17:37: `steps[3].do.heal.all`: unknown field `all`\n\
             hint: there is `place`, `between`, `from`, `to`, `both`",
    ),
    (
        r#""reaches": ["written"]"#,
        r#""reaches": ["writen"]"#,
        "f.json:19:26: `expect.reaches[0]`: no fact is called `writen`\n\
             hint: did you mean `written`?",
    ),
    (
        r#""reaches": ["written"]"#,
        r#""holds": ["honestly"]"#,
        "f.json:19:24: `expect.holds[0]`: no promise is called `honestly`\n\
             hint: did you mean `honesty`?",
    ),
    (
        r#""duration": "500ms""#,
        r#""duration": "0ms""#,
        "f.json:10:15: `duration`: a run of no length shows nothing",
    ),
    (
        r#""max": "5ms""#,
        r#""max": "5us""#,
        "f.json:9:24: `network.delay`: the range is empty: min is 1 ms, max is 0.005 ms",
    ),
];

#[test]
fn wrong_names_are_refused_with_their_place_and_the_nearest_right_one() {
    let wrong = WRONG.into_iter().filter(|(from, to, expected)| answer(from, to) != *expected);
    let wrong: Vec<String> = wrong.map(|(from, to, _)| answer(from, to)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(answer("A register", "Another title"), "fine");
}

#[test]
fn a_prepared_system_runs_any_seed_and_the_same_seed_alike() {
    let prepared = prepare(&small(), "one", None).unwrap();
    let digests: Vec<_> =
        (0..4).map(|seed| run(&prepared, seed, Recording::Nothing).outcome.digest).collect();
    assert_eq!(digests[2], run(&prepared, 2, Recording::Everything).outcome.digest);
    assert_ne!(digests[0], digests[1]);
    assert_eq!(prepared.subtitle, ["1 node", "patience 40 ms", "message delay 1–5 ms"]);
}

#[test]
fn a_run_that_is_as_expected_is_met() {
    assert_eq!(run_once(&small(), None, 42).unmet, Vec::<String>::new());
}

#[test]
fn a_planted_bug_is_met_where_it_is_expected_and_unmet_where_it_is_not() {
    let variant = small().at_variant("liar").unwrap();
    assert_eq!(variant.label(), "small@liar");
    assert_eq!(run_once(&variant, None, 42).unmet, Vec::<String>::new());
    let caught = run_once(&small(), Some("denial"), 42).unmet;
    assert_eq!(caught.len(), 1, "{caught:?}");
    assert!(caught[0].starts_with("`honesty` broke at "), "{caught:?}");
    let caught = run_once(&variant, Some("denial"), 42).unmet;
    assert_eq!(caught.len(), 1, "the base expectation counts: {caught:?}");
}

#[test]
fn every_way_to_miss_an_expectation_has_its_sentence() {
    let cases = [
        ("expect.breaks=[\"honesty\"]", "`honesty` was expected to break, and did not"),
        ("expect.holds=[\"patience\"]", "`patience` was never put to the test"),
        ("expect.operations.ok=3", "operations that ended as ok: 1, expected 3"),
        (
            "steps.2.when={\"role\": {\"role\": \"client\", \"node\": \"n1\"}}",
            "`steps[2]` (`client`) was never taken",
        ),
        ("steps.3.do={\"restart\": {\"node\": \"n1\"}}", "`steps[3]` (`restart`) changed nothing"),
        ("expect.never=[\"opened\"]", "a node announced `opened`, which must never happen"),
        ("events_max=3", "the limit of 3 events was reached before the end"),
        (
            "steps.3.do={\"loss\": {\"rate\": \"50%\"}}",
            "the fault `loss` of `steps[3]` never struck",
        ),
    ];
    for (words, expected) in cases {
        let scenario = small().with_sets(&[words]).unwrap();
        let unmet = run_once(&scenario, None, 42).unmet;
        assert!(unmet.iter().any(|sentence| sentence == expected), "{words}: {unmet:?}");
    }
    let scenario = small().with_sets(&["steps.3.do={\"restart\": {\"node\": \"n1\"}}"]).unwrap();
    let scenario = scenario.with_sets(&["steps.3.may_miss=true"]).unwrap();
    assert_eq!(run_once(&scenario, None, 42).unmet, Vec::<String>::new());
}

#[test]
fn a_wrong_value_of_a_flag_or_a_variant_is_blamed_on_it() {
    let wrong = small().with_sets(&["steps.0.at=soon"]).unwrap_err();
    assert!(wrong.to_string().starts_with("--set steps.0.at=soon: `steps[0].at`: `soon` is not"));
    let wrong = small().with_sets(&["config.patienc=1"]).unwrap();
    let wrong = prepare(&wrong, "one", None).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "--set config.patienc=1: `systems[0].config.patienc`: unknown field `patienc`\n\
         hint: did you mean `patience`?"
    );
    let text = SCENARIO.replace(r#"{"config.patience": "30ms"}"#, r#"{"duration": 3}"#);
    let wrong = Scenario::parse("f.json", &text).unwrap().at_variant("liar").unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "f.json:20:73: `variants[0].set.duration`: invalid type: integer `3`, expected a string"
    );
}

#[test]
fn workloads_are_drawn_from_the_seed_and_write_each_value_once() {
    let every = r#"{"uniform": {"min": "2ms", "max": "9ms"}}"#;
    let mix = r#""keys": ["x", "y"], "mix": {"read": 1, "write": 3}"#;
    let load = format!(r#"workload=[{{"clients": "client", "every": {every}, {mix}}}]"#);
    let scenario = small().with_sets(&[load]).unwrap();
    let prepared = prepare(&scenario, "one", None).unwrap();
    let history = run(&prepared, 1, Recording::Nothing).outcome.history;
    let mut values: Vec<i64> = history
        .operations
        .iter()
        .filter_map(|record| {
            let sim_engine::Operation::Write { value, .. } = record.operation else { return None };
            Some(value)
        })
        .collect();
    let n = values.len();
    assert!(n > 10, "{n}");
    values.sort_unstable();
    values.dedup();
    assert_eq!(values.len(), n, "each value has one origin, those of steps included");
    assert_eq!(history, run(&prepared, 1, Recording::Nothing).outcome.history);
    assert_ne!(history, run(&prepared, 2, Recording::Nothing).outcome.history);
}

#[test]
fn faults_of_links_have_a_form_in_files_and_strike() {
    let cases = [
        ("cut", r#"{"cut": {"from": "n1", "to": ["c1", "c2"], "both": true}}"#),
        ("cut", r#"{"cut": {"to": "n1"}}"#),
        ("reorder", r#"{"reorder": {"rate": "100%", "by": {"fixed": "3ms"}}}"#),
        ("corrupt", r#"{"corrupt": {"from": "c1", "rate": "100%"}}"#),
        ("bandwidth", r#"{"bandwidth": {"bytes_per_second": 1000, "queue_bytes": 100}}"#),
        ("delay", r#"{"delay": {"takes": {"log-normal": {"median": "1ms", "p99": "9ms"}}}}"#),
        ("delay", r#"{"delay": {"takes": {"pareto": {"min": "1ms", "p99": "90ms"}}}}"#),
    ];
    for (kind, fault) in cases {
        let steps = format!(
            r#"steps=[{{"at": "5ms", "do": {fault}}}, {{"at": "10ms", "do": {{"client":
            {{"client": "c1", "operation": {{"write": {{"key": "x", "value": 1}}}}}}}}}}]"#
        );
        let scenario = small().with_sets(&[&steps, "expect={}"]).unwrap();
        let run = run_once(&scenario, None, 1);
        assert_eq!(run.unmet, Vec::<String>::new(), "{fault}");
        let count = run.outcome.faults.iter().find(|count| count.kind == kind).unwrap();
        assert!(count.armed == 1 && count.acted > 0, "{fault}: {count:?}");
    }
}

#[test]
fn damage_that_a_protocol_does_not_opt_into_never_struck() {
    let fault = r#"{"corrupt": {"rate": "100%", "mode": "mutate"}}"#;
    let scenario = small().with_sets(&[&format!("steps.3.do={fault}")]).unwrap();
    let unmet = run_once(&scenario, None, 42).unmet;
    assert!(unmet.contains(&"the fault `corrupt` of `steps[3]` never struck".to_owned()));
}

#[test]
fn faults_of_links_that_make_no_sense_are_refused() {
    let cases = [
        (r#"{"cut": {}}"#, "a cut needs `from`, `to` or both"),
        (r#"{"heal": {"both": true}}"#, "everything is healed, both ways"),
        (r#"{"bandwidth": {"bytes_per_second": 0}}"#, "a link that carries nothing is a cut link"),
        (r#"{"corrupt": {"rate": "1%", "mode": "burn"}}"#, "unknown word `burn`"),
        (
            r#"{"delay": {"takes": {"pareto": {"min": "0ms", "p99": "9ms"}}}}"#,
            "this distribution must begin above 0",
        ),
        (
            r#"{"reorder": {"rate": "1%", "by": {"log-normal": {"median": "9ms", "p99": "1ms"}}}}"#,
            "one in a hundred is over 1 ms, which is less than 9 ms",
        ),
        (
            r#"{"delay": {"takes": {"pareto": {"min": "1ms", "p99": "999999s"}}}}"#,
            "is more than a day",
        ),
    ];
    for (fault, expected) in cases {
        let problem = match small().with_sets(&[&format!("steps.3.do={fault}")]) {
            Ok(scenario) => prepare(&scenario, "one", None).map(|_| ()).unwrap_err(),
            Err(problem) => problem,
        };
        assert!(problem.to_string().contains(expected), "{fault}: {problem}");
    }
}

#[test]
fn random_faults_may_miss() {
    let chaos = r#"chaos={"from": "10ms", "until": "400ms", "kinds": ["crash", "loss", "delay",
        "cut", "reorder", "corrupt", "bandwidth"],
        "every": {"min": "10ms", "max": "60ms"}, "lasts": {"min": "5ms", "max": "30ms"}}"#;
    let sets = [chaos, "steps=[]", "expect={}"];
    let scenario = small().with_sets(&sets).unwrap();
    let prepared = prepare(&scenario, "one", None).unwrap();
    for seed in 0..20 {
        let run = run(&prepared, seed, Recording::Nothing);
        assert_eq!(run.unmet, Vec::<String>::new(), "seed {seed}");
        assert!(!run.outcome.faults.is_empty());
    }
}

#[test]
fn every_fault_of_disks_has_a_form_in_files() {
    let steps = r#"steps=[
        {"at": "5ms", "do": {"slow-disk": {"node": "n1", "takes": {"fixed": "50ms"}}}},
        {"do": {"fail-sync": {"node": "n1", "count": 2}}},
        {"do": {"fail-sync": {"nodes": ["n1"]}}},
        {"do": {"lying-disk": {"node": "n1"}}},
        {"do": {"full-disk": {"node": "n1"}}},
        {"do": {"torn-write": {"node": "n1"}}},
        {"do": {"corrupt-read": {"node": "n1"}}},
        {"do": {"crash": {"node": "n1", "of": "process"}}},
        {"do": {"wipe-disk": {"node": "n1"}}},
        {"do": {"restart": {"node": "n1"}}},
        {"do": {"calm-disk": {"node": "n1"}}}]"#;
    let scenario = small().with_sets(&[steps, "expect={}"]).unwrap();
    let run = run_once(&scenario, None, 1);
    let armed: Vec<_> = run.outcome.faults.iter().map(|f| (f.kind, f.armed)).collect();
    let expected = [
        ("slow-disk", 1),
        ("fail-sync", 2),
        ("lying-disk", 1),
        ("full-disk", 1),
        ("torn-write", 1),
        ("corrupt-read", 1),
        ("crash", 1),
        ("wipe-disk", 1),
        ("restart", 1),
        ("calm-disk", 1),
    ];
    assert_eq!(armed, expected);
    // Nobody wrote meanwhile: what never struck is told.
    assert!(run.unmet.iter().any(|why| why.contains("`full-disk`")), "{:?}", run.unmet);
    let none = steps.replace("\"count\": 2", "\"count\": 0");
    let scenario = small().with_sets(&[none.as_str(), "expect={}"]).unwrap();
    let problem = prepare(&scenario, "one", None).map(|_| ()).unwrap_err();
    assert!(problem.to_string().contains("counted from 1"), "{problem}");
}

#[test]
fn every_field_that_can_be_set_is_one_the_file_knows() {
    use crate::file::FIELDS;
    let unknown = Scenario::parse("f.json", r#"{"zzz": 1}"#).unwrap_err();
    assert_eq!(unknown.what, "unknown field `zzz`");
    for field in FIELDS {
        let problem = Scenario::parse("f.json", &format!("{{\"{field}\": null}}")).unwrap_err();
        assert!(!problem.what.starts_with("unknown field"), "{field}: {problem}");
    }
}

#[test]
fn every_step_of_a_file_is_written_as_it_was_read() {
    let steps = r#"[
        {"at": "5ms", "do": {"partition": {"groups": [["n1"], ["c1", "rest"]]}}},
        {"after": "1ms", "bind": {"old": "leader"}, "do": {"heal": {}}, "say": "{old}"},
        {"do": {"heal": {"from": "n1", "to": ["c1", "c2"], "both": true}}, "may_miss": true},
        {"do": {"cut": {"from": "n1"}}, "only": ["one"]},
        {"do": {"crash": {"node": "n1", "of": "process"}}},
        {"do": {"restart": {"node": ["n1", "c1"]}}},
        {"do": {"delay": {"to": "n1", "takes": {"pareto": {"min": "1ms", "p99": "2ms"}}}}},
        {"do": {"loss": {"rate": "0.05%"}}},
        {"do": {"duplicate": {"from": "n1", "rate": "12.5%"}}},
        {"do": {"reorder": {"rate": "1%", "by": {"fixed": "1500us"}}}},
        {"do": {"corrupt": {"rate": "1%", "mode": "mutate"}}},
        {"do": {"bandwidth": {"bytes_per_second": 9, "queue_bytes": 1}}},
        {"do": {"calm": {}}},
        {"do": {"calm": {"of": "bandwidth"}}},
        {"do": {"slow-disk": {"node": "n1", "takes": {"fixed": "1s"}}}},
        {"do": {"fail-sync": {"node": "n1", "count": 2}}},
        {"do": {"wipe-disk": {"node": "n1"}}},
        {"when": {"delivered": {"kind": "Ask", "to": "n1", "count": 2}},
         "do": {"hold": {"kind": "Ask", "count": 1}}},
        {"when": {"role": {"role": "serving", "count": 1}}, "do": {"release": {"drop": true}}},
        {"do": {"fire": {"node": "c1", "timer": "patience"}}},
        {"do": {"look": {}}}]"#;
    let before: serde_json::Value = serde_json::from_str(steps).unwrap();
    let read: Vec<crate::file::StepFile> = serde_json::from_value(before.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), before);
}
