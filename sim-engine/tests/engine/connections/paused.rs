//! Nodes that are up and do not run: their kernels do.

use sim_engine::faults::{HostFault, HostTrouble};
use sim_engine::{Delay, Duration, Fault, Step};

use super::caller::{Act, Do, from, lines, play, tell, to};
use super::{connected, dial, kill, says};
use crate::common::{balanced, crash, fault_count, partition, strike, whom};

fn trouble(ms: u64, node: &str, trouble: HostTrouble) -> Step<Do> {
    strike(ms, Fault::Host(HostFault { nodes: vec![whom(node)], trouble }))
}

fn pause(ms: u64, node: &str) -> Step<Do> {
    trouble(ms, node, HostTrouble::Pause)
}

fn resume(ms: u64, node: &str) -> Step<Do> {
    trouble(ms, node, HostTrouble::Resume)
}

#[test]
fn bytes_in_the_kernel_outlive_the_machine_that_sent_them_and_bytes_in_the_network_do_not() {
    let (outcome, lines) = connected(vec![
        pause(28, "n1"),
        says(30, "n0", to(1), &[1]),
        partition(36, &[&["n0"], &["n1"]]),
        says(37, "n0", to(1), &[2]),
        crash(40, "n0"),
        strike(50, Fault::Heal),
        resume(100, "n1"),
    ]);
    let expected = ["40 n0 crashes", "40 n0 loses 2: sender without power", "100 n1 gets 1"];
    assert_eq!(lines, expected);
    assert_eq!(fault_count(&outcome, "pause"), (1, 1));
}

#[test]
fn the_kernel_of_a_paused_process_accepts_and_the_process_hears_all_of_it_in_order() {
    let steps = vec![
        pause(5, "n1"),
        dial(10),
        says(30, "n0", to(1), &[1, 2]),
        tell(40, "n0", [Act::Hang(to(1))]),
        resume(100, "n1"),
    ];
    let (_, trace) = play(2, steps);
    let expected = [
        "20 n0 up to n1 red",
        "100 n1 up from n0 red",
        "100 n1 gets 1",
        "100 n1 gets 2",
        "100 n1 down from n0 red: closed",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_paused_process_hears_of_a_link_that_was_dialled_again() {
    let (_, lines) = connected(vec![
        pause(28, "n1"),
        says(30, "n0", to(1), &[1]),
        dial(40),
        says(60, "n0", to(1), &[2]),
        resume(100, "n1"),
    ]);
    let expected = [
        "50 n0 up to n1 red",
        "100 n1 gets 1",
        "100 n1 down from n0 red: superseded",
        "100 n1 up from n0 red",
        "100 n1 gets 2",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn what_a_paused_sender_transmitted_is_sent_again_by_its_kernel() {
    let (_, lines) = connected(vec![
        partition(28, &[&["n0"], &["n1"]]),
        says(30, "n0", to(1), &[1]),
        pause(31, "n0"),
        strike(40, Fault::Heal),
    ]);
    assert_eq!(lines, ["235 n1 gets 1"]);
}

#[test]
fn what_a_slow_process_has_not_read_of_one_link_does_not_come_to_it_on_the_next() {
    let takes = Delay::Fixed(Duration::millis(10));
    let (outcome, lines) = connected(vec![
        trouble(28, "n1", HostTrouble::SlowCpu { takes }),
        tell(30, "n1", [Act::Hang(from(0))]),
        says(30, "n0", to(1), &[1, 2, 3, 4, 5]),
        tell(31, "n0", [Act::Hang(to(1))]),
        dial(46),
    ]);
    let lost = lines.iter().filter(|line| line.ends_with(": link hung up")).count();
    assert_eq!(lost, 5, "{lines:?}");
    assert!(lines.iter().any(|line| line.ends_with("n1 up from n0 red")), "{lines:?}");
    assert_eq!(outcome.messages.dropped, 5);
}

#[test]
fn bytes_in_the_kernel_of_a_paused_process_are_read_when_it_wakes_even_after_a_partition() {
    let (outcome, lines) = connected(vec![
        pause(30, "n1"),
        says(31, "n0", to(1), &[1, 2]),
        partition(40, &[&["n0"], &["n1"]]),
        says(41, "n0", to(1), &[3]),
        kill(50, "n0"),
        resume(100, "n1"),
    ]);
    let heard: Vec<_> = lines.iter().filter(|line| line.contains("n1 ")).collect();
    assert_eq!(heard.len(), 2, "{lines:?}");
    assert!(heard.iter().all(|line| line.starts_with("100 ")), "{lines:?}");
    balanced(&outcome);
}

#[test]
fn what_a_killed_process_had_not_read_is_lost_with_it() {
    let (outcome, lines) =
        connected(vec![pause(30, "n1"), says(31, "n0", to(1), &[1, 2]), kill(50, "n1")]);
    let expected = [
        "50 n1 crashes",
        "50 n0 loses 1: receiver down",
        "50 n0 loses 2: receiver down",
        "55 n0 down to n1 red: reset",
    ];
    assert_eq!(lines, expected);
    balanced(&outcome);
}
