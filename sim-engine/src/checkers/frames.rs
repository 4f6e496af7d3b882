//! The way of a [`search`](super::search): what was placed, and where it may turn back to.

use super::machine::State;

/// How long an operation that was placed is of no use, so that replacing the state would be in
/// vain: without it the same could be had, or it could stand unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Idle {
    /// It is of use.
    Never,
    /// Until something is answered by the state.
    UntilLook,
    /// Until something is answered by the state that could not be if it stood unseen.
    UntilLate { is_covered: bool },
}

/// An operation that was placed: after those placed before, or unseen before one of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) operation: u32,
    pub(super) unseen_before: Option<u32>,
}

/// A configuration on the way, and what was tried from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) state: State,
    pub(super) before: Before,
    pub(super) phase: Phase,
    /// Nothing has needed the state yet: replacing it at once would be in vain.
    pub(super) is_idle: bool,
    /// The next of the choices.
    pub(super) at: u32,
}

/// How things stood before a configuration was arrived at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Before {
    pub(super) taken: u32,
    pub(super) choices: u32,
    pub(super) frontier: u32,
    pub(super) replaced_at: u32,
    pub(super) cover: u64,
}

/// What is tried next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The operation that returns next.
    Next,
    /// The others that are pending: they are not listed yet.
    Others,
    /// What is listed.
    Listed,
}

/// The longest prefix for which an order was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Furthest {
    /// How many answers of the partition it explains, in the order in which they came.
    pub(super) answers: u32,
    /// The order, by places in the history.
    pub(super) order: Vec<u32>,
    /// The state after it.
    pub(super) state: State,
}
