//! A crash of nodes, and their restart.

/// Crashes nodes: memory, timers and everything that waited for the disk are gone. What is on disk
/// stays; what becomes of unsynced writes depends on what crashes.
///
/// Messages in flight to a node that is down when they arrive are lost; those it had sent arrive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Crash<S> {
    /// Which nodes.
    pub nodes: Vec<S>,
    /// What crashes.
    pub of: CrashOf,
}

/// How much of a node crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrashOf {
    /// The machine loses power: unsynced writes are lost.
    Machine,
    /// The process dies and its machine lives on: writes that reached the kernel survive. The next
    /// life reads them, and syncs them first, as a careful server does when it opens its files:
    /// what others can see of it waits for that. Until then a crash of the machine still takes
    /// them.
    Process,
}

/// Boots crashed nodes from what their disks hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Restart<S> {
    /// Which nodes.
    pub nodes: Vec<S>,
}
