//! What people see of a finished run: the figure, the story in the terminal, JSON and exports.
//!
//! Knows no protocol: everything is drawn and written from a protocol-free [`Report`]. Every format
//! is a line in [`format::ALL`].

mod causes_dot;
mod facts;
mod fault_words;
pub mod figure;
pub mod format;
pub mod history;
mod jepsen;
mod outcome;
mod report;
#[cfg(test)]
mod sample;
mod scene;
mod story;
mod svg;
pub mod sweep;
mod terminal;
mod topology_dot;
mod trace_jsonl;
mod why;
mod words;

pub use causes_dot::causes_dot;
pub use facts::facts;
pub use jepsen::jepsen;
pub use outcome::{OutcomeJson, outcome_json};
pub use report::{Contrast, Report};
pub use story::{Story, StoryStep};
pub use terminal::terminal;
pub use topology_dot::topology_dot;
pub use trace_jsonl::trace_jsonl;
pub use why::why;
