//! Links that are cut.

use std::collections::BTreeSet;

use super::scoped::Scope;
use crate::NodeId;

/// The links that are cut, each one way.
#[derive(Clone, Debug)]
pub(crate) struct Cuts {
    links: BTreeSet<(NodeId, NodeId)>,
    seats: u16,
}

impl Cuts {
    /// None yet, among so many seats.
    pub(crate) fn new(seats: u16) -> Self {
        Self { links: BTreeSet::new(), seats }
    }

    fn links_of(&self, scope: &Scope, both: bool) -> Vec<(NodeId, NodeId)> {
        let mut links = scope.links(self.seats);
        if both {
            let back: Vec<_> = links.iter().map(|(from, to)| (*to, *from)).collect();
            links.extend(back);
        }
        links
    }

    /// Cuts these links; the links back too if `both`.
    pub(crate) fn cut(&mut self, scope: &Scope, both: bool) {
        self.links.extend(self.links_of(scope, both));
    }

    /// Mends these links; the links back too if `both`. Returns how many were cut.
    pub(crate) fn mend(&mut self, scope: &Scope, both: bool) -> u64 {
        let before = self.links.len();
        for link in self.links_of(scope, both) {
            self.links.remove(&link);
        }
        u64::try_from(before - self.links.len()).unwrap_or(u64::MAX)
    }

    /// True if any of these links is cut.
    pub(crate) fn has_any_of(&self, scope: &Scope, both: bool) -> bool {
        self.links_of(scope, both).iter().any(|link| self.links.contains(link))
    }

    pub(crate) fn has(&self, from: NodeId, to: NodeId) -> bool {
        self.links.contains(&(from, to))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.links.clear();
    }
}
