//! A server: one Raft server for each group that it has a replica of, and the map.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use sim_engine::{
    Cast, Effects, Event, Node, NodeId, NodeView, RoleClass, Row, Standing, StepContext, Ticket,
    Tone, embed,
};

use super::admin::Admin;
use super::durable::Durable;
use super::facts::Fact;
use super::group::cast_of;
use super::map::{GroupId, GroupSet, key_of};
use super::message::{Message, Request};
use super::mutants::{COMMON_ELECTION, CROSS_GROUP_ACK, WRONG_GROUP_ROUTING};
use super::{Alarm, MultiRaftNode, standing};
use crate::raft::{self, RaftNode, RaftRole, Upkeep};

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    /// Of each group that there is a replica of, that replica.
    replicas: BTreeMap<GroupId, Replica>,
    /// Whose writes the tickets are that are under way, oldest first.
    tickets: VecDeque<(Ticket, GroupId)>,
    /// The groups that had a step in this server's latest one.
    stepped: GroupSet,
    /// The groups that this server leads, the one it has led longest first.
    led: Vec<GroupId>,
    /// How many groups there are.
    groups: u64,
}

/// A replica of one group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Replica {
    raft: RaftNode,
    /// The cast as this group sees it.
    cast: Arc<Cast<RaftRole>>,
}

pub(super) type Cx<'a> = StepContext<'a, MultiRaftNode>;
pub(super) type Out = Effects<MultiRaftNode>;

impl Server {
    /// A server as it wakes up: with the replicas that the settings give it, and those that its
    /// disk has since.
    pub(super) fn boot(cx: &Cx<'_>, durable: &Durable) -> Self {
        let mut server = Self {
            replicas: BTreeMap::new(),
            tickets: VecDeque::new(),
            stepped: GroupSet::default(),
            led: Vec::new(),
            groups: u64::try_from(cx.config().groups.len()).unwrap_or(u64::MAX),
        };
        let name = &cx.seat().name;
        for group in cx.config().groups() {
            if cx.config().replicas(group).contains(name) || durable.groups.contains_key(&group) {
                server.make_replica(cx, group, durable);
            }
        }
        server
    }

    fn make_replica(&mut self, cx: &Cx<'_>, group: GroupId, durable: &Durable) {
        let cast = cast_of(group, cx.config(), cx.cast());
        let nothing = raft::Durable::default();
        let durable = durable.groups.get(&group).unwrap_or(&nothing);
        let raft = embed::boot(cx, (&cx.config().raft, &cast), durable);
        self.replicas.insert(group, Replica { raft, cast: Arc::new(cast) });
    }

    /// One input.
    pub(super) fn step(&mut self, cx: &mut Cx<'_>, event: Event<MultiRaftNode>, out: &mut Out) {
        self.stepped = GroupSet::default();
        match event {
            Event::Started => self.on_started(cx, out),
            Event::Message { from, message: Message::Raft { group, message } } => {
                self.on_raft(cx, group, (from, message), out);
            }
            Event::Message { from, message: Message::Request(request) } => {
                self.on_request(cx, from, request, out);
            }
            Event::Timer(Alarm::Group(group, alarm)) => self.on_alarm(cx, group, alarm, out),
            Event::Admin(admin) => self.on_admin(cx, admin, out),
            Event::Synced(ticket) => self.on_synced(cx, ticket, out),
            // It is the disk of all groups.
            Event::DiskFailed => out.halt(),
            // Maps, timers and commands of clients are not for servers.
            Event::Message { message: Message::StaleMap { .. }, .. }
            | Event::Timer(Alarm::Retry | Alarm::GiveUp)
            | Event::Command { .. } => {}
        }
    }

    fn on_started(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let groups: Vec<GroupId> = self.replicas.keys().copied().collect();
        for group in &groups {
            self.feed(cx, *group, Event::Started, out);
        }
        let is_first = |group: &&GroupId| {
            let first = cx.config().replicas(**group).first();
            first.is_some_and(|name| *name == cx.seat().name) && self.is_new(**group)
        };
        if cx.config().first_leaders && cx.life() == 0 {
            let first: Vec<GroupId> = groups.iter().filter(is_first).copied().collect();
            for group in first {
                self.feed(cx, group, Event::Timer(raft::Alarm::Election), out);
            }
        }
    }

    /// True if nothing has happened yet in a group, as far as this server knows.
    fn is_new(&self, group: GroupId) -> bool {
        self.replicas.get(&group).is_some_and(|replica| replica.raft.standing().epoch == 0)
    }

    /// Gives one group's Raft an input.
    fn feed(&mut self, cx: &mut Cx<'_>, group: GroupId, event: Event<RaftNode>, out: &mut Out) {
        let config = &cx.config().raft;
        let Some(replica) = self.replicas.get_mut(&group) else { return };
        let mut inner = cx.nested(config, &replica.cast);
        let tickets = embed::step(&group, &mut replica.raft, &mut inner, event, out);
        self.stepped.insert(group);
        self.tickets.extend(tickets.into_iter().map(|ticket| (ticket, group)));
        if !replica.raft.standing().leads {
            self.led.retain(|led| *led != group);
        } else if !self.led.contains(&group) {
            self.led.push(group);
        }
    }

    /// What another server says to a group. Whoever has no replica becomes one: the group's leader
    /// has added it.
    fn on_raft(
        &mut self,
        cx: &mut Cx<'_>,
        group: GroupId,
        (from, message): (NodeId, raft::Message),
        out: &mut Out,
    ) {
        if !self.replicas.contains_key(&group) {
            self.make_replica(cx, group, &Durable::default());
            self.feed(cx, group, Event::Started, out);
        }
        if cx.mutant(CROSS_GROUP_ACK)
            && let raft::Message::AppendEntriesReply(_) = message
        {
            for led in self.led.clone() {
                let message = message.clone();
                self.feed(cx, led, Event::Message { from, message }, out);
            }
            return;
        }
        self.feed(cx, group, Event::Message { from, message }, out);
    }

    /// A client's command. Its group gets it only if the client goes by the same map as the server.
    fn on_request(&mut self, cx: &mut Cx<'_>, from: NodeId, request: Request, out: &mut Out) {
        let Request { group, epoch, seq, operation, .. } = request;
        let Some(key) = key_of(&operation) else { return };
        let map = &cx.config().map;
        if epoch != map.epoch && !cx.mutant(WRONG_GROUP_ROUTING) {
            let own = map.epoch;
            out.announce_now(Fact::StaleMapRefused { client: from, key, epoch, own });
            return out.send_now(from, Message::StaleMap { seq, map: Arc::new(map.clone()) });
        }
        if !self.replicas.contains_key(&group) {
            let answer = raft::Answer::NotLeader(None);
            let message = raft::Message::ClientReply { seq, answer };
            return out.send_now(from, Message::Raft { group, message });
        }
        self.feed(cx, group, Event::Message { from, message: request.for_raft() }, out);
    }

    fn on_admin(&mut self, cx: &mut Cx<'_>, Admin { group, ask }: Admin, out: &mut Out) {
        if self.replicas.contains_key(&group) {
            return self.feed(cx, group, Event::Admin(ask), out);
        }
        let refused = Upkeep::AdminRefused { what: ask.to_string(), why: "it has no replica" };
        out.announce(Fact::Raft { group, fact: raft::Fact::Upkeep(refused) });
    }

    fn on_alarm(&mut self, cx: &mut Cx<'_>, group: GroupId, alarm: raft::Alarm, out: &mut Out) {
        if cx.mutant(COMMON_ELECTION) && alarm == raft::Alarm::Election {
            let all: Vec<GroupId> = self.replicas.keys().copied().collect();
            for group in all {
                self.feed(cx, group, Event::Timer(alarm), out);
            }
            return;
        }
        self.feed(cx, group, Event::Timer(alarm), out);
    }

    /// A write is on disk: the group whose it is hears of it.
    fn on_synced(&mut self, cx: &mut Cx<'_>, ticket: Ticket, out: &mut Out) {
        let Some(place) = self.tickets.iter().position(|(known, _)| *known == ticket) else {
            return;
        };
        // Tickets come back in the order in which they were given out.
        self.tickets.drain(..place);
        if let Some((_, group)) = self.tickets.pop_front() {
            self.feed(cx, group, Event::Synced(ticket), out);
        }
    }

    /// The replica of a group, if there is one.
    pub fn replica(&self, group: GroupId) -> Option<&RaftNode> {
        self.replicas.get(&group).map(|replica| &replica.raft)
    }

    /// The Raft server of a group, if there is a replica.
    pub fn raft(&self, group: GroupId) -> Option<&raft::Server> {
        match self.replica(group)? {
            RaftNode::Server(server) => Some(server),
            RaftNode::Client(_) => None,
        }
    }

    /// True if this group had a step in the server's latest one.
    pub(super) fn has_stepped(&self, group: GroupId) -> bool {
        self.stepped.contains(group)
    }

    pub(super) fn standing(&self) -> Standing {
        if let Some(longest) = self.led.first() {
            let (role, epoch) = (standing::leads(&self.led), longest.number());
            return Standing { role, class: RoleClass::InCharge, leads: false, epoch };
        }
        let class = |replica: &Replica| replica.raft.standing().class;
        let mut all = self.replicas.iter();
        match all.find(|(_, replica)| class(replica) == RoleClass::Trying) {
            Some((group, _)) => Standing {
                role: standing::CANDIDATE,
                class: RoleClass::Trying,
                leads: false,
                epoch: group.number(),
            },
            None => Standing {
                role: standing::FOLLOWER,
                class: RoleClass::Following,
                leads: false,
                epoch: 0,
            },
        }
    }

    /// Of each group: what the replica is (L leads, C stands, F follows), in which term, and up to
    /// where it has committed.
    pub(super) fn view(&self) -> NodeView {
        let groups =
            (0..self.groups).map(|place| GroupId::at(usize::try_from(place).unwrap_or(usize::MAX)));
        let rows = groups.map(|group| {
            let Some(server) = self.raft(group) else { return Row::plain(group.name(), "–") };
            let Standing { class, epoch, .. } = server.standing();
            let (letter, tone) = match class {
                RoleClass::InCharge => ('L', Tone::Settled(group.number())),
                RoleClass::Trying => ('C', Tone::Open(group.number())),
                RoleClass::Following
                | RoleClass::Decided
                | RoleClass::Observing
                | RoleClass::Asking => ('F', Tone::Plain),
            };
            Row::boxed(group.name(), format!("{letter} T{epoch} c{}", server.commit()), tone)
        });
        NodeView { cells: Vec::new(), rows: rows.collect() }
    }
}
