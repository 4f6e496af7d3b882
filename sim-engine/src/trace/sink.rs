//! Where trace events go: nowhere, into a ring of the last ones, or all into a list.

use std::collections::VecDeque;

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
    recording: Recording,
    events: VecDeque<TraceEvent>,
    forgotten: u64,
}

impl Sink {
    pub(crate) fn new(recording: Recording) -> Self {
        let room = match recording {
            Recording::Ring(n) => n,
            Recording::Nothing | Recording::Facts(_) | Recording::Everything => 0,
        };
        Self { recording, events: VecDeque::with_capacity(room), forgotten: 0 }
    }

    /// True if events of every kind are recorded.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        match self.recording {
            Recording::Nothing | Recording::Facts(_) => false,
            Recording::Ring(_) | Recording::Everything => true,
        }
    }

    /// True if facts of this name are recorded.
    #[inline]
    pub(crate) fn takes_fact(&self, name: &str) -> bool {
        match self.recording {
            Recording::Nothing => false,
            Recording::Facts(names) => names.contains(&name),
            Recording::Ring(_) | Recording::Everything => true,
        }
    }

    /// True if labels and views are recorded too.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.recording == Recording::Everything
    }

    pub(crate) fn push(&mut self, event: TraceEvent) {
        if let Recording::Ring(n) = self.recording
            && self.events.len() >= n
        {
            self.forgotten += 1;
            self.events.pop_front();
            if n == 0 {
                return;
            }
        }
        self.events.push_back(event);
    }

    /// What was recorded from `place` on, in the order in which it happened.
    pub(crate) fn since(&self, place: usize) -> impl Iterator<Item = &TraceEvent> {
        self.events.iter().skip(place)
    }

    pub(crate) fn into_parts(self) -> (Vec<TraceEvent>, u64) {
        (self.events.into(), self.forgotten)
    }
}
