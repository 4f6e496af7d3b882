//! `partitura show`: a scenario in words.

use std::fmt::Write;

use super::args::ShowArguments;
use super::{Answer, output};
use crate::file::{ActionFile, ScenarioFile, StepFile, WhenFile, Who};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::seats::seats;

pub(super) fn answer(arguments: &ShowArguments) -> Result<Answer, Problem> {
    let scenario = Scenario::load(&arguments.name)?;
    let out = match (arguments.source, &scenario.variant) {
        (true, None) => scenario.source().to_owned(),
        // A variant has no file of its own: this is the file with its changes.
        (true, Some(_)) => output::pretty(scenario.value()),
        (false, _) => in_words(&scenario),
    };
    Ok(Answer { out, ..Answer::default() })
}

fn in_words(scenario: &Scenario) -> String {
    let file = &scenario.file;
    let mut out = format!("{}\n\n{}\n", scenario.title(), scenario.lesson());
    let mut line = |words: String| out.push_str(&format!("{words}\n"));
    line(String::new());
    line(format!("  name      {} (family {})", scenario.label(), scenario.family()));
    let system = |system: &crate::file::SystemFile| match system.name == system.protocol {
        true => system.name.clone(),
        false => format!("{} ({})", system.name, system.protocol),
    };
    line(format!("  systems   {}", comma(file.systems.iter().map(system))));
    line(format!("  cast      {}", cast(file)));
    line(format!("  network   {}", network(file)));
    line(format!("  length    {}, seed {}", file.duration, file.seed));
    for load in &file.workload {
        let until = load.until.unwrap_or(file.duration);
        let mix = comma(load.mix.iter().map(|(kind, weight)| format!("{kind} {weight}")));
        let who = load.clients.0.join(", ");
        line(format!(
            "  workload  {who}: {mix}; {} to {until}, every {}",
            load.from,
            load.every.words()
        ));
    }
    if let Some(chaos) = &file.chaos {
        let kinds = chaos.kinds.join(", ");
        line(format!("  chaos     {kinds}; {} to {}", chaos.from, chaos.until));
    }
    if !file.steps.is_empty() {
        line("\nSteps".to_owned());
    }
    for (place, step) in file.steps.iter().enumerate() {
        line(format!("  {place:>2}  {}: {}", when(step), action(&step.action)));
        if let Some(say) = &step.say {
            line(format!("      {say}"));
        }
    }
    if !file.variants.is_empty() {
        line("\nVariants".to_owned());
    }
    for variant in &file.variants {
        let title = variant.title.as_deref().unwrap_or(&file.title);
        line(format!("  {}@{}  {title}", file.name, variant.name));
    }
    out
}

fn comma(words: impl Iterator<Item = String>) -> String {
    words.collect::<Vec<_>>().join(", ")
}

/// Who takes part, group by group.
fn cast(file: &ScenarioFile) -> String {
    let seats = seats(file).unwrap_or_default();
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for seat in &seats {
        let kind = seat.role.as_object().and_then(|role| role.keys().next());
        let kind = kind.map_or("seat", String::as_str);
        let place = seat.place.map(|place| format!(" in {place}")).unwrap_or_default();
        let late = if seat.is_late { ", late" } else { "" };
        let kind = format!("{kind}{place}{late}");
        match groups.last_mut().filter(|(last, _)| *last == kind) {
            Some((_, names)) => names.push(seat.name.clone()),
            None => groups.push((kind, vec![seat.name.clone()])),
        }
    }
    let group = |(kind, names): (String, Vec<String>)| match names.as_slice() {
        [first, .., last] if names.len() > 4 => format!("{first} to {last} ({kind})"),
        _ => format!("{} ({kind})", names.join(", ")),
    };
    groups.into_iter().map(group).collect::<Vec<_>>().join("; ")
}

fn network(file: &ScenarioFile) -> String {
    let mut words = format!("delay {}", file.network.delay.words());
    for (rate, what) in [(file.network.loss, "lost"), (file.network.duplication, "twice")] {
        if rate.0 > 0 {
            let _infallible = write!(words, ", {rate} {what}");
        }
    }
    words
}

/// When a step is taken, in words.
fn when(step: &StepFile) -> String {
    let after = step.after.map(|after| format!("{after} after ")).unwrap_or_default();
    let only = match &step.only {
        Some(systems) => format!(" (only {})", systems.join(", ")),
        None => String::new(),
    };
    let words = match (&step.at, &step.when) {
        (Some(at), _) => format!("at {at}"),
        (None, None) if step.after.is_some() => format!("{after}that"),
        (None, None) => "then".to_owned(),
        (None, Some(when)) => format!("{after}{}", condition(when)),
    };
    format!("{words}{only}")
}

fn condition(when: &WhenFile) -> String {
    let times =
        |count: u32| if count > 1 { format!(" for the {count}. time") } else { String::new() };
    let at = |node: &Option<String>| node.as_deref().unwrap_or("a node").to_owned();
    match when {
        WhenFile::Fact { name, node, count } => {
            format!("{} announces {name}{}", at(node), times(*count))
        }
        WhenFile::Role { role, node, count } => {
            format!("{} stands as {role}{}", at(node), times(*count))
        }
        WhenFile::Delivered { kind, from, to, count } => {
            format!("{kind} goes from {} to {}{}", at(from), at(to), times(*count))
        }
    }
}

/// What a step does, in words.
fn action(action: &ActionFile) -> String {
    let who = |who: &Who| who.0.join(", ");
    let ends = |from: Option<String>, to: Option<String>| {
        let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        format!("{from}{to}")
    };
    let kind = action.kind();
    match action {
        ActionFile::Partition { groups } => {
            let groups: Vec<String> = groups.iter().map(|group| group.join(", ")).collect();
            format!("partition {}", groups.join(" | "))
        }
        ActionFile::Heal {} | ActionFile::Calm {} | ActionFile::Look {} => kind.to_owned(),
        ActionFile::Crash(nodes) | ActionFile::Restart(nodes) => {
            format!("{kind} {}", who(&nodes.node))
        }
        ActionFile::Delay(links) => {
            let ends = ends(links.from.as_ref().map(who), links.to.as_ref().map(who));
            format!("messages{ends} take {}", links.takes.words())
        }
        ActionFile::Loss(links) | ActionFile::Duplicate(links) => {
            let ends = ends(links.from.as_ref().map(who), links.to.as_ref().map(who));
            format!("{kind} {} of messages{ends}", links.rate)
        }
        ActionFile::Client { client, operation } => format!("{client}: {operation}"),
        ActionFile::Admin { node, command } => format!("tell {node}: {command}"),
        ActionFile::Hold(choose) | ActionFile::Drop(choose) | ActionFile::Deliver(choose) => {
            let what = chosen(choose.count, choose.kind.as_deref());
            format!("{kind} {what}{}", ends(choose.from.clone(), choose.to.clone()))
        }
        ActionFile::Release(choose) => {
            let what = chosen(choose.count, choose.kind.as_deref());
            let end = if choose.drop { "lose held" } else { "release held" };
            format!("{end} {what}{}", ends(choose.from.clone(), choose.to.clone()))
        }
        ActionFile::Fire { node, timer } => format!("the {timer} timer of {node} runs out"),
        ActionFile::Start { node } => format!("start {node}"),
    }
}

/// `the next 2 AppendEntries`.
fn chosen(count: Option<u32>, kind: Option<&str>) -> String {
    let kind = kind.unwrap_or("messages");
    match count {
        None => format!("every {kind}"),
        Some(1) => format!("the next {kind}"),
        Some(count) => format!("the next {count} {kind}"),
    }
}
