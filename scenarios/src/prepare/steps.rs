//! The steps of a file as the engine takes them, with every name in them checked.

use serde_json::Value;
use sim_engine::{
    Action, Chaos, ChaosKind, Duration, Instant, Knobs, Rate, Repeat, Selector, Span, Step, Trigger,
};

use super::looking::Looking;
use super::names::{Bound, Names};
use crate::file::{KnobsFile, RepeatFile, ScenarioFile, SpanFile, StepFile};
use crate::judge::Line;
use crate::path::Path;
use crate::problem::Complaint;

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

pub(crate) type Found<T> = Result<T, Complaint>;

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
    if step.lasts.is_some() && !matches!(&action, Action::Fault(fault) if fault.can_last()) {
        let what = format!("`{}` is not a fault that could last", step.action.kind());
        return Err(Complaint::new(&path.key("lasts"), what));
    }
    let repeat = step.repeat.map(|RepeatFile { times, every }| Repeat { times, every });
    Ok(Step {
        trigger,
        after: step.after.unwrap_or(Duration::ZERO),
        bind,
        action,
        lasts: step.lasts,
        repeat,
        say: step.say.clone(),
        may_miss: step.may_miss,
    })
}

/// The random schedule, if there is one.
pub(crate) fn plan_chaos(file: &ScenarioFile, names: &Names<'_>) -> Found<Option<Chaos>> {
    let Some(chaos) = &file.chaos else { return Ok(None) };
    if !names.cast.iter().any(|(_, seat)| !seat.is_client) {
        let what = "there is no node that a fault could strike";
        return Err(Complaint::new(&Path::root().key("chaos"), what));
    }
    let path = Path::root().key("chaos");
    let nobody = Bound::new();
    let looking = Looking { names, bound: &nobody };
    let fits = |kind: &ChaosKind| chaos.kinds.iter().any(|name| name == kind.name());
    let kinds: Vec<ChaosKind> = ChaosKind::ALL.into_iter().filter(fits).collect();
    let tuned = |kind: &ChaosKind| Some((*kind, knobs(chaos.tune.get(kind.name())?)));
    Ok(Some(Chaos {
        from: Instant::ZERO + chaos.from,
        until: Instant::ZERO + chaos.until,
        knobs: kinds.iter().filter_map(tuned).collect(),
        kinds,
        every: span(chaos.every),
        lasts: span(chaos.lasts),
        down_max: chaos.down_max,
        core: looking.maybe_several(chaos.core.as_ref(), &path.key("core"))?,
        within: chaos.within,
    }))
}

fn knobs(knobs: &KnobsFile) -> Knobs {
    Knobs {
        lasts: knobs.lasts.map(span),
        rate: knobs.rate.map(|rate| Rate { min: rate.min.0, max: rate.max.0 }),
        at_once: knobs.at_once,
    }
}

const fn span(span: SpanFile) -> Span {
    Span { min: span.min, max: span.max }
}
