//! Links: FIFO channels between two nodes, dialled and hung up, beside datagrams.

use std::hash::Hash;

use crate::{Data, NodeId};

/// Which of several links between two nodes: a closed enum, like the ports of a server.
///
/// A protocol with one link between two nodes takes `()`, a protocol without any takes
/// [`Never`](crate::Never); then the events of links need no arm in its `step`.
pub trait Port: Data + Copy + Ord {
    /// Its name, for people: `replication`.
    fn name(self) -> &'static str;
}

/// One end of a link, as the node at that end names it. Nothing is allocated: a node that knows
/// whom it dialled on which port knows the link.
///
/// A link behaves as a TCP connection does, seen through its sockets:
///
/// - **Set-up takes a round trip.** After [`Effects::dial`](crate::Effects::dial) the dialler gets
///   [`Event::LinkUp`](crate::Event::LinkUp) when the answer is back, and its peer half a round
///   trip later, when that is confirmed. Nothing can be transmitted before. Whoever has a process
///   that is up accepts; a node that does not want the link hangs up.
/// - **What is transmitted arrives once, whole and in order**, for as long as the link stands.
///   What the network loses, damages or has no room for is sent again by the sender's kernel: 200
///   ms later (1 s for the set-up), twice that if it is lost again, and so on up to two minutes;
///   what is transmitted meanwhile waits behind it. A copy made by the network is noticed by the
///   receiver and is nothing; a segment that is held back holds back what follows it.
/// - **Silence is not an event.** If the peer's machine has no power, or a partition swallows
///   everything, nothing happens at all until that is over: then what the kernel still holds goes
///   through at its next attempt. There is no limit of attempts. A node that cannot wait needs a
///   timer of its own.
/// - **A process that dies leaves a kernel behind**: what was transmitted before is still
///   delivered, then the peer gets [`Disconnection::Reset`]. A machine that loses power loses what
///   waits in its kernel and says nothing; once it is back it answers the next transmission with a
///   reset. A restarted node has no links.
/// - **Dialling again** on the same port supersedes the link: no bytes of the older one arrive
///   after the newer one is up.
/// - **A stalled process has a kernel that is not stalled**: it accepts and takes what arrives,
///   and the node gets it, in order, when it goes on. Nothing limits how much.
/// - Whoever ends a link hears no more of it. Only its peer gets
///   [`Event::LinkDown`](crate::Event::LinkDown). There are no half-closed links.
///
/// A replica follows its primary, asks for what it has missed, and dials again a second after the
/// link went down:
///
/// ```
/// use sim_engine::{
///     Cast, Data, Duration, Effects, Event, LinkId, Never, Node, NodeId, NodeView, Payload,
///     RoleClass, Seat, Simulation, Spec, Standing, StepContext, Timer, TimerSlot,
/// };
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// enum Line {
///     Continue { from: u64 },
///     Entry(u64),
/// }
/// # impl std::fmt::Display for Line {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
/// #         write!(f, "{self:?}")
/// #     }
/// # }
/// # impl Payload for Line {
/// #     fn kind(&self) -> &'static str { "Line" }
/// #     fn bytes(&self) -> u32 { 8 }
/// #     fn epoch(&self) -> Option<u64> { None }
/// # }
/// # #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
/// # struct Redial;
/// # impl Timer for Redial {
/// #     const PLAIN: u16 = 1;
/// #     fn slot(self) -> TimerSlot { TimerSlot::Plain(0) }
/// #     fn name(self) -> &'static str { "redial" }
/// #     fn named(_: &str) -> Option<Self> { None }
/// # }
/// const PRIMARY: NodeId = NodeId::new(0);
///
/// /// The primary has ten entries. A replica counts those it has.
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Member {
///     entries: u64,
/// }
///
/// impl Node for Member {
///     type Config = ();
///     type Role = ();
///     type Message = Line;
///     type Port = ();
///     type Timer = Redial;
///     type Durable = ();
///     type Command = Never;
///     type Admin = Never;
///     type Fact = Never;
///
///     fn boot(cx: &StepContext<'_, Self>, _: &()) -> Self {
///         Member { entries: if cx.id() == PRIMARY { 10 } else { 0 } }
///     }
///
///     fn step(
///         &mut self,
///         cx: &mut StepContext<'_, Self>,
///         event: Event<Self>,
///         out: &mut Effects<Self>,
///     ) {
///         match event {
///             Event::Started | Event::Timer(Redial) => {
///                 if cx.id() != PRIMARY {
///                     out.dial(PRIMARY, ());
///                     // Silence is no event: whoever dials needs a timer.
///                     out.set_timer(Redial, Duration::secs(1));
///                 }
///             }
///             Event::LinkUp(link) if link.is_dialled() => {
///                 out.cancel_timer(Redial);
///                 out.transmit(link, Line::Continue { from: self.entries });
///             }
///             Event::LinkUp(_) => {} // The primary waits to be asked.
///             Event::Received { link, message: Line::Continue { from } } => {
///                 for entry in from..self.entries {
///                     out.transmit(link, Line::Entry(entry));
///                 }
///             }
///             Event::Received { message: Line::Entry(entry), .. } => self.entries = entry + 1,
///             Event::LinkDown { link, .. } if link.is_dialled() => {
///                 out.set_timer(Redial, Duration::secs(1));
///             }
///             Event::LinkDown { .. } => {} // The replica will come back.
///             Event::Message { .. } | Event::Synced(_) | Event::DiskFailed => {}
///         }
///     }
///     # fn standing(&self) -> Standing {
///     #     Standing { role: "member", class: RoleClass::Following, leads: false, epoch: 0 }
///     # }
///     # fn view(&self) -> NodeView { NodeView::default() }
/// }
///
/// # let seat = |name: &str| Seat {
/// #     name: name.to_owned(),
/// #     kind: "member".to_owned(),
/// #     role: (),
/// #     place: None,
/// #     is_client: false,
/// # };
/// let cast = Cast::new(vec![seat("primary"), seat("replica")]);
/// let spec: Spec<Member> = Spec::new(42, (), cast, Duration::secs(3));
/// let (outcome, _) = Simulation::new(spec).run();
/// assert_eq!(outcome.messages.delivered, 1 + 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId<P> {
    /// The node at the other end.
    pub peer: NodeId,
    /// Which of the links to that node.
    pub port: P,
    /// Who dialled: two nodes that dial each other have two links.
    pub dialler: Dialler,
}

/// Which end of a link dialled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialler {
    /// The node itself.
    Me,
    /// The node at the other end.
    Peer,
}

impl<P> LinkId<P> {
    /// The link that a node has, or will have, after it dialled `peer` on `port`.
    pub const fn dialled(peer: NodeId, port: P) -> Self {
        Self { peer, port, dialler: Dialler::Me }
    }

    /// The link that a node has after `peer` dialled it on `port`.
    pub const fn accepted(peer: NodeId, port: P) -> Self {
        Self { peer, port, dialler: Dialler::Peer }
    }

    /// True if this end dialled.
    pub const fn is_dialled(&self) -> bool {
        matches!(self.dialler, Dialler::Me)
    }
}

impl<P: Port> LinkId<P> {
    /// The same link, whose port has another name elsewhere.
    pub(crate) fn map_port<Q>(self, port: impl FnOnce(P) -> Q) -> LinkId<Q> {
        LinkId { peer: self.peer, port: port(self.port), dialler: self.dialler }
    }

    /// The link as a trace keeps it.
    pub(crate) fn view(self) -> LinkView {
        let is_dialled = self.is_dialled();
        LinkView { peer: self.peer, port: self.port.name(), is_dialled }
    }
}

/// One end of a link, free of a protocol's types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// The node at the other end.
    pub peer: NodeId,
    /// The name of the port.
    pub port: &'static str,
    /// True if this end dialled.
    pub is_dialled: bool,
}

/// Why a link went down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disconnection {
    /// The link never stood: the peer's machine is up and nobody answers there.
    Refused,
    /// The peer hung up. Everything it had transmitted before was received.
    Closed,
    /// The peer's process died, or its machine lost power and is back: it knows no such link.
    Reset,
    /// The peer dialled again on this port.
    Superseded,
}

impl Disconnection {
    /// The word in exports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Closed => "closed",
            Self::Reset => "reset",
            Self::Superseded => "superseded",
        }
    }
}
