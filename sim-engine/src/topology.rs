//! Where seats stand: rooms, the data centres they are in, and the links between rooms.

use std::collections::BTreeSet;

use petgraph::algo::dijkstra;
use petgraph::graphmap::UnGraphMap;
use petgraph::visit::EdgeFiltered;

use crate::Delay;

/// A room: seats in it reach each other without leaving it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Its name, which seats have as their place.
    pub name: String,
    /// The data centre it is in, if that has a name.
    pub data_centre: Option<String>,
}

/// A link between two rooms, the same both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomLink {
    /// The places of the two rooms in the list of rooms.
    pub between: (u16, u16),
    /// How long a message takes from one to the other.
    pub delay: Delay,
}

/// Rooms and the links between them.
///
/// A message from room to room takes the cheapest path: the one whose links have the least sum of
/// [usual lengths](Delay::usual); of several the one over the fewest links; of these, at each room,
/// the one to the room that is listed first.
///
/// ```
/// use sim_engine::{Delay, Duration, Room, RoomLink, Topology};
/// let room = |name: &str| Room { name: name.to_owned(), data_centre: None };
/// let link = |a, b, ms| RoomLink { between: (a, b), delay: Delay::Fixed(Duration::millis(ms)) };
/// let rooms = vec![room("a"), room("b"), room("c")];
/// let topology = Topology::new(rooms, vec![link(0, 1, 1), link(1, 2, 1), link(0, 2, 9)]);
/// assert_eq!(topology.path(0, 2), Some(vec![0, 1]), "by way of b");
/// ```
#[derive(Clone, Debug)]
pub struct Topology {
    rooms: Vec<Room>,
    links: Vec<RoomLink>,
    graph: UnGraphMap<u16, u16>,
    routes: Routes,
}

/// For every room and every goal the link to take next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Routes(Vec<Option<u16>>);

impl Topology {
    /// Rooms with these links between them.
    ///
    /// Panics if a link joins a room that is not listed, or a room with itself, or two rooms that
    /// are joined already.
    pub fn new(rooms: Vec<Room>, links: Vec<RoomLink>) -> Self {
        let n = number(rooms.len());
        let mut graph = UnGraphMap::new();
        for room in 0..n {
            graph.add_node(room);
        }
        for (place, link) in (0_u16..).zip(&links) {
            let (a, b) = link.between;
            assert!(a != b && a < n && b < n, "a link joins two of the rooms");
            assert!(graph.add_edge(a, b, place).is_none(), "one link joins two rooms");
        }
        let mut topology = Self { rooms, links, graph, routes: Routes(Vec::new()) };
        topology.routes = topology.routes_without(&BTreeSet::new());
        topology
    }

    /// The rooms, in the order of the file.
    pub fn rooms(&self) -> &[Room] {
        &self.rooms
    }

    /// The links, in the order of the file.
    pub fn links(&self) -> &[RoomLink] {
        &self.links
    }

    /// The place of the room called `name` in the list of rooms.
    pub fn find(&self, name: &str) -> Option<u16> {
        (0_u16..).zip(&self.rooms).find(|(_, room)| room.name == name).map(|(place, _)| place)
    }

    /// True if `place` is the room called `room` or the data centre it is in.
    pub fn is_within(&self, room: &str, place: &str) -> bool {
        let is_in_centre = |known: &Room| {
            known.name == room && known.data_centre.as_deref().is_some_and(|name| name == place)
        };
        room == place || self.rooms.iter().any(is_in_centre)
    }

    /// True if a room or a data centre is called `name`.
    pub fn has_place(&self, name: &str) -> bool {
        self.rooms.iter().any(|room| self.is_within(&room.name, name))
    }

    /// The link between these two rooms, by its place in the list of links.
    pub fn link_between(&self, a: &str, b: &str) -> Option<u16> {
        self.graph.edge_weight(self.find(a)?, self.find(b)?).copied()
    }

    /// The links that leave a room, or a data centre.
    pub fn links_around(&self, place: &str) -> Vec<u16> {
        let is_inside = |room: u16| self.is_within(&self.rooms[usize::from(room)].name, place);
        let leaves = |link: &RoomLink| is_inside(link.between.0) != is_inside(link.between.1);
        (0_u16..).zip(&self.links).filter(|(_, link)| leaves(link)).map(|(n, _)| n).collect()
    }

    /// The links from one room to another along the cheapest path; `None` if there is no path.
    pub fn path(&self, from: u16, to: u16) -> Option<Vec<u16>> {
        self.walk(&self.routes, from, to)
    }

    /// The rooms that reach each other, group by group, in the order of the file.
    pub fn islands(&self) -> Vec<Vec<u16>> {
        self.islands_along(&self.routes)
    }

    pub(crate) fn islands_along(&self, routes: &Routes) -> Vec<Vec<u16>> {
        let mut islands: Vec<Vec<u16>> = Vec::new();
        for room in 0..number(self.rooms.len()) {
            let reaches = |island: &&mut Vec<u16>| self.reaches(routes, room, island[0]);
            match islands.iter_mut().find(reaches) {
                Some(island) => island.push(room),
                None => islands.push(vec![room]),
            }
        }
        islands
    }

    /// The way from everywhere to everywhere, as it usually is.
    pub(crate) fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The way from everywhere to everywhere without some of the links.
    pub(crate) fn routes_without(&self, cut: &BTreeSet<u16>) -> Routes {
        let n = number(self.rooms.len());
        let mut next = vec![None; self.rooms.len() * self.rooms.len()];
        for goal in 0..n {
            let open = EdgeFiltered::from_fn(&self.graph, |(_, _, link): (u16, u16, &u16)| {
                !cut.contains(link)
            });
            let costs = dijkstra(&open, goal, None, |(_, _, link)| self.cost(*link));
            for room in (0..n).filter(|room| *room != goal) {
                let edges = self.graph.edges(room).filter(|(_, _, link)| !cut.contains(link));
                let ways = edges.filter_map(|(_, other, link)| {
                    Some((self.cost(*link) + costs.get(&other)?, other, *link))
                });
                next[self.cell(room, goal)] = ways.min().map(|(_, _, link)| link);
            }
        }
        Routes(next)
    }

    /// The usual length of a link, and a little for the link itself: of equal paths the one over
    /// fewer links is cheaper.
    fn cost(&self, link: u16) -> u128 {
        (u128::from(self.links[usize::from(link)].delay.usual().as_nanos()) << 16) + 1
    }

    fn cell(&self, from: u16, to: u16) -> usize {
        usize::from(from) * self.rooms.len() + usize::from(to)
    }

    /// True if there is a way from one room to the other.
    pub(crate) fn reaches(&self, routes: &Routes, from: u16, to: u16) -> bool {
        from == to || routes.0[self.cell(from, to)].is_some()
    }

    /// The next link on the way, and the room behind it.
    pub(crate) fn next(&self, routes: &Routes, from: u16, to: u16) -> Option<(u16, u16)> {
        let link = routes.0[self.cell(from, to)]?;
        let (a, b) = self.links[usize::from(link)].between;
        Some((link, if a == from { b } else { a }))
    }

    /// The links on the way.
    pub(crate) fn walk(&self, routes: &Routes, from: u16, to: u16) -> Option<Vec<u16>> {
        let (mut here, mut links) = (from, Vec::new());
        while here != to {
            let (link, room) = self.next(routes, here, to)?;
            links.push(link);
            here = room;
        }
        Some(links)
    }
}

fn number(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Duration;

    fn topology(n: u16, links: &[(u16, u16, u64)]) -> Topology {
        let room = |n: u16| Room { name: format!("room-{n}"), data_centre: None };
        let link = |(a, b, ms): &(u16, u16, u64)| RoomLink {
            between: (*a, *b),
            delay: Delay::Fixed(Duration::millis(*ms)),
        };
        Topology::new((0..n).map(room).collect(), links.iter().map(link).collect())
    }

    #[test]
    fn the_cheapest_path_is_taken_whichever_end_one_starts_at() {
        let square = topology(4, &[(0, 1, 5), (1, 2, 5), (2, 3, 5), (3, 0, 20)]);
        assert_eq!(square.path(0, 3), Some(vec![0, 1, 2]));
        assert_eq!(square.path(3, 0), Some(vec![2, 1, 0]));
        assert_eq!(square.path(2, 2), Some(vec![]));
    }

    #[test]
    fn of_equal_paths_the_shorter_one_and_then_the_first_room_is_taken() {
        let with_shortcut = topology(3, &[(0, 1, 5), (1, 2, 5), (0, 2, 10)]);
        assert_eq!(with_shortcut.path(0, 2), Some(vec![2]), "one link rather than two");
        let diamond = topology(4, &[(0, 2, 5), (2, 3, 5), (0, 1, 5), (1, 3, 5)]);
        assert_eq!(diamond.path(0, 3), Some(vec![2, 3]), "by way of room 1 rather than 2");
        let free = topology(4, &[(0, 2, 0), (2, 3, 0), (0, 1, 0), (1, 3, 0)]);
        assert_eq!(free.path(3, 0), Some(vec![3, 2]), "links that take no time end, too");
    }

    #[test]
    fn a_cut_link_is_gone_round_until_no_way_is_left() {
        let ring = topology(3, &[(0, 1, 1), (1, 2, 1), (2, 0, 9)]);
        let without = |cut: &[u16]| ring.routes_without(&cut.iter().copied().collect());
        assert_eq!(ring.walk(&without(&[0]), 0, 1), Some(vec![2, 1]));
        assert_eq!(ring.walk(&without(&[0, 2]), 0, 1), None);
        assert_eq!(ring.islands_along(&without(&[0, 2])), [vec![0], vec![1, 2]]);
        assert_eq!(ring.islands(), [[0, 1, 2]]);
    }

    #[test]
    fn a_data_centre_is_left_by_the_links_of_its_rooms_to_others() {
        let room = |name: &str, centre: Option<&str>| Room {
            name: name.to_owned(),
            data_centre: centre.map(str::to_owned),
        };
        let rooms = vec![room("a", Some("east")), room("b", Some("east")), room("c", None)];
        let link = |a, b| RoomLink { between: (a, b), delay: Delay::Fixed(Duration::ZERO) };
        let topology = Topology::new(rooms, vec![link(0, 1), link(1, 2), link(2, 0)]);
        assert_eq!(topology.links_around("a"), [0, 2]);
        assert_eq!(topology.links_around("east"), [1, 2]);
        assert!(topology.is_within("b", "east") && !topology.is_within("c", "east"));
        assert_eq!(topology.link_between("c", "b"), Some(1));
    }
}
