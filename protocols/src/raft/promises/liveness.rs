//! Promises of progress: what Raft owes once the faults of a majority have ended (section 5.4.3 of
//! the paper: "as long as the system satisfies the timing requirement").

use sim_engine::{
    Duration, Ended, Ending, Instant, Look, NodeId, Phase, Promise, Reads, Recovery, Violation,
};

use super::server;
use crate::raft::facts::Fact;
use crate::raft::server::Role;
use crate::raft::{RaftConfig, RaftNode, RaftRole, topics};

/// How many of the longest election timeouts an election may take, split votes included.
const ELECTIONS: u64 = 6;
/// How many messages in a million may be lost.
const LOSS_MAX: u32 = 50_000;

/// Follows one recovery: whether progress is due, and what speaks against it.
#[derive(Clone, Debug, Default)]
pub(super) struct Watch {
    is_on: bool,
    pub(super) since: Instant,
    pub(super) beyond: Option<String>,
}

impl Watch {
    /// True at the end of a time in which Raft had all that it needs.
    pub(super) fn is_due(&mut self, recovery: &Recovery<'_, RaftNode>) -> bool {
        if recovery.phase == Phase::Begins {
            *self = Self { is_on: true, since: recovery.at, beyond: None };
        }
        if self.beyond.is_none() {
            self.beyond = beyond(recovery);
        }
        self.is_on = recovery.phase != Phase::Ends;
        recovery.phase == Phase::Ends && self.beyond.is_none()
    }

    pub(super) fn suspended(&self) -> Option<&str> {
        self.beyond.as_deref()
    }
}

/// What Raft does not promise to survive, if there is anything of it: a majority of the members is
/// up, connected both ways, with disks that work; nobody else half disturbs it; and messages are
/// fast beside election timeouts.
fn beyond(recovery: &Recovery<'_, RaftNode>) -> Option<String> {
    let cast = recovery.cast();
    let (core, others): (Vec<NodeId>, Vec<NodeId>) = cast
        .iter()
        .filter(|(_, seat)| matches!(seat.role, RaftRole::Server {}))
        .map(|(id, _)| id)
        .partition(|id| recovery.window.core.contains(id));
    let has_changed = |id: NodeId| match recovery.memory(id) {
        Some(RaftNode::Server(server)) => server.configs.has_changed(),
        Some(RaftNode::Client(_)) | None => false,
    };
    if cast.ids().any(has_changed) {
        return Some("the members have changed".to_owned());
    }
    let members = core.len() + others.len();
    if core.len() * 2 <= members {
        return Some(format!("{} of {members} servers are no majority", core.len()));
    }
    if let Some(id) = core.iter().find(|id| !recovery.is_well(**id)) {
        let what = if recovery.is_up(*id) { "is in trouble" } else { "is down" };
        return Some(format!("{} {what}", cast.name(*id)));
    }
    let is_client = |id: &NodeId| cast.seat(*id).is_client && recovery.is_up(*id);
    let clients = recovery.window.core.iter().copied().filter(is_client);
    let core: Vec<NodeId> = core.iter().copied().chain(clients).collect();
    let apart = |one: NodeId, two: NodeId| !recovery.are_connected(one, two);
    let pairs = core.iter().flat_map(|one| core.iter().map(move |two| (*one, *two)));
    if let Some((one, two)) = pairs.into_iter().find(|(one, two)| apart(*one, *two)) {
        let (one, two) = (cast.name(one), cast.name(two));
        return Some(format!("{one} and {two} are not connected as usual"));
    }
    let is_whole =
        |id: NodeId| recovery.is_well(id) && core.iter().all(|member| !apart(id, *member));
    let is_silent = |id: NodeId| core.iter().all(|member| recovery.is_silent_for(id, *member));
    if let Some(id) = others.iter().find(|id| !is_whole(**id) && !is_silent(**id)) {
        return Some(format!("{} is heard, but not well connected", cast.name(*id)));
    }
    beyond_time(recovery)
}

/// What is too slow for the settings.
fn beyond_time(recovery: &Recovery<'_, RaftNode>) -> Option<String> {
    let (config, link) = (recovery.config(), recovery.usual_link());
    let round = link.delay.longest().times(2) + recovery.usual_disk().sync.longest();
    if round + config.heartbeat_interval > config.election_timeout.min {
        let least = config.election_timeout.min;
        return Some(format!("an answer takes up to {round}, a timeout may be {least}"));
    }
    if link.loss > LOSS_MAX {
        return Some("too many messages are lost".to_owned());
    }
    let time = recovery.window.until.since(recovery.window.since);
    let need = config.election_timeout.max.times(ELECTIONS);
    (time < need).then(|| format!("elections may take {need}, and {time} are given"))
}

/// Some server leads, and a majority follows it, within the bound.
#[derive(Clone, Debug, Default)]
pub struct LeaderEmerges {
    watch: Watch,
    has_leader: bool,
    exercised: u64,
}

impl LeaderEmerges {
    /// True if a majority of the members takes this one for its leader.
    fn is_followed<'a>(memory: impl Fn(NodeId) -> Option<&'a RaftNode>, leader: NodeId) -> bool {
        let server = |id| match memory(id) {
            Some(RaftNode::Server(server)) => Some(server),
            Some(RaftNode::Client(_)) | None => None,
        };
        let Some(chief) = server(leader) else { return false };
        if !matches!(chief.role, Role::Leader(_)) {
            return false;
        }
        let term = chief.durable.term;
        chief.members.is_quorum(|id| {
            server(id)
                .is_some_and(|server| server.durable.term == term && server.leader == Some(leader))
        })
    }
}

impl Promise<RaftNode> for LeaderEmerges {
    fn name(&self) -> &'static str {
        "leader-emerges"
    }

    /// Whoever comes to follow a leader says so.
    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::ROLES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        if self.watch.is_on && !self.has_leader {
            let leader = server(look, look.node).and_then(|server| server.leader);
            self.has_leader =
                leader.is_some_and(|leader| Self::is_followed(|id| look.memory(id), leader));
        }
        Ok(())
    }

    fn recovery(&mut self, recovery: &Recovery<'_, RaftNode>) -> Result<(), Violation> {
        // Whoever is followed already says nothing.
        let is_followed = |id: NodeId| Self::is_followed(|id| recovery.memory(id), id);
        let is_led = recovery.cast().ids().any(is_followed);
        self.has_leader = is_led || self.has_leader && recovery.phase != Phase::Begins;
        if !self.watch.is_due(recovery) {
            return Ok(());
        }
        self.exercised += 1;
        if self.has_leader {
            return Ok(());
        }
        let since = self.watch.since;
        let why = format!("no server has led a majority since the faults ended at {since}");
        Err(Violation::new(why, [recovery.event]))
    }

    fn suspended(&self) -> Option<&str> {
        self.watch.suspended()
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// Nobody asks in vain for three quarters of the time: what is asked again after giving up counts
/// on.
#[derive(Clone, Debug, Default)]
pub struct RequestsAnswered {
    watch: Watch,
    exercised: u64,
}

impl Promise<RaftNode> for RequestsAnswered {
    fn name(&self) -> &'static str {
        "requests-answered"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::NOTHING
    }

    fn look(&mut self, _: &Look<'_, RaftNode>) -> Result<(), Violation> {
        Ok(())
    }

    fn recovery(&mut self, recovery: &Recovery<'_, RaftNode>) -> Result<(), Violation> {
        if !self.watch.is_due(recovery) {
            return Ok(());
        }
        let (since, until) = (recovery.window.since, recovery.window.until);
        let most = Duration::nanos(until.since(since).as_nanos() / 4 * 3);
        let mut waited = vec![None; recovery.cast().len()];
        for record in &recovery.history.operations {
            let end = record.ended.as_ref().map_or(until, |ended| ended.at);
            if end <= since {
                continue;
            }
            let length = waited[record.client.index()].unwrap_or(Duration::ZERO)
                + end.since(record.invoked_at.max(since));
            waited[record.client.index()] = Some(length);
            if length >= most {
                let client = recovery.cast().name(record.client);
                let why = format!("{client} has asked for {length} without an answer");
                return Err(Violation::new(why, [record.invoked, recovery.event]));
            }
            let is_known = |ended: &Ended| !matches!(ended.ending, Ending::Unknown(_));
            if record.ended.as_ref().is_some_and(is_known) {
                waited[record.client.index()] = Some(Duration::ZERO);
            }
        }
        let asked = waited.iter().flatten().count();
        self.exercised += u64::try_from(asked).unwrap_or(u64::MAX);
        Ok(())
    }

    fn suspended(&self) -> Option<&str> {
        self.watch.suspended()
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// Every server of the core learns of everything that was committed before the faults ended.
#[derive(Clone, Debug, Default)]
pub struct FollowersCatchUp {
    watch: Watch,
    committed: u64,
    target: u64,
    behind: u64,
    exercised: u64,
}

impl Promise<RaftNode> for FollowersCatchUp {
    fn name(&self) -> &'static str {
        "followers-catch-up"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::COMMITS)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (_, fact) in look.facts() {
            if let Fact::Committed { index, .. } = fact {
                self.committed = self.committed.max(*index);
            }
        }
        Ok(())
    }

    fn recovery(&mut self, recovery: &Recovery<'_, RaftNode>) -> Result<(), Violation> {
        let commit_of = |id: &NodeId| match recovery.memory(*id) {
            Some(RaftNode::Server(server)) => Some(server.commit),
            Some(RaftNode::Client(_)) | None => None,
        };
        let is_behind = |id: &&NodeId, target: u64| commit_of(id).is_some_and(|at| at < target);
        let core = &recovery.window.core;
        if recovery.phase == Phase::Begins {
            self.target = self.committed;
            let behind = core.iter().filter(|id| is_behind(id, self.target)).count();
            self.behind = u64::try_from(behind).unwrap_or(u64::MAX);
        }
        if !self.watch.is_due(recovery) {
            return Ok(());
        }
        self.exercised += self.behind;
        let Some(id) = core.iter().find(|id| is_behind(id, self.target)) else { return Ok(()) };
        let (name, target) = (recovery.cast().name(*id), self.target);
        let why = format!("{name} does not know that entry {target} is committed");
        Err(Violation::new(why, [recovery.event]))
    }

    fn suspended(&self) -> Option<&str> {
        self.watch.suspended()
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
