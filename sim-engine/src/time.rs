//! Simulated time: whole nanoseconds since the start of the run. No wall clock, no floats.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment of simulated time, in nanoseconds since the start of the run.
///
/// ```
/// use sim_engine::{Duration, Instant};
/// let later = Instant::ZERO + Duration::millis(250);
/// assert_eq!(later.to_string(), "250 ms");
/// assert_eq!(later - Instant::ZERO, Duration::millis(250));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u64);

/// A length of simulated time, in nanoseconds.
///
/// In files it is a string with a unit: `"150ms"`, `"10us"`, `"2s"`, `"500ns"`.
///
/// ```
/// use sim_engine::Duration;
/// assert_eq!("150ms".parse(), Ok(Duration::millis(150)));
/// assert_eq!(Duration::micros(1_500).to_string(), "1.5 ms");
/// assert!("5 minutes".parse::<Duration>().is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(u64);

impl Instant {
    /// The start of the run.
    pub const ZERO: Self = Self(0);
    /// Later than every moment of a run.
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment `nanos` nanoseconds after the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// The time since `earlier`; zero if `earlier` is not earlier.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// `n` nanoseconds.
    pub const fn nanos(n: u64) -> Self {
        Self(n)
    }

    /// `n` microseconds.
    pub const fn micros(n: u64) -> Self {
        Self(n * 1_000)
    }

    /// `n` milliseconds.
    pub const fn millis(n: u64) -> Self {
        Self(n * 1_000_000)
    }

    /// `n` seconds.
    pub const fn secs(n: u64) -> Self {
        Self(n * 1_000_000_000)
    }

    /// The length in nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The length in whole milliseconds, rounded down.
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// The length as files write it, to the nanosecond: `150ms`, `1500us`.
    pub fn exact(self) -> String {
        match self.0 {
            0 => "0ms".to_owned(),
            n if n % 1_000_000_000 == 0 => format!("{}s", n / 1_000_000_000),
            n if n % 1_000_000 == 0 => format!("{}ms", n / 1_000_000),
            n if n % 1_000 == 0 => format!("{}us", n / 1_000),
            n => format!("{n}ns"),
        }
    }

    /// `n` times this length; the longest possible one if that does not fit.
    #[must_use]
    pub const fn times(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, length: Duration) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub for Instant {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Writes nanoseconds as milliseconds with at most three decimals and no trailing zeros.
fn write_millis(nanos: u64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (whole, micros) = (nanos / 1_000_000, nanos / 1_000 % 1_000);
    if micros == 0 {
        return write!(f, "{whole} ms");
    }
    let decimals = format!("{micros:03}");
    write!(f, "{whole}.{} ms", decimals.trim_end_matches('0'))
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_millis(self.0, f)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_millis(self.0, f)
    }
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is not a duration; write a whole number and ns, us, ms or s, such as \
                 `150ms`"
            )
        };
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let scale = match &text[number.len()..] {
            "ns" => 1,
            "us" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            _ => return Err(wrong()),
        };
        let n: u64 = number.parse().map_err(|_| wrong())?;
        n.checked_mul(scale).map(Self).ok_or_else(|| {
            format!("`{text}` is longer than any run; the longest is about 584 years")
        })
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.exact())
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_what_they_print() {
        for text in ["0ms", "150ms", "1500us", "7ns", "2s", "90s"] {
            let length: Duration = text.parse().unwrap();
            let printed = serde_json::to_string(&length).unwrap();
            assert_eq!(serde_json::from_str::<Duration>(&printed).unwrap(), length);
        }
    }

    #[test]
    fn wrong_durations_say_what_is_right() {
        for text in ["", "150", "ms", "1.5s", "-1ms", "5 minutes", "99999999999999999s"] {
            let error = text.parse::<Duration>().unwrap_err();
            assert!(error.contains(text), "{error}");
        }
    }
}
