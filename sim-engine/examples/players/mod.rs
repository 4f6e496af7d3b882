//! The players of the throughput cases: what the example measures, and the benchmarks.

use std::fmt;

use serde::Deserialize;
use sim_engine::faults::{Calm, Delaying, Duplication, Loss, Partition};
use sim_engine::{
    Action, Cast, Delay, Duration, Effects, Event, Fault, Instant, Link, Never, Node, NodeId,
    NodeView, Operation, Outcome, Payload, Recording, Role, RoleClass, Seat, Selector, Simulation,
    Spec, Standing, Step, StepContext, Timer, TimerSlot,
};

/// What a node of the benchmark does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
enum Part {
    /// Sends the first of this many messages and returns every one.
    Serve(u64),
    /// Returns every message with one less in it.
    Return,
    /// Sends a heartbeat to everybody every 50 ms.
    Lead,
    /// Answers heartbeats.
    Answer,
    /// Sends five messages to random others every 100 ms.
    Gossip,
    /// Does nothing.
    Sleep,
}

impl Role for Part {
    fn kind(&self) -> &'static str {
        "node"
    }
    fn is_client(&self) -> bool {
        false
    }
}

/// A kind and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Letter {
    Ball(u64),
    Beat(u64),
    Echo(u64),
    Rumour(u64),
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl Payload for Letter {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ball(_) => "Ball",
            Self::Beat(_) => "Beat",
            Self::Echo(_) => "Echo",
            Self::Rumour(_) => "Rumour",
        }
    }
    fn bytes(&self) -> u32 {
        16
    }
    fn epoch(&self) -> Option<u64> {
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Tick;

impl Timer for Tick {
    const PLAIN: u16 = 1;
    fn slot(self) -> TimerSlot {
        TimerSlot::Plain(0)
    }
    fn name(self) -> &'static str {
        "tick"
    }
    fn named(name: &str) -> Option<Self> {
        (name == "tick").then_some(Self)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Player {
    part: Part,
    number: u64,
}

impl Node for Player {
    type Config = ();
    type Role = Part;
    type Message = Letter;
    type Port = Never;
    type Timer = Tick;
    type Durable = ();
    type Command = Operation;
    type Admin = Never;
    type Fact = Never;

    fn boot(cx: &StepContext<'_, Self>, (): &()) -> Self {
        Self { part: cx.seat().role, number: 0 }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        out: &mut Effects<Self>,
    ) {
        // Nearly all is messages; what is rare lies in a function of its own.
        if let Event::Message { from, message } = event {
            self.on_message(from, message, out);
        } else {
            self.on_other(cx, &event, out);
        }
    }

    fn standing(&self) -> Standing {
        Standing { role: "node", class: RoleClass::Following, leads: false, epoch: 0 }
    }

    fn view(&self) -> NodeView {
        NodeView::default()
    }
}

impl Player {
    #[inline(never)]
    fn on_other(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: &Event<Self>,
        out: &mut Effects<Self>,
    ) {
        match event {
            Event::Timer(Tick) => self.on_tick(cx, out),
            Event::Started => self.on_started(cx, out),
            Event::Message { .. }
            | Event::Received { .. }
            | Event::LinkUp(_)
            | Event::LinkDown { .. }
            | Event::Command { .. }
            | Event::Synced(_)
            | Event::DiskFailed => {}
            Event::Admin(never) => match *never {},
        }
    }

    fn on_started(&mut self, cx: &mut StepContext<'_, Self>, out: &mut Effects<Self>) {
        match self.part {
            Part::Serve(n) => out.send(NodeId::new(1), Letter::Ball(n - 1)),
            Part::Lead => out.set_timer(Tick, Duration::millis(50)),
            Part::Gossip => {
                let first = cx.choose(Duration::millis(100).as_nanos());
                out.set_timer(Tick, Duration::nanos(first));
            }
            Part::Return | Part::Answer | Part::Sleep => {}
        }
    }

    fn on_message(&mut self, from: NodeId, message: Letter, out: &mut Effects<Self>) {
        match message {
            Letter::Ball(0) | Letter::Echo(_) => {}
            Letter::Ball(n) => out.send(from, Letter::Ball(n - 1)),
            Letter::Beat(term) => {
                self.number = term;
                out.send(from, Letter::Echo(term));
            }
            Letter::Rumour(n) => self.number = self.number.max(n) + 1,
        }
    }

    fn on_tick(&mut self, cx: &mut StepContext<'_, Self>, out: &mut Effects<Self>) {
        if self.part == Part::Lead {
            for peer in cx.cast().ids().skip(1) {
                out.send(peer, Letter::Beat(self.number));
            }
            self.number += 1;
            return out.set_timer(Tick, Duration::millis(50));
        }
        let me = cx.id().number();
        let others = u64::from(u16::try_from(cx.cast().len()).unwrap_or(u16::MAX)) - 1;
        for _ in 0..5 {
            let place = u16::try_from(cx.choose(others)).unwrap_or(0);
            let peer = NodeId::new(if place >= me { place + 1 } else { place });
            out.send(peer, Letter::Rumour(self.number));
        }
        out.set_timer(Tick, Duration::millis(100));
    }
}

/// A run of `parts` for `length` with this delay.
fn run(
    parts: impl Iterator<Item = Part>,
    length: Duration,
    delay: Delay,
    how: (u64, Recording),
) -> Outcome {
    run_through(Vec::new(), parts, length, delay, how)
}

/// The same, with faults.
fn run_through(
    steps: Vec<Step<Never>>,
    parts: impl Iterator<Item = Part>,
    length: Duration,
    delay: Delay,
    (seed, recording): (u64, Recording),
) -> Outcome {
    let seat = |(n, role)| Seat {
        name: format!("n{n}"),
        kind: "node".to_owned(),
        role,
        place: None,
        is_client: false,
    };
    let cast = Cast::new((0..).zip(parts).map(|(n, part): (u32, Part)| seat((n, part))).collect());
    let link = Link::clean(delay);
    let spec: Spec<Player> = Spec::new(seed, (), cast, length);
    Simulation::new(Spec { link, recording, steps, ..spec }).run().0
}

/// Two players return one ball `n` times, 1 ms each way.
pub(crate) fn pingpong(n: u64, how: (u64, Recording)) -> Outcome {
    let parts = [Part::Serve(n), Part::Return];
    let delay = Delay::Fixed(Duration::millis(1));
    run(parts.into_iter(), Duration::millis(n + 1), delay, how)
}

/// A leader and four who answer its heartbeats.
pub(crate) fn heartbeat(seconds: u64, how: (u64, Recording)) -> Outcome {
    let parts = std::iter::once(Part::Lead).chain(std::iter::repeat_n(Part::Answer, 4));
    run(parts, Duration::secs(seconds), jittered(), how)
}

/// The same, after faults of every link have come and gone in the first quarter of a second: what
/// faults that are over cost.
pub(crate) fn calmed(seconds: u64, how: (u64, Recording)) -> Outcome {
    let (from, to, per_million) = (None, None, 100_000);
    let slow = Delay::Fixed(Duration::millis(20));
    let faults = [
        Fault::Partition(Partition { groups: vec![vec![Selector::Seat(NodeId::new(0))]] }),
        Fault::Delay(Delaying { from: None, to: None, delay: slow }),
        Fault::Loss(Loss { from: None, to: None, per_million }),
        Fault::Duplicate(Duplication { from, to, per_million }),
    ];
    let ends = [Fault::Heal, Fault::Calm(Calm::Everything)];
    let step =
        |ms| move |fault| Step::at(Instant::ZERO + Duration::millis(ms), Action::Fault(fault));
    let steps = faults.into_iter().map(step(60)).chain(ends.into_iter().map(step(250)));
    let parts = std::iter::once(Part::Lead).chain(std::iter::repeat_n(Part::Answer, 4));
    run_through(steps.collect(), parts, Duration::secs(seconds), jittered(), how)
}

/// Nodes that do nothing for an hour.
pub(crate) fn idle(nodes: u16, how: (u64, Recording)) -> Outcome {
    let parts = std::iter::repeat_n(Part::Sleep, usize::from(nodes));
    run(parts, Duration::secs(3_600), jittered(), how)
}

/// Nodes that tell each other rumours.
pub(crate) fn broadcast(nodes: u16, seconds: u64, how: (u64, Recording)) -> Outcome {
    let parts = std::iter::repeat_n(Part::Gossip, usize::from(nodes));
    run(parts, Duration::secs(seconds), jittered(), how)
}

fn jittered() -> Delay {
    Delay::Uniform { min: Duration::millis(1), max: Duration::millis(10) }
}
