//! One node inside another: a *host* carries *guests*, steps them, and says what they ask for in
//! its own words.
//!
//! A store that keeps several groups of replicas on the same servers need not copy their protocol:
//! its server is a host with one guest for each group. A guest knows nothing of this. It has the
//! id, the clocks, the dice and the planted bug of its host, settings and a cast that its host
//! chose, and it shares everything else: one process, one disk, one network.
//!
//! - [`Embedding`] turns what a guest says into words of the host; [`boot`] and [`step`] move it.
//! - [`Projection`] is the way back: with it [`PerGuest`] lets a promise of the guest look at
//!   hosts.
//!
//! What a host sends, writes or announces of its own and what its guests do stand in one list, in
//! the order in which it happened. So a guest's answer waits for whatever its host, or another
//! guest, wrote before it, as it does behind the one log of a real disk; and one sync serves them
//! all.
//!
//! # Example
//!
//! A counter that is told to count, and a host that carries two of them:
//!
//! ```
//! use sim_engine::embed::{self, Embedding};
//! use sim_engine::{
//!     Cast, Duration, Effects, Event, Never, Node, NodeId, NodeView, Payload, RoleClass, Seat,
//!     Simulation, Spec, Standing, StepContext,
//! };
//!
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Count;
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Counter(u64);
//! /// What the counters of two hosts say to each other: which one, and what.
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Labelled(usize, Count);
//! #[derive(Clone, Debug, PartialEq, Eq, Hash)]
//! struct Pair([Counter; 2]);
//! # impl std::fmt::Display for Count {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) }
//! # }
//! # impl std::fmt::Display for Labelled {
//! #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) }
//! # }
//! # impl Payload for Count {
//! #     fn kind(&self) -> &'static str { "Count" }
//! #     fn bytes(&self) -> u32 { 8 }
//! #     fn epoch(&self) -> Option<u64> { None }
//! # }
//! # impl Payload for Labelled {
//! #     fn kind(&self) -> &'static str { "Count" }
//! #     fn bytes(&self) -> u32 { 9 }
//! #     fn epoch(&self) -> Option<u64> { None }
//! # }
//!
//! impl Node for Counter {
//! #   type Config = ();
//! #   type Role = ();
//!     type Message = Count;
//! #   type Port = Never;
//! #   type Timer = Never;
//! #   type Durable = ();
//! #   type Command = Never;
//! #   type Admin = Never;
//! #   type Fact = Never;
//!     // ...
//!     fn boot(_: &StepContext<'_, Self>, _: &()) -> Self {
//!         Counter(0)
//!     }
//!
//!     fn step(
//!         &mut self,
//!         _: &mut StepContext<'_, Self>,
//!         event: Event<Self>,
//!         out: &mut Effects<Self>,
//!     ) {
//!         if let Event::Message { from, message: Count } = event {
//!             self.0 += 1;
//!             if self.0 < 5 {
//!                 out.send(from, Count);
//!             }
//!         }
//!     }
//! #   fn standing(&self) -> Standing {
//! #       Standing { role: "counter", class: RoleClass::Following, leads: false, epoch: 0 }
//! #   }
//! #   fn view(&self) -> NodeView { NodeView::default() }
//! }
//!
//! /// One of the two counters of a pair.
//! struct Place(usize);
//!
//! impl Embedding for Place {
//!     type Host = Pair;
//!     type Guest = Counter;
//!
//!     fn message(&self, message: Count) -> Labelled {
//!         Labelled(self.0, message)
//!     }
//!     fn port(&self, port: Never) -> Never { port }
//!     fn timer(&self, timer: Never) -> Never { timer }
//!     fn delta(&self, delta: Never) -> Never { delta }
//!     fn fact(&self, fact: Never) -> Never { fact }
//! }
//!
//! impl Node for Pair {
//! #   type Config = ();
//! #   type Role = ();
//!     type Message = Labelled;
//! #   type Port = Never;
//! #   type Timer = Never;
//! #   type Durable = ();
//! #   type Command = Never;
//! #   type Admin = Never;
//! #   type Fact = Never;
//!     // ...
//!     fn boot(cx: &StepContext<'_, Self>, _: &()) -> Self {
//!         Pair([0, 1].map(|_| embed::boot(cx, (cx.config(), cx.cast()), &())))
//!     }
//!
//!     fn step(
//!         &mut self,
//!         cx: &mut StepContext<'_, Self>,
//!         event: Event<Self>,
//!         out: &mut Effects<Self>,
//!     ) {
//!         let (config, cast) = (cx.config(), cx.cast());
//!         match event {
//!             Event::Started if cx.id() == NodeId::new(0) => {
//!                 out.send(NodeId::new(1), Labelled(0, Count));
//!                 out.send(NodeId::new(1), Labelled(1, Count));
//!             }
//!             Event::Message { from, message: Labelled(place, message) } => {
//!                 let event = Event::Message { from, message };
//!                 let mut inner = cx.nested(config, cast);
//!                 embed::step(&Place(place), &mut self.0[place], &mut inner, event, out);
//!             }
//!             _ => {}
//!         }
//!     }
//! #   fn standing(&self) -> Standing {
//! #       Standing { role: "pair", class: RoleClass::Following, leads: false, epoch: 0 }
//! #   }
//! #   fn view(&self) -> NodeView { NodeView::default() }
//! }
//!
//! # let seat = |name: &str| Seat {
//! #     name: name.to_owned(), kind: "pair".to_owned(), role: (), place: None, is_client: false,
//! # };
//! let cast = Cast::new(vec![seat("one"), seat("two")]);
//! let spec: Spec<Pair> = Spec::new(42, (), cast, Duration::secs(1));
//! // Two counters in two places: each of the four is told to count until one of a kind has five.
//! assert_eq!(Simulation::new(spec).run().0.messages.delivered, 2 * 9);
//! ```

mod per_guest;
mod sight;

pub use per_guest::{PerGuest, Projection};
pub(crate) use sight::Nodes;

use crate::{
    Cast, Concern, Dice, Durable, Effect, Effects, Event, LinkId, Node, StepContext, Ticket,
};

/// How a guest's words become its host's: mostly "the same, and which guest said it".
pub trait Embedding {
    /// The node that carries the guest.
    type Host: Node;
    /// The node that is carried.
    type Guest: Node;

    /// What the guest sends.
    fn message(&self, message: <Self::Guest as Node>::Message) -> <Self::Host as Node>::Message;
    /// The port of a link that the guest uses.
    fn port(&self, port: <Self::Guest as Node>::Port) -> <Self::Host as Node>::Port;
    /// A timer of the guest: its slot must be no other guest's, nor one of the host's own.
    fn timer(&self, timer: <Self::Guest as Node>::Timer) -> <Self::Host as Node>::Timer;
    /// What the guest writes.
    fn delta(&self, delta: DeltaOf<Self::Guest>) -> DeltaOf<Self::Host>;
    /// What the guest announces.
    fn fact(&self, fact: <Self::Guest as Node>::Fact) -> <Self::Host as Node>::Fact;
}

/// One change of a node's durable state.
pub(crate) type DeltaOf<N> = <<N as Node>::Durable as Durable>::Delta;

/// The settings and the cast that a host shows to a guest. The guest's cast has the same seats as
/// the host's: only what they are may differ.
pub type Surroundings<'a, G> = (&'a <G as Node>::Config, &'a Cast<<G as Node>::Role>);

/// A guest as it wakes up, from its part of the host's disk.
pub fn boot<H: Node, G: Node>(
    cx: &StepContext<'_, H>,
    (config, cast): Surroundings<'_, G>,
    durable: &G::Durable,
) -> G {
    // Whoever boots has the context for reading, and can draw nothing: these are never used.
    let mut choices = Dice::new(0, Concern::Choice, cx.id.number());
    let mut nonces = 0;
    let (choices, nonces) = (&mut choices, &mut nonces);
    let StepContext { id, now, clock, life, mutant, .. } = *cx;
    G::boot(&StepContext { id, config, cast, now, clock, life, mutant, choices, nonces }, durable)
}

/// Gives a guest one input. What it asks for is asked for by its host, in the same order. Returns
/// the tickets of the guest's writes: their [`Event::Synced`] will reach the host, which hands it
/// on.
pub fn step<E: Embedding>(
    embedding: &E,
    guest: &mut E::Guest,
    cx: &mut StepContext<'_, E::Guest>,
    event: Event<E::Guest>,
    out: &mut Effects<E::Host>,
) -> Vec<Ticket> {
    let mut asked = out.nested();
    guest.step(cx, event, &mut asked);
    out.adopt(asked, |effect| in_words_of_the_host(embedding, effect))
}

/// What a guest asks for, as its host asks for it. Client operations that a guest ends are its
/// host's: they have the same number.
fn in_words_of_the_host<E: Embedding>(e: &E, effect: Effect<E::Guest>) -> Effect<E::Host> {
    let link = |link: LinkId<<E::Guest as Node>::Port>| link.map_port(|port| e.port(port));
    match effect {
        Effect::Send { to, message } => Effect::Send { to, message: e.message(message) },
        Effect::SendNow { to, message } => Effect::SendNow { to, message: e.message(message) },
        Effect::Transmit { link: on, message } => {
            Effect::Transmit { link: link(on), message: e.message(message) }
        }
        Effect::TransmitNow { link: on, message } => {
            Effect::TransmitNow { link: link(on), message: e.message(message) }
        }
        Effect::Dial { to, port } => Effect::Dial { to, port: e.port(port) },
        Effect::Hang(on) => Effect::Hang(link(on)),
        Effect::SetTimer { timer, after } => Effect::SetTimer { timer: e.timer(timer), after },
        Effect::CancelTimer(timer) => Effect::CancelTimer(e.timer(timer)),
        Effect::Persist { delta, force, ticket } => {
            Effect::Persist { delta: e.delta(delta), force, ticket }
        }
        Effect::Finish { op, ending } => Effect::Finish { op, ending },
        Effect::Announce(fact) => Effect::Announce(e.fact(fact)),
        Effect::AnnounceNow(fact) => Effect::AnnounceNow(e.fact(fact)),
        Effect::Halt => Effect::Halt,
    }
}
