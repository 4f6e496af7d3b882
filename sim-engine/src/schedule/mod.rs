//! What a run is asked to do, and when: steps, their triggers, and random schedules drawn
//! beforehand.

mod chaos;
mod kinds;
mod selector;
mod troubles;

pub use chaos::{Chaos, Knobs, Rate};
pub use kinds::ChaosKind;
pub use selector::Selector;

use crate::{Duration, Fault, FilterAction, Instant, Operation};

/// One step of a scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<A> {
    /// When it is taken.
    pub trigger: Trigger,
    /// How long after that.
    pub after: Duration,
    /// Names given to whoever a selector means at the moment the step is taken.
    pub bind: Vec<(String, Selector)>,
    /// What it does.
    pub action: Action<A>,
    /// After what time everything that it began ends, and nothing else: what it crashed restarts,
    /// what it cut is mended. Until something else ends it if absent. Only faults last.
    pub lasts: Option<Duration>,
    /// How often it is taken, if not once.
    pub repeat: Option<Repeat>,
    /// What the figure says about it, the first time.
    pub say: Option<String>,
    /// True if it may change nothing.
    pub may_miss: bool,
}

/// How often a step is taken. The step that follows it follows the last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// How often in all.
    pub times: u32,
    /// The time between two of them. If absent, the step waits again for what it waited for.
    pub every: Option<Duration>,
}

impl<A> Step<A> {
    /// A step that does this at a time, once.
    pub fn at(at: Instant, action: Action<A>) -> Self {
        Self {
            trigger: Trigger::At(at),
            after: Duration::ZERO,
            bind: Vec::new(),
            action,
            lasts: None,
            repeat: None,
            say: None,
            may_miss: false,
        }
    }
}

/// When a step is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// At this time.
    At(Instant),
    /// As soon as the step before it has been taken; the first one at the start.
    Previous,
    /// The first time this happens after the step before it has been taken.
    When(Condition),
}

/// Something that happens, to wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What.
    pub what: Happening,
    /// At which node; any if absent.
    pub node: Option<Selector>,
    /// The how many-th time, from 1.
    pub count: u32,
}

/// The kinds of happenings a step can wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A fact with this name is announced.
    Fact(String),
    /// A node comes to stand in this role.
    Role(String),
    /// A message of this kind is delivered to the node, from this sender if given.
    Delivered {
        /// The kind of message.
        kind: String,
        /// The sender; anybody if absent.
        from: Option<Selector>,
    },
}

/// What a step does. `A` is the protocol's administrator command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action<A> {
    /// Begins or ends a fault.
    Fault(Fault<Selector>),
    /// Lets a client invoke an operation, as soon as it is free.
    Client {
        /// Who.
        client: Selector,
        /// What.
        operation: Operation,
    },
    /// Gives an administrator's command to nodes.
    Admin {
        /// To whom.
        nodes: Selector,
        /// What.
        command: A,
    },
    /// Holds, drops or hurries chosen messages that are sent from now on.
    Direct(Direct),
    /// Lets held messages go on, oldest first.
    Release(Release),
    /// Makes a timer run out now, set or not.
    Fire {
        /// Of which nodes.
        nodes: Selector,
        /// Its name.
        timer: String,
    },
    /// Boots a node that was not there from the beginning.
    Start {
        /// Which.
        nodes: Selector,
    },
    /// Looks at the state of every node: a place for a snapshot in the figure.
    Look,
}

/// A directive on messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direct {
    /// What to do with them.
    pub action: FilterAction,
    /// Their kind; any if absent.
    pub kind: Option<String>,
    /// Their senders; anybody if absent.
    pub from: Option<Selector>,
    /// Their receivers; anybody if absent.
    pub to: Option<Selector>,
    /// How many of them; all that follow if absent.
    pub count: Option<u32>,
}

/// Which held messages to let go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Their kind; any if absent.
    pub kind: Option<String>,
    /// Their senders; anybody if absent.
    pub from: Option<Selector>,
    /// Their receivers; anybody if absent.
    pub to: Option<Selector>,
    /// How many of them; all if absent.
    pub count: Option<u32>,
    /// True to lose them instead of letting them arrive.
    pub drop: bool,
}

impl<A> Action<A> {
    /// The kind, as files name it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Fault(fault) => fault.kind(),
            Self::Client { .. } => "client",
            Self::Admin { .. } => "admin",
            Self::Direct(direct) => match direct.action {
                FilterAction::Hold => "hold",
                FilterAction::Drop => "drop",
                FilterAction::Deliver => "deliver",
            },
            Self::Release(_) => "release",
            Self::Fire { .. } => "fire",
            Self::Start { .. } => "start",
            Self::Look => "look",
        }
    }
}
