//! A client: it caches the map and who leads which group, and learns of changes when it is refused.

use sim_engine::{
    Duration, Ending, Event, NodeId, NodeView, OpId, Operation, RoleClass, Row, Standing,
};

use super::facts::Fact;
use super::map::{GroupId, PartitionMap, key_of};
use super::message::{Message, Request};
use super::mutants::KEEPS_STALE_MAP;
use super::server::{Cx, Out};
use super::{Alarm, ClientSettings, Command, MultiRaftNode};
use crate::raft::{self, Answer};

/// How many redirects in a row a client follows.
const REDIRECTS_MAX: u8 = 3;

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    map: PartitionMap,
    /// Of each group, in the order of groups.
    routes: Vec<Route>,
    /// Its session, the same in all groups: new in every life, so that commands of a past life are
    /// not taken for retries.
    session: u64,
    seq: u64,
    pending: Option<Pending>,
    /// How many more redirects it follows before the retry timer runs out.
    redirects: u8,
    retry: Duration,
    give_up: Duration,
}

/// Where a client asks a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Route {
    replicas: Vec<NodeId>,
    /// Who leads, as far as the client knows; else the replicas are asked in turn.
    leader: Option<NodeId>,
    turn: u64,
}

/// The command a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pending {
    op: OpId,
    operation: Operation,
}

impl Route {
    fn target(&self) -> Option<NodeId> {
        let n = u64::try_from(self.replicas.len()).ok().filter(|n| *n > 0)?;
        let next = usize::try_from(self.turn % n).ok()?;
        self.leader.or_else(|| self.replicas.get(next).copied())
    }

    /// Whoever was asked is silent: the next one's turn.
    fn turn(&mut self) {
        let silent = self.target();
        self.leader = None;
        self.turn += 1;
        if self.target() == silent {
            self.turn += 1;
        }
    }
}

impl Client {
    pub(super) fn boot(cx: &Cx<'_>, settings: &ClientSettings) -> Self {
        let config = cx.config();
        let old = config.old_map.as_ref().filter(|_| settings.old_map);
        let route =
            |group| Route { replicas: config.seats(group, cx.cast()), leader: None, turn: 0 };
        Self {
            map: old.unwrap_or(&config.map).clone(),
            routes: config.groups().map(route).collect(),
            session: u64::from(cx.id().number()) + 1 + (u64::from(cx.life()) << 16),
            seq: 0,
            pending: None,
            redirects: REDIRECTS_MAX,
            retry: settings.retry.unwrap_or(config.raft.client_retry),
            give_up: settings.give_up.unwrap_or(config.raft.client_give_up),
        }
    }

    /// One input.
    pub(super) fn step(&mut self, cx: &Cx<'_>, event: Event<MultiRaftNode>, out: &mut Out) {
        match event {
            Event::Command { op, command } => self.on_command(op, command, out),
            Event::Message {
                from,
                message:
                    Message::Raft { group, message: raft::Message::ClientReply { seq, answer } },
            } => self.on_reply(from, group, (seq, answer), out),
            Event::Message { from, message: Message::StaleMap { seq, map } } => {
                if !cx.mutant(KEEPS_STALE_MAP) {
                    self.on_stale_map(from, seq, &map, out);
                }
            }
            Event::Timer(Alarm::Retry) => self.on_retry(out),
            Event::Timer(Alarm::GiveUp) => self.on_give_up(out),
            // What servers say among themselves is not for clients.
            Event::Message { .. }
            | Event::Timer(Alarm::Group(..))
            | Event::Admin(_)
            | Event::Started
            | Event::Synced(_)
            | Event::DiskFailed => {}
        }
    }

    fn on_command(&mut self, op: OpId, Command(operation): Command, out: &mut Out) {
        self.seq += 1;
        self.pending = Some(Pending { op, operation });
        self.redirects = REDIRECTS_MAX;
        out.set_timer(Alarm::GiveUp, self.give_up);
        self.ask(out);
    }

    /// The group that has the key the client waits for.
    fn group(&self) -> Option<GroupId> {
        Some(self.map.group_of(key_of(&self.pending?.operation)?))
    }

    fn route(&mut self, group: GroupId) -> Option<&mut Route> {
        self.routes.get_mut(group.place())
    }

    fn ask(&mut self, out: &mut Out) {
        let (Some(group), Some(Pending { operation, .. })) = (self.group(), self.pending) else {
            return;
        };
        let (epoch, session, seq) = (self.map.epoch, self.session, self.seq);
        if let Some(server) = self.route(group).and_then(|route| route.target()) {
            let request = Request { group, epoch, session, seq, operation };
            out.send(server, Message::Request(request));
        }
        out.set_timer(Alarm::Retry, self.retry);
    }

    fn on_reply(
        &mut self,
        from: NodeId,
        group: GroupId,
        (seq, answer): (u64, Answer),
        out: &mut Out,
    ) {
        let Some(pending) = self.pending else { return };
        if seq != self.seq || Some(group) != self.group() {
            // The answer to an earlier command, or by an older map.
            return;
        }
        match answer {
            Answer::Applied(reply) => {
                self.finish((from, group), pending.op, Ending::Ok(reply), out);
            }
            Answer::Refused(why) => {
                self.finish((from, group), pending.op, Ending::Failed(why), out);
            }
            Answer::NotLeader(Some(leader)) => self.on_redirect(from, group, leader, out),
            Answer::NotLeader(None) => {}
        }
    }

    /// Another server leads, says the one that was asked. Answers of others, and copies, are
    /// ignored; so are servers that send the client in a circle, until the retry timer runs out.
    fn on_redirect(&mut self, from: NodeId, group: GroupId, leader: NodeId, out: &mut Out) {
        let redirects = self.redirects;
        let Some(route) = self.route(group) else { return };
        if route.target() != Some(from) || leader == from || redirects == 0 {
            return;
        }
        route.leader = Some(leader);
        self.redirects -= 1;
        self.ask(out);
    }

    /// A server has refused what was asked by an old map: the client goes by the newer one.
    fn on_stale_map(&mut self, from: NodeId, seq: u64, map: &PartitionMap, out: &mut Out) {
        if map.epoch <= self.map.epoch {
            return;
        }
        self.map = map.clone();
        let key = self.pending.and_then(|pending| key_of(&pending.operation));
        let (Some(key), Some(group)) = (key, self.group()) else { return };
        out.announce(Fact::MapRefreshed { from, epoch: map.epoch, key, group });
        if seq == self.seq {
            self.redirects = REDIRECTS_MAX;
            self.ask(out);
        }
    }

    fn on_retry(&mut self, out: &mut Out) {
        self.redirects = REDIRECTS_MAX;
        if let Some(group) = self.group()
            && let Some(route) = self.route(group)
        {
            route.turn();
        }
        self.ask(out);
    }

    fn on_give_up(&mut self, out: &mut Out) {
        if let Some(pending) = self.pending {
            self.end(pending.op, Ending::Unknown("no answer in time"), out);
        }
    }

    /// The group's leader has answered.
    fn finish(
        &mut self,
        (from, group): (NodeId, GroupId),
        op: OpId,
        ending: Ending,
        out: &mut Out,
    ) {
        if let Some(route) = self.route(group) {
            route.leader = Some(from);
        }
        self.end(op, ending, out);
    }

    fn end(&mut self, op: OpId, ending: Ending, out: &mut Out) {
        self.pending = None;
        out.cancel_timer(Alarm::Retry);
        out.cancel_timer(Alarm::GiveUp);
        out.finish(op, ending);
    }

    pub(super) fn standing() -> Standing {
        Standing { role: "client", class: RoleClass::Asking, leads: false, epoch: 0 }
    }

    pub(super) fn view(&self) -> NodeView {
        let waits = self.pending.map_or_else(|| "–".to_owned(), |p| p.operation.to_string());
        let rows =
            vec![Row::plain("waits for", waits), Row::plain("map", self.map.epoch.to_string())];
        NodeView { cells: Vec::new(), rows }
    }
}
