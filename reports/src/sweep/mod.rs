//! What people see of many runs: the summary as JSON and as text, a chart, JUnit, annotations.

mod annotations;
mod chart;
mod junit;
mod merge;
mod summary;
mod terminal;
mod text;

pub use annotations::{annotations, markdown};
pub use chart::chart;
pub use junit::junit;
pub use merge::append;
pub use summary::{
    Cell, Expected, FORMAT, FaultTally, Operations, Panicked, PromiseTally, Seeds, StepTally,
    SweepSummary, Timing, Violated, Whole,
};
pub use terminal::terminal;
pub use text::Seconds;

#[cfg(test)]
pub(crate) mod sample;
