//! Messages that are overtaken.

use super::{ends, percent};
use crate::Delay;

/// Holds messages from some seats to others back at random, so that later ones overtake them. The
/// newest such fault that is about a link holds there.
///
/// Messages in flight keep the time of arrival they had when they were sent: those under way when
/// it begins are not held back, those held back when it ends still arrive late.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reordering<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// How many in a million are held back.
    pub per_million: u32,
    /// For how long, beyond the usual delay.
    pub by: Delay,
}

impl<S> Reordering<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Reordering<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Reordering { from, to, per_million: self.per_million, by: self.by })
    }

    pub(super) fn words(&self) -> String {
        format!("{} held back by {}", percent(self.per_million), self.by.words())
    }
}
