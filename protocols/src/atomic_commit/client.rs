//! A client: one operation at a time, asked again until it is answered or no patience is left.

use sim_engine::{
    Effects, Ending, Event, Key, NodeId, NodeView, OpId, Operation, Reply, RoleClass, Row,
    Standing, Vocabulary,
};

use super::directory::Directory;
use super::message::{Message, Verdict};
use super::seats::{Alarm, ClientSettings, CommitRole};
use super::{CommitNode, Cx, Out};

/// A client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    coordinator: Option<NodeId>,
    reads_at: Option<NodeId>,
    directory: Directory,
    open: Option<(OpId, Operation)>,
    /// The last life of its coordinator that it has heard of.
    heard: u32,
    /// The one it had heard of when it first asked what is open.
    asked: u32,
}

/// What a client may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Request(Operation);

impl Vocabulary for Request {
    fn from_operation(operation: &Operation) -> Option<Self> {
        match operation {
            Operation::Read { .. }
            | Operation::Write { .. }
            | Operation::Cas { .. }
            | Operation::Increment { .. }
            | Operation::Transfer { .. } => Some(Self(*operation)),
            Operation::Append { .. } | Operation::Acquire { .. } | Operation::Release { .. } => {
                None
            }
        }
    }
}

impl Client {
    pub(super) fn boot(cx: &Cx<'_>, settings: &ClientSettings) -> Self {
        let find = |name: &Option<String>| name.as_deref().and_then(|name| cx.cast().find(name));
        let is_acting =
            |role: &CommitRole| matches!(role, CommitRole::Coordinator(it) if !it.backup);
        let mut coordinators = cx.cast().iter().filter(|(_, seat)| is_acting(&seat.role));
        Self {
            coordinator: find(&settings.contact).or_else(|| coordinators.next().map(|(id, _)| id)),
            reads_at: find(&settings.reads_at),
            directory: Directory::of(cx.cast()),
            open: None,
            heard: 0,
            asked: 0,
        }
    }

    /// One input.
    pub(super) fn step(&mut self, cx: &Cx<'_>, event: &Event<CommitNode>, out: &mut Out) {
        match *event {
            Event::Command { op, command: Request(operation) } => {
                self.open = Some((op, operation));
                self.asked = self.heard;
                out.set_timer(Alarm::GiveUp, cx.config().client_give_up);
                self.ask(cx, out);
            }
            Event::Timer(Alarm::Retry) => self.ask(cx, out),
            Event::Timer(Alarm::GiveUp) => self.finish(Ending::Unknown("no answer in time"), out),
            Event::Message { message: Message::Outcome { op, result, life }, .. } => {
                self.heard = self.heard.max(life);
                self.on_outcome(op, result, out);
            }
            Event::Message { message: Message::Value { op, value }, .. } => {
                if self.is_open(op) {
                    self.finish(Ending::Ok(Reply::Value(value)), out);
                }
            }
            // What the others say among themselves is not for clients.
            Event::Message { .. }
            | Event::Timer(
                Alarm::Votes(_)
                | Alarm::Resend(_)
                | Alarm::Doubt(_)
                | Alarm::DoubtMax(_)
                | Alarm::Lock(_)
                | Alarm::Collect(_),
            )
            | Event::Started
            | Event::Admin(_)
            | Event::Synced(_)
            | Event::Received { .. }
            | Event::LinkUp(_)
            | Event::LinkDown { .. }
            | Event::DiskFailed => {}
        }
    }

    fn ask(&self, cx: &Cx<'_>, out: &mut Out) {
        let Some((op, operation)) = self.open else { return };
        match operation {
            Operation::Read { key } if !cx.config().reads_are_transactions => {
                if let Some(keeper) = self.keeper(key) {
                    out.send(keeper, Message::Read { op, key });
                }
            }
            Operation::Read { .. }
            | Operation::Write { .. }
            | Operation::Cas { .. }
            | Operation::Append { .. }
            | Operation::Increment { .. }
            | Operation::Acquire { .. }
            | Operation::Release { .. }
            | Operation::Transfer { .. } => {
                if let Some(coordinator) = self.coordinator {
                    let life = self.asked;
                    out.send(coordinator, Message::Begin { op, operation, life });
                }
            }
        }
        out.set_timer(Alarm::Retry, cx.config().client_retry);
    }

    /// Whom it asks for the value of one key.
    fn keeper(&self, key: Key) -> Option<NodeId> {
        let keepers = self.directory.keepers(key);
        self.reads_at.filter(|id| keepers.contains(id)).or_else(|| keepers.first().copied())
    }

    fn is_open(&self, op: OpId) -> bool {
        self.open.is_some_and(|(open, _)| open == op)
    }

    fn on_outcome(&mut self, op: OpId, result: Verdict, out: &mut Out) {
        if !self.is_open(op) {
            return;
        }
        let tells_value = self.open.is_some_and(|(_, operation)| {
            matches!(operation, Operation::Read { .. } | Operation::Increment { .. })
        });
        let ending = match result {
            Verdict::Committed(value) if tells_value => Ending::Ok(Reply::Value(value)),
            Verdict::Committed(_) => Ending::Ok(Reply::Done),
            Verdict::Aborted(why) => Ending::Failed(why),
        };
        self.finish(ending, out);
    }

    fn finish(&mut self, ending: Ending, out: &mut Effects<CommitNode>) {
        let Some((op, _)) = self.open.take() else { return };
        out.cancel_timer(Alarm::Retry);
        out.cancel_timer(Alarm::GiveUp);
        out.finish(op, ending);
    }

    pub(super) fn standing() -> Standing {
        Standing { role: "client", class: RoleClass::Asking, leads: false, epoch: 0 }
    }

    pub(super) fn view(&self) -> NodeView {
        let waits =
            self.open.map_or_else(|| "–".to_owned(), |(_, operation)| operation.to_string());
        NodeView { cells: Vec::new(), rows: vec![Row::plain("waits for", waits)] }
    }
}
