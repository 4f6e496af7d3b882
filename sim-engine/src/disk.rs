//! The disk of one node: what is written, what is on the platter, and what waits for it.

use std::borrow::Cow;
use std::collections::VecDeque;

use crate::{Dice, Durable, Effect, EventId, Force, LinkId, Node, Ticket};

/// The barrier of what never leaves: it stands behind a write that was refused.
const NEVER: u64 = u64::MAX;

/// The disk of one node. Writes go to the kernel at once; a sync makes all of them durable together
/// (group commit), and one sync runs at a time.
///
/// Invariant: `on_platter <= reported <= written`, and `unsynced` holds `written - on_platter`
/// writes.
///
/// Laid out as written: what every step reads comes first and lies together.
#[derive(Clone, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Disk<N: Node> {
    /// The newest forced write: what is visible after it waits for it.
    barrier: u64,
    /// How many writes the node was told are on disk; more than there are if the disk lied.
    reported: u64,
    /// True from a refused write until the node hears of it.
    refuses: bool,
    /// Visible effects behind the barrier, with the event that caused them, oldest first.
    waiting: VecDeque<Waiting<N>>,
    /// How many writes were ever handed over.
    written: u64,
    /// How many of them are on the platter.
    on_platter: u64,
    /// The newest write the running sync covers.
    syncing: Option<u64>,
    /// Writes that are not on the platter, oldest first. The node was told that the first
    /// `reported - on_platter` of them are.
    unsynced: VecDeque<Write<N>>,
    /// The platter: what a crash of the machine leaves.
    pub(crate) synced: N::Durable,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Write<N: Node> {
    delta: <N::Durable as Durable>::Delta,
    ticket: Option<Ticket>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting<N: Node> {
    barrier: u64,
    cause: EventId,
    effect: Effect<N>,
}

/// What a write asks the engine to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AfterWrite {
    /// Nothing: a sync is running, or none is asked for.
    Nothing,
    /// Start a sync; it covers everything written so far.
    StartSync,
}

impl<N: Node> Disk<N> {
    pub(crate) fn new(synced: N::Durable) -> Self {
        Self {
            synced,
            unsynced: VecDeque::new(),
            written: 0,
            reported: 0,
            on_platter: 0,
            barrier: 0,
            syncing: None,
            waiting: VecDeque::new(),
            refuses: false,
        }
    }

    /// How many writes are on the platter.
    pub(crate) fn on_disk(&self) -> u64 {
        self.on_platter
    }

    /// True if visible effects may leave at once.
    #[inline]
    pub(crate) fn is_clear(&self) -> bool {
        self.barrier <= self.reported && self.waiting.is_empty() && !self.refuses
    }

    /// Puts a visible effect behind the writes before it.
    pub(crate) fn wait(&mut self, cause: EventId, effect: Effect<N>) {
        let barrier = if self.refuses { NEVER } else { self.barrier };
        self.waiting.push_back(Waiting { barrier, cause, effect });
    }

    /// A link went down: what waits to go over it never does. What waits for it to be dialled
    /// again, and stands behind that, is about the next one.
    pub(crate) fn forget_link(&mut self, link: LinkId<N::Port>) {
        let mut is_dialled_again = false;
        self.waiting.retain(|waiting| match &waiting.effect {
            Effect::Dial { to, port } => {
                is_dialled_again |= link == LinkId::dialled(*to, *port);
                true
            }
            Effect::Transmit { link: over, .. } | Effect::Hang(over) => {
                is_dialled_again || *over != link
            }
            Effect::Send { .. }
            | Effect::SendNow { .. }
            | Effect::TransmitNow { .. }
            | Effect::SetTimer { .. }
            | Effect::CancelTimer(_)
            | Effect::Persist { .. }
            | Effect::Finish { .. }
            | Effect::Announce(_)
            | Effect::AnnounceNow(_)
            | Effect::Halt => true,
        });
    }

    /// Takes a write; a forced one needs a sync.
    pub(crate) fn write(
        &mut self,
        delta: <N::Durable as Durable>::Delta,
        force: Force,
        ticket: Option<Ticket>,
    ) -> AfterWrite {
        self.written += 1;
        self.unsynced.push_back(Write { delta, ticket });
        if force == Force::Lazy {
            return AfterWrite::Nothing;
        }
        self.barrier = self.written;
        self.start_sync()
    }

    /// The running sync has only just begun: it covers everything written so far.
    pub(crate) fn extend_sync(&mut self) {
        if let Some(upto) = &mut self.syncing {
            *upto = self.written;
        }
    }

    fn start_sync(&mut self) -> AfterWrite {
        if self.syncing.is_some() || self.barrier <= self.reported {
            return AfterWrite::Nothing;
        }
        self.syncing = Some(self.written);
        AfterWrite::StartSync
    }

    /// The running sync is done: its writes are on the platter. Returns them through `durable` and
    /// the tickets among them through `tickets`, and whether another sync must start.
    pub(crate) fn finish_sync(
        &mut self,
        durable: &mut Vec<<N::Durable as Durable>::Delta>,
        tickets: &mut Vec<Ticket>,
    ) -> AfterWrite {
        let Some(upto) = self.syncing.take() else { return AfterWrite::Nothing };
        self.reported = upto;
        while self.on_platter < upto {
            let Some(write) = self.unsynced.pop_front() else { break };
            self.on_platter += 1;
            self.synced.apply(&write.delta);
            tickets.extend(write.ticket);
            durable.push(write.delta);
        }
        self.start_sync()
    }

    /// Every visible effect that no longer waits, oldest first.
    pub(crate) fn ready(&self) -> impl Iterator<Item = &Effect<N>> {
        let is_ready = |waiting: &&Waiting<N>| waiting.barrier <= self.reported;
        self.waiting.iter().take_while(is_ready).map(|waiting| &waiting.effect)
    }

    /// The next visible effect that no longer waits.
    pub(crate) fn release(&mut self) -> Option<(EventId, Effect<N>)> {
        if self.waiting.front()?.barrier > self.reported {
            return None;
        }
        self.waiting.pop_front().map(|waiting| (waiting.cause, waiting.effect))
    }

    /// The power goes: what is not on the platter, and what waits for it, is lost. Returns how many
    /// writes.
    pub(crate) fn crash(&mut self) -> u32 {
        let lost = count(self.unsynced.len());
        self.unsynced.clear();
        self.exit();
        (self.written, self.reported) = (self.on_platter, self.on_platter);
        self.barrier = self.on_platter;
        lost
    }

    /// The process ends: what waits for the disk is lost. The kernel keeps its writes, and nobody
    /// waits for them any more.
    pub(crate) fn exit(&mut self) {
        self.waiting.clear();
        self.syncing = None;
        self.barrier = self.reported;
        self.refuses = false;
        for write in &mut self.unsynced {
            write.ticket = None;
        }
    }
}

/// What only a disk in trouble does, and what a process finds that dies without its machine.
impl<N: Node> Disk<N> {
    /// What a process reads: the platter, and what the kernel still holds.
    pub(crate) fn seen(&self) -> Cow<'_, N::Durable> {
        let mut seen = Cow::Borrowed(&self.synced);
        for write in &self.unsynced {
            seen.to_mut().apply(&write.delta);
        }
        seen
    }

    /// A new process opens its files: it must not act on what it reads before that is synced.
    pub(crate) fn open(&mut self) -> AfterWrite {
        self.barrier = self.written;
        self.start_sync()
    }

    /// True while a sync runs.
    pub(crate) fn is_syncing(&self) -> bool {
        self.syncing.is_some()
    }

    /// The running sync is done, as far as the node is told: its writes are in a cache.
    pub(crate) fn pretend_sync(&mut self, tickets: &mut Vec<Ticket>) -> AfterWrite {
        let Some(upto) = self.syncing.take() else { return AfterWrite::Nothing };
        self.reported = upto;
        let covered = usize::try_from(upto - self.on_platter).unwrap_or(usize::MAX);
        tickets.extend(self.unsynced.iter_mut().take(covered).filter_map(|w| w.ticket.take()));
        self.start_sync()
    }

    /// The running sync failed: every write that was not reported is lost, and what waits for it.
    /// Returns how many writes.
    pub(crate) fn fail_sync(&mut self) -> u32 {
        let kept = usize::try_from(self.reported - self.on_platter).unwrap_or(usize::MAX);
        let lost = count(self.unsynced.len().saturating_sub(kept));
        self.unsynced.truncate(kept);
        self.waiting.clear();
        self.syncing = None;
        (self.written, self.barrier) = (self.reported, self.reported);
        lost
    }

    /// There is no space for a write: nothing that is asked for after it is ever seen, until the
    /// node hears of it.
    pub(crate) fn refuse(&mut self) {
        self.refuses = true;
    }

    /// True from a refused write until the node hears of it.
    pub(crate) fn is_refusing(&self) -> bool {
        self.refuses
    }

    /// The node hears of the refused write. What stands before it goes on waiting for its sync.
    pub(crate) fn end_refusal(&mut self) {
        self.refuses = false;
        self.waiting.retain(|waiting| waiting.barrier != NEVER);
    }

    /// The power goes in the middle of the last write: those before it reach the platter, and what
    /// is left of it. False if there is no such write or nothing would be left of it.
    pub(crate) fn tear(
        &mut self,
        dice: &mut Dice,
        durable: &mut Vec<<N::Durable as Durable>::Delta>,
    ) -> bool {
        let last = self.unsynced.back().map(|write| &write.delta);
        let Some(rest) = last.and_then(|delta| N::Durable::tear(delta, dice)) else {
            return false;
        };
        self.unsynced.pop_back();
        self.unsynced.push_back(Write { delta: rest, ticket: None });
        for write in self.unsynced.drain(..) {
            self.on_platter += 1;
            self.synced.apply(&write.delta);
            durable.push(write.delta);
        }
        true
    }

    /// Damages the platter, if the next process reads it and not the kernel's copy of it. False if
    /// nothing changed.
    pub(crate) fn rot(&mut self, dice: &mut Dice) -> bool {
        self.unsynced.is_empty() && self.synced.rot(dice)
    }

    /// Loses everything. False if there was nothing.
    pub(crate) fn wipe(&mut self) -> bool {
        let was_empty = self.unsynced.is_empty() && self.synced == N::Durable::default();
        self.synced = N::Durable::default();
        self.crash();
        !was_empty
    }
}

fn count(writes: usize) -> u32 {
    u32::try_from(writes).unwrap_or(u32::MAX)
}
