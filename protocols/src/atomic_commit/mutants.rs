//! Planted bugs: one changed line each. They teach, and they test the promises.

use sim_engine::{Mutant, MutantClass, MutantInfo};

/// A participant in doubt decides alone when it has waited long enough.
pub const READY_TIMEOUT_DECIDES: Mutant = Mutant("ready-timeout-decides");
/// COMMIT is sent before it is on the coordinator's disk.
pub const DECISION_BEFORE_FORCE: Mutant = Mutant("decision-sent-before-force");
/// A participant votes yes before PREPARED is on its disk.
pub const YES_BEFORE_FORCE: Mutant = Mutant("yes-before-prepared-force");
/// A coordinator that presumes abort says commit of what it has no record of.
pub const WRONG_PRESUMPTION: Mutant = Mutant("wrong-presumption");
/// A coordinator forgets a commit before everybody has acknowledged it.
pub const FORGET_EARLY: Mutant = Mutant("forget-early");
/// A majority of yes is enough.
pub const MAJORITY_VOTE: Mutant = Mutant("majority-vote");
/// A participant that has aborted alone says yes to a late PREPARE.
pub const INIT_LATE_YES: Mutant = Mutant("init-late-yes");
/// Whoever ends a transaction commits without bringing everybody to pre-commit first.
pub const SKIP_PRE_COMMIT: Mutant = Mutant("skip-pre-commit");
/// A participant that was down takes part in ending a transaction as if it had not been.
pub const RECOVERED_JOINS: Mutant = Mutant("recovered-site-joins");
/// A participant in doubt answers "aborted".
pub const UNCERTAIN_SAYS_ABORT: Mutant = Mutant("uncertain-says-abort");
/// Presumed commit without the collecting record.
pub const NO_COLLECTING: Mutant = Mutant("no-collecting-record");
/// Locks are given back with the vote.
pub const UNLOCK_AT_VOTE: Mutant = Mutant("unlock-at-vote");
/// A coordinator aborts although every vote is yes.
pub const ABORT_ANYWAY: Mutant = Mutant("abort-anyway");
/// A participant in doubt waits for ever and asks nobody.
pub const NEVER_ASK: Mutant = Mutant("never-ask");
/// The decision is left to the last agent before the coordinator's own PREPARED is on its disk.
pub const HAND_OVER_UNPREPARED: Mutant = Mutant("hand-over-unprepared");
/// A coordinator that has left the decision to the last agent aborts when that is silent.
pub const IMPATIENT_COORDINATOR: Mutant = Mutant("impatient-coordinator");

const fn bug(mutant: Mutant, about: &'static str, breaks: &'static [&'static str]) -> MutantInfo {
    MutantInfo { mutant, about, class: MutantClass::Bug, breaks }
}

/// Every planted bug of two phases.
pub(super) const ALL_2: &[MutantInfo] = &[
    bug(
        READY_TIMEOUT_DECIDES,
        "a participant in doubt aborts alone when it has waited long enough",
        &["agreement", "no-choice-after-yes"],
    ),
    bug(
        DECISION_BEFORE_FORCE,
        "COMMIT is sent before it is on the coordinator's disk",
        &["agreement", "finality"],
    ),
    bug(
        YES_BEFORE_FORCE,
        "a participant votes yes before PREPARED is on its disk",
        &["agreement", "money-conserved"],
    ),
    bug(
        WRONG_PRESUMPTION,
        "a coordinator that presumes abort says commit of what it has no record of",
        &["agreement", "unanimity"],
    ),
    bug(
        FORGET_EARLY,
        "a coordinator forgets a commit before everybody has acknowledged it",
        &["agreement"],
    ),
    bug(MAJORITY_VOTE, "a majority of yes is enough", &["unanimity", "agreement"]),
    bug(
        INIT_LATE_YES,
        "a participant that has aborted alone says yes to a late PREPARE",
        &["agreement", "finality"],
    ),
    bug(
        UNCERTAIN_SAYS_ABORT,
        "a participant in doubt answers \"aborted\"",
        &["agreement", "no-choice-after-yes"],
    ),
    bug(
        NO_COLLECTING,
        "presumed commit without the collecting record",
        &["agreement", "unanimity"],
    ),
    bug(UNLOCK_AT_VOTE, "locks are given back with the vote", &["locks-held", "linearizability"]),
    bug(ABORT_ANYWAY, "a coordinator aborts although every vote is yes", &["abort-has-cause"]),
    bug(NEVER_ASK, "a participant in doubt asks nobody", &["everybody-decides", "bounded-doubt"]),
    bug(
        HAND_OVER_UNPREPARED,
        "the last agent is to decide before the coordinator's own PREPARED is on its disk",
        &["agreement"],
    ),
    bug(
        IMPATIENT_COORDINATOR,
        "a coordinator aborts when the last agent, which is to decide, is silent",
        &["agreement", "no-choice-after-yes"],
    ),
];

/// Every planted bug of three phases.
pub(super) const ALL_3: &[MutantInfo] = &[
    bug(
        SKIP_PRE_COMMIT,
        "whoever ends a transaction commits without bringing everybody to pre-commit first",
        &["agreement"],
    ),
    bug(
        RECOVERED_JOINS,
        "a participant that was down takes part in ending a transaction as if it had not been",
        &["agreement"],
    ),
    bug(
        YES_BEFORE_FORCE,
        "a participant votes yes before PREPARED is on its disk",
        &["agreement", "money-conserved"],
    ),
    bug(MAJORITY_VOTE, "a majority of yes is enough", &["unanimity", "agreement"]),
    bug(UNCERTAIN_SAYS_ABORT, "a participant in doubt answers \"aborted\"", &["agreement"]),
    bug(UNLOCK_AT_VOTE, "locks are given back with the vote", &["locks-held", "linearizability"]),
    bug(ABORT_ANYWAY, "a coordinator aborts although every vote is yes", &["abort-has-cause"]),
    bug(NEVER_ASK, "a participant in doubt asks nobody", &["everybody-decides", "bounded-doubt"]),
];
