//! Seeded dice: one independent stream for each (concern, entity), so that one more draw in one
//! place moves no draw in another. Integers only.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// What a stream of dice is for. The numbers are part of the meaning of a seed: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// Choices a node makes (an explorer would branch on them). One stream a node.
    Choice,
    /// Times a node leaves to chance: timers drawn from a range. One stream a node.
    Jitter,
    /// Delay, loss and duplication of what one sender sends. One stream a node.
    Network,
    /// How long one node's disk takes. One stream a node.
    Disk,
    /// The schedule of random faults, drawn before the run.
    Chaos,
    /// The operations of clients, drawn before the run.
    Workload,
    /// Damage to what one node's disk holds, and how long the disk takes in trouble. One stream a
    /// node.
    Damage,
}

impl Concern {
    const fn number(self) -> u64 {
        match self {
            Self::Choice => 1,
            Self::Jitter => 2,
            Self::Network => 3,
            Self::Disk => 4,
            Self::Chaos => 5,
            Self::Workload => 6,
            Self::Damage => 8,
        }
    }
}

/// A stream of random numbers that is the same on every machine.
///
/// ```
/// use sim_engine::{Concern, Dice};
/// let mut a = Dice::new(42, Concern::Network, 3);
/// let mut b = Dice::new(42, Concern::Network, 3);
/// assert_eq!(a.below(1_000), b.below(1_000));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of `seed` for one concern of one entity.
    pub fn new(seed: u64, concern: Concern, entity: u16) -> Self {
        Self::split(&ChaCha8Rng::seed_from_u64(seed), concern, entity)
    }

    fn split(root: &ChaCha8Rng, concern: Concern, entity: u16) -> Self {
        let mut rng = root.clone();
        rng.set_stream(concern.number() << 32 | u64::from(entity));
        Self(rng)
    }

    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from `0..n`, each equally likely. `n` must not be 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "nothing to choose from");
        let mut wide = u128::from(self.bits()) * u128::from(n);
        if low(wide) < n {
            let threshold = n.wrapping_neg() % n;
            while low(wide) < threshold {
                wide = u128::from(self.bits()) * u128::from(n);
            }
        }
        high(wide)
    }

    /// A number from `min..=max`.
    #[inline]
    pub fn between(&mut self, min: u64, max: u64) -> u64 {
        assert!(min <= max, "the range {min}..={max} is empty");
        match (max - min).checked_add(1) {
            Some(1) => min,
            Some(n) => min + self.below(n),
            None => self.bits(),
        }
    }

    /// True in `per_million` of a million throws.
    pub fn chance(&mut self, per_million: u32) -> bool {
        self.below(1_000_000) < u64::from(per_million)
    }
}

/// The dice of a whole run: hands out streams without expanding the seed again for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DiceBag(ChaCha8Rng);

impl DiceBag {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn stream(&self, concern: Concern, entity: u16) -> Dice {
        Dice::split(&self.0, concern, entity)
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the low half is meant"
)]
fn low(wide: u128) -> u64 {
    wide as u64
}

#[expect(clippy::as_conversions, reason = "the high half fits")]
fn high(wide: u128) -> u64 {
    (wide >> 64) as u64
}

/// `-ln(u / 2^53)` in 32.32 fixed point for `u` in `1..=2^53`, with integers only: floats'
/// logarithms differ between platforms. Worst error about 2.3e-10.
fn negative_ln(u: u64) -> u64 {
    let zeros = u.leading_zeros() - 10;
    let mut mantissa = u128::from(u) << (zeros + 10);
    let (mut fraction, mut bit) = (0_u64, 1_u64 << 31);
    while bit > 0 {
        mantissa = (mantissa * mantissa) >> 63;
        if mantissa >> 64 != 0 {
            mantissa >>= 1;
            fraction |= bit;
        }
        bit >>= 1;
    }
    // ln 2 in 0.64 fixed point turns the binary logarithm into the natural one.
    let log2 = (u128::from(zeros) << 32).saturating_sub(u128::from(fraction));
    high(log2 * 12_786_308_645_202_655_660)
}

impl Dice {
    /// A length drawn from the exponential distribution with this mean, in nanoseconds.
    pub fn exponential(&mut self, mean: u64) -> u64 {
        let u = (self.bits() >> 11) + 1;
        let wide = (u128::from(negative_ln(u)) * u128::from(mean)) >> 32;
        u64::try_from(wide).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_never_changes() {
        let mut dice = Dice(ChaCha8Rng::seed_from_u64(42));
        assert_eq!(dice.bits(), 0xae90_bfb5_395d_5ba1);
        assert_eq!(dice.bits(), 0xf345_3fc6_2579_9188);
        assert_eq!(dice.bits(), 0x6d71_b708_c5b6_538c);
    }

    #[test]
    fn streams_of_different_concerns_differ() {
        let draws: Vec<u64> = [Concern::Choice, Concern::Jitter, Concern::Network, Concern::Disk]
            .into_iter()
            .flat_map(|concern| [0, 1].map(|entity| Dice::new(1, concern, entity).bits()))
            .collect();
        let mut unique = draws.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), draws.len());
    }

    #[test]
    fn below_stays_below_and_reaches_everything() {
        let mut dice = Dice::new(7, Concern::Chaos, 0);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[usize::try_from(dice.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|n| (800..1200).contains(n)), "{seen:?}");
    }

    #[test]
    fn the_logarithm_is_exact_at_its_ends() {
        assert_eq!(negative_ln(1 << 53), 0);
        // 53 ln 2 = 36.7368...
        assert_eq!(negative_ln(1) >> 32, 36);
    }

    #[test]
    fn exponential_draws_have_their_mean() {
        let mut dice = Dice::new(3, Concern::Network, 0);
        let sum: u64 = (0..20_000).map(|_| dice.exponential(1_000_000)).sum();
        assert!((970_000..1_030_000).contains(&(sum / 20_000)), "{}", sum / 20_000);
    }
}
