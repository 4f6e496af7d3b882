//! The sequential behaviour of one partition: numbered states, and what operations do to them.

use std::fmt::Debug;

use super::blocks::Tale;
use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::model::Model;
use super::records::Records;
use super::text::Text;
use super::value::ValueId;

/// A state by its number; numbers mean something only to the machine that gave them.
pub(super) type State = u32;

/// What an operation may do to the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it can wait, but need not, for a state in which it can be answered.
    Looks,
    /// It makes the same state of every state, and is always answered so. Only for machines that do
    /// not look ahead.
    Replaces,
    /// Anything else.
    Changes,
}

/// The sequential behaviour of one partition. Operations are named by their places in it.
pub(super) trait Machine: Debug {
    /// The state at the start.
    fn initial(&mut self) -> State;

    /// The state after the operation at `place`, or `None` if it cannot be answered so.
    fn step(&mut self, state: State, place: usize) -> Option<State>;

    /// What the operation at `place` does, if it has an answer or changes something.
    fn effect(&self, _place: usize) -> Effect {
        Effect::Changes
    }

    /// True if [`may_lead_to`](Self::may_lead_to) ever says no.
    fn looks_ahead(&self) -> bool {
        false
    }

    /// True if the operation at `place` replaces the state whatever it was.
    fn replaces(&self, _place: usize) -> bool {
        false
    }

    /// False where the look at place `wanted` can be answered in no state that others but
    /// [`replacing`](Self::replaces) ones lead to from `state`. May always say true.
    fn may_lead_to(&self, _state: State, _wanted: usize) -> bool {
        true
    }

    /// The state that the operation at `place` can only be answered in, if there is one.
    fn needs(&self, _place: usize) -> Option<State> {
        None
    }

    /// The state that the operation at `place` leads to, if that is always the same.
    fn makes(&self, _place: usize) -> Option<State> {
        None
    }

    /// What each operation says of the order, if every answer names the changes that led to it.
    fn tales(&self) -> Option<Vec<Tale>> {
        None
    }

    /// The state in words.
    fn describe(&self, history: &ClientHistory, state: State) -> String;
}

/// The machine of a model for the operations of one partition.
pub(super) fn machine(
    model: Model,
    history: &ClientHistory,
    operations: &[ClientOperation],
) -> Box<dyn Machine> {
    match model {
        Model::Register | Model::CasRegister => Box::new(Register::new(operations)),
        Model::Kv => Box::new(Text::new(history, operations)),
        // Of a store of which only a register is used nothing else need be known.
        Model::Store if operations.iter().all(is_of_register) => {
            Box::new(Register::new(operations))
        }
        Model::Set
        | Model::Queue
        | Model::Lock
        | Model::Log
        | Model::Counter
        | Model::Bank
        | Model::Store => Box::new(Records::new(model, history, operations)),
    }
}

/// True if a register is asked for something that it answers like a store does.
fn is_of_register(operation: &ClientOperation) -> bool {
    match operation.call {
        Call::Read | Call::Cas { .. } => true,
        Call::Write(_) => operation.answer != Answer::Refused,
        Call::Append(_)
        | Call::Add(_)
        | Call::Insert(_)
        | Call::Remove(_)
        | Call::Contains(_)
        | Call::Enqueue(_)
        | Call::Dequeue
        | Call::Acquire
        | Call::Release
        | Call::Transfer { .. } => false,
    }
}

/// A register: its state is the number of the value it holds.
#[derive(Debug)]
struct Register {
    steps: Vec<RegisterStep>,
}

/// What an operation needs and leaves.
#[derive(Clone, Copy, Debug)]
enum RegisterStep {
    Holds(State),
    HoldsNot(State),
    Becomes(State),
    Swaps { from: State, to: State },
}

impl Register {
    fn new(operations: &[ClientOperation]) -> Self {
        let steps = operations.iter().map(|operation| match (operation.call, operation.answer) {
            (Call::Write(value), _) => RegisterStep::Becomes(value.0),
            (Call::Cas { from, .. }, Answer::Refused) => RegisterStep::HoldsNot(from.0),
            (Call::Cas { from, to }, _) if from == to => RegisterStep::Holds(from.0),
            (Call::Cas { from, to }, _) => RegisterStep::Swaps { from: from.0, to: to.0 },
            (_, Answer::Ok(value)) => RegisterStep::Holds(value.0),
            // Nobody knows the answer: a value that is never held.
            (_, Answer::Refused | Answer::Failed | Answer::Unknown) => {
                RegisterStep::Holds(State::MAX)
            }
        });
        Self { steps: steps.collect() }
    }
}

impl Machine for Register {
    fn initial(&mut self) -> State {
        ValueId::NIL.0
    }

    #[inline]
    fn step(&mut self, state: State, place: usize) -> Option<State> {
        match self.steps[place] {
            RegisterStep::Holds(value) => (state == value).then_some(state),
            RegisterStep::HoldsNot(value) => (state != value).then_some(state),
            RegisterStep::Becomes(value) => Some(value),
            RegisterStep::Swaps { from, to } => (state == from).then_some(to),
        }
    }

    fn effect(&self, place: usize) -> Effect {
        match self.steps[place] {
            RegisterStep::Holds(_) | RegisterStep::HoldsNot(_) => Effect::Looks,
            RegisterStep::Becomes(_) => Effect::Replaces,
            RegisterStep::Swaps { .. } => Effect::Changes,
        }
    }

    fn needs(&self, place: usize) -> Option<State> {
        match self.steps[place] {
            RegisterStep::Holds(value) | RegisterStep::Swaps { from: value, .. } => Some(value),
            RegisterStep::HoldsNot(_) | RegisterStep::Becomes(_) => None,
        }
    }

    fn makes(&self, place: usize) -> Option<State> {
        match self.steps[place] {
            RegisterStep::Becomes(value) | RegisterStep::Swaps { to: value, .. } => Some(value),
            RegisterStep::Holds(_) | RegisterStep::HoldsNot(_) => None,
        }
    }

    fn describe(&self, history: &ClientHistory, state: State) -> String {
        history.value_of(ValueId(state)).to_string()
    }
}
