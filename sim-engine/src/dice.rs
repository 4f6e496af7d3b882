//! Seeded dice: one independent stream for each (concern, entity), so that one more draw in one
//! place moves no draw in another. Integers only.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::fixed;

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
    /// Which messages of one sender are held back, and for how long. One stream a node.
    Reordering,
    /// Which messages of one sender are damaged, and how. One stream a node.
    Corruption,
    /// Delay and loss of what one sender transmits on links. One stream a node.
    Links,
    /// The same for what is sent again: a loss moves no later delay. One stream a node.
    Retransmission,
    /// How long one node's slow processor takes. One stream a node.
    Processor,
    /// How long what one sender sends takes from room to room. One stream a node.
    Rooms,
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
            Self::Reordering => 16,
            Self::Corruption => 17,
            Self::Links => 24,
            Self::Retransmission => 25,
            Self::Processor => 26,
            Self::Rooms => 27,
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
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each draw costs several percent")]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from `0..n`, each equally likely. `n` must not be 0.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each draw costs several percent")]
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "nothing to choose from");
        let wide = u128::from(self.bits()) * u128::from(n);
        if low(wide) < n { self.below_again(wide, n) } else { high(wide) }
    }

    /// The same after a first draw that may have to be thrown away, so that no number is likelier
    /// than another.
    #[cold]
    #[inline(never)]
    fn below_again(&mut self, mut wide: u128, n: u64) -> u64 {
        let threshold = n.wrapping_neg() % n;
        while low(wide) < threshold {
            wide = u128::from(self.bits()) * u128::from(n);
        }
        high(wide)
    }

    /// A number from `min..=max`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each draw costs several percent")]
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

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the low half is meant"
)]
fn low_half(bits: u64) -> u32 {
    bits as u32
}

#[expect(clippy::as_conversions, reason = "the high half fits")]
fn high(wide: u128) -> u64 {
    (wide >> 64) as u64
}

impl Dice {
    /// A length drawn from the exponential distribution with this mean, in nanoseconds.
    pub fn exponential(&mut self, mean: u64) -> u64 {
        let u = (self.bits() >> 11) + 1;
        let wide = (u128::from(fixed::negative_ln(u)) * u128::from(mean)) >> 32;
        u64::try_from(wide).unwrap_or(u64::MAX)
    }

    /// A length drawn from the log-normal distribution that has this median and this 99th
    /// percentile. The median must be more than 0 and no more than the percentile.
    pub fn log_normal(&mut self, median: u64, p99: u64) -> u64 {
        loop {
            let bits = self.bits();
            if let Some(normal) = fixed::normal(low_half(bits), low_half(bits >> 32)) {
                return fixed::log_normal(median, p99, normal);
            }
        }
    }

    /// A length drawn from the Pareto distribution that has this minimum and this 99th percentile.
    /// The minimum must be more than 0 and no more than the percentile.
    pub fn pareto(&mut self, min: u64, p99: u64) -> u64 {
        let u = (self.bits() >> 11) + 1;
        fixed::pareto(min, p99, fixed::negative_ln(u))
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
    fn exponential_draws_have_their_mean() {
        let mut dice = Dice::new(3, Concern::Network, 0);
        let sum: u64 = (0..20_000).map(|_| dice.exponential(1_000_000)).sum();
        assert!((970_000..1_030_000).contains(&(sum / 20_000)), "{}", sum / 20_000);
    }
    /// How many of 20,000 draws are no more than `length`, in percent.
    fn percent_upto(length: u64, mut draw: impl FnMut() -> u64) -> u64 {
        let n = (0..20_000).filter(|_| draw() <= length).count();
        u64::try_from(n).unwrap() / 200
    }

    #[test]
    fn log_normal_draws_have_their_median_and_percentile() {
        let mut dice = Dice::new(3, Concern::Network, 0);
        let share = percent_upto(5_000_000, || dice.log_normal(5_000_000, 80_000_000));
        assert!((48..=51).contains(&share), "{share} %");
        let share = percent_upto(80_000_000, || dice.log_normal(5_000_000, 80_000_000));
        assert!((98..=99).contains(&share), "{share} %");
    }

    #[test]
    fn pareto_draws_have_their_minimum_and_percentile() {
        let mut dice = Dice::new(3, Concern::Network, 0);
        assert!((0..20_000).all(|_| dice.pareto(1_000_000, 100_000_000) >= 1_000_000));
        let share = percent_upto(10_000_000, || dice.pareto(1_000_000, 100_000_000));
        assert!((88..=91).contains(&share), "{share} %");
        let share = percent_upto(100_000_000, || dice.pareto(1_000_000, 100_000_000));
        assert!((98..=99).contains(&share), "{share} %");
    }

    #[test]
    fn skewed_draws_are_the_same_on_every_machine() {
        let mut dice = Dice::new(42, Concern::Network, 0);
        let draws: Vec<u64> = (0..3).map(|_| dice.log_normal(5_000_000, 80_000_000)).collect();
        assert_eq!(draws, [950_831, 14_943_054, 2_165_929]);
        let draws: Vec<u64> = (0..3).map(|_| dice.pareto(1_000_000, 100_000_000)).collect();
        assert_eq!(draws, [1_005_990, 7_046_554, 1_573_687]);
    }
}
