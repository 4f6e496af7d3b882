//! Wrong clocks: what a node reads, and how long its timers truly run.

use sim_engine::faults::{ClockChange, ClockFault, Shift};
use sim_engine::{Chaos, ChaosKind, Duration, Fault, Span, Step, What};

use crate::common::{
    Act, Alarm, Do, at, crash, fault_count, lines, play, restart, spec, strike, tell, whom,
};

fn clock(ms: u64, change: ClockChange) -> Step<Do> {
    strike(ms, Fault::Clock(ClockFault { nodes: vec![whom("n0")], change }))
}

fn look(ms: u64) -> Step<Do> {
    tell(ms, "n0", [Act::Clocks])
}

fn ahead(ms: u64) -> Shift {
    Shift::Ahead(Duration::millis(ms))
}

fn behind(ms: u64) -> Shift {
    Shift::Behind(Duration::millis(ms))
}

#[test]
fn an_offset_moves_the_time_of_day_and_no_timer() {
    let (outcome, trace) = play(
        1,
        0,
        vec![
            clock(10, ClockChange::Offset { by: ahead(200) }),
            tell(20, "n0", [Act::Set(Alarm::A, 50), Act::Clocks]),
            clock(100, ClockChange::Offset { by: behind(30) }),
            look(110),
            clock(120, ClockChange::Calm),
            look(130),
        ],
    );
    let expected = [
        "20 n0 sees 220 ms, 20 ms",
        "70 n0 rang A",
        "110 n0 sees 80 ms, 110 ms",
        "130 n0 sees 130 ms, 130 ms",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "clock-offset"), (2, 2));
    assert_eq!(fault_count(&outcome, "calm-clock"), (1, 1));
}

#[test]
fn steps_add_up_and_no_clock_shows_less_than_zero() {
    let (_, trace) = play(
        1,
        0,
        vec![
            clock(10, ClockChange::Step { by: behind(300) }),
            look(20),
            look(400),
            clock(500, ClockChange::Step { by: ahead(1_000) }),
            look(500),
        ],
    );
    let expected =
        ["20 n0 sees 0 ms, 20 ms", "400 n0 sees 100 ms, 400 ms", "500 n0 sees 1200 ms, 500 ms"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn a_drift_bends_both_clocks_and_every_timer_set_from_then_on() {
    let (outcome, trace) = play(
        1,
        0,
        vec![
            tell(50, "n0", [Act::Set(Alarm::B, 100)]),
            clock(100, ClockChange::Drift { ppm: 1_000_000 }),
            tell(100, "n0", [Act::Set(Alarm::A, 100)]),
            look(200),
            clock(300, ClockChange::Drift { ppm: -500_000 }),
            tell(300, "n0", [Act::Set(Alarm::A, 100)]),
            look(400),
        ],
    );
    let expected = [
        "150 n0 rang B",
        "150 n0 rang A",
        "200 n0 sees 300 ms, 300 ms",
        "400 n0 sees 550 ms, 550 ms",
        "500 n0 rang A",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(fault_count(&outcome, "clock-drift"), (2, 4));
}

#[test]
fn a_crash_leaves_the_clock_as_wrong_as_it_was() {
    let (_, trace) = play(
        1,
        0,
        vec![
            clock(10, ClockChange::Offset { by: ahead(200) }),
            crash(20, "n0"),
            restart(30, "n0"),
            look(40),
        ],
    );
    assert_eq!(lines(&trace).last().unwrap(), "40 n0 sees 240 ms, 40 ms");
}

#[test]
fn a_wrong_clock_that_nobody_reads_has_not_acted() {
    let (outcome, _) = play(
        1,
        0,
        vec![
            clock(10, ClockChange::Offset { by: ahead(200) }),
            tell(20, "n0", [Act::Set(Alarm::A, 50)]),
        ],
    );
    assert_eq!(fault_count(&outcome, "clock-offset"), (1, 0));
}

#[test]
fn changes_that_last_are_taken_back_one_by_one_and_the_last_leaves_a_right_clock() {
    let lasting =
        |ms, change, lasts| Step { lasts: Some(Duration::millis(lasts)), ..clock(ms, change) };
    let (_, trace) = play(
        1,
        0,
        vec![
            lasting(10, ClockChange::Offset { by: ahead(200) }, 30),
            lasting(20, ClockChange::Step { by: ahead(1_000) }, 60),
            lasting(30, ClockChange::Drift { ppm: 1_000_000 }, 70),
            look(25),
            look(45),
            look(85),
            look(110),
        ],
    );
    let expected = [
        "25 n0 sees 1225 ms, 25 ms",
        "45 n0 sees 1060 ms, 60 ms",
        "85 n0 sees 140 ms, 140 ms",
        "110 n0 sees 110 ms, 180 ms",
    ];
    assert_eq!(lines(&trace), expected);
}

/// What the clocks of every node show every 5 ms under chaos of these kinds: pairs of wall and
/// monotonic time in nanoseconds, node by node.
fn shown_under(kinds: &[ChaosKind], seed: u64) -> Vec<Vec<(u64, u64)>> {
    let mut spec = spec(3, 0);
    let chaos = Chaos {
        from: at(10),
        until: at(900),
        kinds: kinds.to_vec(),
        every: Span { min: Duration::millis(5), max: Duration::millis(40) },
        lasts: Span { min: Duration::millis(5), max: Duration::millis(200) },
        down_max: 2,
        knobs: std::collections::BTreeMap::new(),
        core: None,
        within: None,
    };
    let looks = (1..200).map(|n| tell(n * 5, "server", [Act::Clocks, Act::Set(Alarm::A, 3)]));
    spec.steps = looks.chain(chaos.draw(seed, &spec.cast)).collect();
    let (_, trace) = sim_engine::Simulation::new(spec).run();
    let mut shown = vec![Vec::new(); 3];
    for event in &trace.events {
        if let (Some(node), What::Fact(fact)) = (event.node, &event.what)
            && fact.name == "sees"
        {
            let text = fact.details_text(&trace.cast);
            let nanos = |part: &str| {
                let (whole, rest) = part.split_once('.').unwrap_or((part, ""));
                whole.parse::<u64>().unwrap() * 1_000
                    + format!("{rest:0<3}").parse::<u64>().unwrap()
            };
            let parts: Vec<u64> =
                text.split(", ").map(|part| nanos(part.trim_end_matches(" ms"))).collect();
            shown[node.index()].push((parts[0], parts[1]));
        }
    }
    shown
}

#[test]
fn time_runs_backwards_only_under_faults_of_clocks() {
    let is_of_clocks = |kind: &ChaosKind| kind.name().starts_with("clock");
    let others: Vec<ChaosKind> =
        ChaosKind::ALL.into_iter().filter(|kind| !is_of_clocks(kind)).collect();
    let all = ChaosKind::ALL.to_vec();
    let mut jumps_back = 0;
    for seed in 0..40 {
        for shown in shown_under(&others, seed) {
            assert!(shown.iter().all(|(wall, monotonic)| wall == monotonic), "seed {seed}");
            assert!(shown.is_sorted(), "seed {seed}: {shown:?}");
        }
        for shown in shown_under(&all, seed) {
            assert!(shown.is_sorted_by_key(|(_, monotonic)| *monotonic), "seed {seed}");
            jumps_back += u32::from(!shown.is_sorted_by_key(|(wall, _)| *wall));
        }
    }
    assert!(jumps_back > 20, "{jumps_back} of 120 clocks ever jumped back");
}
