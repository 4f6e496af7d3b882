//! Stories as text: directives that move a handful of nodes step by step, and the recorded answers.
//!
//! ```text
//! # What the reader will see, and why it matters.
//!
//! nodes 3 quiet
//! ----
//! ok
//!
//! fire 1 election
//! ----
//! 1 -> 2  RequestVote term=1 last=0/0
//! 1 -> 3  RequestVote term=1 last=0/0
//! ```
//!
//! A story has no chance in it: every message is held until it is named, time stands still until it
//! is told to pass, and a timer runs out when it is fired or when passing time comes to it. Text
//! in, text out: where the files lie is for the tests to know. The directives are in
//! `directives.rs`.

mod directives;
mod parse;
mod tell;

use crate::{Cast, Node, Payload, Protocol};
use directives::Story;
use parse::Part;

/// A protocol that can be told in stories: how a story makes its cast, and what it shows of it.
pub trait Scripted: Protocol {
    /// The settings and the cast for the words after `nodes`: `["3"]`. Seats are called in the
    /// story by their names, so keep those short: `1`, `2`, and `c` for a client.
    fn cast(words: &[&str]) -> Result<ScriptedCast<Self::Node>, String>;

    /// A message in one line: its kind, and all of it that a reader may have to know.
    fn message(message: &<Self::Node as Node>::Message) -> String {
        let (kind, label) = (message.kind(), message.to_string());
        match label.strip_prefix(kind) {
            Some(rest) => format!("{kind}{rest}"),
            None => format!("{kind} {label}"),
        }
    }

    /// The state of a node in one line, without its name.
    fn summary(node: &Self::Node, _durable: &<Self::Node as Node>::Durable) -> String {
        tell::summary::<Self>(node)
    }
}

/// The settings and the cast of a story.
pub type ScriptedCast<N> = (<N as Node>::Config, Cast<<N as Node>::Role>);

/// Plays a story and returns it with fresh answers. An error only if the text is no story.
///
/// A test compares the result with the text; to accept it, write it back.
pub fn play<P: Scripted>(text: &str) -> Result<String, String> {
    let parts = parse::parse(text)?;
    let mut story = Story::<P>::new();
    let mut fresh = String::new();
    for part in parts {
        match part {
            Part::Verbatim(line) => {
                fresh.push_str(line);
                fresh.push('\n');
            }
            Part::Exchange(directives) => {
                for directive in &directives {
                    fresh.push_str(directive);
                    fresh.push('\n');
                }
                fresh.push_str("----\n");
                for directive in directives {
                    fresh.push_str(&story.answer(directive));
                }
            }
        }
    }
    Ok(fresh)
}
