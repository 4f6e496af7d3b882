//! Directives on messages of links: held, lost once, let go. Order stays.

use sim_engine::{
    Action, Condition, Direct, Fault, FilterAction, Happening, Release, Step, Trigger,
};

use super::caller::{self, Act, Do, from, to};
use super::{connected, says};
use crate::common::{at, crash, partition, step, strike, whom};

fn direct(ms: u64, action: FilterAction, count: Option<u32>) -> Step<Do> {
    let (kind, from, to) = (None, None, None);
    step(Trigger::At(at(ms)), Action::Direct(Direct { action, kind, from, to, count }))
}

fn release(ms: u64, count: Option<u32>, drop: bool) -> Step<Do> {
    let (kind, from, to) = (None, None, None);
    step(Trigger::At(at(ms)), Action::Release(Release { kind, from, to, count, drop }))
}

#[test]
fn a_held_message_holds_back_what_follows_it() {
    let (outcome, lines) = connected(vec![
        direct(28, FilterAction::Hold, Some(1)),
        says(30, "n0", to(1), &[1, 2]),
        tell_hang(40),
        release(100, Some(1), false),
    ]);
    let expected = ["105 n1 gets 1", "105 n1 gets 2", "105 n1 down from n0 red: closed"];
    assert_eq!(lines, expected);
    assert_eq!(outcome.messages.dropped, 0);
}

fn tell_hang(ms: u64) -> Step<Do> {
    caller::tell(ms, "n0", [Act::Hang(to(1))])
}

#[test]
fn held_messages_that_are_let_go_one_by_one_keep_their_order() {
    let (_, lines) = connected(vec![
        direct(28, FilterAction::Hold, None),
        says(30, "n0", to(1), &[1, 2, 3]),
        release(100, Some(2), false),
        release(200, None, false),
    ]);
    assert_eq!(lines, ["105 n1 gets 1", "105 n1 gets 2", "205 n1 gets 3"]);
}

#[test]
fn a_message_dropped_by_the_schedule_is_sent_again() {
    let (outcome, lines) =
        connected(vec![direct(28, FilterAction::Drop, Some(2)), says(30, "n0", to(1), &[1])]);
    assert_eq!(lines, ["635 n1 gets 1"]);
    assert_eq!(outcome.messages.dropped, 0);
    let (_, lines) = connected(vec![
        direct(28, FilterAction::Hold, Some(1)),
        says(30, "n0", to(1), &[1, 2]),
        release(100, Some(1), true),
    ]);
    assert_eq!(lines, ["305 n1 gets 1", "305 n1 gets 2"]);
}

#[test]
fn a_message_delivered_at_once_does_not_overtake() {
    let (_, lines) = connected(vec![
        says(30, "n0", to(1), &[1]),
        direct(31, FilterAction::Deliver, Some(1)),
        says(32, "n0", to(1), &[2]),
    ]);
    assert_eq!(lines, ["35 n1 gets 1", "35 n1 gets 2"]);
}

#[test]
fn a_held_message_is_on_its_way_even_if_its_sender_loses_power() {
    let (outcome, lines) = connected(vec![
        direct(28, FilterAction::Hold, Some(1)),
        says(30, "n0", to(1), &[1, 2]),
        crash(40, "n0"),
        release(100, None, false),
    ]);
    let expected = ["40 n0 crashes", "40 n0 loses 2: sender without power", "105 n1 gets 1"];
    assert_eq!(lines, expected);
    assert_eq!(outcome.messages.in_flight, 0);
}

#[test]
fn what_is_held_behind_something_lost_is_forgotten_with_it() {
    let steps = vec![
        partition(28, &[&["n0"], &["n1"]]),
        says(30, "n0", to(1), &[1]),
        direct(35, FilterAction::Hold, Some(1)),
        says(36, "n0", to(1), &[2]),
        crash(40, "n0"),
        strike(50, Fault::Heal),
        caller::tell(98, "n1", [Act::Send(0, 3), Act::Send(0, 4)]),
        release(100, Some(1), false),
    ];
    let (outcome, lines) = connected(steps);
    let expected = [
        "40 n0 crashes",
        "40 n0 loses 1: sender without power",
        "40 n0 loses 2: sender without power",
        "103 n1 loses 3: receiver down",
        "103 n1 loses 4: receiver down",
    ];
    assert_eq!(lines, expected);
    assert_eq!(outcome.messages.in_flight, 0);
    assert_eq!(outcome.steps_idle, [8], "nothing is held any more");
}

#[test]
fn a_step_can_wait_for_a_message_of_a_link() {
    let what = Happening::Delivered { kind: "Word".to_owned(), from: None };
    let heard = Trigger::When(Condition { what, node: Some(whom("n1")), count: 2 });
    let answer = Do(vec![Act::Say(from(0), 9)]);
    let answer = step(heard, Action::Admin { nodes: whom("n1"), command: answer });
    let (_, lines) = connected(vec![says(30, "n0", to(1), &[1, 2]), answer]);
    assert_eq!(lines, ["35 n1 gets 1", "35 n1 gets 2", "40 n0 gets 9"]);
}
