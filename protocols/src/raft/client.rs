//! A client: one command at a time, the same number in every retry, the next server when one is
//! silent or does not lead (section 8).

use sim_engine::{
    Duration, Effects, Ending, Event, NodeId, NodeView, OpId, Operation, RoleClass, Row, Seat,
    Standing,
};

use super::message::{Answer, Message};
use super::server::Cx;
use super::{Alarm, ClientSettings, RaftNode, RaftRole};

/// How many redirects in a row a client follows.
const REDIRECTS_MAX: u8 = 3;

/// A client of a Raft cluster.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    servers: Vec<NodeId>,
    /// The place of the server it asks next.
    target: u64,
    /// The place of the one it asks first with every operation, if there is one.
    keeps: Option<u64>,
    /// Its session: new in every life, so that commands of a past life are not taken for retries.
    session: u64,
    seq: u64,
    pending: Option<Pending>,
    /// How many more redirects it follows before the retry timer runs out.
    redirects: u8,
    retry: Duration,
    give_up: Duration,
}

/// The command a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Pending {
    op: OpId,
    operation: Operation,
}

type Out = Effects<RaftNode>;

impl Client {
    pub(super) fn boot(cx: &Cx<'_>, settings: &ClientSettings) -> Self {
        let is_server = |(_, seat): &(NodeId, &Seat<RaftRole>)| seat.role.is_server();
        let servers: Vec<NodeId> = cx.cast().iter().filter(is_server).map(|(id, _)| id).collect();
        let contact = settings.contact.as_deref().and_then(|name| cx.cast().find(name));
        let target = servers.iter().position(|server| Some(*server) == contact).unwrap_or(0);
        let target = u64::try_from(target).unwrap_or(0);
        Self {
            servers,
            target,
            keeps: settings.keeps_contact.then_some(target),
            session: u64::from(cx.id().number()) + 1 + (u64::from(cx.life()) << 16),
            seq: 0,
            pending: None,
            redirects: REDIRECTS_MAX,
            retry: settings.retry.unwrap_or(cx.config().client_retry),
            give_up: settings.give_up.unwrap_or(cx.config().client_give_up),
        }
    }

    /// One input.
    pub(super) fn step(&mut self, event: Event<RaftNode>, out: &mut Out) {
        match event {
            Event::Command { op, command } => self.on_command(op, command, out),
            Event::Message { from, message: Message::ClientReply { seq, answer } } => {
                self.on_reply(from, seq, answer, out);
            }
            Event::Timer(Alarm::Retry) => self.on_retry(out),
            Event::Timer(Alarm::GiveUp) => self.on_give_up(out),
            // What servers say among themselves is not for clients.
            Event::Message { .. }
            | Event::Timer(
                Alarm::Election
                | Alarm::Heartbeat
                | Alarm::CheckQuorum
                | Alarm::Transfer
                | Alarm::Tick,
            )
            | Event::Admin(_)
            | Event::Started
            | Event::Synced(_)
            | Event::DiskFailed => {}
        }
    }

    fn on_command(&mut self, op: OpId, operation: Operation, out: &mut Out) {
        self.seq += 1;
        self.pending = Some(Pending { op, operation });
        self.redirects = REDIRECTS_MAX;
        self.target = self.keeps.unwrap_or(self.target);
        out.set_timer(Alarm::GiveUp, self.give_up);
        self.ask(out);
    }

    fn ask(&self, out: &mut Out) {
        let Some(pending) = self.pending else { return };
        let (session, seq, operation) = (self.session, self.seq, pending.operation);
        if let Some(server) = self.servers.get(usize::try_from(self.target).unwrap_or(0)) {
            out.send(*server, Message::ClientRequest { session, seq, operation });
        }
        out.set_timer(Alarm::Retry, self.retry);
    }

    fn on_reply(&mut self, from: NodeId, seq: u64, answer: Answer, out: &mut Out) {
        let Some(pending) = self.pending else { return };
        if seq != self.seq {
            // The answer to an earlier command.
            return;
        }
        match answer {
            Answer::Applied(reply) => self.finish(pending.op, Ending::Ok(reply), out),
            Answer::Refused(why) => self.finish(pending.op, Ending::Failed(why), out),
            Answer::NotLeader(Some(leader)) => self.on_redirect(from, leader, out),
            Answer::NotLeader(None) => {}
        }
    }

    /// Another server leads, says the one that was asked. Answers of others, and copies, are
    /// ignored; so are servers that send the client in a circle, until the retry timer runs out.
    fn on_redirect(&mut self, from: NodeId, leader: NodeId, out: &mut Out) {
        let place = |id| self.servers.iter().position(|server| *server == id);
        let (Some(asked), Some(leader)) = (place(from), place(leader)) else { return };
        let (Ok(asked), Ok(leader)) = (u64::try_from(asked), u64::try_from(leader)) else { return };
        if asked != self.target || leader == self.target || self.redirects == 0 {
            return;
        }
        self.redirects -= 1;
        self.target = leader;
        self.ask(out);
    }

    fn on_retry(&mut self, out: &mut Out) {
        self.redirects = REDIRECTS_MAX;
        let n = u64::try_from(self.servers.len()).unwrap_or(1).max(1);
        self.target = (self.target + 1) % n;
        self.ask(out);
    }

    fn on_give_up(&mut self, out: &mut Out) {
        if let Some(pending) = self.pending {
            self.finish(pending.op, Ending::Unknown("no answer in time"), out);
        }
    }

    fn finish(&mut self, op: OpId, ending: Ending, out: &mut Out) {
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
        NodeView { cells: Vec::new(), rows: vec![Row::plain("waits for", waits)] }
    }
}
