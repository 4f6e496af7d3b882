//! Messages under way: a slab whose free slots are a list, so that steady traffic allocates
//! nothing.

use super::queue::{INDEX_LIMIT, to_usize};
use crate::{EventId, NodeId};

/// A message under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Envelope<M> {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    /// Its id: the event of its sending, or of its copying.
    pub(crate) id: EventId,
    pub(crate) message: M,
}

/// All messages under way.
#[derive(Clone, Debug)]
pub(crate) struct Mail<M> {
    slots: Vec<Slot<M>>,
    /// The first free slot; no slot if there is none.
    free: u32,
    /// Messages put aside by the schedule, oldest first.
    held: Vec<u32>,
}

/// An envelope in parts, which are written and read one by one: a whole that is read right after
/// its parts were written makes the processor wait.
#[derive(Clone, Debug)]
struct Slot<M> {
    /// None while the slot is free.
    message: Option<M>,
    id: EventId,
    from: NodeId,
    to: NodeId,
    /// The next free slot, while this one is free.
    next: u32,
}

impl<M> Slot<M> {
    fn envelope(&self) -> Option<Envelope<&M>> {
        let Self { from, to, id, .. } = *self;
        self.message.as_ref().map(|message| Envelope { from, to, id, message })
    }
}

impl<M> Mail<M> {
    pub(crate) fn new() -> Self {
        Self { slots: Vec::new(), free: u32::MAX, held: Vec::new() }
    }

    /// Puts a message in; `None` if too many are under way.
    #[inline]
    pub(crate) fn put(&mut self, envelope: Envelope<M>) -> Option<u32> {
        if self.free == u32::MAX {
            self.grow()?;
        }
        let (index, Envelope { from, to, id, message }) = (self.free, envelope);
        let slot = self.slots.get_mut(to_usize(index))?;
        self.free = slot.next;
        (slot.from, slot.to, slot.id) = (from, to, id);
        slot.message = Some(message);
        Some(index)
    }

    /// Makes one more slot, which is free.
    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> Option<()> {
        let index = u32::try_from(self.slots.len()).ok().filter(|index| *index < INDEX_LIMIT)?;
        let (nobody, next) = (NodeId::new(0), self.free);
        self.slots.push(Slot { message: None, id: EventId(0), from: nobody, to: nobody, next });
        self.free = index;
        Some(())
    }

    /// Takes a message out.
    #[inline]
    pub(crate) fn take(&mut self, index: u32) -> Option<Envelope<M>> {
        let slot = &mut self.slots[to_usize(index)];
        let message = slot.message.take()?;
        slot.next = self.free;
        self.free = index;
        Some(Envelope { from: slot.from, to: slot.to, id: slot.id, message })
    }

    /// A message.
    pub(crate) fn get(&self, index: u32) -> Option<Envelope<&M>> {
        self.slots[to_usize(index)].envelope()
    }

    /// Sender, receiver and id of a message.
    pub(crate) fn peek(&self, index: u32) -> Option<(NodeId, NodeId, EventId)> {
        self.get(index).map(|envelope| (envelope.from, envelope.to, envelope.id))
    }

    /// Sets a message aside.
    pub(crate) fn hold(&mut self, index: u32) {
        self.held.push(index);
    }

    /// The messages set aside, oldest first.
    pub(crate) fn held(&self) -> impl Iterator<Item = Envelope<&M>> {
        self.held.iter().filter_map(|index| self.get(*index))
    }

    /// The oldest message set aside that fits.
    pub(crate) fn find_held(&self, fits: impl Fn(u32, Envelope<&M>) -> bool) -> Option<u32> {
        let held = self.held.iter().copied();
        let is_it = |index: &u32| self.get(*index).is_some_and(|envelope| fits(*index, envelope));
        held.into_iter().find(is_it)
    }

    /// A message is no longer set aside, if it was.
    pub(crate) fn unhold(&mut self, index: u32) {
        self.held.retain(|held| *held != index);
    }

    /// How many messages are under way or set aside.
    pub(crate) fn len(&self) -> usize {
        self.slots.iter().filter(|slot| slot.message.is_some()).count()
    }
}
