//! The nodes of a run as a promise sees them: those that the engine moves, or guests in them.

use std::fmt::Debug;

use super::Projection;
use crate::engine::Place;
use crate::{Node, NodeId};

/// All nodes of a run, or the guests of one kind in them.
#[derive(Debug)]
pub(crate) enum Nodes<'a, N: Node> {
    /// The nodes themselves.
    Own(&'a [Place<N>]),
    /// Guests, seen through their hosts.
    Guests(&'a dyn Sight<N>),
}

#[expect(clippy::expl_impl_clone_on_copy, reason = "derived, it would ask for nodes to be `Copy`")]
impl<N: Node> Clone for Nodes<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N: Node> Copy for Nodes<'_, N> {}

impl<'a, N: Node> Nodes<'a, N> {
    /// The memory of a node; `None` while it is down.
    #[inline]
    pub(crate) fn memory(self, id: NodeId) -> Option<&'a N> {
        match self {
            Self::Own(places) => places[id.index()].memory(),
            Self::Guests(sight) => sight.memory(id),
        }
    }

    /// What is truly on its disk.
    #[inline]
    pub(crate) fn durable(self, id: NodeId) -> &'a N::Durable {
        match self {
            Self::Own(places) => &places[id.index()].disk.synced,
            Self::Guests(sight) => sight.durable(id),
        }
    }

    /// True if the node is up; a guest is if its host is.
    pub(crate) fn is_up(self, id: NodeId) -> bool {
        match self {
            Self::Own(places) => places[id.index()].is_up(),
            Self::Guests(sight) => sight.is_up(id),
        }
    }

    /// True if nothing is wrong with the node itself; with a guest nothing is if nothing is with
    /// its host.
    pub(crate) fn is_well(self, id: NodeId) -> bool {
        match self {
            Self::Own(places) => {
                let place = &places[id.index()];
                place.node.is_some()
                    && place.trouble.as_ref().is_none_or(|trouble| trouble.is_over())
                    && place.rare.as_ref().is_none_or(|rare| rare.is_as_usual())
            }
            Self::Guests(sight) => sight.is_well(id),
        }
    }
}

/// Guests, seen through their hosts, whatever these are.
pub(crate) trait Sight<N: Node>: Debug {
    fn memory(&self, id: NodeId) -> Option<&N>;
    fn durable(&self, id: NodeId) -> &N::Durable;
    fn is_up(&self, id: NodeId) -> bool;
    fn is_well(&self, id: NodeId) -> bool;
}

/// The hosts of a run, and how to find the guest in each.
#[derive(Debug)]
pub(super) struct Through<'a, P: Projection> {
    pub(super) hosts: Nodes<'a, P::Host>,
    pub(super) projection: &'a P,
}

impl<P: Projection> Sight<P::Guest> for Through<'_, P> {
    fn memory(&self, id: NodeId) -> Option<&P::Guest> {
        self.hosts.memory(id).and_then(|host| self.projection.memory(host))
    }

    fn durable(&self, id: NodeId) -> &<P::Guest as Node>::Durable {
        self.projection.durable(self.hosts.durable(id))
    }

    fn is_up(&self, id: NodeId) -> bool {
        self.hosts.is_up(id)
    }

    fn is_well(&self, id: NodeId) -> bool {
        self.hosts.is_well(id)
    }
}
