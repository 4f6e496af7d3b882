//! Steps of a scenario in words.

use crate::file::{
    ActionFile, BandwidthFile, CalmFile, ClockDriftFile, ClockShiftFile, CorruptFile,
    CrashInStepFile, CrashOfFile, DamageFile, HealFile, RecoverFile, SlowFile, StepFile, WhenFile,
    Who,
};

/// When a step is taken, in words.
pub(super) fn when(step: &StepFile) -> String {
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
    let names = step.bind.iter().map(|(name, whom)| format!(", {name} is {whom}"));
    format!("{words}{only}{}", names.collect::<String>())
}

/// How long a step lasts and how often it comes, in words.
pub(super) fn lasting(step: &StepFile) -> String {
    let lasts = step.lasts.map(|lasts| format!(", for {lasts}")).unwrap_or_default();
    let repeat = step.repeat.map(|repeat| match repeat.every {
        Some(every) => format!(", {} times, every {every}", repeat.times),
        None => format!(", the first {} times", repeat.times),
    });
    format!("{lasts}{}", repeat.unwrap_or_default())
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
pub(super) fn action(action: &ActionFile) -> String {
    let kind = action.kind();
    match action {
        ActionFile::Partition { groups } => {
            let groups: Vec<String> = groups.iter().map(|group| group.join(", ")).collect();
            format!("partition {}", groups.join(" | "))
        }
        ActionFile::Heal(links) => heal(links),
        ActionFile::Cut(cut) => rooms("cut", cut.place.as_ref(), cut.between.as_ref())
            .unwrap_or_else(|| links("cut", cut.from.as_ref(), cut.to.as_ref(), cut.both)),
        ActionFile::Reorder(links) => {
            let ends = ends(links.from.as_ref().map(who), links.to.as_ref().map(who));
            format!("hold {} of messages{ends} back by {}", links.rate, links.by.words())
        }
        ActionFile::Corrupt(links) => corrupt(links),
        ActionFile::Bandwidth(links) => bandwidth(links),
        ActionFile::Calm(CalmFile { of: None }) | ActionFile::Look {} => kind.to_owned(),
        ActionFile::Calm(CalmFile { of: Some(of) }) => format!("{kind} of {}", of.word()),
        ActionFile::Crash(crash) => match crash.of {
            CrashOfFile::Machine => format!("{kind} {}", who(&crash.node)),
            CrashOfFile::Process => format!("{kind} the process of {}", who(&crash.node)),
        },
        ActionFile::Recover(recover) => recovers(recover),
        ActionFile::CrashInStep(crash) => crash_in_step(crash),
        ActionFile::Restart(nodes) | ActionFile::Pause(nodes) | ActionFile::Resume(nodes) => {
            format!("{kind} {}", who(&nodes.node))
        }
        ActionFile::SlowCpu(slow) => takes("steps", slow),
        ActionFile::CalmCpu(nodes) => of("steps", &nodes.node, "take no time again"),
        ActionFile::ClockOffset(clock) => off("is off", clock),
        ActionFile::ClockStep(clock) => off("jumps", clock),
        ActionFile::ClockDrift(clock) => drift(clock),
        ActionFile::CalmClock(nodes) => of("the clock", &nodes.node, "is set right"),
        ActionFile::SlowDisk(slow) => takes("syncs", slow),
        ActionFile::FailSync(fail) if fail.count == 1 => of("the next sync", &fail.node, "fails"),
        ActionFile::FailSync(fail) => of(&format!("{} syncs", fail.count), &fail.node, "fail"),
        ActionFile::LyingDisk(nodes) => of("the disk", &nodes.node, "lies"),
        ActionFile::FullDisk(nodes) => of("the disk", &nodes.node, "is full"),
        ActionFile::TornWrite(nodes) => of("the next crash", &nodes.node, "tears a write"),
        ActionFile::CorruptRead(nodes) => {
            of("the next boot", &nodes.node, "finds its disk damaged")
        }
        ActionFile::WipeDisk(nodes) => format!("wipe the disk of {}", who(&nodes.node)),
        ActionFile::CalmDisk(nodes) => of("the disk", &nodes.node, "is as usual again"),
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

/// `the disk of n1 lies`.
fn of(what: &str, nodes: &Who, does: &str) -> String {
    format!("{what} of {} {does}", who(nodes))
}

/// `syncs of n1 take 5 ms`.
fn takes(what: &str, slow: &SlowFile) -> String {
    of(what, &slow.node, &format!("take {}", slow.takes.words()))
}

/// `the clock of n1 is off by +200ms`.
fn off(does: &str, clock: &ClockShiftFile) -> String {
    of("the clock", &clock.node, &format!("{does} by {}", clock.by))
}

/// `the clock of n1 gains 200 ppm`.
fn drift(clock: &ClockDriftFile) -> String {
    of("the clock", &clock.node, &format!("gains {} ppm", clock.ppm))
}

/// `crash n1 in its next step on RequestVote, after 2 effects`.
fn crash_in_step(crash: &CrashInStepFile) -> String {
    let what = match crash.of {
        CrashOfFile::Machine => who(&crash.node),
        CrashOfFile::Process => format!("the process of {}", who(&crash.node)),
    };
    let on = crash.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
    format!("crash {what} in its next step{on}, after {} of its effects", crash.after)
}

fn heal(heal: &HealFile) -> String {
    if let Some(words) = rooms("mend", heal.place.as_ref(), heal.between.as_ref()) {
        return words;
    }
    if heal.from.is_none() && heal.to.is_none() {
        return "heal".to_owned();
    }
    links("mend", heal.from.as_ref(), heal.to.as_ref(), heal.both)
}

/// ` from n1 to n2, n3`.
fn ends(from: Option<String>, to: Option<String>) -> String {
    let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
    let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
    format!("{from}{to}")
}

/// `cut the links from n1 to n2, both ways`.
fn links(verb: &str, from: Option<&Who>, to: Option<&Who>, both: bool) -> String {
    let ways = if both { ", both ways" } else { "" };
    format!("{verb} the links{}{ways}", ends(from.map(who), to.map(who)))
}

/// `cut the links around room-a`, `mend the link between room-a and room-b`.
fn rooms(verb: &str, place: Option<&String>, between: Option<&[String; 2]>) -> Option<String> {
    let around = place.map(|place| format!("{verb} the links around {place}"));
    around.or_else(|| between.map(|[a, b]| format!("{verb} the link between {a} and {b}")))
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

fn recovers(recover: &RecoverFile) -> String {
    let within = recover.within.map(|within| format!(", and make progress within {within}"));
    format!("{} recover{}", who(&recover.node), within.unwrap_or_default())
}

fn corrupt(links: &CorruptFile) -> String {
    let ends = ends(links.from.as_ref().map(who), links.to.as_ref().map(who));
    let seen = if links.mode == DamageFile::Checksum { "" } else { " unnoticed" };
    format!("damage {} of messages{ends}{seen}", links.rate)
}

fn bandwidth(links: &BandwidthFile) -> String {
    let ends = ends(links.from.as_ref().map(who), links.to.as_ref().map(who));
    let queue = links.queue_bytes.map(|most| format!(", {most} bytes may wait"));
    format!("links{ends} carry {} bytes/s{}", links.bytes_per_second, queue.unwrap_or_default())
}

fn who(who: &Who) -> String {
    who.0.join(", ")
}
