//! What a Raft server announces. Names and details are etcd's wherever etcd logs the same thing.

use sim_engine::{Caption, Duration, Mark, NodeId, Slot, Topics};

use super::etcd::EtcdFact;
use super::log::Payload;
use super::topics;
use super::upkeep::Upkeep;

/// The end of a log: the term and index of its last entry, written `term/index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LogEnd {
    /// The term of the last entry.
    pub term: u64,
    /// Its index.
    pub index: u64,
}

/// A vote as it is cast or refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Poll {
    /// Who asked.
    pub candidate: NodeId,
    /// The voter's own term.
    pub term: u64,
    /// The voter's own log.
    pub own_log: LogEnd,
    /// Whom the voter had voted for before.
    pub own_vote: Option<NodeId>,
    /// The candidate's log.
    pub log: LogEnd,
    /// True if it is a PreVote.
    pub pre: bool,
}

/// Something a server announces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum Fact {
    /// The server follows, in this term.
    BecameFollower { term: u64 },
    /// The server asks whether it could win.
    BecamePreCandidate { term: u64 },
    /// The server stands for election.
    BecameCandidate { term: u64 },
    /// The server won: `voters` voted for it, itself included.
    BecameLeader { term: u64, voters: Vec<NodeId>, of: u64 },
    /// The election timer ran out in this term. With PreVote the server asks first (`pre`).
    ElectionTimeout { term: u64, waited: Duration, next_term: u64, pre: bool },
    /// The candidate asked everybody.
    VoteRequest { to: Vec<NodeId>, term: u64, log: LogEnd, pre: bool },
    /// The server voted.
    VoteCast(Poll),
    /// The server refused.
    VoteRejected(Poll),
    /// An answer reached the candidate.
    VoteReply { from: NodeId, granted: bool, term: u64, pre: bool },
    /// The votes so far.
    VoteTally { granted: u64, rejected: u64, pre: bool },
    /// The server ignored a candidate because it hears from a leader.
    ElectionIgnoredLease { from: NodeId, pre: bool, term: u64 },
    /// The server knows who leads.
    LeaderElected { leader: NodeId, term: u64 },
    /// The server no longer knows who leads.
    LeaderLost { leader: NodeId, term: u64 },
    /// A leader or candidate met a higher term.
    MessageHigherTerm { from: NodeId, term: u64, own_term: u64 },
    /// A leader stepped down.
    SteppedDown { why: StepDown },
    /// The leader put a command into its log.
    EntryAppended { index: u64, term: u64, value: Payload },
    /// The leader committed up to `index`.
    Committed { index: u64, term: u64, value: Payload, copies: u64, of: u64 },
    /// The server applied the entry at `index`; `digest` stands for everything applied so far.
    /// `executed` is the session and number of its command, if that was executed and not only
    /// answered.
    Applied { index: u64, term: u64, digest: u64, executed: Option<(u64, u64)> },
    /// The server dropped entries that the leader does not have.
    LogTruncated { from: u64, to: u64, dropped: String, leader: NodeId },
    /// The follower's log does not fit the leader's.
    AppendRejected { from: NodeId, prev: u64, hint: u64 },
    /// A command was applied a second time and answered from the session instead.
    DuplicateAnswered { session: u64, seq: u64 },
    /// Something beside elections and replication.
    Upkeep(Upkeep),
    /// Something that only a server of etcd announces.
    Etcd(EtcdFact),
}

/// Why a leader stepped down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum StepDown {
    /// It met a higher term.
    HigherTerm { old: u64, new: u64 },
    /// It had not heard from a majority (CheckQuorum).
    QuorumNotActive { term: u64, after: Duration },
    /// It is no voter any more.
    Removed { term: u64 },
}

/// The name of every fact.
pub(super) const NAMES: &[&str] = &[
    "became-follower",
    "became-pre-candidate",
    "became-candidate",
    "became-leader",
    "election-timeout",
    "vote-request",
    "prevote-request",
    "vote-cast",
    "prevote-cast",
    "vote-rejected",
    "prevote-rejected",
    "vote-reply",
    "prevote-reply",
    "vote-tally",
    "prevote-tally",
    "election-ignored-lease",
    "leader-elected",
    "leader-lost",
    "leader-changed",
    "message-higher-term",
    "message-lower-term",
    "stepped-down",
    "entry-appended",
    "committed",
    "applied",
    "log-truncated",
    "append-rejected",
    "duplicate-answered",
    "read-served",
    "transfer",
    "transfer-aborted",
    "members-changed",
    "admin-refused",
    "snapshot-taken",
    "snapshot-sent",
    "snapshot-installed",
];

impl LogEnd {
    fn slot(self) -> Slot {
        Slot::Text(format!("{}/{}", self.term, self.index))
    }
}

impl sim_engine::Fact for Fact {
    fn name(&self) -> &'static str {
        match self {
            Self::BecameFollower { .. } => "became-follower",
            Self::BecamePreCandidate { .. } => "became-pre-candidate",
            Self::BecameCandidate { .. } => "became-candidate",
            Self::BecameLeader { .. } => "became-leader",
            Self::ElectionTimeout { .. } => "election-timeout",
            Self::VoteRequest { pre: false, .. } => "vote-request",
            Self::VoteRequest { pre: true, .. } => "prevote-request",
            Self::VoteCast(Poll { pre: false, .. }) => "vote-cast",
            Self::VoteCast(Poll { pre: true, .. }) => "prevote-cast",
            Self::VoteRejected(Poll { pre: false, .. }) => "vote-rejected",
            Self::VoteRejected(Poll { pre: true, .. }) => "prevote-rejected",
            Self::VoteReply { pre: false, .. } => "vote-reply",
            Self::VoteReply { pre: true, .. } => "prevote-reply",
            Self::VoteTally { pre: false, .. } => "vote-tally",
            Self::VoteTally { pre: true, .. } => "prevote-tally",
            Self::ElectionIgnoredLease { .. } => "election-ignored-lease",
            Self::LeaderElected { .. } => "leader-elected",
            Self::LeaderLost { .. } => "leader-lost",
            Self::MessageHigherTerm { .. } => "message-higher-term",
            Self::SteppedDown { .. } => "stepped-down",
            Self::EntryAppended { .. } => "entry-appended",
            Self::Committed { .. } => "committed",
            Self::Applied { .. } => "applied",
            Self::LogTruncated { .. } => "log-truncated",
            Self::AppendRejected { .. } => "append-rejected",
            Self::DuplicateAnswered { .. } => "duplicate-answered",
            Self::Upkeep(upkeep) => upkeep.name(),
            Self::Etcd(fact) => fact.name(),
        }
    }

    fn details(&self) -> Vec<(&'static str, Slot)> {
        use Slot::{Node, Nodes, Number, Text};
        let yes_or_no = |yes: bool| Text(if yes { "yes" } else { "no" }.to_owned());
        match self {
            Self::BecameFollower { term }
            | Self::BecamePreCandidate { term }
            | Self::BecameCandidate { term }
            | Self::BecameLeader { term, .. }
            | Self::ElectionTimeout { term, .. } => vec![("term", Number(*term))],
            Self::VoteRequest { to, term, log, .. } => {
                vec![("to", Nodes(to.clone())), ("term", Number(*term)), ("log", log.slot())]
            }
            Self::VoteCast(poll) | Self::VoteRejected(poll) => poll.details(),
            Self::VoteReply { from, granted, term, .. } => vec![
                ("from", Node(*from)),
                ("granted", yes_or_no(*granted)),
                ("term", Number(*term)),
            ],
            Self::VoteTally { granted, rejected, .. } => {
                vec![("granted", Number(*granted)), ("rejected", Number(*rejected))]
            }
            Self::ElectionIgnoredLease { from, pre, term } => vec![
                ("from", Node(*from)),
                ("request", Text(if *pre { "prevote" } else { "vote" }.to_owned())),
                ("own_term", Number(*term)),
            ],
            Self::LeaderElected { leader, term } | Self::LeaderLost { leader, term } => {
                vec![("leader", Node(*leader)), ("term", Number(*term))]
            }
            Self::MessageHigherTerm { from, term, own_term } => vec![
                ("from", Node(*from)),
                ("term", Number(*term)),
                ("own_term", Number(*own_term)),
            ],
            Self::SteppedDown { why } => vec![("reason", Text(why.reason().to_owned()))],
            Self::EntryAppended { index, term, value } => vec![
                ("index", Number(*index)),
                ("term", Number(*term)),
                ("value", Text(value.to_string())),
            ],
            Self::Committed { index, term, .. } | Self::Applied { index, term, .. } => {
                vec![("index", Number(*index)), ("term", Number(*term))]
            }
            Self::LogTruncated { from, to, .. } => {
                vec![("from", Number(*from)), ("to", Number(*to))]
            }
            Self::AppendRejected { from, prev, hint } => {
                vec![("from", Node(*from)), ("prev", Number(*prev)), ("hint", Number(*hint))]
            }
            Self::DuplicateAnswered { session, seq } => {
                vec![("session", Number(*session)), ("seq", Number(*seq))]
            }
            Self::Upkeep(upkeep) => upkeep.details(),
            Self::Etcd(fact) => fact.details(),
        }
    }

    fn weight(&self) -> u8 {
        match self {
            Self::BecameLeader { .. } | Self::SteppedDown { .. } => 85,
            Self::LogTruncated { .. } => 80,
            // A no-op commits for its own sake only; what it brings along is told with a command.
            Self::Committed { value: Payload::Noop, .. } => 55,
            Self::Committed { .. } => 75,
            Self::VoteRejected(Poll { pre: false, .. }) => 66,
            Self::ElectionTimeout { .. } | Self::DuplicateAnswered { .. } => 62,
            Self::Upkeep(upkeep) => upkeep.weight(),
            Self::Etcd(fact) => fact.weight(),
            Self::VoteRejected(_) | Self::EntryAppended { .. } => 40,
            Self::ElectionIgnoredLease { .. } | Self::AppendRejected { .. } => 35,
            // The timeout before it tells of both.
            Self::BecamePreCandidate { .. }
            | Self::BecameFollower { .. }
            | Self::BecameCandidate { .. }
            | Self::VoteRequest { .. }
            | Self::VoteCast(_)
            | Self::VoteReply { .. }
            | Self::VoteTally { .. }
            | Self::LeaderElected { .. }
            | Self::LeaderLost { .. }
            | Self::MessageHigherTerm { .. }
            | Self::Applied { .. } => 0,
        }
    }

    fn caption(&self) -> Option<Caption> {
        super::captions::of(self)
    }

    fn topics(&self) -> Topics {
        topics::of_fact(self)
    }

    fn mark(&self) -> Mark {
        match self {
            Self::Committed { .. } => Mark::Majority,
            Self::BecameFollower { .. }
            | Self::BecamePreCandidate { .. }
            | Self::BecameCandidate { .. }
            | Self::BecameLeader { .. }
            | Self::ElectionTimeout { .. }
            | Self::VoteRequest { .. }
            | Self::VoteCast(_)
            | Self::VoteRejected(_)
            | Self::VoteReply { .. }
            | Self::VoteTally { .. }
            | Self::ElectionIgnoredLease { .. }
            | Self::LeaderElected { .. }
            | Self::LeaderLost { .. }
            | Self::MessageHigherTerm { .. }
            | Self::SteppedDown { .. }
            | Self::EntryAppended { .. }
            | Self::Applied { .. }
            | Self::LogTruncated { .. }
            | Self::AppendRejected { .. }
            | Self::DuplicateAnswered { .. }
            | Self::Upkeep(_)
            | Self::Etcd(_) => Mark::None,
        }
    }
}

impl Poll {
    fn details(&self) -> Vec<(&'static str, Slot)> {
        let vote = self.own_vote.map_or_else(|| Slot::Text("none".to_owned()), Slot::Node);
        vec![
            ("to", Slot::Node(self.candidate)),
            ("term", Slot::Number(self.term)),
            ("own_log", self.own_log.slot()),
            ("own_vote", vote),
            ("log", self.log.slot()),
        ]
    }
}

impl StepDown {
    fn reason(self) -> &'static str {
        match self {
            Self::HigherTerm { .. } => "higher-term",
            Self::QuorumNotActive { .. } => "quorum-not-active",
            Self::Removed { .. } => "removed",
        }
    }
}
