//! Faults of links: longer delays, loss, copies.
//!
//! Messages in flight keep the fate they had when they were sent.

use super::{Fault, ends, percent};
use crate::Delay;

/// Changes how long messages from some seats to others travel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delaying<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// The new delay.
    pub delay: Delay,
}

/// Loses messages from some seats to others at random.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loss<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// How many in a million.
    pub per_million: u32,
}

/// Delivers messages from some seats to others twice at random, each copy with a delay of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Duplication<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// How many in a million.
    pub per_million: u32,
}

/// Which changes of links come to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calm {
    /// All of them.
    Everything,
    /// Delays.
    Delay,
    /// Loss.
    Loss,
    /// Copies.
    Duplication,
    /// Reordering.
    Reordering,
    /// Corruption.
    Corruption,
    /// Narrow links.
    Bandwidth,
}

impl Calm {
    /// True if it ends `fault`.
    pub(crate) fn ends<S>(self, fault: &Fault<S>) -> bool {
        match fault {
            Fault::Delay(_) => matches!(self, Self::Everything | Self::Delay),
            Fault::Loss(_) => matches!(self, Self::Everything | Self::Loss),
            Fault::Duplicate(_) => matches!(self, Self::Everything | Self::Duplication),
            Fault::Reorder(_) => matches!(self, Self::Everything | Self::Reordering),
            Fault::Corrupt(_) => matches!(self, Self::Everything | Self::Corruption),
            Fault::Bandwidth(_) => matches!(self, Self::Everything | Self::Bandwidth),
            Fault::Partition(_)
            | Fault::Heal
            | Fault::Cut(_)
            | Fault::Mend(_)
            | Fault::CutRooms(_)
            | Fault::MendRooms(_)
            | Fault::Crash(_)
            | Fault::Restart(_)
            | Fault::Calm(_)
            | Fault::CrashInStep(_)
            | Fault::Disk(_)
            | Fault::Host(_)
            | Fault::Clock(_)
            | Fault::Recover(_) => false,
        }
    }
}

impl<S> Delaying<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Delaying<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Delaying { from, to, delay: self.delay })
    }

    pub(super) fn words(&self) -> String {
        format!("delay {}", self.delay.words())
    }
}

impl<S> Loss<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Loss<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Loss { from, to, per_million: self.per_million })
    }

    pub(super) fn words(&self) -> String {
        format!("{} loss", percent(self.per_million))
    }
}

impl<S> Duplication<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Duplication<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Duplication { from, to, per_million: self.per_million })
    }

    pub(super) fn words(&self) -> String {
        format!("{} duplicated", percent(self.per_million))
    }
}
