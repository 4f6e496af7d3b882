//! The digest of a run: a multiply-mix over every event and every released effect.
//!
//! The function is fixed: 64-bit words are folded one by one. With `low` and `high` the halves of
//! the 128-bit product `(state ^ word) * K`, the next state is `(low ^ high) + START`, wrapping,
//! where `K = 0x9E37_79B9_7F4A_7C15` and `START = 0x243F_6A88_85A3_08D3`. A tag, which is a small
//! number that says what the next words are, is folded in a cheaper way: the next state is
//! `(turned ^ tag) * K`, wrapping, with `turned` the state turned left by 23 bits. Equal on every
//! platform.

use std::fmt;
use std::hash::Hasher;

const K: u64 = 0x9E37_79B9_7F4A_7C15;
const START: u64 = 0x243F_6A88_85A3_08D3;

/// The fingerprint of a run. Two runs of one (scenario, seed) have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub u64);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Folds fixed-width words into a [`Digest`]; feeds `derive(Hash)` types the same on all platforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestHasher(u64);

impl Default for DigestHasher {
    fn default() -> Self {
        Self(START)
    }
}

impl DigestHasher {
    /// Folds one word.
    #[inline]
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "both halves are meant"
    )]
    pub fn word(&mut self, word: u64) {
        // Without the sum a word equal to the state would leave zero, and zeros after it would too.
        let product = u128::from(self.0 ^ word) * u128::from(K);
        let mixed = (product as u64) ^ ((product >> 64) as u64);
        self.0 = mixed.wrapping_add(START);
    }

    /// Folds a small number that says what follows: the variant of an enum, a length.
    #[inline]
    pub fn tag(&mut self, tag: u64) {
        // The next word mixes it with the rest; turning keeps the high bits from being forgotten.
        self.0 = (self.0.rotate_left(23) ^ tag).wrapping_mul(K);
    }

    /// The digest so far.
    pub const fn digest(self) -> Digest {
        Digest(self.0)
    }
}

impl Hasher for DigestHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u8(&mut self, n: u8) {
        self.word(u64::from(n));
    }

    #[inline]
    fn write_u16(&mut self, n: u16) {
        self.word(u64::from(n));
    }

    #[inline]
    fn write_u32(&mut self, n: u32) {
        self.word(u64::from(n));
    }

    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.word(n);
    }

    #[inline]
    #[expect(
        clippy::as_conversions,
        reason = "lengths and discriminants widen to 64 bits everywhere"
    )]
    fn write_usize(&mut self, n: usize) {
        self.tag(n as u64);
    }

    #[inline]
    #[expect(
        clippy::as_conversions,
        clippy::cast_sign_loss,
        reason = "discriminants widen to 64 bits everywhere"
    )]
    fn write_isize(&mut self, n: isize) {
        self.tag(n as i64 as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hash;

    #[test]
    fn the_digest_of_known_words_never_changes() {
        let mut hasher = DigestHasher::default();
        (1_u8, 2_u16, 3_u32, 4_u64, "five", Some(6_i64)).hash(&mut hasher);
        assert_eq!(hasher.digest().to_string(), "cdc08c2ebe5dbc8e");
    }

    #[test]
    fn order_and_value_matter() {
        let of = |words: &[u64]| {
            let mut hasher = DigestHasher::default();
            for word in words {
                hasher.word(*word);
            }
            hasher.digest()
        };
        assert_ne!(of(&[1, 2]), of(&[2, 1]));
        assert_ne!(of(&[0]), of(&[0, 0]));
        assert_ne!(of(&[START]), of(&[START, 0]));
    }
}
