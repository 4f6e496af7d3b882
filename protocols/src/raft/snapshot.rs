//! Snapshots: the state machine as of an index, in place of the log up to there (section 7).

use std::sync::Arc;

use sim_engine::Key;

use super::log::LogStart;
use super::membership::Membership;
use super::message::Answer;

/// The state of the machine as of an applied index, with all that the log up to there said.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// The place in the log it stands for: everything up to there.
    pub last: LogStart,
    /// The members as of that index.
    pub members: Arc<Membership>,
    /// The records of the state machine, sessions included.
    pub records: Vec<Record>,
}

/// One record of the state machine.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Record {
    /// A register and its value.
    Register(Key, i64),
    /// A list and its values.
    List(Key, Vec<i64>),
    /// A lock and the session that holds it.
    Lock(Key, u64),
    /// A session, with the number of its last command and the answer to it.
    Session(u64, u64, Answer),
}

/// A part of a snapshot on its way to a follower.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Chunk {
    /// The leader's term.
    pub term: u64,
    /// Which snapshot.
    pub last: LogStart,
    /// The members as of it.
    pub members: Arc<Membership>,
    /// How many records went before.
    pub offset: u32,
    /// The next records.
    pub records: Vec<Record>,
    /// True if these are the last ones.
    pub done: bool,
}

/// The answer to a part that was not the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChunkReply {
    /// The follower's term.
    pub term: u64,
    /// The index of the snapshot that is being sent.
    pub index: u64,
    /// How many of its records the follower has.
    pub received: u32,
}

/// The part of a snapshot that a follower has so far. Lost in a crash: the transfer starts again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Incoming {
    last: LogStart,
    records: Vec<Record>,
}

impl Snapshot {
    /// At most `max` records from `offset` on.
    pub(super) fn chunk(self: &Arc<Self>, term: u64, offset: u32, max: u32) -> Chunk {
        let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX).min(self.records.len());
        let (from, until) = (place(offset), place(offset.saturating_add(max)));
        Chunk {
            term,
            last: self.last,
            members: Arc::clone(&self.members),
            offset,
            records: self.records[from..until].to_vec(),
            done: until == self.records.len(),
        }
    }
}

impl Incoming {
    /// Takes the next part; parts of another snapshot begin anew, and parts that do not fit the end
    /// of what is there are ignored.
    pub(super) fn take(incoming: Option<Self>, chunk: &Chunk) -> Self {
        let mut incoming = incoming
            .filter(|incoming| incoming.last == chunk.last)
            .unwrap_or(Self { last: chunk.last, records: Vec::new() });
        if incoming.received() == chunk.offset {
            incoming.records.extend_from_slice(&chunk.records);
        }
        incoming
    }

    /// How many records are there.
    pub(super) fn received(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    /// The whole snapshot, if this part was the last one and nothing is missing.
    pub(super) fn whole(&self, chunk: &Chunk) -> Option<Snapshot> {
        let all = chunk.offset.saturating_add(u32::try_from(chunk.records.len()).unwrap_or(0));
        (chunk.done && self.received() == all).then(|| Snapshot {
            last: self.last,
            members: Arc::clone(&chunk.members),
            records: self.records.clone(),
        })
    }
}
