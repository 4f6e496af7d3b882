//! The operations of one partition during a search: those with an answer in a doubly linked list in
//! the order of invocation, by numbers instead of pointers, from which they are taken and to which
//! they return in constant time.
//!
//! Answered operations are numbered in the order of their answers, those without one after them:
//! such as do the same beside each other, in the order of invocation.

use std::collections::BTreeMap;

use super::ahead::Ahead;
use super::history::{Answer, Call, ClientOperation};
use super::machine::{Effect, Machine};
use super::search::is_open;
use super::value::{KeyId, number, place};

/// No operation.
pub(super) const NONE: u32 = u32::MAX;

/// What an operation asks, and who it is where that matters.
type Asked = (KeyId, Call, u64);

#[derive(Clone, Debug)]
pub(super) struct Pending {
    /// The operations in the order of their numbers.
    pub(super) operations: Vec<ClientOperation>,
    /// Their places in the history.
    pub(super) sources: Vec<u32>,
    /// How many have an answer.
    pub(super) answered: u32,
    /// The first answer that is not explained yet.
    pub(super) frontier: u32,
    /// Those that change something, are placed and whose answers come after the frontier, by their
    /// slots.
    pub(super) changed: Vec<u64>,
    /// The same of those that replace the state.
    pub(super) replaced: Vec<u64>,
    /// Those placed that have no answer.
    pub(super) used: Vec<u64>,
    /// What was invoked before this moment and replaces the state may stand unseen before the
    /// operation that replaced it last.
    pub(super) cover: u64,
    /// Those without an answer that do the same, by their numbers.
    pub(super) crowds: Vec<Crowd>,
    is_placed: Vec<bool>,
    effects: Vec<Effect>,
    /// The list; its head and end have the number `answered`.
    next: Vec<u32>,
    previous: Vec<u32>,
    /// Operations that overlap have different slots.
    slots: Vec<u32>,
    ahead: Option<Ahead>,
    /// When those without an answer that replace the state were invoked, in order.
    replacing: Vec<u64>,
}

/// Operations without an answer that do the same. The first invoked is used first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crowd {
    from: u32,
    to: u32,
    used: u32,
}

impl Pending {
    /// `operations` in the order of invocation, with their places in the history.
    pub(super) fn new(operations: &[ClientOperation], sources: &[u32]) -> Self {
        let (mut order, mut open) = (Vec::with_capacity(operations.len()), Vec::new());
        for (at, operation) in (0..).zip(operations) {
            let list = if is_open(operation) { &mut open } else { &mut order };
            list.push(at);
        }
        order.sort_by_key(|at| operations[place(*at)].ended);
        let answered = order.len();
        let mut crowds = Vec::new();
        order.extend(crowded(operations, &open, number(answered), &mut crowds));
        let mut pending = Self {
            sources: order.iter().map(|at| sources[place(*at)]).collect(),
            answered: number(answered),
            frontier: 0,
            changed: Vec::new(),
            replaced: Vec::new(),
            used: vec![0; open.len().div_ceil(64)],
            cover: 0,
            crowds,
            is_placed: vec![false; operations.len()],
            effects: Vec::new(),
            next: vec![0; answered + 1],
            previous: vec![0; answered + 1],
            slots: vec![0; answered],
            ahead: None,
            replacing: Vec::new(),
            operations: order.iter().map(|at| operations[place(*at)]).collect(),
        };
        pending.link(&order);
        pending
    }

    /// Links the answered operations in the order of invocation and gives them their slots.
    fn link(&mut self, order: &[u32]) {
        let mut by_invocation: Vec<u32> = vec![0; order.len()];
        for (id, at) in (0..).zip(order) {
            by_invocation[place(*at)] = id;
        }
        let (mut last, mut returned, mut slots) = (self.answered, 0, 0);
        let mut free: Vec<u32> = Vec::new();
        for id in by_invocation.into_iter().filter(|id| *id < self.answered) {
            (self.next[place(last)], self.previous[place(id)], last) = (id, last, id);
            while self.operations[returned].ended < self.operations[place(id)].invoked {
                free.push(self.slots[returned]);
                returned += 1;
            }
            self.slots[place(id)] = free.pop().unwrap_or_else(|| {
                slots += 1;
                slots - 1
            });
        }
        (self.next[place(last)], self.previous[place(self.answered)]) = (self.answered, last);
        self.changed = vec![0; place(slots).div_ceil(64)];
        self.replaced = self.changed.clone();
    }

    /// Learns from the machine what the operations do, and what replaces the state only if that
    /// matters.
    pub(super) fn learn(&mut self, machine: &dyn Machine, heeds_replacing: bool) {
        let effect = |(at, operation): (usize, &ClientOperation)| {
            if operation.call.only_looks() || operation.answer == Answer::Refused {
                Effect::Looks
            } else {
                match machine.effect(at) {
                    Effect::Replaces if !heeds_replacing => Effect::Changes,
                    effect @ (Effect::Looks | Effect::Replaces | Effect::Changes) => effect,
                }
            }
        };
        self.effects = self.operations.iter().enumerate().map(effect).collect();
        let open = place(self.answered)..self.operations.len();
        let replacing = open.filter(|at| self.effects[*at] == Effect::Replaces);
        self.replacing = replacing.map(|at| self.operations[at].invoked).collect();
        self.replacing.sort_unstable();
        self.ahead = machine
            .looks_ahead()
            .then(|| Ahead::new(&self.operations, place(self.answered), |at| machine.replaces(at)));
    }

    /// The look that is answered next, if nothing can replace the state before it.
    pub(super) fn wanted(&self) -> Option<u32> {
        self.ahead.as_ref()?.wanted(self.frontier, &self.is_placed)
    }

    /// True if every answer is explained.
    pub(super) fn is_done(&self) -> bool {
        self.frontier == self.answered
    }

    /// The first of the list.
    pub(super) fn first(&self) -> u32 {
        self.next[place(self.answered)]
    }

    /// The one after `id` in the list.
    pub(super) fn after(&self, id: u32) -> u32 {
        self.next[place(id)]
    }

    /// True if `id` is in the list and no answer that is not explained came before its invocation.
    pub(super) fn may_be_placed(&self, id: u32) -> bool {
        id != self.answered && !self.is_done() && self.began_by_now(id)
    }

    fn began_by_now(&self, id: u32) -> bool {
        self.operations[place(id)].invoked <= self.now()
    }

    /// The last moment at which what is placed next may stand.
    fn now(&self) -> u64 {
        self.operations[place(self.frontier)].ended
    }

    pub(super) fn effect(&self, id: u32) -> Effect {
        self.effects[place(id)]
    }

    /// True if `id` may stand unseen before what replaced the state last: if it replaces the state
    /// itself, or looks at what such a one leaves.
    pub(super) fn is_covered(&self, id: u32) -> bool {
        self.effect(id) != Effect::Changes && self.began_before_cover(id)
    }

    /// True if `id` was invoked in time to stand before what replaced the state last.
    pub(super) fn began_before_cover(&self, id: u32) -> bool {
        self.operations[place(id)].invoked < self.cover
    }

    /// How many that have no answer and replace the state may be placed, but not unseen.
    pub(super) fn open_uncovered(&self) -> u64 {
        let by_now = self.replacing.partition_point(|invoked| *invoked <= self.now());
        let by_cover = self.replacing.partition_point(|invoked| *invoked < self.cover);
        u64::from(number(by_now.saturating_sub(by_cover)))
    }

    /// True if what returns next replaces the state and may stand unseen.
    pub(super) fn may_pass(&self) -> bool {
        self.effect(self.frontier) == Effect::Replaces && self.is_covered(self.frontier)
    }

    /// The place and the bit of an answered operation in a set of slots.
    pub(super) fn bit(&self, id: u32) -> (usize, u64) {
        let slot = self.slots[place(id)];
        (place(slot / 64), 1 << (slot % 64))
    }

    /// The next operation of a crowd, if it may be placed.
    pub(super) fn next_of(&self, crowd: usize) -> Option<u32> {
        let Crowd { from, to, used, .. } = self.crowds[crowd];
        let id = from + used;
        (id < to && self.began_by_now(id)).then_some(id)
    }

    /// True if two operations do the same and have the same answer.
    pub(super) fn are_alike(&self, one: u32, other: u32) -> bool {
        let (one, other) = (&self.operations[place(one)], &self.operations[place(other)]);
        one.answer == other.answer && asked(one) == asked(other)
    }

    /// True if two operations ask the same.
    pub(super) fn ask_alike(&self, one: u32, other: u32) -> bool {
        asked(&self.operations[place(one)]) == asked(&self.operations[place(other)])
    }

    /// Takes an operation from the list; `is_seen` unless it stands unseen before another.
    pub(super) fn take(&mut self, id: u32, is_seen: bool) {
        if is_seen && self.effect(id) == Effect::Replaces && !self.is_done() {
            self.cover = self.now().saturating_add(1);
        }
        self.remove(id);
        while !self.is_done() && self.is_placed[place(self.frontier)] {
            self.flip(self.frontier);
            self.frontier += 1;
        }
    }

    fn remove(&mut self, id: u32) {
        self.is_placed[place(id)] = true;
        if let Some(ahead) = &mut self.ahead {
            ahead.place(id);
        }
        if id >= self.answered {
            self.use_up(id, true);
            return;
        }
        let (next, previous) = (self.next[place(id)], self.previous[place(id)]);
        (self.next[place(previous)], self.previous[place(next)]) = (next, previous);
        self.flip(id);
    }

    /// Puts back the operation that was taken last; the frontier was not before `frontier` then.
    pub(super) fn put_back(&mut self, id: u32, frontier: u32) {
        if let Some(ahead) = &mut self.ahead {
            ahead.put_back(id);
        }
        if id >= self.answered {
            self.is_placed[place(id)] = false;
            self.use_up(id, false);
            return;
        }
        while self.frontier > frontier {
            self.frontier -= 1;
            self.flip(self.frontier);
        }
        self.is_placed[place(id)] = false;
        self.flip(id);
        let (next, previous) = (self.next[place(id)], self.previous[place(id)]);
        (self.next[place(previous)], self.previous[place(next)]) = (id, id);
    }

    fn flip(&mut self, id: u32) {
        let (word, bit) = self.bit(id);
        match self.effect(id) {
            Effect::Looks => {}
            Effect::Replaces => self.replaced[word] ^= bit,
            Effect::Changes => self.changed[word] ^= bit,
        }
    }

    fn use_up(&mut self, id: u32, is_used: bool) {
        let bit = id - self.answered;
        self.used[place(bit / 64)] ^= 1 << (bit % 64);
        let crowd = self.crowds.partition_point(|crowd| crowd.to <= id);
        let used = &mut self.crowds[crowd].used;
        *used = if is_used { *used + 1 } else { *used - 1 };
    }
}

fn asked(operation: &ClientOperation) -> Asked {
    let ClientOperation { key, call, process, .. } = *operation;
    let who = if matches!(call, Call::Acquire | Call::Release) { process } else { 0 };
    (key, call, who)
}

/// Operations without an answer, such as do the same beside each other.
fn crowded(
    operations: &[ClientOperation],
    open: &[u32],
    mut from: u32,
    crowds: &mut Vec<Crowd>,
) -> Vec<u32> {
    let mut all: BTreeMap<Asked, Vec<u32>> = BTreeMap::new();
    for at in open {
        all.entry(asked(&operations[place(*at)])).or_default().push(*at);
    }
    for members in all.values() {
        let to = from + number(members.len());
        crowds.push(Crowd { from, to, used: 0 });
        from = to;
    }
    all.into_values().flatten().collect()
}
