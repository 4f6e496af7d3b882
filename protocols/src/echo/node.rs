//! The node: a server or a client. One step is one `match`; what servers do is here.

use std::fmt;

use serde::Deserialize;
use sim_engine::{
    Duration, Effects, Event, Never, Node, NodeId, NodeView, Operation, RoleClass, Row, Standing,
    StepContext, TimerSlot, Vocabulary,
};

use super::mutants;
use super::{Client, Counter, Delta, Fact, Message};

/// The system's settings.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a client waits before it asks again.
    pub retry: Duration,
    /// How often a client asks before it gives up.
    pub tries_max: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self { retry: Duration::millis(100), tries_max: 3 }
    }
}

/// What a seat is, as a scenario writes it: `{"server": {}}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Role {
    /// Answers.
    Server {},
    /// Asks.
    Client {},
}

impl sim_engine::Role for Role {
    fn kind(&self) -> &'static str {
        match self {
            Self::Server {} => "server",
            Self::Client {} => "client",
        }
    }

    fn is_client(&self) -> bool {
        match self {
            Self::Server {} => false,
            Self::Client {} => true,
        }
    }
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timer {
    /// A client asks again.
    Retry,
}

impl sim_engine::Timer for Timer {
    const PLAIN: u16 = 1;

    fn slot(self) -> TimerSlot {
        match self {
            Self::Retry => TimerSlot::Plain(0),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
        }
    }

    fn named(name: &str) -> Option<Self> {
        (name == "retry").then_some(Self::Retry)
    }
}

/// What a client is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// Have this value repeated.
    Say(i64),
}

impl Vocabulary for Command {
    /// A `write` of a value is a question with that value; its key means nothing here.
    fn from_operation(operation: &Operation) -> Option<Self> {
        match operation {
            Operation::Write { value, .. } => Some(Self::Say(*value)),
            Operation::Read { .. }
            | Operation::Cas { .. }
            | Operation::Append { .. }
            | Operation::Increment { .. }
            | Operation::Acquire { .. }
            | Operation::Release { .. }
            | Operation::Transfer { .. } => None,
        }
    }
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EchoNode {
    /// It answers.
    Server(Server),
    /// It asks.
    Client(Client),
}

/// A server: its counter is all it has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    /// The copy in memory of what is on disk, or soon will be.
    counter: Counter,
}

impl Node for EchoNode {
    type Config = Config;
    type Role = Role;
    type Message = Message;
    type Port = Never;
    type Timer = Timer;
    type Durable = Counter;
    type Command = Command;
    type Admin = Never;
    type Fact = Fact;

    fn boot(cx: &StepContext<'_, Self>, durable: &Counter) -> Self {
        match cx.seat().role {
            Role::Server {} => Self::Server(Server { counter: durable.clone() }),
            Role::Client {} => Self::Client(Client::new(cx.cast())),
        }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        effects: &mut Effects<Self>,
    ) {
        match (self, event) {
            (Self::Server(server), Event::Message { from, message }) => {
                server.on_message(cx, from, &message, effects);
            }
            (Self::Client(client), Event::Message { message, .. }) => {
                client.on_message(&message, effects);
            }
            (Self::Client(client), Event::Command { op, command }) => {
                client.on_command(cx, op, &command, effects);
            }
            (Self::Client(client), Event::Timer(Timer::Retry)) => client.on_retry(cx, effects),
            (_, Event::Admin(never)) => match never {},
            // The number may be lost; the next life reads how far the counter truly came.
            (Self::Server(_), Event::DiskFailed) => effects.halt(),
            // Servers set no timers and get no commands; nobody asks for tickets.
            (Self::Server(_), Event::Command { .. } | Event::Timer(Timer::Retry))
            | (Self::Client(_), Event::DiskFailed)
            | (_, Event::Started | Event::Synced(_)) => {}
        }
    }

    fn standing(&self) -> Standing {
        let (role, class) = match self {
            Self::Server(_) => ("server", RoleClass::Following),
            Self::Client(_) => ("client", RoleClass::Asking),
        };
        Standing { role, class, leads: false, epoch: 0 }
    }

    fn view(&self) -> NodeView {
        let row = |name, value: &dyn fmt::Display| Row::plain(name, value.to_string());
        let rows = match self {
            Self::Server(server) => vec![row("answers", &server.counter.answers)],
            Self::Client(client) => match client.open() {
                Some(value) => vec![row("asks", &value)],
                None => Vec::new(),
            },
        };
        NodeView { cells: Vec::new(), rows }
    }
}

impl Server {
    fn on_message(
        &mut self,
        cx: &StepContext<'_, EchoNode>,
        from: NodeId,
        message: &Message,
        effects: &mut Effects<EchoNode>,
    ) {
        match message {
            Message::Ask { question, value } => {
                self.on_ask(cx, (from, *question), *value, effects);
            }
            // An answer is for clients; from a past life of this seat it means nothing.
            Message::Answer { .. } => {}
        }
    }

    fn on_ask(
        &mut self,
        cx: &StepContext<'_, EchoNode>,
        (client, question): (NodeId, u32),
        value: i64,
        effects: &mut Effects<EchoNode>,
    ) {
        let number = self.counter.answers + 1;
        if cx.mutant(mutants::COUNT_LAZILY) {
            effects.persist_lazily(&mut self.counter, Delta::CountTo(number));
        } else {
            // The number is written before it is given: were we to crash in between, a number would
            // be wasted, which nobody minds. The other way round it would be given twice.
            effects.persist(&mut self.counter, Delta::CountTo(number));
        }
        effects.send(client, Message::Answer { question, value, number });
        effects.announce(Fact::Answered { client, number });
    }
}
