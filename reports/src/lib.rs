//! What people see of a finished run: the figure, the story in the terminal, JSON and exports.
//!
//! Knows no protocol: everything is drawn and written from a protocol-free [`Report`].

pub mod figure;
mod report;
#[cfg(test)]
mod sample;
mod scene;
mod story;
mod svg;
mod words;

pub use report::Report;
pub use story::{Story, StoryStep};
