//! Checkers of client histories: was what clients saw a promise kept?
//!
//! They know operations, not protocols, and no clock: a budget is a number of steps.
//!
//! | question | answered by |
//! |---|---|
//! | one order, as if at one moment each | [`Linearizability`], by [`Model`] |
//! | the same at the end of a run, as a promise | [`LinearizableHistory`] |
//! | one order that keeps every process's own | [`Sequential`], by [`Model`] |
//! | what one client may expect of its own doing | [`Sessions`], by [`Guarantee`] |
//! | who holds a lock holds it alone | [`Exclusion`] |
//! | all or nothing, at every site (AC1 to AC5) | [`AtomicCommit`] |
//! | at rest all see the same | [`Convergence`] |
//! | any of these, by name | [`Check`] of a [`Consistency`] |

mod ahead;
mod arena;
mod bank;
mod blocks;
mod check;
mod choices;
mod commit;
mod convergence;
mod evidence;
mod exclusion;
mod finding;
mod frames;
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
mod sequential;
mod session;
mod store;
mod text;
mod value;
mod versions;
mod walk;

pub use check::{Check, Consistency};
pub use commit::{AtomicCommit, CommitBreach, CommitEvent, CommitRule, CommitStep};
pub use convergence::Convergence;
pub use exclusion::Exclusion;
pub use finding::Finding;
pub use history::{Answer, Call, ClientHistory, ClientOperation};
pub use linearizability::{Linearizability, Unserved, Verdict, linearizable};
pub use model::Model;
pub use promise::{LINEARIZABILITY, LinearizableHistory, STEPS};
pub use sequential::Sequential;
pub use session::{Guarantee, Sessions};
pub use value::{KeyId, Value, ValueId};
