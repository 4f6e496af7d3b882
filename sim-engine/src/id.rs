//! Names of things inside a run: small numbers, never strings.

use std::fmt;

/// A seat in the cast: a place in the list of nodes and clients of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u16);

impl NodeId {
    /// The seat with this place in the cast, counted from 0.
    pub const fn new(place: u16) -> Self {
        Self(place)
    }

    /// The place in the cast, for indexing.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The place in the cast as a number of fixed width.
    pub const fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for NodeId {
    /// `#0`: only where no cast is at hand to look the name up.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The number of something that happened, in the order of the run, from 1. Does not depend on what
/// is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub u64);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A client operation, numbered from 0 in the order of invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub u32);

/// A forced write, numbered per node; comes back in [`Event::Synced`](crate::Event::Synced).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);
