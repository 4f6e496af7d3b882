//! How fast the engine moves messages: the cases that other simulators are measured by.
//!
//! `cargo run --release -p sim-engine --example throughput -- CASE [--trace ring|full]` with CASE
//! `pingpong N`, `heartbeat SECONDS`, `broadcast NODES SECONDS` or `seeds COUNT`; seconds are
//! simulated. One line on stdout:
//! `partitura,CASE,delivered,wall_s,cpu_s,messages_per_cpu_s,peak_rss_kb,digest`. The environment
//! variable `SEED` sets the seed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "a benchmark measures the wall clock and prints"
)]

use std::fmt;

use serde::Deserialize;
use sim_engine::{
    Cast, Delay, Duration, Effects, Event, Link, Never, Node, NodeId, NodeView, Operation, Outcome,
    Payload, Recording, Role, RoleClass, Seat, Simulation, Spec, Standing, StepContext, Timer,
    TimerSlot,
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
        match event {
            Event::Message { from, message } => self.on_message(from, message, out),
            Event::Timer(Tick) => self.on_tick(cx, out),
            Event::Started => self.on_started(cx, out),
            Event::Command { .. } | Event::Synced(_) | Event::DiskFailed => {}
            Event::Admin(never) => match never {},
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
    fn on_started(&mut self, cx: &mut StepContext<'_, Self>, out: &mut Effects<Self>) {
        match self.part {
            Part::Serve(n) => out.send(NodeId::new(1), Letter::Ball(n - 1)),
            Part::Lead => out.set_timer(Tick, Duration::millis(50)),
            Part::Gossip => {
                let first = cx.choose(Duration::millis(100).as_nanos());
                out.set_timer(Tick, Duration::nanos(first));
            }
            Part::Return | Part::Answer => {}
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
    Simulation::new(Spec { link, recording, ..spec }).run().0
}

fn heartbeat(seconds: u64, how: (u64, Recording)) -> Outcome {
    let parts = std::iter::once(Part::Lead).chain(std::iter::repeat_n(Part::Answer, 4));
    run(parts, Duration::secs(seconds), jittered(), how)
}

fn jittered() -> Delay {
    Delay::Uniform { min: Duration::millis(1), max: Duration::millis(10) }
}

/// Delivered messages and digest of a case; `None` if the arguments make no sense.
fn measure(arguments: &[String], how: (u64, Recording)) -> Option<(u64, u64)> {
    let number = |place: usize| arguments.get(place)?.parse::<u64>().ok().filter(|n| *n > 0);
    let outcome = match arguments.first()?.as_str() {
        "pingpong" => {
            let n = number(1)?;
            let parts = [Part::Serve(n), Part::Return];
            let delay = Delay::Fixed(Duration::millis(1));
            run(parts.into_iter(), Duration::millis(n + 1), delay, how)
        }
        "heartbeat" => heartbeat(number(1)?, how),
        "broadcast" => {
            let nodes = usize::from(u16::try_from(number(1)?).ok().filter(|n| *n > 1)?);
            let parts = std::iter::repeat_n(Part::Gossip, nodes);
            run(parts, Duration::secs(number(2)?), jittered(), how)
        }
        "seeds" => {
            let mut sum = (0, 0);
            for seed in 0..number(1)? {
                let outcome = heartbeat(10, (seed, how.1));
                sum = (sum.0 + outcome.messages.delivered, sum.1 ^ outcome.digest.0);
            }
            return Some(sum);
        }
        _ => return None,
    };
    Some((outcome.messages.delivered, outcome.digest.0))
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut recording = Recording::Nothing;
    if let Some(place) = arguments.iter().position(|argument| argument == "--trace") {
        recording = match arguments.get(place + 1).map(String::as_str) {
            Some("ring") => Recording::Ring(10_000),
            Some("full") => Recording::Everything,
            _ => usage(),
        };
        arguments.drain(place..place + 2);
    }
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let start = std::time::Instant::now();
    let Some((delivered, digest)) = measure(&arguments, (seed, recording)) else { usage() };
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds().unwrap_or(wall);
    let case = arguments.join(" ");
    let rss = peak_rss_kb().unwrap_or(0);
    let rate = per_second(delivered, cpu);
    println!("partitura,{case},{delivered},{wall:.6},{cpu:.6},{rate:.0},{rss},{digest:016x}");
}

fn usage() -> ! {
    eprintln!(
        "usage: throughput pingpong N | heartbeat SECONDS | broadcast NODES SECONDS | seeds COUNT \
         [--trace ring|full]"
    );
    std::process::exit(2)
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a rate for people")]
fn per_second(n: u64, seconds: f64) -> f64 {
    n as f64 / seconds
}

/// The CPU time of this process, as Linux counts it.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanos: f64 = text.split_whitespace().next()?.parse().ok()?;
    (nanos > 0.0).then_some(nanos / 1e9)
}

fn peak_rss_kb() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
