//! Faults of the machine a node runs on: its process is stopped, its processor is slow.
//!
//! While a node does not run, the world goes on: messages reach its kernel, timers run down, the
//! disk finishes what it has begun. All of it waits, in the order in which it came, and the node
//! meets it when it runs again. A message that reached the kernel is past every fault of the
//! network; one that a partition swallowed meanwhile is lost. If the process dies first, what
//! waited dies with it.

use super::all;
use crate::Delay;

/// Something happens to the processors of some nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostFault<S> {
    /// Whose.
    pub nodes: Vec<S>,
    /// What.
    pub trouble: HostTrouble,
}

/// What can happen to a processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HostTrouble {
    /// The process stops, as with `SIGSTOP`, a long garbage collection or a frozen virtual machine,
    /// until [`Resume`](Self::Resume). Nothing happens to a node that is down. Effects that wait
    /// for the disk go on waiting: it is the process that sends them once the disk is done.
    Pause,
    /// A stopped process goes on. What waited is met at once, oldest first: a timer that ran out
    /// is cancelled by an earlier message, if the node does so.
    Resume,
    /// Each input takes this long to work off, one after the other, until
    /// [`CalmCpu`](Self::CalmCpu); also in lives to come.
    SlowCpu {
        /// How long.
        takes: Delay,
    },
    /// Inputs take no time again. What waited is met at once.
    CalmCpu,
}

impl<S> HostFault<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<HostFault<T>, E> {
        Ok(HostFault { nodes: all(&self.nodes, find)?, trouble: self.trouble })
    }
}

impl HostTrouble {
    /// The kind, as files and outcomes name it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::SlowCpu { .. } => "slow-cpu",
            Self::CalmCpu => "calm-cpu",
        }
    }

    pub(super) const fn hampers(self) -> bool {
        matches!(self, Self::Pause | Self::SlowCpu { .. })
    }

    /// What is wrong, in words.
    pub fn words(self) -> String {
        match self {
            Self::Pause => "paused".to_owned(),
            Self::SlowCpu { takes } => format!("slow CPU, {} a step", takes.words()),
            Self::Resume => "resumed".to_owned(),
            Self::CalmCpu => "usual CPU".to_owned(),
        }
    }
}
