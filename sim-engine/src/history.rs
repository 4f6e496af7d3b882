//! What clients asked and what they know of the answers.

use crate::{Ending, EventId, Instant, NodeId, OpId, Operation};

/// One operation, as its client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRecord {
    /// Its number.
    pub op: OpId,
    /// Who asked.
    pub client: NodeId,
    /// What was asked.
    pub operation: Operation,
    /// When it was invoked.
    pub invoked_at: Instant,
    /// The event of the invocation.
    pub invoked: EventId,
    /// How it ended; `None` while it is open. Open at the end of a run means unknown.
    pub ended: Option<Ended>,
}

/// The end of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// When.
    pub at: Instant,
    /// The event.
    pub event: EventId,
    /// How.
    pub ending: Ending,
}

/// The operations of a run, in the order of invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The operations.
    pub operations: Vec<OperationRecord>,
}

/// How many operations ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationCounts {
    /// Took effect, and the client knows.
    pub ok: u64,
    /// Took no effect, and the client knows.
    pub failed: u64,
    /// Nobody knows.
    pub unknown: u64,
}

impl History {
    /// How many operations ended how; open ones are unknown.
    pub fn counts(&self) -> OperationCounts {
        let mut counts = OperationCounts::default();
        for record in &self.operations {
            match record.ended.as_ref().map(|ended| &ended.ending) {
                Some(Ending::Ok(_)) => counts.ok += 1,
                Some(Ending::Failed(_)) => counts.failed += 1,
                Some(Ending::Unknown(_)) | None => counts.unknown += 1,
            }
        }
        counts
    }
}
