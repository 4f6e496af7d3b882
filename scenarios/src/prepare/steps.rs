//! The steps of a file as the engine takes them, with every name in them checked.

use serde_json::Value;
use sim_engine::faults::{Crash, Delaying, Duplication, Loss, Partition, Restart};
use sim_engine::{
    Action, Chaos, ChaosKind, Condition, Direct, Duration, Fault, FilterAction, Happening, Instant,
    Release, Selector, Span, Step, Trigger,
};

use super::names::{Bound, Names};
use crate::check::check_delay;
use crate::file::{
    ActionFile, ChooseFile, NodesFile, ReleaseFile, ScenarioFile, StepFile, WhenFile, Who,
};
use crate::judge::Line;
use crate::path::Path;
use crate::problem::{Complaint, suggest};

/// An administrator's command before its type is known.
#[derive(Clone, Debug)]
pub(crate) struct AdminFile {
    pub(crate) value: Value,
    pub(crate) path: Path,
}

/// The steps of one system.
pub(crate) struct Planned {
    pub(crate) steps: Vec<Step<AdminFile>>,
    /// What to call each of them, in the same order.
    pub(crate) lines: Vec<Line>,
}

type Found<T> = Result<T, Complaint>;

/// Every step that is for this system, in the order of the file.
pub(crate) fn plan_steps(file: &ScenarioFile, system: &str, names: &Names<'_>) -> Found<Planned> {
    let mut planned = Planned { steps: Vec::new(), lines: Vec::new() };
    let mut bound = Bound::new();
    for (place, step) in file.steps.iter().enumerate() {
        let is_ours = |only: &Vec<String>| only.iter().any(|name| name == system);
        if !step.only.as_ref().is_none_or(is_ours) {
            continue;
        }
        let path = Path::root().key("steps").index(place);
        planned.steps.push(plan_step(step, names, &mut bound, &path)?);
        let kind = step.action.kind();
        planned.lines.push(Line { place, kind, may_miss: step.may_miss });
    }
    Ok(planned)
}

fn plan_step(
    step: &StepFile,
    names: &Names<'_>,
    bound: &mut Bound,
    path: &Path,
) -> Found<Step<AdminFile>> {
    let trigger = match (&step.at, &step.when) {
        (Some(at), _) => Trigger::At(Instant::ZERO + *at),
        (None, Some(when)) => {
            Trigger::When(Looking { names, bound }.condition(when, &path.key("when"))?)
        }
        (None, None) => Trigger::Previous,
    };
    let mut bind = Vec::new();
    for (name, selector) in &step.bind {
        let path = path.key("bind").key(name);
        if Selector::parse(name).name() != Some(name) || !names.named(name).is_empty() {
            return Err(Complaint::new(&path, format!("`{name}` already means something else")));
        }
        bind.push((name.clone(), names.selector(selector, bound, &path)?));
    }
    bound.extend(step.bind.keys().cloned());
    let looking = Looking { names, bound };
    if let Some(say) = &step.say {
        looking.caption(say, &path.key("say"))?;
    }
    let action = looking.action(&step.action, &path.key("do").key(step.action.kind()))?;
    Ok(Step {
        trigger,
        after: step.after.unwrap_or(Duration::ZERO),
        bind,
        action,
        say: step.say.clone(),
        may_miss: step.may_miss,
    })
}

/// The names that mean something at one step.
struct Looking<'a> {
    names: &'a Names<'a>,
    bound: &'a Bound,
}

impl Looking<'_> {
    fn one(&self, text: &str, path: &Path) -> Found<Selector> {
        self.names.selector(text, self.bound, path)
    }

    fn maybe(&self, text: Option<&String>, path: &Path) -> Found<Option<Selector>> {
        text.map(|text| self.one(text, path)).transpose()
    }

    fn several(&self, who: &Who, path: &Path) -> Found<Vec<Selector>> {
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

    fn maybe_several(&self, who: Option<&Who>, path: &Path) -> Found<Option<Vec<Selector>>> {
        who.map(|who| self.several(who, path)).transpose()
    }

    fn condition(&self, when: &WhenFile, path: &Path) -> Found<Condition> {
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

    fn action(&self, action: &ActionFile, path: &Path) -> Found<Action<AdminFile>> {
        let node = path.key("node");
        Ok(match action {
            ActionFile::Partition { .. }
            | ActionFile::Heal {}
            | ActionFile::Crash(_)
            | ActionFile::Restart(_)
            | ActionFile::Delay(_)
            | ActionFile::Loss(_)
            | ActionFile::Duplicate(_)
            | ActionFile::Calm {} => Action::Fault(self.fault(action, path)?),
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
        let ends = |from: Option<&Who>, to: Option<&Who>| {
            let from = self.maybe_several(from, &path.key("from"))?;
            Ok::<_, Complaint>((from, self.maybe_several(to, &path.key("to"))?))
        };
        let nodes = |nodes: &NodesFile| self.several(&nodes.node, &path.key("node"));
        Ok(match action {
            ActionFile::Partition { groups } => {
                Fault::Partition(self.partition(groups, &path.key("groups"))?)
            }
            ActionFile::Heal {} => Fault::Heal,
            ActionFile::Crash(crash) => Fault::Crash(Crash { nodes: nodes(crash)? }),
            ActionFile::Restart(restart) => Fault::Restart(Restart { nodes: nodes(restart)? }),
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
            ActionFile::Calm {} => Fault::Calm,
            ActionFile::Client { .. }
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
        let mut taken: Vec<(sim_engine::NodeId, usize)> = Vec::new();
        let mut parted = Vec::new();
        let last = groups.iter().map(Vec::len).sum::<usize>();
        let mut n = 0;
        for (place, group) in groups.iter().enumerate() {
            let path = path.index(place);
            if group.is_empty() {
                return Err(Complaint::new(&path, "this group is empty"));
            }
            let mut selectors = Vec::new();
            for (seat, text) in group.iter().enumerate() {
                let path = path.index(seat);
                let selector = self.one(text, &path)?;
                n += 1;
                if selector == Selector::Rest && n < last {
                    let what = "`rest` must come last: it means every seat not named before it";
                    return Err(Complaint::new(&path, what));
                }
                let name = selector.name().filter(|name| !self.bound.contains(*name));
                let is_side = matches!(selector, Selector::Side(_));
                for id in
                    name.filter(|_| !is_side).map_or(Vec::new(), |name| self.names.named(name))
                {
                    if taken.iter().any(|(other, group)| *other == id && *group != place) {
                        let what = format!("`{}` is in two groups", self.names.cast.name(id));
                        return Err(Complaint::new(&path, what));
                    }
                    taken.push((id, place));
                }
                selectors.push(selector);
            }
            parted.push(selectors);
        }
        if parted.is_empty() {
            return Err(Complaint::new(path, "a partition needs at least one group"));
        }
        Ok(Partition { groups: parted })
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
    fn caption(&self, say: &str, path: &Path) -> Found<()> {
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

/// The random schedule, if there is one.
pub(crate) fn plan_chaos(file: &ScenarioFile, names: &Names<'_>) -> Found<Option<Chaos>> {
    let Some(chaos) = &file.chaos else { return Ok(None) };
    if !names.cast.iter().any(|(_, seat)| !seat.is_client) {
        let what = "there is no node that a fault could strike";
        return Err(Complaint::new(&Path::root().key("chaos"), what));
    }
    let fits = |kind: &ChaosKind| chaos.kinds.iter().any(|name| name == kind.name());
    Ok(Some(Chaos {
        from: Instant::ZERO + chaos.from,
        until: Instant::ZERO + chaos.until,
        kinds: ChaosKind::ALL.into_iter().filter(fits).collect(),
        every: Span { min: chaos.every.min, max: chaos.every.max },
        lasts: Span { min: chaos.lasts.min, max: chaos.lasts.max },
        down_max: chaos.down_max,
    }))
}
