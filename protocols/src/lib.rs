//! The protocols of Partitura, one folder each. To add one, copy `echo` and name it here.

pub mod raft;
