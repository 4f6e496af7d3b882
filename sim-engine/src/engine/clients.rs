//! Clients: their operations, one at a time each, and the history of what they know.

use super::Simulation;
use super::host::Waiting;
use super::queue::Kind;
use super::spec::PlannedOperation;
use super::step::code;
use crate::{
    Ended, Ending, Event, EventId, Instant, Node, NodeId, OpId, Operation, OperationRecord,
    Vocabulary, What,
};
use std::hash::Hash;

impl<N: Node> Simulation<N> {
    /// Puts an operation into its client's lane, in the order of time.
    pub(super) fn plan_operation(&mut self, planned: PlannedOperation) {
        let due = &mut self.places[planned.client.index()].lane.due;
        let place = due.partition_point(|(at, _)| *at <= planned.at);
        due.insert(place, (planned.at, planned.operation));
        self.wake_client(planned.client, planned.at);
    }

    fn wake_client(&mut self, client: NodeId, at: Instant) {
        self.queue.push(at.max(self.now), Kind::Client, u32::from(client.number()));
    }

    /// A client that has just booted or finished takes up its next operation.
    pub(super) fn client_may_go_on(&mut self, client: NodeId) {
        if let Some((at, _)) = self.places[client.index()].lane.due.front() {
            let at = *at;
            self.wake_client(client, at);
        }
    }

    /// A client's next operation may be due.
    pub(super) fn client_is_due(&mut self, client: NodeId) {
        let place = &mut self.places[client.index()];
        let is_due = place.lane.due.front().is_some_and(|(at, _)| *at <= self.now);
        if !is_due || place.lane.open.is_some() {
            return;
        }
        if place.node.is_none() {
            self.wait(client, Waiting::Client);
            return;
        }
        if let Some((_, operation)) = place.lane.due.pop_front() {
            self.invoke(client, operation);
        }
    }

    /// A client asks for an operation that the protocol serves.
    pub(super) fn invoke(&mut self, client: NodeId, operation: Operation) {
        let Some(command) = N::Command::from_operation(&operation) else {
            unreachable!("operations are checked against the protocol before the run")
        };
        let op = OpId(u32::try_from(self.history.operations.len()).unwrap_or(u32::MAX));
        let event = self.next_id();
        self.count(client, code::COMMAND);
        operation.hash(&mut self.digest);
        self.places[client.index()].lane.open = Some(op);
        self.history.operations.push(OperationRecord {
            op,
            client,
            operation,
            invoked_at: self.now,
            invoked: event,
            ended: None,
        });
        self.meter.invoked(self.now);
        self.record(event, client, None, |_| What::Invoked { op, operation });
        self.step(client, Event::Command { op, command }, event);
    }

    /// A client ends an operation. Only its first end counts.
    #[inline(never)]
    pub(super) fn finish_operation(
        &mut self,
        client: NodeId,
        op: OpId,
        ending: Ending,
        (event, cause): (EventId, EventId),
    ) {
        let at = self.now;
        let Some(record) = self
            .history
            .operations
            .get_mut(usize::try_from(op.0).unwrap_or(usize::MAX))
            .filter(|record| record.client == client && record.ended.is_none())
        else {
            return;
        };
        record.ended = Some(Ended { at, event, ending: ending.clone() });
        self.meter.finished(at, matches!(ending, Ending::Ok(_)));
        self.record(event, client, Some(cause), |_| What::Finished { op, ending });
        let lane = &mut self.places[client.index()].lane;
        if lane.open == Some(op) {
            lane.open = None;
            self.client_may_go_on(client);
        }
    }

    /// A client crashed: what it waited for stays open for ever, which means unknown.
    pub(super) fn abandon_operation(&mut self, client: NodeId) {
        if self.places[client.index()].lane.open.take().is_some() {
            self.meter.finished(self.now, false);
        }
    }
}
