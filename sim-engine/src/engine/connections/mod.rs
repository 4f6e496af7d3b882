//! Links: what nodes do with them, and what they hear of them. What the kernels do between two
//! nodes is in `kernel.rs`, what they keep in `table.rs` and `stream.rs`.

mod kernel;
mod stream;
mod table;

use std::hash::Hash;

pub(super) use table::Connections;

use super::Simulation;
use super::host::Waiting;
use super::mail::Envelope;
use super::queue::Kind;
use super::step::code;
use crate::{
    Death, Disconnection, DropCause, Event, EventId, LinkId, Node, NodeId, Payload, Port, What,
};
use stream::Content;
pub(super) use stream::Segment;
pub(super) use table::StreamId;
use table::{ACCEPTOR, Connection, DIALLER, End};

/// How an end of a connection comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leave {
    /// Its node hangs up.
    HangUp,
    /// Its node dials again.
    DialAgain,
    /// Its process dies; the kernel does the rest.
    Die,
    /// Its machine loses power.
    LosePower,
    /// Its peer has ended it.
    Heard(Disconnection),
}

impl Leave {
    /// Why what arrives from now on is dropped.
    const fn cause(self) -> DropCause {
        match self {
            Self::HangUp | Self::Heard(Disconnection::Closed) => DropCause::HungUp,
            Self::DialAgain | Self::Heard(Disconnection::Superseded) => DropCause::Superseded,
            Self::Die | Self::LosePower | Self::Heard(Disconnection::Reset) => DropCause::Reset,
            Self::Heard(Disconnection::Refused) => DropCause::NoLink,
        }
    }

    /// What the kernel tells the peer, behind what was transmitted before.
    const fn farewell(self) -> Option<Disconnection> {
        match self {
            Self::HangUp => Some(Disconnection::Closed),
            Self::DialAgain => Some(Disconnection::Superseded),
            Self::Die => Some(Disconnection::Reset),
            Self::LosePower | Self::Heard(_) => None,
        }
    }

    /// True if the kernel still has, or had until now, what was transmitted before.
    const fn lingers(self) -> bool {
        matches!(self, Self::HangUp | Self::Die | Self::LosePower)
    }
}

impl<N: Node> Simulation<N> {
    /// A node dials a peer.
    pub(super) fn dial(
        &mut self,
        id: NodeId,
        (to, port): (NodeId, N::Port),
        (event, cause): (EventId, EventId),
    ) {
        self.digest.word(code::DIAL << 32 | u64::from(to.number()));
        port.hash(&mut self.digest);
        self.record(event, id, Some(cause), |_| What::Dialled { to, port: port.name() });
        let connections = self.connections.get_or_insert_with(|| Box::new(Connections::new()));
        if let Some((older, end)) = connections.find(id, LinkId::dialled(to, port)) {
            self.leave(older, end, Leave::DialAgain, event);
        }
        let Some(connections) = &mut self.connections else { return };
        let Some(index) = connections.open([id, to], port) else { return self.mail_is_full() };
        connections.name(index, DIALLER);
        self.send_segment(StreamId::new(index, DIALLER), Content::Syn, event);
    }

    /// A node hangs up. Nothing happens if there is no such link.
    pub(super) fn hang_up(
        &mut self,
        id: NodeId,
        link: LinkId<N::Port>,
        (event, cause): (EventId, EventId),
    ) {
        let Some((index, end)) = self.find_link(id, link) else { return };
        self.digest.word(code::HANG << 32 | u64::from(link.peer.number()));
        link.hash(&mut self.digest);
        self.record(event, id, Some(cause), |_| What::HungUp { link: link.view() });
        self.leave(index, end, Leave::HangUp, event);
    }

    /// Gives a message to the kernel, for the other end of a link.
    pub(super) fn transmit(
        &mut self,
        from: NodeId,
        link: LinkId<N::Port>,
        (id, cause): (EventId, EventId),
        message: N::Message,
    ) {
        let to = link.peer;
        self.digest.word(code::TRANSMIT << 32 | u64::from(to.number()));
        (link, &message).hash(&mut self.digest);
        if self.sink.is_on() {
            self.record_sent((from, to), (id, cause), &message, Some(link.view()));
        }
        self.messages.sent += 1;
        let found = self.find_link(from, link);
        let Some((index, end)) = found.filter(|(index, end)| self.is_up(*index, *end)) else {
            return self.lose(from, to, id, DropCause::NoLink);
        };
        match self.mail.put(Envelope { from, to, id, message }) {
            Some(mail) => self.send_segment(StreamId::new(index, end), Content::Mail(mail), id),
            None => self.mail_is_full(),
        }
    }

    fn find_link(&self, id: NodeId, link: LinkId<N::Port>) -> Option<(u32, usize)> {
        self.connections.as_ref()?.find(id, link)
    }

    /// All links of a node end with its life.
    pub(super) fn break_links(&mut self, id: NodeId, death: Death, event: EventId) {
        let how = match death {
            Death::Machine => Leave::LosePower,
            Death::Process | Death::Halt => Leave::Die,
        };
        let ends = self.connections.as_ref().map(|connections| connections.of(id));
        for (index, end) in ends.unwrap_or_default() {
            if !self.end_is_gone(index, end) {
                self.leave(index, end, how, event);
            }
            if death == Death::Machine {
                self.lose_kernel(StreamId::new(index, end));
            }
        }
    }

    /// An end of a connection comes to its end.
    fn leave(&mut self, index: u32, end: usize, how: Leave, event: EventId) {
        let Some(connections) = &mut self.connections else { return };
        connections.unname(index, end);
        let Some(connection) = connections.get(index) else { return };
        let before = std::mem::replace(&mut connection.ends[end], End::Gone(how.cause()));
        // Nobody has heard of a link that was only dialled.
        let is_known = before == End::Up || (before == End::Half && end == ACCEPTOR);
        let stream = &mut connection.streams[end];
        stream.has_ended = true;
        if !(is_known && how.lingers()) {
            let forgotten = stream.forget_waiting();
            self.forget(forgotten, how.cause());
        }
        match how.farewell().filter(|_| is_known) {
            Some(why) => self.send_segment(StreamId::new(index, end), Content::End(why), event),
            None => self.tidy_connection(index),
        }
    }

    /// Messages that a kernel has forgotten.
    fn forget(&mut self, mail: Vec<u32>, why: DropCause) {
        for index in mail {
            self.mail.unhold(index);
            if let Some(Envelope { from, to, id, .. }) = self.mail.take(index) {
                self.lose(from, to, id, why);
            }
        }
    }

    /// A node hears of what its kernel has taken, once it runs.
    fn hear(&mut self, stream: StreamId, segment: Segment) {
        let Some(connection) = self.connection(stream) else { return };
        let id = connection.nodes[stream.receiver()];
        let place = &self.places[id.index()];
        if place.node.is_some() || !place.is_up() {
            return self.hear_now(stream, segment);
        }
        if let Some(connection) = self.connection(stream) {
            connection.unheard += 1;
        }
        self.wait(id, Waiting::Segment(stream, segment));
    }

    /// A node that did not run hears of it now.
    pub(super) fn hear_at_last(&mut self, stream: StreamId, segment: Segment) {
        self.no_longer_unheard(stream);
        self.hear_now(stream, segment);
    }

    /// The kernel of a dead process throws away what that had not read.
    pub(super) fn forget_segment(&mut self, stream: StreamId, segment: Segment) {
        self.no_longer_unheard(stream);
        self.forget(segment.content.mail().into_iter().collect(), DropCause::Down);
        self.tidy_connection(stream.connection());
    }

    fn no_longer_unheard(&mut self, stream: StreamId) {
        if let Some(connection) = self.connection(stream) {
            connection.unheard -= 1;
        }
    }

    fn connection(&mut self, stream: StreamId) -> Option<&mut Connection<N::Port>> {
        self.connections.as_mut()?.get(stream.connection())
    }

    /// A node hears of what its kernel has taken.
    fn hear_now(&mut self, stream: StreamId, segment: Segment) {
        let (index, end) = (stream.connection(), stream.receiver());
        match segment.content {
            Content::SynAck | Content::Ack => self.hear_up(index, end, segment.cause),
            Content::Mail(mail) => self.hear_message(index, end, mail, segment.is_damaged),
            Content::End(why) => self.hear_down(index, end, why, segment.cause),
            Content::Refusal => self.hear_down(index, end, Disconnection::Refused, segment.cause),
            Content::Syn => unreachable!("a kernel answers by itself"),
        }
        self.tidy_connection(index);
    }

    fn hear_up(&mut self, index: u32, end: usize, cause: EventId) {
        let Some(connections) = &mut self.connections else { return };
        let Some(connection) = connections.get(index) else { return };
        let (id, link) = (connection.nodes[end], connection.link(end));
        if let Some((older, _)) = connections.find(id, link).filter(|(older, _)| *older != index) {
            self.hear_down(older, end, Disconnection::Superseded, cause);
        }
        if self.end_is_gone(index, end) {
            return; // The node died of the news.
        }
        let Some(connections) = &mut self.connections else { return };
        connections.name(index, end);
        let event = self.next_id();
        self.count(id, code::LINK_UP);
        link.hash(&mut self.digest);
        self.record(event, id, Some(cause), |_| What::LinkUp { link: link.view() });
        self.step(id, Event::LinkUp(link), event);
    }

    fn hear_down(&mut self, index: u32, end: usize, why: Disconnection, cause: EventId) {
        if self.end_is_gone(index, end) {
            return;
        }
        let Some(connections) = &mut self.connections else { return };
        let Some(connection) = connections.get(index) else { return };
        let (id, link) = (connection.nodes[end], connection.link(end));
        let event = self.next_id();
        self.leave(index, end, Leave::Heard(why), event);
        self.places[id.index()].disk.forget_link(link);
        self.count(id, code::LINK_DOWN);
        (link, why).hash(&mut self.digest);
        self.record(event, id, Some(cause), |_| What::LinkDown { link: link.view(), why });
        self.step(id, Event::LinkDown { link, why }, event);
    }

    fn hear_message(&mut self, index: u32, end: usize, mail: u32, is_damaged: bool) {
        let Some(connections) = &mut self.connections else { return };
        let Some(connection) = connections.get(index) else { return };
        let (state, link) = (connection.ends[end], connection.link(end));
        let Some(mut envelope) = self.mail.take(mail) else { return };
        let Envelope { from, to, id, .. } = envelope;
        if let End::Gone(why) = state {
            let is_down = self.places[to.index()].node.is_none();
            self.count(to, code::DROP);
            return self.lose(from, to, id, if is_down { DropCause::Down } else { why });
        }
        if is_damaged && let Some(damaged) = self.damage(Kind::Mutated, envelope.clone()) {
            envelope.message = damaged;
        }
        let event = self.next_id();
        self.count(to, code::RECEIVE);
        self.digest.word(id.0);
        self.messages.delivered += 1;
        self.record(event, to, Some(id), |_| What::Delivered { message: id, from });
        let kind = envelope.message.kind();
        self.step(to, Event::Received { link, message: envelope.message }, event);
        if self.plan.is_watching() {
            self.notice_delivery(from, to, kind);
        }
    }

    fn is_up(&mut self, index: u32, end: usize) -> bool {
        let connections = self.connections.as_mut();
        let connection = connections.and_then(|connections| connections.get(index));
        connection.is_some_and(|connection| connection.ends[end] == End::Up)
    }

    fn end_is_gone(&mut self, index: u32, end: usize) -> bool {
        let connections = self.connections.as_mut();
        let connection = connections.and_then(|connections| connections.get(index));
        connection.is_none_or(|connection| connection.is_gone(end))
    }

    fn tidy_connection(&mut self, index: u32) {
        if let Some(connections) = &mut self.connections {
            connections.tidy(index);
        }
    }
}
