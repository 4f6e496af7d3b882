//! What the kernels of two machines do for a connection, whatever their processes do: segments
//! sent, lost, sent again, taken and answered.

use super::stream::{Content, Due, Segment, Stream};
use super::table::{ACCEPTOR, End, StreamId};
use crate::engine::Simulation;
use crate::engine::queue::Kind;
use crate::network::{Outgoing, Passage, Try};
use crate::{Disconnection, DropCause, Duration, EventId, Instant, Node, NodeId, Payload, What};

/// The size of a segment that carries no message, in bytes: its headers.
const HEADERS: u32 = 40;

impl<N: Node> Simulation<N> {
    fn stream(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.connections.as_mut()?.stream(id)
    }

    /// Who sends and who receives.
    fn route(&mut self, id: StreamId) -> Option<(NodeId, NodeId)> {
        let connection = self.connections.as_mut()?.get(id.connection())?;
        Some((connection.nodes[id.sender()], connection.nodes[id.receiver()]))
    }

    fn wake_stream(&mut self, id: StreamId, at: Instant) {
        self.queue.push(at, Kind::Link, id.0);
    }

    /// Gives a segment to the sender's kernel.
    pub(super) fn send_segment(&mut self, id: StreamId, content: Content, cause: EventId) {
        let Some(stream) = self.stream(id) else { return };
        let (is_blocked, is_first) = (stream.is_blocked(), stream.is_empty());
        stream.push(content, cause);
        let attempt = if is_blocked { Try::Blocked } else { Try::First };
        let passage = self.attempt(id, content, attempt);
        self.take_passage(id, passage, is_blocked);
        if is_first {
            self.wake_for_arrival(id);
        }
    }

    /// Lets the sender's kernel send a segment, for the first time or again.
    fn attempt(&mut self, id: StreamId, content: Content, attempt: Try) -> Passage {
        let Some((from, to)) = self.route(id) else { return Passage::Swallowed };
        if from == to {
            return Passage::Flies { after: Duration::ZERO, is_damaged: false };
        }
        let message = content.mail().and_then(|index| self.mail.get(index));
        let kind = message.map(|envelope| envelope.message.kind());
        let bytes = message.map_or(HEADERS, |envelope| envelope.message.bytes());
        self.network.pass(self.now, &Outgoing { from, to, kind, bytes, attempt })
    }

    /// What becomes of the next segment to be sent, or of the last one if it is blocked. True if
    /// the one behind it may try.
    fn take_passage(&mut self, id: StreamId, passage: Passage, is_blocked: bool) -> bool {
        let now = self.now;
        let Some(stream) = self.stream(id) else { return false };
        match passage {
            Passage::Held => {
                let segment = if is_blocked { stream.last() } else { stream.next_to_send() };
                if let Some(mail) = segment.and_then(Segment::set_aside) {
                    self.hold(mail);
                }
                false
            }
            Passage::Flies { after, is_damaged } if !is_blocked => {
                stream.fly(now + after, is_damaged);
                true
            }
            Passage::Swallowed if !is_blocked => {
                self.try_later(id);
                false
            }
            Passage::Flies { .. } | Passage::Swallowed => false,
        }
    }

    /// The schedule puts a message aside.
    fn hold(&mut self, mail: u32) {
        let Some((from, to, id)) = self.mail.peek(mail) else { return };
        self.mail.hold(mail);
        let event = self.next_id();
        self.record(event, from, Some(id), |_| What::Held { message: id, to });
    }

    /// Something may be due on a stream.
    pub(in crate::engine) fn link_is_due(&mut self, index: u32) {
        let (id, now) = (StreamId(index), self.now);
        match self.stream(id).map(|stream| stream.due(now)) {
            Some(Due::Arrival) => self.segment_arrives(id),
            Some(Due::Attempt) => self.send_again(id),
            Some(Due::Nothing) | None => {}
        }
    }

    /// The kernel sends what waits, as far as the network takes it.
    fn send_again(&mut self, id: StreamId) {
        let Some(stream) = self.stream(id) else { return };
        let nothing_flew = stream.first_due().is_none();
        while let Some(next) = self.stream(id).and_then(Stream::next_to_send) {
            let content = next.content;
            let passage = self.attempt(id, content, Try::Again);
            if !self.take_passage(id, passage, false) {
                break;
            }
        }
        if nothing_flew {
            self.wake_for_arrival(id);
        }
    }

    fn wake_for_arrival(&mut self, id: StreamId) {
        let now = self.now;
        if let Some(due) = self.stream(id).and_then(|stream| stream.first_due()) {
            self.wake_stream(id, due.max(now));
        }
    }

    /// The first segment of a stream is where the receiver's machine is, or should be.
    fn segment_arrives(&mut self, id: StreamId) {
        let Some((from, to)) = self.route(id) else { return };
        let is_stopped = from != to && self.network.stops(from, to).is_some();
        if is_stopped || !self.places[to.index()].has_power {
            if let Some(stream) = self.stream(id) {
                stream.swallow();
            }
            return self.try_later(id);
        }
        let Some(segment) = self.stream(id).and_then(Stream::take_first) else { return };
        self.wake_for_arrival(id);
        self.kernel_takes(id, segment);
        self.tidy_connection(id.connection());
    }

    /// Something was lost: the sender's kernel will send it again, if it is still there.
    fn try_later(&mut self, id: StreamId) {
        let Some((from, _)) = self.route(id) else { return };
        if !self.places[from.index()].has_power {
            return self.lose_kernel(id);
        }
        let now = self.now;
        if let Some(again_at) = self.stream(id).and_then(|stream| stream.back_off(now)) {
            self.wake_stream(id, again_at);
        }
    }

    /// The sender's kernel is gone, with all that waits in it.
    pub(super) fn lose_kernel(&mut self, id: StreamId) {
        let Some(stream) = self.stream(id) else { return };
        let forgotten = stream.forget_waiting();
        // A kernel that is back has never heard of this connection.
        stream.has_ended = false;
        self.forget(forgotten, DropCause::PowerLost);
        self.tidy_connection(id.connection());
    }

    /// A kernel takes a segment, answers it where it can, and lets its process hear of the rest.
    fn kernel_takes(&mut self, id: StreamId, segment: Segment) {
        let Some(connections) = &mut self.connections else { return };
        let Some(connection) = connections.get(id.connection()) else { return };
        let end = &mut connection.ends[id.receiver()];
        let is_heard = match (segment.content, *end) {
            (Content::Syn, _) => {
                self.answer_dial(id, segment.cause);
                false
            }
            (Content::SynAck, End::Gone(_)) => {
                // Nobody waits for this connection any more, and its peer has not heard of it.
                connection.ends[ACCEPTOR] = End::Gone(DropCause::NoLink);
                false
            }
            (Content::SynAck, End::Half | End::Up) => {
                *end = End::Up;
                self.send_segment(id.back(), Content::Ack, segment.cause);
                true
            }
            (Content::Ack, End::Half | End::Up) => {
                *end = End::Up;
                true
            }
            (Content::End(_), End::Half) => {
                // Nobody has heard of it, and nobody will: it was dialled again before that.
                *end = End::Gone(DropCause::NoLink);
                false
            }
            (Content::Ack, End::Gone(_)) => {
                self.answer_with_reset(id, segment.cause);
                false
            }
            (Content::Mail(_), End::Gone(_)) => {
                self.answer_with_reset(id, segment.cause);
                true
            }
            (Content::Refusal | Content::End(_) | Content::Mail(_), _) => true,
        };
        if is_heard {
            self.hear(id, segment);
        }
    }

    /// Somebody is dialled.
    fn answer_dial(&mut self, id: StreamId, cause: EventId) {
        let Some(connections) = &mut self.connections else { return };
        let Some(connection) = connections.get(id.connection()) else { return };
        let callee = connection.nodes[ACCEPTOR];
        if !self.places[callee.index()].is_up() {
            return self.send_segment(id.back(), Content::Refusal, cause);
        }
        connection.ends[ACCEPTOR] = End::Half;
        self.send_segment(id.back(), Content::SynAck, cause);
    }

    /// A kernel was sent something for a link that it does not know.
    fn answer_with_reset(&mut self, id: StreamId, cause: EventId) {
        let Some(back) = self.stream(id.back()).filter(|back| !back.has_ended) else { return };
        back.has_ended = true;
        self.send_segment(id.back(), Content::End(Disconnection::Reset), cause);
    }

    /// The schedule lets go of a message of a link: it goes on, or it is lost once and sent again.
    pub(in crate::engine) fn let_go_on_link(&mut self, mail: u32, is_lost: bool) -> bool {
        let connections = self.connections.as_ref();
        let Some(id) = connections.and_then(|connections| connections.stream_with(mail)) else {
            return false;
        };
        if !self.stream(id).is_some_and(|stream| stream.let_go(mail)) {
            return true; // It follows what is before it.
        }
        if is_lost {
            self.try_later(id);
        } else {
            let passage = self.attempt(id, Content::Mail(mail), Try::Released);
            self.send_released(id, passage);
        }
        true
    }

    /// Lets a message of a link arrive now that was held, if it is one.
    pub(in crate::engine) fn arrive_on_link(&mut self, mail: u32) -> bool {
        let connections = self.connections.as_ref();
        let Some(id) = connections.and_then(|connections| connections.stream_with(mail)) else {
            return false;
        };
        if self.stream(id).is_some_and(|stream| stream.let_go(mail)) {
            let passage = Passage::Flies { after: Duration::ZERO, is_damaged: false };
            self.send_released(id, passage);
        }
        true
    }

    fn send_released(&mut self, id: StreamId, passage: Passage) {
        let nothing_flew = self.stream(id).is_some_and(|stream| stream.first_due().is_none());
        let flies = self.take_passage(id, passage, false);
        if flies && nothing_flew {
            self.wake_for_arrival(id);
        }
        if flies {
            self.send_again(id);
        }
    }
}

impl Segment {
    /// The schedule holds it. Returns its message.
    fn set_aside(&mut self) -> Option<u32> {
        self.place = super::stream::Whereabouts::Held;
        self.content.mail()
    }
}
