//! Faults of clocks. All have one shape: whose clock, and what happens to it.
//!
//! A node has two clocks, as an operating system offers: one that shows the time of day
//! ([`StepContext::local_now`](crate::StepContext::local_now)), which can be wrong and can jump,
//! and one that only measures how long something takes
//! ([`StepContext::monotonic`](crate::StepContext::monotonic)), which can only run too fast or too
//! slow. Timers run on the second. A crash changes neither.

use super::all;
use crate::Duration;

/// Something happens to the clocks of some nodes, whether those are up or down.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClockFault<S> {
    /// Whose clocks.
    pub nodes: Vec<S>,
    /// What.
    pub change: ClockChange,
}

/// What can happen to a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClockChange {
    /// The time of day is wrong by this much from now on, whatever it was before. No clock shows
    /// less than zero: one set back by more than has passed stands still at first.
    Offset {
        /// How far, and which way.
        by: Shift,
    },
    /// Both clocks run fast or slow from now on. A timer that is set already keeps its length.
    Drift {
        /// Millionths: a clock with 200 gains 200 microseconds a second. From -500000 to 1000000.
        ppm: i32,
    },
    /// The time of day jumps now, from whatever it shows: a leap second, a careless administrator.
    Step {
        /// How far, and which way.
        by: Shift,
    },
    /// The clock is set right, which can make it jump, and runs right again.
    Calm,
}

/// A difference of clocks. In files a string with a sign: `"+200ms"`, `"-3s"`.
///
/// ```
/// use sim_engine::{Duration, faults::Shift};
/// assert_eq!("-3s".parse(), Ok(Shift::Behind(Duration::secs(3))));
/// assert!("3s".parse::<Shift>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shift {
    /// Ahead of the true time.
    Ahead(Duration),
    /// Behind it.
    Behind(Duration),
}

impl ClockChange {
    /// The least and the greatest drift, in millionths.
    pub const DRIFT: std::ops::RangeInclusive<i32> = -500_000..=1_000_000;

    /// The kind, as files and outcomes name it.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Offset { .. } => "clock-offset",
            Self::Drift { .. } => "clock-drift",
            Self::Step { .. } => "clock-step",
            Self::Calm => "calm-clock",
        }
    }

    /// What is wrong, in words.
    pub fn words(self) -> String {
        match self {
            Self::Offset { by: Shift::Ahead(by) } => format!("clock {by} ahead"),
            Self::Offset { by: Shift::Behind(by) } => format!("clock {by} behind"),
            Self::Drift { ppm } if ppm < 0 => format!("clock {} ppm slow", ppm.unsigned_abs()),
            Self::Drift { ppm } => format!("clock {ppm} ppm fast"),
            Self::Step { by: Shift::Ahead(by) } => format!("clock jumps {by} forward"),
            Self::Step { by: Shift::Behind(by) } => format!("clock jumps {by} back"),
            Self::Calm => "clock set right".to_owned(),
        }
    }
}

impl<S> ClockFault<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<ClockFault<T>, E> {
        Ok(ClockFault { nodes: all(&self.nodes, find)?, change: self.change })
    }
}

impl std::fmt::Display for Shift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ahead(by) => write!(f, "+{}", by.exact()),
            Self::Behind(by) => write!(f, "-{}", by.exact()),
        }
    }
}

impl std::str::FromStr for Shift {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_at_checked(1) {
            Some(("+", rest)) => rest.parse().map(Self::Ahead),
            Some(("-", rest)) => rest.parse().map(Self::Behind),
            _ => Err(format!("a shift has a sign, `+200ms` or `-3s`; found `{text}`")),
        }
    }
}

impl serde::Serialize for Shift {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Shift {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
