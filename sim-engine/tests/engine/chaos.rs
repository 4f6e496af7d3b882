//! Random schedules of faults, drawn before the run.

use sim_engine::faults::Calm;
use sim_engine::{
    Action, Chaos, ChaosKind, Delay, Duration, Fault, Instant, Link, Recording, Simulation, Span,
    Step, Trigger,
};

use crate::common::{Act, Do, at, cast, spec, tell};

fn chaos() -> Chaos {
    Chaos {
        from: at(50),
        until: at(800),
        kinds: ChaosKind::ALL.to_vec(),
        every: Span { min: Duration::millis(5), max: Duration::millis(40) },
        lasts: Span { min: Duration::millis(5), max: Duration::millis(200) },
        down_max: 2,
    }
}

fn draw(seed: u64) -> Vec<Step<Do>> {
    chaos().draw(seed, &cast(5, 2))
}

fn time_of(step: &Step<Do>) -> Instant {
    match step.trigger {
        Trigger::At(at) => at,
        Trigger::Previous | Trigger::When(_) => panic!("chaos names times"),
    }
}

#[test]
fn one_seed_draws_one_list() {
    for seed in 0..50 {
        assert_eq!(draw(seed), draw(seed));
    }
    assert_ne!(draw(1), draw(2));
}

#[test]
fn the_usual_kinds_are_the_first_and_draw_what_they_always_drew() {
    assert_eq!(ChaosKind::ALL[..5], ChaosKind::USUAL);
    let usual = Chaos { kinds: ChaosKind::USUAL.to_vec(), ..chaos() };
    let steps: Vec<Step<Do>> = usual.draw(7, &cast(5, 2));
    let kinds: Vec<&str> = steps.iter().take(6).map(|step| step.action.kind()).collect();
    assert_eq!(kinds, ["partition", "loss", "heal", "partition", "calm", "loss"]);
    assert_eq!((steps.len(), time_of(&steps[0]).nanos()), (28, 60_123_292));
}

#[test]
fn every_seed_uses_a_subset_of_the_kinds_and_all_seeds_together_use_all() {
    let mut seen = std::collections::BTreeSet::new();
    let mut poorest = usize::MAX;
    for seed in 0..200 {
        let kinds: std::collections::BTreeSet<_> =
            draw(seed).iter().map(|step| step.action.kind()).collect();
        assert!(kinds.len() > 2, "seed {seed} has nothing but the ends: {kinds:?}");
        poorest = poorest.min(kinds.len());
        seen.extend(kinds);
    }
    let all = [
        "bandwidth",
        "calm",
        "corrupt",
        "crash",
        "cut",
        "delay",
        "duplicate",
        "heal",
        "loss",
        "partition",
        "reorder",
        "restart",
    ];
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), all);
    assert!(poorest < all.len());
}

#[test]
fn never_more_nodes_are_down_than_allowed_and_all_are_up_at_the_end() {
    let mut most = 0;
    for seed in 0..200 {
        let mut down = std::collections::BTreeSet::new();
        for step in draw(seed) {
            let Action::Fault(fault) = &step.action else { panic!("chaos is faults") };
            match fault {
                Fault::Crash(crash) => {
                    for node in &crash.nodes {
                        assert!(down.insert(node.to_string()), "seed {seed}: {node} is down twice");
                    }
                }
                Fault::Restart(restart) => {
                    for node in &restart.nodes {
                        assert!(down.remove(&node.to_string()), "seed {seed}: {node} is up twice");
                    }
                }
                _ => {}
            }
            assert!(down.len() <= 2, "seed {seed}: {down:?}");
            most = most.max(down.len());
        }
        assert!(down.is_empty(), "seed {seed}: {down:?} stay down");
    }
    assert_eq!(most, 2, "the limit is reached");
}

#[test]
fn the_end_of_a_fault_is_the_end_of_no_other() {
    let mut most = 0;
    for seed in 0..200 {
        let mut on: Vec<&str> = Vec::new();
        let steps = draw(seed);
        for step in &steps[..steps.len() - 2] {
            let Action::Fault(fault) = &step.action else { panic!("chaos is faults") };
            let (ended, began) = match fault {
                Fault::Heal => (Some("partition"), None),
                Fault::Calm(Calm::Delay) => (Some("delay"), None),
                Fault::Calm(Calm::Loss) => (Some("loss"), None),
                Fault::Calm(Calm::Duplication) => (Some("duplicate"), None),
                Fault::Calm(Calm::Reordering) => (Some("reorder"), None),
                Fault::Calm(Calm::Corruption) => (Some("corrupt"), None),
                Fault::Calm(Calm::Bandwidth) => (Some("bandwidth"), None),
                Fault::Mend(_) => (Some("cut"), None),
                Fault::Calm(Calm::Everything) => panic!("seed {seed}: only the last step may"),
                Fault::Crash(_) | Fault::Restart(_) => (None, None),
                _ => (None, Some(fault.kind())),
            };
            if let Some(kind) = ended {
                let place = on.iter().position(|open| *open == kind);
                on.remove(place.unwrap_or_else(|| panic!("seed {seed}: no {kind} is on")));
            }
            if let Some(kind) = began {
                assert!(!on.contains(&kind), "seed {seed}: two of {kind}");
                on.push(kind);
            }
            most = most.max(on.len());
        }
        assert_eq!(on, Vec::<&str>::new(), "seed {seed}");
    }
    assert!(most >= 4, "different kinds overlap: {most}");
}

#[test]
fn everything_ends_in_time() {
    for seed in 0..200 {
        let steps = draw(seed);
        assert!(steps.is_sorted_by_key(time_of));
        assert!(steps.iter().all(|step| (at(50)..=at(800)).contains(&time_of(step))));
        let [.., heal, calm] = steps.as_slice() else { panic!("at least the ends") };
        assert_eq!((heal.action.kind(), calm.action.kind()), ("heal", "calm"));
        assert_eq!((time_of(heal), time_of(calm)), (at(800), at(800)));
    }
}

#[test]
fn clients_are_not_crashed_and_a_cast_of_clients_meets_no_harm() {
    for seed in 0..50 {
        let _steps: Vec<Step<Do>> = chaos().draw(seed, &cast(0, 2));
    }
}

#[test]
fn no_time_between_faults_is_still_an_end() {
    let hasty = Chaos { from: at(0), until: at(1), every: Span::from(Duration::ZERO), ..chaos() };
    let steps: Vec<Step<Do>> = hasty.draw(1, &cast(3, 0));
    assert!(steps.len() <= 2_002);
}

#[test]
fn no_message_is_lost_from_the_books() {
    let mut dropped = 0;
    for seed in 0..200 {
        let mut spec = spec(5, 2);
        spec.seed = seed;
        spec.recording = Recording::Nothing;
        spec.link =
            Link::clean(Delay::Uniform { min: Duration::millis(1), max: Duration::millis(9) });
        spec.disk.sync = Delay::Exponential { min: Duration::ZERO, mean: Duration::millis(3) };
        spec.steps = (0..20)
            .flat_map(|n| {
                let serve = [Act::Serve(1, 20), Act::Write(1), Act::Serve(3, 20), Act::Serve(5, 5)];
                [tell(10 + 40 * n, "n0", serve.clone()), tell(15 + 40 * n, "n4", serve)]
            })
            .chain(draw(seed))
            .collect();
        let (outcome, _) = Simulation::new(spec).run();
        let counts = outcome.messages;
        assert_eq!(
            counts.sent,
            counts.delivered + counts.dropped + counts.in_flight,
            "seed {seed}: {counts:?}"
        );
        assert!(counts.delivered > 0);
        dropped += counts.dropped;
    }
    assert!(dropped > 1_000, "{dropped}");
}

#[test]
fn after_chaos_messages_pass_again() {
    for seed in 0..50 {
        let mut spec = spec(5, 2);
        spec.seed = seed;
        spec.steps = draw(seed);
        spec.steps.push(tell(900, "n0", [Act::Send(1, 1), Act::Send(6, 2)]));
        spec.steps.push(tell(900, "n4", [Act::Send(0, 1), Act::Send(5, 2)]));
        let (_, trace) = Simulation::new(spec).run();
        let arrived = crate::common::lines(&trace);
        assert_eq!(arrived.iter().filter(|line| line.starts_with("905 ")).count(), 4, "{seed}");
    }
}
