//! Raft on disks in trouble: what it survives, and what nobody could.

mod common;
#[path = "common/weather.rs"]
mod weather;

use protocols::raft::{Admin, RaftConfig, RaftNode};
use sim_engine::faults::{Crash, CrashOf, DiskFault, DiskTrouble, Restart};
use sim_engine::{
    Action, Delay, Duration, Fault, Instant, NodeId, Outcome, Selector, Simulation, Spec, Status,
    Step, Trigger,
};
use weather::{Weather, chaos, chaos_spec};

fn strike(ms: u64, fault: Fault<Selector>) -> Step<Admin> {
    let at = Instant::ZERO + Duration::millis(ms);
    Step { may_miss: true, ..Step::at(at, Action::Fault(fault)) }
}

fn servers(which: impl IntoIterator<Item = u16>) -> Vec<Selector> {
    which.into_iter().map(|n| Selector::Seat(NodeId::new(n))).collect()
}

fn trouble(ms: u64, which: Vec<Selector>, trouble: DiskTrouble) -> Step<Admin> {
    strike(ms, Fault::Disk(DiskFault { nodes: which, trouble }))
}

/// Every 700 ms three of five servers crash together, and restart.
fn blackouts(of: CrashOf) -> Vec<Step<Admin>> {
    let blackout = |round: u64| {
        let nodes = servers((0..3).map(|n| u16::try_from((round + n) % 5).expect("below five")));
        let at = round * 700;
        [
            strike(at, Fault::Crash(Crash { nodes: nodes.clone(), of })),
            strike(at + 80, Fault::Restart(Restart { nodes })),
        ]
    };
    (1..11).flat_map(blackout).collect()
}

/// Five servers and three clients, without random faults.
fn calm(seed: u64) -> Spec<RaftNode> {
    let mut spec = chaos_spec(seed, &Weather::usual(RaftConfig::paper()), None);
    spec.steps.clear();
    spec
}

fn run(mut spec: Spec<RaftNode>, steps: Vec<Step<Admin>>) -> Outcome {
    spec.steps.extend(steps);
    spec.steps.sort_by_key(|step| match step.trigger {
        Trigger::At(at) => at,
        Trigger::Previous | Trigger::When(_) => Instant::NEVER,
    });
    Simulation::new(spec).run().0
}

fn broken(outcome: &Outcome) -> Vec<&'static str> {
    let broken = outcome.promises.iter().filter(|promise| promise.status() == Status::Violated);
    broken.map(|promise| promise.name).collect()
}

fn acted(outcome: &Outcome, kind: &str) -> u64 {
    outcome.faults.iter().filter(|count| count.kind == kind).map(|count| count.acted).sum()
}

#[test]
fn lying_disks_break_what_blackouts_alone_do_not() {
    let mut seen = Vec::new();
    for seed in 0..20 {
        let lies = vec![trouble(50, servers(0..5), DiskTrouble::Lie)];
        let honest = run(calm(seed), blackouts(CrashOf::Machine));
        assert_eq!(broken(&honest), [""; 0], "seed {seed}");
        assert!(honest.history.counts().ok > 50, "seed {seed}: {:?}", honest.history.counts());
        let lying = run(calm(seed), [lies, blackouts(CrashOf::Machine)].concat());
        assert!(acted(&lying, "lying-disk") > 0, "seed {seed}");
        assert!(broken(&lying).contains(&"durability"), "seed {seed}: {:?}", broken(&lying));
        seen.extend(broken(&lying));
    }
    for promise in ["durability", "leader-completeness", "state-machine-safety"] {
        assert!(seen.contains(&promise), "`{promise}` held under lying disks: {seen:?}");
    }
}

#[test]
fn lies_that_no_machine_crash_uncovers_lose_nothing() {
    for seed in 0..5 {
        let lies = vec![trouble(50, servers(0..5), DiskTrouble::Lie)];
        let outcome = run(calm(seed), [lies, blackouts(CrashOf::Process)].concat());
        // Only the promise that reads the platters sees them.
        assert_eq!(broken(&outcome), ["durability"], "seed {seed}");
    }
}

#[test]
fn every_promise_survives_honest_trouble_of_disks() {
    let mut sums = [0; 4];
    let kinds = ["fail-sync", "full-disk", "torn-write", "slow-disk"];
    for seed in 0..40 {
        let spec = chaos_spec(seed, &Weather::of(seed), None);
        let n = Weather::of(seed).servers;
        let mut steps = Vec::new();
        for round in 0..14_u16 {
            let at = 400 + u64::from(round) * 500;
            let one = servers([round % n]);
            let other = servers([(round + 1) % n]);
            let takes = Delay::Fixed(Duration::millis(60));
            let crash = |at, whom: &Vec<Selector>, of| {
                strike(at, Fault::Crash(Crash { nodes: whom.clone(), of }))
            };
            let restart = |at| strike(at, Fault::Restart(Restart { nodes: servers(0..n) }));
            steps.extend([
                trouble(at, one.clone(), DiskTrouble::FailSync { count: 1 }),
                trouble(at + 20, other.clone(), DiskTrouble::Full),
                trouble(at + 60, other.clone(), DiskTrouble::Calm),
                crash(at + 70, &other, CrashOf::Machine),
                crash(at + 190, &one, CrashOf::Process),
                // It catches up on a slow disk, and the power goes in the middle of that.
                trouble(at + 240, other.clone(), DiskTrouble::Slow { takes }),
                trouble(at + 240, other.clone(), DiskTrouble::Tear),
                restart(at + 250),
                crash(at + 350, &other, CrashOf::Machine),
                trouble(at + 360, other, DiskTrouble::Calm),
                restart(at + 400),
            ]);
        }
        let outcome = run(spec, steps);
        assert_eq!(broken(&outcome), [""; 0], "seed {seed}");
        let without = chaos(seed, &Weather::of(seed), None);
        assert_ne!(outcome.digest, without.digest, "seed {seed}: the trouble changed nothing");
        for (sum, kind) in sums.iter_mut().zip(kinds) {
            *sum += acted(&outcome, kind);
        }
    }
    assert!(sums.iter().zip([100, 20, 2, 100]).all(|(sum, min)| *sum > min), "{kinds:?} {sums:?}");
}
