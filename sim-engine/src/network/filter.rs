//! Exact directives on messages: what a textbook figure needs and chance would not give.

use crate::NodeId;

/// What to do with a chosen message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilterAction {
    /// Put it aside until it is released.
    Hold,
    /// Lose it.
    Drop,
    /// Let it arrive at once.
    Deliver,
}

/// Which messages a directive is about, and how many more of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Filter {
    /// What to do.
    pub action: FilterAction,
    /// The kind of message; any if absent.
    pub kind: Option<String>,
    /// The senders; anybody if absent.
    pub from: Option<Vec<NodeId>>,
    /// The receivers; anybody if absent.
    pub to: Option<Vec<NodeId>>,
    /// How many messages it is still good for; without end if absent.
    pub left: Option<u32>,
}

impl Filter {
    /// True if the directive is about this message.
    pub fn matches(&self, from: NodeId, to: NodeId, kind: &str) -> bool {
        self.kind.as_deref().is_none_or(|wanted| wanted == kind) && self.is_about(from, to)
    }

    /// True if the directive is about this link.
    pub(crate) fn is_about(&self, from: NodeId, to: NodeId) -> bool {
        self.from.as_ref().is_none_or(|seats| seats.contains(&from))
            && self.to.as_ref().is_none_or(|seats| seats.contains(&to))
    }

    /// Counts one message. True if that was the last one.
    pub(crate) fn use_up(&mut self) -> bool {
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(1);
        }
        self.left == Some(0)
    }
}
