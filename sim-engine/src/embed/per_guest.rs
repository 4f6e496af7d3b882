//! Promises of guests, kept by hosts.

use std::cell::OnceCell;
use std::fmt::{Debug, Display};

use super::sight::Through;
use super::{DeltaOf, Nodes};
use crate::reads::{known, there_is};
use crate::{
    Cast, Effect, End, History, Look, Moment, Node, Operation, Promise, Reads, Recovery, Released,
    Violation,
};

/// How the guests of one kind look in their hosts: what [`PerGuest`] needs to know. `Display` is
/// what people call this kind of guest: `g2`.
pub trait Projection: Debug + Display + Sized + 'static {
    /// The node that carries the guest.
    type Host: Node;
    /// The node that is carried.
    type Guest: Node;

    /// One for each kind of guest that a run has.
    fn all(
        config: &<Self::Host as Node>::Config,
        cast: &Cast<<Self::Host as Node>::Role>,
    ) -> Vec<Self>;

    /// The settings that hosts show to the guest.
    fn config<'a>(
        &self,
        config: &'a <Self::Host as Node>::Config,
    ) -> &'a <Self::Guest as Node>::Config;

    /// The cast that hosts show to the guest.
    fn cast(&self) -> &Cast<<Self::Guest as Node>::Role>;

    /// The guest in this host, if there is one.
    fn memory<'a>(&'a self, host: &'a Self::Host) -> Option<&'a Self::Guest>;

    /// The guest's part of a disk; an empty one where there is no guest.
    fn durable<'a>(
        &'a self,
        durable: &'a <Self::Host as Node>::Durable,
    ) -> &'a <Self::Guest as Node>::Durable;

    /// The guest's message in one of the host's, if there is one.
    fn message(
        &self,
        message: &<Self::Host as Node>::Message,
    ) -> Option<<Self::Guest as Node>::Message>;

    /// The guest's write in one of the host's, if there is one.
    fn delta(&self, delta: &DeltaOf<Self::Host>) -> Option<DeltaOf<Self::Guest>>;

    /// The guest's fact in one of the host's, if there is one.
    fn fact(&self, fact: &<Self::Host as Node>::Fact) -> Option<<Self::Guest as Node>::Fact>;

    /// True if the guest had a step in the host's latest one: else its promises need not look.
    fn took_part(&self, host: &Self::Host) -> bool;

    /// True if operations like this are for the guest.
    fn serves(&self, config: &<Self::Host as Node>::Config, operation: &Operation) -> bool;
}

/// A promise of a guest, kept for each kind of guest: broken if it breaks for one of them,
/// suspended if it is for all, and put to the test as often as for all of them together.
///
/// The promise sees hosts as if they were guests: their memory, disks, messages, writes, facts and
/// operations, as far as they are its guest's. What is transmitted on a link is shown as sent; that
/// links are dialled and hung up is not shown.
#[derive(Debug)]
pub struct PerGuest<P: Projection> {
    make: fn() -> Box<dyn Promise<P::Guest>>,
    name: &'static str,
    kept: Vec<Kept<P>>,
}

/// What one guest did in a step.
#[derive(Debug)]
struct Deed<G: Node> {
    /// The place of the guest among all kinds.
    place: usize,
    released: Vec<Released<G>>,
    synced: Vec<DeltaOf<G>>,
}

#[derive(Debug)]
struct Kept<P: Projection> {
    projection: P,
    promise: Box<dyn Promise<P::Guest>>,
}

impl<P: Projection> PerGuest<P> {
    /// The promise that `make` makes.
    pub fn new(make: fn() -> Box<dyn Promise<P::Guest>>) -> Self {
        let name = make().name();
        Self { make, name, kept: Vec::new() }
    }

    /// Makes the promise for each kind of guest, at the first look.
    fn prepare(
        &mut self,
        config: &<P::Host as Node>::Config,
        cast: &Cast<<P::Host as Node>::Role>,
    ) {
        if self.kept.is_empty() {
            let kept = |projection| Kept { projection, promise: (self.make)() };
            self.kept = P::all(config, cast).into_iter().map(kept).collect();
        }
    }

    /// Lets the promise of each guest look at what that guest did.
    fn look_at(
        &mut self,
        look: &Look<'_, P::Host>,
        deeds: &[Deed<P::Guest>],
    ) -> Result<(), Violation> {
        deeds.iter().try_for_each(|deed| self.kept[deed.place].look(look, deed))
    }

    /// What every guest did that promises have to look at.
    fn deeds(&self, look: &Look<'_, P::Host>) -> Vec<Deed<P::Guest>> {
        let all = self.kept.iter().enumerate();
        all.filter_map(|(place, kept)| kept.deed(place, look)).collect()
    }
}

impl<P: Projection> Kept<P> {
    /// What the guest did in a step; `None` if it had no part in it.
    fn deed(&self, place: usize, look: &Look<'_, P::Host>) -> Option<Deed<P::Guest>> {
        let released = look.released.iter().filter_map(|asked| {
            let effect = self.effect(&asked.effect)?;
            Some(Released { id: asked.id, cause: asked.cause, effect })
        });
        let synced = look.synced.iter().filter_map(|delta| self.projection.delta(delta));
        let (released, synced): (Vec<_>, Vec<_>) = (released.collect(), synced.collect());
        let host = look.memory(look.node);
        let is_idle = look.moment == Moment::Step
            && released.is_empty()
            && synced.is_empty()
            && host.is_some_and(|host| !self.projection.took_part(host));
        (!is_idle).then_some(Deed { place, released, synced })
    }

    /// Lets the promise look at what its guest did.
    fn look(&mut self, look: &Look<'_, P::Host>, deed: &Deed<P::Guest>) -> Result<(), Violation> {
        let through = Through { hosts: look.nodes, projection: &self.projection };
        let config = self.projection.config(look.config);
        // Whose a write is that its host has handed over shows only once it is on disk.
        let known = known(look.moment, !deed.synced.is_empty(), look.has(Reads::WRITES));
        let there_is = there_is(known, &deed.released);
        if !self.promise.reads(config).has(there_is) {
            return Ok(());
        }
        let found = self.promise.look(&Look {
            at: look.at,
            event: look.event,
            node: look.node,
            moment: look.moment,
            released: &deed.released,
            synced: &deed.synced,
            nodes: Nodes::Guests(&through),
            cast: self.projection.cast(),
            config,
            guests: &OnceCell::new(),
            there_is,
        });
        self.named(found)
    }

    fn effect(&self, effect: &Effect<P::Host>) -> Option<Effect<P::Guest>> {
        let projection = &self.projection;
        Some(match effect {
            Effect::Send { to, message } | Effect::SendNow { to, message } => {
                Effect::Send { to: *to, message: projection.message(message)? }
            }
            Effect::Transmit { link, message } | Effect::TransmitNow { link, message } => {
                Effect::Send { to: link.peer, message: projection.message(message)? }
            }
            Effect::Announce(fact) | Effect::AnnounceNow(fact) => {
                Effect::Announce(projection.fact(fact)?)
            }
            Effect::Finish { op, ending } => Effect::Finish { op: *op, ending: ending.clone() },
            Effect::Halt => Effect::Halt,
            Effect::Dial { .. }
            | Effect::Hang(_)
            | Effect::SetTimer { .. }
            | Effect::CancelTimer(_)
            | Effect::Persist { .. } => return None,
        })
    }

    /// What is wrong, with the guest it is wrong for.
    fn named(&self, found: Result<(), Violation>) -> Result<(), Violation> {
        found.map_err(|violation| {
            let why = format!("{}: {}", self.projection, violation.why);
            Violation { why, ..violation }
        })
    }

    /// The operations of a history that are for the guest.
    fn history(&self, config: &<P::Host as Node>::Config, history: &History) -> History {
        let all = history.operations.iter();
        let own = all.filter(|record| self.projection.serves(config, &record.operation));
        History { operations: own.cloned().collect() }
    }
}

impl<P: Projection> Promise<P::Host> for PerGuest<P> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn look(&mut self, look: &Look<'_, P::Host>) -> Result<(), Violation> {
        self.prepare(look.config, look.cast);
        let shared = look.guests.get_or_init(|| Box::new(self.deeds(look)));
        if let Some(deeds) = shared.downcast_ref::<Vec<Deed<P::Guest>>>() {
            return self.look_at(look, deeds);
        }
        // Another promise has worked out what guests of another kind did.
        let deeds = self.deeds(look);
        self.look_at(look, &deeds)
    }

    fn recovery(&mut self, recovery: &Recovery<'_, P::Host>) -> Result<(), Violation> {
        self.prepare(recovery.config, recovery.cast);
        for kept in &mut self.kept {
            let history = kept.history(recovery.config, recovery.history);
            let through = Through { hosts: recovery.nodes, projection: &kept.projection };
            let found = kept.promise.recovery(&Recovery {
                at: recovery.at,
                event: recovery.event,
                phase: recovery.phase,
                window: recovery.window,
                history: &history,
                network: recovery.network,
                disk: recovery.disk,
                nodes: Nodes::Guests(&through),
                cast: kept.projection.cast(),
                config: kept.projection.config(recovery.config),
            });
            kept.named(found)?;
        }
        Ok(())
    }

    fn suspended(&self) -> Option<&str> {
        let mut all = self.kept.iter().map(|kept| kept.promise.suspended());
        let first = all.next()??;
        all.all(|suspended| suspended.is_some()).then_some(first)
    }

    fn at_end(&mut self, end: &End<'_, P::Host>) -> Result<(), Violation> {
        for kept in &mut self.kept {
            let history = kept.history(end.config, end.history);
            let through = Through { hosts: end.nodes, projection: &kept.projection };
            let found = kept.promise.at_end(&End {
                at: end.at,
                history: &history,
                nodes: Nodes::Guests(&through),
                cast: kept.projection.cast(),
                config: kept.projection.config(end.config),
            });
            kept.named(found)?;
        }
        Ok(())
    }

    fn is_undecided(&self) -> bool {
        self.kept.iter().any(|kept| kept.promise.is_undecided())
    }

    fn exercised(&self) -> u64 {
        self.kept.iter().map(|kept| kept.promise.exercised()).sum()
    }
}
