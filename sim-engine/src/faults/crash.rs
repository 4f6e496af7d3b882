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

/// Crashes nodes in the middle of a step: after some of what it asks for, and before the rest.
///
/// It waits for a step that asks for enough, in this life or a later one; if it lasts, no longer
/// than that. What was carried out
/// before the crash has happened: messages are under way, writes are handed over. Counted are
/// writes, messages and the ends of operations, in the order in which the node asks for them;
/// timers and facts are not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CrashInStep<S> {
    /// Which nodes.
    pub nodes: Vec<S>,
    /// What crashes.
    pub of: CrashOf,
    /// In which step: a kind of message, the name of a timer, or one of [`OCCASIONS`]; in the next
    /// one that asks for enough if absent. With `synced`, what waited for the disk counts.
    pub on: Option<String>,
    /// After how many of its effects; 0 is before the first.
    pub after: u32,
}

/// In which steps beside those on messages and timers a node can crash.
pub const OCCASIONS: [&str; 7] =
    ["started", "command", "admin", "synced", "disk-failed", "link-up", "link-down"];

/// Boots crashed nodes from what their disks hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Restart<S> {
    /// Which nodes.
    pub nodes: Vec<S>,
}
