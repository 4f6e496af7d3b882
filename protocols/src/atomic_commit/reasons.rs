//! Why a decision was made, and how a participant knows it.

use sim_engine::{NodeId, Slot};

use super::facts::text;

/// Why a decision was made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// All have voted yes.
    AllYes,
    /// Somebody voted no.
    No(NodeId),
    /// These did not vote in time.
    Silence(Vec<NodeId>),
    /// It was in a deadlock.
    Deadlock,
    /// Somebody could not pre-commit.
    CannotPreCommit(NodeId),
    /// These did not answer a pre-commit in time: they are taken to be down.
    SilentPreCommit(Vec<NodeId>),
    /// A restarted coordinator found it undecided.
    Restart,
    /// Somebody else knew.
    Learnt(NodeId),
    /// Nobody of those who answered knew that all had voted yes (Skeen's T3).
    NobodyPreCommitted,
    /// Somebody knew that all had voted yes, and now everybody who answers does (Skeen's T4).
    SomebodyPreCommitted,
    /// A quorum has pre-committed or pre-aborted.
    Quorum,
    /// It is the last agent, and can do its part: all others had voted yes.
    LastAgent,
    /// It is the last agent, and cannot do its part.
    Cannot(&'static str),
}

/// How a participant knows a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The coordinator said so, or whoever took its place.
    Message(NodeId),
    /// It asked, and somebody knew.
    Peer(NodeId),
    /// It had not voted yes, and so was free.
    Free,
    /// It ended the transaction itself, in place of the coordinator.
    Itself,
    /// It waited for too long.
    Timeout,
    /// It was left to it to decide.
    LastAgent,
}

impl Why {
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::AllYes => "all-yes",
            Self::No(_) => "no",
            Self::Silence(_) => "silence",
            Self::Deadlock => "deadlock",
            Self::CannotPreCommit(_) => "cannot-pre-commit",
            Self::SilentPreCommit(_) => "silent-pre-commit",
            Self::Restart => "restart",
            Self::Learnt(_) => "learnt",
            Self::NobodyPreCommitted => "nobody-pre-committed",
            Self::SomebodyPreCommitted => "somebody-pre-committed",
            Self::Quorum => "quorum",
            Self::LastAgent => "last-agent",
            Self::Cannot(_) => "cannot",
        }
    }
}

impl By {
    pub(super) fn details(self) -> Vec<(&'static str, Slot)> {
        let word = |word: &'static str| ("by", text(word));
        match self {
            Self::Message(from) => vec![("from", Slot::Node(from))],
            Self::Peer(peer) => vec![("peer", Slot::Node(peer))],
            Self::Free => vec![word("itself")],
            Self::Itself => vec![word("termination")],
            Self::Timeout => vec![word("timeout")],
            Self::LastAgent => vec![word("last-agent")],
        }
    }
}
