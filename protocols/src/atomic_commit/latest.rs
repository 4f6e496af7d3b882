//! What became of the last transaction of each client: a client asks for one after the other, and
//! does not care any more about what came before.

use sim_engine::NodeId;

use super::txn::Txn;

/// Something about the last transaction of each client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Latest<T>(Vec<Option<(Txn, T)>>);

impl<T> Default for Latest<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Copy> Latest<T> {
    /// What is known of the last one of `client`, and which that was.
    pub fn of(&self, client: NodeId) -> Option<(Txn, T)> {
        self.0.get(client.index()).copied().flatten()
    }

    /// Notes this of `txn`, unless its client has gone on to a later one: what is decided late does
    /// not take its place.
    pub(super) fn note(&mut self, client: NodeId, txn: Txn, what: T) {
        if self.0.len() <= client.index() {
            self.0.resize(client.index() + 1, None);
        }
        let last = &mut self.0[client.index()];
        if last.is_none_or(|(last, _)| last <= txn) {
            *last = Some((txn, what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_late_does_not_take_the_place_of_what_came_later() {
        let mut latest = Latest::default();
        let (one, two) = (NodeId::new(1), NodeId::new(2));
        latest.note(two, Txn(4), 'a');
        latest.note(two, Txn(3), 'b');
        assert_eq!((latest.of(two), latest.of(one)), (Some((Txn(4), 'a')), None));
        latest.note(two, Txn(4), 'c');
        assert_eq!(latest.of(two), Some((Txn(4), 'c')));
    }
}
