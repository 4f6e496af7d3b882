//! Numbers that JSON would spoil: seeds of 64 bits as text, seconds without floats.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// Whole numbers of 64 bits as text.
pub(super) mod as_text {
    use super::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(in crate::sweep) fn serialize<S: Serializer>(n: &u64, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(n)
    }

    pub(in crate::sweep) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<u64, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// A length of real time: in JSON a number of seconds with three decimals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0.as_secs(), self.0.subsec_millis())
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let number: serde_json::Number =
            self.to_string().parse().map_err(|_| ser::Error::custom("no number"))?;
        number.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = serde_json::Number::deserialize(from)?.to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
        let millis = format!("{decimals:0<3}");
        match (whole.parse(), millis.get(..3).unwrap_or_default().parse::<u64>()) {
            (Ok(whole), Ok(millis)) => {
                Ok(Self(Duration::from_secs(whole) + Duration::from_millis(millis)))
            }
            (Err(_), _) | (_, Err(_)) => Err(de::Error::custom("not a number of seconds")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_as_they_are_written() {
        for (millis, text) in [(0, "0.0"), (1, "0.001"), (12_500, "12.5"), (60_000, "60.0")] {
            let seconds = Seconds(Duration::from_millis(millis));
            assert_eq!(serde_json::to_string(&seconds).unwrap(), text);
            assert_eq!(serde_json::from_str::<Seconds>(text).unwrap(), seconds);
        }
        assert!(serde_json::from_str::<Seconds>("-1.5").is_err());
        assert!(serde_json::from_str::<Seconds>("\"1\"").is_err());
    }
}
