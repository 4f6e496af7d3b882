//! Disks in trouble: each fault is seen to act, and its counter tells how often.

use sim_engine::faults::{Crash, CrashOf, DiskFault, DiskTrouble};
use sim_engine::{Delay, Duration, Fault, FaultView, Outcome, Simulation, Step, Trace, What};

use crate::common::{Act, Do, crash, fault_count, lines, restart, spec, strike, tell, whom};

fn trouble(ms: u64, node: &str, trouble: DiskTrouble) -> Step<Do> {
    strike(ms, Fault::Disk(DiskFault { nodes: vec![whom(node)], trouble }))
}

fn kill(ms: u64, node: &str) -> Step<Do> {
    strike(ms, Fault::Crash(Crash { nodes: vec![whom(node)], of: CrashOf::Process }))
}

fn takes(ms: u64) -> DiskTrouble {
    DiskTrouble::Slow { takes: Delay::Fixed(Duration::millis(ms)) }
}

/// Two nodes whose syncs take so many milliseconds; messages take 5 ms.
fn play_with(sync: u64, steps: Vec<Step<Do>>) -> (Outcome, Trace) {
    let mut spec = spec(2, 0);
    spec.disk.sync = Delay::Fixed(Duration::millis(sync));
    spec.steps = steps;
    Simulation::new(spec).run()
}

/// With syncs of 20 ms.
fn play(steps: Vec<Step<Do>>) -> (Outcome, Trace) {
    play_with(20, steps)
}

#[test]
fn a_slow_disk_holds_back_what_waits_until_it_is_calm() {
    let (outcome, trace) = play(vec![
        tell(5, "n0", [Act::Write(0), Act::Tell(0)]),
        trouble(10, "n0", takes(200)),
        tell(30, "n0", [Act::Write(1), Act::Tell(1)]),
        tell(30, "n1", [Act::Write(1), Act::Tell(1)]),
        trouble(300, "n0", DiskTrouble::Calm),
        tell(310, "n0", [Act::Write(2), Act::Tell(2)]),
    ]);
    let expected = ["25 n0 told 0", "50 n1 told 1", "230 n0 told 1", "330 n0 told 2"];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "slow-disk"), (1, 1));
    assert_eq!(fault_count(&outcome, "calm-disk"), (1, 1));
}

#[test]
fn a_slow_disk_that_nobody_writes_to_has_not_acted() {
    let (outcome, _) = play(vec![trouble(10, "n0", takes(200))]);
    assert_eq!(fault_count(&outcome, "slow-disk"), (1, 0));
}

#[test]
fn a_slow_disk_moves_no_sync_of_other_times() {
    let run = |slow: bool| {
        let mut spec = spec(1, 0);
        spec.disk.sync = Delay::Uniform { min: Duration::millis(1), max: Duration::millis(9) };
        let wait = if slow { 50 } else { 500 };
        spec.steps = vec![
            trouble(wait, "n0", takes(20)),
            tell(60, "n0", [Act::Write(1), Act::Tell(1)]),
            trouble(if slow { 90 } else { 510 }, "n0", DiskTrouble::Calm),
            tell(100, "n0", [Act::Write(2), Act::Tell(2)]),
        ];
        lines(&Simulation::new(spec).run().1).pop()
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn what_waits_for_a_failed_sync_is_never_seen() {
    for sync in [0, 20] {
        let (outcome, trace) = play_with(
            sync,
            vec![
                trouble(5, "n0", DiskTrouble::FailSync { count: 1 }),
                tell(10, "n0", [Act::Write(1), Act::Send(1, 1), Act::WriteAndTell(2)]),
                tell(40, "n0", [Act::Write(3), Act::Tell(3)]),
                crash(70, "n0"),
                restart(80, "n0"),
            ],
        );
        let expected = [
            format!("{} n0 has lost 2", 10 + sync),
            format!("{} n0 disk-failed ", 10 + sync),
            format!("{} n0 told 3", 40 + sync),
            "70 n0 crashes and loses 0".to_owned(),
            "80 n0 woke [3]".to_owned(),
        ];
        assert_eq!(lines(&trace), expected);
        assert_eq!(fault_count(&outcome, "fail-sync"), (1, 1));
    }
}

#[test]
fn a_failed_sync_takes_the_writes_behind_it_too() {
    let (_, trace) = play(vec![
        tell(5, "n0", [Act::Write(1), Act::Tell(1)]),
        trouble(26, "n0", DiskTrouble::FailSync { count: 1 }),
        tell(30, "n0", [Act::Write(2)]),
        tell(40, "n0", [Act::Write(3), Act::Tell(3)]),
        kill(60, "n0"),
        restart(70, "n0"),
    ]);
    let expected = [
        "25 n0 told 1",
        "50 n0 has lost 2",
        "50 n0 disk-failed ",
        "60 n0 crashes and loses 0",
        "70 n0 woke [1]",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn as_many_syncs_fail_as_were_ordered() {
    let (outcome, trace) = play(vec![
        trouble(5, "n0", DiskTrouble::FailSync { count: 2 }),
        tell(10, "n0", [Act::Write(1)]),
        tell(40, "n0", [Act::Write(2)]),
        tell(80, "n0", [Act::Write(3), Act::Tell(3)]),
    ]);
    assert_eq!(lines(&trace).iter().filter(|line| line.contains("disk-failed")).count(), 2);
    assert_eq!(lines(&trace).last().unwrap(), "100 n0 told 3");
    assert_eq!(fault_count(&outcome, "fail-sync"), (1, 2));
    let ended = trace.events.iter().find_map(|event| match &event.what {
        What::FaultEnded { fault: FaultView::Node { words, .. }, .. } => Some((event.at, words)),
        _ => None,
    });
    assert_eq!(ended, Some((crate::common::at(60), &"2 failing syncs".to_owned())));
}

#[test]
fn a_node_that_halts_does_nothing_more_and_keeps_what_reached_the_kernel() {
    let acts = [Act::Tell(1), Act::Write(7), Act::Send(1, 1), Act::Halt, Act::TellNow(2)];
    let (_, trace) =
        play(vec![tell(10, "n0", acts), tell(20, "n0", [Act::TellNow(3)]), restart(50, "n0")]);
    let expected = ["10 n0 told 1", "10 n0 exits", "70 n0 woke [7]"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_lying_disk_promises_what_a_crash_of_the_machine_takes() {
    for sync in [0, 20] {
        let (outcome, trace) = play_with(
            sync,
            vec![
                tell(5, "n0", [Act::Write(1)]),
                trouble(30, "n0", DiskTrouble::Lie),
                tell(40, "n0", [Act::WriteAndTell(2), Act::Tell(2)]),
                crash(100, "n0"),
                restart(110, "n0"),
            ],
        );
        let expected = [
            format!("{} n0 told 2", 40 + sync),
            format!("{} n0 on-disk 1", 40 + sync),
            "100 n0 crashes and loses 1".to_owned(),
            "110 n0 woke [1]".to_owned(),
        ];
        assert_eq!(lines(&trace), expected);
        assert_eq!(fault_count(&outcome, "lying-disk"), (1, 1));
    }
}

#[test]
fn an_honest_sync_makes_true_what_was_promised() {
    let (_, trace) = play(vec![
        trouble(5, "n0", DiskTrouble::Lie),
        tell(10, "n0", [Act::WriteAndTell(1)]),
        trouble(40, "n0", DiskTrouble::Calm),
        tell(50, "n0", [Act::WriteAndTell(2)]),
        crash(100, "n0"),
        restart(110, "n0"),
    ]);
    let expected =
        ["30 n0 on-disk 1", "70 n0 on-disk 2", "100 n0 crashes and loses 0", "110 n0 woke [1, 2]"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_crash_of_the_process_keeps_what_reached_the_kernel() {
    let (outcome, trace) = play(vec![
        tell(10, "n0", [Act::Write(1), Act::WriteLazily(2), Act::Send(1, 1)]),
        kill(20, "n0"),
        restart(30, "n0"),
        // What was found in the kernel is synced before anybody hears of it, at 50.
        crash(60, "n0"),
        restart(70, "n0"),
    ]);
    let expected = [
        "20 n0 crashes and loses 0",
        "50 n0 woke [1, 2]",
        "60 n0 crashes and loses 0",
        "70 n0 woke [1, 2]",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "crash"), (2, 2));
}

#[test]
fn the_kernel_does_not_survive_its_machine() {
    let (_, trace) = play(vec![
        tell(10, "n0", [Act::Write(1)]),
        kill(20, "n0"),
        restart(30, "n0"),
        crash(40, "n0"),
        restart(50, "n0"),
    ]);
    let expected = ["20 n0 crashes and loses 0", "40 n0 crashes and loses 1", "50 n0 woke []"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_torn_write_survives_in_part_and_those_before_it_whole() {
    let (outcome, trace) = play(vec![
        trouble(5, "n0", DiskTrouble::Tear),
        // Nothing is left of a small note: the fault waits for another crash.
        tell(10, "n0", [Act::Write(1), Act::Write(7)]),
        crash(20, "n0"),
        restart(30, "n0"),
        tell(40, "n0", [Act::Write(2), Act::Write(345)]),
        crash(50, "n0"),
        restart(60, "n0"),
    ]);
    let expected = [
        "20 n0 crashes and loses 2",
        "30 n0 woke []",
        "50 n0 crashes and loses 1",
        "60 n0 woke [2, 300]",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "torn-write"), (1, 1));
}

#[test]
fn a_crash_of_the_process_tears_nothing() {
    let (outcome, trace) = play(vec![
        trouble(5, "n0", DiskTrouble::Tear),
        tell(10, "n0", [Act::Write(345)]),
        kill(20, "n0"),
        restart(30, "n0"),
    ]);
    assert_eq!(lines(&trace).last().unwrap(), "50 n0 woke [345]");
    assert_eq!(fault_count(&outcome, "torn-write"), (1, 0));
}

#[test]
fn a_corrupt_read_is_found_at_the_next_boot_and_stays() {
    let (outcome, trace) = play(vec![
        tell(10, "n0", [Act::Write(1)]),
        trouble(40, "n0", DiskTrouble::Rot),
        crash(50, "n0"),
        restart(60, "n0"),
        crash(70, "n0"),
        restart(80, "n0"),
    ]);
    let woke: Vec<_> = lines(&trace).into_iter().filter(|line| line.contains("woke")).collect();
    assert_eq!(woke, ["60 n0 woke [0]", "80 n0 woke [0]"]);
    assert_eq!(fault_count(&outcome, "corrupt-read"), (1, 1));
}

#[test]
fn a_corrupt_read_of_an_empty_disk_has_not_acted() {
    let (outcome, _) =
        play(vec![trouble(5, "n0", DiskTrouble::Rot), crash(10, "n0"), restart(20, "n0")]);
    assert_eq!(fault_count(&outcome, "corrupt-read"), (1, 0));
}

#[test]
fn a_full_disk_refuses_writes_until_there_is_space() {
    let run = |sync| {
        let (outcome, trace) = play_with(
            sync,
            vec![
                tell(10, "n0", [Act::Write(1), Act::Tell(1)]),
                trouble(15, "n0", DiskTrouble::Full),
                tell(20, "n0", [Act::Tell(2), Act::Write(2), Act::Write(3), Act::Tell(3)]),
                trouble(50, "n0", DiskTrouble::Calm),
                tell(60, "n0", [Act::Write(4), Act::Tell(4)]),
                crash(100, "n0"),
                restart(110, "n0"),
            ],
        );
        assert_eq!(fault_count(&outcome, "full-disk"), (1, 2));
        lines(&trace)
    };
    let (crashes, wakes) = ("100 n0 crashes and loses 0", "110 n0 woke [1, 4]");
    let (told, lost, heard) = ("20 n0 told 2", "20 n0 has lost 1", "20 n0 disk-failed ");
    assert_eq!(run(0), ["10 n0 told 1", told, lost, heard, "60 n0 told 4", crashes, wakes]);
    // What stands before the refused write waits for the sync before it, and is seen then.
    let (told, heard) = ("30 n0 told 2", "30 n0 disk-failed ");
    let before = "30 n0 told 1";
    assert_eq!(run(20), [lost, before, told, heard, "80 n0 told 4", crashes, wakes]);
}

#[test]
fn a_wiped_node_wakes_with_nothing() {
    let (outcome, trace) = play(vec![
        tell(10, "n0", [Act::Write(1)]),
        // A disk under a living node is not wiped.
        trouble(40, "n0", DiskTrouble::Wipe),
        crash(50, "n0"),
        trouble(55, "n0", DiskTrouble::Wipe),
        restart(60, "n0"),
    ]);
    assert_eq!(lines(&trace), ["50 n0 crashes and loses 0", "60 n0 woke []"]);
    assert_eq!(fault_count(&outcome, "wipe-disk"), (2, 1));
    assert_eq!(outcome.steps_idle, [1]);
}

#[test]
fn trouble_of_one_disk_is_seen_to_begin_and_end() {
    let (_, trace) = play(vec![
        trouble(10, "n1", DiskTrouble::Lie),
        trouble(20, "n1", DiskTrouble::Full),
        trouble(30, "n1", DiskTrouble::Calm),
    ]);
    let seen: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::FaultBegan(FaultView::Node { words, .. }) => Some(format!("+ {words}")),
            What::FaultEnded { fault: FaultView::Node { words, .. }, .. } => {
                Some(format!("- {words}"))
            }
            _ => None,
        })
        .collect();
    assert_eq!(seen, ["+ lying disk", "+ full disk", "- lying disk", "- full disk"]);
}
