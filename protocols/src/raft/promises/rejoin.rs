//! The promise of PreVote: whoever comes back disturbs nobody (dissertation 9.6).

use sim_engine::{Instant, Look, NodeId, Phase, Promise, Reads, Recovery, Violation};

use super::liveness::Watch;
use super::{server, slot};
use crate::raft::server::{Role, Server};
use crate::raft::{Profile, RaftConfig, RaftNode, RaftRole};

/// With PreVote, servers that come back change no term while a majority hears its leader.
#[derive(Clone, Debug, Default)]
pub struct RejoinKeepsTerm {
    watch: Watch,
    hearing: Vec<Hearing>,
    reign: Option<Reign>,
    exercised: u64,
}

/// How well a server hears its leader. Times are the run's, not the server's own.
#[derive(Clone, Copy, Debug, Default)]
struct Hearing {
    /// When it last did.
    heard: Option<Instant>,
    /// What the server's own clock said then.
    own: Instant,
    /// When it last had not for the shortest timeout.
    was_deaf: Instant,
}

/// A leader that a majority heard when the faults ended.
#[derive(Clone, Debug)]
struct Reign {
    term: u64,
    /// The leader and those that heard it.
    settled: Vec<NodeId>,
    members: usize,
}

/// True if the settings promise that elections are ignored while a leader is heard.
fn promises_to_keep_terms(config: &RaftConfig) -> bool {
    config.pre_vote && (config.check_quorum || config.profile == Profile::Paper)
}

impl RejoinKeepsTerm {
    /// Notes whether a server that has just taken a step hears its leader.
    fn listen(&mut self, look: &Look<'_, RaftNode>) {
        let timeout = look.config().election_timeout.min;
        let hearing = slot(&mut self.hearing, look.node);
        let Some(server) = server(look, look.node) else {
            *hearing = Hearing { was_deaf: look.at, ..Hearing::default() };
            return;
        };
        let leads = matches!(server.role, Role::Leader(_));
        if leads || server.leader.is_some() && server.heard_at != hearing.own {
            if hearing.heard.is_none_or(|heard| look.at.since(heard) >= timeout) {
                hearing.was_deaf = look.at;
            }
            (hearing.heard, hearing.own) = (Some(look.at), server.heard_at);
        }
    }

    fn hears(&self, id: NodeId, now: Instant, config: &RaftConfig) -> bool {
        let heard = self.hearing.get(id.index()).and_then(|hearing| hearing.heard);
        heard.is_some_and(|heard| now.since(heard) < config.election_timeout.min)
    }

    /// The reign that servers come back to, if there is one.
    fn reign(&self, recovery: &Recovery<'_, RaftNode>) -> Option<Reign> {
        let memory = |id: NodeId| match recovery.memory(id) {
            Some(RaftNode::Server(server)) => Some(&**server),
            Some(RaftNode::Client(_)) | None => None,
        };
        let seats = recovery.cast().iter();
        let members: Vec<NodeId> = seats
            .filter(|(_, seat)| matches!(seat.role, RaftRole::Server {}))
            .map(|(id, _)| id)
            .collect();
        let known = |id: &NodeId| {
            memory(*id).map_or(0, |server| server.durable.term).max(recovery.durable(*id).term)
        };
        let term = members.iter().map(known).max()?;
        let leads =
            |server: &Server| matches!(server.role, Role::Leader(_)) && server.durable.term == term;
        let leader = *members.iter().find(|id| memory(**id).is_some_and(leads))?;
        let is_settled = |id: &NodeId| {
            let follows = memory(*id)
                .is_some_and(|server| server.durable.term == term && server.leader == Some(leader));
            follows && self.hears(*id, recovery.at, recovery.config())
        };
        let settled: Vec<NodeId> = members.iter().copied().filter(is_settled).collect();
        let come_back =
            recovery.window.core.iter().any(|id| members.contains(id) && !settled.contains(id));
        let reign = Reign { term, members: members.len(), settled };
        (come_back && reign.settled.len() * 2 > reign.members).then_some(reign)
    }

    /// A settled server has left the term: wrong if a majority has heard the leader all the time.
    fn term_changed(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let Some(reign) = self.reign.take() else { return Ok(()) };
        let config = look.config();
        let long_before = |was_deaf: Instant| was_deaf + config.election_timeout.max;
        let all_along = |id: &&NodeId| {
            let hearing = self.hearing.get(id.index()).copied().unwrap_or_default();
            self.hears(**id, look.at, config) && long_before(hearing.was_deaf) < self.watch.since
        };
        if reign.settled.iter().filter(all_along).count() * 2 <= reign.members {
            return Ok(());
        }
        self.exercised += 1;
        let (name, term) = (look.cast().name(look.node), reign.term);
        let why = format!("{name} left term {term}, whose leader a majority heard all the time");
        Err(Violation::new(why, [look.event]))
    }
}

impl Promise<RaftNode> for RejoinKeepsTerm {
    fn name(&self) -> &'static str {
        "rejoin-keeps-term"
    }

    fn reads(&self, config: &RaftConfig) -> Reads {
        if promises_to_keep_terms(config) { Reads::STEPS } else { Reads::NOTHING }
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let has_left = self.reign.as_ref().is_some_and(|reign| {
            reign.settled.contains(&look.node)
                && server(look, look.node).is_some_and(|server| server.durable.term > reign.term)
        });
        if has_left {
            return self.term_changed(look);
        }
        self.listen(look);
        Ok(())
    }

    fn recovery(&mut self, recovery: &Recovery<'_, RaftNode>) -> Result<(), Violation> {
        if recovery.phase == Phase::Begins && promises_to_keep_terms(recovery.config()) {
            self.reign = self.reign(recovery);
        }
        let is_due = self.watch.is_due(recovery);
        if self.watch.beyond.is_some() {
            self.reign = None;
        }
        if is_due && self.reign.take().is_some() {
            self.exercised += 1;
        }
        Ok(())
    }

    fn suspended(&self) -> Option<&str> {
        self.watch.suspended()
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
