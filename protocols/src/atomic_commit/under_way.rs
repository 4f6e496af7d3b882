//! What somebody keeps of each transaction under way. There are few at a time, however many a run
//! has seen, and they come in the order of their numbers: a sorted list, and halving it.

use super::txn::Txn;

/// Something for each transaction under way, in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UnderWay<T>(Vec<(Txn, T)>);

impl<T> Default for UnderWay<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> UnderWay<T> {
    /// Where `txn` is, or where it would have to be put.
    fn place(&self, txn: Txn) -> Result<usize, usize> {
        // Most often it is the youngest, or younger than all.
        match self.0.last() {
            Some((last, _)) if *last == txn => Ok(self.0.len() - 1),
            Some((last, _)) if *last > txn => {
                self.0.binary_search_by_key(&txn, |(known, _)| *known)
            }
            Some(_) | None => Err(self.0.len()),
        }
    }

    /// What is kept of one.
    pub fn get(&self, txn: Txn) -> Option<&T> {
        self.place(txn).ok().map(|place| &self.0[place].1)
    }

    /// What is kept of one, to change it.
    pub fn get_mut(&mut self, txn: Txn) -> Option<&mut T> {
        self.place(txn).ok().map(|place| &mut self.0[place].1)
    }

    /// True if it is under way.
    pub fn contains(&self, txn: Txn) -> bool {
        self.place(txn).is_ok()
    }

    /// Keeps this of `txn`, in place of what was kept of it before.
    pub(super) fn insert(&mut self, txn: Txn, what: T) {
        match self.place(txn) {
            Ok(place) => self.0[place].1 = what,
            Err(place) => self.0.insert(place, (txn, what)),
        }
    }

    /// It has ended here.
    pub(super) fn remove(&mut self, txn: Txn) -> Option<T> {
        self.place(txn).ok().map(|place| self.0.remove(place).1)
    }

    /// Each with what is kept of it, the oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (Txn, &T)> {
        self.0.iter().map(|(txn, what)| (*txn, what))
    }

    /// What is kept of each, the oldest first.
    pub fn values(&self) -> impl Iterator<Item = &T> {
        self.0.iter().map(|(_, what)| what)
    }

    /// True if nothing is under way.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_kept_in_the_order_of_their_numbers() {
        let mut under_way = UnderWay::default();
        for n in [3, 7, 5, 1] {
            under_way.insert(Txn(n), n);
        }
        under_way.insert(Txn(5), 50);
        assert_eq!(under_way.values().copied().collect::<Vec<_>>(), [1, 3, 50, 7]);
        assert_eq!(under_way.get(Txn(5)), Some(&50));
        assert_eq!((under_way.get(Txn(4)), under_way.get(Txn(8))), (None, None));
        assert_eq!(under_way.remove(Txn(3)), Some(3));
        assert_eq!(under_way.remove(Txn(3)), None);
        assert!(under_way.contains(Txn(7)) && !under_way.contains(Txn(3)));
    }
}
