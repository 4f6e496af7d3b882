//! Cut links: one way, both ways, some at a time.

use sim_engine::faults::{Corruption, CorruptionMode, Cut, Mend};
use sim_engine::{Fault, FaultView, Selector, Step, What};

use crate::common::{Act, Do, at, fault_count, lines, partition, play, strike, tell, whom};

type Names<'n> = Option<&'n [&'n str]>;

fn seats(names: Names<'_>) -> Option<Vec<Selector>> {
    names.map(|names| names.iter().map(|name| whom(name)).collect())
}

fn cut(ms: u64, from: Names<'_>, to: Names<'_>, both: bool) -> Step<Do> {
    strike(ms, Fault::Cut(Cut { from: seats(from), to: seats(to), both }))
}

fn mend(ms: u64, from: Names<'_>, to: Names<'_>, both: bool) -> Step<Do> {
    strike(ms, Fault::Mend(Mend { from: seats(from), to: seats(to), both }))
}

fn damage(ms: u64) -> Step<Do> {
    let (per_million, mode) = (1_000_000, CorruptionMode::Checksum);
    strike(ms, Fault::Corrupt(Corruption { from: None, to: None, per_million, mode }))
}

#[test]
fn a_cut_is_one_way() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            cut(5, Some(&["n0"]), Some(&["n1"]), false),
            tell(10, "n0", [Act::Send(1, 1)]),
            tell(10, "n1", [Act::Send(0, 2)]),
        ],
    );
    assert_eq!(lines(&trace), ["10 n0 loses Word 1 for n1: link cut", "15 n0 gets Word 2 from n1"]);
    assert_eq!(fault_count(&outcome, "cut"), (1, 1));
}

#[test]
fn a_seat_can_be_deaf_or_mute() {
    let speak = |ms| {
        [tell(ms, "n0", [Act::Send(1, 1), Act::Send(2, 2)]), tell(ms, "n1", [Act::Send(0, 3)])]
    };
    let hear = |step| {
        let (_, trace) = play(3, 0, std::iter::once(step).chain(speak(10)).collect());
        trace.events.iter().filter(|event| matches!(event.what, What::Delivered { .. })).count()
    };
    assert_eq!(hear(cut(5, Some(&["n0"]), None, false)), 1);
    assert_eq!(hear(cut(5, None, Some(&["n0"]), false)), 2);
    assert_eq!(hear(cut(5, Some(&["n0"]), None, true)), 0);
}

#[test]
fn a_seat_between_two_sides_is_a_bridge() {
    let (outcome, trace) = play(
        5,
        0,
        vec![
            cut(5, Some(&["n0", "n1"]), Some(&["n3", "n4"]), true),
            tell(10, "n0", [Act::Send(1, 1), Act::Send(2, 2), Act::Send(4, 4)]),
            tell(20, "n4", [Act::Send(3, 3), Act::Send(2, 2), Act::Send(0, 9)]),
            tell(30, "n2", [Act::Send(0, 5), Act::Send(4, 6)]),
        ],
    );
    let expected = [
        "10 n0 loses Word 4 for n4: link cut",
        "15 n1 gets Word 1 from n0",
        "15 n2 gets Word 2 from n0",
        "20 n4 loses Word 9 for n0: link cut",
        "25 n3 gets Word 3 from n4",
        "25 n2 gets Word 2 from n4",
        "35 n0 gets Word 5 from n2",
        "35 n4 gets Word 6 from n2",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "cut"), (1, 2));
}

#[test]
fn a_cut_stops_what_is_under_way_and_nothing_that_arrives_after_its_end() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            tell(10, "n0", [Act::Send(1, 1)]),
            cut(12, Some(&["n0"]), None, false),
            mend(16, Some(&["n0"]), None, false),
            tell(20, "n0", [Act::Send(1, 2)]),
            cut(22, Some(&["n0"]), None, false),
            strike(24, Fault::Heal),
        ],
    );
    assert_eq!(lines(&trace), ["15 n0 loses Word 1 for n1: link cut", "25 n1 gets Word 2 from n0"]);
    assert_eq!(fault_count(&outcome, "cut"), (2, 1));
    assert_eq!(fault_count(&outcome, "heal"), (2, 2));
}

#[test]
fn one_cut_is_mended_and_others_stay() {
    let (_, trace) = play(
        3,
        0,
        vec![
            cut(5, Some(&["n0"]), Some(&["n1"]), false),
            cut(5, Some(&["n0"]), Some(&["n2"]), true),
            mend(8, Some(&["n0"]), Some(&["n1"]), false),
            tell(10, "n0", [Act::Send(1, 1), Act::Send(2, 2)]),
            mend(20, Some(&["n2"]), Some(&["n0"]), false),
            tell(30, "n2", [Act::Send(0, 3)]),
            tell(40, "n0", [Act::Send(2, 4)]),
        ],
    );
    let expected = [
        "10 n0 loses Word 2 for n2: link cut",
        "15 n1 gets Word 1 from n0",
        "35 n0 gets Word 3 from n2",
        "40 n0 loses Word 4 for n2: link cut",
    ];
    assert_eq!(lines(&trace), expected);
    let is_cut = |view: &FaultView| matches!(view, FaultView::Cut { .. });
    let ends = trace.events.iter().filter_map(|event| match &event.what {
        What::FaultBegan(view) if is_cut(view) => Some((event.at, "began")),
        What::FaultEnded { fault, .. } if is_cut(fault) => Some((event.at, "ended")),
        _ => None,
    });
    let expected = [(at(5), "began"), (at(5), "began"), (at(8), "ended")];
    assert_eq!(ends.collect::<Vec<_>>(), expected, "half of the second cut is still there");
}

#[test]
fn a_mend_of_nothing_has_not_acted_and_leaves_a_partition() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            partition(5, &[&["n0"], &["n1"]]),
            mend(8, Some(&["n0"]), Some(&["n1"]), true),
            tell(10, "n0", [Act::Send(1, 1)]),
        ],
    );
    assert_eq!(lines(&trace), ["10 n0 loses Word 1 for n1: partition"]);
    assert_eq!(outcome.steps_idle, [1]);
}

#[test]
fn calm_leaves_a_cut_and_heal_leaves_what_calm_ends() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            cut(5, Some(&["n0"]), None, false),
            damage(5),
            strike(8, Fault::Calm(sim_engine::faults::Calm::Everything)),
            tell(10, "n0", [Act::Send(1, 1)]),
            damage(15),
            strike(18, Fault::Heal),
            tell(20, "n0", [Act::Send(1, 2)]),
        ],
    );
    assert_eq!(
        lines(&trace),
        ["10 n0 loses Word 1 for n1: link cut", "25 n0 loses Word 2 for n1: damaged"]
    );
    assert_eq!(fault_count(&outcome, "corrupt"), (2, 1));
}
