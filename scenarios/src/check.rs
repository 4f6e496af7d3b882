//! What can be wrong with a scenario whatever its protocols are: limits, times, names given twice.

use std::collections::BTreeSet;

use sim_engine::{ChaosKind, Delay, Duration, Selector};

use crate::bounds::{
    DURATION_MAX, EVENTS_MAX, FAULTS_MAX, REPEATS_MAX, STEPS_MAX, SYSTEMS_MAX, VARIANTS_MAX,
};
use crate::file::{
    ActionFile, ChaosFile, KnobsFile, RecoverFile, ScenarioFile, SpanFile, StepFile, WorkloadFile,
};
use crate::path::Path;
use crate::problem::{Complaint, suggest};
use crate::seats::seats;
use crate::topology::topology;

type Checked = Result<(), Complaint>;

/// Checks the whole file.
pub(crate) fn check(file: &ScenarioFile) -> Checked {
    let root = Path::root();
    kebab(&file.name, &root.key("name"))?;
    kebab(&file.family, &root.key("family"))?;
    filled(&file.title, &root.key("title"))?;
    filled(&file.lesson, &root.key("lesson"))?;
    at_most(SYSTEMS_MAX, file.systems.len(), "systems", &root)?;
    at_most(STEPS_MAX, file.steps.len(), "steps", &root)?;
    at_most(VARIANTS_MAX, file.variants.len(), "variants", &root)?;
    check_systems(file)?;
    topology(file, &seats(file)?)?;
    check_length(file.duration, &root.key("duration"))?;
    if file.duration == Duration::ZERO {
        return Err(Complaint::new(&root.key("duration"), "a run of no length shows nothing"));
    }
    if !(1..=EVENTS_MAX).contains(&file.events_max) {
        let what =
            format!("{} events are asked for; 1 to {EVENTS_MAX} are allowed", file.events_max);
        return Err(Complaint::new(&root.key("events_max"), what));
    }
    check_delay(&file.network.delay, &root.key("network").key("delay"))?;
    check_delay(&file.disk.sync, &root.key("disk").key("sync"))?;
    for (place, workload) in file.workload.iter().enumerate() {
        check_workload(workload, file.duration, &root.key("workload").index(place))?;
    }
    for (place, operation) in file.operations.iter().enumerate() {
        let path = root.key("operations").index(place).key("at");
        before_end(operation.at, file.duration, &path)?;
    }
    if let Some(chaos) = &file.chaos {
        check_chaos(chaos, file.duration, &root.key("chaos"))?;
    }
    let systems: Vec<&str> = file.systems.iter().map(|system| system.name.as_str()).collect();
    for (place, step) in file.steps.iter().enumerate() {
        check_step(step, file.duration, &systems, &root.key("steps").index(place))?;
    }
    check_variants(file)
}

/// A list that is no longer than allowed.
fn at_most(max: usize, n: usize, list: &str, path: &Path) -> Checked {
    if n > max {
        let what = format!("{n} {list} are asked for; at most {max} are allowed");
        return Err(Complaint::new(&path.key(list), what));
    }
    Ok(())
}

fn check_systems(file: &ScenarioFile) -> Checked {
    let path = Path::root().key("systems");
    if file.systems.is_empty() {
        return Err(Complaint::new(&path, "a scenario needs at least one system"));
    }
    let mut seen = BTreeSet::new();
    for (place, system) in file.systems.iter().enumerate() {
        let path = path.index(place).key("name");
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-+.".contains(c);
        if system.name.is_empty() || !system.name.chars().all(fits) || system.name.starts_with('.')
        {
            let what = format!("`{}` is no name of a system", system.name);
            let hint = "use small letters, digits, `-`, `+` and `.`".to_owned();
            return Err(Complaint::new(&path, what).hint(hint));
        }
        if !seen.insert(&system.name) {
            return Err(Complaint::new(&path, format!("two systems are called `{}`", system.name)));
        }
    }
    Ok(())
}

fn check_variants(file: &ScenarioFile) -> Checked {
    let mut seen = BTreeSet::new();
    for (place, variant) in file.variants.iter().enumerate() {
        let path = Path::root().key("variants").index(place).key("name");
        kebab(&variant.name, &path)?;
        if !seen.insert(&variant.name) {
            let what = format!("two variants are called `{}`", variant.name);
            return Err(Complaint::new(&path, what));
        }
    }
    Ok(())
}

fn check_step(step: &StepFile, end: Duration, systems: &[&str], path: &Path) -> Checked {
    if let Some(at) = step.at {
        before_end(at, end, &path.key("at"))?;
        if step.when.is_some() {
            let what = "a step has `at` or `when`, not both";
            return Err(Complaint::new(&path.key("when"), what));
        }
        if step.after.is_some() {
            let what =
                "`after` counts from the step before or from what `when` names, not from `at`";
            return Err(Complaint::new(&path.key("after"), what));
        }
    }
    if let Some(after) = step.after {
        before_end(after, end, &path.key("after"))?;
    }
    check_lasting(step, end, path)?;
    for (place, name) in step.only.iter().flatten().enumerate() {
        if !systems.contains(&name.as_str()) {
            let path = path.key("only").index(place);
            return Err(Complaint::unknown(&path, "system", name, systems.iter().copied()));
        }
    }
    if step.only.as_ref().is_some_and(Vec::is_empty) {
        return Err(Complaint::new(&path.key("only"), "this step is for no system at all"));
    }
    Ok(())
}

/// What a step says about its own end and about coming again.
fn check_lasting(step: &StepFile, end: Duration, path: &Path) -> Checked {
    let first = step.at.or(step.after).unwrap_or(Duration::ZERO);
    if let Some(lasts) = step.lasts {
        let path = path.key("lasts");
        if lasts == Duration::ZERO {
            return Err(Complaint::new(&path, "a fault that lasts no time strikes nobody"));
        }
        ends_in_time(first + lasts, end, &path)?;
    }
    if let ActionFile::Recover(RecoverFile { within: Some(within), .. }) = &step.action {
        let path = path.key("do").key("recover").key("within");
        if *within == Duration::ZERO {
            return Err(Complaint::new(&path, "nobody makes progress in no time"));
        }
        ends_in_time(first + *within, end, &path)?;
    }
    let Some(repeat) = step.repeat else { return Ok(()) };
    let path = path.key("repeat");
    if repeat.times < 2 {
        let what = "`times` counts the first time too: a step that repeats is taken twice or more";
        return Err(Complaint::new(&path.key("times"), what));
    }
    if repeat.times > REPEATS_MAX {
        let what =
            format!("{} times are asked for; at most {REPEATS_MAX} are allowed", repeat.times);
        return Err(Complaint::new(&path.key("times"), what));
    }
    let Some(every) = repeat.every else {
        if step.when.is_some() {
            return Ok(());
        }
        let what = "a step without `when` repeats after some time";
        let hint = "add `every`".to_owned();
        return Err(Complaint::new(&path, what).hint(hint));
    };
    let path = path.key("every");
    if every == Duration::ZERO {
        let what = "a step that repeats at the same moment changes nothing more";
        return Err(Complaint::new(&path, what));
    }
    if let Some(lasts) = step.lasts.filter(|lasts| *lasts >= every) {
        let what = format!("it would begin again every {every}, before it has lasted {lasts}");
        return Err(Complaint::new(&path, what));
    }
    let last = first + every.times(u64::from(repeat.times) - 1);
    ends_in_time(last, end, &path)
}

fn ends_in_time(at: Duration, end: Duration, path: &Path) -> Checked {
    if at > end {
        let what = format!("that goes on until {at} at the earliest; the run ends at {end}");
        return Err(Complaint::new(path, what));
    }
    Ok(())
}

fn check_workload(workload: &WorkloadFile, end: Duration, path: &Path) -> Checked {
    let until = workload.until.unwrap_or(end);
    check_window(workload.from, until, end, path)?;
    check_delay(&workload.every, &path.key("every"))?;
    if workload.keys.is_empty() {
        return Err(Complaint::new(&path.key("keys"), "operations need at least one key"));
    }
    if workload.mix.values().all(|weight| *weight == 0) {
        return Err(Complaint::new(&path.key("mix"), "nothing is asked for"));
    }
    Ok(())
}

fn check_chaos(chaos: &ChaosFile, end: Duration, path: &Path) -> Checked {
    check_window(chaos.from, chaos.until, end, path)?;
    check_span(chaos.every, &path.key("every"))?;
    check_span(chaos.lasts, &path.key("lasts"))?;
    let window = chaos.until.as_nanos() - chaos.from.as_nanos();
    if window.checked_div(chaos.every.min.as_nanos()).is_none_or(|n| n > FAULTS_MAX) {
        let what = format!("that may be more than {FAULTS_MAX} faults");
        return Err(Complaint::new(&path.key("every").key("min"), what));
    }
    if chaos.kinds.is_empty() {
        return Err(Complaint::new(&path.key("kinds"), "there is no kind of fault to choose from"));
    }
    let known = ChaosKind::ALL.map(ChaosKind::name);
    for (place, kind) in chaos.kinds.iter().enumerate() {
        let path = path.key("kinds").index(place);
        if !known.contains(&kind.as_str()) {
            return Err(Complaint::new(&path, format!("no kind of fault is called `{kind}`"))
                .hint(suggest(kind, known)));
        }
        if chaos.kinds[..place].contains(kind) {
            return Err(Complaint::new(&path, format!("`{kind}` is named twice")));
        }
    }
    if let Some(within) = chaos.within {
        ends_in_time(chaos.until + within, end, &path.key("within"))?;
    }
    for (name, knobs) in &chaos.tune {
        let path = path.key("tune").key(name);
        if !chaos.kinds.contains(name) {
            let known = chaos.kinds.iter().map(String::as_str);
            return Err(Complaint::unknown(&path, "kind of fault of this chaos", name, known));
        }
        check_knobs(name, knobs, &path)?;
    }
    check_down(chaos, path)
}

/// The knobs of one kind: only those that it has.
fn check_knobs(name: &str, knobs: &KnobsFile, path: &Path) -> Checked {
    let has = |fits: fn(ChaosKind) -> bool| {
        ChaosKind::ALL.into_iter().any(|kind| kind.name() == name && fits(kind))
    };
    if let Some(span) = knobs.lasts {
        check_span(span, &path.key("lasts"))?;
    }
    if let Some(rate) = knobs.rate {
        let path = path.key("rate");
        if !has(ChaosKind::has_rate) {
            return Err(Complaint::new(&path, format!("`{name}` strikes at no rate")));
        }
        if rate.min > rate.max {
            let what = format!("the range is empty: min is {}, max is {}", rate.min, rate.max);
            return Err(Complaint::new(&path, what));
        }
    }
    if let Some(at_once) = knobs.at_once {
        let path = path.key("at_once");
        if !has(ChaosKind::strikes_a_node) {
            return Err(Complaint::new(&path, format!("`{name}` strikes no single node")));
        }
        if at_once == 0 {
            return Err(Complaint::new(&path, format!("no node may have it, so `{name}` is idle")));
        }
    }
    Ok(())
}

fn check_down(chaos: &ChaosFile, path: &Path) -> Checked {
    let takes_down = |name: &String| {
        ChaosKind::ALL.into_iter().any(|kind| kind.name() == name && kind.takes_down())
    };
    match chaos.kinds.iter().position(takes_down) {
        Some(place) if chaos.down_max == 0 => {
            let what = "no node may be down, so no crash can happen";
            Err(Complaint::new(&path.key("kinds").index(place), what)
                .hint("set `down_max` to 1 or more".to_owned()))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_window(from: Duration, until: Duration, end: Duration, path: &Path) -> Checked {
    before_end(from, end, &path.key("from"))?;
    before_end(until, end, &path.key("until"))?;
    if from >= until {
        let what = format!("it ends at {until}, not after its beginning at {from}");
        return Err(Complaint::new(&path.key("until"), what));
    }
    Ok(())
}

fn check_span(span: SpanFile, path: &Path) -> Checked {
    check_length(span.max, &path.key("max"))?;
    if span.min > span.max {
        let what = format!("the range is empty: min is {}, max is {}", span.min, span.max);
        return Err(Complaint::new(path, what));
    }
    Ok(())
}

/// A distribution that makes sense; also for links that a step changes.
pub(crate) fn check_delay(delay: &Delay, path: &Path) -> Checked {
    delay.check().map_err(|what| Complaint::new(path, what))?;
    match delay {
        Delay::Fixed(length) => check_length(*length, path),
        Delay::Uniform { max, .. } => check_length(*max, &path.key("uniform").key("max")),
        Delay::Exponential { min, mean } => {
            check_length(*min, &path.key("exponential").key("min"))?;
            check_length(*mean, &path.key("exponential").key("mean"))
        }
        Delay::LogNormal { p99, .. } => check_length(*p99, &path.key("log-normal").key("p99")),
        Delay::Pareto { p99, .. } => check_length(*p99, &path.key("pareto").key("p99")),
    }
}

fn check_length(length: Duration, path: &Path) -> Checked {
    if length > DURATION_MAX {
        return Err(Complaint::new(path, format!("{length} is more than a day")));
    }
    Ok(())
}

fn before_end(at: Duration, end: Duration, path: &Path) -> Checked {
    if at > end {
        let what = format!("{at} is after the end of the run at {end}");
        return Err(Complaint::new(path, what));
    }
    Ok(())
}

fn filled(text: &str, path: &Path) -> Checked {
    if text.trim().is_empty() {
        return Err(Complaint::new(path, "this must not be empty"));
    }
    Ok(())
}

/// A name must not read as a selector: nobody could point at what it names.
pub(crate) fn plain_name(name: &str, thing: &str, path: &Path) -> Checked {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let is_plain = !name.is_empty() && name.len() <= 24 && name.chars().all(fits);
    if !is_plain || Selector::parse(name).name() != Some(name) {
        let hint = "use up to 24 letters, digits, `-`, `_` and `.`, and no word such as `leader`";
        return Err(
            Complaint::new(path, format!("`{name}` is no name of a {thing}")).hint(hint.to_owned())
        );
    }
    Ok(())
}

fn kebab(name: &str, path: &Path) -> Checked {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || !name.chars().all(fits) || name.starts_with('-') || name.ends_with('-') {
        let what = format!("`{name}` is no name");
        let hint = "use small letters, digits and `-`".to_owned();
        return Err(Complaint::new(path, what).hint(hint));
    }
    Ok(())
}
