//! A link to a process that does not run: what its kernel took waits for it.

use sim_engine::Fault;
use sim_engine::faults::{HostFault, HostTrouble};

use super::caller::{Do, to};
use super::{connected, kill, says};
use crate::common::{balanced, partition, strike, whom};
use sim_engine::Step;

fn host(ms: u64, node: &str, trouble: HostTrouble) -> Step<Do> {
    strike(ms, Fault::Host(HostFault { nodes: vec![whom(node)], trouble }))
}

#[test]
fn bytes_in_the_kernel_of_a_paused_process_are_read_when_it_wakes_even_after_a_partition() {
    let (outcome, lines) = connected(vec![
        host(30, "n1", HostTrouble::Pause),
        says(31, "n0", to(1), &[1, 2]),
        partition(40, &[&["n0"], &["n1"]]),
        says(41, "n0", to(1), &[3]),
        kill(50, "n0"),
        host(100, "n1", HostTrouble::Resume),
    ]);
    let heard: Vec<_> = lines.iter().filter(|line| line.contains("n1 ")).collect();
    assert_eq!(heard.len(), 2, "{lines:?}");
    assert!(heard.iter().all(|line| line.starts_with("100 ")), "{lines:?}");
    balanced(&outcome);
}

#[test]
fn what_a_killed_process_had_not_read_is_lost_with_it() {
    let (outcome, lines) = connected(vec![
        host(30, "n1", HostTrouble::Pause),
        says(31, "n0", to(1), &[1, 2]),
        kill(50, "n1"),
    ]);
    let expected = [
        "50 n1 crashes",
        "50 n0 loses 1: receiver down",
        "50 n0 loses 2: receiver down",
        "55 n0 down to n1 red: reset",
    ];
    assert_eq!(lines, expected);
    balanced(&outcome);
}
