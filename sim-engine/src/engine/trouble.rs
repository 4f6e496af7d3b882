//! Disks in trouble: what is wrong with each, how it strikes, and what the node hears of it.

use super::Simulation;
use super::host::Waiting;
use super::queue::Kind;
use super::step::code;
use crate::disk::AfterWrite;
use crate::faults::{CrashOf, DiskFault, DiskTrouble};
use crate::{
    Concern, Death, Delay, Dice, Duration, Event, EventId, FaultView, Instant, Moment, Node,
    NodeId, NodePart, What,
};

/// What is wrong with the disk of one node. Kept once something was, for its dice.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    dice: Dice,
    /// What began and has not ended; each kind once.
    open: Vec<Open>,
}

/// A trouble that has begun.
#[derive(Clone, Copy, Debug)]
struct Open {
    trouble: DiskTrouble,
    began: EventId,
    /// How many syncs are still to fail.
    failures: u32,
}

/// What becomes of a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its writes are on the platter.
    Durable,
    /// The node is told so.
    Pretended,
    /// It fails.
    Failed,
}

impl Trouble {
    /// True if nothing is wrong any more.
    pub(crate) fn is_over(&self) -> bool {
        self.open.is_empty()
    }

    fn has(&self, trouble: DiskTrouble) -> bool {
        self.open.iter().any(|open| open.trouble.kind() == trouble.kind())
    }

    fn slow(&self) -> Option<Delay> {
        self.open.iter().find_map(|open| match open.trouble {
            DiskTrouble::Slow { takes } => Some(takes),
            DiskTrouble::FailSync { .. }
            | DiskTrouble::Lie
            | DiskTrouble::Full
            | DiskTrouble::Tear
            | DiskTrouble::Rot
            | DiskTrouble::Wipe
            | DiskTrouble::Calm => None,
        })
    }

    /// Takes one of the syncs that are to fail. Says whether there was one, and if it was the last.
    fn take_failure(&mut self) -> (bool, bool) {
        let Some(open) = self.open.iter_mut().find(|open| open.failures > 0) else {
            return (false, false);
        };
        open.failures -= 1;
        (true, open.failures == 0)
    }
}

impl<N: Node> Simulation<N> {
    /// Lets a fault of disks strike. Says how many things it changed at once.
    pub(super) fn strike_disks(&mut self, fault: &DiskFault<NodeId>, cause: EventId) -> u64 {
        fault.nodes.iter().map(|node| self.strike_disk(*node, fault.trouble, cause)).sum()
    }

    fn strike_disk(&mut self, id: NodeId, trouble: DiskTrouble, cause: EventId) -> u64 {
        match trouble {
            DiskTrouble::Calm => self.end_trouble(id, cause, |_, _| true),
            DiskTrouble::Wipe => {
                let place = &mut self.places[id.index()];
                let is_wiped = !place.is_up() && place.disk.wipe();
                if is_wiped {
                    self.settle(id, cause, Moment::Crash);
                }
                u64::from(is_wiped)
            }
            DiskTrouble::FailSync { count: 0 } => 0,
            DiskTrouble::Slow { .. }
            | DiskTrouble::FailSync { .. }
            | DiskTrouble::Lie
            | DiskTrouble::Full
            | DiskTrouble::Tear
            | DiskTrouble::Rot => {
                self.begin_trouble(id, trouble, cause);
                0
            }
        }
    }

    fn begin_trouble(&mut self, id: NodeId, trouble: DiskTrouble, cause: EventId) {
        self.end_trouble_like(id, trouble, cause);
        let event = self.next_id();
        let failures = if let DiskTrouble::FailSync { count } = trouble { count } else { 0 };
        let open = Open { trouble, began: event, failures };
        let seed = self.seed;
        let new = || {
            let dice = Dice::new(seed, Concern::Damage, id.number());
            Box::new(Trouble { dice, open: Vec::new() })
        };
        let place = &mut self.places[id.index()];
        place.trouble.get_or_insert_with(new).open.push(open);
        let view = node_view(id, trouble);
        self.record(event, id, Some(cause), |_| What::FaultBegan(view));
    }

    /// Ends a trouble of this kind.
    fn end_trouble_like(&mut self, id: NodeId, like: DiskTrouble, cause: EventId) {
        self.end_trouble(id, cause, |_, open| open.kind() == like.kind());
    }

    /// Ends the troubles that fit, by the event at which they began. Returns how many.
    pub(super) fn end_trouble(
        &mut self,
        id: NodeId,
        cause: EventId,
        fits: impl Fn(EventId, DiskTrouble) -> bool,
    ) -> u64 {
        let Some(trouble) = &mut self.places[id.index()].trouble else { return 0 };
        let (ended, open): (Vec<_>, Vec<_>) = std::mem::take(&mut trouble.open)
            .into_iter()
            .partition(|open| fits(open.began, open.trouble));
        trouble.open = open;
        let mut n = 0;
        for Open { trouble, began, .. } in ended {
            n += 1;
            let event = self.next_id();
            let fault = node_view(id, trouble);
            self.record(event, id, Some(cause), |_| What::FaultEnded { began, fault });
        }
        n
    }

    /// True if something is wrong with this disk.
    #[inline]
    pub(super) fn is_in_trouble(&self, id: NodeId) -> bool {
        self.places[id.index()].trouble.as_ref().is_some_and(|trouble| !trouble.is_over())
    }

    fn has_trouble(&self, id: NodeId, wanted: DiskTrouble) -> bool {
        self.places[id.index()].trouble.as_ref().is_some_and(|trouble| trouble.has(wanted))
    }

    /// How long the sync takes that begins now. A slow disk has dice of its own, and the usual ones
    /// are thrown all the same: without the fault every other sync takes as long as with it.
    #[inline]
    pub(super) fn sync_length(&mut self, id: NodeId) -> Duration {
        let place = &mut self.places[id.index()];
        let usual = self.disk_spec.sync.draw(&mut self.dice[id.index()].disk);
        let Some(trouble) = &mut place.trouble else { return usual };
        let Some(slow) = trouble.slow() else { return usual };
        let length = slow.draw(&mut trouble.dice);
        if length != usual {
            self.plan.strikes.act("slow-disk");
        }
        length
    }

    /// What becomes of the sync that ends now.
    pub(super) fn fate_of_sync(&mut self, id: NodeId, cause: EventId) -> Fate {
        let place = &mut self.places[id.index()];
        let Some(trouble) = &mut place.trouble else { return Fate::Durable };
        if !place.disk.is_syncing() {
            return Fate::Durable;
        }
        let (fails, is_last) = trouble.take_failure();
        if fails {
            self.plan.strikes.act("fail-sync");
            if is_last {
                self.end_trouble_like(id, DiskTrouble::FailSync { count: 0 }, cause);
            }
            return Fate::Failed;
        }
        if trouble.has(DiskTrouble::Lie) {
            self.plan.strikes.act("lying-disk");
            return Fate::Pretended;
        }
        Fate::Durable
    }

    /// Refuses a write if there is no space for it, and lets the node know. False if there is.
    pub(super) fn refuse_write(&mut self, id: NodeId) -> bool {
        let is_full = self.has_trouble(id, DiskTrouble::Full);
        let place = &mut self.places[id.index()];
        let was_refusing = place.disk.is_refusing();
        if !was_refusing && !is_full {
            return false;
        }
        self.plan.strikes.act("full-disk");
        if !was_refusing {
            place.disk.refuse();
            place.refused_at = self.now;
            self.queue.push(self.now, Kind::Disk, u32::from(id.number()));
        }
        true
    }

    /// Lets the node know of a write that was refused just now.
    pub(super) fn tell_of_refusal(&mut self, id: NodeId) {
        let place = &mut self.places[id.index()];
        if place.refused_at != self.now || !place.disk.is_refusing() {
            return;
        }
        place.refused_at = Instant::NEVER;
        if place.node.is_some() || !self.wait(id, Waiting::Refusal) {
            self.hear_of_refusal(id);
        }
    }

    /// The node hears that a write was refused.
    pub(super) fn hear_of_refusal(&mut self, id: NodeId) {
        self.places[id.index()].disk.end_refusal();
        let event = self.next_id();
        self.count(id, code::DISK_FAILED);
        self.record(event, id, None, |_| What::DiskFailed { writes_lost: 1 });
        self.step(id, Event::DiskFailed, event);
    }

    /// What a dead process or machine leaves on its disk. Returns how many writes are lost.
    pub(super) fn leave_disk(&mut self, id: NodeId, death: Death, cause: EventId) -> u32 {
        let tears = self.has_trouble(id, DiskTrouble::Tear);
        let place = &mut self.places[id.index()];
        match (death, &mut place.trouble) {
            (Death::Process | Death::Halt, _) => {
                place.disk.exit();
                0
            }
            (Death::Machine, Some(trouble)) if tears => {
                let is_torn = place.disk.tear(&mut trouble.dice, &mut self.synced);
                let lost = place.disk.crash() + u32::from(is_torn);
                if is_torn {
                    self.plan.strikes.act("torn-write");
                    self.end_trouble_like(id, DiskTrouble::Tear, cause);
                }
                lost
            }
            (Death::Machine, _) => place.disk.crash(),
        }
    }

    /// Damages what a booting node reads, if that was ordered.
    pub(super) fn rot_disk(&mut self, id: NodeId, cause: EventId) {
        if !self.has_trouble(id, DiskTrouble::Rot) {
            return;
        }
        let place = &mut self.places[id.index()];
        let Some(trouble) = &mut place.trouble else { return };
        if place.disk.rot(&mut trouble.dice) {
            self.plan.strikes.act("corrupt-read");
            self.end_trouble_like(id, DiskTrouble::Rot, cause);
        }
    }

    /// A booting node opens its files: what a killed process left in the kernel is synced first.
    #[inline]
    pub(super) fn open_disk(&mut self, id: NodeId) {
        if self.places[id.index()].disk.open() == AfterWrite::StartSync {
            let length = self.sync_length(id);
            self.sync_begins(id, length);
        }
    }
}

impl From<CrashOf> for Death {
    fn from(of: CrashOf) -> Self {
        match of {
            CrashOf::Machine => Self::Machine,
            CrashOf::Process => Self::Process,
        }
    }
}

/// Trouble of a disk as a picture sees it.
fn node_view(node: NodeId, trouble: DiskTrouble) -> FaultView {
    FaultView::Node { node, part: NodePart::Disk, words: trouble.words() }
}
