//! What Raft promises, checked after every step. Names follow Figure 3 of the paper where it has
//! one.
//!
//! Every promise remembers a bounded amount for each server, term or index: one look costs the same
//! in a long run as in a short one.

mod commits;
mod elections;
mod liveness;
mod logs;
mod members;
mod quorum;
mod reads;
mod rejoin;
mod servers;

use sim_engine::checkers::{self, LinearizableHistory, Model};
use sim_engine::{Look, NodeId, Promise, PromiseInfo};

use super::RaftNode;
use super::machine::REFUSALS;
use super::server::Server;

pub use commits::{
    CommitLegality, Durability, ExactlyOnce, LeaderCompleteness, StateMachineSafety,
};
pub use elections::{ElectionSafety, VoteUniqueness, VotesAreGiven};
pub use liveness::{FollowersCatchUp, LeaderEmerges, RequestsAnswered};
pub use logs::{CommittedNeverTruncated, LeaderAppendOnly, LogMatching};
pub use members::ConfigSafety;
pub use quorum::LeaderHearsMajority;
pub use reads::FreshReads;
pub use rejoin::RejoinKeepsTerm;
pub use servers::{Monotony, TermsAreStoodFor};

const fn info(name: &'static str, short: &'static str, says: &'static str) -> PromiseInfo {
    PromiseInfo { name, says, short }
}

/// Every promise, for lists.
pub(super) const INFO: &[PromiseInfo] = &[
    info("election-safety", "one leader per term", "at most one server becomes leader in a term"),
    info(
        "leader-append-only",
        "leaders only append",
        "a leader never overwrites or drops entries of its own log",
    ),
    info(
        "log-matching",
        "log matching",
        "if two logs have an entry of the same index and term, they are equal up to there",
    ),
    info(
        "leader-completeness",
        "no committed entry lost",
        "every committed entry is in the log of every leader of a later term",
    ),
    info(
        "state-machine-safety",
        "same state everywhere",
        "no two servers apply different entries at the same index",
    ),
    info(
        "vote-uniqueness",
        "one vote per term",
        "a server votes for one candidate a term, across crashes",
    ),
    info(
        "monotony",
        "terms and commits only grow",
        "the term a server shows never decreases, nor do commit and applied index in one life",
    ),
    info(
        "durability",
        "committed is on a majority of disks",
        "what a leader commits is on the disks of a majority at that moment",
    ),
    info(
        "committed-never-truncated",
        "committed is never cut",
        "a committed entry never leaves a disk that has it",
    ),
    info(
        "commit-legality",
        "commit only the own term",
        "a leader commits by counting copies only entries of its own term",
    ),
    info(
        "exactly-once",
        "commands run once",
        "a client's command is executed once, however often it was sent",
    ),
    info(
        "leader-emerges",
        "a leader emerges",
        "once faults end, some server leads a majority within a few election timeouts",
    ),
    info(
        "requests-answered",
        "requests are answered",
        "once faults end, no client asks in vain for long",
    ),
    info(
        "followers-catch-up",
        "followers catch up",
        "once faults end, every server learns what was committed before",
    ),
    info(
        "rejoin-keeps-term",
        "who comes back disturbs nobody",
        "with PreVote, servers that come back change no term while a majority hears its leader",
    ),
    info(
        "leader-hears-majority",
        "who leads hears a majority",
        "with CheckQuorum, a leader that hears from no majority soon steps down",
    ),
    info(
        "terms-are-stood-for",
        "only candidates raise the term",
        "no server shows a term in which nobody stood for election",
    ),
    info(
        "votes-are-given",
        "who may vote does",
        "a server that is asked for its vote and has no reason to refuse gives it, whatever it \
         takes the members to be",
    ),
    info(
        "config-safety",
        "no two majorities apart",
        "no two configurations that could both act have majorities without a server in common, and \
         no log has two that are not committed",
    ),
    info(
        "fresh-reads",
        "reads are not old",
        "a read sees everything that was committed before the client asked",
    ),
    checkers::LINEARIZABILITY,
];

/// Every promise, fresh for a run.
pub(super) fn all() -> Vec<Box<dyn Promise<RaftNode>>> {
    vec![
        Box::<ElectionSafety>::default(),
        Box::<LeaderAppendOnly>::default(),
        Box::<LogMatching>::default(),
        Box::<LeaderCompleteness>::default(),
        Box::<StateMachineSafety>::default(),
        Box::<VoteUniqueness>::default(),
        Box::<Monotony>::default(),
        Box::<Durability>::default(),
        Box::<CommittedNeverTruncated>::default(),
        Box::<CommitLegality>::default(),
        Box::<ExactlyOnce>::default(),
        Box::<LeaderEmerges>::default(),
        Box::<RequestsAnswered>::default(),
        Box::<FollowersCatchUp>::default(),
        Box::<RejoinKeepsTerm>::default(),
        Box::<LeaderHearsMajority>::default(),
        Box::<TermsAreStoodFor>::default(),
        Box::<VotesAreGiven>::default(),
        Box::<ConfigSafety>::default(),
        Box::<FreshReads>::default(),
        Box::new(LinearizableHistory::new(Model::Store, checkers::STEPS, REFUSALS)),
    ]
}

/// The memory of a server that is up.
fn server<'a>(look: &Look<'a, RaftNode>, id: NodeId) -> Option<&'a Server> {
    match look.memory(id)? {
        RaftNode::Server(server) => Some(server),
        RaftNode::Client(_) => None,
    }
}

/// The entry of `table` for `id`; makes room as needed.
fn slot<T: Default + Clone>(table: &mut Vec<T>, id: NodeId) -> &mut T {
    if table.len() <= id.index() {
        table.resize(id.index() + 1, T::default());
    }
    &mut table[id.index()]
}
