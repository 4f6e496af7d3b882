//! Messages between rooms: how long they travel, and whether they can.

use std::collections::{BTreeMap, BTreeSet};

use super::{Link, Network};
use crate::faults::RoomLinks;
use crate::topology::Routes;
use crate::{Concern, Dice, Duration, NodeId, Topology};

/// The rooms that seats stand in.
#[derive(Clone, Debug)]
pub(crate) struct Rooms {
    pub(crate) topology: Topology,
    /// The room of each seat, if it has one.
    room_of: Vec<Option<u16>>,
    /// Links that are cut.
    cut: BTreeSet<u16>,
    /// The ways that are left. `None` while nothing is cut.
    routes: Option<Routes>,
    /// True while there is no way from some room to some other.
    pub(crate) is_split: bool,
}

impl Rooms {
    /// Rooms with seats that stand in these places, in the order of ids. A seat whose place is no
    /// room stands beside all of them: nothing here is about it.
    pub(crate) fn new<'p>(
        topology: Topology,
        places: impl Iterator<Item = Option<&'p str>>,
    ) -> Self {
        let room_of = places.map(|place| topology.find(place?)).collect();
        Self { topology, room_of, cut: BTreeSet::new(), routes: None, is_split: false }
    }

    /// The rooms of two seats, if they are different ones.
    fn rooms(&self, from: NodeId, to: NodeId) -> Option<(u16, u16)> {
        let (a, b) = (self.room_of[from.index()]?, self.room_of[to.index()]?);
        (a != b).then_some((a, b))
    }

    fn routes(&self) -> &Routes {
        self.routes.as_ref().unwrap_or(self.topology.routes())
    }

    /// Draws how long a message travels: the sum over the links of its path. `None` if the two are
    /// in one room, or no way is left.
    pub(super) fn travel(&self, from: NodeId, to: NodeId, dice: &mut Dice) -> Option<Duration> {
        let (mut here, goal) = self.rooms(from, to)?;
        let mut length = Duration::ZERO;
        while here != goal {
            let (link, room) = self.topology.next(self.routes(), here, goal)?;
            length = length + self.topology.links()[usize::from(link)].delay.draw(dice);
            here = room;
        }
        Some(length)
    }

    /// Mends every link that is on the usual way between two of these seats.
    pub(super) fn recover(&mut self, core: &[NodeId]) {
        let rooms: BTreeSet<u16> =
            core.iter().filter_map(|seat| self.room_of[seat.index()]).collect();
        let pairs = rooms.iter().flat_map(|a| rooms.iter().map(|b| (*a, *b)));
        let paths = pairs.filter_map(|(a, b)| self.topology.path(a, b));
        let links: Vec<u16> = paths.flatten().collect();
        self.remove(&links);
    }

    /// True if no way is left from one seat to the other.
    pub(crate) fn parts(&self, from: NodeId, to: NodeId) -> bool {
        self.is_split
            && self
                .rooms(from, to)
                .is_some_and(|(a, b)| !self.topology.reaches(self.routes(), a, b))
    }

    /// True if a message from one seat to the other would usually go over a link that is cut.
    pub(crate) fn is_hindered(&self, from: NodeId, to: NodeId) -> bool {
        let usual = || {
            let (a, b) = self.rooms(from, to)?;
            self.topology.path(a, b)
        };
        !self.cut.is_empty()
            && usual().is_some_and(|path| path.iter().any(|link| self.cut.contains(link)))
    }

    /// Cuts links.
    pub(crate) fn cut(&mut self, links: &RoomLinks) {
        self.cut.extend(links.find(&self.topology));
        self.look_again();
    }

    /// Mends links. Says how many were cut.
    pub(crate) fn mend(&mut self, links: &RoomLinks) -> u64 {
        self.remove(&links.find(&self.topology))
    }

    /// Mends every link. Says how many were cut.
    pub(crate) fn mend_all(&mut self) -> u64 {
        let all: Vec<u16> = self.cut.iter().copied().collect();
        self.remove(&all)
    }

    fn remove(&mut self, links: &[u16]) -> u64 {
        let mended = links.iter().filter(|link| self.cut.remove(link)).count();
        self.look_again();
        u64::try_from(mended).unwrap_or(u64::MAX)
    }

    /// True if any of these links is cut.
    pub(crate) fn has_cut_any_of(&self, links: &RoomLinks) -> bool {
        links.find(&self.topology).iter().any(|link| self.cut.contains(link))
    }

    fn look_again(&mut self) {
        self.routes = (!self.cut.is_empty()).then(|| self.topology.routes_without(&self.cut));
        self.is_split = self.topology.islands_along(self.routes()).len() > 1;
    }

    /// The seats that reach each other, group by group, if some cannot reach some others.
    pub(crate) fn groups(&self) -> Option<Vec<Vec<NodeId>>> {
        let seats_of = |island: Vec<u16>| {
            let seats = (0_u16..).zip(&self.room_of);
            let inside = seats.filter(|(_, room)| room.is_some_and(|room| island.contains(&room)));
            inside.map(|(seat, _)| NodeId::new(seat)).collect::<Vec<_>>()
        };
        let islands = self.topology.islands_along(self.routes()).into_iter();
        let groups: Vec<_> = islands.map(seats_of).filter(|seats| !seats.is_empty()).collect();
        (groups.len() > 1).then_some(groups)
    }
}

/// The dice of senders that have sent from room to room: what they draw moves no loss and no copy.
#[derive(Clone, Debug, Default)]
pub(super) struct RoomDice(BTreeMap<NodeId, Dice>);

impl Network {
    /// The same network between rooms.
    pub(crate) fn between(mut self, rooms: Option<Rooms>) -> Self {
        self.rooms = rooms.map(Box::new);
        self.look_again();
        self
    }

    /// Draws how long a message travels. Between rooms the path says so, unless a fault has changed
    /// the delay of the whole way.
    pub(super) fn travel(&mut self, link: &Link, from: NodeId, to: NodeId) -> Duration {
        if let Some(rooms) = &self.rooms
            && link.delay == self.base.delay
            && rooms.rooms(from, to).is_some()
        {
            let stream = || self.rough.bag.stream(Concern::Rooms, from.number());
            let dice = self.room_dice.0.entry(from).or_insert_with(stream);
            if let Some(length) = rooms.travel(from, to, dice) {
                return length;
            }
        }
        link.delay.draw(&mut self.dice[from.index()])
    }

    /// True if a message would usually go over a cut link between rooms.
    pub(super) fn is_hindered(&self, from: NodeId, to: NodeId) -> bool {
        self.rooms.as_ref().is_some_and(|rooms| rooms.is_hindered(from, to))
    }

    /// True if no way is left between the rooms of two seats.
    pub(crate) fn parts_rooms(&self, from: NodeId, to: NodeId) -> bool {
        self.rooms.as_ref().is_some_and(|rooms| rooms.parts(from, to))
    }

    /// Cuts links between rooms.
    pub(crate) fn cut_rooms(&mut self, links: &RoomLinks) {
        if let Some(rooms) = &mut self.rooms {
            rooms.cut(links);
        }
        self.look_again();
    }

    /// Mends links between rooms. Returns how many were cut.
    pub(crate) fn mend_rooms(&mut self, links: &RoomLinks) -> u64 {
        let mended = self.rooms.as_mut().map_or(0, |rooms| rooms.mend(links));
        self.look_again();
        mended
    }
}
