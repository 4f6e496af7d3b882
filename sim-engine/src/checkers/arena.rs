//! Sequences of the same content get the same number: how a state of any size becomes a number that
//! is cheap to copy, compare and remember.
//!
//! Numbers are given in the order of first sight; the order of the hash table is never observed.

use std::ops::Range;

use super::value::{number, place};

/// What sequences are made of.
pub(super) trait Word: Copy + Eq + std::fmt::Debug {
    /// A hash of a sequence.
    fn hash(sequence: &[Self]) -> u64;
}

impl Word for u8 {
    fn hash(sequence: &[Self]) -> u64 {
        let (chunks, rest) = sequence.as_chunks::<8>();
        let whole = chunks
            .iter()
            .fold(length(sequence), |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
        rest.iter().fold(whole, |hash, byte| mix(hash, u64::from(*byte)))
    }
}

impl Word for i64 {
    fn hash(sequence: &[Self]) -> u64 {
        sequence.iter().fold(length(sequence), |hash, word| mix(hash, word.cast_unsigned()))
    }
}

fn length<T>(sequence: &[T]) -> u64 {
    u64::try_from(sequence.len()).unwrap_or(0)
}

/// Folds a word into a hash.
pub(super) const fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(26) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// A place to begin looking in a table of `2^bits` slots: the high bits are the best mixed.
pub(super) fn first_slot(hash: u64, bits: u32) -> usize {
    usize::try_from(hash.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> (64 - bits)).unwrap_or(0)
}

/// Numbered sequences.
#[derive(Clone, Debug)]
pub(super) struct Arena<T> {
    words: Vec<T>,
    /// Where each sequence ends; it begins where the one before it ends.
    ends: Vec<u32>,
    /// Open addressing: the number of a sequence, plus one.
    table: Vec<u32>,
    bits: u32,
}

impl<T: Word> Arena<T> {
    pub(super) fn new() -> Self {
        Self { words: Vec::new(), ends: Vec::new(), table: vec![0; 64], bits: 6 }
    }

    /// The sequence with this number.
    pub(super) fn get(&self, id: u32) -> &[T] {
        &self.words[self.range(id)]
    }

    fn range(&self, id: u32) -> Range<usize> {
        let at = place(id);
        let from = at.checked_sub(1).map_or(0, |before| place(self.ends[before]));
        from..place(self.ends[at])
    }

    /// The number of a sequence, a new one for new content.
    pub(super) fn intern(&mut self, sequence: &[T]) -> u32 {
        match self.look(sequence) {
            Ok(id) => id,
            Err(slot) => {
                self.words.extend_from_slice(sequence);
                self.add(slot)
            }
        }
    }

    /// The number of one sequence with another added.
    pub(super) fn joined(&mut self, id: u32, more: u32) -> u32 {
        let start = self.words.len();
        self.words.extend_from_within(self.range(id));
        self.words.extend_from_within(self.range(more));
        match self.look(&self.words[start..]) {
            Ok(known) => {
                self.words.truncate(start);
                known
            }
            Err(slot) => self.add(slot),
        }
    }

    /// The number of known content, or the free slot for it.
    fn look(&self, sequence: &[T]) -> Result<u32, usize> {
        let mut slot = first_slot(T::hash(sequence), self.bits);
        loop {
            match self.table[slot].checked_sub(1) {
                None => return Err(slot),
                Some(id) if self.get(id) == sequence => return Ok(id),
                Some(_) => slot = (slot + 1) & (self.table.len() - 1),
            }
        }
    }

    /// Numbers the words that were added last.
    fn add(&mut self, slot: usize) -> u32 {
        let id = number(self.ends.len());
        self.ends.push(number(self.words.len()));
        self.table[slot] = id + 1;
        if self.ends.len() * 2 > self.table.len() {
            self.grow();
        }
        id
    }

    fn grow(&mut self) {
        self.bits += 1;
        self.table = vec![0; self.table.len() * 2];
        for id in 0..number(self.ends.len()) {
            let mut slot = first_slot(T::hash(self.get(id)), self.bits);
            while self.table[slot] != 0 {
                slot = (slot + 1) & (self.table.len() - 1);
            }
            self.table[slot] = id + 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_content_has_one_number_however_it_was_made() {
        let mut arena = Arena::<u8>::new();
        let empty = arena.intern(b"");
        let ab = arena.intern(b"ab");
        let (a, b) = (arena.intern(b"a"), arena.intern(b"b"));
        assert_eq!(arena.joined(empty, a), a);
        assert_eq!(arena.joined(a, b), ab);
        assert_eq!(arena.get(ab), b"ab");
        let many: Vec<u32> = (0..200_u8).map(|n| arena.intern(&[n; 20])).collect();
        for (n, id) in (0..200_u8).zip(many) {
            assert_eq!(arena.get(id), [n; 20]);
            let joined = arena.joined(ab, id);
            assert_eq!(arena.get(joined).len(), 22);
            assert_eq!(arena.joined(ab, id), joined);
        }
    }
}
