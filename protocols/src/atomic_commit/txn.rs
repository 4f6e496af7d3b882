//! Transactions: what each participant is to do, and what became of them.

use std::fmt;
use std::hash::{Hash, Hasher};

use sim_engine::{Key, NodeId, OpId, Operation};

use super::directory::Directory;
use super::few::Few;

/// The number of a transaction: `T1` is that of the first client operation of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Txn(pub u32);

impl Txn {
    /// The transaction that carries out a client operation.
    pub const fn of(op: OpId) -> Self {
        Self(op.0 + 1)
    }

    /// The operation it carries out.
    pub const fn op(self) -> OpId {
        OpId(self.0 - 1)
    }
}

impl fmt::Display for Txn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "T{}", self.0)
    }
}

/// What becomes of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// All of it happens.
    Commit,
    /// None of it does.
    Abort,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Commit => "commit",
            Self::Abort => "abort",
        })
    }
}

/// What is to be done to one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Only look.
    Read,
    /// Write this value.
    Set(i64),
    /// Write the second value if the first one is there.
    Swap(i64, i64),
    /// Add this, as long as the sum is not negative.
    Add(i64),
}

/// What one participant is to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Branch {
    /// Who.
    pub participant: NodeId,
    /// What, in the order of keys.
    pub actions: Few<(Key, Action)>,
}

impl Branch {
    /// True if it changes nothing.
    pub fn only_reads(&self) -> bool {
        self.actions.iter().all(|(_, action)| *action == Action::Read)
    }
}

/// A whole transaction. It travels with PREPARE and lies in the log, shared because it never
/// changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its number.
    pub txn: Txn,
    /// Who coordinates it.
    pub coordinator: NodeId,
    /// Who wants to hear of it.
    pub client: NodeId,
    /// What the client asked.
    pub operation: Operation,
    /// What each participant is to do, in the order of the cast.
    pub branches: Vec<Branch>,
    /// The participant that decides once all others have voted yes, if one is to.
    pub last_agent: Option<NodeId>,
}

/// The number and the operation decide the rest.
impl Hash for Plan {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.txn, self.coordinator, self.operation).hash(state);
    }
}

impl Plan {
    /// The plan for an operation, or why there is none.
    pub fn new(
        (coordinator, client): (NodeId, NodeId),
        op: OpId,
        operation: Operation,
        (directory, last_agent): (&Directory, bool),
    ) -> Result<Self, &'static str> {
        let mut branches: Vec<Branch> = Vec::new();
        for (key, action) in actions(&operation).into_iter().flatten() {
            for participant in directory.keepers(key) {
                let place = branches.partition_point(|branch| branch.participant < *participant);
                if branches.get(place).is_none_or(|branch| branch.participant != *participant) {
                    let branch = Branch { participant: *participant, actions: Few::default() };
                    branches.insert(place, branch);
                }
                branches[place].actions.push((key, action));
            }
        }
        for branch in &mut branches {
            branch.actions.sort_by_key(|(key, _)| *key);
        }
        if branches.is_empty() {
            return Err("no participant keeps this key");
        }
        // Whoever only reads is done with its vote, and leaves nothing to decide.
        let writer = branches.iter().rfind(|branch| !branch.only_reads());
        let last_agent = writer.filter(|_| last_agent).map(|branch| branch.participant);
        Ok(Self { txn: Txn::of(op), coordinator, client, operation, branches, last_agent })
    }

    /// What `participant` is to do.
    pub fn branch(&self, participant: NodeId) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.participant == participant)
    }

    /// Everybody who takes part.
    pub fn participants(&self) -> impl Iterator<Item = NodeId> {
        self.branches.iter().map(|branch| branch.participant)
    }

    /// Everybody who takes part but `me`.
    pub fn peers(&self, me: NodeId) -> impl Iterator<Item = NodeId> {
        self.participants().filter(move |id| *id != me)
    }

    /// Everybody who is asked for a vote: all but the last agent.
    pub fn voters(&self) -> impl Iterator<Item = NodeId> {
        self.participants().filter(|id| self.last_agent != Some(*id))
    }

    /// True if nobody is asked for a vote: the last agent is the only one who takes part.
    pub const fn is_left_to_one(&self) -> bool {
        self.last_agent.is_some() && self.branches.len() == 1
    }

    /// True if it changes nothing anywhere: then nobody is ever in doubt, and nothing is to be
    /// recovered.
    pub fn only_reads(&self) -> bool {
        self.branches.iter().all(Branch::only_reads)
    }

    /// True if it moves money, and so must leave the sum of all accounts as it was.
    pub const fn is_transfer(&self) -> bool {
        matches!(self.operation, Operation::Transfer { .. })
    }
}

/// What an operation does to which keys.
fn actions(operation: &Operation) -> [Option<(Key, Action)>; 2] {
    match *operation {
        Operation::Read { key } => [Some((key, Action::Read)), None],
        Operation::Write { key, value } => [Some((key, Action::Set(value))), None],
        Operation::Cas { key, old, new } => [Some((key, Action::Swap(old, new))), None],
        Operation::Increment { key } => [Some((key, Action::Add(1))), None],
        Operation::Transfer { from, to, amount } => {
            [Some((from, Action::Add(-amount))), Some((to, Action::Add(amount)))]
        }
        Operation::Append { .. } | Operation::Acquire { .. } | Operation::Release { .. } => {
            [None, None]
        }
    }
}
