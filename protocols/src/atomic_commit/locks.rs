//! The locks of one participant: one holder a key, the others wait in the order they came.

use std::collections::VecDeque;

use sim_engine::{Key, NodeId, OpId};

use super::txn::Txn;

/// Who waits for a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Waiter {
    /// A transaction, to hold it.
    Writer(Txn),
    /// A client that reads this one key, and needs nobody else to be writing.
    Reader(NodeId, OpId),
}

impl Waiter {
    /// Its number: a read has that of its operation, like every transaction.
    pub(super) const fn txn(self) -> Txn {
        match self {
            Self::Writer(txn) => txn,
            Self::Reader(_, op) => Txn::of(op),
        }
    }
}

/// One lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lock {
    /// The transaction that may change the key.
    pub holder: Option<Txn>,
    /// Who waits, first come first.
    pub waiters: VecDeque<Waiter>,
}

/// Every lock that is held, in the order of keys. There are few at a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Locks {
    table: Vec<(Key, Lock)>,
}

impl Locks {
    /// Takes a lock, or queues for it. The transaction in the way if there is one.
    pub(super) fn take(&mut self, key: Key, txn: Txn) -> Result<(), Txn> {
        let lock = match self.place(key) {
            Ok(place) => &mut self.table[place].1,
            Err(place) => {
                let lock = Lock { holder: Some(txn), waiters: VecDeque::new() };
                self.table.insert(place, (key, lock));
                return Ok(());
            }
        };
        match lock.holder {
            Some(holder) if holder != txn => {
                if !lock.waiters.contains(&Waiter::Writer(txn)) {
                    lock.waiters.push_back(Waiter::Writer(txn));
                }
                Err(holder)
            }
            Some(_) | None => Ok(()),
        }
    }

    /// True if nobody is writing the key; else the reader queues.
    pub(super) fn may_read(&mut self, key: Key, reader: (NodeId, OpId)) -> Result<(), Txn> {
        let Ok(place) = self.place(key) else { return Ok(()) };
        let lock = &mut self.table[place].1;
        let Some(holder) = lock.holder else { return Ok(()) };
        let waiter = Waiter::Reader(reader.0, reader.1);
        if !lock.waiters.contains(&waiter) {
            lock.waiters.push_back(waiter);
        }
        Err(holder)
    }

    /// Gives a lock back, and out of its queue. Adds to `freed` who may go on: every reader at the
    /// head of the queue, and the first writer behind them, who now holds it.
    pub(super) fn give_back(&mut self, key: Key, txn: Txn, freed: &mut Vec<(Key, Waiter)>) {
        let Ok(place) = self.place(key) else { return };
        let lock = &mut self.table[place].1;
        lock.waiters.retain(|waiter| *waiter != Waiter::Writer(txn));
        if lock.holder == Some(txn) {
            lock.holder = None;
        }
        while lock.holder.is_none() {
            let Some(next) = lock.waiters.pop_front() else { break };
            if let Waiter::Writer(next) = next {
                lock.holder = Some(next);
            }
            freed.push((key, next));
        }
        if lock.holder.is_none() {
            self.table.remove(place);
        }
    }

    /// Where the lock on `key` is, or where it would have to be put.
    fn place(&self, key: Key) -> Result<usize, usize> {
        self.table.binary_search_by(|(known, _)| known.cmp(&key))
    }

    /// The lock on `key`, if it is held.
    pub fn of(&self, key: Key) -> Option<&Lock> {
        self.place(key).ok().map(|place| &self.table[place].1)
    }

    /// True if `txn` holds the lock on `key`.
    pub fn holds(&self, key: Key, txn: Txn) -> bool {
        self.table.iter().any(|(known, lock)| lock.holder == Some(txn) && *known == key)
    }

    /// Every lock that is held.
    pub fn iter(&self) -> impl Iterator<Item = (Key, &Lock)> {
        self.table.iter().map(|(key, lock)| (*key, lock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> Key {
        name.parse().unwrap()
    }

    #[test]
    fn writers_follow_one_another_and_readers_go_together() {
        let mut locks = Locks::default();
        let (x, reader) = (key("x"), (NodeId::new(9), OpId(7)));
        assert_eq!(locks.take(x, Txn(1)), Ok(()));
        assert_eq!(locks.take(x, Txn(1)), Ok(()), "it has it already");
        assert_eq!(locks.may_read(x, reader), Err(Txn(1)));
        assert_eq!(locks.take(x, Txn(2)), Err(Txn(1)));
        assert_eq!(locks.take(x, Txn(2)), Err(Txn(1)), "it queues once");
        assert_eq!(locks.take(x, Txn(3)), Err(Txn(1)));
        let mut freed = Vec::new();
        locks.give_back(x, Txn(1), &mut freed);
        assert_eq!(freed, [(x, Waiter::Reader(reader.0, reader.1)), (x, Waiter::Writer(Txn(2)))]);
        assert!(locks.holds(x, Txn(2)));
        freed.clear();
        locks.give_back(x, Txn(3), &mut freed);
        assert_eq!(freed, [], "whoever waits may leave");
        locks.give_back(x, Txn(2), &mut freed);
        assert_eq!(freed, []);
        assert_eq!(locks.iter().count(), 0);
    }
}
