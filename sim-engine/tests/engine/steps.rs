//! Steps of a scenario: when they are taken, and whom they mean.

use sim_engine::{
    Action, Condition, Duration, Happening, NodeId, Selector, Simulation, Step, Trigger, What,
};

use crate::common::{Act, Do, at, crash, lines, partition, play, restart, spec, step, tell, whom};

fn act(nodes: &str, acts: impl Into<Vec<Act>>) -> Action<Do> {
    Action::Admin { nodes: whom(nodes), command: Do(acts.into()) }
}

fn when(what: Happening, node: Option<&str>, count: u32) -> Trigger {
    Trigger::When(Condition { what, node: node.map(whom), count })
}

fn delivered(kind: &str, from: Option<&str>) -> Happening {
    Happening::Delivered { kind: kind.to_owned(), from: from.map(whom) }
}

fn fact(name: &str) -> Happening {
    Happening::Fact(name.to_owned())
}

fn role(name: &str) -> Happening {
    Happening::Role(name.to_owned())
}

#[test]
fn a_step_may_wait_for_a_fact_and_some_time_more() {
    let mut last = step(when(fact("told"), Some("n1"), 1), act("n0", [Act::Tell(9)]));
    last.after = Duration::millis(7);
    let (_, trace) = play(
        2,
        0,
        vec![
            tell(1, "n0", [Act::Set(crate::common::Alarm::A, 1)]),
            last,
            tell(10, "n0", [Act::Tell(1)]),
            tell(20, "n1", [Act::Tell(2)]),
            tell(30, "n1", [Act::Tell(3)]),
        ],
    );
    let expected = ["2 n0 rang A", "10 n0 told 1", "20 n1 told 2", "27 n0 told 9", "30 n1 told 3"];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn the_first_step_may_wait_for_a_fact_of_the_boot() {
    let (outcome, trace) =
        play(2, 0, vec![step(when(fact("woke"), Some("n1"), 1), act("n0", [Act::Tell(9)]))]);
    assert_eq!(lines(&trace), ["0 n0 told 9"]);
    assert_eq!(outcome.steps_missed, Vec::<u32>::new());
}

#[test]
fn a_step_may_wait_for_the_third_time() {
    let (_, trace) = play(
        2,
        0,
        vec![
            step(when(delivered("Ball", None), Some("n1"), 3), act("n0", [Act::Tell(9)])),
            tell(10, "n0", [Act::Serve(1, 9)]),
        ],
    );
    // Balls reach n1 at 15, 25 and 35.
    assert!(lines(&trace).contains(&"35 n0 told 9".to_owned()), "{:?}", lines(&trace));
}

#[test]
fn a_step_may_wait_for_a_message_of_one_sender() {
    let (_, trace) = play(
        3,
        0,
        vec![
            step(when(delivered("Word", Some("n2")), None, 1), act("n0", [Act::Tell(9)])),
            tell(10, "n0", [Act::Send(1, 1)]),
            tell(20, "n2", [Act::Send(1, 1)]),
        ],
    );
    assert!(lines(&trace).contains(&"25 n0 told 9".to_owned()), "{:?}", lines(&trace));
}

#[test]
fn a_step_may_wait_for_a_role_even_if_it_is_taken_already() {
    let (_, trace) = play(
        2,
        0,
        vec![
            step(when(role("leader"), None, 1), act("n0", [Act::Tell(8)])),
            tell(10, "n1", [Act::Lead(1)]),
            tell(20, "n0", [Act::Tell(1)]),
            step(when(role("leader"), Some("n1"), 1), act("n0", [Act::Tell(9)])),
        ],
    );
    assert_eq!(lines(&trace), ["10 n0 told 8", "20 n0 told 1", "20 n0 told 9"]);
}

#[test]
fn everybody_who_stands_in_a_role_already_counts() {
    let (outcome, trace) = play(
        3,
        0,
        vec![
            tell(10, "n1", [Act::Lead(1)]),
            tell(20, "n2", [Act::Lead(2)]),
            step(when(role("leader"), None, 2), act("n0", [Act::Tell(9)])),
        ],
    );
    assert_eq!(lines(&trace), ["20 n0 told 9"]);
    assert_eq!(outcome.steps_missed, Vec::<u32>::new());
}

#[test]
fn a_name_that_finds_nobody_is_reported_and_means_nobody() {
    let bound = |ms, name: &str, selector: &str, act| {
        let bind = vec![(name.to_owned(), whom(selector))];
        Step { bind, ..tell(ms, "n0", [act]) }
    };
    let (outcome, trace) = play(
        2,
        0,
        vec![
            tell(10, "n1", [Act::Lead(1)]),
            bound(20, "old", "leader", Act::Tell(1)),
            crash(30, "n1"),
            bound(40, "old", "leader", Act::Tell(2)),
            tell(50, "old", [Act::Tell(3)]),
        ],
    );
    let told: Vec<_> = lines(&trace).into_iter().filter(|line| line.contains("told")).collect();
    assert_eq!(told, ["20 n0 told 1", "40 n0 told 2"]);
    assert_eq!(outcome.steps_idle, [3, 4]);
}

#[test]
fn a_partition_of_nobody_is_reported() {
    let (outcome, _) = play(
        2,
        0,
        vec![partition(10, &[&["leader"], &["rest"]]), partition(20, &[&["n0", "n1"], &["rest"]])],
    );
    assert_eq!(outcome.steps_idle, [0]);
}

#[test]
fn steps_follow_one_another() {
    let mut second = step(Trigger::Previous, act("n0", [Act::Tell(2)]));
    second.after = Duration::millis(5);
    let third = step(Trigger::Previous, act("n0", [Act::Tell(3)]));
    let (_, trace) = play(1, 0, vec![tell(10, "n0", [Act::Tell(1)]), second, third]);
    assert_eq!(lines(&trace), ["10 n0 told 1", "15 n0 told 2", "15 n0 told 3"]);
}

#[test]
fn a_step_waits_for_what_happens_after_the_step_before_it() {
    let (_, trace) = play(
        1,
        0,
        vec![
            tell(20, "n0", [Act::Send(0, 1)]),
            step(when(fact("told"), None, 1), act("n0", [Act::Send(0, 2)])),
            tell(10, "n0", [Act::Tell(1)]),
            tell(30, "n0", [Act::Tell(2)]),
        ],
    );
    assert!(lines(&trace).contains(&"30 n0 gets Word 2 from n0".to_owned()));
}

#[test]
fn steps_that_never_came_are_reported() {
    let (outcome, _) = play(
        1,
        0,
        vec![
            tell(10, "n0", [Act::Tell(1)]),
            step(when(fact("rang"), None, 1), act("n0", [Act::Tell(2)])),
            step(Trigger::Previous, act("n0", [Act::Tell(3)])),
            tell(5_000, "n0", [Act::Tell(4)]),
        ],
    );
    assert_eq!(outcome.steps_missed, [1, 2, 3]);
}

#[test]
fn steps_that_changed_nothing_are_reported_unless_they_may() {
    let mut may_miss = tell(30, "nobody", [Act::Tell(1)]);
    may_miss.may_miss = true;
    let (outcome, _) = play(
        1,
        0,
        vec![
            crash(10, "n0"),
            tell(20, "n0", [Act::Tell(1)]),
            may_miss,
            tell(40, "nobody", [Act::Tell(1)]),
        ],
    );
    assert_eq!(outcome.steps_idle, [1, 3]);
}

/// Who is told something when a step names `selector`, after `steps`; `n1` and `n3` lead, `n3` in
/// the higher epoch.
fn told(selector: &str, steps: Vec<Step<Do>>) -> Vec<String> {
    let mut all = vec![tell(10, "n1", [Act::Lead(1)]), tell(10, "n3", [Act::Lead(2)])];
    all.extend(steps);
    all.push(tell(100, selector, [Act::Tell(9)]));
    let (_, trace) = play(4, 2, all);
    lines(&trace)
        .iter()
        .filter_map(|line| line.strip_prefix("100 ")?.strip_suffix(" told 9").map(str::to_owned))
        .collect()
}

#[test]
fn selectors_mean_what_a_person_would_say() {
    for (selector, expected) in [
        ("leader", vec!["n3"]),
        ("the leader", vec!["n3"]),
        ("a follower", vec!["n0"]),
        ("followers", vec!["n0", "n1", "n2"]),
        ("everybody", vec!["n0", "n1", "n2", "n3", "c0", "c1"]),
        ("rest", vec!["n0", "n1", "n2", "n3", "c0", "c1"]),
        ("n2", vec!["n2"]),
        ("server", vec!["n0", "n1", "n2", "n3"]),
        ("client", vec!["c0", "c1"]),
        ("room-1", vec!["n1", "n3", "c1"]),
        ("the side with n1", vec!["n0", "n1", "n2", "n3", "c0", "c1"]),
        ("nobody", vec![]),
    ] {
        assert_eq!(told(selector, vec![]), expected, "{selector}");
    }
}

#[test]
fn selectors_follow_what_has_happened() {
    assert_eq!(told("leader", vec![crash(20, "n3")]), ["n1"]);
    assert_eq!(told("leader", vec![tell(20, "n3", [Act::Follow])]), ["n1"]);
    assert_eq!(told("leader", vec![tell(20, "n0", [Act::Lead(2)])]), ["n0"]);
    assert_eq!(told("a follower", vec![crash(20, "n0")]), ["n1"]);
    let cut = || vec![partition(20, &[&["n1", "n2", "c0"], &["n0", "n3"]])];
    assert_eq!(told("the side with n1", cut()), ["n1", "n2", "c0"]);
    assert_eq!(told("the side with leader", cut()), ["n0", "n3"]);
}

#[test]
fn the_rest_is_whoever_the_step_has_not_named() {
    let (_, trace) = play(
        4,
        0,
        vec![
            tell(10, "n1", [Act::Lead(1)]),
            partition(20, &[&["leader", "a follower"], &["rest"]]),
        ],
    );
    let groups = trace.events.iter().find_map(|event| match &event.what {
        What::FaultBegan(sim_engine::FaultView::Partition { groups }) => Some(groups.clone()),
        _ => None,
    });
    let ids = |ids: [u16; 2]| ids.map(NodeId::new).to_vec();
    assert_eq!(groups, Some(vec![ids([1, 0]), ids([2, 3])]));
}

#[test]
fn followers_that_are_down_can_be_restarted_as_followers() {
    let (_, trace) = play(
        3,
        0,
        vec![tell(10, "n1", [Act::Lead(1)]), crash(20, "followers"), restart(30, "followers")],
    );
    let woke: Vec<_> = lines(&trace).into_iter().filter(|line| line.contains("woke")).collect();
    assert_eq!(woke, ["30 n0 woke []", "30 n2 woke []"]);
}

#[test]
fn a_bound_name_stays_with_whoever_it_meant() {
    let mut bind = tell(20, "n0", [Act::Tell(1)]);
    bind.bind = vec![("old".to_owned(), Selector::Leader)];
    bind.say = Some("{old} leads".to_owned());
    let (_, trace) = play(
        3,
        0,
        vec![
            tell(10, "n1", [Act::Lead(1)]),
            bind,
            tell(30, "n2", [Act::Lead(2)]),
            tell(40, "old", [Act::Tell(9)]),
        ],
    );
    assert!(lines(&trace).contains(&"40 n1 told 9".to_owned()));
    let said = trace.events.iter().find_map(|event| match &event.what {
        What::Step { say: Some(say), .. } => Some(say.clone()),
        _ => None,
    });
    assert_eq!(said.as_deref(), Some("n1 leads"));
}

#[test]
fn a_late_seat_is_not_there_until_it_is_started() {
    let mut spec = spec(2, 0);
    spec.late = vec![NodeId::new(1)];
    spec.steps = vec![
        tell(10, "n0", [Act::Send(1, 1)]),
        step(Trigger::At(at(20)), Action::Start { nodes: whom("n1") }),
        tell(30, "n0", [Act::Send(1, 2)]),
        step(Trigger::At(at(40)), Action::Start { nodes: whom("n1") }),
    ];
    let (outcome, trace) = Simulation::new(spec).run();
    let expected =
        ["15 n0 loses Word 1 for n1: receiver down", "20 n1 woke []", "35 n1 gets Word 2 from n0"];
    assert_eq!(lines(&trace), expected);
    assert_eq!(outcome.steps_idle, [3]);
}

#[test]
fn a_look_records_the_state_of_everybody() {
    let (_, trace) =
        play(2, 0, vec![tell(10, "n1", [Act::Write(3)]), step(Trigger::At(at(20)), Action::Look)]);
    let views = trace.events.iter().filter(|event| matches!(event.what, What::Viewed(_)));
    assert!(views.count() >= 3, "two at the start, one after the write");
}

#[test]
fn two_leaders_are_measured() {
    let (outcome, _) = play(
        3,
        0,
        vec![
            tell(10, "n0", [Act::Lead(1)]),
            tell(50, "n1", [Act::Lead(2)]),
            tell(80, "n0", [Act::Follow]),
            crash(100, "n1"),
            tell(140, "n2", [Act::Lead(3)]),
        ],
    );
    assert_eq!(outcome.measurements.two_leaders, Duration::millis(30));
    assert_eq!(outcome.measurements.leaderless, Duration::millis(40));
}
