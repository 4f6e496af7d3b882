//! What Raft owes once faults end: progress, in time, if it has what it needs; and every one of
//! these promises can fail.

mod common;
#[path = "common/weather.rs"]
mod weather;

use std::collections::BTreeMap;

use protocols::raft::{Admin, RaftConfig, mutants};
use sim_engine::faults::{Crash, CrashOf, Partition, Recover};
use sim_engine::{
    Action, ChaosKind, Duration, Fault, Instant, Mutant, NodeId, Outcome, PromiseResult, Selector,
    Simulation, Status, Step,
};
use weather::{Weather, chaos, chaos_spec};

/// Weather is shared with other tests, which need all of it.
const _: fn(u64) -> Weather = Weather::of;

const PROGRESS: [&str; 5] = [
    "leader-emerges",
    "requests-answered",
    "followers-catch-up",
    "rejoin-keeps-term",
    "leader-hears-majority",
];

fn progress(outcome: &Outcome) -> impl Iterator<Item = &PromiseResult> {
    outcome.promises.iter().filter(|promise| PROGRESS.contains(&promise.name))
}

fn pre_vote() -> RaftConfig {
    RaftConfig { pre_vote: true, check_quorum: true, ..RaftConfig::paper() }
}

#[test]
fn progress_is_made_after_every_chaos_and_every_promise_is_put_to_the_test() {
    let mut exercised: BTreeMap<&str, u64> = BTreeMap::new();
    for seed in 0..80 {
        let kinds = vec![ChaosKind::Partition, ChaosKind::Crash, ChaosKind::Cut];
        let rough = Weather { kinds, down_max: 3, ..Weather::usual(pre_vote()) };
        for weather in [Weather::usual(RaftConfig::paper()), rough] {
            let outcome = chaos(seed, &weather, None);
            for promise in progress(&outcome) {
                let status = promise.status();
                let fine = status == Status::Held || status == Status::NotExercised;
                assert!(fine, "seed {seed}, {weather:?}: {promise:?}");
                *exercised.entry(promise.name).or_default() += promise.exercised;
            }
        }
    }
    for name in PROGRESS {
        assert!(exercised[name] > 10, "{exercised:?}");
    }
}

/// How often a bug breaks each promise of progress in so many seeds.
fn broken_by(mutant: Mutant, weather: &Weather, seeds: u64) -> BTreeMap<&'static str, u64> {
    let mut broken = BTreeMap::new();
    for seed in 0..seeds {
        let outcome = chaos(seed, weather, Some(mutant));
        for promise in progress(&outcome).filter(|promise| promise.status() == Status::Violated) {
            *broken.entry(promise.name).or_default() += 1;
        }
    }
    broken
}

#[test]
fn every_promise_of_progress_is_broken_by_a_planted_bug() {
    let usual = Weather::usual(RaftConfig::paper());
    let patient = RaftConfig { client_give_up: Duration::secs(20), ..RaftConfig::paper() };
    let patient = Weather { every_max: Duration::millis(200), ..Weather::usual(patient) };
    for (mutant, weather, promise) in [
        (mutants::CANDIDATE_GIVES_UP, &usual, "leader-emerges"),
        (mutants::SILENT_DUPLICATE, &patient, "requests-answered"),
        (mutants::NO_BACKTRACK, &usual, "followers-catch-up"),
    ] {
        let broken = broken_by(mutant, weather, 60);
        println!("{:20} {broken:?}", mutant.0);
        assert!(broken.contains_key(promise), "{}: {broken:?}", mutant.0);
    }
}

/// What becomes of `rejoin-keeps-term` when the last server is cut off for two seconds.
fn rejoin(seed: u64, mutant: Option<Mutant>) -> PromiseResult {
    let mut spec = chaos_spec(seed, &Weather::usual(pre_vote()), mutant);
    let at = |ms| Instant::ZERO + Duration::millis(ms);
    let last = vec![Selector::Seat(NodeId::new(4))];
    let partition = Fault::Partition(Partition { groups: vec![last] });
    let (nodes, within) = (vec![Selector::Everybody], Some(Duration::millis(1_900)));
    let recover = Fault::Recover(Recover { nodes, within });
    spec.steps = vec![
        Step::at(at(1_000), Action::Fault(partition)),
        Step::at(at(3_000), Action::Fault(recover)),
    ];
    let (outcome, _) = Simulation::new(spec).run();
    outcome.promises.into_iter().find(|result| result.name == "rejoin-keeps-term").expect("it is")
}

#[test]
fn who_comes_back_disturbs_nobody_unless_a_bug_lets_it() {
    let of = |mutant| (0..120).map(move |seed| rejoin(seed, mutant));
    for (seed, result) in of(None).enumerate() {
        let status = result.status();
        assert!(matches!(status, Status::Held | Status::NotExercised), "seed {seed}: {result:?}");
    }
    assert!(of(None).map(|result| result.exercised).sum::<u64>() > 60);
    let broken = of(Some(mutants::PREVOTE_BUMPS_TERM));
    let broken = broken.filter(|result| result.status() == Status::Violated).count();
    assert!(broken > 3, "{broken} of 120");
}

fn at(ms: u64, action: Action<Admin>) -> Step<Admin> {
    Step::at(Instant::ZERO + Duration::millis(ms), action)
}

fn fire(seat: u16, ms: u64) -> Step<Admin> {
    let nodes = Selector::Seat(NodeId::new(seat));
    at(ms, Action::Fire { nodes, timer: "election".to_owned() })
}

fn seats(ids: &[u16]) -> Vec<Selector> {
    ids.iter().map(|id| Selector::Seat(NodeId::new(*id))).collect()
}

/// The first server leads and crashes; what becomes of `leader-emerges` for the two others, which
/// do this.
fn without_the_first(
    seed: u64,
    mutant: Option<Mutant>,
    story: impl IntoIterator<Item = Step<Admin>>,
) -> PromiseResult {
    let few = Weather { servers: 3, ..Weather::usual(RaftConfig::paper()) };
    let mut spec = chaos_spec(seed, &few, mutant);
    spec.link.delay = sim_engine::Delay::Fixed(Duration::millis(10));
    let crash = Fault::Crash(Crash { nodes: seats(&[0]), of: CrashOf::Machine });
    let within = Some(Duration::millis(1_900));
    let recover = Fault::Recover(Recover { nodes: seats(&[1, 2]), within });
    let begin = [fire(0, 0), at(900, Action::Fault(crash)), at(910, Action::Fault(recover))];
    spec.steps = begin.into_iter().chain(story).collect();
    let (outcome, _) = Simulation::new(spec).run();
    outcome.promises.into_iter().find(|promise| promise.name == "leader-emerges").expect("it is")
}

#[test]
fn chance_ends_split_votes_and_without_chance_nothing_does() {
    for seed in 0..20 {
        let split = || [fire(1, 1_000), fire(2, 1_000)];
        assert_eq!(without_the_first(seed, None, split()).status(), Status::Held, "seed {seed}");
        let stuck = without_the_first(seed, Some(mutants::SAME_TIMEOUTS), split());
        assert_eq!(stuck.status(), Status::Violated, "seed {seed}");
    }
}

#[test]
fn a_server_that_cannot_win_keeps_nobody_from_winning_unless_refusing_resets_the_timer() {
    let mut broken = 0;
    for seed in 0..20 {
        // The third server misses what the two others commit, and then stands all the time.
        let cut = Fault::Partition(Partition { groups: vec![seats(&[2])] });
        let story = || {
            let again = (0..19).map(|n| fire(2, 920 + n * 100));
            std::iter::once(at(200, Action::Fault(cut.clone()))).chain(again)
        };
        assert_eq!(without_the_first(seed, None, story()).status(), Status::Held, "seed {seed}");
        let kept = without_the_first(seed, Some(mutants::TIMER_RESET_ON_REFUSE), story());
        broken += u32::from(kept.status() == Status::Violated);
    }
    assert!(broken > 15, "{broken} of 20");
}

#[test]
fn a_leader_that_is_cut_off_steps_down_unless_it_never_looks_who_answers() {
    let cut_off = |seed, mutant| {
        let config = RaftConfig { check_quorum: true, ..RaftConfig::paper() };
        let mut spec = chaos_spec(seed, &Weather::usual(config), mutant);
        let cut = Fault::Partition(Partition { groups: vec![seats(&[0])] });
        spec.steps = vec![fire(0, 0), at(500, Action::Fault(cut))];
        let (outcome, _) = Simulation::new(spec).run();
        let mut promises = outcome.promises.into_iter();
        promises.find(|promise| promise.name == "leader-hears-majority").expect("it is")
    };
    for seed in 0..20 {
        assert_eq!(cut_off(seed, None).status(), Status::Held, "seed {seed}");
        let kept = cut_off(seed, Some(mutants::NO_STEP_DOWN));
        assert_eq!(kept.status(), Status::Violated, "seed {seed}");
    }
}

/// The promise `leader-emerges` in a run of five servers with these faults before a recovery.
fn leader_emerges(
    core: &[u16],
    change: impl Fn(&mut sim_engine::Spec<protocols::raft::RaftNode>),
) -> PromiseResult {
    let mut spec = chaos_spec(1, &Weather::usual(RaftConfig::paper()), None);
    let at = |ms| Instant::ZERO + Duration::millis(ms);
    let crash = Fault::Crash(Crash { nodes: seats(&[0, 1, 2, 3, 4]), of: CrashOf::Machine });
    let within = Some(Duration::millis(1_900));
    let recover = Fault::Recover(Recover { nodes: seats(core), within });
    spec.steps = vec![
        Step::at(at(1_000), Action::Fault(crash)),
        Step::at(at(2_000), Action::Fault(recover)),
    ];
    change(&mut spec);
    let (outcome, _) = Simulation::new(spec).run();
    outcome.promises.into_iter().find(|promise| promise.name == "leader-emerges").expect("it is")
}

#[test]
fn a_promise_is_suspended_where_raft_lacks_what_it_needs_and_says_why() {
    let why = |promise: PromiseResult| {
        assert_eq!(promise.status(), Status::Suspended, "{promise:?}");
        promise.suspended.expect("it says why")
    };
    assert_eq!(leader_emerges(&[0, 1, 2], |_| ()).status(), Status::Held);
    assert_eq!(why(leader_emerges(&[0, 1], |_| ())), "2 of 5 servers are no majority");
    let slow = why(leader_emerges(&[0, 1, 2], |spec| {
        let (min, max) = (Duration::millis(1), Duration::millis(140));
        spec.link.delay = sim_engine::Delay::Uniform { min, max };
    }));
    assert_eq!(slow, "an answer takes up to 288 ms, a timeout may be 150 ms");
    let lossy = why(leader_emerges(&[0, 1, 2], |spec| spec.link.loss = 60_000));
    assert_eq!(lossy, "too many messages are lost");
    let patient = why(leader_emerges(&[0, 1, 2], |spec| spec.config = RaftConfig::etcd()));
    assert_eq!(patient, "elections may take 11400 ms, and 1900 ms are given");
    let half = why(leader_emerges(&[0, 1, 2], |spec| {
        let from = Some(vec![Selector::Seat(NodeId::new(0))]);
        let to = Some(vec![Selector::Seat(NodeId::new(4))]);
        let cut = Fault::Cut(sim_engine::faults::Cut { from, to, both: false });
        let restart = Fault::Restart(sim_engine::faults::Restart {
            nodes: vec![Selector::Seat(NodeId::new(4))],
        });
        let at = Instant::ZERO + Duration::millis(1_500);
        spec.steps.extend([cut, restart].map(|fault| Step::at(at, Action::Fault(fault))));
    }));
    assert_eq!(half, "n5 is heard, but not well connected");
    let down = why(leader_emerges(&[0, 1, 2], |spec| {
        let nodes = vec![Selector::Seat(NodeId::new(1))];
        let crash = Fault::Crash(Crash { nodes, of: CrashOf::Process });
        let at = Instant::ZERO + Duration::millis(3_000);
        spec.steps.push(Step::at(at, Action::Fault(crash)));
    }));
    assert_eq!(down, "n2 is down");
}
