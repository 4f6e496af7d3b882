//! Links: set up, hung up, dialled again, and what becomes of what was transmitted on them.

mod caller;

use crate::common::{crash, restart, strike};
use caller::{Act, Do, Line, Over, from, lines, play, tell, to};
use sim_engine::faults::{Crash, CrashOf};
use sim_engine::{Fault, Outcome, Step};

fn dial(ms: u64) -> Step<Do> {
    tell(ms, "n0", [Act::Dial(1, Line::Red)])
}

fn kill(ms: u64, node: &str) -> Step<Do> {
    let nodes = vec![crate::common::whom(node)];
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
