//! What atomic commit promises, checked after every step. AC1 to AC5 are those of Bernstein,
//! Hadzilacos and Goodman, chapter 7.

mod decisions;
mod doubts;
mod money;
mod votes;

use sim_engine::checkers::{self, LinearizableHistory, Model};
use sim_engine::{Effect, EventId, Look, NodeId, Promise, PromiseInfo};

use super::CommitNode;
use super::config::Phases;
use super::facts::Fact;
use super::message::Message;
use super::participant::Participant;
use super::txn::Txn;

pub use decisions::{Agreement, Finality, NoChoiceAfterYes};
pub use doubts::{BoundedDoubt, EverybodyDecides, LocksHeld};
pub use money::MoneyConserved;
pub use votes::{AbortHasCause, Unanimity};

const fn info(name: &'static str, short: &'static str, says: &'static str) -> PromiseInfo {
    PromiseInfo { name, says, short }
}

const AGREEMENT: PromiseInfo =
    info("agreement", "atomic commit", "all who decide a transaction decide the same (AC1)");
const FINALITY: PromiseInfo =
    info("finality", "no decision reversed", "nobody reverses a decision, across crashes (AC2)");
const UNANIMITY: PromiseInfo = info(
    "unanimity",
    "commit only if all said yes",
    "a transaction commits only if every participant voted yes (AC3)",
);
const ABORT_HAS_CAUSE: PromiseInfo = info(
    "abort-has-cause",
    "abort only with a cause",
    "a coordinator aborts only what somebody refused or did not vote on in time (AC4)",
);
const EVERYBODY_DECIDES: PromiseInfo = info(
    "everybody-decides",
    "everybody decides",
    "once everybody has been up for long enough, nobody is in doubt (AC5)",
);
const NO_CHOICE_AFTER_YES: PromiseInfo = info(
    "no-choice-after-yes",
    "no choice after a yes",
    "whoever voted yes decides only what somebody else has decided before (AC6)",
);
const LOCKS_HELD: PromiseInfo = info(
    "locks-held",
    "locks held while in doubt",
    "a participant holds its locks from its yes to the decision (AC7)",
);
const MONEY_CONSERVED: PromiseInfo =
    info("money-conserved", "no money lost", "transfers leave the sum of all accounts as it was");
const BOUNDED_DOUBT: PromiseInfo = info(
    "bounded-doubt",
    "nobody in doubt for long",
    "no participant is in doubt for longer than `doubt_max`",
);

/// Every promise of two phases, for lists.
pub(super) const INFO_2: &[PromiseInfo] = &[
    AGREEMENT,
    FINALITY,
    UNANIMITY,
    ABORT_HAS_CAUSE,
    EVERYBODY_DECIDES,
    LOCKS_HELD,
    MONEY_CONSERVED,
    BOUNDED_DOUBT,
    checkers::LINEARIZABILITY,
    NO_CHOICE_AFTER_YES,
];

/// Every promise of three phases, all but the last of two: there, participants do end transactions
/// themselves.
pub(super) const INFO_3: &[PromiseInfo] = INFO_2.split_at(INFO_2.len() - 1).0;

/// Every promise, fresh for a run.
pub(super) fn of(phases: Phases) -> Vec<Box<dyn Promise<CommitNode>>> {
    let mut all: Vec<Box<dyn Promise<CommitNode>>> = vec![
        Box::<Agreement>::default(),
        Box::<Finality>::default(),
        Box::<Unanimity>::default(),
        Box::<AbortHasCause>::default(),
        Box::<EverybodyDecides>::default(),
        Box::<LocksHeld>::default(),
        Box::<MoneyConserved>::default(),
        Box::<BoundedDoubt>::default(),
        // Strict serializability: locks are held to the decision, and reads wait for them.
        Box::new(LinearizableHistory::new(Model::Bank, checkers::STEPS, &[])),
    ];
    if phases == Phases::Two {
        all.push(Box::<NoChoiceAfterYes>::default());
    }
    all
}

/// What others hear of a step.
enum Told<'a> {
    /// It says this to somebody.
    Sent(&'a Message),
    /// It announces this.
    Announced(&'a Fact),
}

/// What others hear of a step, in the order in which it was said, with its events.
fn told<'a>(look: &Look<'a, CommitNode>) -> impl Iterator<Item = (EventId, Told<'a>)> + use<'a> {
    look.released.iter().filter_map(|released| match &released.effect {
        Effect::Send { message, .. } | Effect::SendNow { message, .. } => {
            Some((released.id, Told::Sent(message)))
        }
        Effect::Announce(fact) | Effect::AnnounceNow(fact) => {
            Some((released.id, Told::Announced(fact)))
        }
        Effect::Transmit { .. }
        | Effect::TransmitNow { .. }
        | Effect::Dial { .. }
        | Effect::Hang(_)
        | Effect::SetTimer { .. }
        | Effect::CancelTimer(_)
        | Effect::Persist { .. }
        | Effect::Finish { .. }
        | Effect::Halt => None,
    })
}

/// The memory of a participant that is up.
fn participant<'a>(look: &Look<'a, CommitNode>, id: NodeId) -> Option<&'a Participant> {
    match look.memory(id)? {
        CommitNode::Participant(participant) => Some(participant),
        CommitNode::Coordinator(_) | CommitNode::Client(_) => None,
    }
}

/// The entry of `table` for `txn`; makes room as needed. Transactions are numbered without gaps.
fn slot<T: Default>(table: &mut Vec<T>, txn: Txn) -> &mut T {
    let place = usize::try_from(txn.0).unwrap_or(usize::MAX);
    if table.len() <= place {
        // Room for as many again: most calls then find theirs.
        table.resize_with((place + 1).next_power_of_two(), T::default);
    }
    &mut table[place]
}

/// Something for each node and transaction: one list a node, so that a transaction allocates
/// nothing.
#[derive(Clone, Debug)]
struct Table<T>(Vec<Vec<T>>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Default> Table<T> {
    fn at(&mut self, node: NodeId, txn: Txn) -> &mut T {
        if self.0.len() <= node.index() {
            self.0.resize_with(node.index() + 1, Vec::new);
        }
        slot(&mut self.0[node.index()], txn)
    }
}
