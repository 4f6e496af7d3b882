//! What a protocol names where it has nothing: no timers, no links, no disk, no facts, no
//! administrator.

use std::fmt;

use crate::{
    Admin, Caption, Durable, Fact, NodeId, Operation, Port, Role, Slot, Timer, TimerSlot,
    Vocabulary,
};

/// A value that cannot be made: the timer, port, command, fact or administrator's command of a
/// protocol that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
pub enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Admin for Never {}

impl Vocabulary for Never {
    fn from_operation(_: &Operation) -> Option<Self> {
        None
    }
}

impl Timer for Never {
    const PLAIN: u16 = 0;

    fn slot(self) -> TimerSlot {
        match self {}
    }

    fn name(self) -> &'static str {
        match self {}
    }

    fn named(_: &str) -> Option<Self> {
        None
    }
}

impl Port for Never {
    fn name(self) -> &'static str {
        match self {}
    }
}

/// The port of a protocol with one link between two nodes.
impl Port for () {
    fn name(self) -> &'static str {
        "link"
    }
}

impl Fact for Never {
    fn name(&self) -> &'static str {
        match *self {}
    }

    fn details(&self) -> Vec<(&'static str, Slot)> {
        match *self {}
    }

    fn weight(&self) -> u8 {
        match *self {}
    }

    fn caption(&self) -> Option<Caption> {
        match *self {}
    }
}

/// A disk that is never written.
impl Durable for () {
    type Delta = Never;
    type Initial = ();

    fn apply(&mut self, delta: &Never) {
        match *delta {}
    }

    fn bytes(delta: &Never) -> u32 {
        match *delta {}
    }

    fn initial((): &(), _: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        Ok(())
    }
}

/// A seat like all others.
impl Role for () {
    fn kind(&self) -> &'static str {
        "node"
    }

    fn is_client(&self) -> bool {
        false
    }
}
