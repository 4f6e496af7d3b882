//! What survives a crash: how many answers a server has numbered.

use std::fmt;

use serde::Deserialize;
use sim_engine::{Dice, Durable, NodeId};

/// The counter on disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counter {
    /// The highest number that may have been given. Moves only forward.
    pub answers: u64,
}

/// The one change there is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Delta {
    /// The counter moves to this number.
    CountTo(u64),
}

/// How a scenario writes an initial state: `{"answers": 7}`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Initial {
    /// How many answers were numbered before the run.
    pub answers: u64,
}

impl Durable for Counter {
    type Delta = Delta;
    type Initial = Initial;

    fn apply(&mut self, delta: &Delta) {
        let Delta::CountTo(number) = delta;
        debug_assert!(*number > self.answers, "the counter moves only forward");
        self.answers = *number;
    }

    fn bytes(_: &Delta) -> u32 {
        8
    }

    /// A read that finds an older block: some of the answers were never counted.
    fn rot(&mut self, dice: &mut Dice) -> bool {
        if self.answers == 0 {
            return false;
        }
        self.answers = dice.below(self.answers);
        true
    }

    fn initial(initial: &Initial, _find: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        Ok(Self { answers: initial.answers })
    }
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::CountTo(number) = self;
        write!(f, "count to {number}")
    }
}

#[cfg(test)]
mod tests {
    use sim_engine::Concern;

    use super::*;

    #[test]
    fn a_damaged_counter_reads_less_than_it_should() {
        let mut dice = Dice::new(1, Concern::Damage, 0);
        let mut counter = Counter { answers: 9 };
        assert!(counter.rot(&mut dice));
        assert!(counter.answers < 9);
        assert!(!Counter::default().rot(&mut dice));
    }
}
