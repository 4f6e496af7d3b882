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
/// A participant takes money without giving it.
pub const KEEP_THE_CHANGE: Mutant = Mutant("keep-the-change");
/// A participant in doubt waits for ever and asks nobody.
pub const NEVER_ASK: Mutant = Mutant("never-ask");

const fn bug(mutant: Mutant, about: &'static str, breaks: &'static [&'static str]) -> MutantInfo {
    MutantInfo { mutant, about, class: MutantClass::Bug, breaks }
}
