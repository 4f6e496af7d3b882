//! Replication: AppendEntries, acknowledgements, the commit rule (sections 5.3, 5.4.2).

use std::collections::VecDeque;

use sim_engine::{NodeId, Ticket};

use super::Alarm;
use super::durable::Delta;
use super::facts::{Fact, StepDown};
use super::log::{Entry, Payload};
use super::message::{Append, AppendResult, Appended, Message};
use super::mutants::{
    ACK_BEFORE_FSYNC, COMMIT_OLD_TERM, COMMIT_TO_LAST_INDEX, MATCH_FROM_SENT, NO_BACKTRACK,
    NO_PREV_CHECK, SELF_COUNT_EARLY, STALE_TERM_ACCEPT, TRUNCATE_ALWAYS,
};
use super::server::{Cx, Out, Role, Server};

/// What a leader knows beside its log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Leadership {
    /// Of each peer, in the order of `Server::peers`.
    pub(super) progress: Vec<Progress>,
    /// The last index of the leader's own log that is on its disk.
    pub(super) own_match: u64,
    /// Writes under way, with the last index each of them brings.
    writing: VecDeque<(Ticket, u64)>,
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
}

/// How a leader sends to one peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pace {
    /// It looks for where the logs agree: one question at a time.
    Probe,
    /// It sends entries as they come, without waiting.
    Replicate,
}

impl Leadership {
    pub(super) fn new(peers: &[NodeId], last_index: u64) -> Self {
        let progress = peers.iter().map(|peer| Progress {
            peer: *peer,
            matched: 0,
            next: last_index + 1,
            pace: Pace::Probe,
            is_asked: false,
            is_active: false,
        });
        Self { progress: progress.collect(), own_match: last_index, writing: VecDeque::new() }
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

impl Server {
    /// A new leader's first entry, so that everything before it can commit.
    pub(super) fn append_noop(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let entry = Entry { term: self.durable.term, payload: Payload::Noop };
        self.append_own(cx, entry, out);
    }

    /// Appends an entry to the leader's own log and sends it while the disk still writes.
    pub(super) fn append_own(&mut self, cx: &mut Cx<'_>, entry: Entry, out: &mut Out) {
        let ticket = out.persist_with_ticket(&mut self.durable, Delta::Append(vec![entry]));
        let last = self.durable.log.last_index();
        let Role::Leader(leadership) = &mut self.role else { return };
        leadership.writing.push_back((ticket, last));
        if cx.mutant(SELF_COUNT_EARLY) {
            leadership.own_match = last;
        }
        self.replicate(cx, out);
        if self.peers.is_empty() || cx.mutant(SELF_COUNT_EARLY) || cx.mutant(MATCH_FROM_SENT) {
            self.advance_commit(cx, out);
        }
    }

    /// Sends every peer what it has not been sent, unless an answer must come first.
    fn replicate(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        let is_ready: Vec<bool> =
            leadership.progress.iter().map(|progress| !progress.is_asked).collect();
        for (place, _) in is_ready.into_iter().enumerate().filter(|(_, is_ready)| *is_ready) {
            self.send_append(cx, place, Content::Entries, out);
        }
    }

    /// Sends one AppendEntries to the peer at `place`.
    fn send_append(&mut self, cx: &Cx<'_>, place: usize, content: Content, out: &mut Out) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.progress[place];
        let log = &self.durable.log;
        let prev_index = progress.next - 1;
        let Some(prev_term) = log.term_at(prev_index) else { return };
        let max = match content {
            Content::Entries => cx.config().max_entries_per_append,
            Content::Nothing => 0,
        };
        let entries = log.entries_after(prev_index, max).to_vec();
        let sent = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        match progress.pace {
            Pace::Replicate => progress.next += sent,
            Pace::Probe => progress.is_asked = true,
        }
        if cx.mutant(MATCH_FROM_SENT) {
            progress.matched = progress.matched.max(prev_index + sent);
        }
        let append =
            Append { term: self.durable.term, prev_index, prev_term, entries, commit: self.commit };
        // A leader need not wait for its own disk: it counts itself only once that has written.
        out.send_now(progress.peer, Message::AppendEntries(append));
    }

    pub(super) fn on_heartbeat(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        let last = self.durable.log.last_index();
        let contents: Vec<Content> = leadership
            .progress
            .iter()
            .map(|progress| match progress.pace {
                // A probe that got no answer is repeated with its entries.
                Pace::Probe if progress.next <= last => Content::Entries,
                Pace::Probe | Pace::Replicate => Content::Nothing,
            })
            .collect();
        for (place, content) in contents.into_iter().enumerate() {
            self.send_append(cx, place, content, out);
        }
        out.set_timer(Alarm::Heartbeat, cx.config().heartbeat_interval);
    }

    pub(super) fn on_check_quorum(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let active = leadership.progress.iter().filter(|progress| progress.is_active).count() + 1;
        leadership.progress.iter_mut().for_each(|progress| progress.is_active = false);
        let after = cx.config().election_timeout.min;
        if self.is_majority(active) {
            return out.set_timer(Alarm::CheckQuorum, after);
        }
        let term = self.durable.term;
        out.announce(Fact::SteppedDown { why: StepDown::QuorumNotActive { term, after } });
        self.become_follower(cx, term, None, out);
    }

    pub(super) fn on_append_entries(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        append: &Append,
        out: &mut Out,
    ) {
        let is_stale = append.term < self.durable.term;
        if is_stale && !cx.mutant(STALE_TERM_ACCEPT) {
            let term = self.durable.term;
            let reply = Appended { term, result: AppendResult::Stale };
            return out.send(from, Message::AppendEntriesReply(reply));
        }
        if append.term == self.durable.term && matches!(self.role, Role::Leader(_)) {
            // Two leaders of one term: elections are broken, and no rule says who is to give in.
            return;
        }
        if !is_stale {
            self.follow(cx, from, append.term, out);
        }
        let log = &self.durable.log;
        let fits = log.matches(append.prev_index, append.prev_term)
            || cx.mutant(NO_PREV_CHECK) && append.prev_index <= log.last_index();
        if !fits {
            return self.reject(from, append, out);
        }
        self.take_entries(cx, from, append, out);
        let brought = u32::try_from(append.entries.len()).unwrap_or(u32::MAX);
        let index = append.prev_index + u64::from(brought);
        // Not the end of our log: what stands behind `index` may be an older leader's.
        let known =
            if cx.mutant(COMMIT_TO_LAST_INDEX) { self.durable.log.last_index() } else { index };
        self.commit = self.commit.max(append.commit.min(known));
        self.apply_committed(cx, out);
        let result = AppendResult::Matches { index, brought };
        let reply = Message::AppendEntriesReply(Appended { term: self.durable.term, result });
        if cx.mutant(ACK_BEFORE_FSYNC) {
            out.send_now(from, reply);
        } else {
            out.send(from, reply);
        }
    }

    /// The sender leads this term.
    fn follow(&mut self, cx: &mut Cx<'_>, leader: NodeId, term: u64, out: &mut Out) {
        if term > self.durable.term && !matches!(self.role, Role::Follower) {
            let own_term = self.durable.term;
            out.announce(Fact::MessageHigherTerm { from: leader, term, own_term });
        }
        if term > self.durable.term || !matches!(self.role, Role::Follower) {
            self.become_follower(cx, term, Some(leader), out);
        }
        self.set_leader(Some(leader), out);
        self.reset_election_timer(cx, out);
    }

    fn reject(&self, leader: NodeId, append: &Append, out: &mut Out) {
        let log = &self.durable.log;
        let hint_index = log.last_at_most(append.prev_index, append.prev_term);
        let hint_term = log.term_at(hint_index).unwrap_or(0);
        let prev_index = append.prev_index;
        out.announce(Fact::AppendRejected { from: leader, prev: prev_index, hint: hint_index });
        let result = AppendResult::Conflict { prev_index, hint_index, hint_term };
        let reply = Appended { term: self.durable.term, result };
        out.send(leader, Message::AppendEntriesReply(reply));
    }

    /// Makes the log equal to the leader's up to the end of what it sent. If nothing conflicts,
    /// nothing is cut: an older message must not shorten the log.
    fn take_entries(&mut self, cx: &Cx<'_>, leader: NodeId, append: &Append, out: &mut Out) {
        let known = self.durable.log.known_prefix(append.prev_index, &append.entries);
        let keep = append.prev_index + u64::try_from(known).unwrap_or(u64::MAX);
        let last = self.durable.log.last_index();
        let conflicts = known < append.entries.len() || cx.mutant(TRUNCATE_ALWAYS);
        if conflicts && keep < last {
            let dropped = self.describe(keep + 1, last);
            out.persist(&mut self.durable, Delta::TruncateAfter(keep));
            out.announce(Fact::LogTruncated { from: keep + 1, to: last, dropped, leader });
        }
        if known < append.entries.len() {
            out.persist(&mut self.durable, Delta::Append(append.entries[known..].to_vec()));
        }
    }

    fn describe(&self, from: u64, to: u64) -> String {
        match self.durable.log.entry(from) {
            Some(entry) if from == to => entry.payload.to_string(),
            _ => format!("{} entries", to + 1 - from),
        }
    }

    pub(super) fn on_appended(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        reply: Appended,
        out: &mut Out,
    ) {
        if reply.term > self.durable.term {
            return self.meet_higher_term(cx, from, reply.term, out);
        }
        if reply.term < self.durable.term {
            // An answer to an earlier reign says nothing about this one, not even who is there.
            return;
        }
        let Role::Leader(leadership) = &mut self.role else { return };
        let Some(place) = leadership.progress.iter().position(|progress| progress.peer == from)
        else {
            return;
        };
        let progress = &mut leadership.progress[place];
        progress.is_active = true;
        match reply.result {
            AppendResult::Matches { index, .. } => self.note_match(cx, place, index, out),
            AppendResult::Conflict { prev_index, hint_index, hint_term } => {
                // What the peer has on disk it cannot refuse; a probe is answered once.
                let is_stale = prev_index <= progress.matched
                    || progress.pace == Pace::Probe && prev_index + 1 != progress.next;
                if !is_stale && !cx.mutant(NO_BACKTRACK) {
                    self.back_off(cx, place, (prev_index, hint_index, hint_term), out);
                }
            }
            AppendResult::Stale => {}
        }
    }

    /// The peer's disk has the leader's log up to `index`.
    fn note_match(&mut self, cx: &mut Cx<'_>, place: usize, index: u64, out: &mut Out) {
        let last = self.durable.log.last_index();
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.progress[place];
        // With a planted bug a peer may vouch for more than the leader has.
        let index = index.min(last);
        let is_news = index > progress.matched || progress.pace == Pace::Probe;
        progress.matched = progress.matched.max(index);
        progress.next = progress.next.max(index + 1);
        progress.pace = Pace::Replicate;
        progress.is_asked = false;
        let has_more = progress.next <= last;
        if is_news {
            self.advance_commit(cx, out);
        }
        if is_news && has_more {
            self.send_append(cx, place, Content::Entries, out);
        }
    }

    /// The peer's log does not fit: go on where the two can agree at best, one term a question.
    fn back_off(
        &mut self,
        cx: &Cx<'_>,
        place: usize,
        (prev_index, hint_index, hint_term): (u64, u64, u64),
        out: &mut Out,
    ) {
        let agree = self.durable.log.last_at_most(hint_index, hint_term);
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.progress[place];
        progress.pace = Pace::Probe;
        progress.next = prev_index.min(agree + 1).max(progress.matched + 1);
        self.send_append(cx, place, Content::Entries, out);
    }

    /// Commits the highest index that a majority has on disk, if the entry there is of this term.
    pub(super) fn advance_commit(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        let mut matched: Vec<u64> =
            leadership.progress.iter().map(|progress| progress.matched).collect();
        matched.push(leadership.own_match);
        matched.sort_unstable();
        let index = matched[(matched.len() - 1) / 2];
        if index <= self.commit {
            return;
        }
        let Some(entry) = self.durable.log.entry(index).copied() else { return };
        // Figure 8: an entry of an older term on a majority can still be overwritten. It commits
        // only together with one of our own term.
        if entry.term != self.durable.term && !cx.mutant(COMMIT_OLD_TERM) {
            return;
        }
        let copies = matched.iter().filter(|matched| **matched >= index).count();
        self.commit = index;
        out.announce_now(Fact::Committed {
            index,
            term: self.durable.term,
            value: entry.payload.to_string(),
            copies: u64::try_from(copies).unwrap_or(u64::MAX),
            of: self.members(),
        });
        self.apply_committed(cx, out);
    }
}

/// What an AppendEntries is to carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    /// What the peer has not been sent.
    Entries,
    /// Nothing: a heartbeat.
    Nothing,
}
