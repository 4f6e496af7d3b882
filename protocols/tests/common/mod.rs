//! Runs of Raft for tests: a cluster, clients, and a random schedule of faults.

use protocols::raft::{ClientSettings, Raft, RaftConfig, RaftNode, RaftRole};
use sim_engine::{
    Cast, Chaos, ChaosKind, Concern, Delay, Dice, DiskSpec, Duration, Instant, Mutant, NodeId,
    Operation, Outcome, PlannedOperation, Protocol, Seat, Simulation, Span, Spec,
};

/// A cast of `servers` servers n1, n2 ... and `clients` clients c1, c2 ...
pub fn cast(servers: u16, clients: u16) -> Cast<RaftRole> {
    let server = |n| ("n", n, RaftRole::Server {});
    let client = |n| ("c", n, RaftRole::Client(ClientSettings::default()));
    let seats = (1..=servers).map(server).chain((1..=clients).map(client));
    Cast::new(
        seats
            .map(|(prefix, n, role)| Seat {
                name: format!("{prefix}{n}"),
                kind: sim_engine::Role::kind(&role).to_owned(),
                is_client: sim_engine::Role::is_client(&role),
                role,
                place: None,
            })
            .collect(),
    )
}

/// Five servers and three clients under random faults for eight seconds, and two seconds of peace.
pub fn chaos_spec(seed: u64, config: RaftConfig, mutant: Option<Mutant>) -> Spec<RaftNode> {
    let cast = cast(5, 3);
    let span = |min, max| Span { min: Duration::millis(min), max: Duration::millis(max) };
    let chaos = Chaos {
        from: Instant::ZERO + Duration::millis(300),
        until: Instant::ZERO + Duration::secs(8),
        kinds: ChaosKind::ALL.to_vec(),
        every: span(50, 600),
        lasts: span(50, 900),
        down_max: 2,
    };
    let steps = chaos.draw(seed, &cast);
    let mut dice = Dice::new(seed, Concern::Workload, 0);
    let mut operations = Vec::new();
    for n in 0..200_u16 {
        let key = ["x", "y"][usize::try_from(dice.below(2)).unwrap()].parse().unwrap();
        let operation = match dice.below(3) {
            0 => Operation::Read { key },
            1 => Operation::Write { key, value: i64::from(n) },
            _ => Operation::Increment { key },
        };
        let at = Instant::ZERO + Duration::millis(u64::from(n) * 45);
        operations.push(PlannedOperation { at, client: NodeId::new(5 + n % 3), operation });
    }
    let sync = Delay::Uniform { min: Duration::micros(200), max: Duration::millis(8) };
    Spec {
        steps,
        operations,
        mutant,
        disk: DiskSpec { sync },
        promises: Raft::promises(),
        events_max: 200_000,
        ..Spec::new(seed, config, cast, Duration::secs(10))
    }
}

/// Runs it.
pub fn chaos(seed: u64, config: RaftConfig, mutant: Option<Mutant>) -> Outcome {
    Simulation::new(chaos_spec(seed, config, mutant)).run().0
}
