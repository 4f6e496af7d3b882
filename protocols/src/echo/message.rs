//! What travels between clients and servers.

use std::fmt;

use sim_engine::{Dice, Payload};

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A client asks.
    Ask {
        /// The number of the question, new for each.
        question: u32,
        /// What the server is to repeat.
        value: i64,
    },
    /// A server answers.
    Answer {
        /// The question it answers.
        question: u32,
        /// What was asked.
        value: i64,
        /// The number of the answer: no other answer of this server has it.
        number: u64,
    },
}

impl Payload for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ask { .. } => "Ask",
            Self::Answer { .. } => "Answer",
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::Ask { .. } => 12,
            Self::Answer { .. } => 20,
        }
    }

    fn epoch(&self) -> Option<u64> {
        None
    }

    /// One bit of the value flips.
    fn corrupted(&self, dice: &mut Dice) -> Option<Self> {
        let mut damaged = self.clone();
        let (Self::Ask { value, .. } | Self::Answer { value, .. }) = &mut damaged;
        *value ^= 1 << dice.below(63);
        Some(damaged)
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask { value, .. } => write!(f, "Ask {value}"),
            Self::Answer { value, number, .. } => write!(f, "Answer {value} no. {number}"),
        }
    }
}
