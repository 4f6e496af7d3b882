//! Disks: what waits for them, what does not, and what a crash takes.

use sim_engine::{Delay, Duration, Outcome, Simulation, Step, Trace};

use crate::common::{Act, Do, Notebook, crash, lines, restart, spec, tell};

/// Two nodes whose disks take 20 ms; messages take 5 ms.
fn play(steps: Vec<Step<Do>>) -> (Outcome, Trace) {
    let mut spec = spec(2, 0);
    spec.disk.sync = Delay::Fixed(Duration::millis(20));
    spec.steps = steps;
    Simulation::new(spec).run()
}

#[test]
fn what_others_can_see_waits_for_the_disk_and_leaves_in_order() {
    let acts = [Act::Send(1, 1), Act::Write(7), Act::Send(1, 2), Act::Tell(3), Act::Send(1, 4)];
    let (_, trace) = play(vec![tell(10, "n0", acts)]);
    let expected = [
        "15 n1 gets Word 1 from n0",
        "30 n0 told 3",
        "35 n1 gets Word 2 from n0",
        "35 n1 gets Word 4 from n0",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn later_steps_wait_behind_earlier_writes() {
    let (_, trace) = play(vec![
        tell(10, "n0", [Act::Write(7)]),
        tell(15, "n0", [Act::Send(1, 1)]),
        tell(20, "n0", [Act::Write(8), Act::Send(1, 2)]),
    ]);
    // The second write comes while the first sync runs, so it needs one of its own.
    assert_eq!(lines(&trace), ["35 n1 gets Word 1 from n0", "55 n1 gets Word 2 from n0"]);
}

#[test]
fn writes_that_wait_for_a_sync_share_the_next_one() {
    let (_, trace) = play(vec![
        tell(10, "n0", [Act::Write(7)]),
        tell(12, "n0", [Act::Write(8), Act::Tell(8)]),
        tell(14, "n0", [Act::Write(9), Act::Tell(9)]),
    ]);
    assert_eq!(lines(&trace), ["50 n0 told 8", "50 n0 told 9"]);
}

#[test]
fn what_is_sent_or_announced_now_passes_the_disk() {
    let acts = [Act::Write(7), Act::Send(1, 1), Act::SendNow(1, 2), Act::TellNow(3)];
    let (_, trace) = play(vec![tell(10, "n0", acts)]);
    let expected = ["10 n0 told 3", "15 n1 gets Word 2 from n0", "35 n1 gets Word 1 from n0"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_ticket_comes_back_once_its_write_is_on_disk() {
    let (_, trace) = play(vec![
        tell(10, "n0", [Act::WriteAndTell(7)]),
        tell(40, "n0", [Act::WriteLazily(8), Act::WriteAndTell(9)]),
    ]);
    assert_eq!(lines(&trace), ["30 n0 on-disk 1", "60 n0 on-disk 2"]);
}

#[test]
fn writes_of_one_step_share_one_sync() {
    let acts = [Act::Write(7), Act::Send(1, 1), Act::Write(8), Act::Send(1, 2)];
    let (_, trace) = play(vec![tell(10, "n0", acts)]);
    assert_eq!(lines(&trace), ["35 n1 gets Word 1 from n0", "35 n1 gets Word 2 from n0"]);
}

#[test]
fn tickets_come_back_from_a_disk_that_takes_no_time() {
    let mut spec = spec(1, 0);
    spec.steps = vec![tell(10, "n0", [Act::WriteAndTell(7), Act::Tell(1), Act::WriteAndTell(8)])];
    let (_, trace) = Simulation::new(spec).run();
    assert_eq!(lines(&trace), ["10 n0 told 1", "10 n0 on-disk 1", "10 n0 on-disk 2"]);
}

#[test]
fn lazy_writes_hold_nothing_back_and_go_with_the_next_forced_one() {
    let (_, trace) = play(vec![
        tell(10, "n0", [Act::WriteLazily(7), Act::Send(1, 1)]),
        crash(20, "n0"),
        restart(21, "n0"),
        tell(30, "n0", [Act::WriteLazily(8), Act::Write(9)]),
        crash(60, "n0"),
        restart(61, "n0"),
    ]);
    let expected = [
        "15 n1 gets Word 1 from n0",
        "20 n0 crashes and loses 1",
        "21 n0 woke []",
        "60 n0 crashes and loses 0",
        "61 n0 woke [8, 9]",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_crash_loses_exactly_what_waits() {
    let (_, trace) = play(vec![
        tell(10, "n0", [Act::Write(1), Act::Send(1, 1)]),
        tell(31, "n0", [Act::Send(1, 2), Act::WriteAndTell(2), Act::Send(1, 3), Act::Tell(4)]),
        crash(40, "n0"),
        restart(41, "n0"),
        tell(45, "n0", [Act::Send(1, 5)]),
    ]);
    let expected = [
        "35 n1 gets Word 1 from n0",
        "36 n1 gets Word 2 from n0",
        "40 n0 crashes and loses 1",
        "41 n0 woke [1]",
        "50 n1 gets Word 5 from n0",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_sync_of_a_past_life_makes_nothing_durable() {
    let (_, trace) = play(vec![
        tell(10, "n0", [Act::Write(1)]),
        crash(15, "n0"),
        restart(16, "n0"),
        tell(20, "n0", [Act::Write(2)]),
        // The sync that the crash stopped would have been done at 30; the new one is at 40.
        crash(35, "n0"),
        restart(36, "n0"),
    ]);
    let woke: Vec<_> = lines(&trace).into_iter().filter(|line| line.contains("woke")).collect();
    assert_eq!(woke, ["16 n0 woke []", "36 n0 woke []"]);
}

#[test]
fn a_node_may_begin_with_something_on_its_disk() {
    let mut spec = spec(2, 0);
    spec.durables = vec![Notebook(vec![4, 5])];
    spec.steps = vec![crash(10, "n0"), restart(11, "n0"), crash(20, "n1"), restart(21, "n1")];
    let (_, trace) = Simulation::new(spec).run();
    assert!(lines(&trace).contains(&"11 n0 woke [4, 5]".to_owned()));
    assert!(lines(&trace).contains(&"21 n1 woke []".to_owned()));
}
