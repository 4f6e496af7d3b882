//! Promises about elections.

use std::collections::BTreeMap;

use sim_engine::{EventId, Look, NodeId, Promise, Reads, Violation};

use crate::raft::RaftNode;
use crate::raft::facts::Fact;
use crate::raft::message::Message;

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

    fn reads(&self) -> Reads {
        Reads::Facts
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
    fn reads(&self) -> Reads {
        Reads::Released
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
