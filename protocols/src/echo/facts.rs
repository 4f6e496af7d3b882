//! What nodes announce.

use sim_engine::{Caption, NodeId, Slot};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A server answered a question.
    Answered {
        /// Who had asked.
        client: NodeId,
        /// The number of the answer.
        number: u64,
    },
}

impl sim_engine::Fact for Fact {
    fn name(&self) -> &'static str {
        match self {
            Self::Answered { .. } => "Answered",
        }
    }

    fn details(&self) -> Vec<(&'static str, Slot)> {
        match self {
            Self::Answered { client, number } => {
                vec![("client", Slot::Node(*client)), ("number", Slot::Number(*number))]
            }
        }
    }

    fn weight(&self) -> u8 {
        60
    }

    fn caption(&self) -> Option<Caption> {
        let template = match self {
            Self::Answered { .. } => "{node} gives {client} answer no. {number}",
        };
        Some(Caption { template, slots: sim_engine::Fact::details(self) })
    }
}
