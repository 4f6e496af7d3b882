//! Safety, then progress: what recovers and what does not, and what promises of progress see.

use sim_engine::faults::{
    Bandwidth, Corruption, CorruptionMode, Cut, Delaying, DiskFault, DiskTrouble, Duplication,
    Loss, Partition, Recover, Reordering,
};
use sim_engine::{
    Action, Delay, Direct, Duration, Fault, FilterAction, Instant, Look, NodeId, Outcome, Phase,
    Promise, Recovery, Selector, Simulation, Status, Step, Violation,
};

use crate::common::{
    Act, Do, Note, Puppet, at, crash, fault_count, lines, partition, play, restart, spec, strike,
    tell, whom,
};

fn recover(ms: u64, nodes: &[&str], within: Option<u64>) -> Step<Do> {
    let nodes = nodes.iter().map(|name| whom(name)).collect();
    strike(ms, Fault::Recover(Recover { nodes, within: within.map(Duration::millis) }))
}

/// Every fault of links, for all of them, so strong that no message arrives as usual.
fn faults_of_links() -> Vec<Fault<Selector>> {
    let per_million = 1_000_000;
    let fixed = Delay::Fixed(Duration::millis(50));
    let mode = CorruptionMode::Checksum;
    let (bytes_per_second, queue_bytes) = (1_000, None);
    let each = |name: &str| vec![whom(name)];
    vec![
        Fault::Partition(Partition { groups: vec![each("n0"), each("n1"), each("n2")] }),
        Fault::Cut(Cut { from: None, to: None, both: false }),
        Fault::Delay(Delaying { from: None, to: None, delay: fixed }),
        Fault::Loss(Loss { from: None, to: None, per_million }),
        Fault::Duplicate(Duplication { from: None, to: None, per_million }),
        Fault::Reorder(Reordering { from: None, to: None, per_million, by: fixed }),
        Fault::Corrupt(Corruption { from: None, to: None, per_million, mode }),
        Fault::Bandwidth(Bandwidth { from: None, to: None, bytes_per_second, queue_bytes }),
    ]
}

/// What arrives as usual of one word from everybody to everybody, at 100 ms.
fn arrivals(steps: impl IntoIterator<Item = Step<Do>>) -> Vec<String> {
    let mut all: Vec<Step<Do>> = steps.into_iter().collect();
    for (from, others) in [("n0", [1, 2]), ("n1", [0, 2]), ("n2", [0, 1])] {
        all.push(tell(100, from, others.map(|to| Act::Send(to, 1))));
    }
    let lines = lines(&play(3, 0, all).1);
    let all = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)];
    let is_usual = |from: i32, to: i32| {
        let (word, copy) = (format!("105 n{to} gets Word 1 from n{from}"), "gets a copy");
        lines.contains(&word) && !lines.contains(&format!("105 n{to} {copy} from n{from}"))
    };
    let usual = all.into_iter().filter(|(from, to)| is_usual(*from, *to));
    usual.map(|(from, to)| format!("{from}>{to}")).collect()
}

#[test]
fn a_recovery_of_everybody_ends_every_fault_of_links() {
    for fault in faults_of_links() {
        let kind = fault.kind();
        assert_eq!(arrivals([strike(50, fault.clone())]).len(), 0, "{kind}");
        let after = arrivals([strike(50, fault), recover(60, &["everybody"], None)]);
        assert_eq!(after.len(), 6, "{kind}: {after:?}");
    }
}

#[test]
fn a_recovery_of_a_core_ends_what_is_between_its_nodes_and_nothing_else() {
    for fault in faults_of_links() {
        let kind = fault.kind();
        let after = arrivals([strike(50, fault), recover(60, &["n0", "n1"], None)]);
        assert_eq!(after, ["0>1", "1>0"], "{kind}");
    }
}

#[test]
fn what_a_core_recovered_from_does_not_come_back_when_another_fault_ends() {
    let loss = Fault::Loss(Loss { from: None, to: None, per_million: 1_000_000 });
    let late = Fault::Delay(Delaying {
        from: Some(vec![whom("n2")]),
        to: None,
        delay: Delay::Fixed(Duration::millis(9)),
    });
    for fault in [loss, Fault::Cut(Cut { from: None, to: None, both: false })] {
        let lasting = Step { lasts: Some(Duration::millis(20)), ..strike(55, late.clone()) };
        let after = arrivals([strike(50, fault), lasting, recover(60, &["n0", "n1"], None)]);
        assert_eq!(after, ["0>1", "1>0"]);
    }
}

#[test]
fn a_recovery_restarts_the_core_and_mends_its_disks() {
    let lie = |name: &str| {
        let trouble = DiskTrouble::Lie;
        strike(10, Fault::Disk(DiskFault { nodes: vec![whom(name)], trouble }))
    };
    let write = |name: &str| tell(70, name, [Act::Write(1)]);
    let (outcome, trace) = play(
        3,
        1,
        vec![
            lie("n0"),
            lie("n2"),
            crash(20, "n0"),
            crash(20, "n1"),
            crash(20, "c0"),
            crash(20, "n2"),
            recover(60, &["n0", "n1"], None),
            restart(65, "n2"),
            write("n0"),
            write("n2"),
            crash(80, "n0"),
            crash(80, "n2"),
            restart(90, "n0"),
            restart(90, "n2"),
        ],
    );
    let woke: Vec<String> =
        lines(&trace).into_iter().filter(|line| line.contains("woke")).collect();
    let expected = [
        "60 n0 woke []",
        "60 n1 woke []",
        "60 c0 woke []",
        "65 n2 woke []",
        "90 n0 woke [1]",
        "90 n2 woke []",
    ];
    assert_eq!(woke, expected);
    assert_eq!(fault_count(&outcome, "recover"), (1, 4), "three are up again, one disk is honest");
}

#[test]
fn a_recovery_of_nothing_is_an_idle_step() {
    let (outcome, _) = play(2, 0, vec![recover(10, &["everybody"], None)]);
    assert_eq!(outcome.steps_idle, [0]);
    let (outcome, _) = play(2, 0, vec![recover(10, &["everybody"], Some(10))]);
    assert_eq!(outcome.steps_idle, [0; 0], "it asks for progress");
}

/// After a recovery, `n0` sends a word in time, as long as `n0` and `n1` are well and connected,
/// and `n2` is either well and connected or silent.
#[derive(Debug, Default)]
struct Speaks {
    has_spoken: bool,
    exercised: u64,
    beyond: Option<String>,
    seen: Vec<(Instant, Phase)>,
}

const N: [NodeId; 3] = [NodeId::new(0), NodeId::new(1), NodeId::new(2)];

impl Promise<Puppet> for Speaks {
    fn name(&self) -> &'static str {
        "speaks"
    }

    fn look(&mut self, look: &Look<'_, Puppet>) -> Result<(), Violation> {
        self.has_spoken |=
            look.node == N[0] && look.sent().any(|(.., note)| *note == Note::Word(7));
        Ok(())
    }

    fn recovery(&mut self, recovery: &Recovery<'_, Puppet>) -> Result<(), Violation> {
        self.seen.push((recovery.at, recovery.phase));
        if recovery.phase == Phase::Begins {
            (self.has_spoken, self.beyond) = (false, None);
        }
        let third = recovery.is_well(N[2]) && recovery.are_connected(N[0], N[2]);
        if !(third || recovery.is_silent_for(N[2], N[0])) {
            self.beyond = Some("n2 is a nuisance".to_owned());
        }
        if !recovery.is_well(N[0]) || !recovery.is_well(N[1]) {
            self.beyond = Some("a node is not well".to_owned());
        } else if !recovery.are_connected(N[0], N[1]) {
            self.beyond = Some("they are not connected".to_owned());
        }
        if recovery.phase == Phase::Ends && self.beyond.is_none() {
            self.exercised += 1;
            if !self.has_spoken {
                return Err(Violation::new("n0 said nothing", [recovery.event]));
            }
        }
        Ok(())
    }

    fn suspended(&self) -> Option<&str> {
        self.beyond.as_deref()
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

fn judged(steps: Vec<Step<Do>>) -> Outcome {
    let mut spec = spec(3, 0);
    spec.promises = vec![Box::new(Speaks::default())];
    spec.steps = steps;
    Simulation::new(spec).run().0
}

fn status(steps: impl IntoIterator<Item = Step<Do>>) -> Status {
    judged(steps.into_iter().collect()).promises[0].status()
}

fn word() -> Step<Do> {
    tell(120, "n0", [Act::Send(1, 7)])
}

#[test]
fn progress_is_asked_for_only_after_a_recovery_and_only_within_its_time() {
    let asked = || recover(100, &["everybody"], Some(50));
    assert_eq!(status([word()]), Status::NotExercised);
    assert_eq!(status([word(), recover(100, &["everybody"], None)]), Status::NotExercised);
    assert_eq!(status([asked(), word()]), Status::Held);
    assert_eq!(status([asked()]), Status::Violated);
    assert_eq!(status([asked(), tell(151, "n0", [Act::Send(1, 7)])]), Status::Violated);
    assert_eq!(status([asked(), tell(99, "n0", [Act::Send(1, 7)])]), Status::Violated);
    let beyond_the_run = recover(990, &["everybody"], Some(50));
    assert_eq!(status([beyond_the_run]), Status::NotExercised);
}

#[test]
fn the_breach_is_seen_when_the_time_is_over() {
    let outcome = judged(vec![recover(100, &["everybody"], Some(50))]);
    let broken = outcome.promises[0].broken.clone().unwrap();
    assert_eq!((broken.at, broken.why.as_str()), (at(150), "n0 said nothing"));
}

#[test]
fn a_promise_is_suspended_if_anything_strikes_in_between() {
    let asked = || recover(100, &["everybody"], Some(50));
    let lasting = |ms: u64, step: Step<Do>| Step { lasts: Some(Duration::millis(ms)), ..step };
    for fault in faults_of_links() {
        let kind = fault.kind();
        let step = lasting(1, strike(130, fault.clone()));
        assert_eq!(status([asked(), word(), step]), Status::Suspended, "{kind}");
        // Over before the time begins, or begun after it: nothing to do with it.
        let before = lasting(10, strike(80, fault.clone()));
        assert_eq!(status([before, asked(), word()]), Status::Held, "{kind}");
        assert_eq!(status([asked(), word(), strike(160, fault)]), Status::Held, "{kind}");
    }
    assert_eq!(status([asked(), crash(130, "n1"), restart(131, "n1")]), Status::Suspended);
    assert_eq!(status([asked(), tell(130, "n1", [Act::Halt])]), Status::Suspended);
    let slow = DiskTrouble::Slow { takes: Delay::Fixed(Duration::millis(1)) };
    let slow = Fault::Disk(DiskFault { nodes: vec![whom("n0")], trouble: slow });
    assert_eq!(status([asked(), strike(130, slow)]), Status::Suspended);
    let hold = Action::Direct(Direct {
        action: FilterAction::Hold,
        kind: None,
        from: Some(whom("n1")),
        to: None,
        count: None,
    });
    assert_eq!(status([asked(), Step::at(at(130), hold.clone())]), Status::Suspended);
    assert_eq!(status([Step::at(at(50), hold), asked()]), Status::Suspended, "no fault ends it");
}

#[test]
fn a_core_may_do_without_others_that_are_silent_but_not_with_half_of_one() {
    let asked = || recover(100, &["n0", "n1"], Some(50));
    assert_eq!(status([crash(50, "n2"), asked()]), Status::Violated);
    assert_eq!(status([crash(50, "n2"), asked(), word()]), Status::Held);
    assert_eq!(status([partition(50, &[&["n2"]]), asked(), word()]), Status::Held);
    let one_way = |from: &str, to: &str| {
        let (from, to) = (Some(vec![whom(from)]), Some(vec![whom(to)]));
        strike(50, Fault::Cut(Cut { from, to, both: false }))
    };
    assert_eq!(status([one_way("n2", "n0"), asked(), word()]), Status::Held);
    assert_eq!(status([one_way("n0", "n2"), asked(), word()]), Status::Suspended);
}

#[test]
fn a_recovery_that_follows_another_takes_its_place() {
    let first = recover(100, &["everybody"], Some(50));
    let second = recover(120, &["everybody"], Some(100));
    let late = tell(200, "n0", [Act::Send(1, 7)]);
    let outcome = judged(vec![first, second, late]);
    assert_eq!((outcome.promises[0].status(), outcome.promises[0].exercised), (Status::Held, 1));
}
