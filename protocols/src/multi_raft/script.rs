//! How stories are told of a store of several groups.

use sim_engine::script::{Scripted, ScriptedCast};
use sim_engine::{Cast, Duration, Role, Seat};

use super::map::{GroupId, PartitionMap, Range};
use super::{
    ClientSettings, Durable, Message, MultiRaft, MultiRaftConfig, MultiRaftNode, MultiRaftRole,
};
use crate::raft::{Raft, RaftConfig};

impl Scripted for MultiRaft {
    /// `nodes 3 1`: so many servers `1`, `2` ..., which all have a replica of two groups, and so
    /// many clients `c1`, `c2` ... By map 2 keys from `m` on are of `g2`; with `old-map` clients
    /// still have map 1, by which `g1` has all keys.
    fn cast(words: &[&str]) -> Result<ScriptedCast<MultiRaftNode>, String> {
        let usage = || "write `nodes <servers> <clients> [old-map]`".to_owned();
        let (servers, clients, old_map) = match words {
            [servers, clients] => (servers, clients, false),
            [servers, clients, "old-map"] => (servers, clients, true),
            _ => return Err(usage()),
        };
        let servers: u16 = servers.parse().map_err(|_| usage())?;
        let clients: u16 = clients.parse().map_err(|_| usage())?;
        let first = Range { from: None, group: GroupId::at(0) };
        let second = Range { from: "m".parse().ok(), group: GroupId::at(1) };
        let replicas: Vec<String> = (1..=servers).map(|n| n.to_string()).collect();
        let config = MultiRaftConfig {
            raft: RaftConfig { client_give_up: Duration::secs(10), ..RaftConfig::paper() },
            groups: vec![replicas.clone(), replicas.clone()],
            map: PartitionMap { epoch: 2, ranges: vec![first, second] },
            old_map: Some(PartitionMap { epoch: 1, ranges: vec![first] }),
            first_leaders: false,
        };
        let settings = ClientSettings { old_map, ..ClientSettings::default() };
        let client = |n| seat(format!("c{n}"), MultiRaftRole::Client(settings.clone()));
        let servers = replicas.into_iter().map(|name| seat(name, MultiRaftRole::Server {}));
        Ok((config, Cast::new(servers.chain((1..=clients).map(client)).collect())))
    }

    fn message(message: &Message) -> String {
        match message {
            Message::Raft { group, message } => format!("{group} {}", Raft::message(message)),
            Message::Request(request) => format!(
                "{} Request map={} seq={} {}",
                request.group, request.epoch, request.seq, request.operation
            ),
            Message::StaleMap { seq, map } => format!("StaleMap seq={seq} map={}", map.epoch),
        }
    }

    /// Each group as Raft tells it.
    fn summary(node: &MultiRaftNode, durable: &Durable) -> String {
        let MultiRaftNode::Server(server) = node else { return "client".to_owned() };
        let groups = (0..super::GROUPS_MAX).map(GroupId::at);
        let told = groups.filter_map(|group| {
            let nothing = crate::raft::Durable::default();
            let durable = durable.groups.get(&group).unwrap_or(&nothing);
            Some(format!("{group}: {}", Raft::summary(server.replica(group)?, durable)))
        });
        told.collect::<Vec<_>>().join(" | ")
    }
}

fn seat(name: String, role: MultiRaftRole) -> Seat<MultiRaftRole> {
    Seat { name, kind: role.kind().to_owned(), is_client: role.is_client(), role, place: None }
}
