//! The timers of all nodes: one slot each, a deadline in it, and at most one useful event in the
//! queue.
//!
//! Setting a timer again only moves its deadline. The queued event looks at the deadline when it
//! comes up: due means fire, later means queue again, never means forget.

use std::hash::BuildHasherDefault;

use indexmap::IndexMap;

use crate::engine::{INDEX_LIMIT, to_usize};
use crate::{DigestHasher, Instant, NodeId, Timer, TimerSlot};

/// The place of a timer in the table.
pub(crate) type TimerIndex = u32;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry<T> {
    node: NodeId,
    timer: Option<T>,
    deadline: Instant,
    /// When the queued event that counts comes up; others are stale.
    queued: Instant,
    set_at: Instant,
}

/// What the caller must do after a timer was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// Nothing: an earlier event is queued and will look again.
    Nothing,
    /// Queue an event for this entry at its deadline.
    Push(TimerIndex, Instant),
}

/// What a queued timer event turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due<T> {
    /// Nothing: it was superseded or cancelled.
    Stale,
    /// The timer was set again: queue at the new deadline.
    Later(Instant),
    /// It fires now.
    Fire { node: NodeId, timer: T, set_at: Instant },
}

/// The table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Timers<T> {
    entries: Vec<Entry<T>>,
    /// Where keyed timers live; looked up, never iterated.
    keyed: IndexMap<(NodeId, u16, u64), TimerIndex, BuildHasherDefault<DigestHasher>>,
    /// Entries of keyed timers that are no longer set and have nothing queued.
    free: Vec<TimerIndex>,
}

impl<T: Timer> Timers<T> {
    /// A table with the plain timers of `n` nodes.
    pub(crate) fn new(nodes: impl Iterator<Item = NodeId>) -> Self {
        let entries =
            nodes.flat_map(|node| (0..T::PLAIN).map(move |_| Entry::empty(node))).collect();
        Self { entries, keyed: IndexMap::default(), free: Vec::new() }
    }

    #[inline]
    fn plain(node: NodeId, slot: u16) -> TimerIndex {
        u32::from(node.number()) * u32::from(T::PLAIN) + u32::from(slot)
    }

    #[inline]
    pub(crate) fn set(&mut self, node: NodeId, timer: T, now: Instant, deadline: Instant) -> Queue {
        let index = match timer.slot() {
            TimerSlot::Plain(slot) => Self::plain(node, slot),
            TimerSlot::Keyed(kind, key) => self.keyed_entry(node, kind, key),
        };
        let entry = &mut self.entries[to_usize(index)];
        entry.timer = Some(timer);
        entry.deadline = deadline;
        entry.set_at = now;
        if entry.queued <= deadline {
            return Queue::Nothing;
        }
        entry.queued = deadline;
        Queue::Push(index, deadline)
    }

    fn keyed_entry(&mut self, node: NodeId, kind: u16, key: u64) -> TimerIndex {
        if let Some(index) = self.keyed.get(&(node, kind, key)) {
            return *index;
        }
        let index = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry::empty(node));
            let index = u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX);
            assert!(index < INDEX_LIMIT, "fewer than {INDEX_LIMIT} timers are set at once");
            index
        });
        self.entries[to_usize(index)].node = node;
        self.keyed.insert((node, kind, key), index);
        index
    }

    /// The entry of a timer that was ever set.
    fn find(&self, node: NodeId, timer: T) -> Option<TimerIndex> {
        match timer.slot() {
            TimerSlot::Plain(slot) => Some(Self::plain(node, slot)),
            TimerSlot::Keyed(kind, key) => self.keyed.get(&(node, kind, key)).copied(),
        }
    }

    #[inline]
    pub(crate) fn cancel(&mut self, node: NodeId, timer: T) {
        if let Some(index) = self.find(node, timer) {
            self.entries[to_usize(index)].deadline = Instant::NEVER;
        }
    }

    /// True if the timer is set.
    pub(crate) fn is_set(&self, node: NodeId, timer: T) -> bool {
        self.find(node, timer)
            .is_some_and(|index| self.entries[to_usize(index)].deadline != Instant::NEVER)
    }

    /// A crash forgets every timer of a node.
    pub(crate) fn cancel_all(&mut self, node: NodeId) {
        for entry in self.entries.iter_mut().filter(|entry| entry.node == node) {
            entry.deadline = Instant::NEVER;
        }
    }

    /// The queued event of `index` has come up at `now`.
    #[inline]
    pub(crate) fn due(&mut self, index: TimerIndex, now: Instant) -> Due<T> {
        let entry = &mut self.entries[to_usize(index)];
        if entry.queued != now {
            return Due::Stale;
        }
        entry.queued = Instant::NEVER;
        if entry.deadline == Instant::NEVER {
            self.retire(index);
            return Due::Stale;
        }
        if entry.deadline > now {
            entry.queued = entry.deadline;
            return Due::Later(entry.deadline);
        }
        entry.deadline = Instant::NEVER;
        let (node, set_at) = (entry.node, entry.set_at);
        let Some(timer) = entry.timer else { return Due::Stale };
        self.retire(index);
        Due::Fire { node, timer, set_at }
    }

    /// A timer has run out and cannot fire yet: it stays due, with nothing queued.
    pub(crate) fn put_off(
        &mut self,
        node: NodeId,
        timer: T,
        now: Instant,
        set_at: Instant,
    ) -> TimerIndex {
        let index = match timer.slot() {
            TimerSlot::Plain(slot) => Self::plain(node, slot),
            TimerSlot::Keyed(kind, key) => self.keyed_entry(node, kind, key),
        };
        let entry = &mut self.entries[to_usize(index)];
        (entry.timer, entry.deadline, entry.set_at) = (Some(timer), now, set_at);
        index
    }

    /// A timer that was put off may fire now, unless it was cancelled or set again.
    pub(crate) fn overdue(
        &mut self,
        node: NodeId,
        index: TimerIndex,
        now: Instant,
    ) -> Option<(T, Instant)> {
        let entry = &mut self.entries[to_usize(index)];
        if entry.node != node || entry.deadline > now {
            return None;
        }
        entry.deadline = Instant::NEVER;
        let due = entry.timer.map(|timer| (timer, entry.set_at));
        if entry.queued == Instant::NEVER {
            self.retire(index);
        }
        due
    }

    /// Gives the entry of a keyed timer back.
    #[inline]
    fn retire(&mut self, index: TimerIndex) {
        let entry = &mut self.entries[to_usize(index)];
        if let Some(timer) = entry.timer
            && let TimerSlot::Keyed(kind, key) = timer.slot()
        {
            let node = entry.node;
            entry.timer = None;
            self.keyed.swap_remove(&(node, kind, key));
            self.free.push(index);
        }
    }
}

impl<T> Entry<T> {
    fn empty(node: NodeId) -> Self {
        Self {
            node,
            timer: None,
            deadline: Instant::NEVER,
            queued: Instant::NEVER,
            set_at: Instant::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    enum Alarm {
        Tick,
        For(u64),
    }

    impl Timer for Alarm {
        const PLAIN: u16 = 1;
        fn slot(self) -> TimerSlot {
            match self {
                Self::Tick => TimerSlot::Plain(0),
                Self::For(key) => TimerSlot::Keyed(0, key),
            }
        }
        fn name(self) -> &'static str {
            "alarm"
        }
        fn named(_: &str) -> Option<Self> {
            None
        }
    }

    const N: NodeId = NodeId::new(0);

    fn at(ms: u64) -> Instant {
        Instant::from_nanos(ms)
    }

    #[test]
    fn setting_again_pushes_nothing_and_fires_once() {
        let mut timers = Timers::<Alarm>::new([N].into_iter());
        assert_eq!(timers.set(N, Alarm::Tick, at(0), at(10)), Queue::Push(0, at(10)));
        assert_eq!(timers.set(N, Alarm::Tick, at(5), at(15)), Queue::Nothing);
        assert_eq!(timers.due(0, at(10)), Due::Later(at(15)));
        assert_eq!(timers.due(0, at(15)), Due::Fire { node: N, timer: Alarm::Tick, set_at: at(5) });
    }

    #[test]
    fn an_earlier_deadline_makes_the_old_event_stale() {
        let mut timers = Timers::<Alarm>::new([N].into_iter());
        timers.set(N, Alarm::Tick, at(0), at(10));
        assert_eq!(timers.set(N, Alarm::Tick, at(1), at(4)), Queue::Push(0, at(4)));
        assert!(matches!(timers.due(0, at(4)), Due::Fire { .. }));
        assert_eq!(timers.due(0, at(10)), Due::Stale);
    }

    #[test]
    fn a_cancelled_timer_does_not_fire() {
        let mut timers = Timers::<Alarm>::new([N].into_iter());
        timers.set(N, Alarm::Tick, at(0), at(10));
        timers.cancel(N, Alarm::Tick);
        assert!(!timers.is_set(N, Alarm::Tick));
        assert_eq!(timers.due(0, at(10)), Due::Stale);
    }

    #[test]
    fn keyed_timers_give_their_entries_back() {
        let mut timers = Timers::<Alarm>::new([N].into_iter());
        for key in 0..100 {
            let Queue::Push(index, when) = timers.set(N, Alarm::For(key), at(key), at(key + 1))
            else {
                panic!("a new timer must be queued")
            };
            assert!(matches!(timers.due(index, when), Due::Fire { .. }));
        }
        assert_eq!(timers.entries.len(), 2);
        assert!(timers.keyed.is_empty());
    }
}
