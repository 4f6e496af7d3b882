//! Random schedules of faults, drawn before the run.

use sim_engine::faults::Recover;
use sim_engine::{
    Action, Chaos, ChaosKind, Delay, Duration, Fault, Instant, Knobs, Link, Rate, Recording,
    Selector, Simulation, Span, Step, Trigger,
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
        knobs: std::collections::BTreeMap::new(),
        core: None,
        within: None,
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

/// The faults of one seed with their times, without the recovery at the end.
fn faults(seed: u64, chaos: &Chaos) -> Vec<(Instant, Option<Instant>, Fault<Selector>)> {
    let steps: Vec<Step<Do>> = chaos.draw(seed, &cast(5, 2));
    let parts = steps.iter().map(|step| {
        let Action::Fault(fault) = &step.action else { panic!("chaos is faults") };
        (time_of(step), step.lasts.map(|lasts| time_of(step) + lasts), fault.clone())
    });
    parts.filter(|(.., fault)| !matches!(fault, Fault::Recover(_))).collect()
}

#[test]
fn the_usual_kinds_are_the_first_and_draw_what_they_always_drew() {
    assert_eq!(ChaosKind::ALL[..5], ChaosKind::USUAL);
    let usual = Chaos { kinds: ChaosKind::USUAL.to_vec(), ..chaos() };
    let drawn = faults(7, &usual);
    let kinds: Vec<&str> = drawn.iter().take(4).map(|(.., fault)| fault.kind()).collect();
    assert_eq!(kinds, ["partition", "loss", "partition", "loss"]);
    assert_eq!((drawn.len(), drawn[0].0.nanos()), (13, 60_123_292));
}

#[test]
fn every_seed_uses_a_subset_of_the_kinds_and_all_seeds_together_use_all() {
    let mut seen = std::collections::BTreeSet::new();
    let mut poorest = usize::MAX;
    for seed in 0..200 {
        let drawn = faults(seed, &chaos());
        let kinds: std::collections::BTreeSet<_> =
            drawn.iter().map(|(.., fault)| fault.kind()).collect();
        assert!(!kinds.is_empty(), "seed {seed} has nothing but the end");
        poorest = poorest.min(kinds.len());
        seen.extend(kinds);
    }
    // A killed process is a crash as well.
    let all: std::collections::BTreeSet<_> = ChaosKind::ALL
        .iter()
        .map(|kind| kind.name())
        .filter(|name| *name != ChaosKind::KillProcess.name())
        .collect();
    assert_eq!(seen, all);
    assert!(poorest < all.len() / 3, "{poorest}");
}

/// Up to how many are on at once of the faults that `fits` names, by their targets.
fn most_at_once(
    drawn: &[(Instant, Option<Instant>, Fault<Selector>)],
    fits: impl Fn(&Fault<Selector>) -> Option<String>,
) -> usize {
    let drawn: Vec<_> =
        drawn.iter().filter_map(|(at, end, fault)| Some((at, (*end)?, fits(fault)?))).collect();
    let on = |now: &Instant| {
        let on = drawn.iter().filter(|(at, end, _)| *at <= now && *now < *end);
        let whom: Vec<&String> = on.map(|(.., whom)| whom).collect();
        let different: std::collections::BTreeSet<_> = whom.iter().collect();
        assert_eq!(whom.len(), different.len(), "one has it twice at {now}: {whom:?}");
        whom.len()
    };
    drawn.iter().map(|(at, ..)| on(at)).max().unwrap_or(0)
}

#[test]
fn never_more_nodes_are_down_than_allowed() {
    let nodes_down = |fault: &Fault<Selector>| match fault {
        Fault::Crash(crash) => Some(crash.nodes[0].to_string()),
        _ => None,
    };
    let most = |down_max, kinds: &[ChaosKind]| {
        let chaos = Chaos { down_max, kinds: kinds.to_vec(), ..chaos() };
        (0..100).map(|seed| most_at_once(&faults(seed, &chaos), nodes_down)).max()
    };
    assert_eq!(most(2, &ChaosKind::ALL), Some(2));
    assert_eq!(most(4, &[ChaosKind::Crash]), Some(4));
    assert_eq!(most(3, &[ChaosKind::Crash, ChaosKind::KillProcess, ChaosKind::TornWrite]), Some(3));
}

#[test]
fn of_each_kind_that_concerns_everybody_one_is_on_at_a_time() {
    let on = |fault: &Fault<Selector>| match fault {
        Fault::Crash(_)
        | Fault::CrashInStep(_)
        | Fault::Disk(_)
        | Fault::Host(_)
        | Fault::Clock(_) => None,
        _ => Some(fault.kind().to_owned()),
    };
    let most = (0..200).map(|seed| most_at_once(&faults(seed, &chaos()), on)).max();
    assert!(most >= Some(4), "different kinds overlap: {most:?}");
}

#[test]
fn knobs_say_how_long_at_what_rate_and_at_how_many_nodes() {
    let span = Span { min: Duration::millis(1), max: Duration::millis(3) };
    let slow = Knobs { at_once: Some(3), ..Knobs::default() };
    let loss = Knobs { rate: Some(Rate { min: 7, max: 9 }), lasts: Some(span), at_once: None };
    let tuned = Chaos {
        kinds: vec![ChaosKind::Loss, ChaosKind::SlowDisk],
        knobs: [(ChaosKind::Loss, loss), (ChaosKind::SlowDisk, slow)].into(),
        ..chaos()
    };
    let (mut rates, mut most) = (std::collections::BTreeSet::new(), 0);
    for seed in 0..100 {
        let drawn = faults(seed, &tuned);
        for (begins, end, fault) in &drawn {
            if let Fault::Loss(loss) = fault {
                rates.insert(loss.per_million);
                let length = end.unwrap().since(*begins);
                let is_cut_off = *end == Some(at(800)) && length < span.min;
                assert!(is_cut_off || (span.min..=span.max).contains(&length), "{length}");
            }
        }
        most = most.max(most_at_once(&drawn, |fault| match fault {
            Fault::Disk(fault) => Some(fault.nodes[0].to_string()),
            _ => None,
        }));
    }
    assert_eq!((rates.into_iter().collect::<Vec<_>>(), most), (vec![7, 8, 9], 3));
}

#[test]
fn everything_ends_in_time() {
    for seed in 0..200 {
        let steps = draw(seed);
        assert!(steps.is_sorted_by_key(time_of));
        for step in &steps {
            let (begins, ends) = (time_of(step), time_of(step) + step.lasts.unwrap_or_default());
            assert!(at(50) <= begins && ends <= at(800), "seed {seed}: {step:?}");
        }
        let [.., last] = steps.as_slice() else { panic!("at least the end") };
        let nodes = vec![Selector::Everybody];
        let recover = Fault::Recover(Recover { nodes, within: None });
        assert_eq!((time_of(last), &last.action), (at(800), &Action::Fault(recover)));
    }
}

#[test]
fn outside_a_core_what_is_on_at_the_end_stays_on() {
    let core = Some(vec![Selector::parse("n0"), Selector::parse("n1")]);
    let within = Some(Duration::millis(100));
    let chaos = Chaos { core: core.clone(), within, ..chaos() };
    let mut stay = 0;
    for seed in 0..100 {
        let steps: Vec<Step<Do>> = chaos.draw(seed, &cast(5, 2));
        let [drawn @ .., last] = steps.as_slice() else { panic!("at least the end") };
        let recover = Fault::Recover(Recover { nodes: core.clone().unwrap(), within });
        assert_eq!(last.action, Action::Fault(recover));
        stay += drawn.iter().filter(|step| step.lasts.is_none()).count();
    }
    assert!(stay > 100, "{stay}");
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
