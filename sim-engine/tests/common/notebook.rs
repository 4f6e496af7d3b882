//! What puppets write: numbers, one after the other.

use sim_engine::{Dice, Durable, NodeId};

/// What puppets write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Notebook(pub(crate) Vec<u32>);

impl Durable for Notebook {
    type Delta = u32;
    type Initial = Vec<u32>;

    fn apply(&mut self, delta: &u32) {
        self.0.push(*delta);
    }

    fn bytes(_: &u32) -> u32 {
        4
    }

    /// Of a number above 100 its hundreds survive.
    fn tear(delta: &u32, _: &mut Dice) -> Option<u32> {
        (*delta > 100).then_some(*delta / 100 * 100)
    }

    /// One note reads as 0.
    fn rot(&mut self, dice: &mut Dice) -> bool {
        let n = u64::try_from(self.0.len()).unwrap_or(0);
        if n == 0 {
            return false;
        }
        let damaged = usize::try_from(dice.below(n)).unwrap_or(0);
        self.0[damaged] = 0;
        true
    }

    fn initial(initial: &Vec<u32>, _: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        Ok(Self(initial.clone()))
    }
}
