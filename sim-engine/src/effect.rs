//! What a step asks for. The list is ordered, and the order means something.

use crate::{
    Durable, Duration, Ending, EventId, LinkId, Node, NodeId, OpId, Released, Span, Ticket,
};

/// One thing a node asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Effect<N: Node> {
    /// Send a datagram, after everything written before it is on disk.
    Send {
        /// To whom.
        to: NodeId,
        /// What.
        message: N::Message,
    },
    /// Send a datagram at once, past the disk: heartbeats of a leader.
    SendNow {
        /// To whom.
        to: NodeId,
        /// What.
        message: N::Message,
    },
    /// Transmit a message on a link, after everything written before it is on disk. If the link is
    /// not up then, the message is lost.
    Transmit {
        /// On which link.
        link: LinkId<N::Port>,
        /// What.
        message: N::Message,
    },
    /// Transmit a message at once, past the disk: what a leader proposes while it still writes.
    TransmitNow {
        /// On which link.
        link: LinkId<N::Port>,
        /// What.
        message: N::Message,
    },
    /// Dial a peer, after everything written before is on disk. A link dialled earlier on the same
    /// port ends here, without a [`LinkDown`](crate::Event::LinkDown).
    Dial {
        /// Whom.
        to: NodeId,
        /// On which port.
        port: N::Port,
    },
    /// Hang up a link, after everything written before is on disk; until then it stands. Its peer
    /// receives what was transmitted before, and nothing more comes of it here.
    Hang(LinkId<N::Port>),
    /// Set a timer, or set it again, to a length the engine draws from `after`. Takes effect at
    /// once.
    SetTimer {
        /// Which.
        timer: N::Timer,
        /// How long.
        after: Span,
    },
    /// Forget a timer. Takes effect at once.
    CancelTimer(N::Timer),
    /// Hand a change to the disk.
    Persist {
        /// The change.
        delta: <N::Durable as Durable>::Delta,
        /// Whether what follows waits for it.
        force: Force,
        /// Set if the node wants [`Event::Synced`](crate::Event::Synced).
        ticket: Option<Ticket>,
    },
    /// End a client operation, after everything written before it is on disk.
    Finish {
        /// Which.
        op: OpId,
        /// How.
        ending: Ending,
    },
    /// Announce a fact, after everything written before it is on disk.
    Announce(N::Fact),
    /// Announce a fact that rests on no write that is still under way.
    AnnounceNow(N::Fact),
    /// The process ends itself, at once: its last effect. What waits for the disk is lost, what
    /// reached the kernel is not, and it can be restarted.
    Halt,
}

impl<N: Node> Effect<N> {
    /// True if others can see it: it leaves the node.
    #[inline]
    fn is_visible(&self) -> bool {
        match self {
            Self::Send { .. }
            | Self::SendNow { .. }
            | Self::Transmit { .. }
            | Self::TransmitNow { .. }
            | Self::Dial { .. }
            | Self::Hang(_)
            | Self::Finish { .. }
            | Self::Announce(_)
            | Self::AnnounceNow(_) => true,
            // The end of a process ends the list, too.
            Self::SetTimer { .. } | Self::CancelTimer(_) | Self::Persist { .. } | Self::Halt => {
                false
            }
        }
    }
}

/// What an effect tells others.
#[derive(Debug)]
pub(crate) enum Told<'a, N: Node> {
    /// A fact.
    Fact(&'a N::Fact),
    /// A message, to this seat, as a datagram or on a link.
    Message(NodeId, &'a N::Message),
    /// Nothing of either.
    Nothing,
}

impl<N: Node> Effect<N> {
    /// What it tells others.
    #[inline]
    pub(crate) fn told(&self) -> Told<'_, N> {
        match self {
            Self::Announce(fact) | Self::AnnounceNow(fact) => Told::Fact(fact),
            Self::Send { to, message } | Self::SendNow { to, message } => {
                Told::Message(*to, message)
            }
            Self::Transmit { link, message } | Self::TransmitNow { link, message } => {
                Told::Message(link.peer, message)
            }
            Self::Dial { .. }
            | Self::Hang(_)
            | Self::SetTimer { .. }
            | Self::CancelTimer(_)
            | Self::Persist { .. }
            | Self::Finish { .. }
            | Self::Halt => Told::Nothing,
        }
    }
}

/// Whether a write holds back what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Force {
    /// What others can see waits until this is on disk.
    Sync,
    /// Nothing waits; it becomes durable with the next forced write.
    Lazy,
}

/// The list that a step fills.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effects<N: Node> {
    list: Vec<Released<N>>,
    tickets: u64,
}

impl<N: Node> Default for Effects<N> {
    fn default() -> Self {
        Self { list: Vec::new(), tickets: 0 }
    }
}

impl<N: Node> Effects<N> {
    /// Asks to send `message` to `to`, after everything written before is on disk.
    #[inline]
    pub fn send(&mut self, to: NodeId, message: N::Message) {
        self.ask(Effect::Send { to, message });
    }

    /// Asks to send `message` at once, even while the disk is busy.
    #[inline]
    pub fn send_now(&mut self, to: NodeId, message: N::Message) {
        self.ask(Effect::SendNow { to, message });
    }

    /// Asks to transmit `message` on `link`, after everything written before is on disk.
    #[inline]
    pub fn transmit(&mut self, link: LinkId<N::Port>, message: N::Message) {
        self.ask(Effect::Transmit { link, message });
    }

    /// Asks to transmit `message` on `link` at once, even while the disk is busy.
    #[inline]
    pub fn transmit_now(&mut self, link: LinkId<N::Port>, message: N::Message) {
        self.ask(Effect::TransmitNow { link, message });
    }

    /// Asks for a link to `to`, after everything written before is on disk. Returns its name.
    pub fn dial(&mut self, to: NodeId, port: N::Port) -> LinkId<N::Port> {
        self.ask(Effect::Dial { to, port });
        LinkId::dialled(to, port)
    }

    /// Asks to hang up a link, after everything written before is on disk.
    pub fn hang(&mut self, link: LinkId<N::Port>) {
        self.ask(Effect::Hang(link));
    }

    /// Asks for a timer: a fixed length, or a [`Span`] that the engine draws from.
    #[inline]
    pub fn set_timer(&mut self, timer: N::Timer, after: impl Into<Span>) {
        self.ask(Effect::SetTimer { timer, after: after.into() });
    }

    /// Asks for a timer drawn from `min..=max`.
    #[inline]
    pub fn set_timer_between(&mut self, timer: N::Timer, min: Duration, max: Duration) {
        self.ask(Effect::SetTimer { timer, after: Span { min, max } });
    }

    /// Asks to forget a timer.
    #[inline]
    pub fn cancel_timer(&mut self, timer: N::Timer) {
        self.ask(Effect::CancelTimer(timer));
    }

    /// Changes `memory` now and asks the disk for the same change; what follows in this list, and
    /// in later ones, waits until the disk has it.
    pub fn persist(&mut self, memory: &mut N::Durable, delta: <N::Durable as Durable>::Delta) {
        memory.apply(&delta);
        self.ask(Effect::Persist { delta, force: Force::Sync, ticket: None });
    }

    /// Like [`persist`](Self::persist), and the returned ticket comes back as
    /// [`Event::Synced`](crate::Event::Synced) once the change is on disk.
    pub fn persist_with_ticket(
        &mut self,
        memory: &mut N::Durable,
        delta: <N::Durable as Durable>::Delta,
    ) -> Ticket {
        memory.apply(&delta);
        self.tickets += 1;
        let ticket = Ticket(self.tickets);
        self.ask(Effect::Persist { delta, force: Force::Sync, ticket: Some(ticket) });
        ticket
    }

    /// Changes `memory` now and asks the disk for the same change some time; nothing waits for it.
    pub fn persist_lazily(
        &mut self,
        memory: &mut N::Durable,
        delta: <N::Durable as Durable>::Delta,
    ) {
        memory.apply(&delta);
        self.ask(Effect::Persist { delta, force: Force::Lazy, ticket: None });
    }

    /// Ends a client operation.
    pub fn finish(&mut self, op: OpId, ending: Ending) {
        self.ask(Effect::Finish { op, ending });
    }

    /// Announces a fact.
    pub fn announce(&mut self, fact: N::Fact) {
        self.ask(Effect::Announce(fact));
    }

    /// Announces a fact at once, even while the disk is busy: one that rests on what others have
    /// written.
    pub fn announce_now(&mut self, fact: N::Fact) {
        self.ask(Effect::AnnounceNow(fact));
    }

    /// Ends the process, at once: whatever is asked for after this is not done.
    pub fn halt(&mut self) {
        self.ask(Effect::Halt);
    }

    /// An empty list for a guest. Its tickets follow on those of this list.
    pub(crate) fn nested<G: Node>(&self) -> Effects<G> {
        Effects { list: Vec::new(), tickets: self.tickets }
    }

    /// Asks for everything a guest asked for, in words of this node. Returns the guest's tickets.
    pub(crate) fn adopt<G: Node>(
        &mut self,
        guest: Effects<G>,
        mut translate: impl FnMut(Effect<G>) -> Effect<N>,
    ) -> Vec<Ticket> {
        let mut tickets = Vec::new();
        self.tickets = guest.tickets;
        for asked in guest.list {
            if let Effect::Persist { ticket: Some(ticket), .. } = &asked.effect {
                tickets.push(*ticket);
            }
            self.ask(translate(asked.effect));
        }
        tickets
    }

    #[inline]
    fn ask(&mut self, effect: Effect<N>) {
        self.list.push(Released { id: EventId(0), cause: EventId(0), effect });
    }
}

/// The engine works the list off in place: what leaves the node stays where it is, what does not is
/// taken out. So a message is moved once on its way from the node to the network.
impl<N: Node> Effects<N> {
    /// What was asked for at this place.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Option<&Effect<N>> {
        self.list.get(place).map(|asked| &asked.effect)
    }

    /// How much was asked for and is still in the list.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// True if nothing is in the list.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Takes out what was asked for at this place.
    #[inline]
    pub(crate) fn remove(&mut self, place: usize) -> Effect<N> {
        self.list.remove(place).effect
    }

    /// Forgets what was asked for at this place. The last one, as timers often are, costs little.
    #[inline]
    pub(crate) fn forget(&mut self, place: usize) {
        if place + 1 == self.list.len() {
            self.list.pop();
        } else {
            self.list.remove(place);
        }
    }

    /// What was asked for at this place leaves the node.
    #[inline]
    pub(crate) fn release(&mut self, place: usize, id: EventId, cause: EventId) {
        let asked = &mut self.list[place];
        (asked.id, asked.cause) = (id, cause);
    }

    /// What others can see leaves the node, from this place on up to the first effect that is
    /// nothing of that. Returns its place.
    #[inline]
    pub(crate) fn release_visible(
        &mut self,
        place: usize,
        last_id: &mut u64,
        cause: EventId,
    ) -> usize {
        let mut next = place;
        while let Some(asked) = self.list.get_mut(next)
            && asked.effect.is_visible()
        {
            *last_id += 1;
            (asked.id, asked.cause) = (EventId(*last_id), cause);
            next += 1;
        }
        next
    }

    /// Something that has waited leaves the node.
    pub(crate) fn add_released(&mut self, released: Released<N>) {
        self.list.push(released);
    }

    /// Forgets what was asked for from this place on.
    pub(crate) fn truncate(&mut self, place: usize) {
        self.list.truncate(place);
    }

    /// Everything that leaves the node in this step.
    pub(crate) fn released(&self) -> &[Released<N>] {
        &self.list
    }

    /// Turns the list, so that [`take`](Self::take) finds its first effect at the end.
    #[inline]
    pub(crate) fn turn(&mut self) {
        self.list.reverse();
    }

    /// Takes the next effect of a turned list; the room it needed is kept.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<Released<N>> {
        self.list.pop()
    }
}
