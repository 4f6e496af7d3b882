//! Crashes in the middle of a step: a prefix of its effects has happened, and nothing else.

use sim_engine::faults::{CrashInStep, CrashOf};
use sim_engine::{Delay, Duration, Fault, Simulation, Step};

use crate::common::{Act, Alarm, Do, fault_count, lines, play, restart, spec, strike, tell, whom};

fn doom(ms: u64, of: CrashOf, on: Option<&str>, after: u32) -> Step<Do> {
    let on = on.map(str::to_owned);
    strike(ms, Fault::CrashInStep(CrashInStep { nodes: vec![whom("n0")], of, on, after }))
}

fn acts() -> [Act; 6] {
    [
        Act::Set(Alarm::A, 30),
        Act::Write(1),
        Act::Send(1, 1),
        Act::Tell(5),
        Act::Write(2),
        Act::Send(1, 2),
    ]
}

#[test]
fn exactly_the_effects_before_the_crash_have_happened() {
    let crashed = "10 n0 crashes and loses 0";
    let expected: [&[&str]; 5] = [
        &[crashed, "90 n0 woke []"],
        &[crashed, "90 n0 woke [1]"],
        &[crashed, "15 n1 gets Word 1 from n0", "90 n0 woke [1]"],
        &["10 n0 told 5", crashed, "15 n1 gets Word 1 from n0", "90 n0 woke [1, 2]"],
        &[
            "10 n0 told 5",
            crashed,
            "15 n1 gets Word 1 from n0",
            "15 n1 gets Word 2 from n0",
            "90 n0 woke [1, 2]",
        ],
    ];
    for (after, expected) in (0..).zip(expected) {
        let steps =
            vec![doom(5, CrashOf::Machine, None, after), tell(10, "n0", acts()), restart(90, "n0")];
        let (outcome, trace) = play(2, 0, steps);
        assert_eq!(lines(&trace), expected, "after {after}");
        assert_eq!(fault_count(&outcome, "crash-in-step"), (1, 1));
    }
}

#[test]
fn what_waits_for_a_slow_disk_dies_and_the_kernel_keeps_the_write_of_a_killed_process() {
    for (of, woke) in [(CrashOf::Machine, "90 n0 woke []"), (CrashOf::Process, "110 n0 woke [1]")] {
        let mut spec = spec(2, 0);
        spec.disk.sync = Delay::Fixed(Duration::millis(20));
        spec.steps = vec![doom(5, of, None, 2), tell(10, "n0", acts()), restart(90, "n0")];
        let (_, trace) = Simulation::new(spec).run();
        assert_eq!(lines(&trace).len(), 2, "{:?}", lines(&trace));
        assert_eq!(lines(&trace).last().unwrap(), woke);
    }
}

#[test]
fn a_write_reaches_the_disk_and_only_a_part_of_what_waited_for_it_leaves() {
    let crashed = "30 n0 crashes and loses 0";
    let woke = "90 n0 woke [1, 2]";
    let first = "35 n1 gets Word 1 from n0";
    let expected: [&[&str]; 4] = [
        &[crashed, woke],
        &["30 n0 told 5", crashed, first, woke],
        &["30 n0 told 5", crashed, first, "35 n1 gets Word 2 from n0", woke],
        &["30 n0 told 5", first, "35 n1 gets Word 2 from n0", "40 n0 rang A"],
    ];
    for (after, expected) in (0..).zip(expected) {
        let mut spec = spec(2, 0);
        spec.disk.sync = Delay::Fixed(Duration::millis(20));
        let doom = doom(5, CrashOf::Machine, Some("synced"), after);
        spec.steps = vec![doom, tell(10, "n0", acts()), restart(90, "n0")];
        let (outcome, trace) = Simulation::new(spec).run();
        assert_eq!(lines(&trace), expected, "after {after}");
        assert_eq!(fault_count(&outcome, "crash-in-step"), (1, u64::from(after < 3)));
    }
}

#[test]
fn it_waits_for_the_step_it_is_meant_for() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            doom(5, CrashOf::Machine, Some("Ball"), 1),
            tell(10, "n0", [Act::Send(1, 1), Act::Write(1)]),
            tell(20, "n1", [Act::Send(0, 3), Act::Serve(0, 0)]),
            tell(30, "n1", [Act::Serve(0, 4)]),
        ],
    );
    let expected = [
        "15 n1 gets Word 1 from n0",
        "25 n0 gets Word 3 from n1",
        "25 n0 gets Ball 0 from n1",
        "35 n0 gets Ball 4 from n1",
        "35 n0 crashes and loses 0",
        "40 n1 gets Ball 3 from n0",
        "45 n1 loses Ball 2 for n0: receiver down",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "crash-in-step"), (1, 1));
}

#[test]
fn a_step_that_never_comes_leaves_it_armed_and_idle() {
    let (outcome, _) = play(1, 0, vec![doom(5, CrashOf::Machine, Some("Ball"), 1)]);
    assert_eq!(fault_count(&outcome, "crash-in-step"), (1, 0));
}

#[test]
fn one_that_lasts_takes_its_victim_back_up_and_strikes_nobody_later() {
    let lasting = |step: Step<Do>| Step { lasts: Some(Duration::millis(50)), ..step };
    let (outcome, trace) = play(
        1,
        0,
        vec![
            lasting(doom(5, CrashOf::Machine, None, 1)),
            tell(10, "n0", [Act::Write(1)]),
            lasting(doom(100, CrashOf::Machine, None, 1)),
            tell(200, "n0", [Act::Write(2), Act::Tell(2)]),
        ],
    );
    assert_eq!(lines(&trace), ["10 n0 crashes and loses 0", "55 n0 woke [1]", "200 n0 told 2"]);
    assert_eq!(fault_count(&outcome, "crash-in-step"), (2, 1));
}
