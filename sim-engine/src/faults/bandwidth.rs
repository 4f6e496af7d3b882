//! Links that carry so many bytes a second.

use super::ends;

/// Makes links from some seats to others narrow: each carries one message after the other, and a
/// message takes as long as its bytes need, before its usual delay. The newest such fault that is
/// about a link holds there.
///
/// A message that finds its link busy waits, if all bytes that wait and its own are no more than
/// the limit of the queue; otherwise it is lost. A message that the network loses on its way or
/// delivers twice was carried once.
///
/// Messages in flight keep the time of arrival they had when they were sent: those under way when
/// it begins do not fill the link, those that wait when it ends still do as long as they would
/// have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bandwidth<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// How many bytes a second each link carries. Not 0.
    pub bytes_per_second: u64,
    /// How many bytes may wait at each link; any number if absent.
    pub queue_bytes: Option<u64>,
}

impl<S> Bandwidth<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Bandwidth<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        let (bytes_per_second, queue_bytes) = (self.bytes_per_second, self.queue_bytes);
        Ok(Bandwidth { from, to, bytes_per_second, queue_bytes })
    }

    pub(super) fn words(&self) -> String {
        format!("{} bytes/s", self.bytes_per_second)
    }
}
