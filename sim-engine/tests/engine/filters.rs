//! Exact directives on messages: hold, release, drop, deliver.

use sim_engine::{Action, Direct, FilterAction, Release, Step, Trigger};

use crate::common::{Act, Do, at, lines, partition, play, step, tell, whom};

fn direct(ms: u64, action: FilterAction, count: Option<u32>) -> Step<Do> {
    let direct = Direct { action, kind: None, from: Some(whom("n0")), to: Some(whom("n1")), count };
    step(Trigger::At(at(ms)), Action::Direct(direct))
}

fn release(ms: u64, count: Option<u32>, drop: bool) -> Step<Do> {
    let release = Release { kind: None, from: None, to: None, count, drop };
    step(Trigger::At(at(ms)), Action::Release(release))
}

/// `n0` sends three words to `n1` and one to `n2`.
fn words(ms: u64) -> Step<Do> {
    tell(ms, "n0", [Act::Send(1, 1), Act::Send(1, 2), Act::Send(2, 3), Act::Send(1, 4)])
}

fn arrivals(steps: Vec<Step<Do>>) -> Vec<String> {
    lines(&play(3, 0, steps).1)
}

#[test]
fn held_messages_wait_until_they_are_released_oldest_first() {
    let seen = arrivals(vec![
        direct(5, FilterAction::Hold, None),
        words(10),
        release(50, Some(1), false),
        release(60, None, false),
        tell(70, "n0", [Act::Send(1, 9)]),
    ]);
    let expected = [
        "15 n2 gets Word 3 from n0",
        "55 n1 gets Word 1 from n0",
        "65 n1 gets Word 2 from n0",
        "65 n1 gets Word 4 from n0",
        "75 n1 gets Word 9 from n0",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_hold_with_a_count_holds_that_many() {
    let seen = arrivals(vec![direct(5, FilterAction::Hold, Some(2)), words(10)]);
    assert_eq!(seen, ["15 n2 gets Word 3 from n0", "15 n1 gets Word 4 from n0"]);
    let (outcome, _) = play(3, 0, vec![direct(5, FilterAction::Hold, Some(2)), words(10)]);
    assert_eq!((outcome.messages.sent, outcome.messages.in_flight), (4, 2));
}

#[test]
fn held_messages_can_be_lost_instead() {
    let seen = arrivals(vec![
        direct(5, FilterAction::Hold, Some(2)),
        words(10),
        release(50, Some(1), true),
        release(60, Some(1), false),
    ]);
    assert_eq!(
        seen[2..],
        ["50 n0 loses Word 1 for n1: dropped by the scenario", "65 n1 gets Word 2 from n0",]
    );
}

#[test]
fn a_drop_with_a_count_loses_that_many() {
    let seen = arrivals(vec![direct(5, FilterAction::Drop, Some(1)), words(10)]);
    let expected = [
        "10 n0 loses Word 1 for n1: dropped by the scenario",
        "15 n1 gets Word 2 from n0",
        "15 n2 gets Word 3 from n0",
        "15 n1 gets Word 4 from n0",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_hurried_message_arrives_at_once() {
    let seen = arrivals(vec![direct(5, FilterAction::Deliver, Some(1)), words(10)]);
    assert_eq!(seen[..2], ["10 n1 gets Word 1 from n0", "15 n1 gets Word 2 from n0"]);
}

#[test]
fn the_newest_directive_wins() {
    let seen = arrivals(vec![
        direct(5, FilterAction::Drop, None),
        direct(6, FilterAction::Deliver, Some(1)),
        words(10),
    ]);
    let expected = [
        "10 n0 loses Word 2 for n1: dropped by the scenario",
        "10 n0 loses Word 4 for n1: dropped by the scenario",
        "10 n1 gets Word 1 from n0",
        "15 n2 gets Word 3 from n0",
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_directive_can_be_about_one_kind() {
    let only_balls = Direct {
        action: FilterAction::Drop,
        kind: Some("Ball".to_owned()),
        from: None,
        to: None,
        count: None,
    };
    let seen = arrivals(vec![
        step(Trigger::At(at(5)), Action::Direct(only_balls)),
        tell(10, "n0", [Act::Serve(1, 3), Act::Send(1, 1)]),
    ]);
    let expected =
        ["10 n0 loses Ball 3 for n1: dropped by the scenario", "15 n1 gets Word 1 from n0"];
    assert_eq!(seen, expected);
}

#[test]
fn a_held_message_still_meets_the_partition_when_it_goes_on() {
    let seen = arrivals(vec![
        direct(5, FilterAction::Hold, Some(1)),
        tell(10, "n0", [Act::Send(1, 1)]),
        partition(20, &[&["n0"], &["n1"]]),
        release(30, Some(1), false),
    ]);
    assert_eq!(seen, ["35 n0 loses Word 1 for n1: partition"]);
}

#[test]
fn a_release_of_nothing_is_idle() {
    let (outcome, _) = play(
        3,
        0,
        vec![
            release(10, Some(1), false),
            release(20, None, false),
            direct(30, FilterAction::Hold, None),
            release(40, None, false),
        ],
    );
    assert_eq!(outcome.steps_idle, [0, 1]);
}
