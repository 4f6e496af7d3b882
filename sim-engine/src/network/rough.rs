//! Links that hold messages back or damage them, with dice of their own: what they draw moves no
//! delay, no loss and no copy.

use std::collections::BTreeMap;

use super::Delay;
use super::scoped::Scoped;
use crate::dice::DiceBag;
use crate::faults::{Calm, CorruptionMode};
use crate::{Concern, Dice, Duration, NodeId};

/// The rough links.
#[derive(Clone, Debug)]
pub(crate) struct Rough {
    /// How many in a million are held back, and for how long.
    pub(crate) reordering: Scoped<(u32, Delay)>,
    /// How many in a million are damaged, and what that comes to.
    pub(crate) corruption: Scoped<(u32, CorruptionMode)>,
    pub(super) bag: DiceBag,
    /// Streams that have been needed.
    reordering_dice: BTreeMap<NodeId, Dice>,
    corruption_dice: BTreeMap<NodeId, Dice>,
    damage_dice: Option<Dice>,
}

impl Rough {
    pub(crate) fn new(bag: &DiceBag) -> Self {
        Self {
            reordering: Scoped::default(),
            corruption: Scoped::default(),
            bag: bag.clone(),
            reordering_dice: BTreeMap::new(),
            corruption_dice: BTreeMap::new(),
            damage_dice: None,
        }
    }

    /// How much later than usual a message arrives.
    pub(crate) fn hold_back(&mut self, from: NodeId, to: NodeId) -> Duration {
        let Some((rate, by)) = self.reordering.get(from, to) else { return Duration::ZERO };
        let stream = || self.bag.stream(Concern::Reordering, from.number());
        let dice = self.reordering_dice.entry(from).or_insert_with(stream);
        if dice.chance(*rate) { by.draw(dice) } else { Duration::ZERO }
    }

    /// What damage a message takes, if any.
    pub(crate) fn damage(&mut self, from: NodeId, to: NodeId) -> Option<CorruptionMode> {
        let (rate, mode) = self.corruption.get(from, to)?;
        let stream = || self.bag.stream(Concern::Corruption, from.number());
        let dice = self.corruption_dice.entry(from).or_insert_with(stream);
        dice.chance(*rate).then_some(*mode)
    }

    /// True if this link holds nothing back and damages nothing.
    pub(crate) fn is_smooth(&self, from: NodeId, to: NodeId) -> bool {
        self.reordering.get(from, to).is_none_or(|(rate, _)| *rate == 0)
            && self.corruption.get(from, to).is_none_or(|(rate, _)| *rate == 0)
    }

    /// The dice that say what a damaged message looks like.
    pub(crate) fn damage_dice(&mut self) -> &mut Dice {
        // No seat has this number: a cast is shorter.
        self.damage_dice.get_or_insert_with(|| self.bag.stream(Concern::Corruption, u16::MAX))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.reordering.is_empty() && self.corruption.is_empty()
    }

    /// Ends what `calm` names.
    pub(crate) fn calm_down(&mut self, calm: Calm) {
        if matches!(calm, Calm::Everything | Calm::Reordering) {
            self.reordering.clear();
        }
        if matches!(calm, Calm::Everything | Calm::Corruption) {
            self.corruption.clear();
        }
    }
}
