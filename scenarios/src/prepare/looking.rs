//! What one step of a file asks for, with every name in it checked.

use std::collections::BTreeMap;

use sim_engine::faults::{
    ClockChange, Crash, Delaying, Duplication, HostTrouble, Loss, Partition, Recover, Restart,
};
use sim_engine::{
    Action, Condition, Direct, Fault, FilterAction, Happening, NodeId, Release, Selector,
};

use super::names::{Bound, Names};
use super::steps::{AdminFile, Found};
use crate::check::check_delay;
use crate::file::{ActionFile, ChooseFile, NodesFile, ReleaseFile, WhenFile, Who};
use crate::path::Path;
use crate::problem::{Complaint, suggest};

/// The names that mean something at one step.
pub(crate) struct Looking<'a> {
    pub(crate) names: &'a Names<'a>,
    pub(crate) bound: &'a Bound,
}

impl Looking<'_> {
    fn one(&self, text: &str, path: &Path) -> Found<Selector> {
        self.names.selector(text, self.bound, path)
    }

    fn maybe(&self, text: Option<&String>, path: &Path) -> Found<Option<Selector>> {
        text.map(|text| self.one(text, path)).transpose()
    }

    pub(super) fn several(&self, who: &Who, path: &Path) -> Found<Vec<Selector>> {
        if who.0.is_empty() {
            return Err(Complaint::new(path, "nobody is named"));
        }
        let one = |(place, text): (usize, &String)| {
            // A single selector stands without a list around it.
            let path = if who.0.len() == 1 { path.clone() } else { path.index(place) };
            self.one(text, &path)
        };
        who.0.iter().enumerate().map(one).collect()
    }

    pub(super) fn maybe_several(
        &self,
        who: Option<&Who>,
        path: &Path,
    ) -> Found<Option<Vec<Selector>>> {
        who.map(|who| self.several(who, path)).transpose()
    }

    pub(crate) fn condition(&self, when: &WhenFile, path: &Path) -> Found<Condition> {
        let (what, node, count) = match when {
            WhenFile::Fact { name, node, count } => {
                let path = path.key("fact");
                self.names.fact(name, &path.key("name"))?;
                let node = self.maybe(node.as_ref(), &path.key("node"))?;
                (Happening::Fact(name.clone()), node, *count)
            }
            WhenFile::Role { role, node, count } => {
                let path = path.key("role");
                self.names.role(role, &path.key("role"))?;
                let node = self.maybe(node.as_ref(), &path.key("node"))?;
                (Happening::Role(role.clone()), node, *count)
            }
            WhenFile::Delivered { kind, from, to, count } => {
                let path = path.key("delivered");
                self.names.message(kind, &path.key("kind"))?;
                let from = self.maybe(from.as_ref(), &path.key("from"))?;
                let to = self.maybe(to.as_ref(), &path.key("to"))?;
                (Happening::Delivered { kind: kind.clone(), from }, to, *count)
            }
        };
        if count == 0 {
            return Err(Complaint::new(path, "`count` is counted from 1"));
        }
        Ok(Condition { what, node, count })
    }

    pub(crate) fn action(&self, action: &ActionFile, path: &Path) -> Found<Action<AdminFile>> {
        let node = path.key("node");
        Ok(match action {
            ActionFile::Partition { .. }
            | ActionFile::Heal(_)
            | ActionFile::Cut(_)
            | ActionFile::Crash(_)
            | ActionFile::Restart(_)
            | ActionFile::Recover(_)
            | ActionFile::Delay(_)
            | ActionFile::Loss(_)
            | ActionFile::Duplicate(_)
            | ActionFile::Reorder(_)
            | ActionFile::Corrupt(_)
            | ActionFile::Bandwidth(_)
            | ActionFile::Calm(_) => Action::Fault(self.fault(action, path)?),
            ActionFile::SlowDisk(_)
            | ActionFile::FailSync(_)
            | ActionFile::LyingDisk(_)
            | ActionFile::FullDisk(_)
            | ActionFile::TornWrite(_)
            | ActionFile::CorruptRead(_)
            | ActionFile::WipeDisk(_)
            | ActionFile::CalmDisk(_) => Action::Fault(Fault::Disk(self.disk_fault(action, path)?)),
            ActionFile::Pause(nodes) => self.host(&nodes.node, HostTrouble::Pause, path)?,
            ActionFile::Resume(nodes) => self.host(&nodes.node, HostTrouble::Resume, path)?,
            ActionFile::SlowCpu(slow) => {
                check_delay(&slow.takes, &path.key("takes"))?;
                self.host(&slow.node, HostTrouble::SlowCpu { takes: slow.takes }, path)?
            }
            ActionFile::CalmCpu(nodes) => self.host(&nodes.node, HostTrouble::CalmCpu, path)?,
            ActionFile::ClockOffset(clock) => {
                self.clock(&clock.node, ClockChange::Offset { by: clock.by }, path)?
            }
            ActionFile::ClockStep(clock) => {
                self.clock(&clock.node, ClockChange::Step { by: clock.by }, path)?
            }
            ActionFile::ClockDrift(clock) => self.drift(clock, path)?,
            ActionFile::CalmClock(nodes) => self.clock(&nodes.node, ClockChange::Calm, path)?,
            ActionFile::CrashInStep(crash) => self.crash_in_step(crash, path)?,
            ActionFile::Client { client, operation } => {
                self.names.clients(client, &path.key("client"))?;
                self.names.operation(operation, &path.key("operation"))?;
                Action::Client { client: Selector::parse(client), operation: *operation }
            }
            ActionFile::Admin { node: whom, command } => Action::Admin {
                nodes: self.one(whom, &node)?,
                command: AdminFile { value: command.clone(), path: path.key("command") },
            },
            ActionFile::Hold(choose) => self.direct(FilterAction::Hold, choose, path)?,
            ActionFile::Drop(choose) => self.direct(FilterAction::Drop, choose, path)?,
            ActionFile::Deliver(choose) => self.direct(FilterAction::Deliver, choose, path)?,
            ActionFile::Release(release) => self.release(release, path)?,
            ActionFile::Fire { node: whom, timer } => {
                self.names.timer(timer, &path.key("timer"))?;
                Action::Fire { nodes: self.one(whom, &node)?, timer: timer.clone() }
            }
            ActionFile::Start { node: whom } => Action::Start { nodes: self.one(whom, &node)? },
            ActionFile::Look {} => Action::Look,
        })
    }

    fn fault(&self, action: &ActionFile, path: &Path) -> Found<Fault<Selector>> {
        let ends = |from: Option<&Who>, to: Option<&Who>| self.ends(from, to, path);
        let nodes = |nodes: &NodesFile| self.several(&nodes.node, &path.key("node"));
        Ok(match action {
            ActionFile::Partition { groups } => {
                Fault::Partition(self.partition(groups, &path.key("groups"))?)
            }
            ActionFile::Heal(heal) => self.heal(heal, path)?,
            ActionFile::Cut(cut) => self.cut(cut, path)?,
            ActionFile::Crash(crash) => {
                let nodes = self.several(&crash.node, &path.key("node"))?;
                Fault::Crash(Crash { nodes, of: crash.of.into() })
            }
            ActionFile::Restart(restart) => Fault::Restart(Restart { nodes: nodes(restart)? }),
            ActionFile::Recover(recover) => Fault::Recover(Recover {
                nodes: self.several(&recover.node, &path.key("node"))?,
                within: recover.within,
            }),
            ActionFile::Delay(links) => {
                let (from, to) = ends(links.from.as_ref(), links.to.as_ref())?;
                check_delay(&links.takes, &path.key("takes"))?;
                Fault::Delay(Delaying { from, to, delay: links.takes })
            }
            ActionFile::Loss(links) => {
                let (from, to) = ends(links.from.as_ref(), links.to.as_ref())?;
                Fault::Loss(Loss { from, to, per_million: links.rate.0 })
            }
            ActionFile::Duplicate(links) => {
                let (from, to) = ends(links.from.as_ref(), links.to.as_ref())?;
                Fault::Duplicate(Duplication { from, to, per_million: links.rate.0 })
            }
            ActionFile::Reorder(links) => self.reorder(links, path)?,
            ActionFile::Corrupt(links) => self.corrupt(links, path)?,
            ActionFile::Bandwidth(links) => self.bandwidth(links, path)?,
            ActionFile::Calm(calm) => Fault::Calm(super::links::calm(*calm)),
            ActionFile::SlowDisk(_)
            | ActionFile::FailSync(_)
            | ActionFile::LyingDisk(_)
            | ActionFile::FullDisk(_)
            | ActionFile::TornWrite(_)
            | ActionFile::CorruptRead(_)
            | ActionFile::WipeDisk(_)
            | ActionFile::CalmDisk(_)
            | ActionFile::Pause(_)
            | ActionFile::Resume(_)
            | ActionFile::SlowCpu(_)
            | ActionFile::CalmCpu(_)
            | ActionFile::ClockOffset(_)
            | ActionFile::ClockStep(_)
            | ActionFile::ClockDrift(_)
            | ActionFile::CalmClock(_)
            | ActionFile::CrashInStep(_)
            | ActionFile::Client { .. }
            | ActionFile::Admin { .. }
            | ActionFile::Hold(_)
            | ActionFile::Drop(_)
            | ActionFile::Deliver(_)
            | ActionFile::Release(_)
            | ActionFile::Fire { .. }
            | ActionFile::Start { .. }
            | ActionFile::Look {} => unreachable!("only faults are handed over"),
        })
    }

    /// Groups that nobody is in twice, as far as names can tell.
    fn partition(&self, groups: &[Vec<String>], path: &Path) -> Found<Partition<Selector>> {
        if groups.is_empty() {
            return Err(Complaint::new(path, "a partition needs at least one group"));
        }
        let mut taken = BTreeMap::new();
        let mut has_rest = false;
        let mut parted = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            let path = path.index(place);
            if group.is_empty() {
                return Err(Complaint::new(&path, "this group is empty"));
            }
            let mut selectors = Vec::new();
            for (seat, text) in group.iter().enumerate() {
                let path = path.index(seat);
                if has_rest {
                    let what = "nobody is left after `rest`: name this before it";
                    return Err(Complaint::new(&path, what));
                }
                let selector = self.one(text, &path)?;
                has_rest = selector == Selector::Rest;
                for id in self.surely(&selector) {
                    if taken.insert(id, place).is_some_and(|group| group != place) {
                        let what = format!("`{}` is in two groups", self.names.cast.name(id));
                        return Err(Complaint::new(&path, what));
                    }
                }
                selectors.push(selector);
            }
            parted.push(selectors);
        }
        Ok(Partition { groups: parted })
    }

    /// The seats that a selector means whatever happens in the run.
    fn surely(&self, selector: &Selector) -> Vec<NodeId> {
        match selector {
            Selector::Named(name) if !self.bound.contains(name) => self.names.named(name),
            Selector::Seat(id) => vec![*id],
            Selector::Named(_)
            | Selector::Leader
            | Selector::AFollower
            | Selector::Followers
            | Selector::Rest
            | Selector::Everybody
            | Selector::Side(_) => Vec::new(),
        }
    }

    fn direct(
        &self,
        action: FilterAction,
        choose: &ChooseFile,
        path: &Path,
    ) -> Found<Action<AdminFile>> {
        let kind = self.kind(choose.kind.as_ref(), choose.count, path)?;
        let from = self.maybe(choose.from.as_ref(), &path.key("from"))?;
        let to = self.maybe(choose.to.as_ref(), &path.key("to"))?;
        Ok(Action::Direct(Direct { action, kind, from, to, count: choose.count }))
    }

    fn release(&self, release: &ReleaseFile, path: &Path) -> Found<Action<AdminFile>> {
        let kind = self.kind(release.kind.as_ref(), release.count, path)?;
        let from = self.maybe(release.from.as_ref(), &path.key("from"))?;
        let to = self.maybe(release.to.as_ref(), &path.key("to"))?;
        let (count, drop) = (release.count, release.drop);
        Ok(Action::Release(Release { kind, from, to, count, drop }))
    }

    fn kind(
        &self,
        kind: Option<&String>,
        count: Option<u32>,
        path: &Path,
    ) -> Found<Option<String>> {
        if count == Some(0) {
            return Err(Complaint::new(&path.key("count"), "no message at all is chosen"));
        }
        if let Some(kind) = kind {
            self.names.message(kind, &path.key("kind"))?;
        }
        Ok(kind.cloned())
    }

    /// Every `{name}` of a caption must be a bound name: anything else would stay as it is.
    pub(crate) fn caption(&self, say: &str, path: &Path) -> Found<()> {
        for rest in say.split('{').skip(1) {
            let name = rest.split('}').next().unwrap_or_default();
            if !self.bound.contains(name) {
                let what = format!("`{{{name}}}` is bound to nobody");
                return Err(Complaint::new(path, what)
                    .hint(suggest(name, self.bound.iter().map(String::as_str))));
            }
        }
        Ok(())
    }
}
