//! Who belongs to a cluster and what a majority of it is (dissertation, chapter 4). Pure; knows
//! nothing of servers and messages.
//!
//! Joint consensus and learners are those of etcd: while two configurations are joined, a voter
//! that is to become a learner stays a voter of the old one until the joint one is left.

use std::fmt;

use sim_engine::NodeId;

/// The members of a cluster.
///
/// Invariants: every list is sorted and has nobody twice; nobody votes and learns at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Membership {
    voters: Vec<NodeId>,
    /// The voters of the configuration that is being left; empty unless two are joined.
    outgoing: Vec<NodeId>,
    learners: Vec<NodeId>,
    /// Who becomes a learner once the joint configuration is left.
    learners_next: Vec<NodeId>,
    /// True if the leader leaves a joint configuration by itself once it is committed.
    leaves_by_itself: bool,
}

/// One change of the members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// A server votes from now on; a learner is promoted.
    AddVoter(NodeId),
    /// A server gets the log but does not vote; a voter is demoted.
    AddLearner(NodeId),
    /// A server does not belong to the cluster any more.
    Remove(NodeId),
}

/// What has become of an election.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tally {
    /// A majority said yes.
    Won,
    /// A majority said no.
    Lost,
    /// Neither yet.
    Pending,
}

/// So many voters or fewer need no memory of their own to be counted: nearly all clusters.
const FEW: usize = 9;

/// The highest index that a majority of `voters` has. Without voters there is nobody to wait for:
/// the highest index there is.
pub fn majority_index(voters: &[NodeId], matched: impl Fn(NodeId) -> u64) -> u64 {
    let (mut few, mut many) = ([0; FEW], Vec::new());
    let indices = if let Some(few) = few.get_mut(..voters.len()) {
        few
    } else {
        many.resize(voters.len(), 0);
        many.as_mut_slice()
    };
    for (index, voter) in indices.iter_mut().zip(voters) {
        *index = matched(*voter);
    }
    indices.sort_unstable();
    let Some(least_of_majority) = indices.len().checked_sub(1).map(|last| last / 2) else {
        return u64::MAX;
    };
    indices[least_of_majority]
}

/// What has become of an election among `voters`. Without voters it is won.
pub fn majority_tally(voters: &[NodeId], vote: impl Fn(NodeId) -> Option<bool>) -> Tally {
    let count = |wanted| voters.iter().filter(|voter| vote(**voter) == Some(wanted)).count();
    let quorum = voters.len() / 2 + 1;
    if is_majority(voters, |voter| vote(voter) == Some(true)) {
        Tally::Won
    } else if voters.len() - count(false) < quorum {
        Tally::Lost
    } else {
        Tally::Pending
    }
}

/// True if a majority of `voters` has something, or if there are none. Nobody is asked once that is
/// known.
fn is_majority(voters: &[NodeId], has: impl Fn(NodeId) -> bool) -> bool {
    let mut lacking = if voters.is_empty() { 0 } else { voters.len() / 2 + 1 };
    voters.iter().any(|voter| {
        lacking -= usize::from(has(*voter));
        lacking == 0
    }) || lacking == 0
}

impl Membership {
    /// A configuration of these voters and learners.
    pub fn new(
        voters: impl IntoIterator<Item = NodeId>,
        learners: impl IntoIterator<Item = NodeId>,
    ) -> Self {
        let mut members = Self::default();
        for id in voters {
            insert(&mut members.voters, id);
        }
        for id in learners {
            insert(&mut members.learners, id);
        }
        members
    }

    /// Who votes; in a joint configuration, in the new one.
    pub fn voters(&self) -> &[NodeId] {
        &self.voters
    }

    /// Who votes in the configuration that is being left.
    pub fn outgoing(&self) -> &[NodeId] {
        &self.outgoing
    }

    /// Who only gets the log.
    pub fn learners(&self) -> &[NodeId] {
        &self.learners
    }

    /// True if two configurations are joined.
    pub fn is_joint(&self) -> bool {
        !self.outgoing.is_empty()
    }

    /// True if two configurations are joined and the leader is to leave that by itself.
    pub fn leaves_by_itself(&self) -> bool {
        self.is_joint() && self.leaves_by_itself
    }

    /// True if the server votes in one of the configurations.
    pub fn is_voter(&self, id: NodeId) -> bool {
        self.voters.contains(&id) || self.outgoing.contains(&id)
    }

    /// True if the server gets the log.
    pub fn is_member(&self, id: NodeId) -> bool {
        self.is_voter(id) || self.learners.contains(&id)
    }

    /// Every server that gets the log, in the order of ids.
    pub fn everybody(&self) -> Vec<NodeId> {
        let mut all: Vec<NodeId> =
            [&self.voters, &self.outgoing, &self.learners].into_iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Of how many servers that vote in one of the configurations this is true.
    pub fn count_voters(&self, is: impl Fn(NodeId) -> bool) -> u64 {
        let only_old = self.outgoing.iter().filter(|id| !self.voters.contains(id));
        let all = self.voters.iter().chain(only_old);
        u64::try_from(all.filter(|id| is(**id)).count()).unwrap_or(u64::MAX)
    }

    /// The highest index that a majority has; of joined configurations, a majority of each.
    pub fn committed(&self, matched: impl Fn(NodeId) -> u64) -> u64 {
        let index = majority_index(&self.voters, &matched);
        if self.is_joint() { index.min(majority_index(&self.outgoing, &matched)) } else { index }
    }

    /// What has become of an election: won if both configurations say so, lost if one does.
    pub fn tally(&self, vote: impl Fn(NodeId) -> Option<bool>) -> Tally {
        match (majority_tally(&self.voters, &vote), majority_tally(&self.outgoing, &vote)) {
            (Tally::Won, Tally::Won) => Tally::Won,
            (Tally::Lost, _) | (_, Tally::Lost) => Tally::Lost,
            (Tally::Pending, _) | (_, Tally::Pending) => Tally::Pending,
        }
    }

    /// True if these servers are a majority; of joined configurations, of each.
    pub fn is_quorum(&self, has: impl Fn(NodeId) -> bool) -> bool {
        is_majority(&self.voters, &has) && is_majority(&self.outgoing, &has)
    }

    /// Both joined configurations taken for one: what a majority must not be counted over.
    #[must_use]
    pub fn union(&self) -> Self {
        Self::new(self.voters.iter().chain(&self.outgoing).copied(), [])
    }

    /// The members after one change. At most one vote may change: then a majority of the old
    /// members and one of the new ones have a server in common.
    pub fn changed(&self, change: Change) -> Result<Self, &'static str> {
        if self.is_joint() {
            return Err("two configurations are joined; leave that first");
        }
        let mut next = self.clone();
        next.apply(change);
        next.checked(self)
    }

    /// The joint configuration that leads to the members after all these changes.
    pub fn joined(&self, changes: &[Change], by_itself: bool) -> Result<Self, &'static str> {
        if self.is_joint() {
            return Err("two configurations are joined already");
        }
        let mut next = self.clone();
        for change in changes {
            next.apply(*change);
        }
        next.outgoing.clone_from(&self.voters);
        next.leaves_by_itself = by_itself;
        let votes_on = |id: &NodeId| self.voters.contains(id);
        next.learners_next = next.learners.iter().copied().filter(votes_on).collect();
        next.learners.retain(|id| !votes_on(id));
        next.checked(self)
    }

    /// The configuration behind a joint one.
    pub fn left(&self) -> Result<Self, &'static str> {
        if !self.is_joint() {
            return Err("there is no joint configuration to leave");
        }
        let learners = self.learners.iter().chain(&self.learners_next).copied();
        Ok(Self::new(self.voters.iter().copied(), learners))
    }

    fn apply(&mut self, change: Change) {
        let (Change::AddVoter(id) | Change::AddLearner(id) | Change::Remove(id)) = change;
        self.voters.retain(|voter| *voter != id);
        self.learners.retain(|learner| *learner != id);
        match change {
            Change::AddVoter(_) => insert(&mut self.voters, id),
            Change::AddLearner(_) => insert(&mut self.learners, id),
            Change::Remove(_) => {}
        }
    }

    fn checked(self, old: &Self) -> Result<Self, &'static str> {
        if self.voters.is_empty() {
            return Err("nobody would be left to vote");
        }
        if self == *old {
            return Err("nothing would change");
        }
        Ok(self)
    }
}

fn insert(list: &mut Vec<NodeId>, id: NodeId) {
    if let Err(place) = list.binary_search(&id) {
        list.insert(place, id);
    }
}

impl fmt::Display for Membership {
    /// `(1 2 3)`, `(3 4 5)&(1 2 3)` while joined, `learners (6)` behind it; servers are counted
    /// from 1 in the order of the cast.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, ids: &[NodeId]| {
            let ids: Vec<String> = ids.iter().map(|id| (id.number() + 1).to_string()).collect();
            write!(f, "({})", ids.join(" "))
        };
        list(f, &self.voters)?;
        if self.is_joint() {
            f.write_str("&")?;
            list(f, &self.outgoing)?;
        }
        if !self.learners.is_empty() {
            f.write_str(" learners ")?;
            list(f, &self.learners)?;
        }
        if !self.learners_next.is_empty() {
            f.write_str(" then learners ")?;
            list(f, &self.learners_next)?;
        }
        Ok(())
    }
}
