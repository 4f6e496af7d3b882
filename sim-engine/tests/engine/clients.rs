//! Clients: one operation at a time, and what they know of it.

use sim_engine::{
    Action, Ending, NodeId, Operation, OperationCounts, PlannedOperation, Reply, Simulation,
    Trigger,
};

use crate::common::{at, crash, play, restart, spec, step, whom};

fn write(value: i64) -> Operation {
    Operation::Write { key: "x".parse().unwrap(), value }
}

fn read() -> Operation {
    Operation::Read { key: "x".parse().unwrap() }
}

fn planned(ms: u64, client: u16, operation: Operation) -> PlannedOperation {
    PlannedOperation { at: at(ms), client: NodeId::new(client), operation }
}

#[test]
fn a_client_asks_one_thing_at_a_time() {
    let mut spec = spec(1, 2);
    spec.operations =
        vec![planned(10, 1, write(1)), planned(12, 1, write(2)), planned(12, 2, write(3))];
    let (outcome, _) = Simulation::new(spec).run();
    let times: Vec<_> = outcome
        .history
        .operations
        .iter()
        .map(|record| (record.operation, record.invoked_at, record.ended.as_ref().unwrap().at))
        .collect();
    let expected =
        [(write(1), at(10), at(20)), (write(3), at(12), at(22)), (write(2), at(20), at(30))];
    assert_eq!(times, expected);
}

#[test]
fn operations_wait_in_the_order_of_their_times() {
    let mut spec = spec(1, 1);
    spec.operations =
        vec![planned(30, 1, write(3)), planned(10, 1, write(1)), planned(10, 1, read())];
    let (outcome, _) = Simulation::new(spec).run();
    let order: Vec<_> = outcome.history.operations.iter().map(|record| record.operation).collect();
    assert_eq!(order, [write(1), read(), write(3)]);
}

#[test]
fn an_answer_ends_an_operation_with_what_it_says() {
    let mut spec = spec(1, 1);
    spec.operations = vec![planned(10, 1, read())];
    let (outcome, _) = Simulation::new(spec).run();
    let ended = outcome.history.operations[0].ended.clone().unwrap();
    assert_eq!(ended.ending, Ending::Ok(Reply::Value(None)));
    assert_eq!(outcome.history.counts(), OperationCounts { ok: 1, failed: 0, unknown: 0 });
}

#[test]
fn a_crashed_client_never_learns_the_end_of_its_operation() {
    let mut spec = spec(1, 1);
    spec.operations = vec![planned(10, 1, write(1)), planned(11, 1, write(2))];
    spec.steps = vec![crash(12, "c0"), restart(30, "c0")];
    let (outcome, _) = Simulation::new(spec).run();
    let [first, second] = outcome.history.operations.as_slice() else { panic!("two operations") };
    assert_eq!(first.ended, None);
    // It goes on with the next one after it has booted.
    assert_eq!((second.invoked_at, second.ended.as_ref().unwrap().at), (at(30), at(40)));
    assert_eq!(outcome.history.counts(), OperationCounts { ok: 1, failed: 0, unknown: 1 });
}

#[test]
fn a_step_can_ask_through_a_client() {
    let ask = Action::Client { client: whom("c0"), operation: write(1) };
    let (outcome, _) = play(1, 1, vec![step(Trigger::At(at(50)), ask)]);
    assert_eq!(outcome.history.operations[0].invoked_at, at(50));
    assert_eq!(outcome.steps_idle, Vec::<u32>::new());
}

#[test]
fn unavailability_is_the_longest_wait_without_success() {
    let mut spec = spec(1, 1);
    spec.operations = vec![planned(10, 1, write(1)), planned(100, 1, write(2))];
    spec.steps = vec![crash(90, "n0")];
    let (outcome, _) = Simulation::new(spec).run();
    // The second question is lost, and nobody asks again: the run ends when its last event is over.
    assert_eq!(outcome.measurements.unavailable, sim_engine::Duration::millis(10));
    assert_eq!(outcome.history.counts().unknown, 1);
}
