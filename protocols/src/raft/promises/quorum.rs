//! The promise of CheckQuorum: whoever hears from no majority does not lead for long (dissertation
//! 6.2).

use sim_engine::{Instant, Look, Moment, Promise, Reads, Violation};

use super::{server, slot};
use crate::raft::facts::{Fact, StepDown};
use crate::raft::server::{Role, Server};
use crate::raft::{RaftConfig, RaftNode};

/// After how many of the shortest election timeouts a leader without a majority must be none. Two
/// are enough for one that runs; a slow process is slow to look.
const TIMEOUTS: u64 = 6;

/// With CheckQuorum a leader that hears from no majority steps down.
#[derive(Clone, Debug, Default)]
pub struct LeaderHearsMajority {
    /// Of each server, since when it leads and has heard from no majority.
    lonely: Vec<Option<Loneliness>>,
    exercised: u64,
}

/// How long a leader has heard from no majority.
#[derive(Clone, Copy, Debug)]
struct Loneliness {
    since: Instant,
    /// When it was first seen to be too long: a process that was paused notices it only then.
    overdue: Option<Instant>,
}

/// True if it leads, and no majority has answered since it last looked.
fn is_lonely(server: &Server) -> bool {
    let Role::Leader(leadership) = &server.role else { return false };
    let answers = |id| leadership.progress.iter().any(|peer| peer.peer == id && peer.is_active);
    !server.members.is_quorum(|id| id == server.id || answers(id))
}

impl Promise<RaftNode> for LeaderHearsMajority {
    fn name(&self) -> &'static str {
        "leader-hears-majority"
    }

    fn reads(&self, config: &RaftConfig) -> Reads {
        if config.check_quorum { Reads::STEPS } else { Reads::NOTHING }
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let by_itself = |fact: &Fact| {
            matches!(fact, Fact::SteppedDown { why: StepDown::QuorumNotActive { .. } })
        };
        if look.facts().any(|(_, fact)| by_itself(fact)) {
            self.exercised += 1;
        }
        let lonely = slot(&mut self.lonely, look.node);
        if look.moment == Moment::Crash || !server(look, look.node).is_some_and(is_lonely) {
            *lonely = None;
            return Ok(());
        }
        let timeout = look.config().election_timeout.min;
        let lonely = lonely.get_or_insert(Loneliness { since: look.at, overdue: None });
        let length = look.at.since(lonely.since);
        if length < timeout.times(TIMEOUTS) {
            return Ok(());
        }
        if look.at.since(*lonely.overdue.get_or_insert(look.at)) < timeout {
            return Ok(());
        }
        self.exercised += 1;
        let name = look.cast().name(look.node);
        let why = format!("{name} has heard from no majority for {length} and still leads");
        Err(Violation::new(why, [look.event]))
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
