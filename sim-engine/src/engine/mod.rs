//! The loop: take the next event, step the node, release its effects, let the promises look.

mod clients;
mod clock;
mod connections;
mod doom;
mod finish;
mod hands;
mod host;
mod lasting;
mod links;
mod measure;
mod place;
mod plan;
mod post;
mod queue;
mod recovery;
mod spec;
mod step;
mod strike;
mod sync;
mod trouble;
mod watch;

mod mail;
mod meant;

pub(crate) use clock::Clock;
pub(crate) use hands::Hand;
pub(crate) use place::{Place, SeatDice};
pub(crate) use queue::{INDEX_LIMIT, to_usize};
pub use spec::{DiskSpec, PlannedOperation, Spec};

use crate::dice::DiceBag;
use crate::network::{Network, Rooms};
use crate::timers::{Due, Timers};
use crate::trace::Sink;
use crate::{
    Cast, DigestHasher, Durable, Effects, EventId, History, Instant, MessageCounts, Mutant, Node,
    NodeId, Outcome, Stopped, Trace, TraceEvent, What,
};
use connections::Connections;
use mail::Mail;
use measure::{Meter, Milestones};
use plan::Plan;
use queue::{Kind, Queue};
use watch::Watch;

/// One run, from its first event to its last.
///
/// Two players return a ball until nine hits are done:
///
/// ```
/// use sim_engine::{
///     Cast, Duration, Effects, Event, Never, Node, NodeId, NodeView, Payload, RoleClass, Seat,
///     Simulation, Spec, Standing, StepContext,
/// };
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Ball(u64);
///
/// impl std::fmt::Display for Ball {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         write!(f, "ball {}", self.0)
///     }
/// }
///
/// impl Payload for Ball {
///     fn kind(&self) -> &'static str { "Ball" }
///     fn bytes(&self) -> u32 { 8 }
///     fn epoch(&self) -> Option<u64> { None }
/// }
///
/// #[derive(Clone, Debug, PartialEq, Eq, Hash)]
/// struct Player;
///
/// impl Node for Player {
///     type Config = ();
///     type Role = ();
///     type Message = Ball;
///     type Port = Never;
///     type Timer = Never;
///     type Durable = ();
///     type Command = Never;
///     type Admin = Never;
///     type Fact = Never;
///
///     fn boot(_: &StepContext<'_, Self>, _: &()) -> Self {
///         Player
///     }
///
///     fn step(
///         &mut self,
///         cx: &mut StepContext<'_, Self>,
///         event: Event<Self>,
///         out: &mut Effects<Self>,
///     ) {
///         match event {
///             Event::Started if cx.id() == NodeId::new(0) => out.send(NodeId::new(1), Ball(1)),
///             Event::Message { from, message: Ball(n) } if n < 9 => out.send(from, Ball(n + 1)),
///             Event::Started | Event::Message { .. } | Event::Synced(_) => {}
///             Event::DiskFailed => out.halt(),
///             Event::Timer(never) | Event::Admin(never) => match never {},
///             Event::Command { command, .. } => match command {},
///         }
///     }
///
///     fn standing(&self) -> Standing {
///         Standing { role: "player", class: RoleClass::Following, leads: false, epoch: 0 }
///     }
///
///     fn view(&self) -> NodeView {
///         NodeView::default()
///     }
/// }
///
/// let seat = |name: &str| Seat {
///     name: name.to_owned(),
///     kind: "player".to_owned(),
///     role: (),
///     place: None,
///     is_client: false,
/// };
/// let run = || {
///     let cast = Cast::new(vec![seat("ping"), seat("pong")]);
///     let spec: Spec<Player> = Spec::new(42, (), cast, Duration::secs(1));
///     Simulation::new(spec).run()
/// };
/// let (outcome, _) = run();
/// assert_eq!(outcome.messages.delivered, 9);
/// assert_eq!(outcome.digest, run().0.digest);
/// ```
#[derive(Debug)]
pub struct Simulation<N: Node> {
    seed: u64,
    config: N::Config,
    cast: Cast<N::Role>,
    lexicon: crate::Lexicon,
    mutant: Option<Mutant>,
    disk_spec: DiskSpec,
    usual_link: crate::Link,
    until: Instant,
    events_max: u64,

    now: Instant,
    queue: Queue,
    mail: Mail<N::Message>,
    timers: Timers<N::Timer>,
    places: Vec<Place<N>>,
    dice: Vec<SeatDice>,
    network: Network,
    /// Made when somebody dials for the first time.
    connections: Option<Box<Connections<N::Port>>>,
    plan: Plan<N::Admin>,
    history: History,
    watch: Watch<N>,
    meter: Meter,

    sink: Sink,
    digest: DigestHasher,
    last_id: u64,
    events: u64,
    messages: MessageCounts,
    milestones: Milestones,
    nonces: u64,
    stopped: Stopped,

    /// Buffers, kept so that steady traffic allocates nothing.
    effects: Effects<N>,
    synced: Vec<<N::Durable as Durable>::Delta>,
    /// True if the step that is being taken has handed something to a disk.
    has_written: bool,
}

impl<N: Node> Simulation<N> {
    /// A run that is about to begin.
    pub fn new(spec: Spec<N>) -> Self {
        let bag = DiceBag::new(spec.seed);
        let mut durables = spec.durables;
        durables.resize(spec.cast.len(), N::Durable::default());
        let places: Vec<Place<N>> = durables.into_iter().map(Place::new).collect();
        let dice = spec.cast.ids().map(|id| SeatDice::new(id.number(), &bag)).collect();
        let seats = || spec.cast.iter().map(|(_, seat)| seat.place.as_deref());
        let rooms = spec.topology.map(|topology| Rooms::new(topology, seats()));
        let mut simulation = Self {
            seed: spec.seed,
            network: Network::new(spec.link, places.len(), &bag).between(rooms),
            connections: None,
            timers: Timers::new(spec.cast.ids()),
            plan: Plan::new(spec.steps),
            meter: Meter::default(),
            watch: Watch::new(spec.promises, &spec.config),
            config: spec.config,
            cast: spec.cast,
            lexicon: spec.lexicon,
            mutant: spec.mutant,
            disk_spec: spec.disk,
            usual_link: spec.link,
            until: spec.until,
            events_max: spec.events_max,
            now: Instant::ZERO,
            queue: Queue::default(),
            mail: Mail::new(),
            places,
            dice,
            history: History::default(),
            sink: Sink::new(spec.recording),
            digest: DigestHasher::default(),
            last_id: 0,
            events: 0,
            messages: MessageCounts::default(),
            milestones: Milestones::default(),
            nonces: 0,
            stopped: Stopped::Quiet,
            effects: Effects::default(),
            synced: Vec::new(),
            has_written: false,
        };
        simulation.begin(&spec.late, spec.operations);
        simulation
    }

    /// Runs to the end.
    pub fn run(mut self) -> (Outcome, Trace) {
        while self.advance() {}
        self.finish()
    }

    /// Boots everybody who is not late, and queues the operations and the first steps.
    fn begin(&mut self, late: &[NodeId], operations: Vec<PlannedOperation>) {
        self.digest.word(self.seed);
        for operation in operations {
            self.plan_operation(operation);
        }
        // The first step may wait for something that happens while nodes boot.
        self.arm_first_steps();
        for id in self.cast.ids() {
            if !late.contains(&id) {
                self.boot(id, None);
            }
        }
    }

    /// Processes one event. False when the run is over.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each event costs several percent")]
    pub(crate) fn advance(&mut self) -> bool {
        if self.events >= self.events_max {
            if self.stopped != Stopped::MailLimit {
                self.stopped = Stopped::EventLimit;
            }
            return false;
        }
        let Some((at, kind, index)) = self.queue.pop(self.until) else {
            if !self.queue.is_empty() {
                self.now = self.until;
                self.stopped = Stopped::Time;
            }
            return false;
        };
        debug_assert!(at >= self.now, "time runs forwards");
        self.now = at;
        // Nearly all is mail, and is spared the way through the table of kinds.
        if kind == Kind::Mail {
            self.arrive(index);
        } else {
            self.advance_otherwise(kind, index);
        }
        true
    }

    /// The same for everything but whole messages. Kept apart: else a jump through a table, which
    /// is often foreseen wrongly, would stand before every message.
    #[inline(never)]
    fn advance_otherwise(&mut self, kind: Kind, index: u32) {
        match kind {
            Kind::Mail | Kind::Spoiled | Kind::Mutated => self.arrive_unusually(index, kind),
            Kind::Timer => self.timer_is_up(index),
            Kind::Disk => self.disk_is_done(seat(index)),
            Kind::Client => self.client_is_due(seat(index)),
            Kind::Step => self.step_is_due(index),
            Kind::Link => self.link_is_due(index),
            Kind::Processor => self.processor_is_done(seat(index)),
        }
    }

    #[inline]
    fn timer_is_up(&mut self, index: u32) {
        match self.timers.due(index, self.now) {
            Due::Stale => {}
            Due::Later(deadline) => self.queue.push(deadline, Kind::Timer, index),
            Due::Fire { node, timer, set_at } => self.fire(node, timer, set_at, None),
        }
    }

    /// The id of what happens next.
    #[inline]
    fn next_id(&mut self) -> EventId {
        self.last_id += 1;
        EventId(self.last_id)
    }

    /// Counts an event of the loop and folds it into the digest.
    #[inline]
    fn count(&mut self, node: NodeId, code: u64) {
        self.count_with(node, code, EventId(0));
    }

    /// The same for an event about another one.
    #[inline]
    fn count_with(&mut self, node: NodeId, code: u64, about: EventId) {
        self.events += 1;
        // One word for all: odd factors spread the time and the event over it, off the slow path.
        let time = self.now.nanos().wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let about = about.0.wrapping_mul(0xA076_1D64_78BD_642F);
        let word = time.wrapping_add(about).wrapping_add(code << 16 | u64::from(node.number()));
        self.digest.word(word);
    }

    /// Records an event, if anything is recorded. The closure runs only then.
    #[inline]
    fn record(
        &mut self,
        id: EventId,
        node: impl Into<Option<NodeId>>,
        cause: Option<EventId>,
        what: impl FnOnce(&Self) -> What,
    ) {
        if self.sink.is_on() {
            let what = what(self);
            self.sink.push(TraceEvent { id, at: self.now, node: node.into(), cause, what });
        }
    }
}

/// What few nodes ever need.
impl<N: Node> Simulation<N> {
    fn rare(&mut self, id: NodeId) -> &mut place::Rare<N> {
        let seed = self.seed;
        self.places[id.index()].rare.get_or_insert_with(|| place::Rare::new(seed, id))
    }
}

/// The seat a queued key stands for.
fn seat(index: u32) -> NodeId {
    NodeId::new(u16::try_from(index).unwrap_or(u16::MAX))
}
