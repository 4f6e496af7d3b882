//! What a transaction costs in peace: messages and forced writes, by the formulas of the textbooks.

use protocols::atomic_commit::{
    Administration, ClientSettings, CommitNode, CommitRole, Config, CoordinatorSettings,
    ParticipantSettings, Presumption, ThreePhaseCommit, TwoPhaseCommit, Variant,
};
use sim_engine::{
    Action, Cast, Delay, Duration, Instant, Link, NodeId, Operation, PlannedOperation, Protocol,
    Role, Seat, Selector, Simulation, Spec, Step,
};

const PARTICIPANTS: std::ops::RangeInclusive<u16> = 1..=8;

fn cast(participants: u16) -> Cast<CommitRole> {
    let seat = |name: String, role: CommitRole| Seat {
        name,
        kind: role.kind().to_owned(),
        is_client: role.is_client(),
        role,
        place: None,
    };
    let coordinator = CommitRole::Coordinator(CoordinatorSettings::default());
    let participant = |n| {
        let role = CommitRole::Participant(ParticipantSettings::default());
        seat(format!("p{n}"), role)
    };
    let client = seat("c".to_owned(), CommitRole::Client(ClientSettings::default()));
    let first = std::iter::once(seat("co".to_owned(), coordinator));
    Cast::new(first.chain((1..=participants).map(participant)).chain([client]).collect())
}

/// Messages between coordinator and participants, and forced writes, of one operation on a key that
/// `n` participants keep. The one at this place refuses every change if `refuses`.
fn cost<P: Protocol<Node = CommitNode>>(
    config: Config,
    n: u16,
    operation: Operation,
    refuses: Option<u16>,
) -> (u64, u64) {
    let mut spec = Spec::new(1, P::configure(config), cast(n), Duration::secs(5));
    spec.link = Link::clean(Delay::Fixed(Duration::millis(5)));
    spec.promises = P::promises();
    let at = Instant::ZERO + Duration::millis(10);
    spec.operations = vec![PlannedOperation { at, client: NodeId::new(n + 1), operation }];
    if let Some(place) = refuses {
        let nodes = Selector::Seat(NodeId::new(place));
        let command = Administration::ReadOnly(true);
        spec.steps = vec![Step::at(Instant::ZERO, Action::Admin { nodes, command })];
    }
    let outcome = Simulation::new(spec).run().0;
    let broken = outcome.promises.iter().find(|promise| promise.broken.is_some());
    assert!(broken.is_none(), "{broken:?}");
    let counts = outcome.history.counts();
    let failed = u64::from(refuses.is_some());
    assert_eq!((counts.ok, counts.failed), (1 - failed, failed));
    // The client's request and its answer are not the protocol's.
    (outcome.messages.sent - 2, outcome.measurements.forced_writes)
}

fn key() -> sim_engine::Key {
    "x".parse().expect("a short key")
}

fn two(presumption: Presumption, n: u16, refuses: bool) -> (u64, u64) {
    let config = Config { presumption, ..Config::default() };
    let write = Operation::Write { key: key(), value: 1 };
    cost::<TwoPhaseCommit>(config, n, write, refuses.then_some(1))
}

/// The same where the last participant decides; the one at this place refuses if `refuses`.
fn last_agent(presumption: Presumption, n: u16, refuses: Option<u16>) -> (u64, u64) {
    let config = Config { presumption, last_agent: true, ..Config::default() };
    let write = Operation::Write { key: key(), value: 1 };
    cost::<TwoPhaseCommit>(config, n, write, refuses)
}

#[test]
fn with_nothing_presumed_every_decision_is_forced_and_acknowledged() {
    for n in PARTICIPANTS {
        let k = u64::from(n);
        // Prepare, vote, decision, ack; PREPARED and COMMITTED of each, and COMMIT.
        assert_eq!(two(Presumption::Nothing, n, false), (4 * k, 2 * k + 1), "commit, {n}");
        // Whoever refused is neither told nor does it prepare.
        assert_eq!(two(Presumption::Nothing, n, true), (4 * k - 2, 2 * k), "abort, {n}");
    }
}

#[test]
fn presumed_abort_saves_what_an_abort_costs() {
    for n in PARTICIPANTS {
        let k = u64::from(n);
        assert_eq!(two(Presumption::Abort, n, false), (4 * k, 2 * k + 1), "commit, {n}");
        // No acks, and nothing is forced but the PREPARED of those who said yes.
        assert_eq!(two(Presumption::Abort, n, true), (3 * k - 1, k - 1), "abort, {n}");
    }
}

#[test]
fn presumed_commit_saves_what_a_commit_costs_but_for_its_collecting_record() {
    for n in PARTICIPANTS {
        let k = u64::from(n);
        // No acks; PREPARED of each, the collecting record and COMMIT.
        assert_eq!(two(Presumption::Commit, n, false), (3 * k, k + 2), "commit, {n}");
        // ABORTED of each, PREPARED of those who said yes, and the collecting record.
        assert_eq!(two(Presumption::Commit, n, true), (4 * k - 2, 2 * k), "abort, {n}");
    }
}

#[test]
fn whoever_only_reads_is_asked_once_and_writes_nothing() {
    for n in PARTICIPANTS {
        for presumption in [Presumption::Nothing, Presumption::Abort, Presumption::Commit] {
            let config = Config { presumption, reads_are_transactions: true, ..Config::default() };
            let cost = cost::<TwoPhaseCommit>(config, n, Operation::Read { key: key() }, None);
            assert_eq!(cost, (2 * u64::from(n), 0), "{n}");
        }
    }
}

#[test]
fn a_last_agent_saves_two_messages_and_a_forced_write() {
    for n in 2..=8 {
        let k = u64::from(n);
        // The last one is asked and answers once. PREPARED and COMMITTED of each of the others, its
        // COMMITTED, and PREPARED of the coordinator.
        let commit = (4 * k - 2, 2 * k);
        assert_eq!(last_agent(Presumption::Nothing, n, None), commit, "nothing, {n}");
        assert_eq!(last_agent(Presumption::Abort, n, None), commit, "abort, {n}");
        // Its ack is spared already: PREPARED of the coordinator costs what its own has saved.
        assert_eq!(last_agent(Presumption::Commit, n, None), (3 * k - 1, k + 2), "commit, {n}");
        // If it refuses its ABORTED is forced, whatever is presumed, and the others are told.
        assert_eq!(last_agent(Presumption::Nothing, n, Some(n)), commit, "nothing, {n}");
        assert_eq!(last_agent(Presumption::Abort, n, Some(n)), (3 * k - 1, k + 1), "abort, {n}");
        // If another one does it is never asked: as if it took no part.
        for presumption in [Presumption::Nothing, Presumption::Abort, Presumption::Commit] {
            let fewer = two(presumption, n - 1, true);
            assert_eq!(last_agent(presumption, n, Some(1)), fewer, "{presumption:?}, {n}");
        }
    }
}

#[test]
fn where_only_one_takes_part_one_phase_is_enough() {
    for presumption in [Presumption::Nothing, Presumption::Abort, Presumption::Commit] {
        assert_eq!(last_agent(presumption, 1, None), (2, 1), "{presumption:?}");
        assert_eq!(last_agent(presumption, 1, Some(1)), (2, 1), "{presumption:?}");
    }
}

#[test]
fn the_phase_in_between_costs_two_messages_and_one_forced_write_a_participant() {
    for n in PARTICIPANTS {
        let k = u64::from(n);
        for variant in [Variant::Skeen, Variant::Popular] {
            let config = Config { variant, ..Config::default() };
            let write = Operation::Write { key: key(), value: 1 };
            let cost = cost::<ThreePhaseCommit>(config, n, write, None);
            assert_eq!(cost, (6 * k, 3 * k + 2), "{variant:?}, {n}");
        }
    }
}
