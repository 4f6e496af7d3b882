//! The clocks of one node, which may be wrong.
#![expect(
    clippy::disallowed_types,
    reason = "looking at a clock changes nothing but the count of those whom it misled"
)]

use std::cell::Cell;

use super::Simulation;
use crate::faults::{ClockChange, ClockFault, Shift};
use crate::{Duration, EventId, FaultView, Instant, Node, NodeId, NodePart, What};

const MILLION: i128 = 1_000_000;

/// The clocks of one node: piecewise straight lines over the true time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    /// The true moment of the last bend.
    bent_at: Instant,
    /// What the monotonic clock showed then.
    shown: i128,
    /// Millionths it gains.
    ppm: i32,
    /// How much the time of day is ahead of the monotonic clock, in nanoseconds.
    ahead: i128,
    /// What began and has not ended; each kind once.
    open: Vec<(ClockChange, EventId)>,
    /// True if a node asked what time it is and was told something wrong.
    misled: Cell<bool>,
}

impl Clock {
    fn elapsed(&self, now: Instant) -> i128 {
        let true_length = i128::from((now - self.bent_at).as_nanos());
        self.shown + true_length + true_length * i128::from(self.ppm) / MILLION
    }

    /// The monotonic clock at `now`.
    pub(crate) fn monotonic(&self, now: Instant) -> Instant {
        self.show(now, self.elapsed(now))
    }

    /// The time of day at `now`.
    pub(crate) fn wall(&self, now: Instant) -> Instant {
        self.show(now, self.elapsed(now) + self.ahead)
    }

    fn show(&self, now: Instant, nanos: i128) -> Instant {
        let shown = Instant::from_nanos(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX));
        if shown != now {
            self.misled.set(true);
        }
        shown
    }

    /// How long it truly takes until the monotonic clock has gained `length`.
    fn truly(&self, length: Duration) -> Duration {
        if self.ppm == 0 {
            return length;
        }
        let truly = i128::from(length.as_nanos()) * MILLION / (MILLION + i128::from(self.ppm));
        Duration::nanos(u64::try_from(truly).unwrap_or(u64::MAX))
    }

    /// True if nothing has changed it, or everything was taken back.
    pub(super) fn is_right(&self) -> bool {
        self.open.is_empty()
    }

    /// True if it was ever asked and wrong since the last time somebody looked.
    pub(super) fn take_misled(&self) -> bool {
        self.misled.take()
    }

    fn bend(&mut self, now: Instant) {
        (self.shown, self.bent_at) = (self.elapsed(now), now);
    }

    /// Changes the clock at `now`.
    fn change(&mut self, now: Instant, change: ClockChange) {
        self.bend(now);
        let truth = i128::from(now.nanos());
        match change {
            ClockChange::Offset { by } => self.ahead = truth + nanos(by) - self.shown,
            ClockChange::Step { by } => self.ahead += nanos(by),
            ClockChange::Drift { ppm } => self.ppm = ppm,
            ClockChange::Calm => (self.ppm, self.ahead) = (0, truth - self.shown),
        }
    }
}

fn nanos(by: Shift) -> i128 {
    match by {
        Shift::Ahead(by) => i128::from(by.as_nanos()),
        Shift::Behind(by) => -i128::from(by.as_nanos()),
    }
}

/// What takes a change back while others stay.
const fn undo(change: ClockChange) -> ClockChange {
    match change {
        ClockChange::Offset { by: Shift::Ahead(by) }
        | ClockChange::Step { by: Shift::Ahead(by) } => ClockChange::Step { by: Shift::Behind(by) },
        ClockChange::Offset { by: Shift::Behind(by) }
        | ClockChange::Step { by: Shift::Behind(by) } => ClockChange::Step { by: Shift::Ahead(by) },
        ClockChange::Drift { .. } => ClockChange::Drift { ppm: 0 },
        ClockChange::Calm => ClockChange::Calm,
    }
}

impl<N: Node> Simulation<N> {
    /// Lets a fault of clocks strike. Says how many clocks were set right.
    pub(super) fn strike_clocks(&mut self, fault: &ClockFault<NodeId>, cause: EventId) -> u64 {
        fault.nodes.iter().map(|id| self.strike_clock(*id, fault.change, cause)).sum()
    }

    fn strike_clock(&mut self, id: NodeId, change: ClockChange, cause: EventId) -> u64 {
        let is_calm = change == ClockChange::Calm;
        let is_replaced = |open: ClockChange| is_calm || open.kind() == change.kind();
        let n = self.report_changes(id, cause, |open, _| is_replaced(open)).len();
        let now = self.now;
        self.rare(id).clock.change(now, change);
        if is_calm {
            return u64::try_from(n).unwrap_or(u64::MAX);
        }
        let event = self.next_id();
        self.record(event, id, Some(cause), |_| What::FaultBegan(view(id, change)));
        self.rare(id).clock.open.push((change, event));
        0
    }

    /// Takes back the changes that fit. Once none is left the clock is right. Says how many.
    pub(super) fn end_changes(
        &mut self,
        id: NodeId,
        cause: EventId,
        fits: impl Fn(ClockChange, EventId) -> bool,
    ) -> u64 {
        let now = self.now;
        let mut n = 0;
        for change in self.report_changes(id, cause, fits) {
            let clock = &mut self.rare(id).clock;
            let undone = if clock.open.is_empty() { ClockChange::Calm } else { undo(change) };
            clock.change(now, undone);
            n += 1;
        }
        n
    }

    /// Reports the ends of changes, and returns them.
    fn report_changes(
        &mut self,
        id: NodeId,
        cause: EventId,
        fits: impl Fn(ClockChange, EventId) -> bool,
    ) -> Vec<ClockChange> {
        let open = std::mem::take(&mut self.rare(id).clock.open);
        let (ended, open): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|(change, began)| fits(*change, *began));
        self.rare(id).clock.open = open;
        for (ended, began) in &ended {
            let event = self.next_id();
            let (began, fault) = (*began, view(id, *ended));
            self.record(event, id, Some(cause), |_| What::FaultEnded { began, fault });
        }
        ended.into_iter().map(|(change, _)| change).collect()
    }

    /// How long a timer of this length truly takes.
    #[cold]
    #[inline(never)]
    pub(super) fn true_length(&mut self, id: NodeId, length: Duration) -> Duration {
        let truly = self.rare(id).clock.truly(length);
        if truly != length {
            self.plan.strikes.act("clock-drift");
        }
        truly
    }

    /// Counts a step in which a node went by a clock that is wrong.
    pub(super) fn note_clock(&mut self, id: NodeId) {
        let Some(rare) = &self.places[id.index()].rare else { return };
        if rare.clock.take_misled() {
            for (change, _) in &rare.clock.open {
                self.plan.strikes.act(change.kind());
            }
        }
    }
}

fn view(node: NodeId, change: ClockChange) -> FaultView {
    FaultView::Node { node, part: NodePart::Clock, words: change.words() }
}
