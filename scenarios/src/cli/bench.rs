//! `partitura bench`: how fast seeds of a scenario run, one after another, with digest and promises
//! only. The one place that reads the wall clock.

use std::time::Duration;

use serde::Serialize;
use sim_engine::Recording;

use super::args::{BenchArguments, Format};
use super::{Answer, output, panic};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::{Prepared, prepare, run};

#[expect(clippy::disallowed_types, reason = "a benchmark measures real time")]
type Clock = std::time::Instant;

#[derive(Serialize)]
struct Bench {
    format: &'static str,
    scenario: String,
    system: String,
    seeds: u64,
    messages: u64,
    events: u64,
    wall_ms: u64,
    cpu_ms: u64,
    messages_per_cpu_s: u64,
    events_per_cpu_s: u64,
    seeds_per_cpu_s: u64,
    peak_rss_kb: Option<u64>,
    promises: usize,
}

pub(super) fn answer(arguments: &BenchArguments) -> Result<Answer, Problem> {
    let scenario = Scenario::load(&arguments.name)?.with_sets(&arguments.sets)?;
    let systems = match &arguments.system {
        Some(system) => vec![system.as_str()],
        None => scenario.systems(),
    };
    let systems: Vec<Prepared> =
        systems.into_iter().map(|s| prepare(&scenario, s, None)).collect::<Result<_, _>>()?;
    // The whole time is shared out, so that several systems take no longer than one.
    let share = Duration::from_secs(arguments.seconds) / u32::try_from(systems.len()).unwrap_or(1);
    let benches: Vec<Bench> =
        systems.iter().map(|system| bench(&scenario, system, share)).collect();
    let out = match (arguments.format, benches.as_slice()) {
        (Format::Text, _) => benches.iter().map(text).collect(),
        (Format::Json, [one]) => output::pretty(one),
        (Format::Json, several) => output::pretty(&several),
    };
    Ok(Answer { out, ..Answer::default() })
}

fn bench(scenario: &Scenario, system: &Prepared, length: Duration) -> Bench {
    panic::now_running(format!("partitura bench {}", scenario.asked_for()));
    let (mut seeds, mut messages, mut events) = (0_u64, 0_u64, 0_u64);
    let begun = Clock::now();
    let cpu_before = cpu_time();
    loop {
        let run = run(system, scenario.seed().wrapping_add(seeds), Recording::Nothing);
        seeds += 1;
        messages += run.outcome.messages.delivered;
        events += run.outcome.events;
        if begun.elapsed() >= length {
            break;
        }
    }
    let wall = begun.elapsed();
    let cpu = match (cpu_before, cpu_time()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        (None, _) | (_, None) => wall,
    };
    let rate = |n: u64| {
        let nanos = cpu.as_nanos().max(1);
        u64::try_from(u128::from(n) * 1_000_000_000 / nanos).unwrap_or(u64::MAX)
    };
    Bench {
        format: "partitura-bench/1",
        scenario: system.scenario.clone(),
        system: system.system.clone(),
        seeds,
        messages,
        events,
        wall_ms: millis(wall),
        cpu_ms: millis(cpu),
        messages_per_cpu_s: rate(messages),
        events_per_cpu_s: rate(events),
        seeds_per_cpu_s: rate(seeds),
        peak_rss_kb: peak_rss(),
        promises: system.promises.len(),
    }
}

fn millis(length: Duration) -> u64 {
    u64::try_from(length.as_millis()).unwrap_or(u64::MAX)
}

fn text(bench: &Bench) -> String {
    let memory = bench.peak_rss_kb.map_or("unknown".to_owned(), |kb| format!("{kb} kB"));
    format!(
        "{} · {}\n  {:>12} messages per CPU second\n  {:>12} events per CPU second\n  \
         {:>12} seeds per CPU second ({} seeds in {} ms)\n  {:>12} promises checked after every \
         step\n  {memory:>12} of memory at most\n",
        bench.scenario,
        bench.system,
        bench.messages_per_cpu_s,
        bench.events_per_cpu_s,
        bench.seeds_per_cpu_s,
        bench.seeds,
        bench.cpu_ms,
        bench.promises,
    )
}

/// The processor time of this process, where the system tells it.
fn cpu_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The most memory this process ever had, where the system tells it.
fn peak_rss() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
