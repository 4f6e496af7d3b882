//! The network between seats: what becomes of a message. Knows no protocol, only who sends to whom.

mod cuts;
mod delay;
mod filter;
mod flight;
mod narrow;
mod rooms;
mod rough;
mod scoped;
mod segment;
mod state;

use std::collections::BTreeMap;

pub use delay::Delay;
pub use filter::{Filter, FilterAction};

pub(crate) use narrow::Width;
pub(crate) use rooms::Rooms;
pub(crate) use scoped::Scope;
pub(crate) use segment::{Outgoing, Passage, Try};

use crate::dice::DiceBag;
use crate::faults::CorruptionMode;
use crate::{Concern, Dice, DropCause, Duration, Instant, NodeId, Payload};
use cuts::Cuts;
use narrow::Narrow;
use rooms::RoomDice;
use rough::Rough;
use segment::SegmentDice;

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
    /// It arrives damaged, and perhaps whole a second time.
    Damaged { mode: CorruptionMode, after: Duration, copy_after: Option<Duration> },
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
    pub(crate) cut: u64,
    pub(crate) reordering: u64,
    pub(crate) corruption: u64,
    pub(crate) bandwidth: u64,
}

/// What the network knows of a message.
#[derive(Clone, Copy, Debug)]
struct Parcel {
    from: NodeId,
    to: NodeId,
    kind: &'static str,
    bytes: u32,
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
    /// Links that are cut.
    pub(crate) cuts: Cuts,
    /// Links that hold messages back or damage them.
    pub(crate) rough: Rough,
    /// Links that carry one message after the other.
    narrow: Narrow,
    /// The rooms that seats stand in, where rooms matter.
    pub(crate) rooms: Option<Box<Rooms>>,
    room_dice: RoomDice,
    /// What the schedule wants done with chosen messages.
    pub(crate) filters: Vec<Filter>,
    dice: Vec<Dice>,
    segment_dice: SegmentDice,
    /// True while nothing can happen to a message but its delay.
    calm: bool,
    /// True while no more can happen to it than that it is late, lost or copied.
    is_plain: bool,
    /// True while some seat cannot hear some other.
    is_parted: bool,
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
            cuts: Cuts::new(seats),
            rough: Rough::new(bag),
            narrow: Narrow::default(),
            rooms: None,
            room_dice: RoomDice::default(),
            filters: Vec::new(),
            dice,
            segment_dice: SegmentDice::default(),
            calm: true,
            is_plain: true,
            is_parted: false,
            struck: Struck::default(),
        };
        network.look_again();
        network
    }

    /// Recomputes whether the short way is open.
    pub(crate) fn look_again(&mut self) {
        let is_split = self.rooms.as_ref().is_some_and(|rooms| rooms.is_split);
        self.is_parted = is_split || !(self.groups.is_empty() && self.cuts.is_empty());
        self.is_plain = self.rooms.is_none()
            && self.filters.is_empty()
            && self.rough.is_empty()
            && self.narrow.is_empty();
        self.calm = self.is_plain
            && self.changed.is_empty()
            && !self.is_parted
            && self.usual.delay == self.base.delay
            && self.usual.loss == 0
            && self.usual.duplication == 0;
    }

    /// How long a message travels that leaves now, while nothing else can happen to it.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    pub(crate) fn send_calmly(&mut self, from: NodeId) -> Option<Duration> {
        if !self.calm {
            return None;
        }
        Some(self.usual.delay.draw(&mut self.dice[from.index()]))
    }

    /// What becomes of a message that leaves now.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        from: NodeId,
        to: NodeId,
        message: &impl Payload,
    ) -> Fate {
        if let Some(length) = self.send_calmly(from) {
            return Fate::Arrives(length);
        }
        let parcel = Parcel { from, to, kind: message.kind(), bytes: message.bytes() };
        self.send_through_faults(now, parcel)
    }

    /// The link as it is now.
    fn link(&self, from: NodeId, to: NodeId) -> Link {
        self.changed.get(&(from, to)).copied().unwrap_or(self.usual)
    }

    /// A fresh delay for a message that was held back and goes on now.
    pub(crate) fn delay(&mut self, from: NodeId, to: NodeId) -> Duration {
        self.travel(&self.link(from, to), from, to)
    }

    /// True while some seat cannot hear some other.
    #[inline]
    pub(crate) fn is_parted(&self) -> bool {
        self.is_parted
    }

    /// Why a message that is between the two now must be dropped, if it must.
    #[inline]
    pub(crate) fn stops(&mut self, from: NodeId, to: NodeId) -> Option<DropCause> {
        if self.is_parted { self.stops_somebody(from, to) } else { None }
    }

    #[cold]
    fn stops_somebody(&mut self, from: NodeId, to: NodeId) -> Option<DropCause> {
        if self.parts(from, to) {
            self.struck.partition += 1;
            return Some(DropCause::Partition);
        }
        if self.cuts.has(from, to) {
            self.struck.cut += 1;
            return Some(DropCause::Cut);
        }
        if self.parts_rooms(from, to) {
            self.struck.cut += 1;
            return Some(DropCause::Partition);
        }
        None
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

    /// Ends the partition and mends every cut link. True if there was anything to mend.
    pub(crate) fn heal(&mut self) -> bool {
        let mended = self.rooms.as_mut().map_or(0, |rooms| rooms.mend_all());
        let was_parted = self.is_parted || mended > 0;
        self.groups.clear();
        self.cuts.clear();
        self.look_again();
        was_parted
    }

    /// Cuts these links; the links back too if `both`.
    pub(crate) fn cut(&mut self, scope: &Scope, both: bool) {
        self.cuts.cut(scope, both);
        self.look_again();
    }

    /// Mends these links; the links back too if `both`. Returns how many were cut.
    pub(crate) fn mend(&mut self, scope: &Scope, both: bool) -> u64 {
        let mended = self.cuts.mend(scope, both);
        self.look_again();
        mended
    }

    /// Lets some links hold messages back.
    pub(crate) fn reorder(&mut self, scope: Scope, per_million: u32, by: Delay) {
        self.rough.reordering.set(scope, (per_million, by));
        self.look_again();
    }

    /// Lets some links damage messages.
    pub(crate) fn corrupt(&mut self, scope: Scope, per_million: u32, mode: CorruptionMode) {
        self.rough.corruption.set(scope, (per_million, mode));
        self.look_again();
    }

    /// Makes some links narrow.
    pub(crate) fn narrow(&mut self, scope: Scope, width: Width) {
        self.narrow.set(scope, width);
        self.look_again();
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
}
