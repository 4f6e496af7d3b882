//! A puppet: a node that does what a step tells it, so that each test shows all it needs in one
//! place. Long because it can do whatever any of the tests needs.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind of event; new kinds are none of its business"
)]

mod notebook;

use std::fmt;

use serde::Deserialize;
use sim_engine::{
    Action, Cast, Delay, Dice, Duration, Effects, Ending, Event, Fault, Instant, Link, Never, Node,
    NodeId, NodeView, Operation, Outcome, Payload, Recording, Reply, Role, RoleClass, Row, Seat,
    Selector, Slot, Spec, Standing, Step, StepContext, TimerSlot, Topics, Trace, Trigger, What,
};

pub(crate) use notebook::Notebook;

/// What a puppet can be told to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) enum Act {
    /// Send this word to that seat.
    Send(u16, u8),
    /// Send it past the disk.
    SendNow(u16, u8),
    /// Send a ball that is returned that many times.
    Serve(u16, u64),
    /// Write to the disk.
    Write(u32),
    /// Write, and tell when it is on disk.
    WriteAndTell(u32),
    /// Write some time.
    WriteLazily(u32),
    /// Set an alarm to so many milliseconds.
    Set(Alarm, u64),
    /// Cancel it.
    Cancel(Alarm),
    /// Announce a number.
    Tell(u32),
    /// Announce it past the disk.
    TellNow(u32),
    /// Tell what both clocks show.
    Clocks,
    /// Lead in this epoch.
    Lead(u64),
    /// Follow.
    Follow,
    /// Exit.
    Halt,
}

/// A list of things to do in one step.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) struct Do(pub(crate) Vec<Act>);

impl fmt::Display for Do {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
impl sim_engine::Admin for Do {}

/// The alarms: two plain ones and one for each number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) enum Alarm {
    A,
    B,
    For(u64),
}

impl sim_engine::Timer for Alarm {
    const PLAIN: u16 = 2;

    fn slot(self) -> TimerSlot {
        match self {
            Self::A => TimerSlot::Plain(0),
            Self::B => TimerSlot::Plain(1),
            Self::For(key) => TimerSlot::Keyed(0, key),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::A => "a",
            Self::B => "b",
            Self::For(_) => "for",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::A, Self::B, Self::For(0)].into_iter().find(|alarm| alarm.name() == name)
    }
}

/// The topic of words, and of numbers that are told.
pub(crate) const WORDS: Topics = Topics::one(3);

/// What puppets send.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Note {
    Word(u8),
    Ball(u64),
    Ask(u32),
    Answer(u32),
}

impl Payload for Note {
    fn kind(&self) -> &'static str {
        match self {
            Self::Word(_) => "Word",
            Self::Ball(_) => "Ball",
            Self::Ask(_) => "Ask",
            Self::Answer(_) => "Answer",
        }
    }

    fn bytes(&self) -> u32 {
        8
    }

    fn epoch(&self) -> Option<u64> {
        None
    }

    /// Balls are about nothing, words about themselves; of the rest nothing is said.
    fn topics(&self) -> Topics {
        match self {
            Self::Word(_) => WORDS,
            Self::Ball(_) => Topics::OTHER,
            Self::Ask(_) | Self::Answer(_) => Topics::UNKNOWN,
        }
    }

    /// Only words opt into damage.
    fn corrupted(&self, dice: &mut Dice) -> Option<Self> {
        let Self::Word(n) = self else { return None };
        u8::try_from(dice.below(8)).ok().map(|bit| Self::Word(n ^ 1 << bit))
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(n) => write!(f, "Word {n}"),
            Self::Ball(n) => write!(f, "Ball {n}"),
            Self::Ask(n) => write!(f, "Ask {n}"),
            Self::Answer(n) => write!(f, "Answer {n}"),
        }
    }
}

/// What puppets announce.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum News {
    Woke { notes: Vec<u32> },
    Told(u32),
    OnDisk(u64),
    DiskFailed,
    Rang(Alarm),
    Clocks(Instant, Instant),
}

impl sim_engine::Fact for News {
    fn name(&self) -> &'static str {
        match self {
            Self::Woke { .. } => "woke",
            Self::Told(_) => "told",
            Self::OnDisk(_) => "on-disk",
            Self::DiskFailed => "disk-failed",
            Self::Rang(_) => "rang",
            Self::Clocks(..) => "sees",
        }
    }

    fn details(&self) -> Vec<(&'static str, Slot)> {
        let text = match self {
            Self::Woke { notes } => format!("{notes:?}"),
            Self::Told(n) => n.to_string(),
            Self::OnDisk(n) => n.to_string(),
            Self::DiskFailed => String::new(),
            Self::Rang(alarm) => format!("{alarm:?}"),
            Self::Clocks(wall, monotonic) => format!("{wall}, {monotonic}"),
        };
        vec![("", Slot::Text(text))]
    }

    fn weight(&self) -> u8 {
        10
    }

    fn caption(&self) -> Option<sim_engine::Caption> {
        None
    }

    fn topics(&self) -> Topics {
        if matches!(self, Self::Told(_)) { WORDS } else { Topics::UNKNOWN }
    }
}

/// What a seat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) enum Kind {
    Server,
    Client,
}

impl Role for Kind {
    fn kind(&self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
        }
    }

    fn is_client(&self) -> bool {
        *self == Self::Client
    }
}

/// The puppet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Puppet {
    pub(crate) notebook: Notebook,
    pub(crate) leads: bool,
    pub(crate) epoch: u64,
}

impl Node for Puppet {
    type Config = ();
    type Role = Kind;
    type Message = Note;
    type Port = Never;
    type Timer = Alarm;
    type Durable = Notebook;
    type Command = Operation;
    type Admin = Do;
    type Fact = News;

    fn boot(_: &StepContext<'_, Self>, durable: &Notebook) -> Self {
        Self { notebook: durable.clone(), leads: false, epoch: 0 }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        effects: &mut Effects<Self>,
    ) {
        match event {
            Event::Started => effects.announce(News::Woke { notes: self.notebook.0.clone() }),
            Event::Admin(Do(acts)) => {
                for act in acts {
                    self.act(&act, cx, effects);
                }
            }
            Event::Message { from, message } => match message {
                Note::Ball(0) | Note::Word(_) => {}
                Note::Ball(n) => effects.send(from, Note::Ball(n - 1)),
                Note::Ask(n) => effects.send(from, Note::Answer(n)),
                Note::Answer(n) => {
                    effects.finish(sim_engine::OpId(n), Ending::Ok(Reply::Done));
                }
            },
            Event::Timer(alarm) => effects.announce(News::Rang(alarm)),
            Event::Synced(ticket) => effects.announce(News::OnDisk(ticket.0)),
            Event::DiskFailed => effects.announce(News::DiskFailed),
            // Clients ask seat 0; a `read` is answered at once.
            Event::Command { op, command: Operation::Read { .. } } => {
                effects.finish(op, Ending::Ok(Reply::Value(None)));
            }
            Event::Command { op, .. } => effects.send(NodeId::new(0), Note::Ask(op.0)),
        }
    }

    fn standing(&self) -> Standing {
        let role = if self.leads { "leader" } else { "follower" };
        let class = if self.leads { RoleClass::InCharge } else { RoleClass::Following };
        Standing { role, class, leads: self.leads, epoch: self.epoch }
    }

    fn view(&self) -> NodeView {
        let value = format!("{:?}", self.notebook.0);
        NodeView { cells: Vec::new(), rows: vec![Row::plain("notes", value)] }
    }
}

impl Puppet {
    fn act(&mut self, act: &Act, cx: &StepContext<'_, Self>, effects: &mut Effects<Self>) {
        match *act {
            Act::Send(to, n) => effects.send(NodeId::new(to), Note::Word(n)),
            Act::SendNow(to, n) => effects.send_now(NodeId::new(to), Note::Word(n)),
            Act::Serve(to, n) => effects.send(NodeId::new(to), Note::Ball(n)),
            Act::Write(n) => effects.persist(&mut self.notebook, n),
            Act::WriteAndTell(n) => {
                effects.persist_with_ticket(&mut self.notebook, n);
            }
            Act::WriteLazily(n) => effects.persist_lazily(&mut self.notebook, n),
            Act::Set(alarm, ms) => effects.set_timer(alarm, Duration::millis(ms)),
            Act::Cancel(alarm) => effects.cancel_timer(alarm),
            Act::Tell(n) => effects.announce(News::Told(n)),
            Act::TellNow(n) => effects.announce_now(News::Told(n)),
            Act::Clocks => effects.announce(News::Clocks(cx.local_now(), cx.monotonic())),
            Act::Lead(epoch) => (self.leads, self.epoch) = (true, epoch),
            Act::Follow => self.leads = false,
            Act::Halt => effects.halt(),
        }
    }
}

/// Servers `n0`, `n1` ..., then clients `c0`, `c1` ....
pub(crate) fn cast(servers: u16, clients: u16) -> Cast<Kind> {
    let seat = |sign: &str, n: u16, role: Kind| Seat {
        name: format!("{sign}{n}"),
        kind: role.kind().to_owned(),
        role,
        place: Some(format!("room-{}", n % 2)),
        is_client: role.is_client(),
    };
    let servers = (0..servers).map(|n| seat("n", n, Kind::Server));
    let clients = (0..clients).map(|n| seat("c", n, Kind::Client));
    Cast::new(servers.chain(clients).collect())
}

/// A run of one second with messages that take 5 ms, recorded in full.
pub(crate) fn spec(servers: u16, clients: u16) -> Spec<Puppet> {
    let mut spec = Spec::new(1, (), cast(servers, clients), Duration::secs(1));
    spec.link = Link::clean(Delay::Fixed(Duration::millis(5)));
    spec.recording = Recording::Everything;
    spec
}

pub(crate) fn at(ms: u64) -> Instant {
    Instant::ZERO + Duration::millis(ms)
}

pub(crate) fn whom(name: &str) -> Selector {
    Selector::parse(name)
}

pub(crate) fn step<A>(trigger: Trigger, action: Action<A>) -> Step<A> {
    Step { trigger, ..Step::at(Instant::ZERO, action) }
}

/// A step that tells nodes what to do at a time, in milliseconds.
pub(crate) fn tell(ms: u64, nodes: &str, acts: impl Into<Vec<Act>>) -> Step<Do> {
    let command = Do(acts.into());
    step(Trigger::At(at(ms)), Action::Admin { nodes: whom(nodes), command })
}

/// A step that lets a fault strike at a time.
pub(crate) fn strike<A>(ms: u64, fault: Fault<Selector>) -> Step<A> {
    step(Trigger::At(at(ms)), Action::Fault(fault))
}

pub(crate) fn crash<A>(ms: u64, node: &str) -> Step<A> {
    strike(
        ms,
        Fault::Crash(sim_engine::faults::Crash {
            nodes: vec![whom(node)],
            of: sim_engine::faults::CrashOf::Machine,
        }),
    )
}

pub(crate) fn restart<A>(ms: u64, node: &str) -> Step<A> {
    strike(ms, Fault::Restart(sim_engine::faults::Restart { nodes: vec![whom(node)] }))
}

pub(crate) fn partition<A>(ms: u64, groups: &[&[&str]]) -> Step<A> {
    let groups = groups.iter().map(|group| group.iter().map(|name| whom(name)).collect()).collect();
    strike(ms, Fault::Partition(sim_engine::faults::Partition { groups }))
}

/// Runs these steps on so many servers and clients.
pub(crate) fn play(servers: u16, clients: u16, steps: Vec<Step<Do>>) -> (Outcome, Trace) {
    let mut spec = spec(servers, clients);
    spec.steps = steps;
    sim_engine::Simulation::new(spec).run()
}

/// What happened, one line each, in order: arrivals, losses, facts, ends of operations, crashes.
/// The facts of the first boots are left out.
pub(crate) fn lines(trace: &Trace) -> Vec<String> {
    let name = |id: NodeId| trace.cast.name(id);
    let label = |wanted| {
        let sent = trace.events.iter().find(|event| event.id == wanted)?;
        match &sent.what {
            What::Sent { label, .. } => Some(label.as_str()),
            What::Duplicated { .. } => Some("a copy"),
            _ => None,
        }
    };
    let line = |event: &sim_engine::TraceEvent| {
        let node = event.node.map(name).unwrap_or_default();
        let what = match &event.what {
            What::Delivered { message, from } => {
                format!("{node} gets {} from {}", label(*message)?, name(*from))
            }
            What::Dropped { message, to, why } => {
                format!("{node} loses {} for {}: {}", label(*message)?, name(*to), why.words())
            }
            What::Fact(fact) if fact.name == "woke" && event.at == Instant::ZERO => return None,
            What::Fact(fact) => {
                format!("{node} {} {}", fact.name, fact.details_text(&trace.cast))
            }
            What::Finished { op, .. } => format!("{node} ends {}", op.0),
            What::Crashed { death: sim_engine::Death::Halt, .. } => format!("{node} exits"),
            What::Crashed { writes_lost, .. } => format!("{node} crashes and loses {writes_lost}"),
            What::DiskFailed { writes_lost } => format!("{node} has lost {writes_lost}"),
            _ => return None,
        };
        Some(format!("{} {what}", event.at.to_string().trim_end_matches(" ms")))
    };
    trace.events.iter().filter_map(line).collect()
}

/// How often faults of a kind were armed, and how often they acted.
pub(crate) fn fault_count(outcome: &Outcome, kind: &str) -> (u64, u64) {
    let count = outcome.faults.iter().find(|count| count.kind == kind);
    count.map_or((0, 0), |count| (count.armed, count.acted))
}

/// Whatever was sent has arrived, was lost for a reason, or is under way.
pub(crate) fn balanced(outcome: &Outcome) {
    let messages = outcome.messages;
    assert_eq!(messages.sent, messages.delivered + messages.dropped + messages.in_flight);
}
