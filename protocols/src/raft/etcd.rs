//! What only a server of etcd announces, or announces in other words.

use sim_engine::{NodeId, Slot};

use super::facts::Fact;
use super::message::{Message, Vote};
use super::mutants::COUNT_OLD_VOTES;
use super::server::{Cx, Out, Server};

/// Something that etcd logs and the paper has no word for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum EtcdFact {
    /// The server ignored a candidate: so many ticks are left until it may listen to one.
    IgnoredLease { from: NodeId, pre: bool, term: u64, remaining_ticks: u64 },
    /// Another leader than before leads, without a moment between them.
    LeaderChanged { from: NodeId, to: NodeId, term: u64 },
    /// An answer carried a higher term.
    HigherTerm { message: &'static str, from: NodeId, term: u64, own_term: u64 },
    /// A message of a lower term was ignored.
    LowerTerm { message: &'static str, from: NodeId, term: u64, own_term: u64 },
}

impl EtcdFact {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::IgnoredLease { .. } => "election-ignored-lease",
            Self::LeaderChanged { .. } => "leader-changed",
            Self::HigherTerm { .. } => "message-higher-term",
            Self::LowerTerm { .. } => "message-lower-term",
        }
    }

    pub(super) fn details(&self) -> Vec<(&'static str, Slot)> {
        use Slot::{Node, Number, Text};
        match self {
            Self::IgnoredLease { from, pre, term, remaining_ticks } => vec![
                ("from", Node(*from)),
                ("request", Text(if *pre { "prevote" } else { "vote" }.to_owned())),
                ("own_term", Number(*term)),
                ("remaining_ticks", Number(*remaining_ticks)),
            ],
            Self::LeaderChanged { from, to, term } => {
                vec![("from", Node(*from)), ("to", Node(*to)), ("term", Number(*term))]
            }
            Self::HigherTerm { message, from, term, own_term }
            | Self::LowerTerm { message, from, term, own_term } => vec![
                ("message", Text((*message).to_owned())),
                ("from", Node(*from)),
                ("term", Number(*term)),
                ("own_term", Number(*own_term)),
            ],
        }
    }

    pub(super) fn weight(&self) -> u8 {
        match self {
            Self::IgnoredLease { .. } => 35,
            Self::LeaderChanged { .. } | Self::HigherTerm { .. } | Self::LowerTerm { .. } => 0,
        }
    }
}

impl Server {
    /// Announces a message of another term. True if it is to be ignored because its term is over.
    ///
    /// Candidates and leaders of a higher term are followed without a word; those of a lower one
    /// that lead are answered, so that they learn of it.
    pub(super) fn is_of_the_past(
        &self,
        cx: &Cx<'_>,
        from: NodeId,
        message: &Message,
        out: &mut Out,
    ) -> bool {
        let (message, term, is_answer) = match message {
            Message::RequestVote(ballot) => ("MsgVote", ballot.term, false),
            Message::RequestVoteReply(vote) => ("MsgVoteResp", vote.term, true),
            Message::PreVoteReply(Vote { term, granted }) => ("MsgPreVoteResp", *term, !granted),
            Message::AppendEntriesReply(reply) => ("MsgAppResp", reply.term, true),
            Message::HeartbeatReply(reply) => ("MsgHeartbeatResp", reply.term, true),
            Message::TimeoutNow { term } => ("MsgTimeoutNow", *term, false),
            Message::PreVote(_)
            | Message::AppendEntries(_)
            | Message::Heartbeat(_)
            | Message::InstallSnapshot(_)
            | Message::InstallSnapshotReply(_)
            | Message::ReadIndex(_)
            | Message::ReadIndexReply { .. }
            | Message::ClientRequest { .. }
            | Message::ClientReply { .. } => return false,
        };
        let own_term = self.durable.term;
        if term < own_term {
            out.announce(Fact::Etcd(EtcdFact::LowerTerm { message, from, term, own_term }));
            return !cx.mutant(COUNT_OLD_VOTES);
        }
        if term > own_term && is_answer {
            out.announce(Fact::Etcd(EtcdFact::HigherTerm { message, from, term, own_term }));
        }
        false
    }

    /// Announces who leads, if that has changed in this step: as etcd does, after all else.
    pub(super) fn tell_leader(&mut self, cx: &mut Cx<'_>, before: Option<NodeId>, out: &mut Out) {
        let term = self.durable.term;
        match (before, self.leader) {
            (before, after) if before == after => {}
            (Some(from), Some(to)) => {
                out.announce(Fact::Etcd(EtcdFact::LeaderChanged { from, to, term }));
            }
            (Some(leader), None) => out.announce(Fact::LeaderLost { leader, term }),
            (None, Some(leader)) => out.announce(Fact::LeaderElected { leader, term }),
            (None, None) => {}
        }
        if self.leader.is_some() && !self.kept.is_empty() {
            self.serve_kept_requests(cx, out);
        }
    }
}
