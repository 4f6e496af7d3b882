//! The disk of one node: what is written, what is on the platter, and what waits for it.

use std::collections::VecDeque;

use crate::{Durable, Effect, EventId, Force, Node, Ticket};

/// The disk of one node. Writes go to the kernel at once; a sync makes all of them durable together
/// (group commit), and one sync runs at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Disk<N: Node> {
    /// What a crash leaves: everything synced.
    pub(crate) synced: N::Durable,
    /// Writes that are not synced yet, oldest first.
    unsynced: VecDeque<Write<N>>,
    /// How many writes were ever handed over, and how many of them are on the platter.
    written: u64,
    durable_writes: u64,
    /// The newest forced write: what is visible after it waits for it.
    barrier: u64,
    /// The newest write the running sync covers.
    syncing: Option<u64>,
    /// Visible effects behind the barrier, with the event that caused them, oldest first.
    waiting: VecDeque<Waiting<N>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Write<N: Node> {
    delta: <N::Durable as Durable>::Delta,
    ticket: Option<Ticket>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting<N: Node> {
    barrier: u64,
    cause: EventId,
    effect: Effect<N>,
}

/// What a write asks the engine to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterWrite {
    /// Nothing: a sync is running, or none is asked for.
    Nothing,
    /// Start a sync; it covers everything written so far.
    StartSync,
}

impl<N: Node> Disk<N> {
    pub(crate) fn new(synced: N::Durable) -> Self {
        Self {
            synced,
            unsynced: VecDeque::new(),
            written: 0,
            durable_writes: 0,
            barrier: 0,
            syncing: None,
            waiting: VecDeque::new(),
        }
    }

    /// How many writes are on the platter.
    pub(crate) fn on_disk(&self) -> u64 {
        self.durable_writes
    }

    /// True if visible effects may leave at once.
    #[inline]
    pub(crate) fn is_clear(&self) -> bool {
        self.barrier <= self.durable_writes && self.waiting.is_empty()
    }

    /// Puts a visible effect behind the writes before it.
    pub(crate) fn wait(&mut self, cause: EventId, effect: Effect<N>) {
        self.waiting.push_back(Waiting { barrier: self.barrier, cause, effect });
    }

    /// Takes a write; a forced one needs a sync.
    pub(crate) fn write(
        &mut self,
        delta: <N::Durable as Durable>::Delta,
        force: Force,
        ticket: Option<Ticket>,
    ) -> AfterWrite {
        self.written += 1;
        self.unsynced.push_back(Write { delta, ticket });
        if force == Force::Lazy {
            return AfterWrite::Nothing;
        }
        self.barrier = self.written;
        self.start_sync()
    }

    /// The running sync has only just begun: it covers everything written so far.
    pub(crate) fn extend_sync(&mut self) {
        if let Some(upto) = &mut self.syncing {
            *upto = self.written;
        }
    }

    fn start_sync(&mut self) -> AfterWrite {
        if self.syncing.is_some() || self.barrier <= self.durable_writes {
            return AfterWrite::Nothing;
        }
        self.syncing = Some(self.written);
        AfterWrite::StartSync
    }

    /// The running sync is done: its writes are on the platter. Returns them through `durable` and
    /// the tickets among them through `tickets`, and whether another sync must start.
    pub(crate) fn finish_sync(
        &mut self,
        durable: &mut Vec<<N::Durable as Durable>::Delta>,
        tickets: &mut Vec<Ticket>,
    ) -> AfterWrite {
        let upto = self.syncing.take().unwrap_or(self.durable_writes);
        while self.durable_writes < upto {
            let Some(write) = self.unsynced.pop_front() else { break };
            self.durable_writes += 1;
            self.synced.apply(&write.delta);
            tickets.extend(write.ticket);
            durable.push(write.delta);
        }
        self.start_sync()
    }

    /// The next visible effect that no longer waits.
    pub(crate) fn release(&mut self) -> Option<(EventId, Effect<N>)> {
        if self.waiting.front()?.barrier > self.durable_writes {
            return None;
        }
        self.waiting.pop_front().map(|waiting| (waiting.cause, waiting.effect))
    }

    /// The power goes: what is not synced, and what waits for it, is lost. Returns how many writes.
    pub(crate) fn crash(&mut self) -> u32 {
        let lost = u32::try_from(self.unsynced.len()).unwrap_or(u32::MAX);
        self.unsynced.clear();
        self.waiting.clear();
        self.syncing = None;
        self.written = self.durable_writes;
        self.barrier = self.durable_writes;
        lost
    }
}
