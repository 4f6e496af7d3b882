//! The kinds of faults that chance can draw.

/// A kind of fault that chaos can draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChaosKind {
    /// The network splits into two random groups, clients included.
    Partition,
    /// A random node crashes and restarts.
    Crash,
    /// Messages of a random node travel ten to a hundred times longer.
    Delay,
    /// One to thirty percent of all messages are lost.
    Loss,
    /// One to thirty percent of all messages arrive twice.
    Duplicate,
    /// A random node is not heard, or does not hear.
    Cut,
    /// One to thirty percent of all messages are held back, so that later ones overtake them.
    Reorder,
    /// One to thirty percent of all messages are damaged, and dropped for that.
    Corrupt,
    /// Every link carries ten to a thousand kilobytes a second, and four kilobytes may wait.
    Bandwidth,
    /// The process of a random node crashes and restarts; what reached the kernel survives.
    KillProcess,
    /// Syncs of a random node take up to ten to a hundred milliseconds.
    SlowDisk,
    /// One to three syncs of a random node fail.
    FailSync,
    /// The disk of a random node is full.
    FullDisk,
    /// The disk of a random node says that writes are durable which are not.
    LyingDisk,
    /// A random node crashes and tears the write that is under way.
    TornWrite,
    /// A random node crashes and finds its disk damaged when it restarts.
    CorruptRead,
    /// The process of a random node stops and goes on.
    Pause,
    /// Inputs of a random node take up to ten to a hundred milliseconds each.
    SlowCpu,
    /// The clock of a random node is up to a second ahead or behind.
    ClockOffset,
    /// The clock of a random node jumps by up to a second.
    ClockStep,
    /// The clocks of a random node run up to a tenth too fast or too slow.
    ClockDrift,
    /// A random node crashes in the middle of a step and restarts.
    CrashInStep,
}

impl ChaosKind {
    /// The kinds that need nothing of a protocol but patience, and that are drawn if none is named.
    /// This list never changes: what a seed draws depends on it.
    pub const USUAL: [Self; 5] =
        [Self::Partition, Self::Crash, Self::Delay, Self::Loss, Self::Duplicate];

    /// Every kind; new ones come last.
    pub const ALL: [Self; 22] = [
        Self::Partition,
        Self::Crash,
        Self::Delay,
        Self::Loss,
        Self::Duplicate,
        Self::Cut,
        Self::Reorder,
        Self::Corrupt,
        Self::Bandwidth,
        Self::KillProcess,
        Self::SlowDisk,
        Self::FailSync,
        Self::FullDisk,
        Self::LyingDisk,
        Self::TornWrite,
        Self::CorruptRead,
        Self::Pause,
        Self::SlowCpu,
        Self::ClockOffset,
        Self::ClockStep,
        Self::ClockDrift,
        Self::CrashInStep,
    ];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partition => "partition",
            Self::Crash => "crash",
            Self::Delay => "delay",
            Self::Loss => "loss",
            Self::Duplicate => "duplicate",
            Self::Cut => "cut",
            Self::Reorder => "reorder",
            Self::Corrupt => "corrupt",
            Self::Bandwidth => "bandwidth",
            Self::KillProcess => "kill-process",
            Self::SlowDisk => "slow-disk",
            Self::FailSync => "fail-sync",
            Self::FullDisk => "full-disk",
            Self::LyingDisk => "lying-disk",
            Self::TornWrite => "torn-write",
            Self::CorruptRead => "corrupt-read",
            Self::Pause => "pause",
            Self::SlowCpu => "slow-cpu",
            Self::ClockOffset => "clock-offset",
            Self::ClockStep => "clock-step",
            Self::ClockDrift => "clock-drift",
            Self::CrashInStep => "crash-in-step",
        }
    }

    /// True if it strikes messages at a rate.
    pub const fn has_rate(self) -> bool {
        matches!(self, Self::Loss | Self::Duplicate | Self::Reorder | Self::Corrupt)
    }

    /// True if it strikes one node, so that several nodes can have it at once.
    pub const fn strikes_a_node(self) -> bool {
        self.takes_down() || self.is_of_disks() || self.is_of_hosts()
    }

    /// True if it takes a node down: how many may be down at once is said for all such kinds.
    pub const fn takes_down(self) -> bool {
        matches!(
            self,
            Self::Crash
                | Self::KillProcess
                | Self::TornWrite
                | Self::CorruptRead
                | Self::CrashInStep
        )
    }

    const fn is_of_hosts(self) -> bool {
        matches!(
            self,
            Self::Pause | Self::SlowCpu | Self::ClockOffset | Self::ClockStep | Self::ClockDrift
        )
    }

    const fn is_of_disks(self) -> bool {
        matches!(self, Self::SlowDisk | Self::FailSync | Self::FullDisk | Self::LyingDisk)
    }
}
