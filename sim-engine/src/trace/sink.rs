//! Where trace events go: nowhere, into a ring of the last ones, or all into a list.

use super::TraceEvent;

/// How much of a run is recorded. The digest is always made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Recording {
    /// Nothing: for sweeps.
    #[default]
    Nothing,
    /// Facts of these names, and nothing else: for comparisons of many runs.
    Facts(&'static [&'static str]),
    /// The last events, at most this many, without labels.
    Ring(usize),
    /// Everything, with labels and views: for pictures.
    Everything,
}

/// Holds what is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    is_on: bool,
    is_full: bool,
    /// Facts that are recorded though nothing else is.
    facts: &'static [&'static str],
    events: Vec<TraceEvent>,
    /// How many events are kept.
    room: usize,
    /// Where the oldest event lies, once the ring is closed: the next one takes its place.
    oldest: usize,
    forgotten: u64,
}

impl Sink {
    pub(crate) fn new(recording: Recording) -> Self {
        let (is_on, is_full, facts, room): (_, _, &[_], _) = match recording {
            Recording::Nothing => (false, false, &[], usize::MAX),
            Recording::Facts(names) => (false, false, names, usize::MAX),
            Recording::Ring(n) => (true, false, &[], n),
            Recording::Everything => (true, true, &[], usize::MAX),
        };
        Self { is_on, is_full, facts, events: Vec::new(), room, oldest: 0, forgotten: 0 }
    }

    /// True if events of every kind are recorded.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.is_on
    }

    /// True if facts of this name are recorded.
    #[inline]
    pub(crate) fn takes_fact(&self, name: &str) -> bool {
        self.is_on || self.facts.contains(&name)
    }

    /// True if labels and views are recorded too.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    #[inline]
    pub(crate) fn push(&mut self, event: TraceEvent) {
        if self.events.len() < self.room {
            self.events.push(event);
            return;
        }
        self.forgotten += 1;
        if let Some(oldest) = self.events.get_mut(self.oldest) {
            *oldest = event;
            self.oldest += 1;
            if self.oldest == self.room {
                self.oldest = 0;
            }
        }
    }

    /// What was recorded from `place` on, in the order in which it happened.
    pub(crate) fn since(&self, place: usize) -> impl Iterator<Item = &TraceEvent> {
        let (newer, older) = self.events.split_at(self.oldest);
        older.iter().chain(newer).skip(place)
    }

    pub(crate) fn into_parts(mut self) -> (Vec<TraceEvent>, u64) {
        self.events.rotate_left(self.oldest);
        (self.events, self.forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventId, Instant, What};

    fn kept(recording: Recording, n: u64) -> (Vec<u64>, u64) {
        let mut sink = Sink::new(recording);
        for id in 0..n {
            let what = What::Started { life: 0 };
            let id = EventId(id);
            sink.push(TraceEvent { id, at: Instant::ZERO, node: None, cause: None, what });
        }
        let in_order: Vec<u64> = sink.since(0).map(|event| event.id.0).collect();
        let (events, forgotten) = sink.into_parts();
        assert_eq!(in_order, events.iter().map(|event| event.id.0).collect::<Vec<_>>());
        (in_order, forgotten)
    }

    #[test]
    fn a_ring_keeps_the_last_in_order() {
        assert_eq!(kept(Recording::Ring(3), 2), (vec![0, 1], 0));
        assert_eq!(kept(Recording::Ring(3), 3), (vec![0, 1, 2], 0));
        assert_eq!(kept(Recording::Ring(3), 8), (vec![5, 6, 7], 5));
        assert_eq!(kept(Recording::Ring(0), 4), (vec![], 4));
        assert_eq!(kept(Recording::Everything, 4), (vec![0, 1, 2, 3], 0));
    }
}
