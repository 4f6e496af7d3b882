//! One or two of something: an operation names at most two keys, so what is done to them needs no
//! list of its own.

use std::hash::{Hash, Hasher};

/// At most two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Few<T>([Option<T>; 2]);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self([None, None])
    }
}

impl<T> Few<T> {
    /// One more.
    pub(super) fn push(&mut self, what: T) {
        let place = self.len();
        assert!(place < self.0.len(), "an operation names at most two keys");
        self.0[place] = Some(what);
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        match self.0 {
            [None, _] => 0,
            [Some(_), None] => 1,
            [Some(_), Some(_)] => 2,
        }
    }

    /// True if there is none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first, if there is one.
    pub const fn first(&self) -> Option<&T> {
        self.0[0].as_ref()
    }

    /// Each, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> {
        self.0.iter().flatten()
    }

    /// Puts them in order.
    pub(super) fn sort_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        if let [Some(first), Some(second)] = &self.0
            && key(first) > key(second)
        {
            self.0.swap(0, 1);
        }
    }
}

/// Like a list of as many.
impl<T: Hash> Hash for Few<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_usize(self.len());
        for what in self.iter() {
            what.hash(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_have_an_order() {
        let mut few = Few::default();
        assert!(few.is_empty());
        few.push(7);
        few.push(3);
        few.sort_by_key(|n| *n);
        assert_eq!(few.iter().copied().collect::<Vec<_>>(), [3, 7]);
        assert_eq!((few.len(), few.first()), (2, Some(&3)));
    }
}
