//! Scenarios: files that say what to run and what must come of it, the registry of protocols, and
//! the command line.
//!
//! ```text
//! Scenario::load ──> prepare ──> run(seed) ──> judged Run ──> reports
//! ```
//!
//! A [`Scenario`] is a typed file; [`prepare`] hands one system of it to its protocol, which types
//! and checks the rest once; [`run`] is then cheap for any number of seeds. Knows nothing of how a
//! protocol or a picture works inside.

mod bounds;
pub mod catalog;
mod check;
pub mod cli;
pub mod client_history;
mod compact;
mod concrete;
mod conform;
mod document;
mod failure;
#[cfg(test)]
mod fake;
mod file;
mod judge;
mod locate;
mod mutants;
mod path;
mod pin;
mod prepare;
mod problem;
pub mod registry;
mod scenario;
mod schema;
mod seats;
mod set;
mod shrink;
#[cfg(test)]
mod step_tests;
mod sweep;
#[cfg(test)]
mod tests;
mod topology;

pub use concrete::concrete;
pub use judge::{Expectation, judge};
pub use path::{Part, Path};
pub use prepare::{Prepared, Run, prepare, run};
pub use problem::{Position, Problem};
pub use scenario::Scenario;
pub use schema::schema;
