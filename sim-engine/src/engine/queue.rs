//! The event queue: ordered by time, then by order of entry. Holds packed keys only; what they
//! stand for lies in slabs.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::Instant;

const KIND_BITS: u32 = 4;
const INDEX_BITS: u32 = 24;
const SEQUENCE_BITS: u32 = 36;

/// How many things of one kind can wait at once.
pub(crate) const INDEX_LIMIT: u32 = 1 << INDEX_BITS;

/// So many keys or fewer are all kept sorted when a page ends.
const FEW: usize = 32;
/// No key is put into its place among more than so many.
const NEAR_MAX: usize = 64;
/// The most buckets of a page.
const BUCKETS_MAX: usize = 2048;

/// What a queued key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A message arrives: an index of the mail.
    Mail,
    /// A message arrives damaged, and its receiver sees that: an index of the mail.
    Spoiled,
    /// A message arrives damaged, unseen: an index of the mail.
    Mutated,
    /// A timer may be due: an index of the timer table.
    Timer,
    /// A disk may have finished, or tickets are to be handed out: a seat.
    Disk,
    /// A client may invoke its next operation: a seat.
    Client,
    /// A step of the scenario is due: its place.
    Step,
    /// Something may be due on a link: a direction of a connection.
    Link,
    /// A slow processor may be done with an input: a seat.
    Processor,
}

impl Kind {
    const fn number(self) -> u64 {
        match self {
            Self::Mail => 0,
            Self::Spoiled => 1,
            Self::Mutated => 2,
            Self::Timer => 3,
            Self::Disk => 4,
            Self::Client => 5,
            Self::Link => 6,
            Self::Processor => 7,
            Self::Step => 8,
        }
    }
}

/// The kinds by their numbers.
const KINDS: [Kind; 1 << KIND_BITS] = {
    let mut kinds = [Kind::Step; 1 << KIND_BITS];
    kinds[0] = Kind::Mail;
    kinds[1] = Kind::Spoiled;
    kinds[2] = Kind::Mutated;
    kinds[3] = Kind::Timer;
    kinds[4] = Kind::Disk;
    kinds[5] = Kind::Client;
    kinds[6] = Kind::Link;
    kinds[7] = Kind::Processor;
    kinds
};

/// The queue.
///
/// A few keys are kept sorted, which is cheaper than a heap. Of many, only those that come up soon
/// are: later ones lie unsorted in buckets of time, which are sorted one by one as time gets to
/// them, and what comes after the last bucket waits for the next page of buckets.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    /// Every key before `near_end` that is not in the crowd, latest first.
    near: Vec<u128>,
    /// Keys before `near_end` that came when `near` was long.
    crowd: BinaryHeap<Reverse<u128>>,
    /// Never while all keys are in `near`.
    near_end: u64,
    page: Page,
    /// Keys after the page.
    rest: Vec<u128>,
    sequence: u64,
}

/// Buckets of equal lengths of time, in nanoseconds; the length is a power of two.
///
/// The keys of all buckets lie in one list, each with the one that came into its bucket before it:
/// what is put in goes where something was just taken out, and those places are at hand.
#[derive(Clone, Debug)]
struct Page {
    start: u64,
    end: u64,
    shift: u32,
    /// The newest key of each bucket: its place, or `NOTHING`.
    newest: Vec<u32>,
    keys: Vec<Chained>,
    /// The first of the places in the list that are free, chained like a bucket.
    free: u32,
    /// The first bucket that time has not got to.
    next: usize,
}

/// A key in a bucket.
#[derive(Clone, Copy, Debug)]
struct Chained {
    high: u64,
    low: u64,
    /// The place of the key that came into the bucket before.
    before: u32,
}

/// No place.
const NOTHING: u32 = u32::MAX;

impl Default for Page {
    fn default() -> Self {
        let (newest, keys, free) = (Vec::new(), Vec::new(), NOTHING);
        Self { start: 0, end: 0, shift: 0, newest, keys, free, next: 0 }
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            near: Vec::new(),
            crowd: BinaryHeap::new(),
            near_end: u64::MAX,
            page: Page::default(),
            rest: Vec::new(),
            sequence: 0,
        }
    }
}

impl Queue {
    pub(crate) fn push(&mut self, at: Instant, kind: Kind, index: u32) {
        self.push_now(at, kind, index);
    }

    /// The same, where a call would cost too much.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    pub(crate) fn push_now(&mut self, at: Instant, kind: Kind, index: u32) {
        debug_assert!(index < INDEX_LIMIT, "more than {INDEX_LIMIT} things wait at once");
        self.sequence += 1;
        assert!(self.sequence < 1 << SEQUENCE_BITS, "a run has fewer than 2^36 events");
        let low = self.sequence << (KIND_BITS + INDEX_BITS)
            | kind.number() << INDEX_BITS
            | u64::from(index);
        let key = u128::from(at.nanos()) << 64 | u128::from(low);
        if at.nanos() < self.near_end && self.near.len() < NEAR_MAX {
            self.push_near(key);
        } else {
            self.push_far(at.nanos(), key);
        }
    }

    /// Moves what comes up before a new key out of its way: cheaper than to search, where few wait.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call for each message costs several percent")]
    fn push_near(&mut self, key: u128) {
        self.near.push(key);
        let near = self.near.as_mut_slice();
        let mut place = near.len() - 1;
        // The newest key comes after all that have its time.
        while let Some(sooner) = place.checked_sub(1)
            && near[sooner] < key
        {
            near[place] = near[sooner];
            place = sooner;
        }
        near[place] = key;
    }

    #[inline(never)]
    fn push_far(&mut self, at: u64, key: u128) {
        if at >= self.near_end {
            if !self.page.put(at, key) {
                self.rest.push(key);
            }
        } else if self.near_end == u64::MAX {
            // There have become many.
            self.rest.append(&mut self.near);
            self.rest.push(key);
            self.turn_page();
        } else {
            self.crowd.push(Reverse(key));
        }
    }

    /// The next key that comes up no later than `until`.
    #[inline]
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "the parts of the key are taken apart; the masks keep what fits"
    )]
    pub(crate) fn pop(&mut self, until: Instant) -> Option<(Instant, Kind, u32)> {
        let key = match self.near.last() {
            Some(key) if self.crowd.is_empty() => *key,
            _ => self.look_further()?,
        };
        let at = Instant::from_nanos(time(key));
        if at > until {
            return None;
        }
        if self.crowd.is_empty() {
            self.near.pop();
        } else {
            self.take(key);
        }
        let low = key as u64;
        let kind = KINDS[(low >> INDEX_BITS & ((1 << KIND_BITS) - 1)) as usize];
        Some((at, kind, (low & ((1 << INDEX_BITS) - 1)) as u32))
    }

    /// The next key of all.
    #[inline(never)]
    fn look_further(&mut self) -> Option<u128> {
        if self.near.is_empty() && self.crowd.is_empty() {
            self.turn_page();
        }
        let crowded = self.crowd.peek().map(|Reverse(key)| *key);
        self.near.last().copied().into_iter().chain(crowded).min()
    }

    #[cold]
    fn take(&mut self, key: u128) {
        if self.near.last() == Some(&key) {
            self.near.pop();
        } else {
            self.crowd.pop();
        }
    }

    /// Sorts the next bucket that holds anything, of this page or the next. Nothing is near.
    fn turn_page(&mut self) {
        while !self.page.next_bucket(&mut self.near, &mut self.near_end) {
            let soonest = self.rest.iter().min().map_or(u64::MAX, |key| time(*key));
            if self.rest.len() <= FEW || soonest == u64::MAX {
                std::mem::swap(&mut self.near, &mut self.rest);
                (self.near_end, self.page.end) = (u64::MAX, 0);
                break;
            }
            self.page.begin(soonest, &mut self.rest);
        }
        self.near.sort_unstable_by(|a, b| b.cmp(a));
    }

    /// True if nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.near.is_empty()
            && self.crowd.is_empty()
            && self.rest.is_empty()
            && self.page.is_empty()
    }
}

impl Page {
    /// Puts a key of a time after what is near into its bucket. False if that is after the page.
    #[inline]
    fn put(&mut self, at: u64, key: u128) -> bool {
        if at >= self.end {
            return false;
        }
        let bucket = usize::try_from((at - self.start) >> self.shift).ok();
        let Some(newest) = bucket.and_then(|bucket| self.newest.get_mut(bucket)) else {
            return false;
        };
        let key = Chained { high: time(key), low: low(key), before: *newest };
        if let Some(free) = self.keys.get_mut(to_usize(self.free)) {
            *newest = std::mem::replace(&mut self.free, free.before);
            *free = key;
        } else {
            *newest = u32::try_from(self.keys.len()).unwrap_or(NOTHING);
            self.keys.push(key);
        }
        true
    }

    /// Moves the keys of the next bucket that holds any to `near`. False if there is none.
    fn next_bucket(&mut self, near: &mut Vec<u128>, near_end: &mut u64) -> bool {
        if self.end == 0 {
            return false;
        }
        while let Some(newest) = self.newest.get_mut(self.next) {
            self.next += 1;
            let first = std::mem::replace(newest, NOTHING);
            if first == NOTHING {
                continue;
            }
            let mut place = first;
            while let Some(key) = self.keys.get_mut(to_usize(place)) {
                near.push(u128::from(key.high) << 64 | u128::from(key.low));
                place = key.before;
                if place == NOTHING {
                    key.before = std::mem::replace(&mut self.free, first);
                }
            }
            *near_end = self.end_of(self.next);
            return true;
        }
        *near_end = self.end;
        false
    }

    fn is_empty(&self) -> bool {
        self.newest.iter().all(|newest| *newest == NOTHING)
    }

    /// The end of the first `n` buckets.
    fn end_of(&self, n: usize) -> u64 {
        let length = u128::try_from(n).unwrap_or(u128::MAX).saturating_mul(1 << self.shift);
        u64::try_from(length.saturating_add(u128::from(self.start))).unwrap_or(u64::MAX)
    }

    /// Begins a page that covers three quarters of what waits, and puts that into its buckets.
    fn begin(&mut self, start: u64, rest: &mut Vec<u128>) {
        let most = rest.len() * 3 / 4;
        let length = time(*rest.select_nth_unstable(most).1) - start;
        let n = rest.len().next_power_of_two().min(BUCKETS_MAX);
        let each = length / u64::try_from(n).unwrap_or(1);
        (self.start, self.shift) = (start, u64::BITS - each.leading_zeros());
        self.newest.clear();
        self.newest.resize(n, NOTHING);
        (self.end, self.next) = (self.end_of(n), 0);
        rest.retain(|key| !self.put(time(*key), *key));
    }
}

#[inline]
#[expect(clippy::as_conversions, reason = "the high half fits")]
fn time(key: u128) -> u64 {
    (key >> 64) as u64
}

/// A place in a slab, as slices are asked for it.
#[inline]
#[expect(clippy::as_conversions, reason = "u32 fits in usize wherever this runs")]
pub(crate) fn to_usize(place: u32) -> usize {
    place as usize
}

#[inline]
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the low half is meant"
)]
fn low(key: u128) -> u64 {
    key as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_leave_in_order_of_entry() {
        let mut queue = Queue::default();
        let at = Instant::from_nanos;
        queue.push(at(5), Kind::Mail, 1);
        queue.push(at(3), Kind::Timer, 2);
        queue.push(at(5), Kind::Disk, 3);
        queue.push(at(3), Kind::Step, INDEX_LIMIT - 1);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop(at(9))).collect();
        assert_eq!(
            order,
            [
                (at(3), Kind::Timer, 2),
                (at(3), Kind::Step, INDEX_LIMIT - 1),
                (at(5), Kind::Mail, 1),
                (at(5), Kind::Disk, 3),
            ]
        );
    }

    /// However many keys wait, and however near or far: they leave in the order of a heap.
    #[test]
    fn any_number_of_keys_leaves_in_order() {
        let mut dice = crate::Dice::new(5, crate::Concern::Chaos, 0);
        let (mut queue, mut heap) = (Queue::default(), BinaryHeap::new());
        let (mut now, mut sequence) = (0, 0);
        for wanted in [0, 3, 40, 100, 3_000, 20, 300, 0] {
            for _ in 0..6_000 {
                let far = [0, 1, 10, 1_000, 1_000_000, u64::MAX - now]
                    [usize::try_from(dice.below(6)).unwrap()];
                if heap.len() < wanted || (heap.len() == wanted && dice.chance(500_000)) {
                    let time = now + dice.between(0, far);
                    sequence += 1;
                    heap.push(Reverse((time, sequence)));
                    queue.push(Instant::from_nanos(time), Kind::Mail, sequence);
                }
                if heap.len() > wanted {
                    let expected = heap.pop().map(|Reverse((time, index))| {
                        (Instant::from_nanos(time), Kind::Mail, index)
                    });
                    let found = queue.pop(Instant::NEVER);
                    assert_eq!(found, expected);
                    now = found.map_or(now, |(at, ..)| at.nanos().min(1 << 40));
                }
            }
            assert_eq!(queue.is_empty(), heap.is_empty());
        }
    }

    #[test]
    fn nothing_comes_up_after_the_end() {
        let mut queue = Queue::default();
        queue.push(Instant::from_nanos(10), Kind::Mail, 0);
        assert_eq!(queue.pop(Instant::from_nanos(9)), None);
        assert!(!queue.is_empty());
    }
}
