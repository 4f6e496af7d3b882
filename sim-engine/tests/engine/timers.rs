//! Timers: one slot each, forgotten by a crash.

use sim_engine::{Action, Trigger};

use crate::common::{Act, Alarm, at, crash, lines, play, restart, step, tell, whom};

#[test]
fn a_timer_fires_once_at_its_time() {
    let (_, trace) =
        play(1, 0, vec![tell(10, "n0", [Act::Set(Alarm::A, 30), Act::Set(Alarm::B, 20)])]);
    assert_eq!(lines(&trace), ["30 n0 rang B", "40 n0 rang A"]);
}

#[test]
fn setting_again_replaces() {
    let (_, trace) = play(
        1,
        0,
        vec![
            tell(10, "n0", [Act::Set(Alarm::A, 30), Act::Set(Alarm::B, 30)]),
            tell(20, "n0", [Act::Set(Alarm::A, 50), Act::Set(Alarm::B, 5)]),
        ],
    );
    assert_eq!(lines(&trace), ["25 n0 rang B", "70 n0 rang A"]);
}

#[test]
fn a_cancelled_timer_does_not_fire_and_can_be_set_again() {
    let (_, trace) = play(
        1,
        0,
        vec![
            tell(10, "n0", [Act::Set(Alarm::A, 30)]),
            tell(20, "n0", [Act::Cancel(Alarm::A), Act::Cancel(Alarm::B)]),
            tell(60, "n0", [Act::Set(Alarm::A, 10)]),
        ],
    );
    assert_eq!(lines(&trace), ["70 n0 rang A"]);
}

#[test]
fn a_crash_forgets_timers() {
    let (_, trace) = play(
        2,
        0,
        vec![
            tell(10, "n0", [Act::Set(Alarm::A, 30), Act::Set(Alarm::For(3), 30)]),
            tell(10, "n1", [Act::Set(Alarm::A, 30)]),
            crash(20, "n0"),
            restart(25, "n0"),
            tell(26, "n0", [Act::Set(Alarm::B, 30)]),
        ],
    );
    let rang: Vec<_> = lines(&trace).into_iter().filter(|line| line.contains("rang")).collect();
    assert_eq!(rang, ["40 n1 rang A", "56 n0 rang B"]);
}

#[test]
fn timers_with_keys_are_timers_of_their_own() {
    let (_, trace) = play(
        2,
        0,
        vec![
            tell(10, "n0", [Act::Set(Alarm::For(1), 10), Act::Set(Alarm::For(2), 20)]),
            tell(10, "n1", [Act::Set(Alarm::For(1), 30)]),
            tell(15, "n0", [Act::Cancel(Alarm::For(1)), Act::Set(Alarm::For(2), 40)]),
            tell(60, "n0", [Act::Set(Alarm::For(1), 10)]),
        ],
    );
    assert_eq!(lines(&trace), ["40 n1 rang For(1)", "55 n0 rang For(2)", "70 n0 rang For(1)"]);
}

#[test]
fn a_fired_timer_is_no_longer_set() {
    let fire = Action::Fire { nodes: whom("n0"), timer: "a".to_owned() };
    let (_, trace) =
        play(1, 0, vec![tell(10, "n0", [Act::Set(Alarm::A, 30)]), step(Trigger::At(at(20)), fire)]);
    assert_eq!(lines(&trace), ["20 n0 rang A"]);
}

#[test]
fn timers_do_not_wait_for_the_disk() {
    let mut spec = crate::common::spec(1, 0);
    spec.disk.sync = sim_engine::Delay::Fixed(sim_engine::Duration::millis(100));
    spec.steps = vec![
        tell(10, "n0", [Act::Set(Alarm::B, 30)]),
        tell(20, "n0", [Act::Write(1), Act::Cancel(Alarm::B), Act::Set(Alarm::A, 10)]),
    ];
    let (_, trace) = sim_engine::Simulation::new(spec).run();
    // The timer fires while the disk is busy; only the announcement waits.
    assert_eq!(lines(&trace), ["120 n0 rang A"]);
    let fired =
        trace.events.iter().find(|event| matches!(event.what, sim_engine::What::TimerFired { .. }));
    assert_eq!(fired.map(|event| event.at), Some(at(30)));
}
