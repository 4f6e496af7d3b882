//! Cut links: some seats cannot be heard by some others, one way or both.

use super::ends;

/// Cuts the links from some seats to others. What crosses no cut link still arrives, so that a seat
/// can hear without being heard, and a seat between two sides can be a bridge. Cuts add up, with
/// each other and with a partition.
///
/// Messages in flight: one that would arrive over a link while that is cut is lost, whenever it was
/// sent; so is one that leaves then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cut<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// True if the links from the receivers to the senders are cut too.
    pub both: bool,
}

/// Mends cut links from some seats to others, whatever cut them; a partition stays.
///
/// Messages in flight that arrive from now on arrive. What was lost stays lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mend<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// True if the links from the receivers to the senders are mended too.
    pub both: bool,
}

impl<S> Cut<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Cut<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Cut { from, to, both: self.both })
    }
}

impl<S> Mend<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Mend<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Mend { from, to, both: self.both })
    }
}
