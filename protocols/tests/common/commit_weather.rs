//! Runs of atomic commit under random faults: a bank on three participants, clients, and a random
//! schedule.

use protocols::atomic_commit::{
    ClientSettings, CommitNode, CommitRole, Config, CoordinatorSettings, ParticipantSettings,
    Presumption, ThreePhaseCommit, TwoPhaseCommit, Variant,
};
use sim_engine::{
    Cast, Chaos, ChaosKind, Concern, Delay, Dice, DiskSpec, Duration, Instant, Link, Mutant,
    NodeId, Operation, Outcome, PlannedOperation, Protocol, Role, Seat, Simulation, Span, Spec,
};

/// What a run under random faults is like.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    pub(crate) is_three: bool,
    pub(crate) participants: u16,
    pub(crate) backups: u16,
    pub(crate) kinds: Vec<ChaosKind>,
    /// The longest a message travels.
    pub(crate) delay_max: Duration,
    /// The longest a sync takes.
    pub(crate) sync_max: Duration,
    /// How many nodes may be down at once.
    pub(crate) down_max: u16,
    /// The time between two faults, at most.
    pub(crate) every_max: Duration,
    pub(crate) config: Config,
}

impl Weather {
    /// Two phases: each presumption in turn, with and without cooperation and a last agent, on fast
    /// and slow links.
    pub(crate) fn two(seed: u64) -> Self {
        let presumption =
            [Presumption::Nothing, Presumption::Abort, Presumption::Commit][usize_of(seed % 3)];
        let config = Config {
            presumption,
            cooperative: seed.is_multiple_of(2),
            last_agent: (seed / 6).is_multiple_of(2),
            ..Config::default()
        };
        let is_slow = seed % 5 == 4;
        Self {
            is_three: false,
            participants: 3,
            backups: u16::from(seed % 7 == 3),
            kinds: ChaosKind::USUAL.to_vec(),
            delay_max: Duration::millis(if is_slow { 140 } else { 10 }),
            sync_max: Duration::millis(8),
            down_max: 2,
            every_max: Duration::millis(400),
            config,
        }
    }

    /// Three phases: a quorum under every fault, Skeen's first protocol where nodes only crash.
    pub(crate) fn three(seed: u64) -> Self {
        let two = Self::two(seed);
        if seed.is_multiple_of(2) {
            let config = Config { variant: Variant::Quorum, ..Config::default() };
            return Self { is_three: true, participants: 4, backups: 0, config, ..two };
        }
        let config = Config {
            variant: Variant::Skeen,
            vote_timeout: Duration::millis(60),
            doubt_timeout: Duration::millis(150),
            lock_timeout: Duration::millis(30),
            ..Config::default()
        };
        Self {
            is_three: true,
            participants: 4,
            backups: 0,
            kinds: vec![ChaosKind::Crash],
            delay_max: Duration::millis(5),
            sync_max: Duration::millis(3),
            every_max: Duration::millis(200),
            config,
            ..two
        }
    }
}

fn usize_of(n: u64) -> usize {
    usize::try_from(n).expect("a small number")
}

fn cast(weather: &Weather) -> Cast<CommitRole> {
    let coordinator = |backup| CommitRole::Coordinator(CoordinatorSettings { backup });
    let participant = |n: u16| {
        let accounts = ["a", "b"].map(|letter| (key(&format!("{letter}{n}")), 5));
        CommitRole::Participant(ParticipantSettings { accounts: accounts.into() })
    };
    let seat = |name: String, role: CommitRole| Seat {
        name,
        kind: role.kind().to_owned(),
        is_client: role.is_client(),
        role,
        place: None,
    };
    let seats = std::iter::once(seat("co".to_owned(), coordinator(false)))
        .chain((0..weather.backups).map(|_| seat("bk".to_owned(), coordinator(true))))
        .chain((1..=weather.participants).map(|n| seat(format!("p{n}"), participant(n))))
        .chain(
            (1..=4).map(|n| seat(format!("c{n}"), CommitRole::Client(ClientSettings::default()))),
        );
    Cast::new(seats.collect())
}

fn key(name: &str) -> sim_engine::Key {
    name.parse().expect("a short key")
}

/// Six seconds of random faults, and three of peace.
pub(crate) fn chaos_spec(seed: u64, weather: &Weather, mutant: Option<Mutant>) -> Spec<CommitNode> {
    let cast = cast(weather);
    let span = |max| Span { min: Duration::millis(30), max };
    let chaos = Chaos {
        from: Instant::ZERO + Duration::millis(200),
        until: Instant::ZERO + Duration::secs(6),
        kinds: weather.kinds.clone(),
        every: span(weather.every_max),
        lasts: span(Duration::millis(600)),
        down_max: weather.down_max,
        knobs: std::collections::BTreeMap::new(),
        core: None,
        within: None,
    };
    let steps = chaos.draw(seed, &cast);
    let (config, promises) = if weather.is_three {
        (ThreePhaseCommit::configure(weather.config.clone()), ThreePhaseCommit::promises())
    } else {
        (TwoPhaseCommit::configure(weather.config.clone()), TwoPhaseCommit::promises())
    };
    let first_client = 1 + weather.backups + weather.participants;
    let sync = Delay::Uniform { min: Duration::micros(200), max: weather.sync_max };
    let delay = Delay::Uniform { min: Duration::millis(1), max: weather.delay_max };
    Spec {
        steps,
        operations: operations(seed, first_client, weather.participants),
        mutant,
        link: Link::clean(delay),
        disk: DiskSpec { sync },
        promises,
        events_max: 200_000,
        ..Spec::new(seed, config, cast, Duration::secs(9))
    }
}

/// Three hundred operations of four clients: transfers mostly, and changes of a key of which every
/// participant has a copy.
fn operations(seed: u64, first_client: u16, participants: u16) -> Vec<PlannedOperation> {
    let mut dice = Dice::new(seed, Concern::Workload, 0);
    let account = |dice: &mut Dice| {
        let letter = if dice.below(2) == 0 { "a" } else { "b" };
        key(&format!("{letter}{}", dice.below(u64::from(participants)) + 1))
    };
    let operation = |n: u16, dice: &mut Dice| match dice.below(8) {
        0 => Operation::Read { key: account(dice) },
        1 => Operation::Increment { key: key("day") },
        2 => Operation::Write { key: key("day"), value: i64::from(n) },
        _ => {
            let (from, to) = (account(dice), account(dice));
            Operation::Transfer { from, to, amount: 1 + i64::from(n % 3) }
        }
    };
    (0..300_u16)
        .map(|n| PlannedOperation {
            at: Instant::ZERO + Duration::millis(u64::from(n) * 23),
            client: NodeId::new(first_client + n % 4),
            operation: operation(n, &mut dice),
        })
        .collect()
}

/// Runs it.
pub(crate) fn chaos(seed: u64, weather: &Weather, mutant: Option<Mutant>) -> Outcome {
    Simulation::new(chaos_spec(seed, weather, mutant)).run().0
}
