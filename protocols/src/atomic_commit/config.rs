//! The settings of both protocols.

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::Duration;

/// How many phases there are. Not a setting: the protocol says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Phases {
    /// Vote, decision.
    #[default]
    Two,
    /// Vote, pre-commit, decision.
    Three,
}

/// What a coordinator that has no record of a transaction says of it (Mohan, Lindsay, Obermarck).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Presumption {
    /// It remembers every transaction until everybody has acknowledged the decision.
    #[default]
    Nothing,
    /// It aborted.
    Abort,
    /// It committed: legal, because an undecided one always has a record.
    Commit,
}

/// How three-phase commit ends a transaction whose coordinator is silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// Skeen 1981: votes bind, a participant is elected and decides by the states of the living.
    #[default]
    Skeen,
    /// As it is often told: locks and logs only in the second phase, and each participant decides
    /// alone when it has waited long enough.
    Popular,
    /// Skeen 1982: a quorum of participants in the same state decides, so partitions do no harm.
    Quorum,
}

/// In which phase of three a participant takes its locks and writes down what it needs to commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LockPhase {
    /// Before it votes: so its yes is a promise.
    Vote,
    /// Once everybody has said yes: so a no costs nobody anything, and a yes binds nobody.
    PreCommit,
}

/// The settings of a system.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Two or three.
    #[serde(skip)]
    pub phases: Phases,
    /// What no record means; two phases only.
    pub presumption: Presumption,
    /// In doubt, participants ask each other; two phases only.
    pub cooperative: bool,
    /// The last participant is not asked for its vote: once all others have voted yes, it decides;
    /// two phases only.
    pub last_agent: bool,
    /// How a silent coordinator is replaced; three phases only.
    pub variant: Variant,
    /// When participants take their locks; three phases only. If left out as the variant has it:
    /// with the pre-commit in the popular one, before the vote in the others.
    pub lock_phase: Option<LockPhase>,
    /// How many pre-commits let a quorum commit; a majority if 0.
    pub commit_quorum: u16,
    /// How many pre-aborts let a quorum abort; what the other quorum leaves if 0.
    pub abort_quorum: u16,
    /// Reads of one key are transactions, too, instead of one question to whoever keeps it.
    pub reads_are_transactions: bool,
    /// How long a coordinator waits for votes, or for answers to a pre-commit.
    pub vote_timeout: Duration,
    /// How long a participant that has voted yes waits before it asks, and between two rounds of
    /// asking.
    pub doubt_timeout: Duration,
    /// By how much longer each participant waits than the one before it, so that one asks first:
    /// longer than a round of questions takes; three phases only.
    pub rank_step: Duration,
    /// How long whoever ends a transaction for the coordinator waits for answers.
    pub collect_timeout: Duration,
    /// How long a participant may be in doubt before it complains.
    pub doubt_max: Duration,
    /// How long a coordinator waits for acknowledgements before it sends the decision again.
    pub resend: Duration,
    /// How long a transaction waits for a lock before its participant votes no.
    pub lock_timeout: Duration,
    /// How long a client waits before it asks again.
    pub client_retry: Duration,
    /// How long a client waits in all.
    pub client_give_up: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            phases: Phases::Two,
            presumption: Presumption::Nothing,
            cooperative: true,
            last_agent: false,
            variant: Variant::Skeen,
            lock_phase: None,
            commit_quorum: 0,
            abort_quorum: 0,
            reads_are_transactions: false,
            vote_timeout: Duration::millis(100),
            doubt_timeout: Duration::millis(100),
            rank_step: Duration::millis(60),
            collect_timeout: Duration::millis(50),
            doubt_max: Duration::secs(1),
            resend: Duration::millis(100),
            lock_timeout: Duration::millis(80),
            client_retry: Duration::millis(500),
            client_give_up: Duration::secs(2),
        }
    }
}

impl Config {
    /// What is wrong with the settings, if anything.
    pub(super) fn check(&self) -> Result<(), String> {
        let lengths = [
            ("vote_timeout", self.vote_timeout),
            ("doubt_timeout", self.doubt_timeout),
            ("rank_step", self.rank_step),
            ("collect_timeout", self.collect_timeout),
            ("doubt_max", self.doubt_max),
            ("resend", self.resend),
            ("lock_timeout", self.lock_timeout),
            ("client_retry", self.client_retry),
            ("client_give_up", self.client_give_up),
        ];
        if let Some((name, _)) = lengths.iter().find(|(_, length)| *length == Duration::ZERO) {
            return Err(format!("{name} must be more than 0"));
        }
        let usual = Self::default();
        let foreign = match self.phases {
            Phases::Two if self.variant != usual.variant => Some(("variant", "three")),
            Phases::Two if self.lock_phase.is_some() => Some(("lock_phase", "three")),
            Phases::Two if (self.commit_quorum, self.abort_quorum) != (0, 0) => {
                Some(("commit_quorum and abort_quorum", "three"))
            }
            Phases::Three if self.presumption != usual.presumption => Some(("presumption", "two")),
            Phases::Three if !self.cooperative => Some(("cooperative", "two")),
            Phases::Three if self.last_agent => Some(("last_agent", "two")),
            Phases::Two | Phases::Three => None,
        };
        if let Some((name, protocol)) = foreign {
            return Err(format!("{name}: only {protocol}-phase-commit has that"));
        }
        if self.variant != Variant::Quorum && (self.commit_quorum, self.abort_quorum) != (0, 0) {
            return Err("commit_quorum and abort_quorum need `variant` to be `quorum`".to_owned());
        }
        Ok(())
    }

    /// The settings that matter to a reader.
    pub(super) fn words(&self) -> Vec<String> {
        let word = match (self.phases, self.presumption, self.variant) {
            (Phases::Two, Presumption::Nothing, _) => "nothing is presumed",
            (Phases::Two, Presumption::Abort, _) => "presumed abort",
            (Phases::Two, Presumption::Commit, _) => "presumed commit",
            (Phases::Three, _, Variant::Skeen) => "somebody is elected to end what is undecided",
            (Phases::Three, _, Variant::Popular) => "each participant decides by its own timeout",
            (Phases::Three, _, Variant::Quorum) => "a quorum decides",
        };
        let mut words = vec![word.to_owned()];
        if self.phases == Phases::Two && !self.cooperative {
            words.push("participants ask the coordinator only".to_owned());
        }
        if self.last_agent {
            words.push("the last participant decides".to_owned());
        }
        words.extend(self.lock_phase.map(|phase| match phase {
            LockPhase::Vote => "locks before the vote".to_owned(),
            LockPhase::PreCommit => "locks with the pre-commit".to_owned(),
        }));
        words
    }

    /// The quorums for so many participants: how many commit, how many abort.
    pub(super) fn quorums(&self, participants: usize) -> (usize, usize) {
        let commit = match usize::from(self.commit_quorum) {
            0 => participants / 2 + 1,
            n => n,
        };
        let abort = match usize::from(self.abort_quorum) {
            0 => (participants + 1).saturating_sub(commit).max(1),
            n => n,
        };
        (commit, abort)
    }

    /// True if locks are taken and records written only once everybody has said yes.
    pub(super) fn locks_late(&self) -> bool {
        let usual = match self.variant {
            Variant::Popular => LockPhase::PreCommit,
            Variant::Skeen | Variant::Quorum => LockPhase::Vote,
        };
        self.phases == Phases::Three && self.lock_phase.unwrap_or(usual) == LockPhase::PreCommit
    }

    /// True if a decision is to be acknowledged, so that the coordinator may forget it.
    pub(super) fn wants_ack(&self, is_commit: bool) -> bool {
        match self.presumption {
            Presumption::Nothing => true,
            Presumption::Abort => is_commit,
            Presumption::Commit => !is_commit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_quorums_always_meet() {
        let config = Config::default();
        for n in 1..9 {
            let (commit, abort) = config.quorums(n);
            assert_eq!(commit + abort, n + 1, "{n}");
        }
    }

    #[test]
    fn each_variant_has_its_own_lock_phase_unless_another_is_set() {
        for (variant, is_late) in
            [(Variant::Skeen, false), (Variant::Quorum, false), (Variant::Popular, true)]
        {
            let usual = Config { phases: Phases::Three, variant, ..Config::default() };
            assert_eq!(usual.locks_late(), is_late);
            let last = Config { last_agent: true, ..Config::default() };
            assert_eq!(last.check(), Ok(()));
            let last = Config { phases: Phases::Three, ..last };
            assert_eq!(last.check(), Err("last_agent: only two-phase-commit has that".to_owned()));
            let late = Config { lock_phase: Some(LockPhase::PreCommit), ..usual.clone() };
            assert!(late.locks_late());
            let early = Config { lock_phase: Some(LockPhase::Vote), ..usual };
            assert!(!early.locks_late());
        }
    }

    #[test]
    fn settings_of_the_other_protocol_are_refused() {
        let quorum = Config { variant: Variant::Quorum, ..Config::default() };
        assert!(quorum.check().unwrap_err().contains("variant"));
        assert_eq!(Config { phases: Phases::Three, ..quorum }.check(), Ok(()));
        let presumed = Config { presumption: Presumption::Abort, ..Config::default() };
        assert_eq!(presumed.check(), Ok(()));
        assert!(Config { phases: Phases::Three, ..presumed }.check().is_err());
        let late = Config { lock_phase: Some(LockPhase::PreCommit), ..Config::default() };
        assert!(late.check().unwrap_err().contains("lock_phase"));
        assert_eq!(Config { phases: Phases::Three, ..late }.check(), Ok(()));
        let hasty = Config { vote_timeout: Duration::ZERO, ..Config::default() };
        assert!(hasty.check().unwrap_err().contains("vote_timeout"));
    }
}
