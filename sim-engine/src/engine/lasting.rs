//! Steps that end by themselves what they began, and steps that are taken more than once.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Simulation;
use super::queue::Kind;
use super::step::code;
use crate::faults::HostTrouble;
use crate::{Duration, EventId, Fault, Instant, Node, NodeId, Step};

/// What is still to come of steps that were taken.
#[derive(Clone, Debug, Default)]
pub(super) struct Lasting {
    /// What ends by itself.
    ends: Vec<Ending>,
    /// How often steps that repeat were taken.
    taken: BTreeMap<u32, u32>,
}

/// Something that comes to its end by itself.
#[derive(Clone, Debug)]
enum Ending {
    /// All that began at one of these events.
    Began(Range<EventId>),
    /// The time for progress.
    Recovery,
}

impl<N: Node> Simulation<N> {
    /// A step is due, or the end of what one began.
    pub(super) fn step_is_due(&mut self, index: u32) {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        match place.checked_sub(self.plan.len()) {
            None => self.take_step(index),
            Some(end) => match self.plan.lasting.ends[end].clone() {
                Ending::Began(events) => self.end_what_began(index, &events),
                Ending::Recovery => self.recovery_is_over(),
            },
        }
    }

    /// Everything that began since `event` ends after that time.
    pub(super) fn end_later(&mut self, event: EventId, length: Duration) {
        let began = event..EventId(self.last_id + 1);
        self.end_at(self.now + length, Ending::Began(began));
    }

    /// The time for progress is over then.
    pub(super) fn deadline_at(&mut self, at: Instant) {
        self.end_at(at, Ending::Recovery);
    }

    fn end_at(&mut self, at: Instant, ending: Ending) {
        let place = self.plan.len() + self.plan.lasting.ends.len();
        self.plan.lasting.ends.push(ending);
        self.queue.push(at, Kind::Step, u32::try_from(place).unwrap_or(u32::MAX));
    }

    fn end_what_began(&mut self, index: u32, began: &Range<EventId>) {
        let event = self.next_id();
        self.count(NodeId::new(0), code::STEP);
        self.digest.word(u64::from(index));
        if self.end_faults(event, |id, _| began.contains(&id)) > 0 {
            self.renew_network();
            self.show_wall(event);
        }
        for id in self.cast.ids() {
            self.end_trouble(id, event, |id, _| began.contains(&id));
            self.pardon(id, |at| began.contains(&at));
            self.end_rare(id, event, |id| began.contains(&id));
            let place = &self.places[id.index()];
            if !place.is_up() && place.fell.is_some_and(|fell| began.contains(&fell)) {
                self.restart(id, event);
            }
        }
        self.view_all(event);
        self.trouble_in_recovery();
    }

    /// Ends what began with the processor and the clocks of a node at events that fit. Says how
    /// many things.
    pub(super) fn end_rare(
        &mut self,
        id: NodeId,
        cause: EventId,
        fits: impl Fn(EventId) -> bool,
    ) -> u64 {
        let Some(rare) = &self.places[id.index()].rare else { return 0 };
        let (paused, slow) = (rare.host.paused_at(), rare.host.slow_since());
        // The clock first: a node that wakes goes by it.
        let mut ended = self.end_changes(id, cause, |_, began| fits(began));
        if paused.is_some_and(&fits) {
            ended += u64::from(self.strike_host(id, HostTrouble::Resume, cause));
        }
        if slow.is_some_and(&fits) {
            ended += u64::from(self.strike_host(id, HostTrouble::CalmCpu, cause));
        }
        ended
    }

    /// Sets the network up afresh with the faults that have not ended, the oldest first.
    pub(super) fn renew_network(&mut self) {
        self.network.begin_anew();
        let open: Vec<Fault> = self.plan.strikes.layers().cloned().collect();
        for fault in &open {
            self.spoil_network(fault);
        }
        self.network.forget_queues();
    }

    /// Lets a step that repeats come again. False if it was taken for the last time.
    pub(super) fn take_again(&mut self, place: u32, step: &Step<N::Admin>) -> bool {
        let Some(repeat) = step.repeat else { return false };
        let taken = self.plan.lasting.taken.entry(place).or_default();
        *taken += 1;
        if *taken >= repeat.times {
            return false;
        }
        match repeat.every {
            Some(every) => self.queue.push(self.now + every, Kind::Step, place),
            // Whoever stands in the role already was counted the first time.
            None => self.watch(place),
        }
        true
    }
}
