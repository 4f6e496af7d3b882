//! The promises of a run: which of them look at a step, and what became of each.

use super::Simulation;
use crate::embed::Nodes;
use crate::promise::{known, there_is};
use crate::{
    Broken, EventId, Instant, Look, Moment, Node, NodeId, Promise, PromiseResult, Reads, Violation,
    What,
};

/// The promises of a run.
#[derive(Debug)]
pub(super) struct Watch<N: Node> {
    promises: Vec<Watched<N>>,
    /// What each of them reads; nothing once it is broken. Apart from the rest, because every step
    /// asks for it.
    reads: Vec<Reads>,
    /// What any of them reads.
    all: Reads,
}

/// A promise with what became of it.
#[derive(Debug)]
struct Watched<N: Node> {
    promise: Box<dyn Promise<N>>,
    broken: Option<Broken>,
}

impl<N: Node> Watch<N> {
    pub(super) fn new(promises: Vec<Box<dyn Promise<N>>>, config: &N::Config) -> Self {
        let reads: Vec<Reads> = promises.iter().map(|promise| promise.reads(config)).collect();
        let all = reads.iter().fold(Reads::NOTHING, |all, reads| all.and(*reads));
        let watched = |promise| Watched { promise, broken: None };
        Self { promises: promises.into_iter().map(watched).collect(), reads, all }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.promises.is_empty()
    }

    /// Lets every promise that is not broken yet, and reads what is there, look at a step. Returns
    /// those that broke.
    fn look(&mut self, look: &Look<'_, N>) -> Vec<&'static str> {
        let mut found = Vec::new();
        for (reads, watched) in self.reads.iter_mut().zip(&mut self.promises) {
            if !reads.has(look.there_is) {
                continue;
            }
            if let Err(violation) = watched.promise.look(look) {
                *reads = Reads::NOTHING;
                found.push(watched.breaks(look.at, look.event, violation));
            }
        }
        found
    }

    /// Asks every promise that is not broken yet. Returns those that broke.
    pub(super) fn ask(
        &mut self,
        (at, event): (Instant, EventId),
        mut question: impl FnMut(&mut dyn Promise<N>) -> Result<(), Violation>,
    ) -> Vec<&'static str> {
        let mut found = Vec::new();
        for (reads, watched) in self.reads.iter_mut().zip(&mut self.promises) {
            if watched.broken.is_some() {
                continue;
            }
            if let Err(violation) = question(&mut *watched.promise) {
                *reads = Reads::NOTHING;
                found.push(watched.breaks(at, event, violation));
            }
        }
        found
    }

    fn broken(&self, promise: &'static str) -> Option<&Broken> {
        self.promises.iter().find(|watched| watched.promise.name() == promise)?.broken.as_ref()
    }

    /// What has become of each promise so far.
    pub(super) fn results(&self) -> Vec<PromiseResult> {
        let result = |watched: &Watched<N>| PromiseResult {
            name: watched.promise.name(),
            exercised: watched.promise.exercised(),
            broken: watched.broken.clone(),
            suspended: watched.promise.suspended().map(str::to_owned),
            is_undecided: watched.promise.is_undecided(),
        };
        self.promises.iter().map(result).collect()
    }
}

impl<N: Node> Watched<N> {
    /// Notes that the promise is broken. Returns its name.
    fn breaks(&mut self, at: Instant, event: EventId, violation: Violation) -> &'static str {
        let Violation { why, witness } = violation;
        self.broken = Some(Broken { at, event, why, witness });
        self.promise.name()
    }
}

impl<N: Node> Simulation<N> {
    /// Lets the promises look at what just happened.
    #[inline(never)]
    pub(super) fn look(&mut self, id: NodeId, event: EventId, moment: Moment) {
        // What a disk shows may be new, or have changed while nobody looked.
        let known = known(moment, !self.synced.is_empty(), std::mem::take(&mut self.has_written));
        let there_is = there_is(known, self.effects.released());
        if !self.watch.all.has(there_is) {
            return;
        }
        let look = Look {
            at: self.now,
            event,
            node: id,
            moment,
            released: self.effects.released(),
            synced: &self.synced,
            nodes: Nodes::Own(&self.places),
            cast: &self.cast,
            config: &self.config,
            guests: &std::cell::OnceCell::new(),
            there_is,
        };
        for promise in self.watch.look(&look) {
            self.record_violation(Some(id), Some(event), promise);
        }
    }

    pub(super) fn record_violation(
        &mut self,
        id: Option<NodeId>,
        cause: Option<EventId>,
        promise: &'static str,
    ) {
        let event = self.next_id();
        self.record(event, id, cause, |simulation| {
            let broken = simulation.watch.broken(promise);
            What::Violated {
                promise,
                why: broken.map(|broken| broken.why.clone()).unwrap_or_default(),
                witness: broken.map(|broken| broken.witness.clone()).unwrap_or_default(),
            }
        });
    }
}
