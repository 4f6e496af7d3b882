//! Small words: lists of names, numbers, times.

use serde::{Serialize, Serializer};
use sim_engine::{Caption, Cast, Duration, Instant, NodeId, Slot};

/// The name of a seat; its number if the cast has no such seat.
pub(crate) fn name(cast: &Cast<()>, id: NodeId) -> String {
    if id.index() < cast.len() { cast.name(id).to_owned() } else { id.to_string() }
}

/// `n1`, `n1 and n2`, `n1, n2 and n3`.
pub(crate) fn and_list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The names of seats, in the order given.
pub(crate) fn names(cast: &Cast<()>, ids: &[NodeId]) -> Vec<String> {
    ids.iter().map(|id| name(cast, *id)).collect()
}

/// Cut links: `n1 and n2 to n3`, `n1 to everybody`, `n1 to and from n2`.
pub(crate) fn cut(
    cast: &Cast<()>,
    from: Option<&[NodeId]>,
    to: Option<&[NodeId]>,
    both: bool,
) -> String {
    let side = |seats: Option<&[NodeId]>| {
        seats.map_or_else(|| "everybody".to_owned(), |seats| and_list(&names(cast, seats)))
    };
    let way = if both { "to and from" } else { "to" };
    format!("{} {way} {}", side(from), side(to))
}

/// `1 process`, `2 processes`.
pub(crate) fn processes(n: usize) -> String {
    if n == 1 { "1 process".to_owned() } else { format!("{n} processes") }
}

/// Which way messages are lost: `from n1 and n2 to n3`, `between n1 and everybody`.
pub(crate) fn way(
    cast: &Cast<()>,
    from: Option<&[NodeId]>,
    to: Option<&[NodeId]>,
    both: bool,
) -> String {
    let side = |seats: Option<&[NodeId]>| {
        seats.map_or_else(|| "everybody".to_owned(), |seats| and_list(&names(cast, seats)))
    };
    if both {
        format!("between {} and {}", side(from), side(to))
    } else {
        format!("from {} to {}", side(from), side(to))
    }
}

/// Names with three and more that follow each other as one: `n1–n3`, `n5`.
pub(crate) fn ranges(names: &[String]) -> Vec<String> {
    let parts = |name: &str| {
        let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
        let prefix = name.len() - digits.len();
        let plain = !digits.starts_with('0') && name.is_char_boundary(prefix);
        let number: Option<u32> = digits.parse().ok().filter(|_| plain);
        number.map(|number| (name[..prefix].to_owned(), number))
    };
    let mut runs: Vec<Vec<&String>> = Vec::new();
    for name in names {
        let follows = |last: &&String| match (parts(last), parts(name)) {
            (Some((a, n)), Some((b, m))) => a == b && n.checked_add(1) == Some(m),
            _ => false,
        };
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(follows) => run.push(name),
            Some(_) | None => runs.push(vec![name]),
        }
    }
    let mut short = Vec::new();
    for run in runs {
        match run.as_slice() {
            [first, _, .., last] => short.push(format!("{first}–{last}")),
            few => short.extend(few.iter().map(|name| (*name).clone())),
        }
    }
    short
}

/// Small numbers as words: `five`.
pub(crate) fn number(n: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// `1 message`, `2 messages`.
pub(crate) fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Milliseconds for people: whole from 10 ms on, one decimal below.
pub(crate) fn short_ms(nanos: u64) -> String {
    if nanos >= 10_000_000 {
        return format!("{} ms", (nanos + 500_000) / 1_000_000);
    }
    let tenths = (nanos + 50_000) / 100_000;
    if tenths.is_multiple_of(10) {
        format!("{} ms", tenths / 10)
    } else {
        format!("{}.{} ms", tenths / 10, tenths % 10)
    }
}

/// A caption with its slots filled in, and lengths of time as a reader likes them.
pub(crate) fn fill(caption: &Caption, speaker: NodeId, cast: &Cast<()>) -> String {
    let mut short = caption.clone();
    for (_, slot) in &mut short.slots {
        if let Slot::Time(length) = slot {
            *slot = Slot::Text(short_ms(length.as_nanos()));
        }
    }
    short.fill(speaker, cast)
}

/// Words with every number cut to one decimal: `12.1984 % loss` is `12.1 % loss`.
pub(crate) fn rounded(words: &str) -> String {
    let is_number = |word: &&str| word.chars().all(|c| c.is_ascii_digit() || c == '.');
    let short = |word: &str| match word.split_once('.') {
        // A small number keeps the digits that make it one.
        Some((whole, decimals)) if is_number(&word) && whole != "0" && decimals.len() > 1 => {
            format!("{whole}.{}", &decimals[..1])
        }
        Some(_) | None => word.to_owned(),
    };
    words.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

/// A moment for people.
pub(crate) fn moment(at: Instant) -> String {
    short_ms(at.nanos())
}

/// The first letter as a capital.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Milliseconds as JSON: a decimal number, exact to the nanosecond, without any arithmetic on
/// floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Millis {
    nanos: u64,
    is_before: bool,
}

impl Millis {
    /// The time from `origin` to `at`; negative if it is earlier.
    pub(crate) fn between(origin: Instant, at: Instant) -> Self {
        let nanos = at.nanos().abs_diff(origin.nanos());
        Self { nanos, is_before: at < origin }
    }
}

impl From<Instant> for Millis {
    fn from(at: Instant) -> Self {
        Self { nanos: at.nanos(), is_before: false }
    }
}

impl From<Duration> for Millis {
    fn from(length: Duration) -> Self {
        Self { nanos: length.as_nanos(), is_before: false }
    }
}

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.is_before { "-" } else { "" };
        let decimals = format!("{:06}", self.nanos % 1_000_000);
        let shown = decimals.trim_end_matches('0');
        let shown = if shown.is_empty() { "0" } else { shown };
        write!(f, "{sign}{}.{shown}", self.nanos / 1_000_000)
    }
}

impl Serialize for Millis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Reading the decimal text gives the nearest number on every platform.
        let number: f64 = self.to_string().parse().map_err(serde::ser::Error::custom)?;
        serializer.serialize_f64(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_end_in_and() {
        let names = ["n1", "n2", "n3"].map(str::to_owned);
        assert_eq!(and_list(&names), "n1, n2 and n3");
        assert_eq!(and_list(&names[..1]), "n1");
        assert_eq!(and_list(&[]), "nobody");
    }

    #[test]
    fn names_that_follow_each_other_are_a_range() {
        let of = |names: &[&str]| {
            ranges(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).join(", ")
        };
        assert_eq!(of(&["n1", "n2", "n3", "n5"]), "n1–n3, n5");
        assert_eq!(of(&["n1", "n2", "p3", "n9", "n10", "n11"]), "n1, n2, p3, n9–n11");
        assert_eq!(of(&["a", "b", "c", "n01", "n02", "n03"]), "a, b, c, n01, n02, n03");
    }

    #[test]
    fn numbers_in_words_have_one_decimal() {
        assert_eq!(rounded("12.1984 % loss"), "12.1 % loss");
        assert_eq!(rounded("0.05 % loss, +8.25 ms"), "0.05 % loss, +8.25 ms");
    }

    #[test]
    fn times_are_short() {
        assert_eq!(short_ms(1_250_000), "1.3 ms");
        assert_eq!(short_ms(2_000_000), "2 ms");
        assert_eq!(short_ms(250_400_000), "250 ms");
    }
}
