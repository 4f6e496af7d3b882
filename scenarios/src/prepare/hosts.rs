//! What a step of a file asks of processes, processors and clocks, with every name in it checked.

use sim_engine::faults::{ClockChange, ClockFault, CrashInStep, CrashOf, HostFault, HostTrouble};
use sim_engine::{Action, Fault, Selector};

use super::looking::Looking;
use super::steps::{AdminFile, Found};
use crate::file::{ClockDriftFile, CrashInStepFile, CrashOfFile, Who};
use crate::path::Path;
use crate::problem::Complaint;

impl Looking<'_> {
    pub(super) fn host(
        &self,
        who: &Who,
        trouble: HostTrouble,
        path: &Path,
    ) -> Found<Action<AdminFile>> {
        let nodes = self.several(who, &path.key("node"))?;
        Ok(Action::Fault(Fault::Host(HostFault { nodes, trouble })))
    }

    pub(super) fn clock(
        &self,
        who: &Who,
        change: ClockChange,
        path: &Path,
    ) -> Found<Action<AdminFile>> {
        let nodes = self.several(who, &path.key("node"))?;
        Ok(Action::Fault(Fault::Clock(ClockFault { nodes, change })))
    }

    pub(super) fn drift(&self, clock: &ClockDriftFile, path: &Path) -> Found<Action<AdminFile>> {
        let (least, greatest) = (*ClockChange::DRIFT.start(), *ClockChange::DRIFT.end());
        if !ClockChange::DRIFT.contains(&clock.ppm) {
            let what = format!("`ppm` is from {least} to {greatest}; found {}", clock.ppm);
            return Err(Complaint::new(&path.key("ppm"), what));
        }
        self.clock(&clock.node, ClockChange::Drift { ppm: clock.ppm }, path)
    }

    pub(super) fn crash_in_step(
        &self,
        crash: &CrashInStepFile,
        path: &Path,
    ) -> Found<Action<AdminFile>> {
        if let Some(on) = &crash.on {
            self.names.occasion(on, &path.key("on"))?;
        }
        let nodes: Vec<Selector> = self.several(&crash.node, &path.key("node"))?;
        let (of, on, after) = (crash.of.into(), crash.on.clone(), crash.after);
        Ok(Action::Fault(Fault::CrashInStep(CrashInStep { nodes, of, on, after })))
    }
}

impl From<CrashOfFile> for CrashOf {
    fn from(of: CrashOfFile) -> Self {
        match of {
            CrashOfFile::Machine => Self::Machine,
            CrashOfFile::Process => Self::Process,
        }
    }
}
