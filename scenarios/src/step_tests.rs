//! Steps that last, repeat or wait: refused where they contradict themselves, told in words, run.

use sim_engine::Recording;

use crate::cli::show::in_words;
use crate::fake::SCENARIO;
use crate::{Scenario, prepare, run};

/// The scenario of the fake protocol with its second step replaced.
fn with_step(step: &str) -> Result<Scenario, String> {
    let words = format!("steps.1={step}");
    let scenario = Scenario::parse("f.json", SCENARIO).unwrap().with_sets(&[words]);
    let scenario = scenario.map_err(|problem| problem.to_string())?;
    match prepare(&scenario, "one", None) {
        Ok(_) => Ok(scenario),
        Err(problem) => Err(problem.to_string()),
    }
}

#[test]
fn contradictions_are_refused_with_their_reason() {
    let cut = r#""do": {"cut": {"from": "n1"}}"#;
    for (step, place, reason) in [
        (
            format!(r#"{{"at": "1ms", "lasts": "0ms", {cut}}}"#),
            "lasts",
            "a fault that lasts no time strikes nobody",
        ),
        (
            r#"{"at": "1ms", "lasts": "5ms", "do": {"heal": {}}}"#.to_owned(),
            "lasts",
            "`heal` is not a fault that could last",
        ),
        (
            r#"{"at": "1ms", "lasts": "5ms", "do": {"wipe-disk": {"node": "n1"}}}"#.to_owned(),
            "lasts",
            "`wipe-disk` is not a fault that could last",
        ),
        (
            r#"{"at": "1ms", "lasts": "5ms", "do": {"look": {}}}"#.to_owned(),
            "lasts",
            "`look` is not a fault that could last",
        ),
        (format!(r#"{{"at": "1ms", "lasts": "1h", {cut}}}"#), "lasts", "`1h` is not a duration"),
        (
            format!(r#"{{"at": "1ms", "lasts": "3600s", {cut}}}"#),
            "lasts",
            "that goes on until 3600001 ms at the earliest; the run ends at 500 ms",
        ),
        (
            format!(r#"{{"at": "1ms", "repeat": {{"every": "5ms", "times": 1}}, {cut}}}"#),
            "repeat.times",
            "`times` counts the first time too: a step that repeats is taken twice or more",
        ),
        (
            format!(r#"{{"at": "1ms", "repeat": {{"times": 2}}, {cut}}}"#),
            "repeat",
            "a step without `when` repeats after some time\nhint: add `every`",
        ),
        (
            format!(r#"{{"at": "1ms", "repeat": {{"every": "0ms", "times": 2}}, {cut}}}"#),
            "repeat.every",
            "a step that repeats at the same moment changes nothing more",
        ),
        (
            format!(
                r#"{{"at": "1ms", "lasts": "5ms", {cut},
                    "repeat": {{"every": "5ms", "times": 2}}}}"#
            ),
            "repeat.every",
            "it would begin again every 5 ms, before it has lasted 5 ms",
        ),
        (
            format!(r#"{{"at": "1ms", "repeat": {{"every": "5ms", "times": 1000}}, {cut}}}"#),
            "repeat.every",
            "that goes on until 4996 ms at the earliest; the run ends at 500 ms",
        ),
    ] {
        let problem = with_step(&step).unwrap_err();
        let at = format!("`steps[1].{place}`: {reason}");
        assert!(problem.contains(&at), "{step}: {problem}");
    }
}

#[test]
fn steps_that_last_and_repeat_are_told_in_words() {
    for (step, words) in [
        (
            r#"{"at": "1ms", "lasts": "5ms", "do": {"cut": {"from": "n1"}}}"#,
            "at 1 ms: cut the links from n1, for 5 ms",
        ),
        (
            r#"{"at": "1ms", "lasts": "5ms", "repeat": {"every": "9ms", "times": 3},
                "do": {"crash": {"node": "n1"}}}"#,
            "at 1 ms: crash n1, for 5 ms, 3 times, every 9 ms",
        ),
        (
            r#"{"when": {"delivered": {"kind": "Ask", "from": "c1", "count": 3}}, "after": "2ms",
                "repeat": {"times": 2}, "do": {"crash": {"node": "n1"}}}"#,
            "2 ms after Ask goes from c1 to a node for the 3. time: crash n1, the first 2 times",
        ),
    ] {
        let scenario = with_step(step).unwrap();
        assert!(in_words(&scenario).contains(words), "{}", in_words(&scenario));
    }
}

#[test]
fn a_crash_of_a_file_that_lasts_ends_itself() {
    let step = r#"{"at": "1ms", "lasts": "5ms", "repeat": {"every": "9ms", "times": 3},
        "do": {"crash": {"node": "n1"}}}"#;
    let prepared = prepare(&with_step(step).unwrap(), "one", None).unwrap();
    let (outcome, trace) = {
        let run = run(&prepared, 1, Recording::Everything);
        (run.outcome, run.trace)
    };
    let crashes = outcome.faults.iter().find(|count| count.kind == "crash").unwrap();
    assert_eq!((crashes.armed, crashes.acted), (3, 3));
    let starts = trace.events.iter().filter_map(|event| {
        let sim_engine::What::Started { life } = event.what else { return None };
        (life > 0).then(|| event.at.to_string())
    });
    assert_eq!(starts.collect::<Vec<_>>(), ["6 ms", "15 ms", "24 ms"]);
}
