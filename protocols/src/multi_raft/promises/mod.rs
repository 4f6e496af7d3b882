//! What the store promises: everything that Raft does for each group, and what is about several.

mod independence;
mod ownership;
mod projection;

use sim_engine::checkers::{self, LinearizableHistory, Model};
use sim_engine::embed::PerGuest;
use sim_engine::{Promise, PromiseInfo, Protocol};

use super::MultiRaftNode;
use crate::raft::{self, RaftNode};

pub use independence::GroupsIndependent;
pub use ownership::KeyOwnership;
pub use projection::GroupSight;

/// What is about several groups.
const OWN: [PromiseInfo; 3] = [
    PromiseInfo {
        name: "key-ownership",
        says: "a group executes commands only on keys that the map gives it",
        short: "only own keys",
    },
    PromiseInfo {
        name: "groups-independent",
        says: "a group whose leader and majority are well goes on while another is interrupted",
        short: "one group's loss is its own",
    },
    checkers::LINEARIZABILITY,
];

/// Those of Raft, and how each is made.
macro_rules! of_raft {
    ($($promise:ident),* $(,)?) => {
        /// Promises of Raft that every group keeps.
        fn kept_by_groups() -> Vec<Box<dyn Promise<MultiRaftNode>>> {
            vec![$(Box::new(PerGuest::<GroupSight>::new(made::<raft::promises::$promise>))),*]
        }
    };
}

fn made<P: Promise<RaftNode> + Default + 'static>() -> Box<dyn Promise<RaftNode>> {
    Box::<P>::default()
}

of_raft![
    ElectionSafety,
    LeaderAppendOnly,
    LogMatching,
    LeaderCompleteness,
    StateMachineSafety,
    VoteUniqueness,
    Monotony,
    Durability,
    CommittedNeverTruncated,
    CommitLegality,
    ExactlyOnce,
    LeaderEmerges,
    RequestsAnswered,
    FollowersCatchUp,
    RejoinKeepsTerm,
    LeaderHearsMajority,
    TermsAreStoodFor,
    VotesAreGiven,
    ConfigSafety,
    FreshReads,
];

/// How many promises of Raft there are beside linearizability, which is kept over all groups.
const OF_RAFT: usize = <raft::Raft as Protocol>::PROMISES.len() - 1;

/// Every promise, for lists.
pub(super) const INFO: &[PromiseInfo] = &{
    let mut all = [checkers::LINEARIZABILITY; OF_RAFT + OWN.len()];
    let mut place = 0;
    while place < all.len() {
        all[place] = if place < OF_RAFT {
            <raft::Raft as Protocol>::PROMISES[place]
        } else {
            OWN[place - OF_RAFT]
        };
        place += 1;
    }
    all
};

/// Every promise, fresh for a run.
pub(super) fn all() -> Vec<Box<dyn Promise<MultiRaftNode>>> {
    let mut all = kept_by_groups();
    all.push(Box::<KeyOwnership>::default());
    all.push(Box::<GroupsIndependent>::default());
    all.push(Box::new(LinearizableHistory::new(Model::Store, checkers::STEPS, raft::REFUSALS)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_and_the_promises_agree() {
        let listed: Vec<&str> = INFO.iter().map(|info| info.name).collect();
        let made: Vec<&str> = all().iter().map(|promise| promise.name()).collect();
        assert_eq!(listed, made);
    }
}
