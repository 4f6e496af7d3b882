//! Checkers of client histories: was what clients saw a promise kept?
//!
//! They know operations, not protocols, and no clock: a budget is a number of steps.
//!
//! | question | answered by |
//! |---|---|
//! | one order, as if at one moment each | [`Linearizability`], by [`Model`] |
//! | the same at the end of a run, as a promise | [`LinearizableHistory`] |

mod arena;
mod bank;
mod blocks;
mod check;
mod finding;
mod history;
mod linearizability;
mod machine;
mod memo;
mod minimal;
mod model;
mod partition;
mod pending;
mod promise;
mod records;
mod search;
mod store;
mod text;
mod value;

pub use check::{Check, Consistency};
pub use finding::Finding;
pub use history::{Answer, Call, ClientHistory, ClientOperation};
pub use linearizability::{Linearizability, Unserved, Verdict, linearizable};
pub use model::Model;
pub use promise::{LINEARIZABILITY, LinearizableHistory, STEPS};
pub use value::{KeyId, Value, ValueId};
