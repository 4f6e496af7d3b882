//! Who waits for whom: a graph over transactions, in which a deadlock is a circle.

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use super::txn::Txn;

/// The wait-for graph of a coordinator: what participants told it, as far as it still counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Waits {
    /// Who waits, and for whom, in order. There are few at a time.
    edges: Vec<(Txn, Txn)>,
}

impl Waits {
    /// `waiter` waits for a lock that `holder` has.
    pub(super) fn add(&mut self, waiter: Txn, holder: Txn) {
        if let Err(place) = self.edges.binary_search(&(waiter, holder)) {
            self.edges.insert(place, (waiter, holder));
        }
    }

    /// Everybody who is in a circle with both: whoever `holder` waits for, directly or not, and who
    /// waits for `waiter`. In order; `None` if there is no circle.
    pub(super) fn circle(&self, waiter: Txn, holder: Txn) -> Option<Vec<Txn>> {
        self.edges.binary_search(&(waiter, holder)).ok()?;
        // A circle goes on from the holder.
        self.edges.iter().find(|edge| edge.0 == holder)?;
        let graph: DiGraphMap<Txn, ()> = DiGraphMap::from_edges(self.edges.iter().copied());
        let mut circle = tarjan_scc(&graph)
            .into_iter()
            .find(|set| set.contains(&waiter) && set.contains(&holder))?;
        circle.sort_unstable();
        Some(circle)
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
    fn a_circle_is_found_when_its_last_edge_comes() {
        let mut waits = Waits::default();
        let mut add = |waiter, holder| {
            waits.add(Txn(waiter), Txn(holder));
            waits.circle(Txn(waiter), Txn(holder))
        };
        assert_eq!(add(1, 2), None);
        assert_eq!(add(2, 3), None);
        assert_eq!(add(4, 1), None, "whoever waits for it is not in it");
        assert_eq!(add(3, 1), Some(vec![Txn(1), Txn(2), Txn(3)]));
        waits.remove(Txn(3));
        waits.add(Txn(2), Txn(5));
        assert_eq!(waits.circle(Txn(2), Txn(5)), None);
    }

    #[test]
    fn one_victim_may_leave_another_circle() {
        let mut waits = Waits::default();
        for (waiter, holder) in [(2, 1), (3, 1), (1, 2)] {
            waits.add(Txn(waiter), Txn(holder));
        }
        waits.add(Txn(1), Txn(3));
        assert_eq!(waits.circle(Txn(1), Txn(2)), Some(vec![Txn(1), Txn(2), Txn(3)]));
        waits.remove(Txn(3));
        assert_eq!(waits.circle(Txn(1), Txn(2)), Some(vec![Txn(1), Txn(2)]));
        waits.remove(Txn(2));
        assert_eq!(waits.circle(Txn(1), Txn(2)), None);
    }
}
