//! Taking snapshots, compacting the log, and sending a snapshot to a follower that lacks what was
//! compacted (section 7).

use std::sync::Arc;

use sim_engine::NodeId;

use super::durable::Delta;
use super::facts::Fact;
use super::log::LogStart;
use super::machine::Machine;
use super::message::{AppendResult, Appended, Message};
use super::mutants::SNAPSHOT_REWINDS;
use super::progress::Pace;
use super::server::{Cx, Out, Role, Server};
use super::snapshot::{Chunk, ChunkReply, Incoming, Snapshot};
use super::upkeep::Upkeep;

impl Server {
    /// Takes a snapshot if enough was applied since the last one.
    pub(super) fn compact_if_due(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let after = cx.config().compact_after;
        if after > 0 && self.applied - self.snapshot_index() >= after {
            self.take_snapshot(cx, out);
        }
    }

    fn snapshot_index(&self) -> u64 {
        self.durable.snapshot.as_ref().map_or(0, |snapshot| snapshot.last.index)
    }

    /// Takes a snapshot of what is applied and drops the entries it stands for. The disk gets the
    /// snapshot first: a crash in between leaves both.
    pub(super) fn take_snapshot(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let index = self.applied;
        let log = &self.durable.log;
        let (Some(term), Some(digest)) = (log.term_at(index), log.digest_at(index)) else { return };
        if index <= self.snapshot_index() {
            return;
        }
        let snapshot = Snapshot {
            last: LogStart { index, term, digest },
            members: self.configs.as_of(index),
            records: self.machine.records(),
        };
        let records = u64::try_from(snapshot.records.len()).unwrap_or(u64::MAX);
        out.persist_lazily(&mut self.durable, Delta::Snapshot(Arc::new(snapshot)));
        out.announce(Fact::Upkeep(Upkeep::SnapshotTaken { index, term, records }));
        let until = index.saturating_sub(cx.config().compact_keeps);
        if until > self.durable.log.start().index {
            out.persist_lazily(&mut self.durable, Delta::Compact(until));
        }
    }

    /// After a crash between a snapshot that was installed and the end of the old log: the snapshot
    /// counts, unless the log has what it stands for.
    pub(super) fn repair_log(&mut self, out: &mut Out) {
        let Some(snapshot) = &self.durable.snapshot else { return };
        let last = snapshot.last;
        if last.index > self.durable.log.start().index
            && !self.durable.log.matches(last.index, last.term)
        {
            out.persist(&mut self.durable, Delta::RestartLog);
        }
    }

    /// Sends the next part of the snapshot to the peer at `place`, or the same one again.
    pub(super) fn send_snapshot(&mut self, cx: &Cx<'_>, place: usize, out: &mut Out) {
        let Some(snapshot) = self.durable.snapshot.clone() else { return };
        let Role::Leader(leadership) = &mut self.role else { return };
        let progress = &mut leadership.progress[place];
        let index = snapshot.last.index;
        let offset = match progress.pace {
            Pace::Snapshot { index: sent, offset } if sent == index => offset,
            // The first part of the first snapshot, or of one that is newer than what was sent.
            Pace::Snapshot { .. } | Pace::Probe | Pace::Replicate => {
                let peer = progress.peer;
                out.announce(Fact::Upkeep(Upkeep::SnapshotSent { to: peer, index }));
                0
            }
        };
        progress.pace = Pace::Snapshot { index, offset };
        progress.inflight.clear();
        let chunk = snapshot.chunk(self.durable.term, offset, cx.config().snapshot_chunk);
        out.send_now(progress.peer, Message::InstallSnapshot(Box::new(chunk)));
    }

    pub(super) fn on_chunk(&mut self, cx: &mut Cx<'_>, from: NodeId, chunk: &Chunk, out: &mut Out) {
        let term = self.durable.term;
        if chunk.term < term {
            let reply = Appended { term, result: AppendResult::Stale, context: 0 };
            return out.send(from, Message::AppendEntriesReply(reply));
        }
        if chunk.term == term && matches!(self.role, Role::Leader(_)) {
            return;
        }
        self.follow(cx, from, chunk.term, out);
        let term = self.durable.term;
        let is_old = chunk.last.index <= self.commit && !cx.mutant(SNAPSHOT_REWINDS);
        if !is_old {
            let incoming = Incoming::take(self.incoming.take(), chunk);
            let received = incoming.received();
            let Some(snapshot) = incoming.whole(chunk) else {
                self.incoming = Some(incoming);
                let reply = ChunkReply { term, index: chunk.last.index, received };
                return out.send(from, Message::InstallSnapshotReply(reply));
            };
            self.install(cx, from, snapshot, out);
        }
        let result = AppendResult::Matches { index: self.commit, brought: 0 };
        let reply = Appended { term, result, context: 0 };
        out.send(from, Message::AppendEntriesReply(reply));
    }

    /// Takes over the state of a snapshot that is whole. Entries behind it stay if the log has the
    /// one it ends with.
    fn install(&mut self, cx: &mut Cx<'_>, leader: NodeId, snapshot: Snapshot, out: &mut Out) {
        let last = snapshot.last;
        let keeps_log = self.durable.log.matches(last.index, last.term);
        self.machine = Machine::restore(&snapshot.records, cx);
        out.persist(&mut self.durable, Delta::Snapshot(Arc::new(snapshot)));
        let after = if keeps_log { Delta::Compact(last.index) } else { Delta::RestartLog };
        out.persist(&mut self.durable, after);
        self.commit = last.index;
        self.applied = last.index;
        self.waiting.clear();
        let LogStart { index, term, digest } = last;
        out.announce(Fact::Upkeep(Upkeep::SnapshotInstalled { from: leader, index, term, digest }));
        self.restart_members(cx, out);
        self.answer_confirmed_reads(out);
    }

    pub(super) fn on_chunk_reply(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        reply: ChunkReply,
        out: &mut Out,
    ) {
        if reply.term > self.durable.term {
            return self.meet_higher_term(cx, from, reply.term, out);
        }
        let Role::Leader(leadership) = &mut self.role else { return };
        let Some(place) = leadership.place_of(from) else { return };
        if reply.term < self.durable.term {
            return;
        }
        let progress = &mut leadership.progress[place];
        progress.is_active = true;
        let Pace::Snapshot { index, offset } = progress.pace else { return };
        if index != reply.index || offset == reply.received {
            return;
        }
        progress.pace = Pace::Snapshot { index, offset: reply.received };
        // A follower that has less than it had has restarted: the next heartbeat begins again.
        if reply.received > offset {
            self.send_snapshot(cx, place, out);
        }
    }
}
