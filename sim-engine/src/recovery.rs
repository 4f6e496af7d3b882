//! What promises of progress see: how things are once the faults have ended.

use crate::embed::Nodes;
use crate::network::Network;
use crate::{Cast, DiskSpec, EventId, History, Instant, Link, Node, NodeId};

/// The time in which progress is due, and whose faults have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// When the faults of the core ended.
    pub since: Instant,
    /// When progress must have been made.
    pub until: Instant,
    /// The nodes whose faults have ended, all clients among them, in the order of ids.
    pub core: Vec<NodeId>,
}

/// What kind of moment a look at a recovery is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The faults of the core have just ended.
    Begins,
    /// Something struck since: a fault, a directive, the end of either, a crash.
    Troubled,
    /// The time is over.
    Ends,
}

/// What a promise sees of a recovery: who is up, who hears whom, whose disk works.
#[derive(Debug)]
pub struct Recovery<'a, N: Node> {
    /// When.
    pub at: Instant,
    /// The newest event.
    pub event: EventId,
    /// What kind of moment.
    pub phase: Phase,
    /// The time in which progress is due.
    pub window: &'a Window,
    /// What clients have asked and know.
    pub history: &'a History,
    pub(crate) network: &'a Network,
    pub(crate) disk: DiskSpec,
    pub(crate) nodes: Nodes<'a, N>,
    pub(crate) cast: &'a Cast<N::Role>,
    pub(crate) config: &'a N::Config,
}

impl<'a, N: Node> Recovery<'a, N> {
    /// The memory of a node; `None` while it is down.
    pub fn memory(&self, id: NodeId) -> Option<&'a N> {
        self.nodes.memory(id)
    }

    /// What is truly on the disk of a node.
    pub fn durable(&self, id: NodeId) -> &'a N::Durable {
        self.nodes.durable(id)
    }

    /// Who takes part.
    pub fn cast(&self) -> &'a Cast<N::Role> {
        self.cast
    }

    /// The system's settings.
    pub fn config(&self) -> &'a N::Config {
        self.config
    }

    /// How every link behaves while nothing changes it.
    pub fn usual_link(&self) -> &'a Link {
        self.network.base()
    }

    /// How disks behave while nothing is wrong with them.
    pub fn usual_disk(&self) -> DiskSpec {
        self.disk
    }

    /// True if the node is up.
    pub fn is_up(&self, id: NodeId) -> bool {
        self.nodes.is_up(id)
    }

    /// True if nothing is wrong with the node itself: it is up and runs, its disk and its clocks
    /// are as usual.
    pub fn is_well(&self, id: NodeId) -> bool {
        self.nodes.is_well(id)
    }

    /// True if messages pass both ways between two nodes as usual: no fault and no directive
    /// changes anything.
    pub fn are_connected(&self, one: NodeId, two: NodeId) -> bool {
        self.network.is_as_usual(one, two) && self.network.is_as_usual(two, one)
    }

    /// True if nothing that one node sends reaches the other.
    pub fn is_silent_for(&self, from: NodeId, to: NodeId) -> bool {
        !self.is_up(from) || self.network.is_severed(from, to)
    }
}
