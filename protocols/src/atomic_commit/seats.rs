//! What seats there are, their timers, and what an administrator may ask.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{Cast, Key, Misfit, MisfitAt, NodeId, Role, TimerSlot};

use super::log::Log;
use super::txn::Txn;

/// The accounts of a participant, with what is in them when the run begins.
pub(super) type Accounts = BTreeMap<Key, i64>;

/// What a seat is, as a scenario writes it: `{"participant": {"accounts": {"ann": 100}}}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CommitRole {
    /// Runs transactions of clients.
    Coordinator(CoordinatorSettings),
    /// Keeps values, and does its part of transactions.
    Participant(ParticipantSettings),
    /// Asks.
    Client(ClientSettings),
}

/// The settings of one coordinator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CoordinatorSettings {
    /// True if it only ends transactions that other coordinators left undecided.
    pub backup: bool,
}

/// The settings of one participant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ParticipantSettings {
    /// The keys that only participants which name them keep, and what is there at the beginning.
    /// Every participant has a copy of keys that nobody names.
    pub accounts: Accounts,
}

/// The settings of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientSettings {
    /// The coordinator it asks; the first one if left out.
    pub contact: Option<String>,
    /// The participant it reads from if that one keeps the key; else the first that does.
    pub reads_at: Option<String>,
}

impl Role for CommitRole {
    fn kind(&self) -> &'static str {
        match self {
            Self::Coordinator(settings) if settings.backup => "backup",
            Self::Coordinator(_) => "coordinator",
            Self::Participant(_) => "participant",
            Self::Client(_) => "client",
        }
    }

    fn is_client(&self) -> bool {
        matches!(self, Self::Client(_))
    }
}

/// The timers. Each transaction has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alarm {
    /// A coordinator has waited long enough for votes, or for answers to a pre-commit.
    Votes(Txn),
    /// A coordinator sends its decision again.
    Resend(Txn),
    /// A participant in doubt asks.
    Doubt(Txn),
    /// A participant has been in doubt for too long.
    DoubtMax(Txn),
    /// A transaction has waited long enough for a lock.
    Lock(Txn),
    /// Whoever ends a transaction for its coordinator has waited long enough for answers.
    Collect(Txn),
    /// A client asks again.
    Retry,
    /// A client gives up.
    GiveUp,
}

impl Alarm {
    /// The timers with these names, of the first transaction.
    const ALL: [Self; 8] = [
        Self::Votes(Txn(1)),
        Self::Resend(Txn(1)),
        Self::Doubt(Txn(1)),
        Self::DoubtMax(Txn(1)),
        Self::Lock(Txn(1)),
        Self::Collect(Txn(1)),
        Self::Retry,
        Self::GiveUp,
    ];
    /// Their names, for lists.
    pub(super) const NAMES: [&'static str; 8] =
        ["votes", "resend", "doubt", "doubt-max", "lock", "collect", "retry", "give-up"];
}

impl sim_engine::Timer for Alarm {
    const PLAIN: u16 = 2;

    fn slot(self) -> TimerSlot {
        match self {
            Self::Retry => TimerSlot::Plain(0),
            Self::GiveUp => TimerSlot::Plain(1),
            Self::Votes(txn) => TimerSlot::Keyed(0, u64::from(txn.0)),
            Self::Resend(txn) => TimerSlot::Keyed(1, u64::from(txn.0)),
            Self::Doubt(txn) => TimerSlot::Keyed(2, u64::from(txn.0)),
            Self::DoubtMax(txn) => TimerSlot::Keyed(3, u64::from(txn.0)),
            Self::Lock(txn) => TimerSlot::Keyed(4, u64::from(txn.0)),
            Self::Collect(txn) => TimerSlot::Keyed(5, u64::from(txn.0)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Votes(_) => "votes",
            Self::Resend(_) => "resend",
            Self::Doubt(_) => "doubt",
            Self::DoubtMax(_) => "doubt-max",
            Self::Lock(_) => "lock",
            Self::Collect(_) => "collect",
            Self::Retry => "retry",
            Self::GiveUp => "give-up",
        }
    }

    /// Timers of transactions are those of the first one.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alarm| alarm.name() == name)
    }
}

/// What an administrator asks of a participant: `{"read-only": true}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Administration {
    /// Refuse every change from now on, or no longer.
    ReadOnly(bool),
}

impl fmt::Display for Administration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::ReadOnly(on) = self;
        f.write_str(if *on { "read-only" } else { "writable" })
    }
}

impl sim_engine::Admin for Administration {}

/// What is wrong with the cast or its disks, if anything.
pub(super) fn check(cast: &Cast<CommitRole>, durables: &[Log]) -> Result<(), Misfit> {
    let named = |wanted: fn(&CommitRole) -> bool| -> Vec<&str> {
        cast.iter().filter(|(_, seat)| wanted(&seat.role)).map(|(_, s)| s.name.as_str()).collect()
    };
    let coordinators =
        named(|role| matches!(role, CommitRole::Coordinator(settings) if !settings.backup));
    let participants = named(|role| matches!(role, CommitRole::Participant(_)));
    for (list, kind) in [(&coordinators, "coordinator"), (&participants, "participant")] {
        if list.is_empty() {
            return Err(Misfit::new(MisfitAt::Cast, format!("no seat has the role `{kind}`")));
        }
    }
    for ((id, seat), durable) in cast.iter().zip(durables) {
        let is_participant = matches!(seat.role, CommitRole::Participant(_));
        if !is_participant && *durable != Log::default() {
            let what = "only participants have values on their disks when a run begins";
            return Err(Misfit::new(MisfitAt::Disk(id), what));
        }
        let CommitRole::Client(settings) = &seat.role else { continue };
        is_known(id, ("contact", settings.contact.as_deref()), &coordinators)?;
        is_known(id, ("reads_at", settings.reads_at.as_deref()), &participants)?;
    }
    Ok(())
}

fn is_known(id: NodeId, field: (&str, Option<&str>), known: &[&str]) -> Result<(), Misfit> {
    let (field, Some(name)) = field else { return Ok(()) };
    if known.contains(&name) {
        return Ok(());
    }
    let what = format!("{field}: nobody of that kind is called `{name}`");
    let known = known.iter().map(|name| (*name).to_owned()).collect();
    Err(Misfit { at: MisfitAt::Role(id), what, unknown: Some((name.to_owned(), known)) })
}
