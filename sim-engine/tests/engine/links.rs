//! Links that hold messages back, damage them, or carry one after the other: each acts, and its
//! counter tells how often.

use sim_engine::faults::{Bandwidth, Corruption, CorruptionMode, Reordering};
use sim_engine::{Delay, Duration, Fault, Link, Outcome, Simulation, Step, Trace, What};

use crate::common::{Act, Do, at, fault_count, lines, partition, play, spec, strike, tell, whom};

fn reorder(ms: u64, per_million: u32, by: Delay) -> Step<Do> {
    strike(ms, Fault::Reorder(Reordering { from: None, to: None, per_million, by }))
}

fn corrupt(ms: u64, per_million: u32, mode: CorruptionMode) -> Step<Do> {
    strike(ms, Fault::Corrupt(Corruption { from: None, to: None, per_million, mode }))
}

/// A puppet's message has 8 bytes.
fn narrow(ms: u64, bytes_per_second: u64, queue_bytes: Option<u64>) -> Step<Do> {
    let fault = Bandwidth { from: None, to: None, bytes_per_second, queue_bytes };
    strike(ms, Fault::Bandwidth(fault))
}

/// One hundred words from each of two nodes to the other, one a millisecond from 10 ms on.
fn chatter(steps: Vec<Step<Do>>) -> (Outcome, Trace) {
    let words = (10..110)
        .flat_map(|ms| [tell(ms, "n0", [Act::Send(1, 1)]), tell(ms, "n1", [Act::Send(0, 2)])]);
    play(2, 0, steps.into_iter().chain(words).collect())
}

fn n_lines(trace: &Trace, what: &str) -> usize {
    lines(trace).iter().filter(|line| line.contains(what)).count()
}

#[test]
fn messages_held_back_are_overtaken_and_counted() {
    let (outcome, trace) =
        chatter(vec![reorder(5, 300_000, Delay::Fixed(Duration::micros(20_500)))]);
    let late = lines(&trace).iter().filter(|line| line.contains(".5 n")).count();
    assert!((30..90).contains(&late), "{late} of 200");
    assert_eq!(fault_count(&outcome, "reorder"), (1, u64::try_from(late).unwrap()));
    assert_eq!(outcome.messages.delivered, 200, "nothing is lost");
    let arrivals: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match event.what {
            What::Delivered { message, from } => Some((from, message)),
            _ => None,
        })
        .filter(|(from, _)| from.index() == 0)
        .map(|(_, message)| message)
        .collect();
    assert!(!arrivals.is_sorted(), "some are overtaken");
}

#[test]
fn messages_held_back_arrive_late_after_the_end_too() {
    let (_, trace) = play(
        2,
        0,
        vec![
            tell(4, "n0", [Act::Send(1, 1)]),
            reorder(5, 1_000_000, Delay::Fixed(Duration::millis(20))),
            tell(6, "n0", [Act::Send(1, 2)]),
            strike(7, Fault::Calm(sim_engine::faults::Calm::Everything)),
            tell(8, "n0", [Act::Send(1, 3)]),
        ],
    );
    let expected =
        ["9 n1 gets Word 1 from n0", "13 n1 gets Word 3 from n0", "31 n1 gets Word 2 from n0"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_delay_of_nothing_does_not_reorder() {
    let (outcome, _) = chatter(vec![reorder(5, 1_000_000, Delay::Fixed(Duration::ZERO))]);
    assert_eq!(fault_count(&outcome, "reorder"), (1, 0));
}

#[test]
fn damage_that_a_checksum_catches_loses_the_message_where_it_arrives() {
    let (outcome, trace) = chatter(vec![corrupt(5, 300_000, CorruptionMode::Checksum)]);
    let lost = n_lines(&trace, ": damaged");
    assert!((30..90).contains(&lost), "{lost} of 200");
    assert!(lines(&trace)[0].starts_with("15 "), "nothing is lost before it arrives");
    let lost = u64::try_from(lost).unwrap();
    assert_eq!(fault_count(&outcome, "corrupt"), (1, lost));
    assert_eq!((outcome.messages.delivered, outcome.messages.dropped), (200 - lost, lost));
}

#[test]
fn damage_that_no_checksum_catches_changes_what_is_delivered() {
    let steps = vec![
        corrupt(5, 1_000_000, CorruptionMode::Mutate),
        tell(10, "n0", [Act::Send(1, 1), Act::Send(1, 2)]),
        strike(12, Fault::Calm(sim_engine::faults::Calm::Everything)),
        tell(14, "n0", [Act::Send(1, 3)]),
    ];
    let (outcome, trace) = play(2, 0, steps);
    let says = trace.events.iter().filter_map(|event| match &event.what {
        What::Mutated { label, .. } => Some((event.at, label.as_str())),
        _ => None,
    });
    let says: Vec<_> = says.collect();
    assert_eq!(says.len(), 2, "{says:?}");
    assert!(says.iter().all(|(when, label)| *when == at(15) && label.starts_with("Word ")));
    assert!(says[0].1 != "Word 1" && says[1].1 != "Word 2", "{says:?}");
    assert_eq!(fault_count(&outcome, "corrupt"), (1, 2));
    assert_eq!(outcome.messages.delivered, 3);
}

#[test]
fn damage_that_a_message_does_not_opt_into_has_not_acted() {
    let (outcome, trace) = play(
        2,
        0,
        vec![corrupt(5, 1_000_000, CorruptionMode::Mutate), tell(10, "n0", [Act::Serve(1, 1)])],
    );
    assert_eq!(lines(&trace), ["15 n1 gets Ball 1 from n0", "20 n0 gets Ball 0 from n1"]);
    assert_eq!(fault_count(&outcome, "corrupt"), (1, 0));
}

#[test]
fn damage_that_a_partition_hides_has_not_acted() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            corrupt(5, 1_000_000, CorruptionMode::Checksum),
            tell(10, "n0", [Act::Send(1, 1)]),
            partition(12, &[&["n0"], &["n1"]]),
        ],
    );
    assert_eq!(lines(&trace), ["15 n0 loses Word 1 for n1: partition"]);
    assert_eq!(fault_count(&outcome, "corrupt"), (1, 0));
}

#[test]
fn a_narrow_link_carries_one_message_after_the_other() {
    // 8 bytes take 8 ms at 1,000 bytes a second.
    let (outcome, trace) = play(
        3,
        0,
        vec![
            narrow(5, 1_000, None),
            tell(10, "n0", [Act::Send(1, 1), Act::Send(1, 2), Act::Send(2, 3)]),
            tell(40, "n0", [Act::Send(1, 4)]),
            strike(41, Fault::Calm(sim_engine::faults::Calm::Everything)),
            tell(42, "n0", [Act::Send(1, 5)]),
        ],
    );
    let expected = [
        "23 n1 gets Word 1 from n0",
        "23 n2 gets Word 3 from n0",
        "31 n1 gets Word 2 from n0",
        "47 n1 gets Word 5 from n0",
        "53 n1 gets Word 4 from n0",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "bandwidth"), (1, 4));
}

#[test]
fn what_a_full_queue_cannot_take_is_lost() {
    let words: Vec<Act> = (1..=4).map(|n| Act::Send(1, n)).collect();
    let (outcome, trace) = play(
        2,
        0,
        vec![
            narrow(5, 1_000, Some(16)),
            tell(10, "n0", words),
            // The first has left the link: 4 bytes of the second and 8 of this one may wait.
            tell(22, "n0", [Act::Send(1, 5)]),
        ],
    );
    let expected = [
        "10 n0 loses Word 3 for n1: queue full",
        "10 n0 loses Word 4 for n1: queue full",
        "23 n1 gets Word 1 from n0",
        "31 n1 gets Word 2 from n0",
        "39 n1 gets Word 5 from n0",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "bandwidth"), (1, 5));
    assert_eq!((outcome.messages.delivered, outcome.messages.dropped), (3, 2));
}

#[test]
fn a_message_larger_than_the_queue_passes_an_idle_link() {
    let (_, trace) = play(2, 0, vec![narrow(5, 1_000, Some(0)), tell(10, "n0", [Act::Send(1, 1)])]);
    assert_eq!(lines(&trace), ["23 n1 gets Word 1 from n0"]);
}

#[test]
fn the_newest_setting_of_a_link_holds() {
    let wide = Bandwidth {
        from: Some(vec![whom("n0")]),
        to: None,
        bytes_per_second: 8_000_000_000,
        queue_bytes: None,
    };
    let (_, trace) = play(
        2,
        0,
        vec![
            narrow(5, 1_000, None),
            strike(6, Fault::Bandwidth(wide)),
            tell(10, "n0", [Act::Send(1, 1)]),
            tell(10, "n1", [Act::Send(0, 2)]),
        ],
    );
    assert_eq!(lines(&trace), ["15 n1 gets Word 1 from n0", "23 n0 gets Word 2 from n1"]);
}

#[test]
fn a_log_normal_or_pareto_delay_acts_on_messages() {
    let (least, p99) = (Duration::millis(5), Duration::millis(50));
    for (delay, earliest) in
        [(Delay::LogNormal { median: least, p99 }, 0), (Delay::Pareto { min: least, p99 }, 5)]
    {
        let mut spec = spec(2, 0);
        spec.link = Link::clean(delay);
        spec.steps = (10..210).map(|ms| tell(ms, "n0", [Act::Send(1, 1)])).collect();
        let (outcome, trace) = Simulation::new(spec).run();
        assert_eq!(outcome.messages.delivered + outcome.messages.in_flight, 200);
        let first = trace.events.iter().find(|event| matches!(event.what, What::Delivered { .. }));
        assert!(first.unwrap().at >= at(10 + earliest));
        let counts: std::collections::BTreeSet<_> =
            trace.events.iter().map(|event| event.at).collect();
        assert!(counts.len() > 300, "every message has a time of its own");
    }
}
