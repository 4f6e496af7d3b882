//! Rooms: how long messages between them take, which way they go, and what a cut does.

use sim_engine::faults::{Delaying, Loss, Partition, RoomLinks};
use sim_engine::{
    Delay, Duration, Fault, FaultView, Outcome, Room, RoomLink, Selector, Simulation, Step,
    Topology, Trace, What,
};

use crate::common::{Act, Do, at, fault_count, lines, spec, step, strike, tell, whom};

fn ms(length: u64) -> Delay {
    Delay::Fixed(Duration::millis(length))
}

/// Three rooms in a ring: `a` and `b` in the data centre `east`, 10 ms apart; `c` alone, 30 ms from
/// `b` and 50 ms from `a`.
fn ring() -> Topology {
    let room = |name: &str, centre: Option<&str>| Room {
        name: name.to_owned(),
        data_centre: centre.map(str::to_owned),
    };
    let link = |a, b, length| RoomLink { between: (a, b), delay: ms(length) };
    Topology::new(
        vec![room("a", Some("east")), room("b", Some("east")), room("c", None)],
        vec![link(0, 1, 10), link(1, 2, 30), link(0, 2, 50)],
    )
}

/// Servers `n0`, `n1` ... in these rooms; within a room a message takes 5 ms.
fn play_in(rooms: &[&str], topology: Topology, steps: Vec<Step<Do>>) -> (Outcome, Trace) {
    let mut spec = spec(u16::try_from(rooms.len()).unwrap(), 0);
    let seats = spec.cast.iter().zip(rooms).map(|((_, seat), room)| {
        let place = (*room != "nowhere").then(|| (*room).to_owned());
        sim_engine::Seat { place, ..seat.clone() }
    });
    spec.cast = sim_engine::Cast::new(seats.collect());
    spec.topology = Some(topology);
    spec.steps = steps;
    Simulation::new(spec).run()
}

fn around(place: &str) -> RoomLinks {
    RoomLinks::Around(place.to_owned())
}

fn between(a: &str, b: &str) -> RoomLinks {
    RoomLinks::Between(a.to_owned(), b.to_owned())
}

fn cut(ms: u64, links: RoomLinks) -> Step<Do> {
    strike(ms, Fault::CutRooms(links))
}

fn mend(ms: u64, links: RoomLinks) -> Step<Do> {
    strike(ms, Fault::MendRooms(links))
}

/// Every server says its number to every other one.
fn all_talk(time: u64, n: u16) -> Vec<Step<Do>> {
    let speak = |me: u16| {
        let others = (0..n).filter(|other| *other != me);
        let acts: Vec<Act> =
            others.map(|other| Act::Send(other, u8::try_from(me).unwrap())).collect();
        tell(time, &format!("n{me}"), acts)
    };
    (0..n).map(speak).collect()
}

/// The pairs that heard each other, in order.
fn heard(trace: &Trace) -> Vec<(usize, usize)> {
    let mut pairs: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match event.what {
            What::Delivered { from, .. } => Some((from.index(), event.node?.index())),
            _ => None,
        })
        .collect();
    pairs.sort_unstable();
    pairs
}

#[test]
fn a_message_takes_the_rooms_delay_or_the_sum_along_the_cheapest_path() {
    let send = tell(0, "n0", [Act::Send(1, 1), Act::Send(2, 2), Act::Send(3, 3)]);
    let (_, trace) = play_in(&["a", "a", "b", "c"], ring(), vec![send]);
    let expected =
        ["5 n1 gets Word 1 from n0", "10 n2 gets Word 2 from n0", "40 n3 gets Word 3 from n0"];
    assert_eq!(lines(&trace), expected, "from a to c by way of b: 10 + 30, and not 50");
}

#[test]
fn a_seat_without_a_room_is_no_part_of_it() {
    let mut steps = vec![cut(5, around("a")), cut(5, around("c"))];
    steps.extend(all_talk(10, 3));
    let (_, trace) = play_in(&["a", "nowhere", "c"], ring(), steps);
    assert_eq!(heard(&trace), [(0, 1), (1, 0), (1, 2), (2, 1)]);
    assert!(lines(&trace).contains(&"15 n1 gets Word 0 from n0".to_owned()));
}

#[test]
fn what_is_sent_goes_round_a_cut_link_and_comes_back_when_it_is_mended() {
    let (outcome, trace) = play_in(
        &["a", "b", "c"],
        ring(),
        vec![
            cut(5, between("b", "a")),
            tell(10, "n0", [Act::Send(1, 1), Act::Send(2, 2)]),
            mend(200, between("a", "b")),
            tell(210, "n0", [Act::Send(1, 3)]),
        ],
    );
    let expected =
        ["60 n2 gets Word 2 from n0", "90 n1 gets Word 1 from n0", "220 n1 gets Word 3 from n0"];
    assert_eq!(lines(&trace), expected, "to c directly in 50 ms, to b in 50 + 30");
    assert_eq!(fault_count(&outcome, "cut"), (1, 2), "both messages had to go another way");
    assert_eq!(fault_count(&outcome, "heal"), (1, 1));
}

#[test]
fn a_room_that_is_cut_off_hears_only_itself() {
    let mut steps = vec![cut(5, around("a"))];
    steps.extend(all_talk(10, 4));
    steps.push(strike(100, Fault::Heal));
    steps.push(tell(110, "n0", [Act::Send(2, 9)]));
    let (outcome, trace) = play_in(&["a", "a", "b", "c"], ring(), steps);
    assert_eq!(heard(&trace), [(0, 1), (0, 2), (1, 0), (2, 3), (3, 2)]);
    assert!(lines(&trace).contains(&"10 n0 loses Word 0 for n2: partition".to_owned()));
    assert_eq!(fault_count(&outcome, "cut"), (1, 8));
    assert_eq!(fault_count(&outcome, "heal"), (1, 1));
}

#[test]
fn a_data_centre_is_cut_off_as_a_whole() {
    let mut steps = vec![cut(5, around("east"))];
    steps.extend(all_talk(10, 3));
    let (_, trace) = play_in(&["a", "b", "c"], ring(), steps);
    assert_eq!(heard(&trace), [(0, 1), (1, 0)]);
}

#[test]
fn a_message_under_way_is_lost_only_if_no_way_is_left_when_it_would_arrive() {
    let (_, trace) = play_in(
        &["a", "b", "c"],
        ring(),
        vec![
            tell(0, "n0", [Act::Send(1, 1), Act::Send(2, 2)]),
            cut(5, between("a", "b")),
            cut(20, between("a", "c")),
            tell(50, "n0", [Act::Send(1, 3)]),
            mend(60, around("a")),
            tell(70, "n0", [Act::Send(1, 4)]),
        ],
    );
    let expected = [
        "10 n1 gets Word 1 from n0",
        "40 n0 loses Word 2 for n2: partition",
        "50 n0 loses Word 3 for n1: partition",
        "80 n1 gets Word 4 from n0",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_fault_of_delays_overrides_the_path_and_leaves_the_cut() {
    let slow = |names: &[&str]| {
        let seats = |names: &[&str]| names.iter().map(|name| whom(name)).collect();
        Fault::Delay(Delaying { from: Some(seats(names)), to: None, delay: ms(70) })
    };
    let (outcome, trace) = play_in(
        &["a", "a", "b"],
        ring(),
        vec![
            strike(5, slow(&["n0"])),
            tell(10, "n0", [Act::Send(1, 1), Act::Send(2, 2)]),
            tell(10, "n1", [Act::Send(2, 3)]),
            cut(15, around("b")),
        ],
    );
    let expected = [
        "20 n1 loses Word 3 for n2: partition",
        "80 n1 gets Word 1 from n0",
        "80 n0 loses Word 2 for n2: partition",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "delay"), (1, 2));
}

#[test]
fn the_path_has_dice_of_its_own() {
    let lost = |length: Delay| {
        let mut topology = spec(2, 0);
        topology.steps =
            vec![strike(0, Fault::Loss(Loss { from: None, to: None, per_million: 500_000 }))];
        topology.steps.extend((1..60).map(|time| tell(time, "n0", [Act::Send(1, 1)])));
        let seats = topology.cast.iter().zip(["a", "b"]).map(|((_, seat), room)| {
            sim_engine::Seat { place: Some(room.to_owned()), ..seat.clone() }
        });
        topology.cast = sim_engine::Cast::new(seats.collect());
        let room = |name: &str| Room { name: name.to_owned(), data_centre: None };
        let link = RoomLink { between: (0, 1), delay: length };
        topology.topology = Some(Topology::new(vec![room("a"), room("b")], vec![link]));
        let (_, trace) = Simulation::new(topology).run();
        let drops = trace.events.iter().filter(|e| matches!(e.what, What::Dropped { .. }));
        drops.map(|event| event.at).collect::<Vec<_>>()
    };
    let uniform = Delay::Uniform { min: Duration::millis(1), max: Duration::millis(9) };
    assert_eq!(lost(ms(3)), lost(uniform), "another delay loses no other message");
    assert!(!lost(uniform).is_empty());
}

#[test]
fn names_of_rooms_and_data_centres_are_selectors() {
    let parted = |name: &str| {
        let groups = vec![vec![whom(name)], vec![Selector::Rest]];
        let mut steps = vec![strike(5, Fault::Partition(Partition { groups }))];
        steps.extend(all_talk(10, 3));
        let (_, trace) = play_in(&["a", "b", "c"], ring(), steps);
        heard(&trace)
    };
    assert_eq!(parted("east"), [(0, 1), (1, 0)]);
    assert_eq!(parted("b"), [(0, 2), (2, 0)]);
}

#[test]
fn the_side_with_somebody_ends_where_the_room_is_cut_off() {
    let mut steps = vec![cut(5, around("c"))];
    steps.push(tell(6, "n2", [Act::Lead(1)]));
    steps.push(step(
        sim_engine::Trigger::At(at(8)),
        sim_engine::Action::Fault(Fault::Crash(sim_engine::faults::Crash {
            nodes: vec![whom("the side with leader")],
            of: sim_engine::faults::CrashOf::Machine,
        })),
    ));
    let (_, trace) = play_in(&["a", "b", "c", "c"], ring(), steps);
    assert_eq!(lines(&trace), ["8 n2 crashes and loses 0", "8 n3 crashes and loses 0"]);
}

#[test]
fn pictures_show_a_wall_where_rooms_are_parted_and_words_where_they_are_not() {
    let (_, trace) = play_in(
        &["a", "b", "c"],
        ring(),
        vec![
            cut(5, between("a", "b")),
            cut(10, between("a", "c")),
            mend(15, between("a", "b")),
            strike(20, Fault::Heal),
        ],
    );
    let picture = |view: &FaultView| match view {
        FaultView::Partition { groups } => format!("{groups:?}"),
        FaultView::Network { words } => words.clone(),
        FaultView::Cut { .. } | FaultView::Node { .. } => "another".to_owned(),
    };
    let shown: Vec<String> = trace
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::FaultBegan(view) => Some(format!("{} + {}", event.at, picture(view))),
            What::FaultEnded { fault, .. } => Some(format!("{} - {}", event.at, picture(fault))),
            _ => None,
        })
        .collect();
    let groups = "[[NodeId(0)], [NodeId(1), NodeId(2)]]";
    let expected = [
        "5 ms + cut link a – b".to_owned(),
        "10 ms + cut link a – c".to_owned(),
        format!("10 ms + {groups}"),
        "15 ms - cut link a – b".to_owned(),
        format!("15 ms - {groups}"),
        "20 ms - cut link a – c".to_owned(),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn a_mend_of_nothing_changes_nothing() {
    let steps = vec![cut(5, around("a")), mend(6, between("b", "c")), mend(7, around("a"))];
    let (outcome, _) = play_in(&["a", "b"], ring(), steps);
    assert_eq!(outcome.steps_idle, [1]);
}

#[test]
fn a_cut_that_lasts_ends_by_itself_and_leaves_older_ones() {
    let lasting = Step { lasts: Some(Duration::millis(20)), ..cut(10, around("a")) };
    let mut steps = vec![cut(5, between("a", "b")), lasting];
    steps.extend([20, 40].map(|time| tell(time, "n0", [Act::Send(1, 1)])));
    let (_, trace) = play_in(&["a", "b", "c"], ring(), steps);
    assert_eq!(
        lines(&trace),
        ["20 n0 loses Word 1 for n1: partition", "120 n1 gets Word 1 from n0"],
        "from 30 ms on only the first cut is there, and c is a way round it"
    );
}

#[test]
fn a_recovery_mends_the_way_between_the_rooms_of_its_core() {
    let recover = Fault::Recover(sim_engine::faults::Recover {
        nodes: vec![whom("n0"), whom("n1")],
        within: None,
    });
    let mut steps = vec![cut(5, around("a")), cut(5, around("c")), strike(8, recover)];
    steps.extend(all_talk(10, 3));
    let (_, trace) = play_in(&["a", "b", "c"], ring(), steps);
    assert_eq!(heard(&trace), [(0, 1), (1, 0)], "c is still cut off");
}
