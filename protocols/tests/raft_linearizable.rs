//! What clients of Raft see is linearizable under random faults, whatever they ask for, and a
//! planted bug that they can notice is noticed.

mod common;
#[path = "common/weather.rs"]
mod weather;

use protocols::raft::{Raft, RaftConfig, mutants};
use sim_engine::checkers::LINEARIZABILITY;
use sim_engine::{
    Concern, Dice, Duration, Instant, Key, Mutant, NodeId, Operation, Outcome, PlannedOperation,
    PromiseResult, Protocol, Recording, Simulation, Status, What,
};
use weather::{Weather, chaos, chaos_spec};

/// Operations of every kind: on registers that pass values around, lists and locks.
fn operations(seed: u64, servers: u16) -> Vec<PlannedOperation> {
    let mut dice = Dice::new(seed, Concern::Workload, 1);
    let key = |name: &str| -> Key { name.parse().expect("a short key") };
    (0..200_u16)
        .map(|n| {
            let (x, y) = if dice.below(2) == 0 { ("x", "y") } else { ("y", "x") };
            let value = i64::from(n % 4);
            let operation = match dice.below(9) {
                0 => Operation::Read { key: key(x) },
                1 => Operation::Write { key: key(x), value },
                2 => Operation::Cas { key: key(x), old: value, new: i64::from(n) },
                3 => Operation::Append { key: key("list"), value },
                4 => Operation::Read { key: key("list") },
                5 => Operation::Increment { key: key(x) },
                6 => Operation::Acquire { lock: key("lock") },
                7 => Operation::Release { lock: key("lock") },
                _ => Operation::Transfer { from: key(x), to: key(y), amount: value },
            };
            let at = Instant::ZERO + Duration::millis(u64::from(n) * 45);
            PlannedOperation { at, client: NodeId::new(servers + n % 3), operation }
        })
        .collect()
}

fn run(seed: u64, mutant: Option<Mutant>) -> Outcome {
    let weather = Weather::usual(RaftConfig::paper());
    let mut spec = chaos_spec(seed, &weather, mutant);
    spec.operations = operations(seed, weather.servers);
    Simulation::new(spec).run().0
}

fn linearizability(outcome: &Outcome) -> &PromiseResult {
    let mut promises = outcome.promises.iter();
    promises.find(|promise| promise.name == LINEARIZABILITY.name).expect("Raft promises it")
}

#[test]
fn every_kind_of_operation_is_linearizable_under_random_faults() {
    let mut exercised = 0;
    for seed in 0..40 {
        let outcome = run(seed, None);
        let promise = linearizability(&outcome);
        assert_eq!(promise.status(), Status::Held, "seed {seed}: {promise:#?}");
        exercised += promise.exercised;
    }
    assert!(exercised > 3_000, "{exercised} answers");
}

#[test]
fn a_command_that_runs_twice_is_noticed_by_clients() {
    let broken = (0..40).find_map(|seed| {
        let outcome = run(seed, Some(mutants::NO_DEDUPE));
        linearizability(&outcome).broken.clone().map(|broken| (seed, broken))
    });
    let (seed, broken) = broken.expect("no client noticed");
    assert!(broken.why.starts_with("no order of operations explains"), "{}", broken.why);
    let mut spec = chaos_spec(seed, &Weather::usual(RaftConfig::paper()), None);
    spec.operations = operations(seed, 5);
    spec.mutant = Some(mutants::NO_DEDUPE);
    spec.recording = Recording::Everything;
    let (_, trace) = Simulation::new(spec).run();
    for id in &broken.witness {
        let event = trace.events.iter().find(|event| event.id == *id).expect("it is recorded");
        let is_of_a_client = matches!(event.what, What::Invoked { .. } | What::Finished { .. });
        assert!(is_of_a_client, "{event:?}");
    }
    assert!(broken.witness.len() >= 2, "{broken:?}");
}

#[test]
fn lost_commits_are_noticed_by_clients() {
    for mutant in [mutants::NO_LOG_CHECK, mutants::TRUNCATE_ALWAYS] {
        let is_noticed = |seed| {
            let outcome = chaos(seed, &Weather::of(seed), Some(mutant));
            linearizability(&outcome).status() == Status::Violated
        };
        assert!((0..120).any(is_noticed), "no client noticed {mutant:?}");
    }
    assert!(Raft::PROMISES.iter().any(|info| info.name == LINEARIZABILITY.name));
}
