//! The end of every fault among some nodes, and the progress that is then due.

use super::all;
use crate::Duration;

/// Heals some nodes and every client, the *core*: those that are down restart, their disks are as
/// usual, and so are the links between them. Whatever is wrong with others, or between the core and
/// others, stays. If the core is everybody, no fault is left.
///
/// Messages in flight that arrive from now on arrive. What was lost stays lost.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recover<S> {
    /// The core.
    pub nodes: Vec<S>,
    /// Within what time promises of progress must be kept; nothing is asked of them if absent.
    pub within: Option<Duration>,
}

impl<S> Recover<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Recover<T>, E> {
        Ok(Recover { nodes: all(&self.nodes, find)?, within: self.within })
    }
}
