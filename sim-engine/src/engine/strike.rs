//! Faults as they strike: what each does to the network and the nodes, and how often it acted.

use super::Simulation;
use super::step::code;
use crate::{
    Death, EventId, Fault, FaultCount, FaultView, Instant, Moment, Node, NodeId, Standing, What,
};

/// Which faults were armed, and what is known of their effect.
#[derive(Clone, Debug, Default)]
pub(super) struct Strikes {
    armed: Vec<(&'static str, u64, u64)>,
    /// Faults of the network that have begun and not ended, the oldest first, and what was mended
    /// of them.
    open: Vec<Open>,
    /// Where rooms are parted, and the event since which they are.
    pub(super) wall: Option<(EventId, FaultView)>,
}

/// A fault of the network that has begun.
#[derive(Clone, Debug)]
struct Open {
    began: EventId,
    fault: Fault,
    /// What a picture sees of it; nothing of what only mends.
    view: Option<FaultView>,
}

impl Strikes {
    fn arm(&mut self, kind: &'static str, acted: u64) {
        match self.armed.iter_mut().find(|(name, ..)| *name == kind) {
            Some((_, armed, already)) => {
                *armed += 1;
                *already += acted;
            }
            None => self.armed.push((kind, 1, acted)),
        }
    }

    /// What shaped the network, the oldest first.
    pub(super) fn layers(&self) -> impl Iterator<Item = &Fault> {
        self.open.iter().map(|open| &open.fault)
    }

    /// A fault of this kind that was armed acts.
    pub(super) fn act(&mut self, kind: &'static str) {
        if let Some((_, _, acted)) = self.armed.iter_mut().find(|(name, ..)| *name == kind) {
            *acted += 1;
        }
    }
}

impl<N: Node> Simulation<N> {
    /// Lets a fault strike. Says how many things it changed at once; faults of the network may act
    /// later.
    pub(super) fn strike(&mut self, fault: Fault, cause: EventId) -> u64 {
        let kind = fault.kind();
        let acted = match &fault {
            Fault::Partition(_) => {
                self.end_faults(cause, |_, open| matches!(open, Fault::Partition(_)));
                self.spoil_network(&fault);
                0
            }
            Fault::Heal => {
                self.end_faults(cause, |_, open| {
                    matches!(open, Fault::Partition(_) | Fault::Cut(_) | Fault::CutRooms(_))
                });
                u64::from(self.network.heal())
            }
            Fault::Mend(mend) => self.mend_links(mend, cause),
            Fault::MendRooms(links) => self.mend_rooms(links, cause),
            Fault::Cut(_)
            | Fault::CutRooms(_)
            | Fault::Delay(_)
            | Fault::Loss(_)
            | Fault::Duplicate(_)
            | Fault::Reorder(_)
            | Fault::Corrupt(_)
            | Fault::Bandwidth(_) => {
                self.spoil_network(&fault);
                0
            }
            Fault::Crash(crash) => {
                let death = Death::from(crash.of);
                crash.nodes.iter().map(|node| u64::from(self.crash(*node, death, cause))).sum()
            }
            Fault::CrashInStep(crash) => {
                self.doom(crash, cause);
                0
            }
            Fault::Restart(restart) => {
                restart.nodes.iter().map(|node| u64::from(self.restart(*node, cause))).sum()
            }
            Fault::Calm(calm) => {
                self.network.calm_down(*calm);
                self.end_faults(cause, |_, open| calm.ends(open))
            }
            Fault::Disk(fault) => self.strike_disks(fault, cause),
            Fault::Host(fault) => self.strike_hosts(fault, cause),
            Fault::Clock(fault) => self.strike_clocks(fault, cause),
            Fault::Recover(fault) => self.recover(fault, cause),
        };
        self.plan.strikes.arm(kind, if fault.hampers() { 0 } else { acted });
        if fault.view().is_some() || matches!(fault, Fault::Mend(_) | Fault::MendRooms(_)) {
            self.keep(fault, cause);
        }
        self.show_wall(cause);
        acted
    }

    /// Keeps what shapes the network from now on.
    pub(super) fn keep(&mut self, fault: Fault, cause: EventId) {
        let view = fault.view();
        let began = if view.is_some() { self.next_id() } else { cause };
        self.plan.strikes.open.push(Open { began, fault, view: view.clone() });
        if let Some(view) = view {
            self.record(began, None, Some(cause), |_| What::FaultBegan(view));
        }
    }

    /// Ends the open faults of the network that fit, by the event at which they began. Returns how
    /// many.
    pub(super) fn end_faults(
        &mut self,
        cause: EventId,
        fits: impl Fn(EventId, &Fault) -> bool,
    ) -> u64 {
        let open = std::mem::take(&mut self.plan.strikes.open);
        let (ended, still): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|open| fits(open.began, &open.fault));
        // What was mended of nothing that is still there is over, too.
        let first = still.iter().position(|open| open.view.is_some()).unwrap_or(still.len());
        self.plan.strikes.open = still.into_iter().skip(first).collect();
        let mut n = 0;
        for Open { began, view, .. } in ended {
            n += 1;
            let event = self.next_id();
            if let Some(fault) = view {
                self.record(event, None, Some(cause), |_| What::FaultEnded { began, fault });
            }
        }
        n
    }

    /// Takes a node down. False if it was down already.
    pub(super) fn crash(&mut self, id: NodeId, death: Death, cause: EventId) -> bool {
        let place = &mut self.places[id.index()];
        if !place.forget() {
            return false;
        }
        place.life += 1;
        place.has_power = death != Death::Machine;
        place.tickets.clear();
        (place.sync_due, place.sync_began) = (Instant::NEVER, Instant::NEVER);
        let led = place.standing.take().is_some_and(|standing| standing.leads);
        let writes_lost = self.leave_disk(id, death, cause);
        self.timers.cancel_all(id);
        self.abandon_operation(id);
        let event = self.next_id();
        self.places[id.index()].fell = Some(event);
        self.count(id, code::CRASH);
        self.record(event, id, Some(cause), |_| What::Crashed { death, writes_lost });
        self.view_asleep(id, event);
        self.forget_waiting(id, event);
        self.break_links(id, death, event);
        if led {
            self.leaders_changed();
        }
        self.settle(id, event, Moment::Crash);
        self.trouble_in_recovery();
        true
    }

    /// Boots a node that crashed. False if it is up, or if it is late and was never there.
    pub(super) fn restart(&mut self, id: NodeId, cause: EventId) -> bool {
        let place = &self.places[id.index()];
        if place.is_up() || !place.has_begun {
            return false;
        }
        self.boot(id, Some(cause));
        true
    }

    /// A node stands elsewhere now.
    pub(super) fn stand(&mut self, id: NodeId, standing: Standing, cause: EventId) {
        let before = self.places[id.index()].standing.replace(standing);
        let event = self.next_id();
        self.record(event, id, Some(cause), |_| What::Stood(standing));
        let led = before.is_some_and(|before| before.leads);
        if led || standing.leads {
            self.leaders_changed();
        }
        if before.is_none_or(|before| before.role != standing.role) {
            self.notice_role(id, standing.role);
        }
    }

    fn leaders_changed(&mut self) {
        let standings = self.places.iter().filter_map(super::Place::standing);
        let leaders = standings.filter(|standing| standing.leads).count();
        self.meter.leaders_changed(self.now, u32::try_from(leaders).unwrap_or(u32::MAX));
    }

    /// How often each kind of fault was armed, and how often it acted.
    pub(super) fn fault_counts(&self) -> Vec<FaultCount> {
        let struck = self.network.struck;
        let mut counts: Vec<FaultCount> = self
            .plan
            .strikes
            .armed
            .iter()
            .map(|(kind, armed, acted)| {
                let later = match *kind {
                    "partition" => struck.partition,
                    "loss" => struck.loss,
                    "duplicate" => struck.duplication,
                    "delay" => struck.delay,
                    "cut" => struck.cut,
                    "reorder" => struck.reordering,
                    "corrupt" => struck.corruption,
                    "bandwidth" => struck.bandwidth,
                    _ => 0,
                };
                FaultCount { kind, armed: *armed, acted: acted + later }
            })
            .collect();
        for (kind, rate, acted) in [
            ("loss", self.usual_link.loss, struck.loss),
            ("duplicate", self.usual_link.duplication, struck.duplication),
        ] {
            if rate > 0 && !counts.iter().any(|count| count.kind == kind) {
                counts.push(FaultCount { kind, armed: 1, acted });
            }
        }
        counts
    }
}
