//! What a leader knows beside its log: how far every peer is, and what is under way.

use std::collections::VecDeque;

use sim_engine::{NodeId, Ticket};

use super::membership::Membership;
use super::reads::ReadQueue;

/// So many peers or fewer are found sooner one after the other.
const FEW: usize = 8;

/// What a leader knows beside its log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leadership {
    /// Of every other member, in the order of ids.
    pub(super) progress: Vec<Progress>,
    /// The last index of the leader's own log that is on its disk.
    pub(super) own_match: u64,
    /// Writes under way, with the last index each of them brings.
    pub(super) writing: VecDeque<(Ticket, u64)>,
    /// Reads that wait until the leader is sure that it leads.
    pub(super) reads: ReadQueue,
    /// To whom it hands over, and whether that one has been told.
    pub(super) transfer: Option<(NodeId, bool)>,
}

/// What a leader knows of one peer.
///
/// Invariant: `matched < next`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Progress {
    pub(super) peer: NodeId,
    /// The highest index known to be on the peer's disk. Moves only forward.
    pub(super) matched: u64,
    /// The next index to send.
    pub(super) next: u64,
    pub(super) pace: Pace,
    /// True if a probe is under way: the next one waits for its answer or for the next heartbeat.
    pub(super) is_asked: bool,
    /// True if the peer answered since the last look of CheckQuorum.
    pub(super) is_active: bool,
    /// The last index of every message with entries that is under way, oldest first.
    pub(super) inflight: VecDeque<u64>,
}

/// How a leader sends to one peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// It looks for where the logs agree: one question at a time.
    Probe,
    /// It sends entries as they come, without waiting, as long as the window is not full.
    Replicate,
    /// It sends a snapshot, part by part, and no entries until the peer has it.
    Snapshot {
        /// The index of the snapshot.
        index: u64,
        /// How many of its records the peer has.
        offset: u32,
    },
}

impl Leadership {
    pub(super) fn new(me: NodeId, members: &Membership, last_index: u64) -> Self {
        let mut leadership = Self {
            progress: Vec::new(),
            own_match: last_index,
            writing: VecDeque::new(),
            reads: ReadQueue::default(),
            transfer: None,
        };
        leadership.set_members(me, members, last_index);
        leadership
    }

    /// Keeps what is known of those who stay, forgets those who left, and begins with newcomers.
    pub(super) fn set_members(&mut self, me: NodeId, members: &Membership, last_index: u64) {
        let mut known = std::mem::take(&mut self.progress);
        for peer in members.everybody().into_iter().filter(|peer| *peer != me) {
            let place = known.iter().position(|progress| progress.peer == peer);
            let progress = place.map(|place| known.swap_remove(place));
            self.progress.push(progress.unwrap_or_else(|| Progress::new(peer, last_index)));
        }
    }

    /// How far a member's disk is known to be.
    pub(super) fn matched(&self, me: NodeId, id: NodeId) -> u64 {
        if id == me {
            return self.own_match;
        }
        self.place_of(id).map_or(0, |place| self.progress[place].matched)
    }

    /// Where the progress of a peer stands.
    pub(super) fn place_of(&self, peer: NodeId) -> Option<usize> {
        if self.progress.len() > FEW {
            return self.progress.binary_search_by_key(&peer, |progress| progress.peer).ok();
        }
        self.progress.iter().position(|progress| progress.peer == peer)
    }

    /// A write of the leader's own log is on disk. True if that may commit something.
    pub(super) fn note_synced(&mut self, ticket: Ticket, last_index: u64) -> bool {
        let Some((oldest, index)) = self.writing.front().copied() else { return false };
        if oldest != ticket {
            // A ticket of an earlier reign: its entries may have been overwritten since.
            return false;
        }
        self.writing.pop_front();
        self.own_match = self.own_match.max(index.min(last_index));
        true
    }
}

impl Progress {
    fn new(peer: NodeId, last_index: u64) -> Self {
        Self {
            peer,
            matched: 0,
            next: last_index + 1,
            pace: Pace::Probe,
            is_asked: false,
            is_active: false,
            inflight: VecDeque::new(),
        }
    }

    /// True if entries may be sent now.
    pub(super) fn is_ready(&self, max_inflight: u32) -> bool {
        match self.pace {
            Pace::Probe => !self.is_asked,
            Pace::Replicate => {
                u32::try_from(self.inflight.len()).unwrap_or(u32::MAX) < max_inflight
            }
            Pace::Snapshot { .. } => false,
        }
    }

    /// Entries up to `last` are under way.
    pub(super) fn note_sent(&mut self, last: u64) {
        match self.pace {
            Pace::Replicate => {
                self.next = last + 1;
                self.inflight.push_back(last);
            }
            Pace::Probe => self.is_asked = true,
            Pace::Snapshot { .. } => {}
        }
    }

    /// The peer's disk has everything up to `index`. True if that was not known, or if the logs are
    /// only now known to agree.
    pub(super) fn note_match(&mut self, index: u64) -> bool {
        let is_news = index > self.matched || self.pace == Pace::Probe;
        self.matched = self.matched.max(index);
        self.next = self.next.max(index + 1);
        while self.inflight.front().is_some_and(|last| *last <= index) {
            self.inflight.pop_front();
        }
        self.pace = Pace::Replicate;
        self.is_asked = false;
        is_news
    }

    /// Looks anew for where the logs agree, from `next` on.
    pub(super) fn probe(&mut self, next: u64) {
        self.pace = Pace::Probe;
        self.is_asked = false;
        self.next = next.max(self.matched + 1);
        self.inflight.clear();
    }
}
