//! How fast the engine moves messages: the cases that other simulators are measured by.
//!
//! `cargo run --release -p sim-engine --example throughput -- CASE [--trace ring|full]` with CASE
//! `pingpong N`, `heartbeat SECONDS`, `broadcast NODES SECONDS`, `seeds COUNT`, `calmed SECONDS`
//! (heartbeats after faults that are over) or `idle NODES` (an hour in which nothing happens);
//! seconds are simulated. One line on stdout:
//! `partitura,CASE,delivered,wall_s,cpu_s,messages_per_cpu_s,peak_rss_kb,digest`. The environment
//! variable `SEED` sets the seed.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::float_arithmetic,
    reason = "a benchmark measures the wall clock and prints"
)]

mod players;

use players::{broadcast, calmed, heartbeat, idle, pingpong};
use sim_engine::Recording;

/// Delivered messages and digest of a case; `None` if the arguments make no sense.
fn measure(arguments: &[String], how: (u64, Recording)) -> Option<(u64, u64)> {
    let number = |place: usize| arguments.get(place)?.parse::<u64>().ok().filter(|n| *n > 0);
    let outcome = match arguments.first()?.as_str() {
        "pingpong" => pingpong(number(1)?, how),
        "heartbeat" => heartbeat(number(1)?, how),
        "calmed" => calmed(number(1)?, how),
        "idle" => idle(u16::try_from(number(1)?).ok()?, how),
        "broadcast" => {
            let nodes = u16::try_from(number(1)?).ok().filter(|n| *n > 1)?;
            broadcast(nodes, number(2)?, how)
        }
        "seeds" => {
            let mut sum = (0, 0);
            for seed in 0..number(1)? {
                let outcome = heartbeat(10, (seed, how.1));
                sum = (sum.0 + outcome.messages.delivered, sum.1 ^ outcome.digest.0);
            }
            return Some(sum);
        }
        _ => return None,
    };
    Some((outcome.messages.delivered, outcome.digest.0))
}

fn main() {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut recording = Recording::Nothing;
    if let Some(place) = arguments.iter().position(|argument| argument == "--trace") {
        recording = match arguments.get(place + 1).map(String::as_str) {
            Some("ring") => Recording::Ring(10_000),
            Some("full") => Recording::Everything,
            _ => usage(),
        };
        arguments.drain(place..place + 2);
    }
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let start = std::time::Instant::now();
    let Some((delivered, digest)) = measure(&arguments, (seed, recording)) else { usage() };
    let wall = start.elapsed().as_secs_f64();
    let cpu = cpu_seconds().unwrap_or(wall);
    let case = arguments.join(" ");
    let rss = peak_rss_kb().unwrap_or(0);
    let rate = per_second(delivered, cpu);
    println!("partitura,{case},{delivered},{wall:.6},{cpu:.6},{rate:.0},{rss},{digest:016x}");
}

fn usage() -> ! {
    eprintln!(
        "usage: throughput pingpong N | heartbeat SECONDS | broadcast NODES SECONDS | seeds COUNT \
         | calmed SECONDS | idle NODES [--trace ring|full]"
    );
    std::process::exit(2)
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a rate for people")]
fn per_second(n: u64, seconds: f64) -> f64 {
    n as f64 / seconds
}

/// The CPU time of this process, as Linux counts it.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanos: f64 = text.split_whitespace().next()?.parse().ok()?;
    (nanos > 0.0).then_some(nanos / 1e9)
}

fn peak_rss_kb() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
