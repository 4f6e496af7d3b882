//! Several Raft groups under random faults: every promise holds in every group, and every planted
//! bug breaks one.

use std::collections::BTreeMap;

use protocols::multi_raft::{
    ClientSettings, GroupId, MultiRaft, MultiRaftConfig, MultiRaftNode, MultiRaftRole,
    PartitionMap, Range,
};
use protocols::raft::{RaftConfig, Reads};
use sim_engine::{
    Action, Cast, Chaos, ChaosKind, Concern, Delay, Dice, DiskSpec, Duration, Fault, Instant, Link,
    Mutant, MutantClass, MutantInfo, NodeId, Operation, Outcome, PlannedOperation, Protocol, Role,
    Seat, Selector, Simulation, Span, Spec, Status, Step,
    faults::{Crash, CrashOf, Recover},
};

const SERVERS: u16 = 5;
const CLIENTS: u16 = 3;
const KEYS: [&str; 4] = ["a", "k", "q", "z"];

/// Five servers, four groups of three, three clients, of which the last has an old map.
fn cast() -> Cast<MultiRaftRole> {
    let server = |n| (format!("n{n}"), MultiRaftRole::Server {});
    let client = |n| {
        let settings = ClientSettings { old_map: n == CLIENTS, ..ClientSettings::default() };
        (format!("c{n}"), MultiRaftRole::Client(settings))
    };
    let seats = (1..=SERVERS).map(server).chain((1..=CLIENTS).map(client));
    let seat = |(name, role): (String, MultiRaftRole)| Seat {
        name,
        kind: role.kind().to_owned(),
        is_client: role.is_client(),
        role,
        place: None,
    };
    Cast::new(seats.map(seat).collect())
}

fn config(raft: RaftConfig) -> MultiRaftConfig {
    let names = |places: [u16; 3]| places.map(|n| format!("n{n}")).to_vec();
    let range = |from: &str, group| Range { from: from.parse().ok(), group: GroupId::at(group) };
    let ranges = vec![range("", 0), range("h", 1), range("p", 2), range("t", 3)];
    MultiRaftConfig {
        raft,
        groups: [[1, 2, 3], [2, 3, 4], [3, 4, 5], [4, 5, 1]].map(names).to_vec(),
        map: PartitionMap { epoch: 2, ranges },
        old_map: Some(PartitionMap { epoch: 1, ranges: vec![range("", 0), range("p", 2)] }),
        first_leaders: true,
    }
}

/// Operations of all clients on keys of all groups, one every so often.
fn operations(seed: u64, every: u64, until: u64) -> Vec<PlannedOperation> {
    let mut dice = Dice::new(seed, Concern::Workload, 0);
    let mut operation = |n: u16| {
        let key = KEYS[usize::try_from(dice.below(4)).expect("below four")];
        let key = key.parse().expect("a short key");
        match dice.below(3) {
            0 => Operation::Read { key },
            1 => Operation::Write { key, value: i64::from(n) },
            _ => Operation::Increment { key },
        }
    };
    let all =
        (0..u16::try_from(until / every).expect("few operations")).map(|n| PlannedOperation {
            at: Instant::ZERO + Duration::millis(u64::from(n) * every),
            client: NodeId::new(SERVERS + n % CLIENTS),
            operation: operation(n),
        });
    all.collect()
}

fn spec(seed: u64, raft: RaftConfig, mutant: Option<Mutant>) -> Spec<MultiRaftNode> {
    let delay = Delay::Uniform { min: Duration::millis(1), max: Duration::millis(10) };
    let sync = Delay::Uniform { min: Duration::micros(200), max: Duration::millis(8) };
    Spec {
        mutant,
        link: Link::clean(delay),
        disk: DiskSpec { sync },
        promises: MultiRaft::promises(),
        events_max: 400_000,
        ..Spec::new(seed, config(raft), cast(), Duration::secs(10))
    }
}

/// Eight seconds of faults, and two of peace.
fn chaos(seed: u64, mutant: Option<Mutant>) -> Outcome {
    let raft = match seed % 3 {
        0 => RaftConfig::paper(),
        1 => RaftConfig { pre_vote: true, check_quorum: true, ..RaftConfig::paper() },
        _ => RaftConfig { reads: Reads::ReadIndex, compact_after: 5, ..RaftConfig::paper() },
    };
    let chaos = Chaos {
        from: Instant::ZERO + Duration::millis(300),
        until: Instant::ZERO + Duration::secs(8),
        kinds: ChaosKind::USUAL.to_vec(),
        every: Span { min: Duration::millis(50), max: Duration::millis(500) },
        lasts: Span { min: Duration::millis(50), max: Duration::millis(900) },
        down_max: 2,
        knobs: BTreeMap::new(),
        core: None,
        within: Some(Duration::millis(1_900)),
    };
    let steps = chaos.draw(seed, &cast());
    let operations = operations(seed, 30, 9_500);
    Simulation::new(Spec { steps, operations, ..spec(seed, raft, mutant) }).run().0
}

/// One server crashes in peace, and those who are left must go on.
fn one_crash(seed: u64, mutant: Option<Mutant>) -> Outcome {
    let server = |n: u64| Selector::Seat(NodeId::new(u16::try_from(n).expect("few servers")));
    let victim = seed % u64::from(SERVERS);
    let crash = Crash { nodes: vec![server(victim)], of: CrashOf::Machine };
    let rest = (0..u64::from(SERVERS)).filter(|n| *n != victim).map(server).collect();
    let recover = Recover { nodes: rest, within: Some(Duration::millis(1_900)) };
    let at = Instant::ZERO + Duration::millis(1_500 + seed * 7);
    let steps = vec![
        Step::at(at, Action::Fault(Fault::Crash(crash))),
        Step::at(at, Action::Fault(Fault::Recover(recover))),
    ];
    let operations = operations(seed, 20, 4_000);
    Simulation::new(Spec { steps, operations, ..spec(seed, RaftConfig::paper(), mutant) }).run().0
}

fn exercised(outcome: &Outcome, name: &str) -> u64 {
    outcome.promises.iter().find(|promise| promise.name == name).map_or(0, |p| p.exercised)
}

fn assert_whole(outcome: &Outcome, seed: u64) {
    for promise in &outcome.promises {
        assert_ne!(promise.status(), Status::Violated, "seed {seed}: {promise:#?}");
    }
}

#[test]
fn every_promise_holds_in_every_group_under_random_faults() {
    let (mut ok, mut tested) = (0, BTreeMap::<&str, u64>::new());
    for seed in 0..24 {
        let outcome = chaos(seed, None);
        assert_whole(&outcome, seed);
        for promise in &outcome.promises {
            *tested.entry(promise.name).or_default() += promise.exercised;
        }
        ok += outcome.history.counts().ok;
    }
    assert!(ok > 24 * 150, "only {ok} of {} operations succeeded", 24 * 316);
    // Nobody changes the members here.
    tested.remove("config-safety");
    for (name, n) in tested {
        assert!(n > 0, "`{name}` was never put to the test");
    }
}

#[test]
fn a_crash_stops_only_the_groups_that_the_server_led() {
    for seed in 0..25 {
        let outcome = one_crash(seed, None);
        assert_whole(&outcome, seed);
        // The fifth server leads no group: nobody is interrupted when it crashes.
        let others = if seed % 5 == 4 { 0 } else { 3 };
        assert_eq!(exercised(&outcome, "groups-independent"), others, "seed {seed}");
    }
}

/// The first seed in which a bug breaks a promise that it is known to break.
fn is_caught(info: &MutantInfo) -> bool {
    let breaks = |outcome: &Outcome| {
        let mut all = outcome.promises.iter();
        all.any(|p| p.status() == Status::Violated && info.breaks.contains(&p.name))
    };
    (0..120).any(|seed| {
        breaks(&one_crash(seed, Some(info.mutant))) || breaks(&chaos(seed, Some(info.mutant)))
    })
}

#[test]
fn every_planted_bug_breaks_a_promise_it_names() {
    let mut missed = Vec::new();
    for info in MultiRaft::MUTANTS {
        assert_eq!(info.class, MutantClass::Bug);
        if !is_caught(info) {
            missed.push(info.mutant.0);
        }
    }
    assert!(missed.is_empty(), "nothing caught {missed:?}");
}

#[test]
fn a_broken_promise_of_raft_says_in_which_group() {
    let mutant = Mutant("self-count-early");
    let broken = (0..20).find_map(|seed| {
        let outcome = chaos(seed, Some(mutant));
        let durability = outcome.promises.into_iter().find(|p| p.name == "durability")?;
        Some(durability.broken?.why)
    });
    let why = broken.expect("the bug is caught");
    assert!(["g1: ", "g2: ", "g3: ", "g4: "].iter().any(|group| why.starts_with(group)), "{why}");
}
