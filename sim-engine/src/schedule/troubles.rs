//! What chance draws for one node.

use super::ChaosKind;
use super::chaos::one_to;
use crate::faults::{
    ClockChange, ClockFault, CrashInStep, CrashOf, DiskFault, DiskTrouble, HostFault, HostTrouble,
    Shift,
};
use crate::{Dice, Duration, Fault, NodeId, Selector};

/// What goes wrong with a node beside a crash of it, if anything does.
pub(super) fn trouble_of(
    kind: ChaosKind,
    node: NodeId,
    dice: &mut Dice,
) -> Option<Fault<Selector>> {
    let nodes = vec![Selector::Seat(node)];
    let disk = |trouble| Fault::Disk(DiskFault { nodes: nodes.clone(), trouble });
    let host = |trouble| Fault::Host(HostFault { nodes: nodes.clone(), trouble });
    let clock = |change| Fault::Clock(ClockFault { nodes: nodes.clone(), change });
    Some(match kind {
        ChaosKind::SlowDisk => disk(DiskTrouble::Slow { takes: one_to(dice.between(10, 100)) }),
        ChaosKind::FailSync => {
            let count = u32::try_from(dice.between(1, 3)).unwrap_or(1);
            disk(DiskTrouble::FailSync { count })
        }
        ChaosKind::FullDisk => disk(DiskTrouble::Full),
        ChaosKind::LyingDisk => disk(DiskTrouble::Lie),
        ChaosKind::TornWrite => disk(DiskTrouble::Tear),
        ChaosKind::CorruptRead => disk(DiskTrouble::Rot),
        ChaosKind::Pause => host(HostTrouble::Pause),
        ChaosKind::SlowCpu => host(HostTrouble::SlowCpu { takes: one_to(dice.between(10, 100)) }),
        ChaosKind::ClockOffset => clock(ClockChange::Offset { by: shift(dice) }),
        ChaosKind::ClockStep => clock(ClockChange::Step { by: shift(dice) }),
        ChaosKind::ClockDrift => {
            let ppm = i32::try_from(dice.between(0, 200_000)).unwrap_or(0) - 100_000;
            clock(ClockChange::Drift { ppm })
        }
        ChaosKind::CrashInStep => {
            let of = if dice.chance(500_000) { CrashOf::Machine } else { CrashOf::Process };
            let after = u32::try_from(dice.below(4)).unwrap_or(0);
            Fault::CrashInStep(CrashInStep { nodes, of, on: None, after })
        }
        ChaosKind::Partition
        | ChaosKind::Crash
        | ChaosKind::Delay
        | ChaosKind::Loss
        | ChaosKind::Duplicate
        | ChaosKind::Cut
        | ChaosKind::Reorder
        | ChaosKind::Corrupt
        | ChaosKind::Bandwidth
        | ChaosKind::KillProcess => return None,
    })
}

/// One millisecond to a second, ahead or behind.
fn shift(dice: &mut Dice) -> Shift {
    let by = Duration::millis(dice.between(1, 1_000));
    if dice.chance(500_000) { Shift::Ahead(by) } else { Shift::Behind(by) }
}
