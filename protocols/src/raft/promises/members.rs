//! Promises about changes of the members.

use sim_engine::{EventId, Look, NodeId, Promise, Reads, Violation};

use super::{server, slot};
use crate::raft::facts::Fact;
use crate::raft::upkeep::Upkeep;
use crate::raft::{Membership, RaftConfig, RaftNode, topics};

/// No two configurations that could both act have majorities without a server in common
/// (dissertation 4.1, figure 4.3, and the correction of 2015), and no log has two configurations
/// that are not committed.
///
/// A configuration can act if the server that goes by it could be elected now: if a majority of its
/// members has logs that are no newer. Looked at whenever members change at a server.
#[derive(Clone, Debug, Default)]
pub struct ConfigSafety {
    /// The last change of members at each server.
    last: Vec<Option<EventId>>,
    /// The highest index committed so far.
    committed: u64,
    exercised: u64,
}

impl Promise<RaftNode> for ConfigSafety {
    fn name(&self) -> &'static str {
        "config-safety"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::COMMITS.and(topics::MEMBERS))
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            if let Fact::Committed { index, .. } = fact {
                self.committed = self.committed.max(*index);
            }
            let Fact::Upkeep(Upkeep::MembersChanged { .. }) = fact else { continue };
            self.exercised += 1;
            let before = slot(&mut self.last, look.node).replace(event);
            if let Some(why) = overlap(look, self.committed) {
                return Err(Violation::new(why, before.into_iter().chain([event])));
            }
            let candidates: Vec<NodeId> =
                look.cast().ids().filter(|id| server(look, *id).is_some()).collect();
            for (place, one) in candidates.iter().enumerate() {
                for two in &candidates[place + 1..] {
                    if let Some(why) = act_apart(look, *one, *two) {
                        let changed = [one, two].map(|id| *slot(&mut self.last, *id));
                        let changed = changed.into_iter().chain([before]).flatten();
                        return Err(Violation::new(why, changed.chain([event])));
                    }
                }
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// The two changes in the log of one server that are both not committed, if there are two.
fn overlap(look: &Look<'_, RaftNode>, committed: u64) -> Option<String> {
    let (one, two) = server(look, look.node)?.configs.two_after(committed)?;
    let name = look.cast().name(look.node);
    Some(format!(
        "{name} has two changes of members that are not committed, in slots {one} and {two}"
    ))
}

/// How two servers could both be elected, by majorities that have nobody in common.
fn act_apart(look: &Look<'_, RaftNode>, one: NodeId, two: NodeId) -> Option<String> {
    let members = |id| server(look, id).map(|server| &server.members);
    let (first, second) = (members(one)?, members(two)?);
    if first == second || !first.is_voter(one) || !second.is_voter(two) {
        return None;
    }
    let apart = halves(first).into_iter().all(|half| {
        halves(second).into_iter().all(|other| are_apart(look, (one, half), (two, other)))
    });
    apart.then(|| {
        let name = |id| look.cast().name(id);
        let (one, two) = (name(one), name(two));
        format!("{one} with {first} and {two} with {second} could both be elected at once")
    })
}

/// The one or two sets of which a majority is needed.
fn halves(members: &Membership) -> Vec<&[NodeId]> {
    let outgoing = members.is_joint().then_some(members.outgoing());
    [Some(members.voters()), outgoing].into_iter().flatten().collect()
}

/// True if both candidates find a majority that would vote for them, and nobody is in both.
fn are_apart(
    look: &Look<'_, RaftNode>,
    (one, ours): (NodeId, &[NodeId]),
    (two, theirs): (NodeId, &[NodeId]),
) -> bool {
    let end = |id| {
        let log = &look.durable(id).log;
        (log.last_term(), log.last_index())
    };
    let would_vote = |voter: NodeId, candidate: NodeId| end(voter) <= end(candidate);
    let for_one: Vec<&NodeId> = ours.iter().filter(|id| would_vote(**id, one)).collect();
    let for_two: Vec<&NodeId> = theirs.iter().filter(|id| would_vote(**id, two)).collect();
    let shared = for_one.iter().filter(|id| for_two.contains(id)).count();
    let missing = |all: &[NodeId], votes: usize| (all.len() / 2 + 1).saturating_sub(votes - shared);
    let (lack_one, lack_two) = (missing(ours, for_one.len()), missing(theirs, for_two.len()));
    for_one.len() > ours.len() / 2
        && for_two.len() > theirs.len() / 2
        && lack_one + lack_two <= shared
}
