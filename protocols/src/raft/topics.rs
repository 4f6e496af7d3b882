//! What facts and messages are about, as far as promises ask.

use sim_engine::Topics;

use super::facts::Fact;
use super::message::Message;
use super::upkeep::Upkeep;

/// Facts: who leads, follows or stands, and that this changes.
pub(super) const ROLES: Topics = Topics::one(0);
/// Facts: votes given and refused. Messages: ballots and the answers to them.
pub(super) const VOTES: Topics = Topics::one(1);
/// Facts: that entries are committed.
pub(super) const COMMITS: Topics = Topics::one(2);
/// Facts: that entries are applied, one by one or as a snapshot.
pub(super) const APPLIES: Topics = Topics::one(3);
/// Facts: that reads are answered from the state. Messages: what clients ask for.
pub(super) const REQUESTS: Topics = Topics::one(4);
/// Facts: that other members are in effect.
pub(super) const MEMBERS: Topics = Topics::one(5);
/// Messages in which a server shows its term.
pub(super) const TERMS: Topics = Topics::one(6);
/// Messages of a follower to its leader.
pub(super) const ANSWERS: Topics = Topics::one(7);

/// What a fact is about.
pub(super) fn of_fact(fact: &Fact) -> Topics {
    match fact {
        Fact::BecameFollower { .. }
        | Fact::BecamePreCandidate { .. }
        | Fact::BecameCandidate { .. }
        | Fact::BecameLeader { .. }
        | Fact::ElectionTimeout { .. }
        | Fact::LeaderElected { .. }
        | Fact::LeaderLost { .. }
        | Fact::MessageHigherTerm { .. }
        | Fact::SteppedDown { .. }
        | Fact::Etcd(_) => ROLES,
        Fact::VoteRequest { .. }
        | Fact::VoteCast(_)
        | Fact::VoteRejected(_)
        | Fact::VoteReply { .. }
        | Fact::VoteTally { .. } => VOTES,
        Fact::Committed { .. } => COMMITS,
        Fact::Applied { .. } | Fact::Upkeep(Upkeep::SnapshotInstalled { .. }) => APPLIES,
        Fact::Upkeep(Upkeep::ReadServed { .. }) => REQUESTS,
        Fact::Upkeep(Upkeep::MembersChanged { .. }) => MEMBERS,
        Fact::ElectionIgnoredLease { .. }
        | Fact::EntryAppended { .. }
        | Fact::LogTruncated { .. }
        | Fact::AppendRejected { .. }
        | Fact::DuplicateAnswered { .. }
        | Fact::Upkeep(
            Upkeep::Transfer { .. }
            | Upkeep::TransferAborted { .. }
            | Upkeep::AdminRefused { .. }
            | Upkeep::SnapshotTaken { .. }
            | Upkeep::SnapshotSent { .. },
        ) => Topics::OTHER,
    }
}

/// What a message is about.
pub(super) fn of_message(message: &Message) -> Topics {
    let topics = match message {
        Message::RequestVote(_) | Message::RequestVoteReply(_) => VOTES,
        Message::AppendEntriesReply(_)
        | Message::HeartbeatReply(_)
        | Message::InstallSnapshotReply(_) => ANSWERS,
        Message::ClientRequest { .. } => REQUESTS,
        Message::AppendEntries(_)
        | Message::Heartbeat(_)
        | Message::InstallSnapshot(_)
        | Message::TimeoutNow { .. }
        | Message::PreVote(_)
        | Message::PreVoteReply(_)
        | Message::ReadIndex(_)
        | Message::ReadIndexReply { .. }
        | Message::ClientReply { .. } => Topics::OTHER,
    };
    if message.shown_term().is_some() { topics.and(TERMS) } else { topics }
}
