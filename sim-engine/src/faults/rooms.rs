//! Cut links between rooms: a room or a data centre cut off, or one way of several gone.

/// Links between rooms, by the names of a [`Topology`](crate::Topology).
///
/// Cutting them sends messages round over what is left, at once: routing that takes time to notice
/// is a delay or a cut between seats, for that time. Where no way is left, the rooms are parted as
/// by a partition. Seats in one room still reach each other. Cuts add up; mending a link mends it
/// whatever cut it.
///
/// Messages in flight: one that would arrive while no way is left from its sender's room to its
/// receiver's is lost, whenever it was sent; so is one that leaves then. As long as any way is left
/// it arrives when it would have, because it may have passed the cut already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RoomLinks {
    /// Every link that leaves a room, or a data centre.
    Around(String),
    /// The link between two rooms.
    Between(String, String),
}

impl RoomLinks {
    pub(super) fn words(&self) -> String {
        match self {
            Self::Around(place) => format!("{place} cut off"),
            Self::Between(a, b) => format!("cut link {a} – {b}"),
        }
    }

    /// The links by their places in the list of links.
    pub(crate) fn find(&self, topology: &crate::Topology) -> Vec<u16> {
        match self {
            Self::Around(place) => topology.links_around(place),
            Self::Between(a, b) => topology.link_between(a, b).into_iter().collect(),
        }
    }
}
