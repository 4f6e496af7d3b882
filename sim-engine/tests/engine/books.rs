//! All faults of the network at once: no message is lost from the books, and what a fault does not
//! touch stays as it was.

use std::collections::BTreeMap;

use sim_engine::faults::{
    Bandwidth, Corruption, CorruptionMode, Cut, Loss, Mend, Partition, Reordering,
};
use sim_engine::{Delay, Duration, Fault, Link, Selector, Simulation};

use crate::common::{Act, crash, lines, restart, spec, strike, tell, whom};

/// Two nodes hear from a third; some messages are lost, some are copied.
fn hear(fault: Option<Fault<Selector>>) -> Vec<String> {
    let mut spec = spec(3, 0);
    let delay = Delay::Uniform { min: Duration::millis(1), max: Duration::millis(9) };
    spec.link = Link { delay, loss: 100_000, duplication: 100_000 };
    let words = (10..90).map(|ms| tell(ms, "n0", [Act::Send(1, 1), Act::Send(2, 2)]));
    spec.steps = fault.map(|fault| strike(5, fault)).into_iter().chain(words).collect();
    lines(&Simulation::new(spec).run().1)
}

#[test]
fn links_that_change_nothing_move_no_draw() {
    let calm = hear(None);
    let from = Some(vec![whom("n1")]);
    let elsewhere = Fault::Cut(Cut { from, to: None, both: false });
    let (from, to, by) = (None, None, Delay::Fixed(Duration::ZERO));
    let not_late = Fault::Reorder(Reordering { from, to, per_million: 1_000_000, by });
    let (from, to, mode) = (None, None, CorruptionMode::Checksum);
    let undamaged = Fault::Corrupt(Corruption { from, to, per_million: 0, mode });
    for fault in [elsewhere, not_late, undamaged] {
        assert_eq!(hear(Some(fault.clone())), calm, "{fault:?}");
    }
}

#[test]
fn what_a_link_holds_back_or_damages_leaves_the_others_where_they_were() {
    let calm = hear(None);
    let (from, to, by) = (None, None, Delay::Fixed(Duration::secs(3_600)));
    let for_good = Fault::Reorder(Reordering { from, to, per_million: 300_000, by });
    let few = hear(Some(for_good));
    assert!(few.len() < calm.len() && few.iter().all(|line| calm.contains(line)), "{few:?}");
    let (from, to, mode) = (None, None, CorruptionMode::Checksum);
    let damage = Fault::Corrupt(Corruption { from, to, per_million: 300_000, mode });
    let few = hear(Some(damage));
    let is_known = |line: &&String| calm.contains(line) || line.ends_with("damaged");
    assert!(few != calm && few.iter().filter(is_known).count() == few.len(), "{few:?}");
}

/// A number of a fixed sequence, less than `n`.
fn next(state: &mut u64, n: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % n
}

/// Any fault of the network, or the end of some.
fn any_fault(state: &mut u64) -> Fault<Selector> {
    let names = ["n0", "n1", "n2", "n3", "n4", "c0"];
    let some = |state: &mut u64| {
        let n = usize::try_from(next(state, 4)).unwrap();
        (n > 0).then(|| names[..n].iter().map(|name| whom(name)).collect::<Vec<_>>())
    };
    let (from, to) = (some(state), some(state));
    let both = next(state, 2) == 0;
    let per_million = u32::try_from(next(state, 1_000_001)).unwrap();
    match next(state, 9) {
        0 => Fault::Cut(Cut { from, to, both }),
        1 => Fault::Mend(Mend { from, to, both }),
        2 => {
            let (min, p99) = (Duration::nanos(1 + next(state, 1_000)), Duration::secs(1_000));
            Fault::Reorder(Reordering { from, to, per_million, by: Delay::Pareto { min, p99 } })
        }
        3 => {
            let mode = CorruptionMode::Checksum;
            Fault::Corrupt(Corruption { from, to, per_million, mode })
        }
        4 => {
            let mode = CorruptionMode::Mutate;
            Fault::Corrupt(Corruption { from, to, per_million, mode })
        }
        5 => {
            let queue_bytes = both.then(|| next(state, 100));
            let bytes_per_second = 1 + next(state, 5_000);
            Fault::Bandwidth(Bandwidth { from, to, bytes_per_second, queue_bytes })
        }
        6 => Fault::Loss(Loss { from, to, per_million: per_million / 4 }),
        7 => Fault::Partition(Partition { groups: vec![from.unwrap_or_default()] }),
        _ if both => Fault::Heal,
        _ => Fault::Calm(sim_engine::faults::Calm::Everything),
    }
}

#[test]
fn no_message_is_lost_from_the_books_under_any_of_them() {
    let mut acted = BTreeMap::new();
    for seed in 0..200 {
        let mut state = seed;
        let mut spec = spec(5, 1);
        spec.seed = seed;
        spec.link = Link {
            delay: Delay::LogNormal { median: Duration::millis(3), p99: Duration::millis(60) },
            loss: 10_000,
            duplication: 50_000,
        };
        let talk = (0..60).flat_map(|n| {
            let acts = [Act::Serve(1, 20), Act::Send(2, 7), Act::Serve(3, 5), Act::Send(5, 5)];
            [tell(5 + 15 * n, "n0", acts.clone()), tell(9 + 15 * n, "n4", acts)]
        });
        let faults = (0..30).map(|n| strike(10 + 30 * n, any_fault(&mut state)));
        spec.steps = faults.collect::<Vec<_>>().into_iter().chain(talk).collect();
        spec.steps.extend([crash(300, "n1"), restart(500, "n1")]);
        let (outcome, _) = Simulation::new(spec).run();
        let counts = outcome.messages;
        let found = counts.delivered + counts.dropped + counts.in_flight;
        assert_eq!(counts.sent, found, "seed {seed}: {counts:?}");
        for count in &outcome.faults {
            *acted.entry(count.kind).or_insert(0) += count.acted;
        }
    }
    for kind in ["cut", "heal", "reorder", "corrupt", "bandwidth", "loss", "partition", "calm"] {
        assert!(acted[kind] > 100, "{kind}: {acted:?}");
    }
}
