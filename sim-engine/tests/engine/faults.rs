//! Faults: each acts, and its counter tells how often.

use sim_engine::faults::{Calm, Delaying, Duplication, Loss};
use sim_engine::{
    Delay, DropCause, Duration, Fault, FaultView, Link, Operation, PlannedOperation, Selector,
    Simulation, Step, What,
};

use crate::common::{
    Act, Do, at, crash, fault_count, lines, partition, play, restart, spec, strike, tell, whom,
};

fn heal(ms: u64) -> Step<Do> {
    strike(ms, Fault::Heal)
}

fn seats(names: &[&str]) -> Vec<Selector> {
    names.iter().map(|name| whom(name)).collect()
}

#[test]
fn a_partition_loses_what_crosses_it_and_nothing_else() {
    let (outcome, trace) = play(
        4,
        0,
        vec![
            partition(10, &[&["n0", "n1"], &["n2"]]),
            tell(20, "n0", [Act::Send(1, 1), Act::Send(2, 2), Act::Send(3, 3)]),
            tell(30, "n3", [Act::Send(2, 4)]),
        ],
    );
    let expected = [
        "20 n0 loses Word 2 for n2: partition",
        "20 n0 loses Word 3 for n3: partition",
        "25 n1 gets Word 1 from n0",
        "30 n3 loses Word 4 for n2: partition",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "partition"), (1, 3));
}

#[test]
fn seats_in_no_group_are_together() {
    let (_, trace) =
        play(4, 0, vec![partition(10, &[&["n0", "n1"]]), tell(20, "n2", [Act::Send(3, 1)])]);
    assert_eq!(lines(&trace), ["25 n3 gets Word 1 from n2"]);
}

#[test]
fn a_partition_stops_what_is_under_way_when_it_begins() {
    let (outcome, trace) =
        play(2, 0, vec![tell(10, "n0", [Act::Send(1, 1)]), partition(12, &[&["n0"], &["n1"]])]);
    assert_eq!(lines(&trace), ["15 n0 loses Word 1 for n1: partition"]);
    assert_eq!(fault_count(&outcome, "partition"), (1, 1));
}

#[test]
fn a_partition_that_heals_in_time_stops_nothing() {
    let (outcome, trace) = play(
        2,
        0,
        vec![tell(10, "n0", [Act::Send(1, 1)]), partition(12, &[&["n0"], &["n1"]]), heal(14)],
    );
    assert_eq!(lines(&trace), ["15 n1 gets Word 1 from n0"]);
    assert_eq!(fault_count(&outcome, "partition"), (1, 0));
    assert_eq!(fault_count(&outcome, "heal"), (1, 1));
}

#[test]
fn clients_can_be_cut_off_too() {
    let mut spec = spec(1, 1);
    spec.steps = vec![partition(10, &[&["c0"]])];
    let operation = Operation::Write { key: "x".parse().unwrap(), value: 1 };
    let client = sim_engine::NodeId::new(1);
    spec.operations = vec![PlannedOperation { at: at(20), client, operation }];
    let (outcome, trace) = Simulation::new(spec).run();
    assert_eq!(lines(&trace), ["20 c0 loses Ask 0 for n0: partition"]);
    assert_eq!(outcome.history.counts().unknown, 1);
}

#[test]
fn a_new_partition_replaces_the_old_one() {
    let (_, trace) = play(
        3,
        0,
        vec![
            partition(10, &[&["n0"], &["n1", "n2"]]),
            partition(20, &[&["n0", "n1"], &["n2"]]),
            tell(30, "n1", [Act::Send(0, 1), Act::Send(2, 2)]),
        ],
    );
    assert_eq!(
        lines(&trace),
        ["30 n1 loses Word 2 for n2: partition", "35 n0 gets Word 1 from n1"]
    );
    let ended = trace.events.iter().filter(|event| matches!(event.what, What::FaultEnded { .. }));
    assert_eq!(ended.count(), 1);
}

#[test]
fn a_partition_that_nothing_meets_has_not_acted() {
    let (outcome, _) = play(2, 0, vec![partition(10, &[&["n0"], &["n1"]]), heal(20)]);
    assert_eq!(fault_count(&outcome, "partition"), (1, 0));
}

#[test]
fn a_node_that_is_down_hears_nothing_and_says_what_it_had_sent() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            tell(10, "n0", [Act::Send(1, 1)]),
            tell(10, "n1", [Act::Send(0, 2)]),
            crash(12, "n0"),
            tell(14, "n1", [Act::Send(0, 3)]),
            restart(17, "n0"),
            tell(20, "n1", [Act::Send(0, 4)]),
        ],
    );
    let expected = [
        "12 n0 crashes and loses 0",
        "15 n1 gets Word 1 from n0",
        "15 n1 loses Word 2 for n0: receiver down",
        "17 n0 woke []",
        "19 n0 gets Word 3 from n1",
        "25 n0 gets Word 4 from n1",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "crash"), (1, 1));
    assert_eq!(fault_count(&outcome, "restart"), (1, 1));
}

#[test]
fn a_crash_of_a_node_that_is_down_has_not_acted() {
    let (outcome, _) =
        play(1, 0, vec![restart(10, "n0"), crash(20, "n0"), crash(30, "n0"), restart(40, "n0")]);
    assert_eq!(fault_count(&outcome, "crash"), (2, 1));
    assert_eq!(fault_count(&outcome, "restart"), (2, 1));
    assert_eq!(outcome.steps_idle, [0, 2]);
}

#[test]
fn a_restart_does_not_bring_a_late_seat() {
    let mut spec = spec(2, 0);
    spec.late = vec![sim_engine::NodeId::new(1)];
    spec.steps = vec![restart(10, "n1")];
    let (outcome, trace) = Simulation::new(spec).run();
    assert_eq!(lines(&trace), Vec::<String>::new());
    assert_eq!(outcome.steps_idle, [0]);
}

/// One hundred words from each of two nodes to the other, one a millisecond.
fn chatter(fault: Fault<Selector>) -> (sim_engine::Outcome, sim_engine::Trace) {
    let words = (10..110)
        .flat_map(|ms| [tell(ms, "n0", [Act::Send(1, 1)]), tell(ms, "n1", [Act::Send(0, 2)])]);
    play(2, 0, std::iter::once(strike(5, fault)).chain(words).collect())
}

#[test]
fn loss_loses_some_and_counts_them() {
    let (outcome, trace) =
        chatter(Fault::Loss(Loss { from: None, to: None, per_million: 300_000 }));
    let lost = trace
        .events
        .iter()
        .filter(|event| matches!(event.what, What::Dropped { why: DropCause::Loss, .. }));
    let lost = u64::try_from(lost.count()).unwrap();
    assert!((30..90).contains(&lost), "{lost} of 200");
    assert_eq!(fault_count(&outcome, "loss"), (1, lost));
    assert_eq!(outcome.messages.dropped, lost);
}

#[test]
fn loss_can_be_one_way() {
    let fault =
        Loss { from: Some(seats(&["n0"])), to: Some(seats(&["n1"])), per_million: 1_000_000 };
    let (outcome, trace) = chatter(Fault::Loss(fault));
    assert_eq!(lines(&trace).iter().filter(|line| line.contains("n0 gets")).count(), 100);
    assert_eq!(lines(&trace).iter().filter(|line| line.contains("n1 gets")).count(), 0);
    assert_eq!(fault_count(&outcome, "loss"), (1, 100));
}

#[test]
fn duplication_delivers_twice_and_counts_copies() {
    let fault = Duplication { from: None, to: None, per_million: 1_000_000 };
    let (outcome, trace) = chatter(Fault::Duplicate(fault));
    assert_eq!(lines(&trace).iter().filter(|line| line.contains("gets")).count(), 400);
    assert_eq!(fault_count(&outcome, "duplicate"), (1, 200));
    assert_eq!((outcome.messages.sent, outcome.messages.delivered), (400, 400));
}

#[test]
fn a_delay_of_some_links_acts_on_those() {
    let delay = Delay::Fixed(Duration::millis(50));
    let fault = Delaying { from: Some(seats(&["n0"])), to: None, delay };
    let (outcome, trace) = chatter(Fault::Delay(fault));
    assert_eq!(lines(&trace)[0], "15 n0 gets Word 2 from n1");
    assert!(lines(&trace).contains(&"60 n1 gets Word 1 from n0".to_owned()));
    assert_eq!(fault_count(&outcome, "delay"), (1, 100));
}

#[test]
fn a_delay_of_all_links_acts_on_all() {
    let delay = Delay::Fixed(Duration::millis(50));
    let (outcome, trace) = chatter(Fault::Delay(Delaying { from: None, to: None, delay }));
    assert_eq!(lines(&trace)[0], "60 n1 gets Word 1 from n0");
    assert_eq!(fault_count(&outcome, "delay"), (1, 200));
}

#[test]
fn calm_puts_links_back_to_what_is_usual() {
    let delay = Delay::Fixed(Duration::millis(50));
    let (outcome, trace) = play(
        2,
        0,
        vec![
            strike(5, Fault::Delay(Delaying { from: Some(seats(&["n0"])), to: None, delay })),
            strike(5, Fault::Loss(Loss { from: None, to: None, per_million: 1_000_000 })),
            strike(8, Fault::Calm(Calm::Everything)),
            tell(10, "n0", [Act::Send(1, 1)]),
        ],
    );
    assert_eq!(lines(&trace), ["15 n1 gets Word 1 from n0"]);
    assert_eq!(fault_count(&outcome, "calm"), (1, 2));
}

#[test]
fn the_end_of_one_change_of_links_is_not_the_end_of_another() {
    let delay = Delay::Fixed(Duration::millis(50));
    let (_, trace) = play(
        2,
        0,
        vec![
            strike(5, Fault::Delay(Delaying { from: Some(seats(&["n0"])), to: None, delay })),
            strike(5, Fault::Loss(Loss { from: None, to: None, per_million: 1_000_000 })),
            strike(8, Fault::Calm(Calm::Loss)),
            tell(10, "n0", [Act::Send(1, 1)]),
            strike(80, Fault::Calm(Calm::Delay)),
            tell(90, "n0", [Act::Send(1, 2)]),
        ],
    );
    assert_eq!(lines(&trace), ["60 n1 gets Word 1 from n0", "95 n1 gets Word 2 from n0"]);
    let ends = trace.events.iter().filter(|event| matches!(event.what, What::FaultEnded { .. }));
    assert_eq!(ends.map(|event| event.at).collect::<Vec<_>>(), [at(8), at(80)]);
}

#[test]
fn loss_that_is_usual_is_counted_as_a_fault() {
    let mut spec = spec(2, 0);
    spec.link = Link { delay: Delay::Fixed(Duration::millis(5)), loss: 1_000_000, duplication: 0 };
    spec.steps = vec![tell(10, "n0", [Act::Send(1, 1)])];
    let (outcome, _) = Simulation::new(spec).run();
    assert_eq!(fault_count(&outcome, "loss"), (1, 1));
}

#[test]
fn a_message_to_oneself_never_meets_the_network() {
    let (_, trace) = play(
        2,
        0,
        vec![
            strike(5, Fault::Loss(Loss { from: None, to: None, per_million: 1_000_000 })),
            tell(10, "n0", [Act::Send(0, 1)]),
        ],
    );
    assert_eq!(lines(&trace), ["10 n0 gets Word 1 from n0"]);
}

#[test]
fn one_fault_less_moves_no_message_of_others() {
    // Every sender has dice of its own: what n0 loses does not shift what n2 draws.
    let run = |per_million| {
        let mut spec = spec(3, 0);
        spec.link =
            Link::clean(Delay::Uniform { min: Duration::millis(1), max: Duration::millis(9) });
        let fault = Loss { from: Some(seats(&["n0"])), to: None, per_million };
        spec.steps = (10..60)
            .flat_map(|ms| [tell(ms, "n0", [Act::Send(1, 1)]), tell(ms, "n2", [Act::Send(1, 2)])])
            .chain([strike(5, Fault::Loss(fault))])
            .collect();
        let (_, trace) = Simulation::new(spec).run();
        lines(&trace).into_iter().filter(|line| line.contains("from n2")).collect::<Vec<_>>()
    };
    assert_eq!(run(0), run(500_000));
}

#[test]
fn a_picture_sees_a_fault_begin_and_end() {
    let (_, trace) = play(2, 0, vec![partition(10, &[&["n0"], &["n1"]]), heal(20)]);
    let faults: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::FaultBegan(FaultView::Partition { groups }) => Some((event.at, groups.len())),
            What::FaultEnded { .. } => Some((event.at, 0)),
            _ => None,
        })
        .collect();
    assert_eq!(faults, [(at(10), 2), (at(20), 0)]);
}
