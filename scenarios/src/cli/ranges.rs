//! Ranges as they are typed: seeds, shards, budgets.

use std::str::FromStr;
use std::time::Duration;

use reports::sweep::Whole;

use crate::problem::Problem;

/// Seeds from `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SeedRange {
    pub(super) from: u64,
    pub(super) to: u64,
}

impl FromStr for SeedRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |word: &str| {
            let hint = "write A..B, or N for 0..N";
            word.parse().map_err(|_| format!("`{word}` is no seed; {hint}"))
        };
        let (from, to) = match text.split_once("..") {
            Some((from, to)) => (number(from)?, number(to)?),
            None => (0, number(text)?),
        };
        if from >= to {
            return Err(format!("the range is empty: it goes from {from} to before {to}"));
        }
        Ok(Self { from, to })
    }
}

impl From<SeedRange> for Whole {
    fn from(range: SeedRange) -> Self {
        Self { from: range.from, to: range.to }
    }
}

/// One of several parts, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub(super) number: u64,
    pub(super) of: u64,
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, of)| {
            Some(Self { number: number.parse().ok()?, of: of.parse().ok()? })
        });
        let shard = parts.ok_or_else(|| format!("`{text}` is not I/N, such as 1/4"))?;
        if shard.number == 0 || shard.number > shard.of {
            return Err(format!("there are parts 1/{of} to {of}/{of}", of = shard.of));
        }
        Ok(shard)
    }
}

impl Shard {
    /// The seeds of this part. Parts differ by at most one seed.
    pub(super) fn part_of(self, range: SeedRange) -> Result<(u64, u64), Problem> {
        let count = range.to - range.from;
        if self.of > count {
            let what = format!("{count} seeds cannot be shared by {} shards", self.of);
            return Err(Problem::new(what));
        }
        let place = |n: u64| {
            let offset = u128::from(count) * u128::from(n) / u128::from(self.of);
            range.from + u64::try_from(offset).unwrap_or(count)
        };
        Ok((place(self.number - 1), place(self.number)))
    }
}

/// A length of real time as it is typed.
pub(super) fn budget(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time; write a whole number and ms, s, m or h");
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let n: u64 = number.parse().map_err(|_| wrong())?;
    let scale = match &text[number.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    n.checked_mul(scale).map(Duration::from_millis).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_half_open_and_a_number_begins_at_zero() {
        assert_eq!("3..7".parse(), Ok(SeedRange { from: 3, to: 7 }));
        assert_eq!("9".parse(), Ok(SeedRange { from: 0, to: 9 }));
        for text in ["", "..", "3..", "7..7", "8..7", "-1..3", "a", "0", "1..18446744073709551616"]
        {
            assert!(text.parse::<SeedRange>().is_err(), "{text}");
        }
    }

    #[test]
    fn shards_share_every_seed_once() {
        for (from, to, n) in [(0, 10, 3), (5, 12, 7), (0, u64::MAX, 7), (3, 1_000, 1)] {
            let mut next = from;
            for number in 1..=n {
                let part = Shard { number, of: n }.part_of(SeedRange { from, to }).unwrap();
                assert_eq!(part.0, next);
                assert!(part.1 > part.0);
                next = part.1;
            }
            assert_eq!(next, to);
        }
        assert!(Shard { number: 1, of: 3 }.part_of(SeedRange { from: 0, to: 2 }).is_err());
        for text in ["", "1", "0/3", "4/3", "1/0", "a/b", "1/3/5"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn budgets_have_units() {
        assert_eq!(budget("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(budget("2m"), Ok(Duration::from_secs(120)));
        for text in ["", "s", "90", "1.5s", "-1s", "3 s", "1d", "99999999999999999999h"] {
            assert!(budget(text).is_err(), "{text}");
        }
    }
}
