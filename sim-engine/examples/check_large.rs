//! How long verdicts on large histories take: `cargo run --release -p sim-engine --example
//! check_large -- SEEDS`. Prints the worst of all seeds for each kind of history, in microseconds.
#![expect(
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a measurement looks at the clock, prints, and stops at what it cannot read"
)]

#[path = "../tests/checkers/large.rs"]
mod large;

use std::time::Instant;

use large::{Flaw, Size};
use sim_engine::checkers::{ClientHistory, Linearizability, Model, Verdict};

/// So many steps are more than anybody has time for.
const STEPS: u64 = 1_000_000;
/// So many are taken at a time to count them.
const TURN: u64 = 100;

fn measure(model: Model, size: Size, flaw: Flaw, seeds: u64) {
    let (mut micros, mut most_steps) = (Vec::new(), 0);
    let mut verdicts = [0_u32; 3];
    for seed in 0..seeds {
        let history = large::history(model, seed, size, flaw);
        let least = (0..3).map(|_| {
            let start = Instant::now();
            let mut check = Linearizability::new(model, &history).unwrap();
            let verdict = check.advance(STEPS);
            (start.elapsed().as_micros(), verdict)
        });
        let (time, verdict) = least.min_by_key(|(time, _)| *time).unwrap();
        micros.push((time, seed));
        most_steps = steps(model, &history).max(most_steps);
        verdicts[match verdict {
            Verdict::Legal => 0,
            Verdict::Illegal => 1,
            Verdict::Undecided => 2,
        }] += 1;
    }
    micros.sort_unstable();
    let [legal, illegal, undecided] = verdicts;
    let (worst, seed) = micros[micros.len() - 1];
    println!(
        "{}\t{} keys\t{}% lost\t{flaw:?}\t{legal} legal, {illegal} illegal, {undecided} \
         undecided\tmedian {}\tworst {worst} (seed {seed})\tat most {most_steps} steps",
        model.name(),
        size.keys,
        size.lost,
        micros[micros.len() / 2].0,
    );
}

/// About how many steps a verdict takes: no machine makes them fewer.
fn steps(model: Model, history: &ClientHistory) -> u64 {
    let mut check = Linearizability::new(model, history).unwrap();
    let turns = (0..STEPS / TURN).take_while(|_| check.advance(TURN) == Verdict::Undecided);
    TURN * (1 + u64::try_from(turns.count()).unwrap())
}

fn main() {
    let seeds = std::env::args().nth(1).map_or(20, |word| word.parse().unwrap());
    let only = std::env::args().nth(2);
    let is_meant = |model: Model| only.as_deref().is_none_or(|only| only == model.name());
    for keys in [50, 10, 3] {
        let size = Size { clients: 50, operations: 2_000, keys, lost: 0 };
        for flaw in [Flaw::None, Flaw::Stale, Flaw::Invented, Flaw::Hole, Flaw::Swapped] {
            if is_meant(Model::Kv) {
                measure(Model::Kv, size, flaw, seeds);
            }
        }
    }
    for (clients, lost) in [(5, 0), (5, 19), (50, 0), (50, 5), (50, 19)] {
        let size = Size { clients, operations: 2_000, keys: 1, lost };
        for flaw in [Flaw::None, Flaw::Stale, Flaw::Invented, Flaw::Noise] {
            if is_meant(Model::CasRegister) {
                measure(Model::CasRegister, size, flaw, seeds);
            }
        }
    }
}
