//! Planted bugs: those of a store of several groups, and those of Raft that one group can have as
//! well as the only one.

use sim_engine::{Mutant, MutantClass, MutantInfo};

use crate::raft::mutants as raft;

/// A server takes a command for whatever group the client names, by whatever map.
pub const WRONG_GROUP_ROUTING: Mutant = Mutant("wrong-group-routing");
/// A server counts an acknowledgement of one group in all groups it leads.
pub const CROSS_GROUP_ACK: Mutant = Mutant("cross-group-ack");
/// A server that hears no leader in one group stands for election in all.
pub const COMMON_ELECTION: Mutant = Mutant("common-election");
/// A client whose map is refused does not take the newer one.
pub const KEEPS_STALE_MAP: Mutant = Mutant("keeps-stale-map");

const fn bug(mutant: Mutant, about: &'static str, breaks: &'static [&'static str]) -> MutantInfo {
    MutantInfo { mutant, about, class: MutantClass::Bug, breaks }
}

/// Every planted bug.
pub(super) const ALL: &[MutantInfo] = &[
    bug(
        WRONG_GROUP_ROUTING,
        "a server takes a command by whatever map the client goes by",
        &["key-ownership", "linearizability"],
    ),
    bug(
        CROSS_GROUP_ACK,
        "an acknowledgement of one group counts in all groups the server leads",
        &["durability", "leader-completeness", "committed-never-truncated"],
    ),
    bug(
        COMMON_ELECTION,
        "a server that hears no leader in one group stands for election in all",
        &["groups-independent"],
    ),
    bug(KEEPS_STALE_MAP, "a client whose map is refused goes on with it", &["requests-answered"]),
    bug(
        raft::VOTE_NOT_DURABLE,
        "a vote is lost in a crash",
        &["vote-uniqueness", "election-safety"],
    ),
    bug(
        raft::NO_LOG_CHECK,
        "votes are granted without comparing logs",
        &["leader-completeness", "committed-never-truncated", "state-machine-safety"],
    ),
    bug(
        raft::ACK_BEFORE_FSYNC,
        "a follower acknowledges entries before they are on disk",
        &["durability", "leader-completeness"],
    ),
    bug(
        raft::SELF_COUNT_EARLY,
        "a leader counts its own copy before it is on disk",
        &["durability"],
    ),
    bug(
        raft::MATCH_FROM_SENT,
        "a leader counts entries as copied when it sends them",
        &["durability"],
    ),
    bug(
        raft::NO_DEDUPE,
        "a command is executed once for every copy in the log",
        &["exactly-once", "linearizability"],
    ),
    bug(
        raft::NO_PREV_CHECK,
        "a follower accepts entries without looking at the one before them",
        &["log-matching", "durability", "state-machine-safety"],
    ),
    bug(
        raft::CANDIDATE_GIVES_UP,
        "a candidate that does not win never stands again",
        &["leader-emerges", "requests-answered"],
    ),
];
