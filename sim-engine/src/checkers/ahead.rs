//! For machines that can tell from a state that the next look cannot be answered: which look that
//! is, and whether anything can still replace the state before it.

use super::history::ClientOperation;
use super::pending::NONE;
use super::value::{number, place};

#[derive(Clone, Debug)]
pub(super) struct Ahead {
    /// The first look at or after each answer.
    next_look: Vec<u32>,
    replaces: Vec<bool>,
    /// How many replacing operations may stand before each answered one.
    replacing_before: Vec<u32>,
    replaced: u32,
}

impl Ahead {
    /// Operations by their numbers, the answered ones first.
    pub(super) fn new(
        operations: &[ClientOperation],
        answered: usize,
        replaces: impl Fn(usize) -> bool,
    ) -> Self {
        let mut next_look = vec![NONE; answered + 1];
        for id in (0..answered).rev() {
            let is_look = operations[id].call.only_looks();
            next_look[id] = if is_look { number(id) } else { next_look[id + 1] };
        }
        let replaces: Vec<bool> = (0..operations.len()).map(replaces).collect();
        let all = operations.iter().zip(&replaces).filter(|(_, replaces)| **replaces);
        let mut begun: Vec<u64> = all.map(|(operation, _)| operation.invoked).collect();
        begun.sort_unstable();
        let before = |operation: &ClientOperation| {
            number(begun.partition_point(|invoked| *invoked <= operation.ended))
        };
        let replacing_before = operations[..answered].iter().map(before).collect();
        Self { next_look, replaces, replacing_before, replaced: 0 }
    }

    /// The look that is answered next, if nothing can replace the state before it.
    pub(super) fn wanted(&self, frontier: u32, is_placed: &[bool]) -> Option<u32> {
        let mut look = self.next_look[place(frontier)];
        while look != NONE && is_placed[place(look)] {
            look = self.next_look[place(look) + 1];
        }
        let is_near = look != NONE && self.replacing_before[place(look)] == self.replaced;
        is_near.then_some(look)
    }

    pub(super) fn place(&mut self, id: u32) {
        self.replaced += u32::from(self.replaces[place(id)]);
    }

    pub(super) fn put_back(&mut self, id: u32) {
        self.replaced -= u32::from(self.replaces[place(id)]);
    }
}
