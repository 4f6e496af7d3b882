//! A crash of nodes, and their restart.

/// Crashes nodes, as if their machines lost power: memory, timers, unsynced writes and everything
/// that waited for those are gone. What is on disk stays.
///
/// Messages in flight to a node that is down when they arrive are lost; those it had sent arrive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Crash<S> {
    /// Which nodes.
    pub nodes: Vec<S>,
}

/// Boots crashed nodes from what their disks hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Restart<S> {
    /// Which nodes.
    pub nodes: Vec<S>,
}
