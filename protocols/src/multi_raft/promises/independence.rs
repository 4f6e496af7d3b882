//! The promise that groups do not disturb each other.

use std::collections::BTreeMap;

use sim_engine::{
    Duration, EventId, Instant, Look, NodeId, Phase, Promise, Recovery, RoleClass, Violation,
};

use crate::multi_raft::facts::Fact;
use crate::multi_raft::map::{GroupId, key_of};
use crate::multi_raft::{MultiRaftNode, MultiRaftRole};
use crate::raft::{self, Upkeep};

/// For how many of the longest election timeouts a group must have been calm to count as settled.
const CALM: u64 = 2;
/// How many messages there and back a command may take, redirects and an old map included.
const ROUNDS: u64 = 4;

/// A group whose leader and majority are well goes on while another group is interrupted: it keeps
/// its leader and its term, and every command on its keys is answered without waiting for an
/// election.
///
/// It is put to the test by a recovery of those who are left: the groups that were settled when it
/// began, each for as long as nothing strikes its own replicas, if there is another group that was
/// not.
#[derive(Clone, Debug, Default)]
pub struct GroupsIndependent {
    /// How well replicas hear their leaders.
    hearing: BTreeMap<(GroupId, NodeId), Hearing>,
    /// The groups that have to go on.
    reigns: BTreeMap<GroupId, Reign>,
    exercised: u64,
}

/// How well a replica hears its leader. Times are the run's, not the server's own.
#[derive(Clone, Copy, Debug, Default)]
struct Hearing {
    heard: Instant,
    /// What the server's own clock said then.
    own: Instant,
    /// When it last had heard nothing for the shortest timeout.
    was_deaf: Instant,
}

/// A group that was settled when a recovery began.
#[derive(Clone, Debug)]
struct Reign {
    leader: NodeId,
    term: u64,
    /// The replicas that are well, the leader among them.
    core: Vec<NodeId>,
    /// The replicas that are silent.
    others: Vec<NodeId>,
    since: EventId,
}

fn replica(node: Option<&MultiRaftNode>, group: GroupId) -> Option<&raft::Server> {
    match node? {
        MultiRaftNode::Server(server) => server.raft(group),
        MultiRaftNode::Client(_) => None,
    }
}

fn leads(server: &raft::Server) -> bool {
    server.standing().class == RoleClass::InCharge
}

/// The longest time between two heartbeats as a follower hears them, while nothing is lost.
fn beat(recovery: &Recovery<'_, MultiRaftNode>) -> Duration {
    recovery.config().raft.heartbeat_interval + recovery.usual_link().delay.longest()
}

impl GroupsIndependent {
    /// Notes which replicas have heard their leader in this step.
    fn listen(&mut self, look: &Look<'_, MultiRaftNode>) {
        let timeout = look.config().raft.election_timeout.min;
        for group in look.config().groups() {
            let Some(server) = replica(look.memory(look.node), group) else {
                self.hearing.remove(&(group, look.node));
                continue;
            };
            let fresh = Hearing { was_deaf: look.at, ..Hearing::default() };
            let hearing = self.hearing.entry((group, look.node)).or_insert(fresh);
            let is_heard = server.leader().is_some() && server.heard_at() != hearing.own;
            if leads(server) || is_heard {
                if look.at.since(hearing.heard) >= timeout {
                    hearing.was_deaf = look.at;
                }
                (hearing.heard, hearing.own) = (look.at, server.heard_at());
            }
        }
    }

    /// True if a replica has heard the latest heartbeat of its leader, and has not been without one
    /// for long.
    fn is_calm(&self, at: (GroupId, NodeId), recovery: &Recovery<'_, MultiRaftNode>) -> bool {
        let patience = recovery.config().raft.election_timeout.max.times(CALM);
        self.hearing.get(&at).is_some_and(|hearing| {
            recovery.at.since(hearing.heard) <= beat(recovery)
                && hearing.was_deaf + patience < recovery.at
        })
    }

    /// The reign of a group that is settled.
    fn reign(&self, group: GroupId, recovery: &Recovery<'_, MultiRaftNode>) -> Option<Reign> {
        let config = recovery.config();
        let replicas = config.seats(group, recovery.cast());
        let (core, others): (Vec<NodeId>, Vec<NodeId>) =
            replicas.into_iter().partition(|id| recovery.window.core.contains(id));
        let memory = |id: &NodeId| replica(recovery.memory(*id), group);
        let leader = *core.iter().find(|id| memory(id).is_some_and(leads))?;
        let term = memory(&leader)?.standing().epoch;
        let follows = |id: &NodeId| {
            memory(id).is_some_and(|server| {
                server.standing().epoch == term && server.leader() == Some(leader)
            }) && self.is_calm((group, *id), recovery)
        };
        let reign = Reign { leader, term, core, others, since: recovery.event };
        // What the others sent before they fell silent may still arrive.
        let is_older = |id: &NodeId| {
            recovery.durable(*id).groups.get(&group).is_none_or(|durable| durable.term <= term)
        };
        let is_settled = reign.core.len() > reign.others.len()
            && reign.core.iter().all(follows)
            && reign.others.iter().all(is_older);
        (is_settled && reign.is_well(recovery)).then_some(reign)
    }

    /// What was asked of a group that had to go on, and took too long.
    fn slow(
        (group, reign): (GroupId, &Reign),
        recovery: &Recovery<'_, MultiRaftNode>,
    ) -> Result<(), Violation> {
        let config = recovery.config();
        let Some(most) = patience(recovery, reign) else { return Ok(()) };
        let (since, until) = (recovery.window.since, recovery.window.until);
        for record in &recovery.history.operations {
            let is_own = key_of(&record.operation).map(|key| config.map.group_of(key));
            let end = record.ended.as_ref().map_or(until, |ended| ended.at);
            let waited = end.since(record.invoked_at.max(since));
            if is_own == Some(group) && end > since && waited > most {
                let (leader, client) =
                    (recovery.cast().name(reign.leader), recovery.cast().name(record.client));
                let why = format!(
                    "{group}: {client} has waited {waited} for {}, while {leader} led a majority \
                     all the time",
                    record.operation
                );
                return Err(Violation::new(why, [record.invoked, recovery.event]));
            }
        }
        Ok(())
    }
}

/// How long a command on a key of a group that goes on may take: a client may try every silent
/// replica first. `None` if messages are too slow to say.
fn patience(recovery: &Recovery<'_, MultiRaftNode>, reign: &Reign) -> Option<Duration> {
    let (config, link) = (&recovery.config().raft, recovery.usual_link());
    let clients = recovery.cast().iter().filter_map(|(_, seat)| match &seat.role {
        MultiRaftRole::Client(settings) => settings.retry,
        MultiRaftRole::Server {} => None,
    });
    let retry = clients.fold(config.client_retry, Duration::max);
    let round = link.delay.longest().times(2) + recovery.usual_disk().sync.longest().times(2);
    let silent = u64::try_from(reign.others.len()).unwrap_or(u64::MAX);
    (round.times(ROUNDS) <= config.client_retry).then(|| retry.times(silent + 1))
}

impl Reign {
    /// True if nothing is wrong with the group: those who are well hear each other and the clients,
    /// and of the others nothing is heard. Where messages may get lost nothing is certain.
    fn is_well(&self, recovery: &Recovery<'_, MultiRaftNode>) -> bool {
        let cast = recovery.cast();
        let clients = cast.iter().filter(|(_, seat)| seat.is_client).map(|(id, _)| id);
        let all: Vec<NodeId> = self.core.iter().copied().chain(clients).collect();
        let are_connected = all.iter().all(|one| {
            self.core.iter().all(|two| one == two || recovery.are_connected(*one, *two))
        });
        let is_silent = |id: &NodeId| all.iter().all(|to| recovery.is_silent_for(*id, *to));
        // The last heartbeat before the faults ended may be the last one that arrives of those.
        let timeout = recovery.config().raft.election_timeout.min;
        are_connected
            && all.iter().all(|id| recovery.is_well(*id))
            && self.others.iter().all(is_silent)
            && recovery.usual_link().loss == 0
            && beat(recovery).times(2) <= timeout
    }
}

impl Promise<MultiRaftNode> for GroupsIndependent {
    fn name(&self) -> &'static str {
        "groups-independent"
    }

    fn look(&mut self, look: &Look<'_, MultiRaftNode>) -> Result<(), Violation> {
        self.listen(look);
        for (_, fact) in look.facts() {
            if let Fact::Raft { group, fact: raft::Fact::Upkeep(upkeep) } = fact
                && matches!(upkeep, Upkeep::Transfer { .. } | Upkeep::MembersChanged { .. })
            {
                // It was asked for.
                self.reigns.remove(group);
            }
        }
        for (group, reign) in &self.reigns {
            if !reign.core.contains(&look.node) {
                continue;
            }
            let Some(server) = replica(look.memory(look.node), *group) else { continue };
            let has_ended = look.node == reign.leader && !leads(server);
            if server.standing().epoch > reign.term || has_ended {
                let name = |id| look.cast().name(id);
                let (node, leader, term) = (name(look.node), name(reign.leader), reign.term);
                let why = format!(
                    "{group}: {node} left term {term}, though nothing was wrong with the group: \
                     {leader} led it, and a majority heard it all the time"
                );
                return Err(Violation::new(why, [reign.since, look.event]));
            }
        }
        Ok(())
    }

    fn recovery(&mut self, recovery: &Recovery<'_, MultiRaftNode>) -> Result<(), Violation> {
        if recovery.phase == Phase::Begins {
            let groups = recovery.config().groups();
            let settled = groups.filter_map(|group| Some((group, self.reign(group, recovery)?)));
            self.reigns = settled.collect();
            if self.reigns.len() == recovery.config().groups.len() {
                // Nobody is interrupted: there is nothing to be independent of.
                self.reigns.clear();
            }
        }
        self.reigns.retain(|_, reign| reign.is_well(recovery));
        if recovery.phase == Phase::Ends {
            for (group, reign) in std::mem::take(&mut self.reigns) {
                self.exercised += 1;
                Self::slow((group, &reign), recovery)?;
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
