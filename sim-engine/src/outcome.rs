//! What a run came to: counts, promises, faults, measurements.

use std::collections::BTreeMap;

use crate::{Digest, Duration, EventId, History, Instant};

/// What a run came to. The same for one (scenario, seed), whatever was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The seed.
    pub seed: u64,
    /// The fingerprint of everything that happened.
    pub digest: Digest,
    /// How many events were processed: deliveries, timers, syncs, steps of the scenario.
    pub events: u64,
    /// What became of the messages.
    pub messages: MessageCounts,
    /// How much time was simulated.
    pub simulated: Duration,
    /// Why the run ended.
    pub stopped: Stopped,
    /// What became of each promise, in the protocol's order.
    pub promises: Vec<PromiseResult>,
    /// How often each fact was announced.
    pub milestones: BTreeMap<&'static str, u64>,
    /// How often each kind of fault was armed, and how often it acted.
    pub faults: Vec<FaultCount>,
    /// Steps of the scenario that were never taken, by their places.
    pub steps_missed: Vec<u32>,
    /// Steps that were taken but changed nothing, or named somebody who was not there: a crash of a
    /// node that was down, a name for a leader while nobody led.
    pub steps_idle: Vec<u32>,
    /// What clients asked and know.
    pub history: History,
    /// Times and counts that lessons are about.
    pub measurements: Measurements,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// The time it was given was over.
    Time,
    /// Nothing was left to happen.
    Quiet,
    /// The limit of events was reached first.
    EventLimit,
    /// More messages were under way than the engine can hold.
    MailLimit,
}

/// What became of the messages of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// Sent, copies made by the network included.
    pub sent: u64,
    /// Delivered.
    pub delivered: u64,
    /// Dropped, for whatever cause.
    pub dropped: u64,
    /// Under way or held back at the end.
    pub in_flight: u64,
}

/// What became of one promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromiseResult {
    /// Its name.
    pub name: &'static str,
    /// How often it was put to the test.
    pub exercised: u64,
    /// The finding, if it was broken.
    pub broken: Option<Broken>,
    /// Why nothing can be said of it, if the faults were more than the protocol survives.
    pub suspended: Option<String>,
    /// True if a budget ran out before anybody knew.
    pub is_undecided: bool,
}

/// A broken promise in an outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// When it was seen.
    pub at: Instant,
    /// The event at which it was seen.
    pub event: EventId,
    /// What is wrong.
    pub why: String,
    /// The events that show it.
    pub witness: Vec<EventId>,
}

/// What became of a promise, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Put to the test, and not broken.
    Held,
    /// Broken.
    Violated,
    /// Never put to the test.
    NotExercised,
    /// Put to the test, but a budget ran out before anybody knew.
    Undecided,
    /// The faults exceeded what the protocol promises to survive.
    Suspended,
}

impl PromiseResult {
    /// What became of it.
    pub fn status(&self) -> Status {
        if self.broken.is_some() {
            Status::Violated
        } else if self.suspended.is_some() {
            Status::Suspended
        } else if self.is_undecided {
            Status::Undecided
        } else if self.exercised == 0 {
            Status::NotExercised
        } else {
            Status::Held
        }
    }
}

impl Status {
    /// The word used in outcomes.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Violated => "violated",
            Self::NotExercised => "not-exercised",
            Self::Undecided => "undecided",
            Self::Suspended => "suspended",
        }
    }
}

/// How often faults of one kind were armed, and how often they acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultCount {
    /// The kind: `partition`.
    pub kind: &'static str,
    /// How many were scheduled and began.
    pub armed: u64,
    /// How often they changed what happened: messages lost, nodes taken down.
    pub acted: u64,
}

/// Times and counts that lessons are about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measurements {
    /// How long two or more living nodes led at once, whatever their epochs.
    pub two_leaders: Duration,
    /// How long nobody who was alive led, from the moment somebody first did.
    pub leaderless: Duration,
    /// The longest time that operations were open between two successful ones, or before the first
    /// or after the last. Times in which nobody waits do not count.
    pub unavailable: Duration,
    /// How many writes were forced: what their node did next waited for the disk.
    pub forced_writes: u64,
    /// What the protocol's own facts measure, by name.
    pub spans: BTreeMap<&'static str, Duration>,
}
