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
/// `n` participants keep. The first of them refuses every change if `refuses`.
fn cost<P: Protocol<Node = CommitNode>>(
    config: Config,
    n: u16,
    operation: Operation,
    refuses: bool,
) -> (u64, u64) {
    let mut spec = Spec::new(1, P::configure(config), cast(n), Duration::secs(5));
    spec.link = Link::clean(Delay::Fixed(Duration::millis(5)));
    spec.promises = P::promises();
    let at = Instant::ZERO + Duration::millis(10);
    spec.operations = vec![PlannedOperation { at, client: NodeId::new(n + 1), operation }];
    if refuses {
        let nodes = Selector::Seat(NodeId::new(1));
        let command = Administration::ReadOnly(true);
        spec.steps = vec![Step::at(Instant::ZERO, Action::Admin { nodes, command })];
    }
    let outcome = Simulation::new(spec).run().0;
    let broken = outcome.promises.iter().find(|promise| promise.broken.is_some());
    assert!(broken.is_none(), "{broken:?}");
    let counts = outcome.history.counts();
    assert_eq!((counts.ok, counts.failed), (u64::from(!refuses), u64::from(refuses)));
    // The client's request and its answer are not the protocol's.
    (outcome.messages.sent - 2, outcome.measurements.forced_writes)
}

fn key() -> sim_engine::Key {
    "x".parse().expect("a short key")
}

fn two(presumption: Presumption, n: u16, refuses: bool) -> (u64, u64) {
    let config = Config { presumption, ..Config::default() };
    cost::<TwoPhaseCommit>(config, n, Operation::Write { key: key(), value: 1 }, refuses)
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
        for presumption in [Presumption::Nothing, Presumption::Abort] {
            let config = Config { presumption, reads_are_transactions: true, ..Config::default() };
            let cost = cost::<TwoPhaseCommit>(config, n, Operation::Read { key: key() }, false);
            assert_eq!(cost, (2 * u64::from(n), 0), "{n}");
        }
    }
}

#[test]
fn the_phase_in_between_costs_two_messages_and_one_forced_write_a_participant() {
    for n in PARTICIPANTS {
        let k = u64::from(n);
        for variant in [Variant::Skeen, Variant::Popular] {
            let config = Config { variant, ..Config::default() };
            let write = Operation::Write { key: key(), value: 1 };
            let cost = cost::<ThreePhaseCommit>(config, n, write, false);
            assert_eq!(cost, (6 * k, 3 * k + 2), "{variant:?}, {n}");
        }
    }
}
