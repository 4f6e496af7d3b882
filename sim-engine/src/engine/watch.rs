//! The promises of a run: which of them look at a step, and what became of each.

use super::Simulation;
use crate::embed::Nodes;
use crate::reads::{Bits, known, there_is};
use crate::{
    Broken, EventId, Instant, Look, Moment, Node, NodeId, Promise, PromiseResult, Reads, Violation,
    What,
};

/// The most promises a run can have.
const PROMISES_MAX: usize = 64;

/// The promises of a run.
#[derive(Debug)]
pub(super) struct Watch<N: Node> {
    promises: Vec<Box<dyn Promise<N>>>,
    /// What is known of those that broke, by their places.
    broken: Vec<Option<Broken>>,
    /// Of each part of what there may be to read, who reads it: a bit for each promise that is not
    /// broken. Every step asks for them, and nobody wants to ask every promise.
    readers: Box<[u64; Reads::PARTS]>,
}

impl<N: Node> Watch<N> {
    pub(super) fn new(promises: Vec<Box<dyn Promise<N>>>, config: &N::Config) -> Self {
        assert!(promises.len() <= PROMISES_MAX, "a run has at most {PROMISES_MAX} promises");
        let mut readers = Box::new([0; Reads::PARTS]);
        for (place, promise) in promises.iter().enumerate() {
            for part in promise.reads(config).parts() {
                readers[part] |= 1 << place;
            }
        }
        Self { broken: vec![None; promises.len()], promises, readers }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.promises.is_empty()
    }

    /// Who reads anything of this: a bit for each promise that is not broken.
    #[inline]
    fn readers(&self, there_is: Reads) -> Bits {
        Bits(there_is.parts().fold(0, |readers, part| readers | self.readers[part]))
    }

    /// Lets these promises look at a step. Returns those that broke.
    #[inline]
    fn look(&mut self, readers: Bits, look: &Look<'_, N>) -> Bits {
        let mut broken = Bits::default();
        for place in readers {
            if let Err(violation) = self.promises[place].look(look) {
                self.breaks(place, look.at, look.event, violation);
                broken.set(place);
            }
        }
        broken
    }

    /// Notes that a promise is broken: it is asked no more.
    #[cold]
    fn breaks(&mut self, place: usize, at: Instant, event: EventId, violation: Violation) {
        for readers in self.readers.iter_mut() {
            *readers &= !(1 << place);
        }
        let Violation { why, witness } = violation;
        self.broken[place] = Some(Broken { at, event, why, witness });
    }

    /// Asks every promise that is not broken yet. Returns those that broke.
    pub(super) fn ask(
        &mut self,
        (at, event): (Instant, EventId),
        mut question: impl FnMut(&mut dyn Promise<N>) -> Result<(), Violation>,
    ) -> Bits {
        let mut broken = Bits::default();
        for place in 0..self.promises.len() {
            if self.broken[place].is_none()
                && let Err(violation) = question(&mut *self.promises[place])
            {
                self.breaks(place, at, event, violation);
                broken.set(place);
            }
        }
        broken
    }

    /// What has become of each promise so far.
    pub(super) fn results(&self) -> Vec<PromiseResult> {
        let all = self.promises.iter().zip(&self.broken);
        all.map(|(promise, broken)| PromiseResult {
            name: promise.name(),
            exercised: promise.exercised(),
            broken: broken.clone(),
            suspended: promise.suspended().map(str::to_owned),
            is_undecided: promise.is_undecided(),
        })
        .collect()
    }
}

impl<N: Node> Simulation<N> {
    /// Lets the promises look at what just happened.
    #[inline(never)]
    pub(super) fn look(&mut self, id: NodeId, event: EventId, moment: Moment) {
        // What a disk shows may be new, or have changed while nobody looked.
        let known = known(moment, !self.synced.is_empty(), std::mem::take(&mut self.has_written));
        let there_is = there_is(known, self.effects.released());
        let readers = self.watch.readers(there_is);
        if readers.is_empty() {
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
        for place in self.watch.look(readers, &look) {
            self.record_violation(Some(id), Some(event), place);
        }
    }

    /// Records that the promise at this place is broken.
    pub(super) fn record_violation(
        &mut self,
        id: Option<NodeId>,
        cause: Option<EventId>,
        place: usize,
    ) {
        let event = self.next_id();
        self.record(event, id, cause, |simulation| {
            let Watch { promises, broken, .. } = &simulation.watch;
            let (why, witness) = broken[place]
                .as_ref()
                .map(|broken| (broken.why.clone(), broken.witness.clone()))
                .unwrap_or_default();
            What::Violated { promise: promises[place].name(), why, witness }
        });
    }
}
