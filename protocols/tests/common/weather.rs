//! Runs of Raft under random faults: a cluster, clients, and a random schedule.

use protocols::raft::{Admin, Raft, RaftConfig, RaftNode, Reads};
use sim_engine::{
    Action, Chaos, ChaosKind, Concern, Delay, Dice, Direct, DiskSpec, Duration, Fault,
    FilterAction, Instant, Link, Mutant, NodeId, Operation, Outcome, PlannedOperation, Protocol,
    Release, Selector, Simulation, Span, Spec, Step, faults::Partition,
};

use crate::common::cast;

/// What a run under random faults is like.
#[derive(Clone, Debug)]
pub(crate) struct Weather {
    pub(crate) servers: u16,
    /// How many more there are that belong to no cluster at first.
    pub(crate) spares: u16,
    /// What an administrator does now and then.
    pub(crate) chores: &'static [Chore],
    /// The time between two of those.
    pub(crate) chores_every: Span,
    /// How many servers may be down at once.
    pub(crate) down_max: u16,
    pub(crate) kinds: Vec<ChaosKind>,
    /// The longest a message travels.
    pub(crate) delay_max: Duration,
    /// The time between two faults, at most.
    pub(crate) every_max: Duration,
    pub(crate) config: RaftConfig,
}

/// What an administrator may do now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chore {
    /// Hand over to a random server.
    Transfer,
    /// Take a snapshot at a random server.
    Snapshot,
    /// Add or remove one random server.
    Member,
    /// Add and remove random servers through a joint configuration.
    Joint,
    /// No chore but bad luck: acknowledgements to the leader hang in the network while it is cut
    /// off with a client, and arrive when it is not any more.
    LateAcks,
}

impl Weather {
    /// Five servers, every kind of fault.
    pub(crate) fn usual(config: RaftConfig) -> Self {
        Self {
            servers: 5,
            spares: 0,
            chores: &[],
            chores_every: Span { min: Duration::millis(100), max: Duration::millis(500) },
            down_max: 2,
            kinds: ChaosKind::USUAL.to_vec(),
            delay_max: Duration::millis(10),
            every_max: Duration::millis(600),
            config,
        }
    }

    /// Nine kinds in turn: some bugs need few servers, some slow links, some short messages, some
    /// an administrator.
    pub(crate) fn of(seed: u64) -> Self {
        let usual = Self::usual(RaftConfig::paper());
        let short = RaftConfig { max_entries_per_append: 1, ..RaftConfig::paper() };
        let few = Self { servers: 3, down_max: 1, ..usual.clone() };
        match seed % 9 {
            0 => usual,
            1 => Self { config: short, ..few },
            2 => Self { delay_max: Duration::millis(250), ..few },
            3 => Self {
                down_max: 4,
                kinds: vec![ChaosKind::Partition, ChaosKind::Crash],
                every_max: Duration::millis(250),
                config: RaftConfig { pre_vote: seed % 8 == 7, ..short },
                ..usual
            },
            4 => Self { config: quick_etcd(), chores: &[Chore::Transfer, Chore::Snapshot], ..few },
            5 => Self {
                servers: 4,
                spares: 1,
                chores: &[Chore::Member],
                chores_every: Span { min: Duration::millis(60), max: Duration::millis(200) },
                kinds: vec![ChaosKind::Partition, ChaosKind::Crash],
                delay_max: Duration::millis(100),
                every_max: Duration::millis(250),
                config: RaftConfig { reads: Reads::ReadIndex, ..short },
                ..usual
            },
            6 => Self {
                servers: 3,
                spares: 2,
                chores: &[Chore::Joint, Chore::Member, Chore::Transfer],
                every_max: Duration::millis(250),
                ..usual
            },
            7 => Self {
                chores: &[Chore::Snapshot],
                delay_max: Duration::millis(140),
                every_max: Duration::millis(250),
                config: RaftConfig {
                    reads: Reads::ReadIndex,
                    pre_vote: true,
                    client_retry: Duration::millis(30),
                    client_give_up: Duration::secs(3),
                    compact_after: 5,
                    ..RaftConfig::paper()
                },
                ..few
            },
            _ => Self {
                kinds: vec![ChaosKind::Duplicate],
                chores: &[Chore::LateAcks],
                chores_every: Span { min: Duration::millis(600), max: Duration::millis(900) },
                config: RaftConfig {
                    reads: Reads::ReadIndex,
                    client_retry: Duration::millis(40),
                    client_give_up: Duration::millis(120),
                    ..RaftConfig::paper()
                },
                ..few
            },
        }
    }
}

/// The habits of etcd at the pace of the paper, compacting often.
pub(crate) fn quick_etcd() -> RaftConfig {
    let RaftConfig { election_timeout, heartbeat_interval, .. } = RaftConfig::paper();
    RaftConfig {
        election_timeout,
        heartbeat_interval,
        tick: Duration::millis(10),
        pre_vote: true,
        compact_after: 20,
        compact_keeps: 5,
        snapshot_chunk: 2,
        max_inflight: 2,
        max_entries_per_append: 2,
        client_retry: Duration::millis(100),
        client_give_up: Duration::secs(1),
        ..RaftConfig::etcd()
    }
}

/// Servers and three clients under random faults for eight seconds, and two seconds of peace.
pub(crate) fn chaos_spec(seed: u64, weather: &Weather, mutant: Option<Mutant>) -> Spec<RaftNode> {
    let cast = cast(weather.servers, weather.spares, 3);
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
    let mut steps = chaos.draw(seed, &cast);
    steps.extend(chores(seed, weather));
    let sync = Delay::Uniform { min: Duration::micros(200), max: Duration::millis(8) };
    let delay = Delay::Uniform { min: Duration::millis(1), max: weather.delay_max };
    Spec {
        steps,
        operations: operations(seed, weather),
        mutant,
        link: Link::clean(delay),
        disk: DiskSpec { sync },
        promises: Raft::promises(),
        events_max: 200_000,
        ..Spec::new(seed, weather.config.clone(), cast, Duration::secs(10))
    }
}

/// What the administrator does, and bad luck.
fn chores(seed: u64, weather: &Weather) -> Vec<Step<Admin>> {
    let mut dice = Dice::new(seed, Concern::Workload, 1);
    let mut at = Instant::ZERO + Duration::millis(400);
    let mut steps = Vec::new();
    while !weather.chores.is_empty() && at < Instant::ZERO + Duration::secs(8) {
        let place = dice.below(u64::try_from(weather.chores.len()).expect("few chores"));
        let chore = weather.chores[usize::try_from(place).expect("few chores")];
        if chore == Chore::LateAcks {
            steps.extend(late_acks(at, weather, &mut dice));
        } else {
            steps.push(Step::at(at, administer(chore, weather, &mut dice)));
        }
        let Span { min, max } = weather.chores_every;
        at = at + Duration::millis(dice.between(min.as_millis(), max.as_millis()));
    }
    steps
}

fn administer(chore: Chore, weather: &Weather, dice: &mut Dice) -> Action<Admin> {
    let mut server = || format!("n{}", 1 + dice.below(u64::from(weather.servers + weather.spares)));
    let (one, two) = (server(), server());
    let command = match (chore, dice.below(5)) {
        (Chore::Transfer, _) => Admin::Transfer { to: one },
        (Chore::Snapshot | Chore::LateAcks, _) => Admin::Snapshot {},
        (Chore::Member, 0 | 1) => Admin::AddVoter { server: one },
        (Chore::Member, 2) => Admin::AddLearner { server: one },
        (Chore::Member, _) => Admin::Remove { server: one },
        (Chore::Joint, n) => Admin::Join {
            add: vec![one],
            learn: vec![],
            remove: if n < 3 { vec![two] } else { vec![] },
            leave_by_hand: false,
        },
    };
    // Whoever still believes that it leads is asked, too.
    let is_for_all = chore != Chore::Transfer;
    let nodes = if is_for_all { Selector::Named("server".to_owned()) } else { Selector::Leader };
    Action::Admin { nodes, command }
}

fn late_acks(at: Instant, weather: &Weather, dice: &mut Dice) -> [Step<Admin>; 4] {
    let kind = Some("AppendEntriesReply".to_owned());
    let hold = Direct {
        action: FilterAction::Hold,
        kind: kind.clone(),
        from: None,
        to: Some(Selector::Leader),
        count: Some(1),
    };
    let client = u16::try_from(dice.below(3)).expect("below three");
    let client = NodeId::new(weather.servers + client);
    let groups = vec![vec![Selector::Leader, Selector::Seat(client)], vec![Selector::Rest]];
    let release = Release { kind, from: None, to: None, count: Some(1), drop: false };
    let cut_at = at + Duration::millis(dice.between(60, 160));
    let heal_at = cut_at + Duration::millis(dice.between(250, 450));
    [
        Step::at(at, Action::Direct(hold)),
        Step::at(cut_at, Action::Fault(Fault::Partition(Partition { groups }))),
        Step::at(heal_at, Action::Fault(Fault::Heal)),
        Step::at(heal_at, Action::Release(release)),
    ]
}

/// Two hundred operations of three clients.
fn operations(seed: u64, weather: &Weather) -> Vec<PlannedOperation> {
    let servers = weather.servers + weather.spares;
    // Reads are most interesting where they do not go through the log.
    let kinds = if weather.config.reads == Reads::Log { 3 } else { 6 };
    let mut dice = Dice::new(seed, Concern::Workload, 0);
    let operation = |n: u16, dice: &mut Dice| {
        let key = if dice.below(2) == 0 { "x" } else { "y" }.parse().expect("a short key");
        match dice.below(kinds) {
            0 | 3.. => Operation::Read { key },
            1 => Operation::Write { key, value: i64::from(n) },
            2 => Operation::Increment { key },
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
