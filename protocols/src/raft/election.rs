//! Elections: timeouts, ballots, votes, PreVote (sections 5.2, 5.4.1; dissertation 4.2.3, 9.6).

use sim_engine::{NodeId, Ticket};

use super::config::Profile;
use super::durable::Delta;
use super::etcd::EtcdFact;
use super::facts::{Fact, LogEnd, Poll};
use super::membership::Tally;
use super::message::{Ballot, Message, Vote};
use super::mutants::{
    CANDIDATE_GIVES_UP, COUNT_OLD_VOTES, LEARNER_REFUSES, LENGTH_ONLY_CHECK, NO_LOG_CHECK,
    PREVOTE_BUMPS_TERM, TERM_NOT_DURABLE, TIMER_RESET_ON_REFUSE, VOTE_NOT_DURABLE,
};
use super::progress::Leadership;
use super::server::{Cx, Out, Role, Server, Votes};
use super::{Alarm, ticks};

impl Server {
    pub(super) fn on_election_timeout(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        if matches!(self.role, Role::Leader(_)) {
            return;
        }
        if !self.may_stand() {
            // Learners, and servers that belong to no cluster, wait without end.
            return self.reset_election_timer(cx, out);
        }
        let term = self.durable.term;
        let waited = cx.monotonic() - self.heard_at;
        let pre = cx.config().pre_vote;
        out.announce(Fact::ElectionTimeout { term, waited, next_term: term + 1, pre });
        if pre {
            self.ask_before_standing(cx, out);
        } else {
            self.stand(cx, false, out);
        }
    }

    /// Asks whether an election could be won. Changes neither term nor vote.
    fn ask_before_standing(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let term = self.durable.term;
        self.role = Role::PreCandidate(Votes { granted: vec![self.id], ..Votes::default() });
        out.announce(Fact::BecamePreCandidate { term });
        out.announce(self.vote_request(true));
        self.set_leader(cx, None, out);
        let heard_at = self.heard_at;
        self.reset_election_timer(cx, out);
        // Asking is no sign of a leader: how long there was silence goes on counting.
        self.heard_at = heard_at;
        if self.is_alone() {
            return self.stand(cx, false, out);
        }
        let log = self.log_end();
        let (last_index, last_term) = (log.index, log.term);
        let ballot = Ballot { term: term + 1, last_index, last_term, transfer: false };
        for peer in self.other_voters() {
            out.send(peer, Message::PreVote(ballot));
        }
    }

    /// Stands for election: a new term, a vote for itself, and a question to everybody.
    pub(super) fn stand(&mut self, cx: &mut Cx<'_>, transfer: bool, out: &mut Out) {
        let term = self.durable.term + 1;
        // The own vote is on disk before anybody is asked: after a crash we must not vote for
        // another candidate of this term.
        self.set_ballot(cx, term, Some(self.id), out);
        self.draw_timeout(cx);
        self.role = Role::Candidate(Votes { granted: vec![self.id], ..Votes::default() });
        out.announce(Fact::BecameCandidate { term });
        out.announce(self.vote_request(false));
        self.set_leader(cx, None, out);
        if !cx.mutant(CANDIDATE_GIVES_UP) {
            self.reset_election_timer(cx, out);
        }
        if self.is_alone() {
            return self.await_own_vote(cx, out);
        }
        let log = self.log_end();
        let (last_index, last_term) = (log.index, log.term);
        let ballot = Ballot { term, last_index, last_term, transfer };
        for peer in self.other_voters() {
            out.send(peer, Message::RequestVote(ballot));
        }
    }

    /// Nobody else votes: the election is won once the own vote is on disk. What a leader sends
    /// does not wait for its disk, and after a crash it must not lead the same term again.
    fn await_own_vote(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        if cx.mutant(VOTE_NOT_DURABLE) || cx.mutant(TERM_NOT_DURABLE) {
            return self.lead(cx, out);
        }
        let delta = Delta::Ballot { term: self.durable.term, vote: Some(self.id) };
        let ticket = out.persist_with_ticket(&mut self.durable, delta);
        if let Role::Candidate(votes) = &mut self.role {
            votes.own = Some(ticket);
        }
    }

    /// The own vote may be on disk now.
    pub(super) fn on_own_vote_synced(&mut self, cx: &mut Cx<'_>, ticket: Ticket, out: &mut Out) {
        let Role::Candidate(votes) = &self.role else { return };
        if votes.own == Some(ticket) && self.is_alone() {
            self.lead(cx, out);
        }
    }

    fn vote_request(&self, pre: bool) -> Fact {
        Fact::VoteRequest {
            to: self.other_voters(),
            term: self.durable.term,
            log: self.log_end(),
            pre,
        }
    }

    /// True if a candidate must be ignored because a leader was heard within the shortest timeout.
    fn hears_a_leader(&self, cx: &Cx<'_>, pre: bool) -> bool {
        let config = cx.config();
        // In etcd the test belongs to CheckQuorum; the dissertation puts it into PreVote.
        let is_tested =
            config.check_quorum || pre && config.pre_vote && config.profile == Profile::Paper;
        let leads = matches!(self.role, Role::Leader(_));
        let heard_lately = if ticks::are_counted(cx) {
            self.lease_ticks(cx) > 0
        } else {
            cx.monotonic() - self.heard_at < config.election_timeout.min
        };
        is_tested && (leads || self.leader.is_some() && heard_lately) || self.may_have_vouched(cx)
    }

    fn ignored(&self, cx: &Cx<'_>, from: NodeId, pre: bool) -> Fact {
        let term = self.durable.term;
        match cx.config().profile {
            Profile::Paper => Fact::ElectionIgnoredLease { from, pre, term },
            Profile::Etcd => {
                let remaining_ticks = self.lease_ticks(cx);
                Fact::Etcd(EtcdFact::IgnoredLease { from, pre, term, remaining_ticks })
            }
        }
    }

    /// True if the server may vote for a candidate of its own term. In etcd it does not once it
    /// knows who leads that term.
    fn is_free_for(&self, cx: &Cx<'_>, candidate: NodeId) -> bool {
        let may_choose = cx.config().profile == Profile::Paper || self.leader.is_none();
        self.durable.vote.map_or(may_choose, |vote| vote == candidate)
    }

    /// True if a candidate's log is good enough.
    fn accepts_log(&self, cx: &Cx<'_>, ballot: &Ballot) -> bool {
        let log = &self.durable.log;
        cx.mutant(NO_LOG_CHECK)
            || cx.mutant(LENGTH_ONLY_CHECK) && ballot.last_index >= log.last_index()
            || log.is_no_newer_than(ballot.last_term, ballot.last_index)
    }

    fn poll(&self, candidate: NodeId, ballot: &Ballot, pre: bool) -> Poll {
        Poll {
            candidate,
            term: self.durable.term,
            own_log: self.log_end(),
            own_vote: self.durable.vote,
            log: LogEnd { term: ballot.last_term, index: ballot.last_index },
            pre,
        }
    }

    pub(super) fn on_request_vote(
        &mut self,
        cx: &mut Cx<'_>,
        candidate: NodeId,
        ballot: Ballot,
        out: &mut Out,
    ) {
        if ballot.term > self.durable.term {
            if !ballot.transfer && self.hears_a_leader(cx, false) {
                return out.announce(self.ignored(cx, candidate, false));
            }
            self.meet_higher_term(cx, candidate, ballot.term, out);
        }
        let poll = self.poll(candidate, &ballot, false);
        let granted = ballot.term == self.durable.term
            && self.is_free_for(cx, candidate)
            && self.accepts_log(cx, &ballot)
            && (!cx.mutant(LEARNER_REFUSES) || self.members.is_voter(self.id));
        if !granted {
            if cx.mutant(TIMER_RESET_ON_REFUSE) {
                self.reset_election_timer(cx, out);
            }
            out.announce(Fact::VoteRejected(poll));
            let vote = Vote { term: self.durable.term, granted: false };
            return out.send(candidate, Message::RequestVoteReply(vote));
        }
        if self.durable.vote.is_none() {
            self.set_ballot(cx, ballot.term, Some(candidate), out);
        }
        self.reset_election_timer(cx, out);
        out.announce(Fact::VoteCast(poll));
        let vote = Vote { term: ballot.term, granted: true };
        out.send(candidate, Message::RequestVoteReply(vote));
    }

    pub(super) fn on_pre_vote(
        &mut self,
        cx: &mut Cx<'_>,
        candidate: NodeId,
        ballot: Ballot,
        out: &mut Out,
    ) {
        if ballot.term > self.durable.term && cx.mutant(PREVOTE_BUMPS_TERM) {
            self.meet_higher_term(cx, candidate, ballot.term, out);
        }
        if ballot.term > self.durable.term && self.hears_a_leader(cx, true) {
            return out.announce(self.ignored(cx, candidate, true));
        }
        let poll = self.poll(candidate, &ballot, true);
        let is_free = ballot.term > self.durable.term
            || ballot.term == self.durable.term && self.is_free_for(cx, candidate);
        let granted = is_free && self.accepts_log(cx, &ballot);
        let (fact, term) = if granted {
            (Fact::VoteCast(poll), ballot.term)
        } else {
            (Fact::VoteRejected(poll), self.durable.term)
        };
        out.announce(fact);
        out.send(candidate, Message::PreVoteReply(Vote { term, granted }));
    }

    pub(super) fn on_vote(&mut self, cx: &mut Cx<'_>, from: NodeId, vote: Vote, out: &mut Out) {
        if vote.term > self.durable.term {
            return self.meet_higher_term(cx, from, vote.term, out);
        }
        // An answer may be older than the question we wait for:
        // 1. We ask node 2 in term 4; its answer is slow.
        // 2. We time out and ask everybody again in term 5.
        // 3. The first answer arrives now. Counting it would use a vote of another term.
        if vote.term < self.durable.term && !cx.mutant(COUNT_OLD_VOTES) {
            return;
        }
        let term = self.durable.term;
        let Role::Candidate(votes) = &mut self.role else { return };
        votes.count(from, vote.granted);
        out.announce(Fact::VoteReply { from, granted: vote.granted, term, pre: false });
        out.announce(votes.tally(false));
        match self.tally(cx) {
            Tally::Won => self.lead(cx, out),
            Tally::Lost => self.become_follower(cx, term, None, out),
            Tally::Pending => {}
        }
    }

    pub(super) fn on_pre_vote_reply(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        vote: Vote,
        out: &mut Out,
    ) {
        let term = self.durable.term;
        if !vote.granted && vote.term > term {
            return self.meet_higher_term(cx, from, vote.term, out);
        }
        let Role::PreCandidate(votes) = &mut self.role else { return };
        // A granted answer carries the term we asked about, which we have not entered; a refusal
        // of a lower term answers what we asked before we entered this one.
        if vote.term != if vote.granted { term + 1 } else { term } {
            return;
        }
        votes.count(from, vote.granted);
        out.announce(Fact::VoteReply { from, granted: vote.granted, term, pre: true });
        out.announce(votes.tally(true));
        match self.tally(cx) {
            Tally::Won => self.stand(cx, false, out),
            Tally::Lost => self.become_follower(cx, term, None, out),
            Tally::Pending => {}
        }
    }

    /// What has become of the own election.
    fn tally(&self, cx: &Cx<'_>) -> Tally {
        match &self.role {
            Role::Candidate(votes) | Role::PreCandidate(votes) => {
                self.counted_members(cx).tally(|id| votes.of(id))
            }
            Role::Follower | Role::Leader(_) => Tally::Pending,
        }
    }

    /// Any message of a higher term makes a server a follower of that term.
    pub(super) fn meet_higher_term(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        term: u64,
        out: &mut Out,
    ) {
        if !matches!(self.role, Role::Follower) && cx.config().profile == Profile::Paper {
            let own_term = self.durable.term;
            out.announce(Fact::MessageHigherTerm { from, term, own_term });
        }
        self.become_follower(cx, term, None, out);
    }

    /// The election is won.
    fn lead(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let term = self.durable.term;
        let voters = match &self.role {
            Role::Candidate(votes) => votes.granted.clone(),
            Role::Follower | Role::PreCandidate(_) | Role::Leader(_) => Vec::new(),
        };
        let last = self.durable.log.last_index();
        self.role = Role::Leader(Leadership::new(self.id, &self.members, last));
        let of = self.members.count_voters(|_| true);
        out.announce(Fact::BecameLeader { term, voters, of });
        self.set_leader(cx, Some(self.id), out);
        if ticks::are_counted(cx) {
            (self.elapsed, self.since_heartbeat) = (0, 0);
            return self.append_noop(cx, out);
        }
        out.cancel_timer(Alarm::Election);
        out.set_timer(Alarm::Heartbeat, cx.config().heartbeat_interval);
        if cx.config().check_quorum {
            out.set_timer(Alarm::CheckQuorum, cx.config().election_timeout.min);
        }
        self.append_noop(cx, out);
    }
}

impl Votes {
    fn of(&self, id: NodeId) -> Option<bool> {
        if self.granted.contains(&id) {
            return Some(true);
        }
        self.rejected.contains(&id).then_some(false)
    }

    fn count(&mut self, from: NodeId, granted: bool) {
        let list = if granted { &mut self.granted } else { &mut self.rejected };
        if !list.contains(&from) {
            list.push(from);
        }
    }

    fn tally(&self, pre: bool) -> Fact {
        let length = |list: &[NodeId]| u64::try_from(list.len()).unwrap_or(u64::MAX);
        Fact::VoteTally { granted: length(&self.granted), rejected: length(&self.rejected), pre }
    }
}
