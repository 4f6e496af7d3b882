//! How long a message travels, or a disk takes: distributions in integers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Dice, Duration};

/// A distribution of lengths of time. In files: `{"uniform": {"min": "1ms", "max": "10ms"}}`.
///
/// ```
/// use sim_engine::{Concern, Delay, Dice, Duration};
/// let delay = Delay::Uniform { min: Duration::millis(1), max: Duration::millis(10) };
/// let mut dice = Dice::new(1, Concern::Network, 0);
/// assert!(delay.draw(&mut dice) <= Duration::millis(10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Delay {
    /// Always the same.
    Fixed(Duration),
    /// Each length in the range equally likely, both ends included.
    Uniform {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// A shortest length, plus one drawn from the exponential distribution.
    Exponential {
        /// The shortest.
        min: Duration,
        /// The mean of what is added to it.
        mean: Duration,
    },
    /// Drawn from the log-normal distribution: many a little shorter than usual, few much longer.
    LogNormal {
        /// Half of all are longer.
        median: Duration,
        /// One in a hundred is longer.
        p99: Duration,
    },
    /// Drawn from the Pareto distribution: most near the shortest, and a long tail.
    Pareto {
        /// The shortest.
        min: Duration,
        /// One in a hundred is longer.
        p99: Duration,
    },
}

impl Delay {
    /// How long nearly all take: the longest, or what ninety-nine in a hundred stay below.
    pub fn longest(&self) -> Duration {
        match self {
            Self::Fixed(length) => *length,
            Self::Uniform { max, .. } => *max,
            // One in a hundred is longer than 4.6 means.
            Self::Exponential { min, mean } => *min + mean.times(5),
            Self::LogNormal { p99, .. } | Self::Pareto { p99, .. } => *p99,
        }
    }

    /// Draws a length. A fixed one draws nothing from the dice.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    pub fn draw(&self, dice: &mut Dice) -> Duration {
        match *self {
            Self::Fixed(length) => length,
            Self::Uniform { min, max } => {
                Duration::nanos(dice.between(min.as_nanos(), max.as_nanos()))
            }
            Self::Exponential { .. } | Self::LogNormal { .. } | Self::Pareto { .. } => {
                self.draw_skewed(dice)
            }
        }
    }

    /// Kept apart: it is too long to stand wherever a length is drawn.
    #[inline(never)]
    fn draw_skewed(&self, dice: &mut Dice) -> Duration {
        Duration::nanos(match *self {
            Self::Exponential { min, mean } => {
                return min + Duration::nanos(dice.exponential(mean.as_nanos()));
            }
            Self::LogNormal { median, p99 } => dice.log_normal(median.as_nanos(), p99.as_nanos()),
            Self::Pareto { min, p99 } => dice.pareto(min.as_nanos(), p99.as_nanos()),
            Self::Fixed(_) | Self::Uniform { .. } => {
                unreachable!("only skewed distributions are handed over")
            }
        })
    }

    /// About the middle of what it draws: the mean where that is a short sum, the median of a
    /// log-normal distribution, the shortest length of a Pareto distribution.
    pub fn usual(&self) -> Duration {
        match self {
            Self::Fixed(length) => *length,
            Self::Uniform { min, max } => {
                Duration::nanos(u64::midpoint(min.as_nanos(), max.as_nanos()))
            }
            Self::Exponential { min, mean } => *min + *mean,
            Self::LogNormal { median: least, .. } | Self::Pareto { min: least, .. } => *least,
        }
    }

    /// What is wrong with it, if anything.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Uniform { min, max } if min > max => {
                Err(format!("the range is empty: min is {min}, max is {max}"))
            }
            Self::LogNormal { median: least, p99 } | Self::Pareto { min: least, p99 } => {
                check_skewed(*least, *p99)
            }
            Self::Fixed(_) | Self::Uniform { .. } | Self::Exponential { .. } => Ok(()),
        }
    }

    /// The lengths it usually draws, for a subtitle: `1–10 ms`.
    pub fn words(&self) -> String {
        let bare = |length: Duration| length.to_string().trim_end_matches(" ms").to_owned();
        match self {
            Self::Fixed(length) => length.to_string(),
            Self::Uniform { min, max } => format!("{}–{max}", bare(*min)),
            Self::Exponential { min, mean } => format!("{min} plus {mean} on average"),
            Self::LogNormal { median, p99 } => format!("{median} median, 1 % over {p99}"),
            Self::Pareto { min, p99 } => format!("{min} or more, 1 % over {p99}"),
        }
    }
}

/// A logarithm needs more than nothing, and a percentile lies on its side of what is usual.
fn check_skewed(least: Duration, p99: Duration) -> Result<(), String> {
    if least == Duration::ZERO {
        return Err("this distribution must begin above 0".to_owned());
    }
    if p99 < least {
        return Err(format!("one in a hundred is over {p99}, which is less than {least}"));
    }
    Ok(())
}
