//! The protocols of Partitura: one folder each, pure state machines over the engine's `Node` trait.
//!
//! To add one, copy `echo` and add a line here. A protocol knows no network, no faults and no dice
//! of others, draws nothing and reads no file.

pub mod atomic_commit;
pub mod echo;
pub mod multi_raft;
pub mod raft;
