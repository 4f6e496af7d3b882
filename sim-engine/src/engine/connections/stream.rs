//! One direction of a connection: what its sender's kernel was given and its receiver's kernel has
//! not got, in order.

use std::collections::VecDeque;

use crate::{Disconnection, Duration, EventId, Instant};

/// How long after a loss a kernel sends again, for the first time.
const AGAIN_AFTER: Duration = Duration::millis(200);
/// The same while the connection is being set up.
const SET_UP_AGAIN_AFTER: Duration = Duration::secs(1);
/// The time doubles with every further loss, up to this.
const AGAIN_AFTER_MAX: Duration = Duration::secs(120);

/// What a segment carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    /// The dialler asks for a connection.
    Syn,
    /// The kernel of the peer agrees.
    SynAck,
    /// The kernel of the dialler has seen that.
    Ack,
    /// The kernel of the peer refuses: it has no process.
    Refusal,
    /// A message: its place in the mail.
    Mail(u32),
    /// The sender's end is no more.
    End(Disconnection),
}

impl Content {
    const fn is_set_up(self) -> bool {
        matches!(self, Self::Syn | Self::SynAck | Self::Refusal)
    }
}

/// Where a segment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Whereabouts {
    /// On its way.
    Flying(Instant),
    /// In the sender's kernel, to be sent again.
    Waiting,
    /// Put aside by the schedule.
    Held,
}

/// A part of a stream of bytes that travels as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Segment {
    pub(super) content: Content,
    /// What made it go out.
    pub(super) cause: EventId,
    pub(super) place: Whereabouts,
    /// True if it was damaged on its way and no checksum noticed.
    pub(super) is_damaged: bool,
}

/// One direction of a connection.
///
/// Only the first segment ever arrives. Invariant: nothing flies behind one that does not; and if
/// something waits with nothing held before it, an attempt is due at `again_at`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Stream {
    segments: VecDeque<Segment>,
    /// When the kernel makes its next attempt.
    again_at: Instant,
    /// How many attempts in a row were lost.
    losses: u32,
    /// True once its end was sent: nothing follows.
    pub(super) has_ended: bool,
}

/// What is to be done for a stream now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// Its first segment arrives.
    Arrival,
    /// What waits is sent again.
    Attempt,
}

impl Stream {
    pub(super) const fn new() -> Self {
        Self { segments: VecDeque::new(), again_at: Instant::NEVER, losses: 0, has_ended: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// What an event of this stream that comes up now is about. One from an earlier use of its slot
    /// in the table finds nothing due.
    pub(super) fn due(&mut self, now: Instant) -> Due {
        if self.first_due().is_some_and(|due| due <= now) {
            Due::Arrival
        } else if self.again_at <= now {
            self.again_at = Instant::NEVER;
            Due::Attempt
        } else {
            Due::Nothing
        }
    }

    /// When the first segment arrives, if it flies.
    pub(super) fn first_due(&self) -> Option<Instant> {
        match self.segments.front()?.place {
            Whereabouts::Flying(due) => Some(due),
            Whereabouts::Waiting | Whereabouts::Held => None,
        }
    }

    /// True if what is sent now must wait behind something.
    pub(super) fn is_blocked(&self) -> bool {
        self.segments.back().is_some_and(|last| !matches!(last.place, Whereabouts::Flying(_)))
    }

    /// Takes a segment from the sender.
    pub(super) fn push(&mut self, content: Content, cause: EventId) {
        let place = Whereabouts::Waiting;
        self.segments.push_back(Segment { content, cause, place, is_damaged: false });
    }

    /// The first segment that does not fly, if it waits to be sent.
    pub(super) fn next_to_send(&mut self) -> Option<&mut Segment> {
        let flying = |segment: &Segment| matches!(segment.place, Whereabouts::Flying(_));
        let next = self.segments.iter_mut().find(|segment| !flying(segment))?;
        (next.place == Whereabouts::Waiting).then_some(next)
    }

    /// The segment that was given last.
    pub(super) fn last(&mut self) -> Option<&mut Segment> {
        self.segments.back_mut()
    }

    /// The next to be sent flies. It arrives then, or with what flies before it if that is later.
    pub(super) fn fly(&mut self, due: Instant, is_damaged: bool) {
        if let Some(segment) = self.next_to_send() {
            segment.place = Whereabouts::Flying(due);
            segment.is_damaged = is_damaged;
        }
    }

    /// What flies was swallowed by the network: the kernel still has it.
    pub(super) fn swallow(&mut self) {
        for segment in &mut self.segments {
            if matches!(segment.place, Whereabouts::Flying(_)) {
                segment.place = Whereabouts::Waiting;
            }
        }
    }

    /// Something was lost. Returns when the next attempt is due; `None` if one is due already.
    pub(super) fn back_off(&mut self, now: Instant) -> Option<Instant> {
        if self.again_at != Instant::NEVER {
            return None;
        }
        let is_set_up = self.segments.front().is_some_and(|first| first.content.is_set_up());
        let first = if is_set_up { SET_UP_AGAIN_AFTER } else { AGAIN_AFTER };
        let after = first.as_nanos().saturating_mul(1 << self.losses.min(16));
        self.losses += 1;
        self.again_at = now + Duration::nanos(after).min(AGAIN_AFTER_MAX);
        Some(self.again_at)
    }

    /// The first segment has arrived.
    pub(super) fn take_first(&mut self) -> Option<Segment> {
        self.losses = 0;
        self.segments.pop_front()
    }

    /// The sender's kernel forgets what waits, and what is put aside behind that. Returns the
    /// messages among it.
    pub(super) fn forget_waiting(&mut self) -> Vec<u32> {
        let waits = |segment: &Segment| segment.place == Whereabouts::Waiting;
        let Some(first) = self.segments.iter().position(waits) else { return Vec::new() };
        self.again_at = Instant::NEVER;
        let forgotten = self.segments.drain(first..);
        forgotten.filter_map(|segment| segment.content.mail()).collect()
    }

    /// True if nothing is before this message.
    pub(super) fn is_first(&self, index: u32) -> bool {
        self.segments.front().is_some_and(|first| first.content == Content::Mail(index))
    }

    /// True if this message is in the stream.
    pub(super) fn has_mail(&self, index: u32) -> bool {
        self.segments.iter().any(|segment| segment.content == Content::Mail(index))
    }

    /// The schedule no longer holds this message: it waits to be sent. True if it is the next.
    pub(super) fn let_go(&mut self, index: u32) -> bool {
        let held = self.segments.iter_mut().find(|s| s.content == Content::Mail(index));
        if let Some(segment) = held {
            segment.place = Whereabouts::Waiting;
        }
        self.next_to_send().is_some_and(|next| next.content == Content::Mail(index))
    }
}

impl Content {
    /// The message it carries.
    pub(super) const fn mail(self) -> Option<u32> {
        match self {
            Self::Mail(index) => Some(index),
            Self::Syn | Self::SynAck | Self::Ack | Self::Refusal | Self::End(_) => None,
        }
    }
}
