//! All connections of a run, and which of them each node's links are.

use std::collections::BTreeMap;

use super::stream::Stream;
use crate::engine::INDEX_LIMIT;
use crate::{DropCause, LinkId, NodeId};

/// The end that dialled, and the other one. Each is the sender of the stream with its number.
pub(super) const DIALLER: usize = 0;
pub(super) const ACCEPTOR: usize = 1;

/// One direction of one connection: a place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamId(pub(super) u32);

impl StreamId {
    pub(super) fn new(connection: u32, sender: usize) -> Self {
        Self(connection << 1 | u32::from(sender == ACCEPTOR))
    }

    /// Its connection.
    pub(super) fn connection(self) -> u32 {
        self.0 >> 1
    }

    /// The end that sends.
    pub(super) fn sender(self) -> usize {
        if self.0 & 1 == 0 { DIALLER } else { ACCEPTOR }
    }

    /// The end that receives.
    pub(super) fn receiver(self) -> usize {
        1 - self.sender()
    }

    /// The other direction.
    pub(super) fn back(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// One end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum End {
    /// It has asked, or was asked: the set-up is under way.
    Half,
    /// It stands.
    Up,
    /// There is none, or no more: what arrives for it is dropped, for this cause.
    Gone(DropCause),
}

/// What two kernels keep of one link, from one dial to its end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Connection<P> {
    pub(super) nodes: [NodeId; 2],
    pub(super) port: P,
    pub(super) ends: [End; 2],
    pub(super) streams: [Stream; 2],
    /// How much of it processes that do not run have still to hear.
    pub(super) unheard: u32,
}

impl<P: Copy> Connection<P> {
    /// The link as the node at that end names it.
    pub(super) fn link(&self, end: usize) -> LinkId<P> {
        if end == DIALLER {
            LinkId::dialled(self.nodes[ACCEPTOR], self.port)
        } else {
            LinkId::accepted(self.nodes[DIALLER], self.port)
        }
    }

    pub(super) fn is_gone(&self, end: usize) -> bool {
        matches!(self.ends[end], End::Gone(_))
    }

    fn is_over(&self) -> bool {
        self.unheard == 0
            && self.is_gone(DIALLER)
            && self.is_gone(ACCEPTOR)
            && self.streams.iter().all(Stream::is_empty)
    }
}

/// The connections of a run. It exists once somebody has dialled.
#[derive(Clone, Debug)]
pub(crate) struct Connections<P> {
    slots: Vec<Option<Connection<P>>>,
    free: Vec<u32>,
    /// Which connection a node means by a link.
    links: BTreeMap<(NodeId, LinkId<P>), u32>,
}

impl<P: Copy + Ord> Connections<P> {
    pub(super) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), links: BTreeMap::new() }
    }

    /// Room for a new connection; `None` if there are too many.
    pub(super) fn open(&mut self, nodes: [NodeId; 2], port: P) -> Option<u32> {
        let ends = [End::Half, End::Gone(DropCause::NoLink)];
        let streams = [Stream::new(), Stream::new()];
        let connection = Connection { nodes, port, ends, streams, unheard: 0 };
        let new = u32::try_from(self.slots.len()).ok().filter(|new| *new < INDEX_LIMIT >> 1);
        let index = self.free.pop().or(new)?;
        if Some(index) == new {
            self.slots.push(None);
        }
        *self.slot(index)? = Some(connection);
        Some(index)
    }

    fn slot(&mut self, index: u32) -> Option<&mut Option<Connection<P>>> {
        self.slots.get_mut(usize::try_from(index).ok()?)
    }

    pub(super) fn get(&mut self, index: u32) -> Option<&mut Connection<P>> {
        self.slot(index)?.as_mut()
    }

    pub(super) fn stream(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.get(id.connection()).map(|connection| &mut connection.streams[id.sender()])
    }

    /// Forgets a connection that neither end knows and on which nothing is under way.
    pub(super) fn tidy(&mut self, index: u32) {
        if let Some(slot) = self.slot(index)
            && slot.as_ref().is_some_and(Connection::is_over)
        {
            *slot = None;
            self.free.push(index);
        }
    }

    /// The connection a node means by this link, and the node's end of it.
    pub(super) fn find(&self, node: NodeId, link: LinkId<P>) -> Option<(u32, usize)> {
        let end = if link.is_dialled() { DIALLER } else { ACCEPTOR };
        self.links.get(&(node, link)).map(|index| (*index, end))
    }

    /// From now on a node means this connection by its link. Returns the one it meant before.
    pub(super) fn name(&mut self, index: u32, end: usize) -> Option<u32> {
        let connection = self.get(index)?;
        let (node, link) = (connection.nodes[end], connection.link(end));
        self.links.insert((node, link), index)
    }

    /// A node no longer means this connection by any link.
    pub(super) fn unname(&mut self, index: u32, end: usize) {
        let Some(connection) = self.get(index) else { return };
        let key = (connection.nodes[end], connection.link(end));
        if self.links.get(&key) == Some(&index) {
            self.links.remove(&key);
        }
    }

    /// The connections of which a node has an end, or had one, with that end, in the order of the
    /// table.
    pub(super) fn of(&self, node: NodeId) -> Vec<(u32, usize)> {
        let mut found = Vec::new();
        for (index, slot) in (0..).zip(&self.slots) {
            let Some(connection) = slot else { continue };
            let is_there = |end: &usize| connection.nodes[*end] == node;
            found.extend([DIALLER, ACCEPTOR].into_iter().filter(is_there).map(|end| (index, end)));
        }
        found
    }

    /// True if a held message may arrive before all others: on a link it must be the first.
    pub(in crate::engine) fn may_arrive(&self, mail: u32) -> bool {
        let connection = |id: StreamId| self.slots.get(usize::try_from(id.connection()).ok()?);
        self.stream_with(mail).is_none_or(|id| {
            connection(id)
                .and_then(Option::as_ref)
                .is_some_and(|connection| connection.streams[id.sender()].is_first(mail))
        })
    }

    /// True if a message is on a link.
    pub(in crate::engine) fn carry(&self, mail: u32) -> bool {
        self.stream_with(mail).is_some()
    }

    /// The stream in which a message is; `None` if it is a datagram.
    pub(super) fn stream_with(&self, mail: u32) -> Option<StreamId> {
        (0..).zip(&self.slots).find_map(|(index, slot)| {
            let connection = slot.as_ref()?;
            let sender =
                [DIALLER, ACCEPTOR].into_iter().find(|e| connection.streams[*e].has_mail(mail))?;
            Some(StreamId::new(index, sender))
        })
    }
}
