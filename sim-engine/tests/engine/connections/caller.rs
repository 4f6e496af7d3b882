//! A caller: a node that dials, transmits and hangs up as a step tells it, and shows what it hears.

use std::fmt;

use serde::Deserialize;
use sim_engine::{
    Cast, Delay, Dialler, Dice, Duration, Effects, Event, Link, LinkId, LinkView, Never, Node,
    NodeId, NodeView, Outcome, Payload, Port, Recording, RoleClass, Seat, Simulation, Slot, Spec,
    Standing, Step, StepContext, Trace, TraceEvent, What,
};

use crate::common::Notebook;

/// Two links between two nodes are possible, and one more each way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub(crate) enum Line {
    Red,
    Blue,
}

impl Port for Line {
    fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Blue => "blue",
        }
    }
}

/// What a caller can be told to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) enum Act {
    Dial(u16, Line),
    Hang(Over),
    /// Transmit a word.
    Say(Over, u64),
    /// Transmit it past the disk.
    SayNow(Over, u64),
    /// Transmit a question: the answer comes on the same link.
    Ask(Over, u64),
    /// Send a datagram.
    Send(u16, u64),
    Write(u32),
    Halt,
}

/// A link: whom it is with, on which port, and whether the caller dialled it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(crate) struct Over(pub(crate) u16, pub(crate) Line, pub(crate) bool);

/// The red link that a caller dialled.
pub(crate) fn to(peer: u16) -> Over {
    Over(peer, Line::Red, true)
}

/// The red link that a peer dialled.
pub(crate) fn from(peer: u16) -> Over {
    Over(peer, Line::Red, false)
}

impl From<Over> for LinkId<Line> {
    fn from(Over(peer, port, is_mine): Over) -> Self {
        let dialler = if is_mine { Dialler::Me } else { Dialler::Peer };
        Self { peer: NodeId::new(peer), port, dialler }
    }
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

/// What callers say.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Talk {
    Word(u64),
    Question(u64),
}

impl Payload for Talk {
    fn kind(&self) -> &'static str {
        match self {
            Self::Word(_) => "Word",
            Self::Question(_) => "Question",
        }
    }

    fn bytes(&self) -> u32 {
        8
    }

    fn epoch(&self) -> Option<u64> {
        None
    }

    fn corrupted(&self, dice: &mut Dice) -> Option<Self> {
        let Self::Word(n) = self else { return None };
        Some(Self::Word(n ^ 1 << dice.below(8)))
    }
}

impl fmt::Display for Talk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(n) => write!(f, "{n}"),
            Self::Question(n) => write!(f, "{n}?"),
        }
    }
}

/// A word arrived, or a write is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Heard(pub(crate) String);

impl sim_engine::Fact for Heard {
    fn name(&self) -> &'static str {
        "heard"
    }

    fn details(&self) -> Vec<(&'static str, Slot)> {
        vec![("", Slot::Text(self.0.clone()))]
    }

    fn weight(&self) -> u8 {
        10
    }

    fn caption(&self) -> Option<sim_engine::Caption> {
        None
    }
}

/// The caller.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Caller {
    notebook: Notebook,
}

impl Node for Caller {
    type Config = ();
    type Role = ();
    type Message = Talk;
    type Port = Line;
    type Timer = Never;
    type Durable = Notebook;
    type Command = Never;
    type Admin = Do;
    type Fact = Heard;

    fn boot(_: &StepContext<'_, Self>, durable: &Notebook) -> Self {
        Self { notebook: durable.clone() }
    }

    fn step(
        &mut self,
        _: &mut StepContext<'_, Self>,
        event: Event<Self>,
        effects: &mut Effects<Self>,
    ) {
        match event {
            Event::Admin(Do(acts)) => {
                for act in acts {
                    self.act(&act, effects);
                }
            }
            Event::Received { link, message: Talk::Question(n) } => {
                effects.transmit(link, Talk::Word(n + 1));
            }
            Event::Received { .. }
            | Event::Message { .. }
            | Event::Started
            | Event::LinkUp(_)
            | Event::LinkDown { .. }
            | Event::Synced(_)
            | Event::DiskFailed => {}
        }
    }

    fn standing(&self) -> Standing {
        Standing { role: "caller", class: RoleClass::Following, leads: false, epoch: 0 }
    }

    fn view(&self) -> NodeView {
        NodeView::default()
    }
}

impl Caller {
    fn act(&mut self, act: &Act, effects: &mut Effects<Self>) {
        match *act {
            Act::Dial(to, port) => {
                effects.dial(NodeId::new(to), port);
            }
            Act::Hang(over) => effects.hang(over.into()),
            Act::Say(over, n) => effects.transmit(over.into(), Talk::Word(n)),
            Act::SayNow(over, n) => effects.transmit_now(over.into(), Talk::Word(n)),
            Act::Ask(over, n) => effects.transmit(over.into(), Talk::Question(n)),
            Act::Send(to, n) => effects.send(NodeId::new(to), Talk::Word(n)),
            Act::Write(n) => effects.persist(&mut self.notebook, n),
            Act::Halt => effects.halt(),
        }
    }
}

/// A run of so many callers for ten seconds with messages that take 5 ms, recorded in full.
pub(crate) fn spec(callers: u16) -> Spec<Caller> {
    let seat = |n: u16| Seat {
        name: format!("n{n}"),
        kind: "caller".to_owned(),
        role: (),
        place: None,
        is_client: false,
    };
    let cast = Cast::new((0..callers).map(seat).collect());
    let mut spec = Spec::new(1, (), cast, Duration::secs(10));
    spec.link = Link::clean(Delay::Fixed(Duration::millis(5)));
    spec.recording = Recording::Everything;
    spec
}

/// Runs these steps on so many callers.
pub(crate) fn play(callers: u16, steps: Vec<Step<Do>>) -> (Outcome, Trace) {
    let mut spec = spec(callers);
    spec.steps = steps;
    Simulation::new(spec).run()
}

/// A step that tells a node what to do at a time, in milliseconds.
pub(crate) fn tell(ms: u64, node: &str, acts: impl Into<Vec<Act>>) -> Step<Do> {
    let nodes = crate::common::whom(node);
    let trigger = sim_engine::Trigger::At(crate::common::at(ms));
    crate::common::step(trigger, sim_engine::Action::Admin { nodes, command: Do(acts.into()) })
}

/// What happened, one line each, in order.
pub(crate) fn lines(trace: &Trace) -> Vec<String> {
    trace.events.iter().filter_map(|event| line(trace, event)).collect()
}

fn line(trace: &Trace, event: &TraceEvent) -> Option<String> {
    let name = |id: NodeId| trace.cast.name(id);
    let end = |link: &LinkView| {
        let direction = if link.is_dialled { "to" } else { "from" };
        format!("{direction} {} {}", name(link.peer), link.port)
    };
    let label = |wanted| {
        let sent = trace.events.iter().find(|event| event.id == wanted);
        match sent.map(|event| &event.what) {
            Some(What::Sent { label, .. }) => label.as_str(),
            _ => "a copy",
        }
    };
    let node = event.node.map(name).unwrap_or_default();
    let what = match &event.what {
        What::LinkUp { link } => format!("up {}", end(link)),
        What::LinkDown { link, why } => format!("down {}: {}", end(link), why.word()),
        What::Delivered { message, .. } => format!("gets {}", label(*message)),
        What::Dropped { message, why, .. } => format!("loses {}: {}", label(*message), why.words()),
        What::Crashed { .. } => "crashes".to_owned(),
        _ => return None,
    };
    Some(format!("{} {node} {what}", event.at.to_string().trim_end_matches(" ms")))
}
