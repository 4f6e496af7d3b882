//! Faults of disks. All have one shape: whose disk, and what is wrong with it.
//!
//! A sync that runs when a fault begins meets it: what counts is the moment in which the sync ends.
//! Only how long it takes is settled when it begins.

use super::all;
use crate::Delay;

/// Something goes wrong with the disks of some nodes, whether those are up or down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DiskFault<S> {
    /// Whose disks.
    pub nodes: Vec<S>,
    /// What is wrong with them.
    pub trouble: DiskTrouble,
}

/// What can be wrong with a disk, or be done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DiskTrouble {
    /// Syncs take another time, until [`Calm`](Self::Calm). One that runs already keeps its length.
    Slow {
        /// How long they take.
        takes: Delay,
    },
    /// The next syncs fail. The node gets [`Event::DiskFailed`](crate::Event::DiskFailed), and
    /// nothing that waited is ever released.
    ///
    /// Every write that was not yet reported as synced is lost, those behind the failed sync too:
    /// what is read back ends at the first hole. The kernel does not try again, and the next sync
    /// succeeds without them, as the `fsync` of several systems does. A node that goes on must
    /// write again all that it relies on.
    FailSync {
        /// How many syncs; the fault is over after them.
        count: u32,
    },
    /// Syncs report success, and their writes stay in a cache that a crash of the machine empties,
    /// until [`Calm`](Self::Calm). The next honest sync makes them durable after all.
    ///
    /// What the node is told and what is on the platter part ways: promises read the platter.
    Lie,
    /// There is no space, until [`Calm`](Self::Calm): writes are refused. The node gets
    /// [`Event::DiskFailed`](crate::Event::DiskFailed) at once, and nothing that it asked for
    /// between the refused write and that event is ever seen. Earlier writes are not touched.
    Full,
    /// The next crash of the machine that finds a write under way tears the last one: those before
    /// it reach the platter, and a part of it, if the type of the durable state says what a part
    /// is.
    Tear,
    /// The next boot that reads the platter finds it damaged, if the type of the durable state says
    /// what damage is. The damage stays.
    Rot,
    /// A crashed node loses all that is on its disk. Nothing happens to one that is up.
    Wipe,
    /// Ends everything that is wrong. What is lost stays lost.
    Calm,
}

impl<S> DiskFault<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<DiskFault<T>, E> {
        Ok(DiskFault { nodes: all(&self.nodes, find)?, trouble: self.trouble })
    }
}

impl DiskTrouble {
    /// The kind, as files and outcomes name it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Slow { .. } => "slow-disk",
            Self::FailSync { .. } => "fail-sync",
            Self::Lie => "lying-disk",
            Self::Full => "full-disk",
            Self::Tear => "torn-write",
            Self::Rot => "corrupt-read",
            Self::Wipe => "wipe-disk",
            Self::Calm => "calm-disk",
        }
    }

    /// True if it begins now and acts later, when the disk is used.
    pub const fn acts_later(self) -> bool {
        match self {
            Self::Slow { .. }
            | Self::FailSync { .. }
            | Self::Lie
            | Self::Full
            | Self::Tear
            | Self::Rot => true,
            Self::Wipe | Self::Calm => false,
        }
    }

    /// What is wrong, in words.
    pub fn words(self) -> String {
        match self {
            Self::Slow { takes } => format!("slow disk, {}", takes.words()),
            Self::FailSync { count: 1 } => "one failing sync".to_owned(),
            Self::FailSync { count } => format!("{count} failing syncs"),
            Self::Lie => "lying disk".to_owned(),
            Self::Full => "full disk".to_owned(),
            Self::Tear => "torn write at a crash".to_owned(),
            Self::Rot => "corrupt read at a boot".to_owned(),
            Self::Wipe => "wiped disk".to_owned(),
            Self::Calm => "calm disk".to_owned(),
        }
    }
}
