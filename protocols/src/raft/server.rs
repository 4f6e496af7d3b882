//! A Raft server: its state, and which handler each event goes to.

use std::collections::BTreeMap;
use std::sync::Arc;

use sim_engine::{
    Cell, Duration, Effects, Event, Instant, NodeId, NodeView, Operation, RoleClass, Row, Standing,
    StepContext, Ticket,
};

use super::config::Profile;
use super::durable::{Delta, Durable};
use super::facts::{Fact, LogEnd, StepDown};
use super::log::Payload;
use super::machine::Machine;
use super::membership::Membership;
use super::message::Message;
use super::mutants::{SAME_TIMEOUTS, TERM_NOT_DURABLE};
use super::progress::Leadership;
use super::reads::OwnReads;
use super::reconfigure::Configs;
use super::snapshot::Incoming;
use super::{Alarm, RaftNode, ticks};

/// How many slots of the log a view shows at most, beside the first.
const VIEW_CELLS: u64 = 24;

/// A server.
///
/// Invariant: `applied <= commit`, and neither ever decreases in one life.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    pub(super) id: NodeId,
    /// The members, as far as they are in effect here.
    pub(super) members: Arc<Membership>,
    /// Every configuration in the log, in effect or not.
    pub(super) configs: Configs,
    /// Term, vote and log, as the disk has them or soon will.
    pub(super) durable: Durable,
    pub(super) role: Role,
    /// Who leads the current term, as far as this server knows.
    pub(super) leader: Option<NodeId>,
    /// The election timeout in force where timeouts are whole ticks. As in etcd it is drawn when
    /// the term or the role changes, and kept when a leader is heard or a pre-candidate asks again.
    pub(super) timeout: Duration,
    /// How many ticks have passed since it last heard from a leader or gave its vote; a leader's
    /// since it last looked for its quorum. Only where timeouts are whole ticks.
    pub(super) elapsed: u64,
    /// How many ticks have passed since it last sent heartbeats, where timeouts are whole ticks.
    pub(super) since_heartbeat: u64,
    /// When it last heard from a leader or gave its vote: when the election timer was set.
    pub(super) heard_at: Instant,
    /// When it woke up.
    pub(super) booted_at: Instant,
    /// The highest index known to be committed.
    pub(super) commit: u64,
    /// The highest index applied to the machine.
    pub(super) applied: u64,
    pub(super) machine: Machine,
    /// Whom to answer once an index is applied; only in the term in which the server leads.
    pub(super) waiting: BTreeMap<u64, Waiter>,
    /// What clients asked while nobody led, where they wait for that.
    pub(super) kept: Vec<(Waiter, Operation)>,
    /// Reads that wait at this server.
    pub(super) own_reads: OwnReads,
    /// The part of a snapshot that has arrived.
    pub(super) incoming: Option<Incoming>,
}

/// A client that waits for its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Waiter {
    pub(super) client: NodeId,
    pub(super) session: u64,
    pub(super) seq: u64,
}

/// What a server is in its current term.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// It follows a leader, or waits for one.
    Follower,
    /// It asks whether it could win an election.
    PreCandidate(Votes),
    /// It stands for election.
    Candidate(Votes),
    /// It leads.
    Leader(Leadership),
}

/// The votes of one election.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Votes {
    /// The write that brings the own vote to disk, if the election waits for nothing else.
    pub(super) own: Option<Ticket>,
    pub(super) granted: Vec<NodeId>,
    pub(super) rejected: Vec<NodeId>,
}

/// The short names every handler of a server uses.
pub(super) type Cx<'a> = StepContext<'a, RaftNode>;
pub(super) type Out = Effects<RaftNode>;

impl Server {
    /// A server as it wakes up: a follower of the term on its disk, with the state of its snapshot.
    pub(super) fn boot(cx: &Cx<'_>, durable: &Durable) -> Self {
        let configs = Configs::at_boot(cx.cast(), durable);
        let mut server = Self {
            id: cx.id(),
            members: Arc::default(),
            configs,
            durable: durable.clone(),
            role: Role::Follower,
            leader: None,
            timeout: Duration::ZERO,
            elapsed: 0,
            since_heartbeat: 0,
            heard_at: cx.monotonic(),
            booted_at: cx.monotonic(),
            commit: 0,
            applied: 0,
            machine: Machine::default(),
            waiting: BTreeMap::new(),
            kept: Vec::new(),
            own_reads: OwnReads::default(),
            incoming: None,
        };
        if let Some(snapshot) = &durable.snapshot {
            server.commit = snapshot.last.index;
            server.applied = snapshot.last.index;
            server.machine = Machine::restore(&snapshot.records, cx);
        }
        server.members = server.configs.in_effect(cx.config().profile, server.applied);
        server
    }

    /// One input.
    pub(super) fn step(&mut self, cx: &mut Cx<'_>, event: Event<RaftNode>, out: &mut Out) {
        let leader = self.leader;
        match event {
            Event::Started => self.on_started(cx, out),
            Event::Message { from, message } => self.on_message(cx, from, message, out),
            Event::Timer(Alarm::Election) => self.on_election_timeout(cx, out),
            Event::Timer(Alarm::Heartbeat) => self.on_heartbeat(cx, out),
            Event::Timer(Alarm::CheckQuorum) => self.on_check_quorum(cx, out),
            Event::Timer(Alarm::Transfer) => self.on_transfer_timeout(out),
            Event::Timer(Alarm::Tick) => self.on_tick(cx, out),
            Event::Synced(ticket) => self.on_synced(cx, ticket, out),
            // What the disk has lost cannot be told from here: the server exits, and its next life
            // reads what is truly there.
            Event::DiskFailed => out.halt(),
            // Timers and commands of clients are not for servers.
            Event::Timer(Alarm::Retry | Alarm::GiveUp) | Event::Command { .. } => {}
            Event::Admin(admin) => self.on_admin(cx, &admin, out),
        }
        if cx.config().profile == Profile::Etcd {
            self.tell_leader(cx, leader, out);
        }
        debug_assert!(self.applied <= self.commit, "applied {} > {}", self.applied, self.commit);
    }

    fn on_started(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        self.repair_log(out);
        out.announce(Fact::BecameFollower { term: self.durable.term });
        self.draw_timeout(cx);
        self.reset_election_timer(cx, out);
        if ticks::are_counted(cx) {
            self.start_ticks(cx, out);
        }
    }

    fn on_message(&mut self, cx: &mut Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        if cx.config().profile == Profile::Etcd && self.is_of_the_past(cx, from, &message, out) {
            return;
        }
        match message {
            Message::RequestVote(ballot) => self.on_request_vote(cx, from, ballot, out),
            Message::RequestVoteReply(vote) => self.on_vote(cx, from, vote, out),
            Message::PreVote(ballot) => self.on_pre_vote(cx, from, ballot, out),
            Message::PreVoteReply(vote) => self.on_pre_vote_reply(cx, from, vote, out),
            Message::AppendEntries(append) => self.on_append_entries(cx, from, append, out),
            Message::AppendEntriesReply(reply) => self.on_appended(cx, from, reply, out),
            Message::Heartbeat(beat) => self.on_beat(cx, from, beat, out),
            Message::HeartbeatReply(reply) => self.on_beat_reply(cx, from, reply, out),
            Message::InstallSnapshot(chunk) => self.on_chunk(cx, from, &chunk, out),
            Message::InstallSnapshotReply(reply) => self.on_chunk_reply(cx, from, reply, out),
            Message::TimeoutNow { term } => self.on_timeout_now(cx, from, term, out),
            Message::ReadIndex(id) => self.on_read_index(cx, from, id, out),
            Message::ReadIndexReply { id, index } => self.on_read_confirmed(id, index, out),
            Message::ClientRequest { session, seq, operation } => {
                self.on_request(cx, Waiter { client: from, session, seq }, operation, out);
            }
            // Answers to clients are not for servers.
            Message::ClientReply { .. } => {}
        }
    }

    /// True if nobody else votes: what is on the own disk is committed.
    pub(super) fn is_alone(&self) -> bool {
        self.members.is_quorum(|id| id == self.id)
    }

    /// The end of the server's own log.
    pub(super) fn log_end(&self) -> LogEnd {
        LogEnd { term: self.durable.log.last_term(), index: self.durable.log.last_index() }
    }

    /// Sets term and vote, on disk before anything that follows is seen.
    pub(super) fn set_ballot(
        &mut self,
        cx: &Cx<'_>,
        term: u64,
        vote: Option<NodeId>,
        out: &mut Out,
    ) {
        debug_assert!(term >= self.durable.term, "terms never decrease");
        let delta = Delta::Ballot { term, vote };
        let vote_is_lost = vote.is_some() && cx.mutant(super::mutants::VOTE_NOT_DURABLE);
        if vote_is_lost || cx.mutant(TERM_NOT_DURABLE) {
            return sim_engine::Durable::apply(&mut self.durable, &delta);
        }
        out.persist(&mut self.durable, delta);
    }

    /// Follows: because of a higher term, or of a leader of this one, or because too few answer.
    pub(super) fn become_follower(
        &mut self,
        cx: &mut Cx<'_>,
        term: u64,
        leader: Option<NodeId>,
        out: &mut Out,
    ) {
        let old = self.durable.term;
        let led = matches!(self.role, Role::Leader(_));
        let was_follower = matches!(self.role, Role::Follower);
        if term > old {
            self.set_ballot(cx, term, None, out);
        }
        self.role = Role::Follower;
        self.waiting.clear();
        if led {
            out.cancel_timer(Alarm::Heartbeat);
            out.cancel_timer(Alarm::CheckQuorum);
            out.cancel_timer(Alarm::Transfer);
            // Of etcd the message of a higher term is all that is heard.
            if term > old && cx.config().profile == Profile::Paper {
                out.announce(Fact::SteppedDown { why: StepDown::HigherTerm { old, new: term } });
            }
        }
        if term > old || !was_follower {
            self.draw_timeout(cx);
            out.announce(Fact::BecameFollower { term });
        }
        self.set_leader(cx, leader, out);
        if led || ticks::are_counted(cx) && (term > old || !was_follower) {
            // A leader has no election timer; a follower must not be without one.
            self.reset_election_timer(cx, out);
        }
    }

    /// Notes who leads. A server of etcd announces it at the end of the step.
    pub(super) fn set_leader(&mut self, cx: &Cx<'_>, leader: Option<NodeId>, out: &mut Out) {
        if self.leader == leader {
            return;
        }
        let term = self.durable.term;
        let is_told = cx.config().profile == Profile::Paper;
        if let Some(lost) = self.leader.filter(|_| is_told) {
            out.announce(Fact::LeaderLost { leader: lost, term });
        }
        if let Some(leader) = leader.filter(|_| is_told) {
            out.announce(Fact::LeaderElected { leader, term });
        }
        self.leader = leader;
        // Their answers would come from a leader that is none any more.
        self.own_reads.forget_forwarded();
    }

    /// Draws a new election timeout, if timeouts are whole ticks.
    pub(super) fn draw_timeout(&mut self, cx: &mut Cx<'_>) {
        let span = cx.config().election_timeout;
        let tick = cx.config().tick;
        if tick > Duration::ZERO {
            let ticks = (span.max.as_nanos() - span.min.as_nanos()) / tick.as_nanos() + 1;
            let drawn = if cx.mutant(SAME_TIMEOUTS) { 0 } else { cx.choose(ticks) };
            self.timeout = span.min + tick.times(drawn);
        }
    }

    /// Sets the election timer: to the timeout in force, or to a new one of any length.
    pub(super) fn reset_election_timer(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        self.heard_at = cx.monotonic();
        if ticks::are_counted(cx) {
            self.elapsed = 0;
            return;
        }
        let span = cx.config().election_timeout;
        if cx.mutant(SAME_TIMEOUTS) {
            return out.set_timer(Alarm::Election, span.min);
        }
        out.set_timer(Alarm::Election, span);
    }

    /// Applies everything committed, and answers the clients that wait for it.
    pub(super) fn apply_committed(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        if self.applied == self.commit {
            return;
        }
        while self.applied < self.commit {
            // A broken log may end before what is committed; the promises will tell.
            let Some(entry) = self.durable.log.entry(self.applied + 1) else { break };
            self.applied += 1;
            let index = self.applied;
            let (term, changes_members) =
                (entry.term(), matches!(entry.payload(), Payload::Members(_)));
            let executed = self.machine.apply(entry, cx);
            let digest = self.durable.log.digest_at(index).unwrap_or(0);
            out.announce_now(Fact::Applied { index, term, digest, executed });
            if changes_members {
                self.refresh_members(cx, out);
            }
            if let Some(waiter) = self.waiting.remove(&index)
                && let Some(answer) = self.machine.answered(waiter.session, waiter.seq)
            {
                // The answer rests on copies that are on a majority of disks, not on what we write
                // now.
                let reply = Message::ClientReply { seq: waiter.seq, answer: answer.clone() };
                out.send_now(waiter.client, reply);
            }
        }
        self.answer_confirmed_reads(out);
        self.compact_if_due(cx, out);
    }

    fn on_synced(&mut self, cx: &mut Cx<'_>, ticket: Ticket, out: &mut Out) {
        let last = self.durable.log.last_index();
        if let Role::Leader(leadership) = &mut self.role
            && leadership.note_synced(ticket, last)
        {
            self.advance_commit(cx, out);
        }
        self.on_own_vote_synced(cx, ticket, out);
    }

    /// What it is in which term.
    pub fn standing(&self) -> Standing {
        let (role, class) = match self.role {
            Role::Follower => ("follower", RoleClass::Following),
            Role::PreCandidate(_) => ("pre-candidate", RoleClass::Trying),
            Role::Candidate(_) => ("candidate", RoleClass::Trying),
            Role::Leader(_) => ("leader", RoleClass::InCharge),
        };
        let leads = matches!(self.role, Role::Leader(_));
        Standing { role, class, leads, epoch: self.durable.term }
    }

    pub(super) fn view(&self) -> NodeView {
        let last = self.durable.log.last_index();
        let first = self.durable.log.start().index + 1;
        let from = last.saturating_sub(VIEW_CELLS - 1).max(first);
        let cells =
            (first..=last).filter(|index| *index == first || *index >= from).filter_map(|index| {
                let entry = self.durable.log.entry(index)?;
                Some(Cell {
                    index,
                    value: entry.payload().to_string(),
                    epoch: entry.term(),
                    committed: index <= self.commit,
                })
            });
        let mut rows = vec![
            Row::plain("term", self.durable.term.to_string()),
            Row::plain("commit", self.commit.to_string()),
            Row::plain("applied", self.applied.to_string()),
        ];
        if let Some(snapshot) = &self.durable.snapshot {
            rows.push(Row::plain("snapshot", snapshot.last.index.to_string()));
        }
        if self.configs.has_changed() {
            rows.push(Row::plain("members", self.members.to_string()));
        }
        NodeView { cells: cells.collect(), rows }
    }
}
