//! Stopped processes and slow processors: the world goes on, and what waits is met in order.

use sim_engine::faults::{
    ClockChange, ClockFault, Crash, CrashInStep, CrashOf, HostFault, HostTrouble, Recover, Shift,
};
use sim_engine::{Delay, Duration, Fault, FaultView, Simulation, Step, What};

use crate::common::{
    Act, Alarm, Do, balanced, crash, fault_count, lines, partition, play, restart, spec, strike,
    tell, whom,
};

fn host(ms: u64, node: &str, trouble: HostTrouble) -> Step<Do> {
    strike(ms, Fault::Host(HostFault { nodes: vec![whom(node)], trouble }))
}

fn pause(ms: u64, node: &str) -> Step<Do> {
    host(ms, node, HostTrouble::Pause)
}

fn resume(ms: u64, node: &str) -> Step<Do> {
    host(ms, node, HostTrouble::Resume)
}

fn slow(ms: u64, node: &str, takes: u64) -> Step<Do> {
    host(ms, node, HostTrouble::SlowCpu { takes: Delay::Fixed(Duration::millis(takes)) })
}

#[test]
fn a_paused_node_meets_what_waited_in_order_when_it_goes_on() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            tell(1, "n1", [Act::Set(Alarm::A, 20)]),
            pause(10, "n1"),
            tell(12, "n0", [Act::Send(1, 1)]),
            tell(25, "n0", [Act::Send(1, 2)]),
            tell(26, "n1", [Act::Tell(7)]),
            resume(100, "n1"),
            tell(110, "n0", [Act::Send(1, 3)]),
        ],
    );
    let expected = [
        "100 n1 gets Word 1 from n0",
        "100 n1 rang A",
        "100 n1 told 7",
        "100 n1 gets Word 2 from n0",
        "115 n1 gets Word 3 from n0",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "pause"), (1, 4));
    assert_eq!(fault_count(&outcome, "resume"), (1, 1));
    balanced(&outcome);
}

#[test]
fn what_reached_the_kernel_is_past_a_partition_and_what_did_not_is_lost() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            pause(10, "n1"),
            tell(12, "n0", [Act::Send(1, 1)]),
            partition(20, &[&["n0"], &["n1"]]),
            tell(30, "n0", [Act::Send(1, 2)]),
            resume(50, "n1"),
        ],
    );
    let expected = ["30 n0 loses Word 2 for n1: partition", "50 n1 gets Word 1 from n0"];
    assert_eq!(lines(&trace), expected);
    balanced(&outcome);
}

#[test]
fn a_timer_that_ran_out_can_still_be_cancelled_or_set_by_what_came_before_it() {
    for alarm in [Alarm::A, Alarm::For(3)] {
        let (_, trace) = play(
            1,
            0,
            vec![
                tell(1, "n0", [Act::Set(alarm, 30), Act::Set(Alarm::B, 30)]),
                pause(10, "n0"),
                tell(15, "n0", [Act::Cancel(alarm), Act::Set(Alarm::B, 20)]),
                resume(100, "n0"),
            ],
        );
        assert_eq!(lines(&trace), ["120 n0 rang B"]);
    }
}

#[test]
fn the_disk_goes_on_and_the_process_does_not() {
    let mut spec = spec(2, 0);
    spec.disk.sync = Delay::Fixed(Duration::millis(20));
    spec.steps = vec![
        tell(5, "n0", [Act::WriteAndTell(1), Act::Send(1, 1)]),
        pause(10, "n0"),
        crash(50, "n0"),
        restart(60, "n0"),
        tell(100, "n0", [Act::WriteAndTell(2), Act::Send(1, 2)]),
        pause(110, "n0"),
        resume(200, "n0"),
    ];
    let (outcome, trace) = Simulation::new(spec).run();
    let expected = [
        "50 n0 crashes and loses 0",
        "60 n0 woke [1]",
        "200 n0 on-disk 2",
        "205 n1 gets Word 2 from n0",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "pause"), (2, 2));
}

#[test]
fn what_waits_for_a_process_dies_with_it_and_its_next_life_runs() {
    let kill = Fault::Crash(Crash { nodes: vec![whom("n1")], of: CrashOf::Process });
    let (outcome, trace) = play(
        2,
        0,
        vec![
            tell(1, "n1", [Act::Set(Alarm::A, 20)]),
            pause(10, "n1"),
            tell(12, "n0", [Act::Send(1, 1)]),
            strike(50, kill),
            restart(60, "n1"),
            tell(70, "n0", [Act::Send(1, 2)]),
        ],
    );
    let expected = [
        "50 n1 crashes and loses 0",
        "50 n0 loses Word 1 for n1: receiver down",
        "60 n1 woke []",
        "75 n1 gets Word 2 from n0",
    ];
    assert_eq!(lines(&trace), expected);
    let ended = |event: &&sim_engine::TraceEvent| matches!(event.what, What::FaultEnded { .. });
    assert_eq!(trace.events.iter().filter(ended).count(), 1);
    balanced(&outcome);
}

#[test]
fn a_paused_client_invokes_later_and_a_paused_leader_still_leads() {
    let mut spec = spec(1, 1);
    spec.operations = vec![sim_engine::PlannedOperation {
        at: crate::common::at(20),
        client: sim_engine::NodeId::new(1),
        operation: sim_engine::Operation::Read { key: "x".parse().unwrap() },
    }];
    spec.steps = vec![
        tell(1, "n0", [Act::Lead(1)]),
        pause(10, "c0"),
        pause(10, "n0"),
        crash(15, "leader"),
        resume(60, "c0"),
    ];
    let (outcome, trace) = Simulation::new(spec).run();
    assert_eq!(lines(&trace), ["15 n0 crashes and loses 0", "60 c0 ends 0"]);
    assert_eq!(outcome.steps_idle, Vec::<u32>::new());
}

#[test]
fn pausing_a_node_that_is_down_changes_nothing() {
    let (outcome, _) = play(1, 0, vec![crash(5, "n0"), pause(10, "n0"), resume(20, "n0")]);
    assert_eq!(fault_count(&outcome, "pause"), (1, 0));
    assert_eq!(outcome.steps_idle, [1, 2]);
}

#[test]
fn a_slow_processor_works_off_one_input_after_the_other() {
    let (outcome, trace) = play(
        2,
        0,
        vec![
            slow(10, "n1", 30),
            tell(15, "n0", [Act::Send(1, 1), Act::Send(1, 2), Act::Send(1, 3)]),
            host(95, "n1", HostTrouble::CalmCpu),
            tell(100, "n0", [Act::Send(1, 4)]),
        ],
    );
    let expected = [
        "50 n1 gets Word 1 from n0",
        "80 n1 gets Word 2 from n0",
        "95 n1 gets Word 3 from n0",
        "105 n1 gets Word 4 from n0",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "slow-cpu"), (1, 3));
    balanced(&outcome);
}

#[test]
fn a_slow_processor_stays_slow_in_the_next_life_and_can_be_paused() {
    let (_, trace) = play(
        2,
        0,
        vec![
            slow(10, "n1", 10),
            crash(20, "n1"),
            restart(30, "n1"),
            tell(35, "n0", [Act::Send(1, 1), Act::Send(1, 2)]),
            pause(55, "n1"),
            resume(100, "n1"),
        ],
    );
    let expected = [
        "20 n1 crashes and loses 0",
        "30 n1 woke []",
        "50 n1 gets Word 1 from n0",
        "110 n1 gets Word 2 from n0",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn the_trace_says_who_stood_still_and_when() {
    let (_, trace) = play(1, 0, vec![pause(10, "n0"), slow(20, "n0", 5), resume(30, "n0")]);
    let words: Vec<String> = trace
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::FaultBegan(FaultView::Node { part, words, .. }) => {
                Some(format!("{} + {} {words}", event.at, part.word()))
            }
            What::FaultEnded { fault: FaultView::Node { words, .. }, .. } => {
                Some(format!("{} - {words}", event.at))
            }
            _ => None,
        })
        .collect();
    let expected =
        ["10 ms + pause paused", "20 ms + processor slow CPU, 5 ms a step", "30 ms - paused"];
    assert_eq!(words, expected);
}

#[test]
fn a_pause_that_lasts_ends_by_itself_and_leaves_others_alone() {
    let lasting = |ms, node: &str, trouble, lasts| Step {
        lasts: Some(Duration::millis(lasts)),
        ..host(ms, node, trouble)
    };
    let (_, trace) = play(
        3,
        0,
        vec![
            lasting(10, "n1", HostTrouble::Pause, 40),
            pause(10, "n2"),
            lasting(
                60,
                "n1",
                HostTrouble::SlowCpu { takes: Delay::Fixed(Duration::millis(30)) },
                20,
            ),
            tell(12, "n0", [Act::Send(1, 1), Act::Send(2, 2)]),
            tell(60, "n0", [Act::Send(1, 3)]),
            tell(90, "n0", [Act::Send(1, 4)]),
        ],
    );
    let expected =
        ["50 n1 gets Word 1 from n0", "80 n1 gets Word 3 from n0", "95 n1 gets Word 4 from n0"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_recovery_lets_the_core_run_by_right_clocks_again() {
    let off = ClockChange::Offset { by: Shift::Ahead(Duration::millis(70)) };
    let clock = Fault::Clock(ClockFault { nodes: vec![whom("n1")], change: off });
    let on = Some("Word".to_owned());
    let doom = CrashInStep { nodes: vec![whom("n1")], of: CrashOf::Machine, on, after: 0 };
    let recover = Fault::Recover(Recover { nodes: vec![whom("n0"), whom("n1")], within: None });
    let (_, trace) = play(
        2,
        0,
        vec![
            slow(10, "n1", 30),
            pause(11, "n1"),
            strike(12, clock),
            strike(13, Fault::CrashInStep(doom)),
            tell(14, "n0", [Act::Send(1, 1)]),
            strike(50, recover),
            tell(60, "n1", [Act::Clocks]),
        ],
    );
    assert_eq!(lines(&trace), ["50 n1 gets Word 1 from n0", "60 n1 sees 60 ms, 60 ms"]);
}
