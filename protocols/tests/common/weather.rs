//! Runs of Raft under random faults: a cluster, clients, and a random schedule.

use protocols::raft::{Raft, RaftConfig, RaftNode};
use sim_engine::{
    Chaos, ChaosKind, Concern, Delay, Dice, DiskSpec, Duration, Instant, Link, Mutant, NodeId,
    Operation, Outcome, PlannedOperation, Protocol, Simulation, Span, Spec,
};

use crate::common::cast;

/// What a run under random faults is like.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    pub(crate) servers: u16,
    /// How many servers may be down at once.
    pub(crate) down_max: u16,
    pub(crate) kinds: Vec<ChaosKind>,
    /// The longest a message travels.
    pub(crate) delay_max: Duration,
    /// The time between two faults, at most.
    pub(crate) every_max: Duration,
    pub(crate) config: RaftConfig,
}

impl Weather {
    /// Five servers, every kind of fault.
    pub(crate) fn usual(config: RaftConfig) -> Self {
        Self {
            servers: 5,
            down_max: 2,
            kinds: ChaosKind::USUAL.to_vec(),
            delay_max: Duration::millis(10),
            every_max: Duration::millis(600),
            config,
        }
    }

    /// Four kinds in turn: some bugs need few servers, some slow links, some short messages.
    pub(crate) fn of(seed: u64) -> Self {
        let usual = Self::usual(RaftConfig::paper());
        let short = RaftConfig { max_entries_per_append: 1, ..RaftConfig::paper() };
        match seed % 4 {
            0 => usual,
            1 => Self { servers: 3, down_max: 1, config: short, ..usual },
            2 => Self { servers: 3, down_max: 1, delay_max: Duration::millis(140), ..usual },
            _ => Self {
                down_max: 4,
                kinds: vec![ChaosKind::Partition, ChaosKind::Crash],
                every_max: Duration::millis(250),
                config: RaftConfig { pre_vote: seed % 8 == 7, ..short },
                ..usual
            },
        }
    }
}

/// Servers and three clients under random faults for eight seconds, and two seconds of peace.
pub(crate) fn chaos_spec(seed: u64, weather: &Weather, mutant: Option<Mutant>) -> Spec<RaftNode> {
    let cast = cast(weather.servers, 3);
    let span = |max| Span { min: Duration::millis(50), max };
    let chaos = Chaos {
        from: Instant::ZERO + Duration::millis(300),
        until: Instant::ZERO + Duration::secs(8),
        kinds: weather.kinds.clone(),
        every: span(weather.every_max),
        lasts: span(Duration::millis(900)),
        down_max: weather.down_max,
        knobs: std::collections::BTreeMap::new(),
        core: None,
        within: Some(Duration::millis(1_900)),
    };
    let steps = chaos.draw(seed, &cast);
    let sync = Delay::Uniform { min: Duration::micros(200), max: Duration::millis(8) };
    let delay = Delay::Uniform { min: Duration::millis(1), max: weather.delay_max };
    Spec {
        steps,
        operations: operations(seed, weather.servers),
        mutant,
        link: Link::clean(delay),
        disk: DiskSpec { sync },
        promises: Raft::promises(),
        events_max: 200_000,
        ..Spec::new(seed, weather.config.clone(), cast, Duration::secs(10))
    }
}

/// Two hundred operations of three clients.
fn operations(seed: u64, servers: u16) -> Vec<PlannedOperation> {
    let mut dice = Dice::new(seed, Concern::Workload, 0);
    let operation = |n: u16, dice: &mut Dice| {
        let key = if dice.below(2) == 0 { "x" } else { "y" }.parse().expect("a short key");
        match dice.below(3) {
            0 => Operation::Read { key },
            1 => Operation::Write { key, value: i64::from(n) },
            _ => Operation::Increment { key },
        }
    };
    (0..200_u16)
        .map(|n| PlannedOperation {
            at: Instant::ZERO + Duration::millis(u64::from(n) * 45),
            client: NodeId::new(servers + n % 3),
            operation: operation(n, &mut dice),
        })
        .collect()
}

/// Runs it.
pub(crate) fn chaos(seed: u64, weather: &Weather, mutant: Option<Mutant>) -> Outcome {
    Simulation::new(chaos_spec(seed, weather, mutant)).run().0
}
