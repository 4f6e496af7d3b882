//! Promises about elections.

use std::collections::BTreeMap;

use sim_engine::{EventId, Look, NodeId, Promise, Reads, Violation};

use crate::raft::config::Profile;
use crate::raft::facts::{Fact, LogEnd, Poll};
use crate::raft::message::Message;
use crate::raft::{RaftConfig, RaftNode, topics};

/// At most one leader per term (Figure 3, "Election Safety").
#[derive(Clone, Debug, Default)]
pub struct ElectionSafety {
    leaders: BTreeMap<u64, (NodeId, EventId)>,
    exercised: u64,
}

impl Promise<RaftNode> for ElectionSafety {
    fn name(&self) -> &'static str {
        "election-safety"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::ROLES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            let Fact::BecameLeader { term, .. } = fact else { continue };
            self.exercised += 1;
            let (first, earlier) = *self.leaders.entry(*term).or_insert((look.node, event));
            if first != look.node {
                let (one, two) = (look.cast().name(first), look.cast().name(look.node));
                let why = format!("{one} and {two} both became leader in term {term}");
                return Err(Violation::new(why, [earlier, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// At most one vote per server and term, across crashes (section 5.2).
#[derive(Clone, Debug, Default)]
pub struct VoteUniqueness {
    votes: BTreeMap<(NodeId, u64), (NodeId, EventId)>,
    exercised: u64,
}

/// The vote that a message from `sender` to `receiver` shows: its term, and for whom.
fn vote_in(message: &Message, sender: NodeId, receiver: NodeId) -> Option<(u64, NodeId)> {
    match message {
        Message::RequestVoteReply(vote) => vote.granted.then_some((vote.term, receiver)),
        // A candidate votes for itself.
        Message::RequestVote(ballot) => Some((ballot.term, sender)),
        Message::PreVote(_)
        | Message::PreVoteReply(_)
        | Message::AppendEntries(_)
        | Message::AppendEntriesReply(_)
        | Message::Heartbeat(_)
        | Message::HeartbeatReply(_)
        | Message::InstallSnapshot(_)
        | Message::InstallSnapshotReply(_)
        | Message::TimeoutNow { .. }
        | Message::ReadIndex(_)
        | Message::ReadIndexReply { .. }
        | Message::ClientRequest { .. }
        | Message::ClientReply { .. } => None,
    }
}

impl Promise<RaftNode> for VoteUniqueness {
    fn name(&self) -> &'static str {
        "vote-uniqueness"
    }

    /// Reads what was sent, not what is in memory: a vote that died unsent is no vote.
    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::messages(topics::VOTES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (event, to, message) in look.sent() {
            let Some((term, candidate)) = vote_in(message, look.node, to) else { continue };
            self.exercised += 1;
            let (first, earlier) =
                *self.votes.entry((look.node, term)).or_insert((candidate, event));
            if first != candidate {
                let name = |id| look.cast().name(id);
                let (voter, one, two) = (name(look.node), name(first), name(candidate));
                let why = format!("{voter} voted for {one} and for {two} in term {term}");
                return Err(Violation::new(why, [earlier, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// Whoever is asked for its vote and has no reason to refuse gives it, whatever it takes the
/// members to be: the candidate may know of newer ones (`campaign_learner_must_vote` of etcd/raft).
#[derive(Clone, Debug, Default)]
pub struct VotesAreGiven {
    /// By candidate and voter the term of the only ballot so far. Of several nobody could tell
    /// which one an answer is to: a message may be late, and there may be copies of it.
    asked: BTreeMap<(NodeId, NodeId), Option<u64>>,
    exercised: u64,
}

impl VotesAreGiven {
    /// True if a refusal has a reason that the refusing server has told.
    fn has_reason(poll: &Poll) -> bool {
        let end = |log: &LogEnd| (log.term, log.index);
        poll.own_vote.is_some_and(|vote| vote != poll.candidate)
            || end(&poll.own_log) > end(&poll.log)
    }
}

impl Promise<RaftNode> for VotesAreGiven {
    fn name(&self) -> &'static str {
        "votes-are-given"
    }

    /// In etcd whoever knows a leader of the term refuses, too, and does not say so.
    fn reads(&self, config: &RaftConfig) -> Reads {
        match config.profile {
            Profile::Etcd => Reads::NOTHING,
            Profile::Paper => Reads::messages(topics::VOTES).and(Reads::facts(topics::VOTES)),
        }
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (_, to, message) in look.sent() {
            if let Message::RequestVote(ballot) = message {
                let asked = self.asked.entry((look.node, to));
                asked.and_modify(|term| *term = None).or_insert(Some(ballot.term));
            }
        }
        for (event, fact) in look.facts() {
            let (Fact::VoteCast(poll) | Fact::VoteRejected(poll)) = fact else { continue };
            let asked = self.asked.get(&(poll.candidate, look.node)).copied().flatten();
            if poll.pre || asked != Some(poll.term) {
                continue;
            }
            self.exercised += 1;
            if matches!(fact, Fact::VoteRejected(_)) && !Self::has_reason(poll) {
                let (voter, candidate) =
                    (look.cast().name(look.node), look.cast().name(poll.candidate));
                let why = format!(
                    "{voter} refuses {candidate} its vote in term {}, without a reason",
                    poll.term
                );
                return Err(Violation::new(why, [event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
