//! Times of recordings: microseconds from the first fault, negative before it.

use std::fmt;
use std::ops::{Add, Neg, Sub};
use std::str::FromStr;

use serde::{Serialize, Serializer};
use sim_engine::{Duration, Instant};

/// A time or a length in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Micros(i64);

impl Micros {
    pub(crate) const ZERO: Self = Self(0);
    pub(crate) const MAX: Self = Self(i64::MAX);

    pub(crate) const fn whole(n: i64) -> Self {
        Self(n)
    }

    pub(crate) const fn millis(n: i64) -> Self {
        Self(n * 1_000)
    }

    pub(crate) const fn secs(n: i64) -> Self {
        Self(n * 1_000_000)
    }

    /// So many of it.
    pub(crate) const fn times(self, n: i64) -> Self {
        Self(self.0.saturating_mul(n))
    }

    /// What is left of it when whole lengths of `period` are taken away or added; never negative.
    pub(crate) const fn within(self, period: Self) -> Self {
        if period.0 <= 0 { Self(0) } else { Self(self.0.rem_euclid(period.0)) }
    }

    /// How often `part` fits.
    pub(crate) const fn over(self, part: Self) -> i64 {
        if part.0 == 0 { 0 } else { self.0 / part.0 }
    }

    /// The time of a moment of a run.
    pub(crate) fn of(at: Instant) -> Self {
        Self(i64::try_from(at.nanos() / 1_000).unwrap_or(i64::MAX))
    }

    /// As a moment of a run; never before its beginning.
    pub(crate) fn in_run(self) -> Instant {
        Instant::ZERO + Duration::micros(u64::try_from(self.0).unwrap_or(0))
    }

    /// As a length in a scenario file; never negative.
    pub(crate) fn in_file(self) -> String {
        format!("{}us", self.0.max(0))
    }

    /// Whole milliseconds, for people.
    pub(crate) fn round(self) -> String {
        let half = if self.0 < 0 { -500 } else { 500 };
        format!("{}", (self.0 + half) / 1_000)
    }
}

impl Add for Micros {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Micros {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Micros {
    type Output = Self;

    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

/// Milliseconds with decimals: `-313.6`.
impl FromStr for Micros {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no number of milliseconds");
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(decimals) {
            return Err(wrong());
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let part: i64 = format!("{decimals:0<3.3}").parse().map_err(|_| wrong())?;
        let micros = whole.checked_mul(1_000).and_then(|whole| whole.checked_add(part));
        micros.map(|micros| Self(sign * micros)).ok_or_else(wrong)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let n = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:03} ms", n / 1_000, n % 1_000)
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Reading the decimal text gives the nearest number on every platform.
        let text = self.to_string();
        let number: f64 =
            text.trim_end_matches(" ms").parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_read_to_the_microsecond() {
        let read = |text: &str| text.parse::<Micros>();
        assert_eq!(read("-313.6"), Ok(Micros(-313_600)));
        assert_eq!(read("20033"), Ok(Micros(20_033_000)));
        assert_eq!(read("0.12345"), Ok(Micros(123)));
        for text in ["", "-", "1e9", ".5", "1.2.3", "99999999999999999999"] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_are_written_as_they_are_read() {
        let written = serde_json::to_string(&Micros(-313_600)).unwrap();
        assert_eq!(written, "-313.6");
        assert_eq!((Micros(1_499).round(), Micros(-1_500).round()), ("1".into(), "-2".into()));
    }
}
