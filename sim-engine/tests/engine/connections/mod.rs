//! Links: set up, hung up, dialled again, and what becomes of what was transmitted on them.

mod any;
mod caller;
mod disk;
mod network;
mod paused;
mod records;
mod replica;
mod schedule;

use crate::common::{crash, partition, restart, strike, whom};
use caller::{Act, Do, Line, Over, from, lines, play, tell, to};
use sim_engine::faults::{Crash, CrashOf};
use sim_engine::{Fault, Outcome, Step, What};

fn dial(ms: u64) -> Step<Do> {
    tell(ms, "n0", [Act::Dial(1, Line::Red)])
}

fn kill(ms: u64, node: &str) -> Step<Do> {
    let nodes = vec![whom(node)];
    strike(ms, Fault::Crash(Crash { nodes, of: CrashOf::Process }))
}

/// The first dialled the second on the red line at 10 ms, and both know it at 25 ms.
fn connected(steps: Vec<Step<Do>>) -> (Outcome, Vec<String>) {
    let (outcome, trace) = play(2, [dial(10)].into_iter().chain(steps).collect());
    let lines = lines(&trace);
    assert_eq!(lines[..2], ["20 n0 up to n1 red", "25 n1 up from n0 red"]);
    (outcome, lines[2..].to_vec())
}

fn says(ms: u64, node: &str, over: Over, words: &[u64]) -> Step<Do> {
    tell(ms, node, words.iter().map(|word| Act::Say(over, *word)).collect::<Vec<_>>())
}

#[test]
fn setting_up_takes_a_round_trip_and_its_confirmation_half_of_one() {
    let (_, lines) = connected(vec![]);
    assert_eq!(lines, Vec::<String>::new());
}

#[test]
fn a_link_carries_both_ways() {
    let (outcome, lines) = connected(vec![tell(30, "n0", [Act::Ask(to(1), 1)])]);
    assert_eq!(lines, ["35 n1 gets 1?", "40 n0 gets 2"]);
    assert_eq!((outcome.messages.sent, outcome.messages.delivered), (2, 2));
}

#[test]
fn a_peer_without_a_process_refuses_after_a_round_trip() {
    let (_, trace) = play(2, vec![kill(5, "n1"), dial(10)]);
    assert_eq!(lines(&trace), ["5 n1 crashes", "20 n0 down to n1 red: refused"]);
}

#[test]
fn a_machine_without_power_is_silent_until_it_is_back() {
    let (_, trace) = play(2, vec![crash(5, "n1"), dial(10)]);
    assert_eq!(lines(&trace), ["5 n1 crashes"]);
    // Attempts are made at 10 ms and, each a moment after it was lost, 1, 2 and 4 s later.
    let (_, trace) = play(2, vec![crash(5, "n1"), dial(10), restart(1_500, "n1")]);
    assert_eq!(lines(&trace), ["5 n1 crashes", "3030 n0 up to n1 red", "3035 n1 up from n0 red"]);
}

#[test]
fn who_hangs_up_hears_nothing_and_the_peer_first_gets_what_was_said_before() {
    let (_, lines) = connected(vec![tell(
        30,
        "n0",
        [Act::Say(to(1), 1), Act::Say(to(1), 2), Act::Hang(to(1)), Act::Say(to(1), 3)],
    )]);
    let expected = [
        "30 n0 loses 3: no link",
        "35 n1 gets 1",
        "35 n1 gets 2",
        "35 n1 down from n0 red: closed",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_was_said_to_somebody_who_hung_up_is_lost() {
    let (_, lines) =
        connected(vec![says(30, "n1", from(0), &[1]), tell(32, "n0", [Act::Hang(to(1))])]);
    assert_eq!(lines, ["35 n1 loses 1: link hung up", "37 n1 down from n0 red: closed"]);
}

#[test]
fn a_process_that_dies_leaves_its_bytes_to_the_kernel_which_then_resets() {
    for halt in [false, true] {
        let mut steps = vec![says(30, "n0", to(1), &[1, 2])];
        steps.push(if halt { tell(31, "n0", [Act::Halt]) } else { kill(31, "n0") });
        let (_, lines) = connected(steps);
        assert_eq!(
            lines,
            ["31 n0 crashes", "35 n1 gets 1", "35 n1 gets 2", "36 n1 down from n0 red: reset"]
        );
    }
}

#[test]
fn a_machine_that_loses_power_says_nothing_and_resets_once_it_is_back() {
    let (_, lines) = connected(vec![
        crash(30, "n1"),
        says(40, "n0", to(1), &[1]),
        restart(100, "n1"),
        says(400, "n0", to(1), &[2]),
    ]);
    assert_eq!(
        lines,
        [
            "30 n1 crashes",
            "250 n0 loses 1: link reset",
            "255 n0 down to n1 red: reset",
            "400 n0 loses 2: no link"
        ]
    );
}

#[test]
fn a_restarted_node_has_no_links() {
    let (_, lines) =
        connected(vec![kill(30, "n0"), restart(31, "n0"), says(40, "n0", to(1), &[1])]);
    assert_eq!(lines, ["30 n0 crashes", "35 n1 down from n0 red: reset", "40 n0 loses 1: no link"]);
}

#[test]
fn what_waits_in_the_kernel_of_a_machine_that_loses_power_is_lost() {
    let (outcome, lines) = connected(vec![
        says(30, "n0", to(1), &[1]),
        partition(34, &[&["n0"], &["n1"]]),
        crash(40, "n0"),
        strike(50, Fault::Heal),
    ]);
    assert_eq!(lines, ["40 n0 crashes", "40 n0 loses 1: sender without power"]);
    assert_eq!((outcome.messages.sent, outcome.messages.dropped), (1, 1));
}

#[test]
fn what_left_the_machine_before_it_lost_power_arrives() {
    let (_, lines) = connected(vec![says(30, "n0", to(1), &[1]), crash(31, "n0")]);
    assert_eq!(lines, ["31 n0 crashes", "35 n1 gets 1"]);
}

#[test]
fn a_power_loss_takes_what_a_link_that_was_hung_up_still_had() {
    let (_, lines) = connected(vec![
        partition(28, &[&["n0"], &["n1"]]),
        tell(30, "n0", [Act::Say(to(1), 1), Act::Hang(to(1))]),
        crash(40, "n0"),
        strike(50, Fault::Heal),
        restart(60, "n0"),
        says(70, "n1", from(0), &[2]),
    ]);
    assert_eq!(
        lines,
        [
            "40 n0 crashes",
            "40 n0 loses 1: sender without power",
            "75 n1 loses 2: link hung up",
            "80 n1 down from n0 red: reset"
        ]
    );
}

#[test]
fn a_link_to_nobody_carries_nothing() {
    let (outcome, trace) = play(
        2,
        vec![tell(10, "n0", [Act::Say(to(1), 1), Act::Dial(1, Line::Red), Act::Say(to(1), 2)])],
    );
    assert_eq!(
        lines(&trace)[..2],
        ["10 n0 loses 1: no link", "10 n0 loses 2: no link"],
        "a link that is not up yet takes nothing either"
    );
    assert_eq!((outcome.messages.sent, outcome.messages.dropped), (2, 2));
}

#[test]
fn dialling_again_supersedes() {
    let (_, lines) =
        connected(vec![dial(30), says(50, "n0", to(1), &[1]), says(51, "n1", from(0), &[2])]);
    let expected = [
        "35 n1 down from n0 red: superseded",
        "40 n0 up to n1 red",
        "45 n1 up from n0 red",
        "55 n1 gets 1",
        "56 n0 gets 2",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_waits_on_a_superseded_link_never_arrives() {
    let (_, lines) = connected(vec![
        partition(28, &[&["n0"], &["n1"]]),
        says(30, "n0", to(1), &[1]),
        says(30, "n1", from(0), &[2]),
        strike(40, Fault::Heal),
        dial(50),
        says(500, "n0", to(1), &[3]),
    ]);
    let expected = [
        "50 n0 loses 1: link superseded",
        "55 n1 down from n0 red: superseded",
        "55 n1 loses 2: link superseded",
        "60 n0 up to n1 red",
        "65 n1 up from n0 red",
        "505 n1 gets 3",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_node_that_comes_back_and_dials_supersedes_what_its_peer_still_has() {
    let (_, lines) = connected(vec![crash(30, "n0"), restart(40, "n0"), dial(50)]);
    let expected = [
        "30 n0 crashes",
        "60 n0 up to n1 red",
        "65 n1 down from n0 red: superseded",
        "65 n1 up from n0 red",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn links_on_other_ports_and_the_other_way_are_other_links() {
    let steps = vec![
        tell(10, "n0", [Act::Dial(1, Line::Red), Act::Dial(1, Line::Blue)]),
        tell(10, "n1", [Act::Dial(0, Line::Red)]),
        tell(30, "n0", [Act::Hang(Over(1, Line::Blue, true)), Act::Say(to(1), 1)]),
        says(40, "n0", from(1), &[2]),
    ];
    let (_, trace) = play(2, steps);
    let expected = [
        "20 n0 up to n1 red",
        "20 n0 up to n1 blue",
        "20 n1 up to n0 red",
        "25 n1 up from n0 red",
        "25 n1 up from n0 blue",
        "25 n0 up from n1 red",
        "35 n1 down from n0 blue: closed",
        "35 n1 gets 1",
        "45 n1 gets 2",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_node_has_a_link_with_itself_if_it_wants() {
    let steps = vec![tell(10, "n0", [Act::Dial(0, Line::Red)]), says(20, "n0", to(0), &[1])];
    let (_, trace) = play(1, steps);
    assert_eq!(lines(&trace), ["10 n0 up to n0 red", "10 n0 up from n0 red", "20 n0 gets 1"]);
}

#[test]
fn a_dial_that_was_hung_up_before_the_answer_leaves_nothing() {
    for hang_at in [12, 17] {
        let (_, trace) = play(
            2,
            vec![dial(10), tell(hang_at, "n0", [Act::Hang(to(1))]), says(40, "n1", from(0), &[1])],
        );
        assert_eq!(lines(&trace), ["40 n1 loses 1: no link"], "hung up at {hang_at}");
    }
}

#[test]
fn an_acceptor_that_dies_before_it_heard_of_the_link_resets_it() {
    let (_, trace) = play(2, vec![dial(10), kill(22, "n1"), restart(23, "n1")]);
    let expected = ["20 n0 up to n1 red", "22 n1 crashes", "27 n0 down to n1 red: reset"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_hang_up_of_what_is_not_there_is_nothing() {
    let (outcome, trace) = play(2, vec![tell(10, "n0", [Act::Hang(to(1)), Act::Hang(from(1))])]);
    assert_eq!(lines(&trace), Vec::<String>::new());
    assert!(!trace.events.iter().any(|event| matches!(event.what, What::HungUp { .. })));
    assert_eq!(outcome.messages.sent, 0);
}
