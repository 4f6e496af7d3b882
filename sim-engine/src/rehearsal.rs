//! One node on its own: single steps for tests, without an engine around them.

use crate::dice::Dice;
use crate::{
    Cast, Concern, Duration, Effect, Effects, Event, Instant, Mutant, Node, NodeId, StepContext,
};

/// Steps one node by hand and shows all it asks for.
///
/// ```
/// use sim_engine::{Cast, Effect, Node, Rehearsal};
/// fn first_effects<N: Node>(config: N::Config, cast: Cast<N::Role>) -> Vec<Effect<N>> {
///     let mut rehearsal = Rehearsal::<N>::new(config, cast, sim_engine::NodeId::new(0));
///     let mut node = rehearsal.boot(&N::Durable::default());
///     rehearsal.step(&mut node, sim_engine::Event::Started)
/// }
/// ```
#[derive(Debug)]
pub struct Rehearsal<N: Node> {
    config: N::Config,
    cast: Cast<N::Role>,
    id: NodeId,
    now: Instant,
    mutant: Option<Mutant>,
    choices: Dice,
    nonces: u64,
    effects: Effects<N>,
}

impl<N: Node> Rehearsal<N> {
    /// A rehearsal of the seat `id`.
    pub fn new(config: N::Config, cast: Cast<N::Role>, id: NodeId) -> Self {
        Self {
            config,
            cast,
            id,
            now: Instant::ZERO,
            mutant: None,
            choices: Dice::new(0, Concern::Choice, id.number()),
            nonces: 0,
            effects: Effects::default(),
        }
    }

    /// The same with a planted bug.
    #[must_use]
    pub fn with_mutant(mut self, mutant: Mutant) -> Self {
        self.mutant = Some(mutant);
        self
    }

    /// Lets time pass.
    pub fn pass(&mut self, length: Duration) {
        self.now = self.now + length;
    }

    fn context(&mut self) -> StepContext<'_, N> {
        StepContext {
            id: self.id,
            config: &self.config,
            cast: &self.cast,
            now: self.now,
            clock: None,
            life: 0,
            mutant: self.mutant,
            choices: &mut self.choices,
            nonces: &mut self.nonces,
        }
    }

    /// The node as it wakes up with this on its disk.
    pub fn boot(&mut self, durable: &N::Durable) -> N {
        N::boot(&self.context(), durable)
    }

    /// Gives the node one input and returns everything it asks for, in order.
    pub fn step(&mut self, node: &mut N, event: Event<N>) -> Vec<Effect<N>> {
        let mut effects = std::mem::take(&mut self.effects);
        node.step(&mut self.context(), event, &mut effects);
        effects.turn();
        let asked = std::iter::from_fn(|| effects.take()).map(|asked| asked.effect).collect();
        self.effects = effects;
        asked
    }
}
