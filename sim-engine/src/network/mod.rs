//! The network between seats: what becomes of a message. Knows no protocol, only who sends to whom.

mod delay;
mod filter;

use std::collections::BTreeMap;

pub use delay::Delay;
pub use filter::{Filter, FilterAction};

use crate::dice::DiceBag;
use crate::faults::Calm;
use crate::{Concern, Dice, DropCause, Duration, NodeId};

/// How one link treats messages, from one seat to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Link {
    /// How long a message travels.
    pub delay: Delay,
    /// How many messages in a million are lost.
    pub loss: u32,
    /// How many messages in a million arrive twice.
    pub duplication: u32,
}

impl Link {
    /// A link that loses and copies nothing.
    pub const fn clean(delay: Delay) -> Self {
        Self { delay, loss: 0, duplication: 0 }
    }
}

/// What becomes of a message at the moment it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It arrives, unless a fault stops it on the way.
    Arrives(Duration),
    /// It arrives twice.
    Twice(Duration, Duration),
    /// It is put aside until the schedule releases it.
    Held,
    /// It is lost.
    Lost(DropCause),
}

/// How often a fault of the network struck.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Struck {
    pub(crate) partition: u64,
    pub(crate) loss: u64,
    pub(crate) duplication: u64,
    pub(crate) delay: u64,
    pub(crate) directed: u64,
}

/// The state of the network.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// How links behave where nothing was changed, as the scenario has it.
    base: Link,
    /// The same, after faults that concern every link.
    usual: Link,
    /// Links a fault has changed. Empty as long as none has.
    changed: BTreeMap<(NodeId, NodeId), Link>,
    /// The group of each seat while the network is parted; empty otherwise.
    groups: Vec<u16>,
    /// What the schedule wants done with chosen messages.
    pub(crate) filters: Vec<Filter>,
    dice: Vec<Dice>,
    /// True while nothing can happen to a message but its delay.
    calm: bool,
    pub(crate) struck: Struck,
}

impl Network {
    pub(crate) fn new(usual: Link, seats: usize, bag: &DiceBag) -> Self {
        let seats = u16::try_from(seats).unwrap_or(u16::MAX);
        let dice = (0..seats).map(|seat| bag.stream(Concern::Network, seat)).collect();
        let mut network = Self {
            base: usual,
            usual,
            changed: BTreeMap::new(),
            groups: Vec::new(),
            filters: Vec::new(),
            dice,
            calm: true,
            struck: Struck::default(),
        };
        network.look_again();
        network
    }

    /// Recomputes whether the short way is open.
    pub(crate) fn look_again(&mut self) {
        self.calm = self.changed.is_empty()
            && self.groups.is_empty()
            && self.filters.is_empty()
            && self.usual.delay == self.base.delay
            && self.usual.loss == 0
            && self.usual.duplication == 0;
    }

    /// What becomes of a message that leaves now.
    #[inline]
    pub(crate) fn send(&mut self, from: NodeId, to: NodeId, kind: &'static str) -> Fate {
        if self.calm {
            return Fate::Arrives(self.usual.delay.draw(&mut self.dice[from.index()]));
        }
        self.send_through_faults(from, to, kind)
    }

    fn send_through_faults(&mut self, from: NodeId, to: NodeId, kind: &'static str) -> Fate {
        match self.filtered(from, to, kind) {
            Some(FilterAction::Drop) => {
                self.struck.directed += 1;
                return Fate::Lost(DropCause::Directed);
            }
            Some(FilterAction::Hold) => {
                self.struck.directed += 1;
                return Fate::Held;
            }
            Some(FilterAction::Deliver) => {
                self.struck.directed += 1;
                return Fate::Arrives(Duration::ZERO);
            }
            None => {}
        }
        if self.parts(from, to) {
            self.struck.partition += 1;
            return Fate::Lost(DropCause::Partition);
        }
        self.fly(from, to)
    }

    /// Draws delay, loss and duplication on the link as it is now.
    fn fly(&mut self, from: NodeId, to: NodeId) -> Fate {
        let link = self.changed.get(&(from, to)).copied().unwrap_or(self.usual);
        self.struck.delay += u64::from(link.delay != self.base.delay);
        let dice = &mut self.dice[from.index()];
        // The same draws whatever the rates are: a change of one rate moves no other message.
        let delay = link.delay.draw(dice);
        let lost = link.loss > 0 && dice.chance(link.loss);
        let twice = link.duplication > 0 && dice.chance(link.duplication);
        if lost {
            self.struck.loss += 1;
            return Fate::Lost(DropCause::Loss);
        }
        if twice {
            self.struck.duplication += 1;
            return Fate::Twice(delay, link.delay.draw(dice));
        }
        Fate::Arrives(delay)
    }

    /// A fresh delay for a message that was held back and goes on now.
    pub(crate) fn delay(&mut self, from: NodeId, to: NodeId) -> Duration {
        let link = self.changed.get(&(from, to)).copied().unwrap_or(self.usual);
        link.delay.draw(&mut self.dice[from.index()])
    }

    /// True if a message that arrives now must be dropped: the network is parted between the two.
    #[inline]
    pub(crate) fn stops(&mut self, from: NodeId, to: NodeId) -> bool {
        if self.groups.is_empty() || !self.parts(from, to) {
            return false;
        }
        self.struck.partition += 1;
        true
    }

    fn parts(&self, from: NodeId, to: NodeId) -> bool {
        !self.groups.is_empty() && self.groups[from.index()] != self.groups[to.index()]
    }

    fn filtered(&mut self, from: NodeId, to: NodeId, kind: &str) -> Option<FilterAction> {
        let place = self.filters.iter().position(|filter| filter.matches(from, to, kind))?;
        let action = self.filters[place].action;
        if self.filters[place].use_up() {
            self.filters.remove(place);
            self.look_again();
        }
        Some(action)
    }

    /// Parts the network into these groups; a seat in none of them is alone with the others in
    /// none.
    pub(crate) fn part(&mut self, groups: &[Vec<NodeId>]) {
        let nobody = u16::try_from(groups.len()).unwrap_or(u16::MAX);
        self.groups = vec![nobody; self.dice.len()];
        for (number, group) in (0_u16..).zip(groups) {
            for seat in group {
                self.groups[seat.index()] = number;
            }
        }
        self.look_again();
    }

    /// The seats in the same group as `id`; everybody while there is no partition.
    pub(crate) fn side_of(&self, id: NodeId, seats: impl Iterator<Item = NodeId>) -> Vec<NodeId> {
        seats.filter(|other| !self.parts(id, *other)).collect()
    }

    /// Ends the directives that hold messages which fit. Returns how many.
    pub(crate) fn end_holds(
        &mut self,
        kind: Option<&str>,
        from: Option<&[NodeId]>,
        to: Option<&[NodeId]>,
    ) -> u64 {
        let before = self.filters.len();
        self.filters.retain(|filter| {
            filter.action != FilterAction::Hold
                || kind.is_some_and(|kind| filter.kind.as_deref() != Some(kind))
                || from.is_some_and(|from| filter.from.as_deref() != Some(from))
                || to.is_some_and(|to| filter.to.as_deref() != Some(to))
        });
        self.look_again();
        u64::try_from(before - self.filters.len()).unwrap_or(u64::MAX)
    }

    /// Ends the partition. True if there was one.
    pub(crate) fn heal(&mut self) -> bool {
        let was_parted = !self.groups.is_empty();
        self.groups.clear();
        self.look_again();
        was_parted
    }

    /// Changes the link between every two of `ends`; `None` for an end means everybody.
    pub(crate) fn change(
        &mut self,
        from: Option<&[NodeId]>,
        to: Option<&[NodeId]>,
        change: impl Fn(&mut Link),
    ) {
        if from.is_none() && to.is_none() && self.changed.is_empty() {
            // Everybody to everybody: no table of pairs is needed.
            change(&mut self.usual);
            return self.look_again();
        }
        let all: Vec<NodeId> =
            (0..u16::try_from(self.dice.len()).unwrap_or(u16::MAX)).map(NodeId::new).collect();
        for source in from.unwrap_or(&all) {
            for target in to.unwrap_or(&all) {
                change(self.changed.entry((*source, *target)).or_insert(self.usual));
            }
        }
        self.look_again();
    }

    /// Puts every link back to what the scenario has, in every way or in one.
    pub(crate) fn calm_down(&mut self, calm: Calm) {
        let base = self.base;
        for link in self.changed.values_mut().chain([&mut self.usual]) {
            match calm {
                Calm::Everything => *link = base,
                Calm::Delay => link.delay = base.delay,
                Calm::Loss => link.loss = base.loss,
                Calm::Duplication => link.duplication = base.duplication,
            }
        }
        self.changed.retain(|_, link| *link != self.usual);
        self.look_again();
    }
}
