//! Echo: a server repeats what it hears, and gives each answer a number that it never gives again.
//!
//! # Where from
//!
//! From no paper: it is the smallest protocol that has one of everything, kept as the template to
//! copy. The lesson it can teach is the oldest one of durable state: write first, answer then.
//!
//! # How it goes
//!
//! ```text
//! client                     server
//!   |  Ask 5                   |
//!   |------------------------->|  count to 1, write the 1 to disk
//!   |                          |  ... the disk has it ...
//!   |          Answer 5 no. 1  |
//!   |<-------------------------|
//! ```
//!
//! A client asks one question at a time, and asks again when its timer runs out. A server answers
//! every copy of a question, each time with a new number; the client takes the first answer it
//! gets.
//!
//! # What is left out on purpose
//!
//! Several servers (clients ask the first one of the cast), and any memory of questions: a question
//! that the network copied is answered twice.

mod client;
mod durable;
mod facts;
mod message;
mod mutants;
mod node;
mod promises;

pub use client::Client;
pub use durable::{Counter, Delta, Initial};
pub use facts::Fact;
pub use message::Message;
pub use node::{Command, Config, EchoNode, Role, Server, Timer};
pub use promises::NumbersGrow;

use sim_engine::script::{Scripted, ScriptedCast};
use sim_engine::{Cast, Lexicon, MutantInfo, Promise, PromiseInfo, Protocol, Role as _, Seat};

/// The protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo;

impl Protocol for Echo {
    type Node = EchoNode;

    const NAME: &'static str = "echo";
    const ABOUT: &'static str = "A server repeats what it hears and numbers its answers";
    const LEXICON: Lexicon = Lexicon { epoch: "epoch", epoch_sign: "", cells: "slots" };
    const PROMISES: &'static [PromiseInfo] = promises::ALL;
    const MUTANTS: &'static [MutantInfo] = mutants::ALL;
    const FACTS: &'static [&'static str] = &["Answered"];
    const MESSAGES: &'static [&'static str] = &["Ask", "Answer"];
    const TIMERS: &'static [&'static str] = &["retry"];
    const ROLES: &'static [&'static str] = &["server", "client"];

    fn promises() -> Vec<Box<dyn Promise<EchoNode>>> {
        vec![Box::new(NumbersGrow::default())]
    }

    fn check(config: &Config) -> Result<(), String> {
        match config.tries_max {
            0 => Err("`tries_max` is 0, but a client asks at least once".to_owned()),
            _ => Ok(()),
        }
    }

    fn subtitle(config: &Config) -> Vec<String> {
        vec![format!("asks again after {}", config.retry)]
    }
}

impl Scripted for Echo {
    /// `nodes 2`: the server `1` and clients `c2`, `c3` up to that number of seats.
    fn cast(words: &[&str]) -> Result<ScriptedCast<EchoNode>, String> {
        let count = match words {
            [count] => count.parse::<u16>().ok().filter(|count| *count > 0),
            _ => None,
        };
        let count = count.ok_or_else(|| "write `nodes <count> [quiet]`".to_owned())?;
        let seat = |number: u16| {
            let role = if number == 1 { Role::Server {} } else { Role::Client {} };
            let sign = if role.is_client() { "c" } else { "" };
            Seat {
                name: format!("{sign}{number}"),
                kind: role.kind().to_owned(),
                role,
                place: None,
                is_client: role.is_client(),
            }
        };
        Ok((Config::default(), Cast::new((1..=count).map(seat).collect())))
    }
}
