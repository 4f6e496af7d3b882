//! Everything that can go wrong, as data: printable, comparable, shrinkable. One file each.
//!
//! A fault names its targets with `S`: a [`Selector`](crate::Selector) while it is planned, a
//! [`NodeId`] once it strikes. To add a fault: a file here with its struct, a variant below, and an
//! arm wherever the compiler then asks for one.

mod crash;
mod disk;
mod links;
mod partition;

pub use crash::{Crash, CrashOf, Restart};
pub use disk::{DiskFault, DiskTrouble};
pub use links::{Delaying, Duplication, Loss};
pub use partition::Partition;

use crate::{FaultView, NodeId};

/// One fault, or the end of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault<S = NodeId> {
    /// Parts the network into groups.
    Partition(Partition<S>),
    /// Ends the partition. Messages lost in it stay lost.
    Heal,
    /// Crashes nodes: their memory is gone, and what is not synced if the machine crashes.
    Crash(Crash<S>),
    /// Boots crashed nodes from their disks.
    Restart(Restart<S>),
    /// Changes how long messages travel.
    Delay(Delaying<S>),
    /// Loses messages at random.
    Loss(Loss<S>),
    /// Delivers messages twice at random.
    Duplicate(Duplication<S>),
    /// Puts every link back to what the scenario calls usual.
    Calm,
    /// Something goes wrong with disks.
    Disk(DiskFault<S>),
}

impl<S> Fault<S> {
    /// The kind, as files and outcomes name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Partition(_) => "partition",
            Self::Heal => "heal",
            Self::Crash(_) => "crash",
            Self::Restart(_) => "restart",
            Self::Delay(_) => "delay",
            Self::Loss(_) => "loss",
            Self::Duplicate(_) => "duplicate",
            Self::Calm => "calm",
            Self::Disk(fault) => fault.trouble.kind(),
        }
    }

    /// True for a fault of disks that begins now and acts later.
    pub(crate) const fn waits_in_a_disk(&self) -> bool {
        matches!(self, Self::Disk(fault) if fault.trouble.acts_later())
    }

    /// The same fault with its targets looked up.
    pub fn resolve<T, E>(
        &self,
        mut find: impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Fault<T>, E> {
        Ok(match self {
            Self::Partition(partition) => Fault::Partition(partition.resolve(&mut find)?),
            Self::Heal => Fault::Heal,
            Self::Crash(crash) => {
                Fault::Crash(Crash { nodes: all(&crash.nodes, &mut find)?, of: crash.of })
            }
            Self::Restart(restart) => {
                Fault::Restart(Restart { nodes: all(&restart.nodes, &mut find)? })
            }
            Self::Delay(delaying) => Fault::Delay(delaying.resolve(&mut find)?),
            Self::Loss(loss) => Fault::Loss(loss.resolve(&mut find)?),
            Self::Duplicate(duplication) => Fault::Duplicate(duplication.resolve(&mut find)?),
            Self::Calm => Fault::Calm,
            Self::Disk(fault) => Fault::Disk(fault.resolve(&mut find)?),
        })
    }
}

impl Fault {
    /// The fault as a picture sees it; `None` for the ends of faults, for crashes, and for disks,
    /// which have events of their own, one a node.
    pub fn view(&self) -> Option<FaultView> {
        match self {
            Self::Partition(partition) => {
                Some(FaultView::Partition { groups: partition.groups.clone() })
            }
            Self::Delay(delaying) => Some(FaultView::Network { words: delaying.words() }),
            Self::Loss(loss) => Some(FaultView::Network { words: loss.words() }),
            Self::Duplicate(duplication) => Some(FaultView::Network { words: duplication.words() }),
            Self::Heal | Self::Crash(_) | Self::Restart(_) | Self::Calm | Self::Disk(_) => None,
        }
    }
}

/// Looks up every target, in order, each once.
fn all<S, T, E>(
    targets: &[S],
    find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
) -> Result<Vec<T>, E> {
    let mut found = Vec::new();
    for target in targets {
        found.extend(find(target)?);
    }
    Ok(found)
}
