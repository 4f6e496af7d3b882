//! What to run.

use crate::{
    Cast, Delay, Duration, Instant, Lexicon, Link, Mutant, Node, NodeId, Operation, Promise,
    Recording, Step, Topology,
};

/// Everything a run depends on.
#[derive(Debug)]
pub struct Spec<N: Node> {
    /// The seed of all dice.
    pub seed: u64,
    /// The system's settings.
    pub config: N::Config,
    /// Who takes part.
    pub cast: Cast<N::Role>,
    /// The protocol's words.
    pub lexicon: Lexicon,
    /// What is on the disks at the start, by seat; empty where missing.
    pub durables: Vec<N::Durable>,
    /// Seats that are not there until a step starts them.
    pub late: Vec<NodeId>,
    /// How every link behaves while nothing changes it. Between rooms, only what it loses and
    /// copies: their links have delays of their own.
    pub link: Link,
    /// The rooms that seats stand in; without them the usual link is between any two seats.
    pub topology: Option<Topology>,
    /// How disks behave.
    pub disk: DiskSpec,
    /// The steps of the scenario, in the order of its file.
    pub steps: Vec<Step<N::Admin>>,
    /// What clients ask beside the steps.
    pub operations: Vec<PlannedOperation>,
    /// The planted bug, if one is wanted.
    pub mutant: Option<Mutant>,
    /// What is checked.
    pub promises: Vec<Box<dyn Promise<N>>>,
    /// When the run ends.
    pub until: Instant,
    /// After how many events the run ends, whatever the time.
    pub events_max: u64,
    /// What is recorded.
    pub recording: Recording,
}

impl<N: Node> Spec<N> {
    /// A run of `cast` for `length` with nothing special: messages take 1 to 10 ms, disks take no
    /// time, nothing is promised or recorded.
    pub fn new(seed: u64, config: N::Config, cast: Cast<N::Role>, length: Duration) -> Self {
        let delay = Delay::Uniform { min: Duration::millis(1), max: Duration::millis(10) };
        Self {
            seed,
            config,
            cast,
            lexicon: Lexicon { epoch: "epoch", epoch_sign: "E", cells: "Slots" },
            durables: Vec::new(),
            late: Vec::new(),
            link: Link::clean(delay),
            topology: None,
            disk: DiskSpec::default(),
            steps: Vec::new(),
            operations: Vec::new(),
            mutant: None,
            promises: Vec::new(),
            until: Instant::ZERO + length,
            events_max: u64::MAX,
            recording: Recording::Nothing,
        }
    }
}

/// How disks behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSpec {
    /// How long a sync takes.
    pub sync: Delay,
}

impl Default for DiskSpec {
    /// A sync takes no time.
    fn default() -> Self {
        Self { sync: Delay::Fixed(Duration::ZERO) }
    }
}

/// An operation a client is to invoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedOperation {
    /// The earliest moment; later if the client is still busy.
    pub at: Instant,
    /// Who.
    pub client: NodeId,
    /// What.
    pub operation: Operation,
}
