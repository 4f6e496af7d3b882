//! Safety first, then progress: the faults of a core end, and promises of progress have so much
//! time.

use super::Simulation;
use crate::embed::Nodes;
use crate::faults::{Cut, Recover};
use crate::network::Scope;
use crate::recovery::{Phase, Recovery, Window};
use crate::{EventId, Fault, Node, NodeId};

impl<N: Node> Simulation<N> {
    /// Ends every fault among the core. Says how many things it changed.
    pub(super) fn recover(&mut self, fault: &Recover<NodeId>, cause: EventId) -> u64 {
        let clients = self.cast.iter().filter(|(_, seat)| seat.is_client).map(|(id, _)| id);
        let mut core: Vec<NodeId> = clients.chain(fault.nodes.iter().copied()).collect();
        core.sort_unstable();
        core.dedup();
        let mut changed = if core.len() == self.cast.len() {
            let ended = self.end_faults(cause, |_, _| true);
            self.renew_network();
            ended
        } else {
            self.recover_links(&core, cause)
        };
        for id in &core {
            changed += self.end_trouble(*id, cause, |_, _| true);
            changed += u64::from(self.pardon(*id, |_| true));
            changed += self.end_rare(*id, cause, |_| true);
            changed += u64::from(self.restart(*id, cause));
        }
        if let Some(within) = fault.within {
            self.ask_for_progress(Window { since: self.now, until: self.now + within, core });
            changed += 1;
        }
        changed
    }

    /// Ends the faults of links among the core; those of other links stay.
    fn recover_links(&mut self, core: &[NodeId], cause: EventId) -> u64 {
        let mut ended = self.partition_becomes_cuts(core, cause);
        let core_only = Recover { nodes: core.to_vec(), within: None };
        self.spoil_network(&Fault::Recover(core_only.clone()));
        let among: Vec<_> = Scope::among(core).links(0);
        let seats = self.network.seats();
        let cuts = self.network.cuts.clone();
        let rooms = self.network.rooms.clone();
        ended += self.end_faults(cause, |_, open| {
            if let Fault::Cut(cut) = open {
                return !cuts
                    .has_any_of(&Scope::new(cut.from.as_deref(), cut.to.as_deref()), cut.both);
            }
            if let Fault::CutRooms(cut) = open {
                return rooms.as_ref().is_none_or(|rooms| !rooms.has_cut_any_of(cut));
            }
            ends_of(open)
                .is_some_and(|scope| scope.links(seats).iter().all(|link| among.contains(link)))
        });
        self.keep(Fault::Recover(core_only), cause);
        ended
    }

    /// What is left of a partition once the core is whole again: seats outside the core are still
    /// cut off from all that was not on their side.
    fn partition_becomes_cuts(&mut self, core: &[NodeId], cause: EventId) -> u64 {
        let sides: Vec<(Vec<NodeId>, Vec<NodeId>)> = self
            .cast
            .ids()
            .filter(|id| !core.contains(id))
            .map(|id| {
                let side = self.network.side_of(id, self.cast.ids());
                let others = self.cast.ids().filter(|other| !side.contains(other)).collect();
                (vec![id], others)
            })
            .collect();
        let ended = self.end_faults(cause, |_, open| matches!(open, Fault::Partition(_)));
        if ended == 0 {
            return 0;
        }
        self.renew_network();
        for (from, to) in sides.into_iter().filter(|(_, others)| !others.is_empty()) {
            let cut = Fault::Cut(Cut { from: Some(from), to: Some(to), both: true });
            self.spoil_network(&cut);
            self.keep(cut, cause);
        }
        ended
    }

    fn ask_for_progress(&mut self, window: Window) {
        let until = window.until;
        self.plan.recovery = Some(window);
        self.deadline_at(until);
        self.look_at_recovery(Phase::Begins);
    }

    /// Something struck while progress is due.
    #[inline]
    pub(super) fn trouble_in_recovery(&mut self) {
        if self.plan.recovery.is_some() {
            self.look_at_recovery(Phase::Troubled);
        }
    }

    /// The time for progress is over, unless another recovery has begun since.
    pub(super) fn recovery_is_over(&mut self) {
        if self.plan.recovery.as_ref().is_some_and(|window| window.until == self.now) {
            self.look_at_recovery(Phase::Ends);
            self.plan.recovery = None;
        }
    }

    /// Lets every promise that is not broken look at the recovery.
    #[cold]
    fn look_at_recovery(&mut self, phase: Phase) {
        let Some(window) = &self.plan.recovery else { return };
        let event = EventId(self.last_id);
        let recovery = Recovery {
            at: self.now,
            event,
            phase,
            window,
            history: &self.history,
            network: &self.network,
            disk: self.disk_spec,
            nodes: Nodes::Own(&self.places),
            cast: &self.cast,
            config: &self.config,
        };
        let asked = (self.now, event);
        let found = self.watch.ask(asked, |promise| promise.recovery(&recovery));
        for place in found {
            self.record_violation(None, Some(event), place);
        }
    }
}

/// The links that a fault of links is about; nothing for other faults.
fn ends_of(fault: &Fault) -> Option<Scope> {
    let (from, to) = match fault {
        Fault::Delay(fault) => (&fault.from, &fault.to),
        Fault::Loss(fault) => (&fault.from, &fault.to),
        Fault::Duplicate(fault) => (&fault.from, &fault.to),
        Fault::Reorder(fault) => (&fault.from, &fault.to),
        Fault::Corrupt(fault) => (&fault.from, &fault.to),
        Fault::Bandwidth(fault) => (&fault.from, &fault.to),
        Fault::Partition(_)
        | Fault::Heal
        | Fault::Cut(_)
        | Fault::Mend(_)
        | Fault::Crash(_)
        | Fault::Restart(_)
        | Fault::Calm(_)
        | Fault::CrashInStep(_)
        | Fault::Disk(_)
        | Fault::Host(_)
        | Fault::Clock(_)
        | Fault::CutRooms(_)
        | Fault::MendRooms(_)
        | Fault::Recover(_) => return None,
    };
    Some(Scope::new(from.as_deref(), to.as_deref()))
}
