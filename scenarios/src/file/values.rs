//! Small values of a scenario file that have a form of their own.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A rate, in files a percentage: `"1%"`, `"0.05%"`. Never a float.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PerMillion(pub(crate) u32);

impl FromStr for PerMillion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        read_percent(text).filter(|rate| *rate <= 1_000_000).map(Self).ok_or_else(|| {
            format!(
                "`{text}` is not a rate; write 0% to 100% with at most four decimals, such as \
                 `0.05%`"
            )
        })
    }
}

fn read_percent(text: &str) -> Option<u32> {
    let number = text.strip_suffix('%')?.trim_end();
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let ends_in_point = number.ends_with('.');
    if !is_number(whole) || !is_number(decimals) || decimals.len() > 4 || ends_in_point {
        return None;
    }
    let whole: u32 = whole.parse().ok()?;
    let rest: u32 = format!("{decimals:0<4}").parse().ok()?;
    whole.checked_mul(10_000)?.checked_add(rest)
}

impl fmt::Display for PerMillion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        let decimals = format!(".{rest:04}");
        write!(f, "{whole}{} %", decimals.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl<'de> Deserialize<'de> for PerMillion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Serialize for PerMillion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string().replace(' ', ""))
    }
}

/// One or several selectors: `"leader"` or `["n1", "n2"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Who(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;
        impl<'de> Visitor<'de> for OneOrMore {
            type Value = Who;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a selector such as `leader` or `n1`, or a list of them")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Who, E> {
                Ok(Who(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Who, A::Error> {
                let mut who = Vec::new();
                while let Some(one) = list.next_element()? {
                    who.push(one);
                }
                Ok(Who(who))
            }
        }
        deserializer.deserialize_any(OneOrMore)
    }
}

impl Serialize for Who {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => serializer.serialize_str(one),
            several => several.serialize(serializer),
        }
    }
}

/// Which promises must hold: `"all"` or a list of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Every one that is not expected or allowed to break.
    #[default]
    All,
    /// These, and they must have been put to the test.
    Named(Vec<String>),
}

impl<'de> Deserialize<'de> for Holds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AllOrNamed;
        impl<'de> Visitor<'de> for AllOrNamed {
            type Value = Holds;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`\"all\"` or a list of promises")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Holds, E> {
                match text {
                    "all" => Ok(Holds::All),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Holds, A::Error> {
                let mut names = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                Ok(Holds::Named(names))
            }
        }
        deserializer.deserialize_any(AllOrNamed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_exactly() {
        let cases = [
            ("0%", 0),
            ("1%", 10_000),
            ("0.05%", 500),
            ("12.5 %", 125_000),
            ("100%", 1_000_000),
            ("0.0001%", 1),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse(), Ok(PerMillion(expected)), "{text}");
            let printed = PerMillion(expected).to_string();
            assert_eq!(printed.parse(), Ok(PerMillion(expected)), "{printed}");
        }
    }

    #[test]
    fn wrong_percentages_are_refused() {
        for text in ["", "%", "1", "101%", "-1%", "1.%", ".5%", "0.00001%", "1e1%", "ten %"] {
            let error = text.parse::<PerMillion>().unwrap_err();
            assert!(error.contains("is not a rate"), "{text}: {error}");
        }
    }

    #[test]
    fn one_selector_or_several() {
        let read = |text| serde_json::from_str::<Who>(text).map(|who| who.0);
        assert_eq!(read(r#""leader""#).unwrap(), ["leader"]);
        assert_eq!(read(r#"["n1", "rest"]"#).unwrap(), ["n1", "rest"]);
        assert!(read("3").unwrap_err().to_string().contains("a selector"));
    }
}
