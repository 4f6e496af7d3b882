//! Who takes part in a run: a fixed list of seats. Who belongs to a cluster is the protocol's own
//! state.

use crate::{NodeId, Topology};

/// One seat: a node or a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Seat<R> {
    /// Its name in files, figures and messages to people.
    pub name: String,
    /// What it is: the name of its role, such as `server` or `client`.
    pub kind: String,
    /// What it is, with the settings of its own.
    pub role: R,
    /// The room it stands in, where rooms matter.
    pub place: Option<String>,
    /// True for seats that invoke client operations.
    pub is_client: bool,
}

/// All seats of a run, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Cast<R> {
    seats: Vec<Seat<R>>,
}

impl<R> Cast<R> {
    /// A cast of these seats; the first one gets id 0.
    ///
    /// Panics if there are more than 65,535 of them.
    pub fn new(seats: Vec<Seat<R>>) -> Self {
        assert!(u16::try_from(seats.len()).is_ok(), "a cast has at most 65,535 seats");
        Self { seats }
    }

    /// How many seats there are.
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// True if nobody takes part.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// Every id, in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<R> {
        let n = u16::try_from(self.seats.len()).unwrap_or(u16::MAX);
        (0..n).map(NodeId::new)
    }

    /// Every seat with its id, in order.
    pub fn iter(&self) -> impl Iterator<Item = (NodeId, &Seat<R>)> {
        self.ids().zip(&self.seats)
    }

    /// The seat with this id.
    #[inline]
    pub fn seat(&self, id: NodeId) -> &Seat<R> {
        &self.seats[id.index()]
    }

    /// The name of this seat.
    pub fn name(&self, id: NodeId) -> &str {
        &self.seats[id.index()].name
    }

    /// The seat with this name.
    pub fn find(&self, name: &str) -> Option<NodeId> {
        self.iter().find(|(_, seat)| seat.name == name).map(|(id, _)| id)
    }

    /// The seat with this name; if there is none, those with this role, room or data centre.
    pub fn named(&self, name: &str, topology: Option<&Topology>) -> Vec<NodeId> {
        if let Some(id) = self.find(name) {
            return vec![id];
        }
        let stands_there = |room: &String| {
            room == name || topology.is_some_and(|topology| topology.is_within(room, name))
        };
        let fits =
            |seat: &Seat<R>| seat.kind == name || seat.place.as_ref().is_some_and(stands_there);
        self.iter().filter(|(_, seat)| fits(seat)).map(|(id, _)| id).collect()
    }

    /// The same cast without the roles' own settings, for whoever must not know the protocol.
    pub fn anonymous(&self) -> Cast<()> {
        let plain = |seat: &Seat<R>| Seat {
            name: seat.name.clone(),
            kind: seat.kind.clone(),
            role: (),
            place: seat.place.clone(),
            is_client: seat.is_client,
        };
        Cast { seats: self.seats.iter().map(plain).collect() }
    }
}
