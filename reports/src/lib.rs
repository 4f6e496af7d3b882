//! What people see of a finished run: the figure, the story in the terminal, JSON and exports.
//!
//! Knows no protocol: everything is drawn and written from a protocol-free [`Report`].

mod report;

pub use report::Report;
