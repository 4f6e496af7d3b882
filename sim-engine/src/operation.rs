//! Client operations: one vocabulary for all systems, so that one workload runs on each, and
//! checkers see operations instead of protocols.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The longest key, in bytes.
const KEY_BYTES: usize = 15;

/// The name of a register, lock or account: 1 to 15 bytes, kept in place so that copying allocates
/// nothing, and aligned so that two words are all that is copied.
///
/// ```
/// use sim_engine::Key;
/// let key: Key = "x".parse().unwrap();
/// assert_eq!(key.to_string(), "x");
/// assert!("a name that is far too long".parse::<Key>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(align(8))]
pub struct Key {
    /// The text, zeros, and in the last byte the length of the text.
    bytes: [u8; KEY_BYTES + 1],
}

impl Key {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        // Only `FromStr` makes keys, so the bytes are the text they came from.
        let [.., len] = self.bytes;
        std::str::from_utf8(&self.bytes[..usize::from(len)]).unwrap_or_default()
    }

    /// The bytes as one number, which is compared and folded at once.
    const fn number(self) -> u128 {
        u128::from_be_bytes(self.bytes)
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.number().cmp(&other.number())
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Key {
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "both halves are meant"
    )]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let number = self.number();
        state.write_u64((number >> 64) as u64);
        state.write_u64(number as u64);
    }
}

impl std::str::FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let source = text.as_bytes();
        match u8::try_from(source.len()) {
            Ok(len) if (1..=KEY_BYTES).contains(&source.len()) => {
                let mut bytes = [0; KEY_BYTES + 1];
                bytes[..source.len()].copy_from_slice(source);
                bytes[KEY_BYTES] = len;
                Ok(Self { bytes })
            }
            _ => Err(format!(
                "the key `{text}` has {} bytes; 1 to {KEY_BYTES} are allowed",
                source.len()
            )),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a client asks for. In files: `{"write": {"key": "x", "value": 2}}`.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Operation {
    /// Read a register.
    Read {
        /// Which register.
        key: Key,
    },
    /// Write a register.
    Write {
        /// Which register.
        key: Key,
        /// The new value.
        value: i64,
    },
    /// Write a register if it holds the old value.
    Cas {
        /// Which register.
        key: Key,
        /// The value it must hold.
        old: i64,
        /// The new value.
        new: i64,
    },
    /// Add a value to the end of a list.
    Append {
        /// Which list.
        key: Key,
        /// The value to add.
        value: i64,
    },
    /// Add one to a counter; answers the new value.
    Increment {
        /// Which counter.
        key: Key,
    },
    /// Take a lock.
    Acquire {
        /// Which lock.
        lock: Key,
    },
    /// Give a lock back.
    Release {
        /// Which lock.
        lock: Key,
    },
    /// Move money between accounts.
    Transfer {
        /// The account to take from.
        from: Key,
        /// The account to give to.
        to: Key,
        /// How much.
        amount: i64,
    },
}

impl Operation {
    /// The name of the operation, as in files and histories.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Read { .. } => "read",
            Self::Write { .. } => "write",
            Self::Cas { .. } => "cas",
            Self::Append { .. } => "append",
            Self::Increment { .. } => "increment",
            Self::Acquire { .. } => "acquire",
            Self::Release { .. } => "release",
            Self::Transfer { .. } => "transfer",
        }
    }
}

impl fmt::Display for Operation {
    /// Short enough for a figure: `write x=2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { key } => write!(f, "read {key}"),
            Self::Write { key, value } => write!(f, "write {key}={value}"),
            Self::Cas { key, old, new } => write!(f, "cas {key} {old}→{new}"),
            Self::Append { key, value } => write!(f, "append {key}+{value}"),
            Self::Increment { key } => write!(f, "increment {key}"),
            Self::Acquire { lock } => write!(f, "acquire {lock}"),
            Self::Release { lock } => write!(f, "release {lock}"),
            Self::Transfer { from, to, amount } => write!(f, "move {amount} {from}→{to}"),
        }
    }
}

/// What a system answered to an operation that took effect.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// Done; there is nothing to tell.
    Done,
    /// The value read, `None` where nothing was ever written.
    Value(Option<i64>),
    /// Every value of a list.
    List(Vec<i64>),
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("ok"),
            Self::Value(Some(value)) => write!(f, "{value}"),
            Self::Value(None) => f.write_str("nothing"),
            Self::List(values) => write!(f, "{values:?}"),
        }
    }
}

/// How an operation ended, as its client knows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It took effect and this was the answer.
    Ok(Reply),
    /// It certainly took no effect, and never will.
    Failed(&'static str),
    /// Nobody can say. A timeout is unknown, never failed.
    Unknown(&'static str),
}

/// A protocol's own commands, made from the common vocabulary.
pub trait Vocabulary: crate::Data {
    /// The protocol's command for `operation`, or `None` if the protocol does not serve it.
    fn from_operation(operation: &Operation) -> Option<Self>;
}

impl Vocabulary for Operation {
    fn from_operation(operation: &Operation) -> Option<Self> {
        Some(*operation)
    }
}
