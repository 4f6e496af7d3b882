//! The follower's side of replication: taking entries and heartbeats (section 5.3).

use sim_engine::NodeId;

use super::config::Profile;
use super::durable::Delta;
use super::facts::Fact;
use super::log::Entry;
use super::message::{Append, AppendResult, Appended, Beat, BeatReply, Message};
use super::mutants::{
    ACK_BEFORE_FSYNC, COMMIT_TO_LAST_INDEX, NO_PREV_CHECK, STALE_TERM_ACCEPT, TRUNCATE_ALWAYS,
};
use super::server::{Cx, Out, Role, Server};

impl Server {
    pub(super) fn on_append_entries(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        append: Append,
        out: &mut Out,
    ) {
        let context = append.context;
        let is_stale = append.term < self.durable.term;
        if is_stale && !cx.mutant(STALE_TERM_ACCEPT) {
            let reply = Appended { term: self.durable.term, result: AppendResult::Stale, context };
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
        let is_old = append.prev_index < log.start().index
            || cx.config().profile == Profile::Etcd && append.prev_index < self.commit;
        if is_old {
            // An old message: all that is committed here the leader has, too.
            let result = AppendResult::Matches { index: self.commit, brought: 0 };
            let reply = Appended { term: self.durable.term, result, context };
            return out.send(from, Message::AppendEntriesReply(reply));
        }
        let fits = log.matches(append.prev_index, append.prev_term)
            || cx.mutant(NO_PREV_CHECK) && append.prev_index <= log.last_index();
        if !fits {
            return self.reject(from, &append, out);
        }
        let brought = u32::try_from(append.entries.len()).unwrap_or(u32::MAX);
        let index = append.prev_index + u64::from(brought);
        self.take_entries(cx, from, (append.prev_index, append.entries), out);
        // Not the end of our log: what stands behind `index` may be an older leader's.
        let known =
            if cx.mutant(COMMIT_TO_LAST_INDEX) { self.durable.log.last_index() } else { index };
        self.commit = self.commit.max(append.commit.min(known));
        self.apply_committed(cx, out);
        let result = AppendResult::Matches { index, brought };
        let reply = Appended { term: self.durable.term, result, context };
        let reply = Message::AppendEntriesReply(reply);
        if cx.mutant(ACK_BEFORE_FSYNC) {
            out.send_now(from, reply);
        } else {
            out.send(from, reply);
        }
    }

    pub(super) fn on_beat(&mut self, cx: &mut Cx<'_>, from: NodeId, beat: Beat, out: &mut Out) {
        let is_own_term = beat.term == self.durable.term;
        if is_own_term && matches!(self.role, Role::Leader(_)) {
            return;
        }
        let is_stale = beat.term < self.durable.term;
        if is_stale && cx.config().profile == Profile::Etcd {
            let (term, context) = (self.durable.term, beat.context);
            let reply = Appended { term, result: AppendResult::Stale, context };
            return out.send(from, Message::AppendEntriesReply(reply));
        }
        if !is_stale {
            self.follow(cx, from, beat.term, out);
            self.commit = self.commit.max(beat.commit.min(self.durable.log.last_index()));
            self.apply_committed(cx, out);
        }
        // To a leader of an older term this says that there is a newer one.
        let reply = BeatReply { term: self.durable.term, context: beat.context };
        out.send(from, Message::HeartbeatReply(reply));
    }

    /// The sender leads this term.
    pub(super) fn follow(&mut self, cx: &mut Cx<'_>, leader: NodeId, term: u64, out: &mut Out) {
        let is_told = cx.config().profile == Profile::Paper;
        if is_told && term > self.durable.term && !matches!(self.role, Role::Follower) {
            let own_term = self.durable.term;
            out.announce(Fact::MessageHigherTerm { from: leader, term, own_term });
        }
        if term > self.durable.term || !matches!(self.role, Role::Follower) {
            self.become_follower(cx, term, Some(leader), out);
        }
        self.set_leader(cx, Some(leader), out);
        self.reset_election_timer(cx, out);
    }

    fn reject(&self, leader: NodeId, append: &Append, out: &mut Out) {
        let log = &self.durable.log;
        let hint_index = log.last_at_most(append.prev_index, append.prev_term);
        let hint_term = log.term_at(hint_index).unwrap_or(0);
        let prev_index = append.prev_index;
        out.announce(Fact::AppendRejected { from: leader, prev: prev_index, hint: hint_index });
        let result = AppendResult::Conflict { prev_index, hint_index, hint_term };
        let reply = Appended { term: self.durable.term, result, context: append.context };
        out.send(leader, Message::AppendEntriesReply(reply));
    }

    /// Makes the log equal to the leader's up to the end of what it sent. If nothing conflicts,
    /// nothing is cut: an older message must not shorten the log.
    fn take_entries(
        &mut self,
        cx: &mut Cx<'_>,
        leader: NodeId,
        (prev_index, mut entries): (u64, Vec<Entry>),
        out: &mut Out,
    ) {
        let known = self.durable.log.known_prefix(prev_index, &entries);
        let keep = prev_index + u64::try_from(known).unwrap_or(u64::MAX);
        let last = self.durable.log.last_index();
        let conflicts = known < entries.len() || cx.mutant(TRUNCATE_ALWAYS);
        if conflicts && keep < last {
            let dropped = self.describe(keep + 1, last);
            out.persist(&mut self.durable, Delta::TruncateAfter(keep));
            out.announce(Fact::LogTruncated { from: keep + 1, to: last, dropped, leader });
            self.note_truncated_members(cx, keep, out);
        }
        entries.drain(..known);
        if !entries.is_empty() {
            out.persist(&mut self.durable, Delta::Append(entries));
            self.note_appended_members(cx, keep + 1, out);
        }
    }

    fn describe(&self, from: u64, to: u64) -> String {
        match self.durable.log.entry(from) {
            Some(entry) if from == to => entry.payload().to_string(),
            _ => format!("{} entries", to + 1 - from),
        }
    }
}
