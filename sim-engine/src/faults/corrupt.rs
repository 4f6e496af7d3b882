//! Messages that are damaged on their way.

use super::{ends, percent};

/// Damages messages from some seats to others at random. The newest such fault that is about a link
/// holds there.
///
/// Messages in flight: one is damaged or not when it is sent. Those under way when it begins arrive
/// whole, those damaged when it ends still arrive damaged. Of a message that arrives twice, one is
/// damaged.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Corruption<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// How many in a million are damaged.
    pub per_million: u32,
    /// What the damage comes to.
    pub mode: CorruptionMode,
}

/// What becomes of a damaged message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CorruptionMode {
    /// Its receiver sees the damage by a checksum, and drops it.
    Checksum,
    /// Its receiver does not see the damage, and gets what
    /// [`Payload::corrupted`](crate::Payload::corrupted) makes of it. A message that does not opt
    /// in arrives whole, and the fault has not acted.
    Mutate,
}

impl<S> Corruption<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Corruption<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Corruption { from, to, per_million: self.per_million, mode: self.mode })
    }

    pub(super) fn words(&self) -> String {
        let what = match self.mode {
            CorruptionMode::Checksum => "damaged",
            CorruptionMode::Mutate => "damaged unnoticed",
        };
        format!("{} {what}", percent(self.per_million))
    }
}
