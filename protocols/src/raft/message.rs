//! What servers and clients say to each other (Figure 2, section 8).

use std::fmt;

use sim_engine::{NodeId, Operation, Reply, Topics};

use super::log::Entry;
use super::snapshot::{Chunk, ChunkReply};
use super::topics;

/// A message of Raft.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Message {
    /// A candidate asks for a vote.
    RequestVote(Ballot),
    /// The answer.
    RequestVoteReply(Vote),
    /// A server asks whether it would get a vote, before it stands (dissertation 9.6).
    PreVote(Ballot),
    /// The answer.
    PreVoteReply(Vote),
    /// A leader replicates entries, or shows that it is there.
    AppendEntries(Append),
    /// The answer.
    AppendEntriesReply(Appended),
    /// A leader shows that it is there; only in the profile of etcd, else an empty AppendEntries
    /// does.
    Heartbeat(Beat),
    /// The answer.
    HeartbeatReply(BeatReply),
    /// A leader sends a part of its snapshot, because it has compacted what the follower lacks.
    InstallSnapshot(Box<Chunk>),
    /// The answer to a part; the last one is answered like entries.
    InstallSnapshotReply(ChunkReply),
    /// A leader hands over: stand for election at once (dissertation 3.10).
    TimeoutNow {
        /// The leader's term.
        term: u64,
    },
    /// A follower asks the leader up to where it must have applied before it may read
    /// (dissertation 6.4).
    ReadIndex(ReadId),
    /// The answer.
    ReadIndexReply {
        /// Which read.
        id: ReadId,
        /// Up to where.
        index: u64,
    },
    /// A client's command.
    ClientRequest {
        /// The client's session.
        session: u64,
        /// The command's number in it; a retry has the same.
        seq: u64,
        /// What to do.
        operation: Operation,
    },
    /// The answer to a command.
    ClientReply {
        /// The command's number.
        seq: u64,
        /// What became of it.
        answer: Answer,
    },
}

/// What a candidate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ballot {
    /// The term it stands in; for a PreVote the one it would stand in.
    pub term: u64,
    /// The index of its last entry.
    pub last_index: u64,
    /// The term of its last entry.
    pub last_term: u64,
    /// True if the leader asked it to stand: then a leader that is heard is no obstacle.
    pub transfer: bool,
}

/// A read of a client, as a follower asks for it: the client's session and the number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadId {
    /// The client's session.
    pub session: u64,
    /// The read's number in it.
    pub seq: u64,
}

/// A heartbeat of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Beat {
    /// The leader's term.
    pub term: u64,
    /// What the leader has committed, as far as the follower is known to have it.
    pub commit: u64,
    /// The latest read that waits for the leader to be confirmed; 0 if none does.
    pub context: u64,
}

/// The answer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BeatReply {
    /// The follower's term.
    pub term: u64,
    /// The context of the heartbeat.
    pub context: u64,
}

/// What a voter answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Vote {
    /// The term of the question if granted, else the voter's own.
    pub term: u64,
    /// True for yes.
    pub granted: bool,
}

/// What a leader sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Append {
    /// The leader's term.
    pub term: u64,
    /// The index of the entry before the new ones.
    pub prev_index: u64,
    /// Its term.
    pub prev_term: u64,
    /// The new entries; none in a heartbeat.
    pub entries: Vec<Entry>,
    /// What the leader has committed.
    pub commit: u64,
    /// The latest read that waits for the leader to be confirmed; 0 if none does.
    pub context: u64,
}

/// What a follower answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Appended {
    /// The follower's term.
    pub term: u64,
    /// What became of it.
    pub result: AppendResult,
    /// The context of the message that is answered.
    pub context: u64,
}

/// What became of an AppendEntries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AppendResult {
    /// The follower's log equals the leader's up to `index`.
    Matches {
        /// The last index it vouches for.
        index: u64,
        /// How many entries the message brought.
        brought: u32,
    },
    /// The follower has no entry of that term at `prev_index`.
    Conflict {
        /// The index that was asked about.
        prev_index: u64,
        /// Where the two logs can agree at best.
        hint_index: u64,
        /// The term there.
        hint_term: u64,
    },
    /// The message was of an older term.
    Stale,
}

/// What becomes of a client's command.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It was applied, now or earlier.
    Applied(Reply),
    /// It was applied and had no effect: a compare-and-set that met another value.
    Refused(&'static str),
    /// Another server leads, or none is known.
    NotLeader(Option<NodeId>),
}

impl Message {
    /// The term a server shows by sending this; `None` where it says nothing of its own.
    pub fn shown_term(&self) -> Option<u64> {
        match self {
            Self::RequestVote(Ballot { term, .. })
            | Self::RequestVoteReply(Vote { term, .. })
            | Self::AppendEntries(Append { term, .. })
            | Self::AppendEntriesReply(Appended { term, .. })
            | Self::Heartbeat(Beat { term, .. })
            | Self::HeartbeatReply(BeatReply { term, .. })
            | Self::InstallSnapshotReply(ChunkReply { term, .. })
            | Self::TimeoutNow { term } => Some(*term),
            Self::InstallSnapshot(chunk) => Some(chunk.term),
            Self::PreVote(_)
            | Self::PreVoteReply(_)
            | Self::ReadIndex(_)
            | Self::ReadIndexReply { .. }
            | Self::ClientRequest { .. }
            | Self::ClientReply { .. } => None,
        }
    }
}

/// Every kind of message.
pub(super) const KINDS: &[&str] = &[
    "RequestVote",
    "RequestVoteReply",
    "PreVote",
    "PreVoteReply",
    "AppendEntries",
    "AppendEntriesReply",
    "Heartbeat",
    "HeartbeatReply",
    "InstallSnapshot",
    "InstallSnapshotReply",
    "TimeoutNow",
    "ReadIndex",
    "ReadIndexReply",
    "ClientRequest",
    "ClientReply",
];

impl sim_engine::Payload for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::RequestVote(_) => "RequestVote",
            Self::RequestVoteReply(_) => "RequestVoteReply",
            Self::PreVote(_) => "PreVote",
            Self::PreVoteReply(_) => "PreVoteReply",
            Self::AppendEntries(_) => "AppendEntries",
            Self::AppendEntriesReply(_) => "AppendEntriesReply",
            Self::Heartbeat(_) => "Heartbeat",
            Self::HeartbeatReply(_) => "HeartbeatReply",
            Self::InstallSnapshot(_) => "InstallSnapshot",
            Self::InstallSnapshotReply(_) => "InstallSnapshotReply",
            Self::TimeoutNow { .. } => "TimeoutNow",
            Self::ReadIndex(_) => "ReadIndex",
            Self::ReadIndexReply { .. } => "ReadIndexReply",
            Self::ClientRequest { .. } => "ClientRequest",
            Self::ClientReply { .. } => "ClientReply",
        }
    }

    fn bytes(&self) -> u32 {
        match self {
            Self::AppendEntries(append) => {
                40 + u32::try_from(append.entries.len()).unwrap_or(u32::MAX).saturating_mul(64)
            }
            Self::InstallSnapshot(chunk) => {
                64 + u32::try_from(chunk.records.len()).unwrap_or(u32::MAX).saturating_mul(64)
            }
            Self::ClientRequest { .. } | Self::ClientReply { .. } => 64,
            Self::RequestVote(_)
            | Self::RequestVoteReply(_)
            | Self::PreVote(_)
            | Self::PreVoteReply(_)
            | Self::AppendEntriesReply(_)
            | Self::Heartbeat(_)
            | Self::HeartbeatReply(_)
            | Self::InstallSnapshotReply(_)
            | Self::TimeoutNow { .. }
            | Self::ReadIndex(_)
            | Self::ReadIndexReply { .. } => 32,
        }
    }

    fn topics(&self) -> Topics {
        topics::of_message(self)
    }

    fn epoch(&self) -> Option<u64> {
        match self {
            Self::PreVote(Ballot { term, .. }) | Self::PreVoteReply(Vote { term, .. }) => {
                Some(*term)
            }
            Self::RequestVote(_)
            | Self::RequestVoteReply(_)
            | Self::AppendEntries(_)
            | Self::AppendEntriesReply(_)
            | Self::Heartbeat(_)
            | Self::HeartbeatReply(_)
            | Self::InstallSnapshot(_)
            | Self::InstallSnapshotReply(_)
            | Self::TimeoutNow { .. }
            | Self::ReadIndex(_)
            | Self::ReadIndexReply { .. }
            | Self::ClientRequest { .. }
            | Self::ClientReply { .. } => self.shown_term(),
        }
    }

    fn is_routine(&self) -> bool {
        match self {
            Self::AppendEntries(append) => append.entries.is_empty(),
            Self::AppendEntriesReply(reply) => {
                matches!(reply.result, AppendResult::Matches { brought: 0, .. })
            }
            Self::Heartbeat(_) | Self::HeartbeatReply(_) => true,
            Self::RequestVote(_)
            | Self::RequestVoteReply(_)
            | Self::PreVote(_)
            | Self::PreVoteReply(_)
            | Self::InstallSnapshot(_)
            | Self::InstallSnapshotReply(_)
            | Self::TimeoutNow { .. }
            | Self::ReadIndex(_)
            | Self::ReadIndexReply { .. }
            | Self::ClientRequest { .. }
            | Self::ClientReply { .. } => false,
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RequestVote(_) => f.write_str("RequestVote"),
            Self::PreVote(_) => f.write_str("PreVote"),
            Self::RequestVoteReply(vote) => {
                f.write_str(if vote.granted { "vote" } else { "no vote" })
            }
            Self::PreVoteReply(vote) => {
                f.write_str(if vote.granted { "pre-vote" } else { "refused" })
            }
            Self::AppendEntries(append) => match append.entries.as_slice() {
                [] => write!(f, "heartbeat"),
                [entry] => write!(f, "Append {}", entry.payload()),
                entries => write!(f, "Append ×{}", entries.len()),
            },
            Self::AppendEntriesReply(reply) => match reply.result {
                AppendResult::Matches { .. } => f.write_str("ack"),
                AppendResult::Conflict { prev_index, .. } => write!(f, "no {prev_index}"),
                AppendResult::Stale => write!(f, "term {}", reply.term),
            },
            Self::Heartbeat(_) => f.write_str("heartbeat"),
            Self::HeartbeatReply(_) => f.write_str("ack"),
            Self::InstallSnapshot(chunk) => write!(f, "snapshot {}", chunk.last.index),
            Self::InstallSnapshotReply(_) => f.write_str("more"),
            Self::TimeoutNow { .. } => f.write_str("TimeoutNow"),
            Self::ReadIndex(_) => f.write_str("ReadIndex"),
            Self::ReadIndexReply { index, .. } => write!(f, "read at {index}"),
            Self::ClientRequest { operation, .. } => operation.fmt(f),
            Self::ClientReply { answer, .. } => match answer {
                Answer::Applied(reply) => reply.fmt(f),
                Answer::Refused(_) => f.write_str("refused"),
                Answer::NotLeader(_) => f.write_str("not leader"),
            },
        }
    }
}
