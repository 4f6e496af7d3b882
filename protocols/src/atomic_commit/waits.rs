//! Who waits for whom: a graph over transactions, in which a deadlock is a cycle.

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use std::collections::BTreeSet;

use super::txn::Txn;

/// The wait-for graph of a coordinator: what participants told it, as far as it still counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Waits {
    edges: BTreeSet<(Txn, Txn)>,
}

impl Waits {
    /// `waiter` waits for a lock that `holder` has. The cycle this closes, if it closes one: its
    /// transactions in order.
    pub(super) fn add(&mut self, waiter: Txn, holder: Txn) -> Option<Vec<Txn>> {
        self.edges.insert((waiter, holder));
        // A circle goes on from the holder.
        self.edges.range((holder, Txn(0))..=(holder, Txn(u32::MAX))).next()?;
        let graph: DiGraphMap<Txn, ()> = DiGraphMap::from_edges(self.edges.iter().copied());
        let cycle = tarjan_scc(&graph).into_iter().find(|set| set.len() > 1)?;
        let cycle: BTreeSet<Txn> = cycle.into_iter().collect();
        Some(cycle.into_iter().collect())
    }

    /// A transaction has ended: nobody waits for it, and it waits for nobody.
    pub(super) fn remove(&mut self, txn: Txn) {
        self.edges.retain(|(waiter, holder)| *waiter != txn && *holder != txn);
    }

    /// Every edge, waiter first.
    pub fn iter(&self) -> impl Iterator<Item = &(Txn, Txn)> {
        self.edges.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_is_found_when_its_last_edge_comes() {
        let mut waits = Waits::default();
        assert_eq!(waits.add(Txn(1), Txn(2)), None);
        assert_eq!(waits.add(Txn(2), Txn(3)), None);
        assert_eq!(waits.add(Txn(4), Txn(1)), None, "whoever waits for it is not in it");
        assert_eq!(waits.add(Txn(3), Txn(1)), Some(vec![Txn(1), Txn(2), Txn(3)]));
        waits.remove(Txn(3));
        assert_eq!(waits.add(Txn(2), Txn(5)), None);
    }
}
