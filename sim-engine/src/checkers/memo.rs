//! What the search has seen: open addressing over numbers laid end to end.
//!
//! A configuration is how far the answered operations are placed, and the state, and which of
//! those without an answer were used for it. One that was reached with fewer of these is at least
//! as good: what follows from more follows from fewer.

use super::arena::{first_slot, mix};
use super::value::{number, place};

/// The configurations seen so far. Its order is never observed.
#[derive(Clone, Debug)]
pub(super) struct Memo {
    words: Vec<u64>,
    /// Words of a configuration that must be equal, and words of the set that may be smaller.
    equal: usize,
    subset: usize,
    entries: usize,
    /// The number of a configuration plus one.
    table: Vec<u32>,
    bits: u32,
}

impl Memo {
    pub(super) fn new(equal: usize, subset: usize) -> Self {
        Self { words: Vec::new(), equal, subset, entries: 0, table: vec![0; 256], bits: 8 }
    }

    /// Remembers a configuration: its equal words, then its set. False if one at least as good was
    /// seen before.
    pub(super) fn insert(&mut self, configuration: &[u64]) -> bool {
        let (equal, used) = configuration.split_at(self.equal);
        let mut slot = first_slot(hash(equal), self.bits);
        while let Some(entry) = self.table[slot].checked_sub(1) {
            let (seen, seen_used) = self.entry(place(entry)).split_at(self.equal);
            if seen == equal && seen_used.iter().zip(used).all(|(seen, now)| seen & !now == 0) {
                return false;
            }
            slot = (slot + 1) & (self.table.len() - 1);
        }
        self.words.extend_from_slice(configuration);
        self.entries += 1;
        self.table[slot] = number(self.entries);
        if self.entries * 2 > self.table.len() {
            self.grow();
        }
        true
    }

    /// How many bytes its configurations take.
    pub(super) fn bytes(&self) -> usize {
        8 * self.words.len() + 4 * self.table.len()
    }

    fn entry(&self, at: usize) -> &[u64] {
        let width = self.equal + self.subset;
        &self.words[at * width..(at + 1) * width]
    }

    fn grow(&mut self) {
        self.bits += 2;
        self.table = vec![0; self.table.len() * 4];
        for at in 0..self.entries {
            let mut slot = first_slot(hash(&self.entry(at)[..self.equal]), self.bits);
            while self.table[slot] != 0 {
                slot = (slot + 1) & (self.table.len() - 1);
            }
            self.table[slot] = number(at + 1);
        }
    }
}

fn hash(words: &[u64]) -> u64 {
    words.iter().fold(0, |hash, word| mix(hash, *word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_new_unless_a_better_one_was_seen() {
        let mut memo = Memo::new(1, 1);
        assert!(memo.insert(&[7, 0b0110]));
        assert!(!memo.insert(&[7, 0b0110]));
        assert!(!memo.insert(&[7, 0b1110]), "more was used for the same");
        assert!(memo.insert(&[7, 0b1010]), "another set");
        assert!(memo.insert(&[8, 0b0110]), "another state");
        assert!((100..2_000).all(|n| memo.insert(&[n, 0])));
        assert!((100..2_000).all(|n| !memo.insert(&[n, 1])));
        assert_eq!(memo.entries, 1_903);
    }
}
