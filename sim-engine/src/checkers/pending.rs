//! The operations of one partition during a search: those with an answer in a doubly linked list in
//! the order of invocation, by numbers instead of pointers, from which they are taken and to which
//! they return in constant time.
//!
//! Answered operations are numbered in the order of their answers, those without one after them.

use std::collections::BTreeMap;

use super::history::{Call, ClientOperation};
use super::machine::Machine;
use super::search::is_open;
use super::value::{number, place};

/// No operation.
const NONE: u32 = u32::MAX;

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
    /// Those placed whose answers come after the frontier, by their slots.
    pub(super) mask: Vec<u64>,
    /// Those placed that have no answer.
    pub(super) used: Vec<u64>,
    is_placed: Vec<bool>,
    /// The list; its head and end have the number `answered`.
    next: Vec<u32>,
    previous: Vec<u32>,
    /// Operations that overlap have different slots.
    slots: Vec<u32>,
    /// Of those without an answer the one just like it that was invoked before.
    twins: Vec<u32>,
    ahead: Option<Ahead>,
}

/// For machines that can tell from a state that the next look cannot be answered.
#[derive(Clone, Debug)]
struct Ahead {
    /// The first look at or after each answer.
    next_look: Vec<u32>,
    replaces: Vec<bool>,
    /// How many replacing operations may stand before each answered one.
    replacing_before: Vec<u32>,
    replaced: u32,
}

impl Pending {
    /// `operations` in the order of invocation, with their places in the history.
    pub(super) fn new(operations: &[ClientOperation], sources: &[u32]) -> Self {
        let mut order: Vec<u32> = (0..number(operations.len())).collect();
        order.sort_by_key(|at| {
            let operation = &operations[place(*at)];
            if is_open(operation) { (u64::MAX, true) } else { (operation.ended, false) }
        });
        let answered = operations.iter().filter(|operation| !is_open(operation)).count();
        let mut pending = Self {
            sources: order.iter().map(|at| sources[place(*at)]).collect(),
            answered: number(answered),
            frontier: 0,
            mask: Vec::new(),
            used: vec![0; (operations.len() - answered).div_ceil(64)],
            is_placed: vec![false; operations.len()],
            next: vec![0; answered + 1],
            previous: vec![0; answered + 1],
            slots: vec![0; answered],
            twins: Vec::new(),
            ahead: None,
            operations: order.iter().map(|at| operations[place(*at)]).collect(),
        };
        pending.link(&order);
        pending.find_twins();
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
        self.mask = vec![0; place(slots).div_ceil(64)];
    }

    fn find_twins(&mut self) {
        let mut last = BTreeMap::new();
        let open = number(self.operations.len());
        for id in self.answered..open {
            let ClientOperation { key, call, process, .. } = self.operations[place(id)];
            let who = if matches!(call, Call::Acquire | Call::Release) { process } else { 0 };
            self.twins.push(last.insert((key, call, who), id).unwrap_or(NONE));
        }
    }

    /// Prepares what the machine needs to see ahead, if it can.
    pub(super) fn look_ahead(&mut self, machine: &dyn Machine) {
        if !machine.looks_ahead() {
            return;
        }
        let n = place(self.answered);
        let mut next_look = vec![NONE; n + 1];
        for id in (0..n).rev() {
            let is_look = self.operations[id].call.only_looks();
            next_look[id] = if is_look { number(id) } else { next_look[id + 1] };
        }
        let replaces: Vec<bool> =
            (0..self.operations.len()).map(|id| machine.replaces(id)).collect();
        let all = self.operations.iter().zip(&replaces).filter(|(_, replaces)| **replaces);
        let mut begun: Vec<u64> = all.map(|(operation, _)| operation.invoked).collect();
        begun.sort_unstable();
        let before = |operation: &ClientOperation| {
            number(begun.partition_point(|invoked| *invoked <= operation.ended))
        };
        let replacing_before = self.operations[..n].iter().map(before).collect();
        self.ahead = Some(Ahead { next_look, replaces, replacing_before, replaced: 0 });
    }

    /// The look that is answered next, if nothing can replace the state before it.
    pub(super) fn wanted(&self) -> Option<u32> {
        let ahead = self.ahead.as_ref()?;
        let mut look = ahead.next_look[place(self.frontier)];
        while look != NONE && self.is_placed[place(look)] {
            look = ahead.next_look[place(look) + 1];
        }
        let is_near = look != NONE && ahead.replacing_before[place(look)] == ahead.replaced;
        is_near.then_some(look)
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
        let now = self.operations[place(self.frontier)].ended;
        self.operations[place(id)].invoked <= now
    }

    pub(super) fn only_looks(&self, id: u32) -> bool {
        self.operations[place(id)].call.only_looks()
    }

    /// The next operation without an answer that may be placed, from `id` on.
    pub(super) fn open_from(&self, id: u32) -> Option<u32> {
        let mut open = id..number(self.operations.len());
        // They stand in the order of invocation.
        let open = open.by_ref().take_while(|id| self.began_by_now(*id));
        open.into_iter().find(|id| {
            let twin = self.twins[place(*id - self.answered)];
            !self.is_placed[place(*id)] && (twin == NONE || self.is_placed[place(twin)])
        })
    }

    /// Takes an operation from the list.
    pub(super) fn take(&mut self, id: u32) {
        self.is_placed[place(id)] = true;
        if let Some(ahead) = &mut self.ahead {
            ahead.replaced += u32::from(ahead.replaces[place(id)]);
        }
        if id >= self.answered {
            flip(&mut self.used, id - self.answered);
            return;
        }
        let (next, previous) = (self.next[place(id)], self.previous[place(id)]);
        (self.next[place(previous)], self.previous[place(next)]) = (next, previous);
        flip(&mut self.mask, self.slots[place(id)]);
        while !self.is_done() && self.is_placed[place(self.frontier)] {
            flip(&mut self.mask, self.slots[place(self.frontier)]);
            self.frontier += 1;
        }
    }

    /// Puts back the operation that was taken last; the frontier was not before `frontier` then.
    pub(super) fn put_back(&mut self, id: u32, frontier: u32) {
        if let Some(ahead) = &mut self.ahead {
            ahead.replaced -= u32::from(ahead.replaces[place(id)]);
        }
        if id >= self.answered {
            self.is_placed[place(id)] = false;
            flip(&mut self.used, id - self.answered);
            return;
        }
        while self.frontier > frontier {
            self.frontier -= 1;
            flip(&mut self.mask, self.slots[place(self.frontier)]);
        }
        self.is_placed[place(id)] = false;
        flip(&mut self.mask, self.slots[place(id)]);
        let (next, previous) = (self.next[place(id)], self.previous[place(id)]);
        (self.next[place(previous)], self.previous[place(next)]) = (id, id);
    }
}

/// Puts a number into a set or takes it out.
fn flip(set: &mut [u64], bit: u32) {
    set[place(bit / 64)] ^= 1 << (bit % 64);
}
