//! The leader's side of replication: AppendEntries, heartbeats, acknowledgements, the commit rule
//! (sections 5.3, 5.4.2). How a follower takes entries is in `append.rs`.

use sim_engine::NodeId;

use super::config::Profile;
use super::durable::Delta;
use super::facts::{Fact, StepDown};
use super::log::{Entry, Payload};
use super::message::{Append, AppendResult, Appended, Beat, BeatReply, Message};
use super::mutants::{
    COMMIT_OLD_TERM, HEARTBEAT_FULL_COMMIT, MATCH_FROM_SENT, NO_BACKTRACK, NO_STEP_DOWN,
    SELF_COUNT_EARLY,
};
use super::progress::Pace;
use super::server::{Cx, Out, Role, Server};
use super::{Alarm, ticks};

impl Server {
    /// A new leader's first entry, so that everything before it can commit.
    pub(super) fn append_noop(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let entry = Entry::new(self.durable.term, Payload::Noop);
        self.append_own(cx, entry, out);
    }

    /// Appends an entry to the leader's own log and sends it while the disk still writes.
    pub(super) fn append_own(&mut self, cx: &mut Cx<'_>, entry: Entry, out: &mut Out) {
        let is_members = matches!(entry.payload(), Payload::Members(_));
        let ticket = out.persist_with_ticket(&mut self.durable, Delta::Append(vec![entry]));
        let last = self.durable.log.last_index();
        let Role::Leader(leadership) = &mut self.role else { return };
        leadership.writing.push_back((ticket, last));
        if cx.mutant(SELF_COUNT_EARLY) {
            leadership.own_match = last;
        }
        if is_members {
            self.note_appended_members(cx, last, out);
        }
        self.replicate(cx, out);
        if self.is_alone() || cx.mutant(SELF_COUNT_EARLY) || cx.mutant(MATCH_FROM_SENT) {
            self.advance_commit(cx, out);
        }
    }

    /// Sends every peer what it has not been sent, unless an answer must come first.
    pub(super) fn replicate(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        for place in 0..leadership.progress.len() {
            self.send_pending(cx, place, out);
        }
    }

    /// Sends the peer at `place` what it has not been sent, as far as its window allows.
    pub(super) fn send_pending(&mut self, cx: &Cx<'_>, place: usize, out: &mut Out) {
        let last = self.durable.log.last_index();
        while let Role::Leader(leadership) = &self.role
            && let Some(progress) = leadership.progress.get(place)
            && progress.next <= last
            && progress.is_ready(cx.config().max_inflight)
        {
            self.send_append(cx, place, Content::Entries, out);
        }
    }

    /// Sends one AppendEntries to the peer at `place`, or a part of the snapshot if the entries it
    /// needs are gone.
    fn send_append(&mut self, cx: &Cx<'_>, place: usize, content: Content, out: &mut Out) {
        let Role::Leader(leadership) = &mut self.role else { return };
        let read = leadership.reads.context();
        let progress = &mut leadership.progress[place];
        let log = &self.durable.log;
        let prev_index = progress.next - 1;
        let Some(prev_term) = log.term_at(prev_index) else {
            return self.send_snapshot(cx, place, out);
        };
        let max = match content {
            Content::Entries => cx.config().max_entries_per_append,
            Content::Nothing => 0,
        };
        let entries = log.entries_after(prev_index, max).to_vec();
        let last_sent = prev_index + u64::try_from(entries.len()).unwrap_or(0);
        if last_sent > prev_index || progress.pace == Pace::Probe {
            progress.note_sent(last_sent);
        }
        if cx.mutant(MATCH_FROM_SENT) {
            progress.matched = progress.matched.max(last_sent);
        }
        let (term, commit) = (self.durable.term, self.commit);
        let append = Append { term, prev_index, prev_term, entries, commit, context: read };
        // A leader need not wait for its own disk: it counts itself only once that has written.
        out.send_now(progress.peer, Message::AppendEntries(append));
    }

    pub(super) fn on_heartbeat(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        if !matches!(self.role, Role::Leader(_)) {
            return;
        }
        self.renew_lease(cx);
        self.send_heartbeats(cx, out);
        if !ticks::are_counted(cx) {
            out.set_timer(Alarm::Heartbeat, cx.config().heartbeat_interval);
        }
    }

    /// Shows every peer that the leader is there, and repeats what got no answer.
    pub(super) fn send_heartbeats(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        for place in 0..leadership.progress.len() {
            let Role::Leader(leadership) = &self.role else { return };
            match leadership.progress[place].pace {
                Pace::Snapshot { .. } => self.send_snapshot(cx, place, out),
                Pace::Probe | Pace::Replicate if cx.config().profile == Profile::Etcd => {
                    self.send_beat(cx, place, out);
                }
                Pace::Probe | Pace::Replicate => {
                    self.send_append(cx, place, Content::Nothing, out);
                }
            }
        }
    }

    /// Sends a heartbeat of its own. It knows no place in the log: what it lets the follower commit
    /// must be what the follower is known to have.
    fn send_beat(&self, cx: &Cx<'_>, place: usize, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        let progress = &leadership.progress[place];
        let known = if cx.mutant(HEARTBEAT_FULL_COMMIT) { self.commit } else { progress.matched };
        let beat = Beat {
            term: self.durable.term,
            commit: self.commit.min(known),
            context: leadership.reads.context(),
        };
        out.send_now(progress.peer, Message::Heartbeat(beat));
    }

    pub(super) fn on_beat_reply(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        reply: BeatReply,
        out: &mut Out,
    ) {
        if reply.term > self.durable.term {
            return self.meet_higher_term(cx, from, reply.term, out);
        }
        if reply.term < self.durable.term {
            return;
        }
        let max_inflight = cx.config().max_inflight;
        let Role::Leader(leadership) = &mut self.role else { return };
        let Some(place) = leadership.place_of(from) else { return };
        let progress = &mut leadership.progress[place];
        progress.is_active = true;
        progress.is_asked = false;
        if progress.pace == Pace::Replicate && !progress.is_ready(max_inflight) {
            // The window is full and the answers may be lost: room for one message.
            progress.inflight.pop_front();
        }
        if progress.matched < self.durable.log.last_index() && progress.is_ready(max_inflight) {
            self.send_append(cx, place, Content::Entries, out);
        }
        self.note_context(cx, from, reply.context, out);
    }

    pub(super) fn on_check_quorum(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let me = self.id;
        let Role::Leader(leadership) = &mut self.role else { return };
        let is_active = |id: NodeId| {
            id == me || leadership.progress.iter().any(|peer| peer.peer == id && peer.is_active)
        };
        let has_quorum = self.members.is_quorum(is_active);
        leadership.progress.iter_mut().for_each(|progress| progress.is_active = false);
        let after = cx.config().election_timeout.min;
        if has_quorum || cx.mutant(NO_STEP_DOWN) {
            if !ticks::are_counted(cx) {
                out.set_timer(Alarm::CheckQuorum, after);
            }
            return;
        }
        let term = self.durable.term;
        out.announce(Fact::SteppedDown { why: StepDown::QuorumNotActive { term, after } });
        self.become_follower(cx, term, None, out);
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
        let Some(place) = leadership.place_of(from) else { return };
        let progress = &mut leadership.progress[place];
        progress.is_active = true;
        match reply.result {
            AppendResult::Matches { index, .. } => self.note_match(cx, place, index, out),
            AppendResult::Conflict { prev_index, hint_index, hint_term } => {
                // What the peer has on disk it cannot refuse; a probe is answered once.
                let is_stale = prev_index <= progress.matched
                    || progress.pace == Pace::Probe && prev_index + 1 != progress.next
                    || matches!(progress.pace, Pace::Snapshot { .. });
                if !is_stale && !cx.mutant(NO_BACKTRACK) {
                    self.back_off(cx, place, (prev_index, hint_index, hint_term), out);
                }
            }
            AppendResult::Stale => {}
        }
        if reply.context != 0 {
            self.note_context(cx, from, reply.context, out);
        }
    }

    /// The peer's disk has the leader's log up to `index`.
    fn note_match(&mut self, cx: &mut Cx<'_>, place: usize, index: u64, out: &mut Out) {
        let (last, start) = (self.durable.log.last_index(), self.durable.log.start().index);
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.progress[place];
        // With a planted bug a peer may vouch for more than the leader has.
        let index = index.min(last);
        if matches!(progress.pace, Pace::Snapshot { .. }) && index < start {
            // It still lacks what the snapshot stands for.
            return;
        }
        if progress.note_match(index) {
            let peer = progress.peer;
            if index > self.commit {
                self.advance_commit(cx, out);
            }
            self.send_pending(cx, place, out);
            self.hand_over_if_ready(peer, out);
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
        // Where the peer's log ends before ours begins, only the snapshot helps.
        let agree = if hint_index < self.durable.log.start().index { hint_index } else { agree };
        leadership.progress[place].probe(prev_index.min(agree + 1));
        self.send_append(cx, place, Content::Entries, out);
    }

    /// Commits the highest index that a majority has on disk, if the entry there is of this term.
    pub(super) fn advance_commit(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        let counted = self.counted_members(cx);
        if !counted.is_quorum(|id| leadership.matched(self.id, id) > self.commit) {
            return;
        }
        let index = counted.committed(|id| leadership.matched(self.id, id));
        if index <= self.commit {
            return;
        }
        let Some(entry) = self.durable.log.entry(index) else { return };
        // Figure 8: an entry of an older term on a majority can still be overwritten. It commits
        // only together with one of our own term.
        if entry.term() != self.durable.term && !cx.mutant(COMMIT_OLD_TERM) {
            return;
        }
        let copies = counted.count_voters(|id| leadership.matched(self.id, id) >= index);
        let (term, value) = (self.durable.term, entry.payload().clone());
        let of = counted.count_voters(|_| true);
        out.announce_now(Fact::Committed { index, term, value, copies, of });
        self.commit = index;
        if cx.config().profile == Profile::Etcd {
            self.send_commit(out);
        }
        self.apply_committed(cx, out);
        self.start_postponed_reads(cx, out);
        self.settle_members(cx, out);
    }

    /// Tells everybody who has something that it is committed, without waiting for a heartbeat.
    fn send_commit(&self, out: &mut Out) {
        let Role::Leader(leadership) = &self.role else { return };
        let (term, commit, context) = (self.durable.term, self.commit, leadership.reads.context());
        for progress in leadership.progress.iter().filter(|peer| peer.pace == Pace::Replicate) {
            let prev_index = progress.matched;
            let Some(prev_term) = self.durable.log.term_at(prev_index) else { continue };
            let entries = Vec::new();
            let append = Append { term, prev_index, prev_term, entries, commit, context };
            out.send_now(progress.peer, Message::AppendEntries(append));
        }
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
