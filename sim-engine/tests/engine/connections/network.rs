//! What a network does to a link: everything it does wrong is only time.

use sim_engine::faults::{Bandwidth, Corruption, CorruptionMode, Cut, Loss, Reordering};
use sim_engine::{Delay, Duration, Fault, Link, Simulation};

use super::caller::{self, Act, from, lines, tell, to};
use super::{connected, dial, says};
use crate::common::{fault_count, partition, strike, whom};

fn ms(n: u64) -> Delay {
    Delay::Fixed(Duration::millis(n))
}

#[test]
fn a_partition_keeps_bytes_and_lets_them_go_on_after_it_is_healed() {
    let (outcome, lines) = connected(vec![
        partition(28, &[&["n0"], &["n1"]]),
        says(30, "n0", to(1), &[1]),
        says(100, "n0", to(1), &[2, 3]),
        strike(700, Fault::Heal),
        says(701, "n0", to(1), &[4]),
    ]);
    // Lost at 30 ms, and again 200 and 400 ms later; the next attempt is 800 ms after that.
    assert_eq!(lines, ["1435 n1 gets 1", "1435 n1 gets 2", "1435 n1 gets 3", "1435 n1 gets 4"]);
    assert_eq!(outcome.messages.dropped, 0);
    assert_eq!(fault_count(&outcome, "partition").1, 3, "each attempt that was swallowed");
}

#[test]
fn a_partition_that_comes_while_bytes_fly_keeps_them_too() {
    let (_, lines) = connected(vec![
        says(30, "n0", to(1), &[1]),
        partition(32, &[&["n0"], &["n1"]]),
        strike(40, Fault::Heal),
        says(50, "n0", to(1), &[2]),
    ]);
    assert_eq!(lines, ["240 n1 gets 1", "240 n1 gets 2"]);
}

#[test]
fn what_a_partition_keeps_never_arrives_if_the_link_is_reset_before() {
    let (outcome, lines) = connected(vec![
        partition(28, &[&["n0"], &["n1"]]),
        says(30, "n0", to(1), &[1]),
        super::kill(40, "n1"),
        strike(50, Fault::Heal),
    ]);
    let expected =
        ["40 n1 crashes", "235 n0 loses 1: receiver down", "245 n0 down to n1 red: reset"];
    assert_eq!(lines, expected);
    assert_eq!((outcome.messages.delivered, outcome.messages.dropped), (0, 1));
}

#[test]
fn a_dial_into_a_partition_is_silent_until_that_is_healed() {
    let steps = vec![partition(5, &[&["n0"], &["n1"]]), dial(10), strike(3_100, Fault::Heal)];
    let (_, trace) = caller::play(2, steps);
    // Lost at 10 ms, and again 1 and 2 s later; the next attempt is 4 s after that.
    assert_eq!(lines(&trace), ["7020 n0 up to n1 red", "7025 n1 up from n0 red"]);
}

#[test]
fn an_answer_that_a_one_way_cut_swallows_leaves_both_without_a_link() {
    let cut = Cut { from: Some(vec![whom("n1")]), to: Some(vec![whom("n0")]), both: false };
    let (_, trace) = caller::play(2, vec![strike(5, Fault::Cut(cut)), dial(10)]);
    assert_eq!(lines(&trace), Vec::<String>::new());
}

#[test]
fn a_lost_message_costs_a_retransmission_and_twice_that_the_second_time() {
    let loss = |per_million| Fault::Loss(Loss { from: None, to: None, per_million });
    for (until, arrives) in [(100, 235), (300, 635), (700, 1_435)] {
        let (outcome, lines) = connected(vec![
            strike(28, loss(1_000_000)),
            says(30, "n0", to(1), &[1]),
            strike(until, loss(0)),
        ]);
        assert_eq!(lines, [format!("{arrives} n1 gets 1")]);
        assert!(fault_count(&outcome, "loss").1 > 0);
        assert_eq!((outcome.messages.delivered, outcome.messages.dropped), (1, 0));
    }
}

#[test]
fn after_a_success_the_time_begins_anew() {
    let loss = |per_million| Fault::Loss(Loss { from: None, to: None, per_million });
    let (_, lines) = connected(vec![
        strike(28, loss(1_000_000)),
        says(30, "n0", to(1), &[1]),
        strike(300, loss(0)),
        strike(900, loss(1_000_000)),
        says(1_000, "n0", to(1), &[2]),
        strike(1_100, loss(0)),
    ]);
    assert_eq!(lines, ["635 n1 gets 1", "1205 n1 gets 2"]);
}

#[test]
fn damage_that_a_checksum_catches_is_a_loss_and_other_damage_arrives() {
    let corrupt =
        |per_million, mode| Fault::Corrupt(Corruption { from: None, to: None, per_million, mode });
    let (outcome, lines) = connected(vec![
        strike(28, corrupt(1_000_000, CorruptionMode::Checksum)),
        says(30, "n0", to(1), &[1]),
        strike(100, corrupt(1_000_000, CorruptionMode::Mutate)),
    ]);
    assert_eq!(lines, ["235 n1 gets 1"], "the label is what was sent");
    assert_eq!(fault_count(&outcome, "corrupt"), (2, 2));
}

#[test]
fn a_copy_is_noticed_and_nothing() {
    let mut spec = caller::spec(2);
    spec.link = Link { delay: ms(5), loss: 0, duplication: 1_000_000 };
    spec.steps = vec![dial(10), says(30, "n0", to(1), &[1, 2])];
    let (outcome, trace) = Simulation::new(spec).run();
    assert_eq!(lines(&trace)[2..], ["35 n1 gets 1", "35 n1 gets 2"]);
    assert_eq!(outcome.messages.sent, 2);
    assert_eq!(fault_count(&outcome, "duplicate"), (1, 0));
}

#[test]
fn what_is_held_back_holds_back_what_follows() {
    let reorder =
        |per_million| Fault::Reorder(Reordering { from: None, to: None, per_million, by: ms(40) });
    let (outcome, lines) = connected(vec![
        strike(28, reorder(1_000_000)),
        says(30, "n0", to(1), &[1]),
        strike(31, reorder(0)),
        says(35, "n0", to(1), &[2]),
        tell(36, "n0", [Act::Send(1, 3)]),
    ]);
    assert_eq!(lines, ["41 n1 gets 3", "75 n1 gets 1", "75 n1 gets 2"]);
    assert_eq!(fault_count(&outcome, "reorder").1, 1);
}

#[test]
fn a_narrow_link_carries_one_after_the_other_and_sends_again_what_finds_it_full() {
    let (from, to_all) = (None, None);
    let narrow = Bandwidth { from, to: to_all, bytes_per_second: 800, queue_bytes: Some(16) };
    let (outcome, lines) =
        connected(vec![strike(28, Fault::Bandwidth(narrow)), says(30, "n0", to(1), &[1, 2, 3, 4])]);
    // 8 bytes take 10 ms; two messages may wait, the fourth is lost and sent again.
    assert_eq!(lines, ["45 n1 gets 1", "55 n1 gets 2", "245 n1 gets 3", "255 n1 gets 4"]);
    assert_eq!(outcome.messages.dropped, 0);
}

#[test]
fn random_delays_never_reorder() {
    let mut spec = caller::spec(2);
    spec.link = Link::clean(Delay::Uniform { min: Duration::millis(1), max: Duration::millis(50) });
    spec.steps = vec![dial(10)];
    spec.steps.extend((0..200).map(|n| says(200 + n, "n0", to(1), &[n])));
    let (outcome, trace) = Simulation::new(spec).run();
    let lines = lines(&trace);
    let words: Vec<_> = lines[2..].iter().map(|line| line.rsplit(' ').next().unwrap()).collect();
    let expected: Vec<_> = (0..200).map(|n| n.to_string()).collect();
    assert_eq!(words, expected);
    assert_eq!(outcome.messages.delivered, 200);
}

#[test]
fn links_move_no_datagram() {
    let run = |steps: Vec<sim_engine::Step<caller::Do>>| {
        let mut spec = caller::spec(3);
        spec.link = Link {
            delay: Delay::Uniform { min: Duration::millis(1), max: Duration::millis(50) },
            loss: 100_000,
            duplication: 100_000,
        };
        spec.steps = (10..60).map(|at| tell(at, "n0", [Act::Send(2, at)])).collect();
        spec.steps.extend(steps);
        let lines = lines(&Simulation::new(spec).run().1);
        lines.into_iter().filter(|line| line.contains(" n2 ")).collect::<Vec<_>>()
    };
    let calm = run(vec![]);
    assert!(calm.len() > 40, "{calm:?}");
    assert_eq!(run(vec![dial(5), says(40, "n0", to(1), &[1, 2, 3])]), calm);
}

#[test]
fn a_loss_moves_no_later_delay_of_a_link() {
    let run = |loss| {
        let mut spec = caller::spec(2);
        spec.link =
            Link::clean(Delay::Uniform { min: Duration::millis(1), max: Duration::millis(50) });
        let fault = |per_million| Fault::Loss(Loss { from: None, to: None, per_million });
        spec.steps = vec![
            dial(10),
            strike(299, fault(loss)),
            says(300, "n0", to(1), &[1]),
            strike(301, fault(1)),
            says(320, "n0", to(1), &[2]),
            says(2_000, "n0", to(1), &[3]),
        ];
        lines(&Simulation::new(spec).run().1)
    };
    let (calm, rough) = (run(1), run(1_000_000));
    assert_ne!(calm[2], rough[2]);
    assert_eq!(calm[4], rough[4], "{calm:?} {rough:?}");
}

#[test]
fn a_silent_link_costs_no_events() {
    let (outcome, _) = connected(vec![
        partition(28, &[&["n0"], &["n1"]]),
        says(30, "n0", to(1), &[1]),
        says(30, "n1", from(0), &[1]),
    ]);
    assert!(outcome.events < 20, "{}", outcome.events);
    assert_eq!(outcome.messages.in_flight, 2);
}
