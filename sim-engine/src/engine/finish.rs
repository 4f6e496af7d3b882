//! Views for the trace, and the end of a run.

use super::Simulation;
use crate::embed::Nodes;
use crate::{Duration, End, EventId, Instant, Node, NodeId, Outcome, Stopped, Trace, What};

impl<N: Node> Simulation<N> {
    /// Records a node's state if everything is recorded and the state is new.
    #[inline]
    pub(super) fn view_if_changed(&mut self, id: NodeId, cause: EventId) {
        if self.sink.is_full() {
            self.view(id, cause);
        }
    }

    fn view(&mut self, id: NodeId, cause: EventId) {
        let place = &mut self.places[id.index()];
        let Some(view) = place.memory().map(Node::view) else { return };
        if place.viewed.as_ref() == Some(&view) {
            return;
        }
        place.viewed = Some(view.clone());
        // A view is no event of the run: it has the number of the event that it shows the end of.
        self.record(cause, id, Some(cause), |_| What::Viewed(view));
    }

    /// Records what is on the disk of a node that has crashed, if everything is recorded.
    pub(super) fn view_asleep(&mut self, id: NodeId, cause: EventId) {
        if self.sink.is_full()
            && let Some(view) = N::asleep(&self.places[id.index()].disk.seen())
        {
            self.record(cause, id, Some(cause), |_| What::Viewed(view));
        }
    }

    /// Records the state of everybody.
    pub(super) fn view_all(&mut self, cause: EventId) {
        if self.sink.is_full() {
            for id in self.cast.ids() {
                self.view(id, cause);
            }
        }
    }

    /// Asks the promises for the last time and adds everything up.
    pub(super) fn finish(mut self) -> (Outcome, Trace) {
        let last = EventId(self.last_id);
        let end = End {
            at: self.now,
            history: &self.history,
            nodes: Nodes::Own(&self.places),
            cast: &self.cast,
            config: &self.config,
        };
        let asked = (self.now, last);
        for place in self.watch.ask(asked, |promise| promise.at_end(&end)) {
            self.record_violation(None, None, place);
        }
        let outcome = self.outcome();
        let (mut events, forgotten) = self.sink.into_parts();
        // Effects get their numbers when they are released and are recorded when they go on their
        // way.
        events.sort_by_key(|event| event.id);
        let cast = self.cast.anonymous();
        (outcome, Trace { cast, lexicon: self.lexicon, end: self.now, events, forgotten })
    }

    fn outcome(&mut self) -> Outcome {
        let (steps_missed, steps_idle) = self.plan.missed_and_idle();
        let end = self.now;
        let mut messages = self.messages;
        messages.in_flight = u64::try_from(self.mail.len()).unwrap_or(u64::MAX);
        Outcome {
            seed: self.seed,
            digest: self.digest.digest(),
            events: self.events,
            messages,
            simulated: simulated(self.stopped, end, self.until),
            stopped: self.stopped,
            promises: self.watch.results(),
            milestones: self.milestones.sums(),
            faults: self.fault_counts(),
            steps_missed,
            steps_idle,
            history: std::mem::take(&mut self.history),
            measurements: std::mem::take(&mut self.meter).finish(end),
        }
    }
}

fn simulated(stopped: Stopped, now: Instant, until: Instant) -> Duration {
    match stopped {
        Stopped::Time => until - Instant::ZERO,
        Stopped::Quiet | Stopped::EventLimit | Stopped::MailLimit => now - Instant::ZERO,
    }
}
