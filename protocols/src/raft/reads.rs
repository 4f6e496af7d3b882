//! Reads that do not go through the log: ReadIndex, leases, local reads (dissertation 6.4).

use std::collections::{BTreeMap, VecDeque};

use sim_engine::{Instant, Key, NodeId};

use super::config::Reads;
use super::facts::Fact;
use super::message::{Answer, Message, ReadId};
use super::mutants::{LOCAL_READ, NO_NOOP_READ, READ_ID_REUSE};
use super::server::{Cx, Out, Role, Server, Waiter};
use super::upkeep::Upkeep;

/// A client that waits for a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    pub(super) waiter: Waiter,
    pub(super) key: Key,
}

/// Who wants to know that the leader still leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A client of the leader.
    Client(Reader),
    /// A follower, for a client of its own.
    Server(NodeId, ReadId),
    /// The leader itself: its lease begins when it asked.
    Lease(Instant),
}

/// A read that waits for acknowledgements.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PendingRead {
    /// Unique in the reign: a read that is asked again is another read.
    id: u64,
    /// What was committed when it came.
    index: u64,
    asker: Asker,
    acks: Vec<NodeId>,
}

/// The reads of a leader. They end with its reign.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ReadQueue {
    last_id: u64,
    /// Reads that came before anything of the leader's term was committed.
    postponed: Vec<Asker>,
    pending: VecDeque<PendingRead>,
    lease_until: Instant,
}

/// The reads that wait at a server, leader or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OwnReads {
    /// Those the leader was asked about.
    forwarded: BTreeMap<ReadId, Reader>,
    /// Those that may be answered once an index is applied.
    confirmed: Vec<(u64, Reader)>,
}

impl OwnReads {
    pub(super) fn forget_forwarded(&mut self) {
        self.forwarded.clear();
    }
}

impl ReadQueue {
    /// What messages carry, so that an answer confirms every read up to the latest.
    pub(super) fn context(&self) -> u64 {
        self.pending.back().map_or(0, |read| read.id)
    }
}

impl Server {
    /// A client wants to read, and reads do not go through the log.
    pub(super) fn on_read(&mut self, cx: &mut Cx<'_>, reader: Reader, out: &mut Out) {
        let Waiter { client, session, seq } = reader.waiter;
        if cx.config().reads == Reads::Local {
            return self.answer_read(reader, out);
        }
        if matches!(self.role, Role::Leader(_)) {
            return self.lead_read(cx, Asker::Client(reader), out);
        }
        match self.leader {
            Some(leader) if cx.config().reads == Reads::ReadIndex => {
                let id = ReadId { session, seq };
                self.own_reads.forwarded.insert(id, reader);
                out.send_now(leader, Message::ReadIndex(id));
            }
            leader => {
                let answer = Answer::NotLeader(leader);
                out.send(client, Message::ClientReply { seq, answer });
            }
        }
    }

    /// A follower asks for a client.
    pub(super) fn on_read_index(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        id: ReadId,
        out: &mut Out,
    ) {
        if matches!(self.role, Role::Leader(_)) {
            self.lead_read(cx, Asker::Server(from, id), out);
        }
    }

    /// The leader has answered: the read may be served once `index` is applied here.
    pub(super) fn on_read_confirmed(&mut self, id: ReadId, index: u64, out: &mut Out) {
        if let Some(reader) = self.own_reads.forwarded.remove(&id) {
            self.own_reads.confirmed.push((index, reader));
            self.answer_confirmed_reads(out);
        }
    }

    /// Answers the reads that waited for what is applied by now.
    pub(super) fn answer_confirmed_reads(&mut self, out: &mut Out) {
        if self.own_reads.confirmed.is_empty() {
            return;
        }
        let applied = self.applied;
        let (ready, waiting) = std::mem::take(&mut self.own_reads.confirmed)
            .into_iter()
            .partition(|(index, _)| *index <= applied);
        self.own_reads.confirmed = waiting;
        for (_, reader) in ready {
            self.answer_read(reader, out);
        }
    }

    pub(super) fn answer_read(&self, reader: Reader, out: &mut Out) {
        let Waiter { client, session, seq } = reader.waiter;
        out.announce_now(Fact::Upkeep(Upkeep::ReadServed { session, seq, index: self.applied }));
        let answer = Answer::Applied(self.machine.read(reader.key));
        out.send_now(client, Message::ClientReply { seq, answer });
    }

    /// A read at the leader. Before an entry of its own term is committed the leader cannot know
    /// what is.
    fn lead_read(&mut self, cx: &mut Cx<'_>, asker: Asker, out: &mut Out) {
        let is_sure = self.has_committed_own_term() || cx.mutant(NO_NOOP_READ);
        let is_handing_over = self.is_handing_over();
        let Role::Leader(leadership) = &mut self.role else { return };
        if !is_sure {
            return leadership.reads.postponed.push(asker);
        }
        // Whoever takes over may be elected before the lease ends.
        let has_lease = cx.config().reads == Reads::Lease
            && cx.monotonic() < leadership.reads.lease_until
            && !is_handing_over;
        if has_lease || cx.mutant(LOCAL_READ) || self.is_alone() {
            return self.confirm(cx, asker, self.commit, out);
        }
        self.ask_for_confirmation(cx, asker);
        self.send_heartbeats(cx, out);
    }

    fn ask_for_confirmation(&mut self, cx: &Cx<'_>, asker: Asker) {
        let index = self.commit;
        let Role::Leader(leadership) = &mut self.role else { return };
        let reads = &mut leadership.reads;
        reads.last_id += 1;
        let id = match asker {
            Asker::Server(_, ReadId { session, .. })
            | Asker::Client(Reader { waiter: Waiter { session, .. }, .. })
                if cx.mutant(READ_ID_REUSE) =>
            {
                session
            }
            Asker::Server(..) | Asker::Client(_) | Asker::Lease(_) => reads.last_id,
        };
        reads.pending.push_back(PendingRead { id, index, asker, acks: Vec::new() });
    }

    /// With every heartbeat a leader asks for another lease, unless it still waits for one.
    pub(super) fn renew_lease(&mut self, cx: &Cx<'_>) {
        if cx.config().reads != Reads::Lease || self.is_handing_over() {
            return;
        }
        let Role::Leader(leadership) = &self.role else { return };
        let waits =
            leadership.reads.pending.iter().any(|read| matches!(read.asker, Asker::Lease(_)));
        if !waits {
            self.ask_for_confirmation(cx, Asker::Lease(cx.monotonic()));
        }
    }

    /// A follower has answered a message that carried a read: it did not know of a later leader.
    pub(super) fn note_context(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        context: u64,
        out: &mut Out,
    ) {
        let me = self.id;
        let Role::Leader(leadership) = &mut self.role else { return };
        let pending = &mut leadership.reads.pending;
        let Some(place) = pending.iter().position(|read| read.id == context) else { return };
        let read = &mut pending[place];
        if !read.acks.contains(&from) {
            read.acks.push(from);
        }
        let acks = &pending[place].acks;
        if self.members.is_quorum(|id| id == me || acks.contains(&id)) {
            let confirmed: Vec<PendingRead> = pending.drain(..=place).collect();
            for read in confirmed {
                self.confirm(cx, read.asker, read.index, out);
            }
        }
    }

    /// The leader led when `index` was what it had committed.
    fn confirm(&mut self, cx: &Cx<'_>, asker: Asker, index: u64, out: &mut Out) {
        match asker {
            Asker::Client(reader) => self.answer_read(reader, out),
            Asker::Server(from, id) => out.send_now(from, Message::ReadIndexReply { id, index }),
            Asker::Lease(since) => {
                let length = cx.config().lease();
                let Role::Leader(leadership) = &mut self.role else { return };
                leadership.reads.lease_until = since + length;
            }
        }
    }

    /// Something of the own term may be committed now: reads that waited for that go on.
    pub(super) fn start_postponed_reads(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let is_sure = self.has_committed_own_term();
        let Role::Leader(leadership) = &mut self.role else { return };
        if leadership.reads.postponed.is_empty() || !is_sure {
            return;
        }
        for asker in std::mem::take(&mut leadership.reads.postponed) {
            self.lead_read(cx, asker, out);
        }
    }

    /// True if this server may have vouched for a lease that it does not remember.
    pub(super) fn may_have_vouched(&self, cx: &Cx<'_>) -> bool {
        cx.config().reads == Reads::Lease
            && cx.monotonic() - self.booted_at < cx.config().election_timeout.min
    }
}
