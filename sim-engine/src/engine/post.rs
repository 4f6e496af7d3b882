//! Messages between seats: sent, lost, held, copied, delivered.

use super::Simulation;
use super::mail::Envelope;
use super::queue::Kind;
use super::step::code;
use crate::faults::CorruptionMode;
use crate::network::Fate;
use crate::{DropCause, Duration, Event, EventId, LinkView, Node, NodeId, Payload, Stopped, What};

impl<N: Node> Simulation<N> {
    /// Gives a message to the network.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    pub(super) fn post(&mut self, from: NodeId, to: NodeId, id: EventId, message: N::Message) {
        self.messages.sent += 1;
        if from == to {
            // A message to oneself never meets the network.
            return self.queue_mail(Envelope { from, to, id, message }, Duration::ZERO);
        }
        if let Some(after) = self.network.send_calmly(from) {
            return self.queue_mail(Envelope { from, to, id, message }, after);
        }
        self.post_through_faults(Envelope { from, to, id, message });
    }

    /// Records that a message was sent.
    #[cold]
    #[inline(never)]
    pub(super) fn record_sent(
        &mut self,
        (from, to): (NodeId, NodeId),
        (event, cause): (EventId, EventId),
        message: &N::Message,
        link: Option<LinkView>,
    ) {
        let label = if self.sink.is_full() { message.to_string() } else { String::new() };
        let (kind, epoch, routine) = (message.kind(), message.epoch(), message.is_routine());
        let sent = What::Sent { to, kind, label, epoch, routine, link };
        self.record(event, from, Some(cause), |_| sent);
    }

    /// Gives a message to a network where more can become of it than simply to arrive.
    #[inline(never)]
    fn post_through_faults(&mut self, envelope: Envelope<N::Message>) {
        let (from, to, id) = (envelope.from, envelope.to, envelope.id);
        match self.network.send(self.now, from, to, &envelope.message) {
            Fate::Arrives(after) => self.queue_mail(envelope, after),
            Fate::Twice(after, copy_after) => {
                let second = Envelope { id: self.copied(from, id), ..envelope.clone() };
                self.queue_mail(envelope, after);
                self.queue_mail(second, copy_after);
            }
            Fate::Damaged { mode, after, copy_after } => {
                self.queue_damaged(mode, envelope, after, copy_after);
            }
            Fate::Held => {
                let event = self.next_id();
                self.record(event, from, Some(id), |_| What::Held { message: id, to });
                match self.mail.put(envelope) {
                    Some(index) => self.mail.hold(index),
                    None => self.mail_is_full(),
                }
            }
            Fate::Lost(why) => self.lose(from, to, id, why),
        }
    }

    /// The network makes a copy of a message: counts and records it, and gives it a number.
    pub(super) fn copied(&mut self, from: NodeId, message: EventId) -> EventId {
        let copy = self.next_id();
        self.messages.sent += 1;
        self.digest.word(code::COPY);
        self.record(copy, from, Some(message), |_| What::Duplicated { message });
        copy
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    fn queue_mail(&mut self, envelope: Envelope<N::Message>, after: Duration) {
        self.queue_as(Kind::Mail, envelope, after);
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    fn queue_as(&mut self, kind: Kind, envelope: Envelope<N::Message>, after: Duration) {
        match self.mail.put(envelope) {
            Some(index) => self.queue.push_now(self.now + after, kind, index),
            None => self.mail_is_full(),
        }
    }

    /// Queues a message that is damaged, and perhaps a copy that is whole.
    #[cold]
    fn queue_damaged(
        &mut self,
        mode: CorruptionMode,
        envelope: Envelope<N::Message>,
        after: Duration,
        copy_after: Option<Duration>,
    ) {
        if let Some(copy_after) = copy_after {
            let id = self.copied(envelope.from, envelope.id);
            self.queue_mail(Envelope { id, ..envelope.clone() }, copy_after);
        }
        let kind = match mode {
            CorruptionMode::Checksum => Kind::Spoiled,
            CorruptionMode::Mutate => Kind::Mutated,
        };
        self.queue_as(kind, envelope, after);
    }

    /// Too many messages are under way: the run is out of bounds, not the message lost.
    #[cold]
    pub(super) fn mail_is_full(&mut self) {
        self.stopped = Stopped::MailLimit;
        self.events_max = self.events;
    }

    /// Lets a message that was held go on now, or loses it.
    pub(super) fn let_go(&mut self, index: u32, drop: bool) {
        if self.let_go_on_link(index, drop) {
            return;
        }
        let Some((from, to, id)) = self.mail.peek(index) else { return };
        if drop {
            self.mail.take(index);
            return self.lose(from, to, id, DropCause::Directed);
        }
        let after = self.network.delay(from, to);
        self.queue.push(self.now + after, Kind::Mail, index);
    }

    /// Counts and records a lost message.
    #[cold]
    #[inline(never)]
    pub(super) fn lose(&mut self, from: NodeId, to: NodeId, message: EventId, why: DropCause) {
        let event = self.next_id();
        self.messages.dropped += 1;
        self.digest.word(code::DROP);
        self.digest.word(message.0);
        self.record(event, from, Some(message), |_| What::Dropped { message, to, why });
    }

    /// A message arrives, if nothing stops it now.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    pub(super) fn arrive(&mut self, index: u32) {
        let Some(envelope) = self.mail.take(index) else { return };
        if self.network.is_parted() || self.places[envelope.to.index()].node.is_none() {
            return self.meet_faults(envelope, Kind::Mail);
        }
        self.deliver(envelope);
    }

    /// A message arrives that was damaged on its way.
    #[cold]
    #[inline(never)]
    pub(super) fn arrive_unusually(&mut self, index: u32, kind: Kind) {
        if let Some(envelope) = self.mail.take(index) {
            self.meet_faults(envelope, kind);
        }
    }

    /// A message arrives where the network is parted, or at a node that does not run, or damaged.
    #[cold]
    #[inline(never)]
    fn meet_faults(&mut self, envelope: Envelope<N::Message>, kind: Kind) {
        let (from, to, id) = (envelope.from, envelope.to, envelope.id);
        if let Some(why) = self.network.stops(from, to) {
            self.count(to, code::DROP);
            return self.lose(from, to, id, why);
        }
        if self.places[to.index()].node.is_none() {
            return self.arrive_at_sleeper(kind, envelope);
        }
        if kind == Kind::Mail {
            return self.deliver(envelope);
        }
        if let Some(message) = self.damage(kind, envelope) {
            self.deliver(Envelope { from, to, id, message });
        }
    }

    /// A node that runs gets a message.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    pub(super) fn deliver(&mut self, envelope: Envelope<N::Message>) {
        let Envelope { from, to, id, message } = envelope;
        let event = self.next_id();
        self.count_with(to, code::DELIVER, id);
        self.messages.delivered += 1;
        self.record(event, to, Some(id), |_| What::Delivered { message: id, from });
        if self.plan.is_watching() {
            return self.deliver_watched((from, to), message, event);
        }
        self.step_now(to, Event::Message { from, message }, event);
    }

    #[inline(never)]
    fn deliver_watched(
        &mut self,
        (from, to): (NodeId, NodeId),
        message: N::Message,
        event: EventId,
    ) {
        let kind = message.kind();
        self.step(to, Event::Message { from, message }, event);
        self.notice_delivery(from, to, kind);
    }
}
