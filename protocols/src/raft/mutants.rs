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
/// A leader lets a follower commit by a heartbeat what that may not have.
pub const HEARTBEAT_FULL_COMMIT: Mutant = Mutant("heartbeat-full-commit");
/// A leader serves reads before an entry of its own term is committed.
pub const NO_NOOP_READ: Mutant = Mutant("no-noop-read");
/// A leader serves reads without asking whether it still leads.
pub const LOCAL_READ: Mutant = Mutant("local-read");
/// A read is known by its client: acknowledgements of an earlier read count for a later one.
pub const READ_ID_REUSE: Mutant = Mutant("read-id-reuse");
/// The sessions of clients are not in the snapshot.
pub const DEDUPE_NOT_IN_SNAPSHOT: Mutant = Mutant("dedupe-not-in-snapshot");
/// A leader changes the members before an entry of its own term is committed.
pub const CONFIG_NO_NOOP: Mutant = Mutant("config-no-noop");
/// A leader changes the members before the change before it is committed.
pub const OVERLAPPING_CHANGES: Mutant = Mutant("overlapping-changes");
/// Of two joined configurations one majority of all is counted.
pub const JOINT_ONE_MAJORITY: Mutant = Mutant("joint-one-majority");
/// A PreVote raises the term of whoever is asked.
pub const PREVOTE_BUMPS_TERM: Mutant = Mutant("prevote-bumps-term");
/// A server installs a snapshot that is older than what it has committed.
pub const SNAPSHOT_REWINDS: Mutant = Mutant("snapshot-rewinds");
/// A leader that hears from no majority goes on leading, CheckQuorum or not.
pub const NO_STEP_DOWN: Mutant = Mutant("no-step-down");
/// A server that refuses a vote waits for a whole election timeout again.
pub const TIMER_RESET_ON_REFUSE: Mutant = Mutant("timer-reset-on-refuse");
/// A server that takes itself for a learner refuses its vote.
pub const LEARNER_REFUSES: Mutant = Mutant("learner-refuses");
/// Every server waits for the same time.
pub const SAME_TIMEOUTS: Mutant = Mutant("same-timeouts");

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
    bug(
        COMMIT_TO_LAST_INDEX,
        "a follower commits up to the end of its own log",
        &["state-machine-safety", "committed-never-truncated"],
    ),
    bug(
        HEARTBEAT_FULL_COMMIT,
        "a heartbeat lets a follower commit what it may not have",
        &["state-machine-safety", "committed-never-truncated"],
    ),
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
        NO_NOOP_READ,
        "a new leader serves reads before it knows what is committed",
        &["fresh-reads"],
    ),
    bug(LOCAL_READ, "a leader serves reads without asking whether it leads", &["fresh-reads"]),
    bug(
        READ_ID_REUSE,
        "acknowledgements of a client's earlier read confirm its later ones",
        &["fresh-reads"],
    ),
    bug(
        DEDUPE_NOT_IN_SNAPSHOT,
        "the sessions of clients are not in the snapshot",
        &["exactly-once"],
    ),
    bug(
        CONFIG_NO_NOOP,
        "a leader changes the members before it has committed an entry of its own term",
        &["config-safety", "leader-completeness", "election-safety", "durability"],
    ),
    bug(
        OVERLAPPING_CHANGES,
        "a leader changes the members before the change before it is committed",
        &["config-safety"],
    ),
    bug(
        JOINT_ONE_MAJORITY,
        "one majority is counted over two joined configurations",
        &["durability", "election-safety", "leader-completeness"],
    ),
    bug(
        PREVOTE_BUMPS_TERM,
        "a PreVote raises the term of whoever is asked",
        &["terms-are-stood-for", "rejoin-keeps-term"],
    ),
    bug(
        SNAPSHOT_REWINDS,
        "a server installs a snapshot older than what it has committed",
        &["monotony", "committed-never-truncated"],
    ),
    bug(
        NO_STEP_DOWN,
        "a leader that hears from no majority goes on leading",
        &["leader-hears-majority"],
    ),
    bug(
        TIMER_RESET_ON_REFUSE,
        "a server that refuses its vote waits as long again",
        &["leader-emerges", "requests-answered"],
    ),
    bug(
        LEARNER_REFUSES,
        "a server that takes itself for a learner refuses its vote",
        &["votes-are-given"],
    ),
    bug(
        SAME_TIMEOUTS,
        "every server waits for the same time",
        &["leader-emerges", "requests-answered"],
    ),
];
