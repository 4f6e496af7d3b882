//! Steps that end by themselves exactly what they began, and steps that come again.

use sim_engine::faults::{
    Bandwidth, Calm, Corruption, CorruptionMode, Crash, CrashOf, Cut, Delaying, DiskFault,
    DiskTrouble, Duplication, Loss, Partition, Reordering,
};
use sim_engine::{
    Action, Condition, Delay, Duration, Fault, Happening, Repeat, Selector, Step, Trigger, What,
};

use crate::common::{Act, Do, at, crash, fault_count, lines, play, restart, strike, tell, whom};

fn for_ms(ms: u64, step: Step<Do>) -> Step<Do> {
    Step { lasts: Some(Duration::millis(ms)), ..step }
}

fn again(times: u32, every: Option<u64>, step: Step<Do>) -> Step<Do> {
    Step { repeat: Some(Repeat { times, every: every.map(Duration::millis) }), ..step }
}

fn from_n0(fault: impl Fn(Option<Vec<Selector>>) -> Fault<Selector>) -> Fault<Selector> {
    fault(Some(vec![whom("n0")]))
}

fn delay(ms: u64) -> Delay {
    Delay::Fixed(Duration::millis(ms))
}

/// Every fault of links there is, so strong that no message of `n0` arrives as usual.
fn faults_of_links() -> Vec<Fault<Selector>> {
    let (to, per_million) = (None, 1_000_000);
    vec![
        Fault::Partition(Partition { groups: vec![vec![whom("n0")], vec![whom("n1")]] }),
        from_n0(|from| Fault::Cut(Cut { from, to: None, both: false })),
        from_n0(|from| Fault::Delay(Delaying { from, to: None, delay: delay(50) })),
        from_n0(|from| Fault::Loss(Loss { from, to: None, per_million })),
        from_n0(|from| Fault::Duplicate(Duplication { from, to: None, per_million })),
        from_n0(|from| Fault::Reorder(Reordering { from, to: None, per_million, by: delay(50) })),
        Fault::Corrupt(Corruption { from: None, to, per_million, mode: CorruptionMode::Checksum }),
        from_n0(|from| {
            let (bytes_per_second, queue_bytes) = (1_000, None);
            Fault::Bandwidth(Bandwidth { from, to: None, bytes_per_second, queue_bytes })
        }),
    ]
}

#[test]
fn every_fault_of_links_ends_after_its_time() {
    for fault in faults_of_links() {
        let kind = fault.kind();
        let mut steps = vec![for_ms(200, strike(100, fault))];
        steps.extend([50, 150, 350].map(|ms| tell(ms, "n0", [Act::Send(1, 1)])));
        let (outcome, trace) = play(2, 0, steps);
        let lines = lines(&trace);
        let usual = |ms: u64| lines.contains(&format!("{} n1 gets Word 1 from n0", ms + 5));
        assert!(usual(50) && usual(350), "{kind}: {lines:?}");
        let is_alone = lines.iter().filter(|line| line.starts_with("155 ")).count() == 1;
        assert!(!usual(150) || !is_alone, "{kind}: {lines:?}");
        let views: Vec<_> = trace
            .events
            .iter()
            .filter_map(|event| match event.what {
                What::FaultBegan(_) => Some((event.at, true)),
                What::FaultEnded { .. } => Some((event.at, false)),
                _ => None,
            })
            .collect();
        assert_eq!(views, [(at(100), true), (at(300), false)], "{kind}");
        assert_eq!(fault_count(&outcome, kind).0, 1);
    }
}

#[test]
fn the_end_of_one_fault_is_not_the_end_of_another_of_its_kind() {
    let cut = |to: &str| {
        Fault::Cut(Cut { from: Some(vec![whom("n0")]), to: Some(vec![whom(to)]), both: false })
    };
    let everywhere = Fault::Cut(Cut { from: Some(vec![whom("n0")]), to: None, both: false });
    let (_, trace) = play(
        3,
        0,
        vec![
            strike(50, cut("n1")),
            for_ms(100, strike(100, everywhere)),
            tell(150, "n0", [Act::Send(1, 1), Act::Send(2, 2)]),
            tell(250, "n0", [Act::Send(1, 3), Act::Send(2, 4)]),
        ],
    );
    let expected = [
        "150 n0 loses Word 1 for n1: link cut",
        "150 n0 loses Word 2 for n2: link cut",
        "250 n0 loses Word 3 for n1: link cut",
        "255 n2 gets Word 4 from n0",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn what_was_mended_by_hand_stays_mended_when_something_else_ends() {
    let ends = || (Some(vec![whom("n0")]), Some(vec![whom("n1")]));
    let (from, to) = ends();
    let all = Fault::Cut(Cut { from: Some(vec![whom("n0")]), to: None, both: false });
    let mend = Fault::Mend(sim_engine::faults::Mend { from, to, both: false });
    let late = Fault::Delay(Delaying { from: None, to: None, delay: delay(20) });
    let (_, trace) = play(
        3,
        0,
        vec![
            strike(50, all),
            strike(60, mend),
            for_ms(40, strike(70, late)),
            tell(80, "n0", [Act::Send(1, 1)]),
            tell(150, "n0", [Act::Send(1, 2), Act::Send(2, 3)]),
        ],
    );
    let expected = [
        "100 n1 gets Word 1 from n0",
        "150 n0 loses Word 3 for n2: link cut",
        "155 n1 gets Word 2 from n0",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn the_newer_of_two_settings_outlives_the_older() {
    let slow = |ms| Fault::Delay(Delaying { from: None, to: None, delay: delay(ms) });
    let (_, trace) = play(
        2,
        0,
        vec![
            for_ms(100, strike(50, slow(20))),
            for_ms(200, strike(100, slow(30))),
            tell(60, "n0", [Act::Send(1, 1)]),
            tell(110, "n0", [Act::Send(1, 2)]),
            tell(200, "n0", [Act::Send(1, 3)]),
            tell(310, "n0", [Act::Send(1, 4)]),
        ],
    );
    let expected = ["80", "140", "230", "315"];
    let times: Vec<String> = lines(&trace)
        .iter()
        .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(times, expected);
}

#[test]
fn a_crash_that_lasts_restarts_only_whom_it_took_down() {
    let nodes = vec![whom("n0"), whom("n1"), whom("n2")];
    let all = Fault::Crash(Crash { nodes, of: CrashOf::Machine });
    let (_, trace) = play(
        3,
        0,
        vec![
            // Down already, and not by this step.
            crash(50, "n0"),
            Step { may_miss: true, ..for_ms(100, strike(100, all)) },
            // Up again in between, and down by another step.
            restart(120, "n1"),
            crash(150, "n1"),
        ],
    );
    let woke: Vec<String> =
        lines(&trace).into_iter().filter(|line| line.contains("woke")).collect();
    assert_eq!(woke, ["120 n1 woke []", "200 n2 woke []"]);
}

#[test]
fn every_trouble_of_a_disk_that_can_last_ends_after_its_time() {
    for trouble in [
        DiskTrouble::Slow { takes: delay(30) },
        DiskTrouble::FailSync { count: 1 },
        DiskTrouble::Lie,
        DiskTrouble::Full,
        DiskTrouble::Tear,
        DiskTrouble::Rot,
    ] {
        let fault = Fault::Disk(DiskFault { nodes: vec![whom("n0")], trouble });
        let steps = vec![
            for_ms(50, strike(10, fault)),
            tell(100, "n0", [Act::Write(1), Act::Tell(1)]),
            tell(200, "n0", [Act::Write(2)]),
            crash(210, "n0"),
            restart(220, "n0"),
        ];
        let (outcome, trace) = play(1, 0, steps);
        let expected = ["100 n0 told 1", "210 n0 crashes and loses 0", "220 n0 woke [1, 2]"];
        assert_eq!(lines(&trace), expected, "{}", trouble.kind());
        assert_eq!(fault_count(&outcome, trouble.kind()), (1, 0));
    }
}

#[test]
fn the_end_of_a_trouble_leaves_the_one_that_took_its_place() {
    let slow = |ms| {
        let trouble = DiskTrouble::Slow { takes: delay(ms) };
        Fault::Disk(DiskFault { nodes: vec![whom("n0")], trouble })
    };
    let (_, trace) = play(
        1,
        0,
        vec![
            for_ms(50, strike(10, slow(20))),
            strike(30, slow(40)),
            tell(100, "n0", [Act::Write(1), Act::Tell(1)]),
        ],
    );
    assert_eq!(lines(&trace), ["140 n0 told 1"]);
}

#[test]
fn a_step_comes_again_every_so_often_and_the_next_follows_the_last_time() {
    let word = |n| Action::Admin { nodes: whom("n0"), command: Do(vec![Act::Tell(n)]) };
    let said = Step { say: Some("once".to_owned()), ..Step::at(at(10), word(1)) };
    let next =
        Step { trigger: Trigger::Previous, after: Duration::millis(1), ..Step::at(at(0), word(2)) };
    let (outcome, trace) = play(1, 0, vec![again(3, Some(20), said), next]);
    assert_eq!(lines(&trace), ["10 n0 told 1", "30 n0 told 1", "50 n0 told 1", "51 n0 told 2"]);
    assert_eq!(outcome.steps_missed, Vec::<u32>::new());
    let says =
        |event: &&sim_engine::TraceEvent| matches!(&event.what, What::Step { say: Some(_), .. });
    assert_eq!(trace.events.iter().filter(says).count(), 1, "a caption is told once");
}

#[test]
fn a_step_without_a_length_waits_again_for_what_it_waited_for() {
    let rings = Condition { what: Happening::Fact("rang".to_owned()), node: None, count: 2 };
    let mut step = tell(0, "n0", [Act::Tell(7)]);
    step.trigger = Trigger::When(rings);
    let bells = (1..=7).map(|n| tell(10 * n, "n1", [Act::Set(crate::common::Alarm::A, 0)]));
    let steps: Vec<_> = [again(3, None, step)].into_iter().chain(bells).collect();
    let (_, trace) = play(2, 0, steps);
    let told: Vec<String> =
        lines(&trace).into_iter().filter(|line| line.contains("told")).collect();
    assert_eq!(told, ["20 n0 told 7", "40 n0 told 7", "60 n0 told 7"]);
}

#[test]
fn a_role_that_stands_counts_once_however_often_the_step_comes() {
    let leads = Condition { what: Happening::Role("leader".to_owned()), node: None, count: 1 };
    let mut step = tell(0, "n1", [Act::Tell(7)]);
    step.trigger = Trigger::When(leads);
    let steps = vec![
        again(9, None, step),
        tell(10, "n0", [Act::Lead(1)]),
        tell(20, "n0", [Act::Follow]),
        tell(30, "n0", [Act::Lead(2)]),
    ];
    let (_, trace) = play(2, 0, steps);
    assert_eq!(lines(&trace), ["10 n1 told 7", "30 n1 told 7"]);
}

#[test]
fn a_fault_that_repeats_and_lasts_comes_and_goes() {
    let cut = Fault::Cut(Cut { from: Some(vec![whom("n0")]), to: None, both: false });
    let mut steps = vec![again(2, Some(100), for_ms(50, strike(10, cut)))];
    steps.extend([20, 70, 120, 170, 220].map(|ms| tell(ms, "n0", [Act::Send(1, 1)])));
    let (outcome, trace) = play(2, 0, steps);
    let lost: Vec<String> =
        lines(&trace).into_iter().filter(|line| line.contains("link cut")).collect();
    let expected = ["20 n0 loses Word 1 for n1: link cut", "120 n0 loses Word 1 for n1: link cut"];
    assert_eq!(lost, expected);
    assert_eq!(fault_count(&outcome, "cut"), (2, 2));
}

#[test]
fn what_ended_by_another_hand_ends_no_second_time() {
    let late = Fault::Delay(Delaying { from: None, to: None, delay: delay(20) });
    let (_, trace) =
        play(2, 0, vec![for_ms(100, strike(10, late)), strike(50, Fault::Calm(Calm::Everything))]);
    let ended = trace.events.iter().filter(|event| matches!(event.what, What::FaultEnded { .. }));
    assert_eq!(ended.map(|event| event.at).collect::<Vec<_>>(), [at(50)]);
}
