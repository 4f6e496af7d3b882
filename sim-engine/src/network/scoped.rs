//! Settings of some links: the newest that is about a link holds there.

use crate::NodeId;

/// Some links: from these seats to those. A seat has no link to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    /// The senders; everybody if absent.
    from: Option<Vec<NodeId>>,
    /// The receivers; everybody if absent.
    to: Option<Vec<NodeId>>,
}

impl Scope {
    pub(crate) fn new(from: Option<&[NodeId]>, to: Option<&[NodeId]>) -> Self {
        Self { from: from.map(<[_]>::to_vec), to: to.map(<[_]>::to_vec) }
    }

    /// The links among these seats.
    pub(crate) fn among(seats: &[NodeId]) -> Self {
        Self::new(Some(seats), Some(seats))
    }

    fn covers(&self, from: NodeId, to: NodeId) -> bool {
        self.from.as_ref().is_none_or(|seats| seats.contains(&from))
            && self.to.as_ref().is_none_or(|seats| seats.contains(&to))
    }

    /// Every link of a network of so many seats that it is about.
    pub(crate) fn links(&self, seats: u16) -> Vec<(NodeId, NodeId)> {
        let all: Vec<NodeId> = (0..seats).map(NodeId::new).collect();
        let (from, to) = (self.from.as_ref().unwrap_or(&all), self.to.as_ref().unwrap_or(&all));
        let pairs = from.iter().flat_map(|from| to.iter().map(|to| (*from, *to)));
        pairs.filter(|(from, to)| from != to).collect()
    }
}

/// What was set for which links; nothing where it was taken back.
#[derive(Clone, Debug)]
pub(crate) struct Scoped<T>(Vec<(Scope, Option<T>)>);

impl<T> Default for Scoped<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Scoped<T> {
    /// Sets a value; it holds over every older one.
    pub(crate) fn set(&mut self, scope: Scope, value: T) {
        // What was set for the same links never holds again.
        self.0.retain(|(old, _)| *old != scope);
        self.0.push((scope, Some(value)));
    }

    /// Takes back what is set for these links.
    pub(crate) fn unset(&mut self, scope: Scope) {
        if !self.is_empty() {
            self.0.retain(|(old, _)| *old != scope);
            self.0.push((scope, None));
        }
    }

    /// The value for one link.
    pub(crate) fn get(&self, from: NodeId, to: NodeId) -> Option<&T> {
        self.0.iter().rev().find(|(scope, _)| scope.covers(from, to))?.1.as_ref()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
