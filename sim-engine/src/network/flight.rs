//! What becomes of a message on a network where more can happen to it than that it takes its time.

use super::{Fate, FilterAction, Network, Parcel};
use crate::faults::CorruptionMode;
use crate::{DropCause, Duration, Instant};

/// What links do to a message beside delay, loss and duplication.
#[derive(Clone, Copy, Debug)]
struct Hindrance {
    /// How much later than usual it arrives.
    held_back: Duration,
    damage: Option<CorruptionMode>,
    /// How long it takes to be carried; `None` if it cannot wait for that.
    carried: Option<Duration>,
}

impl Network {
    #[inline(never)]
    pub(super) fn send_through_faults(&mut self, now: Instant, parcel: Parcel) -> Fate {
        let Parcel { from, to, kind, .. } = parcel;
        if !self.is_plain
            && let Some(action) = self.filtered(from, to, kind)
        {
            self.struck.directed += 1;
            return match action {
                FilterAction::Drop => Fate::Lost(DropCause::Directed),
                FilterAction::Hold => Fate::Held,
                FilterAction::Deliver => Fate::Arrives(Duration::ZERO),
            };
        }
        match self.stops(from, to) {
            Some(why) => Fate::Lost(why),
            None => self.fly(now, parcel),
        }
    }

    /// Draws delay, loss and duplication on the link as it is now, and whatever else it does.
    fn fly(&mut self, now: Instant, parcel: Parcel) -> Fate {
        let Parcel { from, to, .. } = parcel;
        let link = self.link(from, to);
        self.struck.delay += u64::from(link.delay != self.base.delay);
        // The same draws whatever the rates are: a change of one rate moves no other message.
        let delay = self.travel(&link, from, to);
        let dice = &mut self.dice[from.index()];
        let lost = link.loss > 0 && dice.chance(link.loss);
        let twice = link.duplication > 0 && dice.chance(link.duplication);
        let copy_delay = (twice && !lost).then(|| self.travel(&link, from, to));
        let nothing =
            Hindrance { held_back: Duration::ZERO, damage: None, carried: Some(Duration::ZERO) };
        let hindrance = if self.is_plain { nothing } else { self.hindrance(now, parcel) };
        let Hindrance { held_back, damage, carried: Some(carried) } = hindrance else {
            self.struck.bandwidth += 1;
            return Fate::Lost(DropCause::Congestion);
        };
        if lost {
            self.struck.loss += 1;
            return Fate::Lost(DropCause::Loss);
        }
        self.struck.duplication += u64::from(twice);
        self.struck.reordering += u64::from(held_back > Duration::ZERO);
        let after = carried + delay + held_back;
        match (damage, copy_delay.map(|delay| carried + delay)) {
            (Some(mode), copy_after) => Fate::Damaged { mode, after, copy_after },
            (None, Some(copy_after)) => Fate::Twice(after, copy_after),
            (None, None) => Fate::Arrives(after),
        }
    }

    /// What happens to a message beside delay, loss and duplication.
    #[inline(never)]
    fn hindrance(&mut self, now: Instant, Parcel { from, to, bytes, .. }: Parcel) -> Hindrance {
        self.struck.cut += u64::from(self.is_hindered(from, to));
        let held_back = self.rough.hold_back(from, to);
        let damage = self.rough.damage(from, to);
        let carried = self.narrow.carry(now, (from, to), bytes);
        let is_late = carried.is_some_and(|carried| carried > Duration::ZERO);
        self.struck.bandwidth += u64::from(is_late);
        Hindrance { held_back, damage, carried }
    }
}
