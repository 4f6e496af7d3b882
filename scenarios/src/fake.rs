//! A protocol of a few lines, for tests of this crate: one server keeps a register, clients ask it.

use std::fmt;

use serde::Deserialize;
use sim_engine::{
    Caption, Durable, Duration, Effect, Effects, Ending, Event, Fact, Lexicon, Look, Mutant,
    MutantClass, MutantInfo, Node, NodeId, NodeView, OpId, Operation, Payload, Promise,
    PromiseInfo, Protocol, Reply, Role, RoleClass, Slot, Standing, StepContext, Timer, TimerSlot,
    Violation,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fake {
    memory: Register,
    serves: bool,
    open: Option<OpId>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    #[serde(default = "patience")]
    patience: Duration,
}

fn patience() -> Duration {
    Duration::millis(50)
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Seat {
    Server {},
    Client {},
}

impl Role for Seat {
    fn kind(&self) -> &'static str {
        match self {
            Self::Server {} => "server",
            Self::Client {} => "client",
        }
    }
    fn is_client(&self) -> bool {
        matches!(self, Self::Client {})
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Message {
    Ask(Operation),
    Answer(Option<i64>),
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl Payload for Message {
    fn kind(&self) -> &'static str {
        match self {
            Self::Ask(_) => "Ask",
            Self::Answer(_) => "Answer",
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
pub(crate) struct Patience;

impl Timer for Patience {
    const PLAIN: u16 = 1;
    fn slot(self) -> TimerSlot {
        TimerSlot::Plain(0)
    }
    fn name(self) -> &'static str {
        "patience"
    }
    fn named(name: &str) -> Option<Self> {
        (name == "patience").then_some(Self)
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Register(Option<i64>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Put(i64);

impl fmt::Display for Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Durable for Register {
    type Delta = Put;
    type Initial = i64;
    fn apply(&mut self, delta: &Put) {
        self.0 = Some(delta.0);
    }
    fn bytes(_: &Put) -> u32 {
        8
    }
    fn initial(value: &i64, _: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        match value {
            0.. => Ok(Self(Some(*value))),
            _ => Err(format!("{value} is below zero")),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Told {
    name: &'static str,
}

impl Fact for Told {
    fn name(&self) -> &'static str {
        self.name
    }
    fn details(&self) -> Vec<(&'static str, Slot)> {
        Vec::new()
    }
    fn weight(&self) -> u8 {
        60
    }
    fn caption(&self) -> Option<Caption> {
        Some(Caption { template: "{node} says something.", slots: Vec::new() })
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Order {
    Forget {},
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("forget")
    }
}
impl sim_engine::Admin for Order {}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Command(Operation);

impl sim_engine::Vocabulary for Command {
    fn from_operation(operation: &Operation) -> Option<Self> {
        matches!(operation, Operation::Read { .. } | Operation::Write { .. })
            .then_some(Self(*operation))
    }
}

/// The server denies what it was told.
const DENIAL: Mutant = Mutant("denial");

/// A bug that is no bug of a protocol: one read in two ends the whole program.
const BLUNDER: Mutant = Mutant("blunder");

impl Node for Fake {
    type Config = Config;
    type Role = Seat;
    type Message = Message;
    type Port = sim_engine::Never;
    type Timer = Patience;
    type Durable = Register;
    type Command = Command;
    type Admin = Order;
    type Fact = Told;

    fn boot(cx: &StepContext<'_, Self>, durable: &Register) -> Self {
        Self { memory: durable.clone(), serves: !cx.seat().is_client, open: None }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        effects: &mut Effects<Self>,
    ) {
        match event {
            Event::Started if self.serves => effects.announce(Told { name: "opened" }),
            Event::Started | Event::Synced(_) | Event::DiskFailed => {}
            Event::Message { from, message: Message::Ask(operation) } => {
                if let Operation::Write { value, .. } = operation {
                    effects.persist(&mut self.memory, Put(value));
                    effects.announce(Told { name: "written" });
                }
                assert!(!cx.mutant(BLUNDER) || cx.choose(2) == 0, "a blunder");
                let answer = if cx.mutant(DENIAL) { None } else { self.memory.0 };
                effects.send(from, Message::Answer(answer));
            }
            Event::Message { message: Message::Answer(value), .. } => {
                if let Some(op) = self.open.take() {
                    effects.cancel_timer(Patience);
                    effects.finish(op, Ending::Ok(Reply::Value(value)));
                }
            }
            Event::Timer(Patience) => {
                if let Some(op) = self.open.take() {
                    effects.finish(op, Ending::Unknown("timeout"));
                }
            }
            Event::Command { op, command } => {
                self.open = Some(op);
                effects.set_timer(Patience, cx.config().patience);
                effects.send(NodeId::new(0), Message::Ask(command.0));
            }
            Event::Admin(Order::Forget {}) => self.memory = Register(None),
        }
    }

    fn standing(&self) -> Standing {
        let (role, class) = if self.serves {
            ("server", RoleClass::InCharge)
        } else {
            ("client", RoleClass::Asking)
        };
        Standing { role, class, leads: self.serves, epoch: 0 }
    }

    fn view(&self) -> NodeView {
        NodeView::default()
    }
}

/// After a write, answers tell of it.
#[derive(Debug, Default)]
struct Honesty {
    written: bool,
    answers: u64,
}

impl Promise<Fake> for Honesty {
    fn name(&self) -> &'static str {
        "honesty"
    }
    fn look(&mut self, look: &Look<'_, Fake>) -> Result<(), Violation> {
        for released in look.released {
            if let Effect::Send { message: Message::Ask(Operation::Write { .. }), .. } =
                &released.effect
            {
                self.written = true;
            }
            if let Effect::Send { message: Message::Answer(value), .. } = &released.effect {
                self.answers += 1;
                if value.is_none() && self.written {
                    return Err(Violation::new("it denies a write", [released.id]));
                }
            }
        }
        Ok(())
    }
    fn exercised(&self) -> u64 {
        self.answers
    }
}

/// Never put to the test.
#[derive(Debug)]
struct Patient;

impl Promise<Fake> for Patient {
    fn name(&self) -> &'static str {
        "patience"
    }
    fn look(&mut self, _: &Look<'_, Fake>) -> Result<(), Violation> {
        Ok(())
    }
    fn exercised(&self) -> u64 {
        0
    }
}

impl Protocol for Fake {
    type Node = Self;
    const NAME: &'static str = "fake";
    const ABOUT: &'static str = "one server with a register";
    const LEXICON: Lexicon = Lexicon { epoch: "epoch", epoch_sign: "", cells: "Slots" };
    const PROMISES: &'static [PromiseInfo] = &[
        PromiseInfo { name: "honesty", says: "answers tell of writes", short: "honest answers" },
        PromiseInfo { name: "patience", says: "nothing", short: "nothing" },
    ];
    const MUTANTS: &'static [MutantInfo] = &[
        MutantInfo {
            mutant: DENIAL,
            about: "the server denies what it was told",
            class: MutantClass::Bug,
            breaks: &["honesty"],
        },
        MutantInfo {
            mutant: BLUNDER,
            about: "the program itself is wrong",
            class: MutantClass::ExpectedFinding,
            breaks: &[],
        },
    ];
    const FACTS: &'static [&'static str] = &["opened", "written"];
    const MESSAGES: &'static [&'static str] = &["Ask", "Answer"];
    const TIMERS: &'static [&'static str] = &["patience"];
    const ROLES: &'static [&'static str] = &["server", "client"];

    fn promises() -> Vec<Box<dyn Promise<Self>>> {
        vec![Box::new(Honesty::default()), Box::new(Patient)]
    }

    fn check(config: &Config) -> Result<(), String> {
        match config.patience {
            Duration::ZERO => Err("without patience nothing is ever answered".to_owned()),
            _ => Ok(()),
        }
    }

    fn subtitle(config: &Config) -> Vec<String> {
        vec![format!("patience {}", config.patience)]
    }
}

/// A small scenario for it.
pub(crate) const SCENARIO: &str = r#"{
  "$schema": "scenario.schema.json",
  "name": "small", "family": "fakes", "title": "A register", "lesson": "Ask and be answered.",
  "systems": [{"name": "one", "protocol": "fake", "config": {"patience": "40ms"}}],
  "cast": [
    {"name": "n1", "role": {"server": {}}, "place": "room-a", "durable": 7},
    {"count": 2, "prefix": "c", "role": {"client": {}}}
  ],
  "network": {"delay": {"uniform": {"min": "1ms", "max": "5ms"}}},
  "duration": "500ms",
  "steps": [
    {"at": "10ms", "bind": {"old": "leader"}, "say": "{old} is asked.",
     "do": {"client": {"client": "c1", "operation": {"write": {"key": "x", "value": 1}}}}},
    {"when": {"fact": {"name": "written"}}, "after": "20ms",
     "do": {"partition": {"groups": [["room-a"], ["rest"]]}}},
    {"after": "1ms", "do": {"client": {"client": "c2", "operation": {"read": {"key": "x"}}}}},
    {"at": "200ms", "do": {"heal": {}}}
  ],
  "expect": {"reaches": ["written"], "operations": {"ok": 1, "unknown": 1}},
  "variants": [{"name": "liar", "mutant": "denial", "set": {"config.patience": "30ms"},
                "expect": {"breaks": ["honesty"], "reaches": ["opened"]}}]
}"#;
