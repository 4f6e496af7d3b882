//! What a step of a file asks of disks, with every name in it checked.

use sim_engine::Selector;
use sim_engine::faults::{DiskFault, DiskTrouble};

use super::looking::Looking;
use super::steps::Found;
use crate::check::check_delay;
use crate::file::ActionFile;
use crate::path::Path;
use crate::problem::Complaint;

impl Looking<'_> {
    pub(super) fn disk_fault(
        &self,
        action: &ActionFile,
        path: &Path,
    ) -> Found<DiskFault<Selector>> {
        let (node, trouble) = match action {
            ActionFile::SlowDisk(slow) => {
                check_delay(&slow.takes, &path.key("takes"))?;
                (&slow.node, DiskTrouble::Slow { takes: slow.takes })
            }
            ActionFile::FailSync(fail) => {
                if fail.count == 0 {
                    return Err(Complaint::new(&path.key("count"), "`count` is counted from 1"));
                }
                (&fail.node, DiskTrouble::FailSync { count: fail.count })
            }
            ActionFile::LyingDisk(nodes) => (&nodes.node, DiskTrouble::Lie),
            ActionFile::FullDisk(nodes) => (&nodes.node, DiskTrouble::Full),
            ActionFile::TornWrite(nodes) => (&nodes.node, DiskTrouble::Tear),
            ActionFile::CorruptRead(nodes) => (&nodes.node, DiskTrouble::Rot),
            ActionFile::WipeDisk(nodes) => (&nodes.node, DiskTrouble::Wipe),
            ActionFile::CalmDisk(nodes) => (&nodes.node, DiskTrouble::Calm),
            ActionFile::Partition { .. }
            | ActionFile::Heal(_)
            | ActionFile::Cut(_)
            | ActionFile::Reorder(_)
            | ActionFile::Corrupt(_)
            | ActionFile::Bandwidth(_)
            | ActionFile::Crash(_)
            | ActionFile::Restart(_)
            | ActionFile::Recover(_)
            | ActionFile::Delay(_)
            | ActionFile::Loss(_)
            | ActionFile::Duplicate(_)
            | ActionFile::Calm(_)
            | ActionFile::Pause(_)
            | ActionFile::Resume(_)
            | ActionFile::SlowCpu(_)
            | ActionFile::CalmCpu(_)
            | ActionFile::ClockOffset(_)
            | ActionFile::ClockStep(_)
            | ActionFile::ClockDrift(_)
            | ActionFile::CalmClock(_)
            | ActionFile::CrashInStep(_)
            | ActionFile::Client { .. }
            | ActionFile::Admin { .. }
            | ActionFile::Hold(_)
            | ActionFile::Drop(_)
            | ActionFile::Deliver(_)
            | ActionFile::Release(_)
            | ActionFile::Fire { .. }
            | ActionFile::Start { .. }
            | ActionFile::Look {} => unreachable!("only faults of disks are handed over"),
        };
        Ok(DiskFault { nodes: self.several(node, &path.key("node"))?, trouble })
    }
}
