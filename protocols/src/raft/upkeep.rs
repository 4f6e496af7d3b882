//! What a server announces beside elections and replication: transfers, changes of the members,
//! snapshots, reads.

use std::sync::Arc;

use sim_engine::{Caption, NodeId, Slot};

use super::membership::Membership;

/// Something beside elections and replication.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum Upkeep {
    /// A read was answered from what was applied up to `index`, not through the log.
    ReadServed { session: u64, seq: u64, index: u64 },
    /// Leadership is handed over: the leader begins, or the target is told.
    Transfer { phase: TransferPhase, peer: NodeId, term: u64 },
    /// The target of a transfer did not take over in time.
    TransferAborted { to: NodeId, term: u64 },
    /// Other members are in effect at this server.
    MembersChanged { members: Arc<Membership> },
    /// An administrator asked for something that cannot be done.
    AdminRefused { what: String, why: &'static str },
    /// The server took a snapshot of so many records up to `index`.
    SnapshotTaken { index: u64, term: u64, records: u64 },
    /// The leader begins to send its snapshot.
    SnapshotSent { to: NodeId, index: u64 },
    /// The server took over the state of a snapshot.
    SnapshotInstalled { from: NodeId, index: u64, term: u64, digest: u64 },
}

/// The two moments of a leadership transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TransferPhase {
    /// The leader was asked to hand over.
    Start,
    /// The target was told to stand.
    TimeoutNow,
}

impl Upkeep {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::ReadServed { .. } => "read-served",
            Self::Transfer { .. } => "transfer",
            Self::TransferAborted { .. } => "transfer-aborted",
            Self::MembersChanged { .. } => "members-changed",
            Self::AdminRefused { .. } => "admin-refused",
            Self::SnapshotTaken { .. } => "snapshot-taken",
            Self::SnapshotSent { .. } => "snapshot-sent",
            Self::SnapshotInstalled { .. } => "snapshot-installed",
        }
    }

    pub(super) fn details(&self) -> Vec<(&'static str, Slot)> {
        use Slot::{Node, Number, Text};
        match self {
            Self::ReadServed { session, seq, index } => vec![
                ("session", Number(*session)),
                ("seq", Number(*seq)),
                ("index", Number(*index)),
            ],
            Self::Transfer { phase, peer, term } => {
                let (phase, whom) = match phase {
                    TransferPhase::Start => ("start", "to"),
                    TransferPhase::TimeoutNow => ("timeout-now", "from"),
                };
                let phase = Text(phase.to_owned());
                vec![("phase", phase), (whom, Node(*peer)), ("term", Number(*term))]
            }
            Self::TransferAborted { to, term } => {
                vec![("to", Node(*to)), ("term", Number(*term))]
            }
            Self::MembersChanged { members } => vec![("members", Text(members.to_string()))],
            Self::AdminRefused { what, why } => {
                vec![("what", Text(what.clone())), ("why", Text((*why).to_owned()))]
            }
            Self::SnapshotTaken { index, term, .. } => {
                vec![("index", Number(*index)), ("term", Number(*term))]
            }
            Self::SnapshotSent { to, index } => vec![("to", Node(*to)), ("index", Number(*index))],
            Self::SnapshotInstalled { from, index, term, .. } => {
                vec![("from", Node(*from)), ("index", Number(*index)), ("term", Number(*term))]
            }
        }
    }

    pub(super) fn weight(&self) -> u8 {
        match self {
            Self::Transfer { .. } | Self::TransferAborted { .. } => 78,
            Self::SnapshotInstalled { .. } | Self::AdminRefused { .. } => 76,
            Self::SnapshotSent { .. } => 70,
            Self::MembersChanged { .. } => 68,
            Self::SnapshotTaken { .. } => 64,
            Self::ReadServed { .. } => 0,
        }
    }

    pub(super) fn caption(&self) -> Option<Caption> {
        use Slot::{Node, Number, Text};
        let (template, slots) = match self {
            Self::ReadServed { .. } => return None,
            Self::Transfer { phase: TransferPhase::Start, peer, .. } => (
                "{node} is to hand over to {peer}: it takes no commands until {peer} leads.",
                vec![("peer", Node(*peer))],
            ),
            Self::Transfer { phase: TransferPhase::TimeoutNow, peer, .. } => (
                "{node} is told by {peer} to stand for election at once.",
                vec![("peer", Node(*peer))],
            ),
            Self::TransferAborted { to, .. } => (
                "{to} has not taken over in time: {node} leads on and takes commands again.",
                vec![("to", Node(*to))],
            ),
            Self::MembersChanged { members } => (
                "{node} goes by other members now: {members}.",
                vec![("members", Text(members.to_string()))],
            ),
            Self::AdminRefused { what, why } => (
                "{node} refuses to {what}: {why}.",
                vec![("what", Text(what.clone())), ("why", Text((*why).to_owned()))],
            ),
            Self::SnapshotTaken { index, .. } => (
                "{node} takes a snapshot up to slot {index} and drops those slots from its log.",
                vec![("index", Number(*index))],
            ),
            Self::SnapshotSent { to, index } => (
                "{node} no longer has what {to} needs: it sends its snapshot up to slot {index}.",
                vec![("to", Node(*to)), ("index", Number(*index))],
            ),
            Self::SnapshotInstalled { from, index, .. } => (
                "{node} takes over the state of the snapshot of {from}, up to slot {index}.",
                vec![("from", Node(*from)), ("index", Number(*index))],
            ),
        };
        Some(Caption { template, slots })
    }
}
