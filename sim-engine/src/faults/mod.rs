//! Everything that can go wrong, as data: printable, comparable, shrinkable. One file each.
//!
//! A fault names its targets with `S`: a [`Selector`](crate::Selector) while it is planned, a
//! [`NodeId`] once it strikes. To add a fault: a file here with its struct, a variant below, and an
//! arm wherever the compiler then asks for one.

mod bandwidth;
mod clock;
mod corrupt;
mod crash;
mod cut;
mod disk;
mod host;
mod links;
mod partition;
mod recover;
mod reorder;
mod rooms;

pub use bandwidth::Bandwidth;
pub use clock::{ClockChange, ClockFault, Shift};
pub use corrupt::{Corruption, CorruptionMode};
pub use crash::{Crash, CrashInStep, CrashOf, OCCASIONS, Restart};
pub use cut::{Cut, Mend};
pub use disk::{DiskFault, DiskTrouble};
pub use host::{HostFault, HostTrouble};
pub use links::{Calm, Delaying, Duplication, Loss};
pub use partition::Partition;
pub use recover::Recover;
pub use reorder::Reordering;
pub use rooms::RoomLinks;

use crate::{FaultView, NodeId};

/// One fault, or the end of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fault<S = NodeId> {
    /// Parts the network into groups.
    Partition(Partition<S>),
    /// Ends the partition and mends every cut link. Messages lost in them stay lost.
    Heal,
    /// Cuts links, one way or both.
    Cut(Cut<S>),
    /// Mends some cut links.
    Mend(Mend<S>),
    /// Cuts links between rooms.
    CutRooms(RoomLinks),
    /// Mends some cut links between rooms.
    MendRooms(RoomLinks),
    /// Crashes nodes: their memory is gone, and what is not synced if the machine crashes.
    Crash(Crash<S>),
    /// Crashes nodes in the middle of a step.
    CrashInStep(CrashInStep<S>),
    /// Boots crashed nodes from their disks.
    Restart(Restart<S>),
    /// Changes how long messages travel.
    Delay(Delaying<S>),
    /// Loses messages at random.
    Loss(Loss<S>),
    /// Delivers messages twice at random.
    Duplicate(Duplication<S>),
    /// Holds messages back at random, so that later ones overtake them.
    Reorder(Reordering<S>),
    /// Damages messages at random.
    Corrupt(Corruption<S>),
    /// Makes links narrow.
    Bandwidth(Bandwidth<S>),
    /// Puts links back to what the scenario calls usual, in every way or in one.
    Calm(Calm),
    /// Something goes wrong with disks.
    Disk(DiskFault<S>),
    /// Processes stop or go on, processors are slow.
    Host(HostFault<S>),
    /// Clocks are wrong.
    Clock(ClockFault<S>),
    /// Ends every fault among some nodes, and asks for progress.
    Recover(Recover<S>),
}

impl<S> Fault<S> {
    /// The kind, as files and outcomes name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Partition(_) => "partition",
            Self::Heal | Self::Mend(_) | Self::MendRooms(_) => "heal",
            Self::Cut(_) | Self::CutRooms(_) => "cut",
            Self::Crash(_) => "crash",
            Self::CrashInStep(_) => "crash-in-step",
            Self::Restart(_) => "restart",
            Self::Delay(_) => "delay",
            Self::Loss(_) => "loss",
            Self::Duplicate(_) => "duplicate",
            Self::Reorder(_) => "reorder",
            Self::Corrupt(_) => "corrupt",
            Self::Bandwidth(_) => "bandwidth",
            Self::Calm(_) => "calm",
            Self::Disk(fault) => fault.trouble.kind(),
            Self::Host(fault) => fault.trouble.kind(),
            Self::Clock(fault) => fault.change.kind(),
            Self::Recover(_) => "recover",
        }
    }

    /// True for a fault of nodes that begins now and acts later.
    pub(crate) const fn waits_in_a_node(&self) -> bool {
        match self {
            Self::Disk(fault) => fault.trouble.acts_later(),
            Self::Clock(fault) => !matches!(fault.change, ClockChange::Calm),
            Self::CrashInStep(_) => true,
            Self::Host(_)
            | Self::Partition(_)
            | Self::Heal
            | Self::Cut(_)
            | Self::Mend(_)
            | Self::CutRooms(_)
            | Self::MendRooms(_)
            | Self::Crash(_)
            | Self::Restart(_)
            | Self::Delay(_)
            | Self::Loss(_)
            | Self::Duplicate(_)
            | Self::Reorder(_)
            | Self::Corrupt(_)
            | Self::Bandwidth(_)
            | Self::Calm(_)
            | Self::Recover(_) => false,
        }
    }

    /// True for what makes inputs wait: it acts when one does.
    pub(crate) const fn hampers(&self) -> bool {
        matches!(self, Self::Host(fault) if fault.trouble.hampers())
    }

    /// True if it begins something that can end again: a step may say how long it lasts.
    pub const fn can_last(&self) -> bool {
        match self {
            Self::Partition(_)
            | Self::Cut(_)
            | Self::CutRooms(_)
            | Self::Crash(_)
            | Self::CrashInStep(_)
            | Self::Delay(_)
            | Self::Loss(_)
            | Self::Duplicate(_)
            | Self::Reorder(_)
            | Self::Corrupt(_)
            | Self::Bandwidth(_) => true,
            Self::Disk(fault) => fault.trouble.acts_later(),
            Self::Host(fault) => fault.trouble.hampers(),
            Self::Clock(fault) => !matches!(fault.change, ClockChange::Calm),
            Self::Heal
            | Self::Mend(_)
            | Self::MendRooms(_)
            | Self::Restart(_)
            | Self::Calm(_)
            | Self::Recover(_) => false,
        }
    }

    /// The same fault with its targets looked up.
    pub fn resolve<T, E>(
        &self,
        mut find: impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Fault<T>, E> {
        Ok(match self {
            Self::Partition(partition) => Fault::Partition(partition.resolve(&mut find)?),
            Self::Heal => Fault::Heal,
            Self::Cut(cut) => Fault::Cut(cut.resolve(&mut find)?),
            Self::Mend(mend) => Fault::Mend(mend.resolve(&mut find)?),
            Self::CutRooms(links) => Fault::CutRooms(links.clone()),
            Self::MendRooms(links) => Fault::MendRooms(links.clone()),
            Self::Crash(crash) => {
                Fault::Crash(Crash { nodes: all(&crash.nodes, &mut find)?, of: crash.of })
            }
            Self::CrashInStep(crash) => Fault::CrashInStep(CrashInStep {
                nodes: all(&crash.nodes, &mut find)?,
                of: crash.of,
                on: crash.on.clone(),
                after: crash.after,
            }),
            Self::Restart(restart) => {
                Fault::Restart(Restart { nodes: all(&restart.nodes, &mut find)? })
            }
            Self::Delay(delaying) => Fault::Delay(delaying.resolve(&mut find)?),
            Self::Loss(loss) => Fault::Loss(loss.resolve(&mut find)?),
            Self::Duplicate(duplication) => Fault::Duplicate(duplication.resolve(&mut find)?),
            Self::Reorder(reordering) => Fault::Reorder(reordering.resolve(&mut find)?),
            Self::Corrupt(corruption) => Fault::Corrupt(corruption.resolve(&mut find)?),
            Self::Bandwidth(bandwidth) => Fault::Bandwidth(bandwidth.resolve(&mut find)?),
            Self::Calm(calm) => Fault::Calm(*calm),
            Self::Disk(fault) => Fault::Disk(fault.resolve(&mut find)?),
            Self::Host(fault) => Fault::Host(fault.resolve(&mut find)?),
            Self::Clock(fault) => Fault::Clock(fault.resolve(&mut find)?),
            Self::Recover(recover) => Fault::Recover(recover.resolve(&mut find)?),
        })
    }
}

impl Fault {
    /// The fault as a picture sees it; `None` for the ends of faults, for crashes, and for what
    /// befalls the parts of a node, which has events of its own, one a node.
    pub fn view(&self) -> Option<FaultView> {
        match self {
            Self::Partition(partition) => {
                Some(FaultView::Partition { groups: partition.groups.clone() })
            }
            Self::Cut(cut) => {
                Some(FaultView::Cut { from: cut.from.clone(), to: cut.to.clone(), both: cut.both })
            }
            Self::Delay(delaying) => Some(FaultView::Network { words: delaying.words() }),
            Self::Loss(loss) => Some(FaultView::Network { words: loss.words() }),
            Self::Duplicate(duplication) => Some(FaultView::Network { words: duplication.words() }),
            Self::Reorder(reordering) => Some(FaultView::Network { words: reordering.words() }),
            Self::Corrupt(corruption) => Some(FaultView::Network { words: corruption.words() }),
            Self::Bandwidth(bandwidth) => Some(FaultView::Network { words: bandwidth.words() }),
            Self::CutRooms(links) => Some(FaultView::Network { words: links.words() }),
            Self::Heal
            | Self::Mend(_)
            | Self::MendRooms(_)
            | Self::Crash(_)
            | Self::Restart(_)
            | Self::Calm(_)
            | Self::CrashInStep(_)
            | Self::Disk(_)
            | Self::Host(_)
            | Self::Clock(_)
            | Self::Recover(_) => None,
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

/// Senders and receivers; everybody where absent.
type Ends<T> = (Option<Vec<T>>, Option<Vec<T>>);

/// Looks up senders and receivers.
fn ends<S, T, E>(
    from: Option<&[S]>,
    to: Option<&[S]>,
    find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
) -> Result<Ends<T>, E> {
    let from = from.map(|seats| all(seats, find)).transpose()?;
    let to = to.map(|seats| all(seats, find)).transpose()?;
    Ok((from, to))
}

/// `125000` as `12.5 %`.
fn percent(per_million: u32) -> String {
    let (whole, rest) = (per_million / 10_000, per_million % 10_000);
    if rest == 0 {
        return format!("{whole} %");
    }
    let decimals = format!("{rest:04}");
    format!("{whole}.{} %", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn rates_read_as_percent() {
        assert_eq!(percent(100_000), "10 %");
        assert_eq!(percent(125_000), "12.5 %");
        assert_eq!(percent(500), "0.05 %");
    }
}
