//! Planted bugs: one changed line each. They teach, and they test the promises.

use sim_engine::{Mutant, MutantClass, MutantInfo};

/// A leader commits an entry of an older term by counting copies.
pub const COMMIT_OLD_TERM: Mutant = Mutant("commit-old-term");
/// A vote is lost in a crash.
pub const VOTE_NOT_DURABLE: Mutant = Mutant("vote-not-durable");
/// A new term is lost in a crash.
pub const TERM_NOT_DURABLE: Mutant = Mutant("term-not-durable");
/// Votes are granted without comparing logs.
pub const NO_LOG_CHECK: Mutant = Mutant("no-log-check");
/// Votes are granted by comparing the lengths of logs only.
pub const LENGTH_ONLY_CHECK: Mutant = Mutant("length-only-check");
/// A follower cuts its log behind `prev_index` even when nothing conflicts.
pub const TRUNCATE_ALWAYS: Mutant = Mutant("truncate-always");
/// A follower commits up to the end of its log instead of the last entry it was sent.
pub const COMMIT_TO_LAST_INDEX: Mutant = Mutant("commit-to-last-index");
/// A follower acknowledges entries before they are on disk.
pub const ACK_BEFORE_FSYNC: Mutant = Mutant("ack-before-fsync");
/// Commands are executed once for every copy in the log.
pub const NO_DEDUPE: Mutant = Mutant("no-dedupe");
/// A server accepts AppendEntries of an older term.
pub const STALE_TERM_ACCEPT: Mutant = Mutant("stale-term-accept");
/// A candidate counts votes of older terms.
pub const COUNT_OLD_VOTES: Mutant = Mutant("count-old-votes");
/// A follower accepts entries without looking at the one before them.
pub const NO_PREV_CHECK: Mutant = Mutant("no-prev-check");
/// A leader counts entries as copied when it sends them.
pub const MATCH_FROM_SENT: Mutant = Mutant("match-from-sent");
/// A leader counts its own copy before it is on disk.
pub const SELF_COUNT_EARLY: Mutant = Mutant("self-count-early");
/// A candidate that does not win never stands again.
pub const CANDIDATE_GIVES_UP: Mutant = Mutant("candidate-gives-up");
/// A leader does not answer what it has executed before.
pub const SILENT_DUPLICATE: Mutant = Mutant("silent-duplicate");
/// A leader goes on sending what a follower has refused.
pub const NO_BACKTRACK: Mutant = Mutant("no-backtrack");
/// A server adopts the term that a pre-candidate only asks about.
pub const PREVOTE_BUMPS_TERM: Mutant = Mutant("prevote-bumps-term");

const fn bug(mutant: Mutant, about: &'static str, breaks: &'static [&'static str]) -> MutantInfo {
    MutantInfo { mutant, about, class: MutantClass::Bug, breaks }
}

/// Every planted bug.
pub(super) const ALL: &[MutantInfo] = &[
    bug(
        COMMIT_OLD_TERM,
        "a leader commits an entry of an older term by counting copies",
        &[
            "commit-legality",
            "leader-completeness",
            "committed-never-truncated",
            "state-machine-safety",
        ],
    ),
    bug(VOTE_NOT_DURABLE, "a vote is lost in a crash", &["vote-uniqueness", "election-safety"]),
    bug(
        TERM_NOT_DURABLE,
        "a new term is lost in a crash",
        &["monotony", "vote-uniqueness", "election-safety"],
    ),
    bug(
        NO_LOG_CHECK,
        "votes are granted without comparing logs",
        &["leader-completeness", "committed-never-truncated", "state-machine-safety"],
    ),
    bug(
        LENGTH_ONLY_CHECK,
        "votes are granted by comparing the lengths of logs only",
        &["leader-completeness", "committed-never-truncated", "state-machine-safety"],
    ),
    bug(
        TRUNCATE_ALWAYS,
        "a follower cuts its log even when nothing conflicts",
        &["committed-never-truncated", "durability", "leader-completeness"],
    ),
    MutantInfo {
        mutant: COMMIT_TO_LAST_INDEX,
        about: "a follower commits up to the end of its own log",
        class: MutantClass::Equivalent(
            "a message that reaches no conflict reaches the end of the log: conflict hints name \
             the \
             exact place where two logs part, and no heartbeat carries a commit index beyond it",
        ),
        breaks: &[],
    },
    bug(
        ACK_BEFORE_FSYNC,
        "a follower acknowledges entries before they are on disk",
        &["durability", "leader-completeness"],
    ),
    bug(
        NO_DEDUPE,
        "a command is executed once for every copy in the log",
        &["exactly-once", "linearizability"],
    ),
    bug(
        STALE_TERM_ACCEPT,
        "a server accepts AppendEntries of an older term",
        &[
            "leader-append-only",
            "committed-never-truncated",
            "log-matching",
            "state-machine-safety",
        ],
    ),
    bug(COUNT_OLD_VOTES, "a candidate counts votes of older terms", &["election-safety"]),
    bug(
        NO_PREV_CHECK,
        "a follower accepts entries without looking at the one before them",
        &["log-matching", "durability", "state-machine-safety"],
    ),
    bug(MATCH_FROM_SENT, "a leader counts entries as copied when it sends them", &["durability"]),
    bug(SELF_COUNT_EARLY, "a leader counts its own copy before it is on disk", &["durability"]),
    bug(
        CANDIDATE_GIVES_UP,
        "a candidate that does not win never stands again",
        &["leader-emerges", "requests-answered"],
    ),
    bug(
        SILENT_DUPLICATE,
        "a leader does not answer what it has executed before",
        &["requests-answered"],
    ),
    bug(
        NO_BACKTRACK,
        "a leader goes on sending what a follower has refused",
        &["followers-catch-up", "requests-answered"],
    ),
    bug(
        PREVOTE_BUMPS_TERM,
        "a server adopts the term that a pre-candidate only asks about",
        &["rejoin-keeps-term"],
    ),
];
