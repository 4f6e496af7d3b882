//! Order and determinism: one (scenario, seed), one run, whatever is recorded.

use sim_engine::{Delay, Duration, Link, Recording, Simulation, Spec, Stopped, TraceEvent, What};

use crate::common::{Act, Puppet, at, lines, play, spec, tell};

#[test]
fn messages_that_arrive_together_arrive_in_the_order_of_sending() {
    let (_, trace) = play(
        4,
        0,
        vec![
            tell(10, "n2", [Act::Send(0, 1)]),
            tell(10, "n1", [Act::Send(0, 2), Act::Send(0, 3)]),
            tell(10, "n3", [Act::Send(0, 4)]),
        ],
    );
    let expected = ["n2", "n1", "n1", "n3"]
        .iter()
        .zip(1..)
        .map(|(from, n)| format!("15 n0 gets Word {n} from {from}"));
    assert_eq!(lines(&trace), expected.collect::<Vec<_>>());
}

/// A run with chance in delays, losses and copies.
fn lively(seed: u64, recording: Recording) -> Spec<Puppet> {
    let mut spec = spec(5, 1);
    spec.seed = seed;
    spec.recording = recording;
    let delay = Delay::Uniform { min: Duration::millis(1), max: Duration::millis(9) };
    spec.link = Link { delay, loss: 10_000, duplication: 100_000 };
    spec.disk.sync = Delay::Exponential { min: Duration::ZERO, mean: Duration::millis(3) };
    spec.steps = (1..50)
        .flat_map(|n| {
            let acts =
                [Act::Serve(1, 9), Act::WriteAndTell(1), Act::Set(crate::common::Alarm::A, 7)];
            [tell(n, "n0", acts), tell(n, "n2", [Act::WriteLazily(2), Act::Serve(3, 9)])]
        })
        .collect();
    spec
}

#[test]
fn a_run_twice_is_one_run() {
    let (first, first_trace) = Simulation::new(lively(7, Recording::Everything)).run();
    let (second, second_trace) = Simulation::new(lively(7, Recording::Everything)).run();
    assert_eq!(first, second);
    assert_eq!(first_trace.events, second_trace.events);
    assert!(first.messages.delivered > 500, "{:?}", first.messages);
}

#[test]
fn another_seed_is_another_run() {
    let digest = |seed| Simulation::new(lively(seed, Recording::Nothing)).run().0.digest;
    assert_ne!(digest(7), digest(8));
}

#[test]
fn the_outcome_does_not_depend_on_what_is_recorded() {
    let run = |recording| Simulation::new(lively(3, recording)).run();
    let (outcome, _) = run(Recording::Everything);
    assert_eq!(run(Recording::Nothing).0, outcome);
    let (ring_outcome, ring) = run(Recording::Ring(50));
    assert_eq!(ring_outcome, outcome);
    assert_eq!(ring.events.len(), 50);
    assert!(ring.forgotten > 0);
    let (facts_outcome, _) = run(Recording::Facts(&["told"]));
    assert_eq!(facts_outcome, outcome);
}

#[test]
fn facts_can_be_recorded_alone() {
    const NAMES: &[&str] = &["told", "rang"];
    let run = |recording| Simulation::new(lively(3, recording)).run().1.events;
    let is_meant =
        |event: &TraceEvent| matches!(&event.what, What::Fact(fact) if NAMES.contains(&fact.name));
    let facts: Vec<_> = run(Recording::Everything).into_iter().filter(is_meant).collect();
    assert!(!facts.is_empty());
    assert_eq!(run(Recording::Facts(NAMES)), facts);
}

#[test]
fn event_numbers_do_not_depend_on_what_is_recorded() {
    let run = |recording| Simulation::new(lively(3, recording)).run().1;
    let everything = run(Recording::Everything);
    let ring = run(Recording::Ring(50));
    for event in &ring.events {
        let same = everything.events.iter().find(|other| {
            other.id == event.id
                && std::mem::discriminant(&other.what) == std::mem::discriminant(&event.what)
        });
        assert!(same.is_some_and(|same| same.at == event.at && same.node == event.node));
    }
    assert!(everything.events.is_sorted_by_key(|event| event.id));
}

#[test]
fn causes_come_before_what_they_cause() {
    let trace = Simulation::new(lively(3, Recording::Everything)).run().1;
    for event in &trace.events {
        assert!(event.cause.is_none_or(|cause| cause <= event.id), "{event:?}");
    }
}

#[test]
fn nothing_is_its_own_cause() {
    let trace = Simulation::new(lively(3, Recording::Everything)).run().1;
    let graph = sim_engine::CauseGraph::of(&trace);
    for event in &trace.events {
        let is_own = graph.causes_of(event.id).iter().any(|(cause, _)| *cause == event.id);
        assert!(!is_own, "{event:?}");
        let is_view = matches!(event.what, What::Viewed(_));
        assert_eq!(event.cause == Some(event.id), is_view, "{event:?}");
    }
}

#[test]
fn a_run_ends_with_its_time_or_when_nothing_is_left_or_at_its_limit() {
    let mut quiet = spec(2, 0);
    quiet.steps = vec![tell(10, "n0", [Act::Send(1, 1)])];
    let (outcome, trace) = Simulation::new(quiet).run();
    assert_eq!((outcome.stopped, trace.end), (Stopped::Quiet, at(15)));
    assert_eq!(outcome.simulated, Duration::millis(15));

    let mut endless = spec(2, 0);
    endless.steps = vec![tell(10, "n0", [Act::Serve(1, u64::MAX)])];
    let (outcome, _) = Simulation::new(endless).run();
    assert_eq!((outcome.stopped, outcome.simulated), (Stopped::Time, Duration::secs(1)));

    let mut limited = spec(2, 0);
    limited.steps = vec![tell(10, "n0", [Act::Serve(1, u64::MAX)])];
    limited.events_max = 20;
    let (outcome, _) = Simulation::new(limited).run();
    assert_eq!((outcome.stopped, outcome.events), (Stopped::EventLimit, 20));
}
