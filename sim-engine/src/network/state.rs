//! How links are now, and how some become as usual again.

use super::{FilterAction, Link, Network, Scope};
use crate::NodeId;
use crate::faults::Calm;

impl Network {
    pub(crate) fn seats(&self) -> u16 {
        u16::try_from(self.dice.len()).unwrap_or(u16::MAX)
    }

    /// How links are where nothing changes them.
    pub(crate) fn base(&self) -> &Link {
        &self.base
    }

    /// As the scenario has it: without faults, but with directives and with what waits at narrow
    /// links.
    pub(crate) fn begin_anew(&mut self) {
        self.usual = self.base;
        self.changed.clear();
        self.groups.clear();
        self.cuts.clear();
        self.rough.calm_down(Calm::Everything);
        self.narrow.widen();
        if let Some(rooms) = &mut self.rooms {
            rooms.mend_all();
        }
        self.look_again();
    }

    /// Forgets what waits at links that are narrow no longer.
    pub(crate) fn forget_queues(&mut self) {
        self.narrow.forget_queues();
    }

    /// Lets the links among these seats be as the scenario has them. A partition is not touched.
    pub(crate) fn recover(&mut self, core: &[NodeId]) {
        let scope = || Scope::among(core);
        self.cuts.mend(&scope(), false);
        self.rough.reordering.unset(scope());
        self.rough.corruption.unset(scope());
        self.narrow.unset(scope());
        let base = self.base;
        for link in scope().links(0) {
            self.changed.insert(link, base);
        }
        let usual = self.usual;
        self.changed.retain(|_, link| *link != usual);
        if let Some(rooms) = &mut self.rooms {
            rooms.recover(core);
        }
        self.look_again();
    }

    /// True if messages pass from one seat to the other as the scenario has it: no fault and no
    /// directive changes anything.
    pub(crate) fn is_as_usual(&self, from: NodeId, to: NodeId) -> bool {
        let link = self.changed.get(&(from, to)).unwrap_or(&self.usual);
        self.calm
            || from == to
            || *link == self.base
                && !self.is_severed(from, to)
                && !self.is_hindered(from, to)
                && self.rough.is_smooth(from, to)
                && self.narrow.is_wide(from, to)
                && !self.filters.iter().any(|filter| {
                    filter.action != FilterAction::Deliver && filter.is_about(from, to)
                })
    }

    /// True if no message passes from one seat to the other.
    pub(crate) fn is_severed(&self, from: NodeId, to: NodeId) -> bool {
        self.parts(from, to) || self.cuts.has(from, to) || self.parts_rooms(from, to)
    }

    /// Puts every link back to what the scenario has, in every way or in one.
    pub(crate) fn calm_down(&mut self, calm: Calm) {
        let base = self.base;
        for link in self.changed.values_mut().chain([&mut self.usual]) {
            match calm {
                Calm::Everything => *link = base,
                Calm::Delay => link.delay = base.delay,
                Calm::Loss => link.loss = base.loss,
                Calm::Duplication => link.duplication = base.duplication,
                Calm::Reordering | Calm::Corruption | Calm::Bandwidth => {}
            }
        }
        self.changed.retain(|_, link| *link != self.usual);
        self.rough.calm_down(calm);
        if matches!(calm, Calm::Everything | Calm::Bandwidth) {
            self.narrow.clear();
        }
        self.look_again();
    }
}
