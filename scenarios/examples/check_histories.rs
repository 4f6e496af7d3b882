//! How long verdicts on recorded histories take: `cargo run --release -p scenarios --example
//! check_histories -- FOLDER`, with files `*.log` and `*.txt` in it or below it. Prints the least
//! of many repetitions, parsing excluded, and the verdicts.
#![expect(
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement looks at the clock, prints, and stops at what it cannot read"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use scenarios::client_history::read;
use sim_engine::checkers::{ClientHistory, Linearizability, Model, Verdict};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_history = path.extension().is_some_and(|end| end == "log" || end == "txt");
        if path.is_dir() {
            files(&path, found);
        } else if is_history {
            found.push(path);
        }
    }
    found.sort();
}

/// The verdict and the least time, over repetitions of at most half a second.
fn measure(model: Model, history: &ClientHistory) -> (Verdict, usize, Duration) {
    let (mut least, begin) = (Duration::MAX, Instant::now());
    loop {
        let start = Instant::now();
        let mut check = Linearizability::new(model, history).unwrap();
        let verdict = check.advance(200_000_000);
        least = least.min(start.elapsed());
        if begin.elapsed() > Duration::from_millis(500) {
            return (verdict, check.partitions(), least);
        }
    }
}

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let mut found = Vec::new();
    files(Path::new(&folder), &mut found);
    let mut logs = Vec::new();
    for path in found {
        let is_log = path.extension().is_some_and(|end| end == "log");
        let model = if is_log { Model::CasRegister } else { Model::Kv };
        let text = std::fs::read_to_string(&path).unwrap();
        let recorded = read(&text, None, model).unwrap();
        let (verdict, parts, least) = measure(model, &recorded.history);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (operations, micros) = (recorded.history.operations.len(), least.as_nanos() / 100);
        println!(
            "{name}\t{operations}\t{parts}\t{}\t{}.{}",
            verdict.word(),
            micros / 10,
            micros % 10
        );
        logs.extend(is_log.then_some(micros));
    }
    logs.sort_unstable();
    if let Some(median) = logs.get(logs.len() / 2) {
        println!("logs: sum {} us, median {} us", logs.iter().sum::<u128>() / 10, median / 10);
    }
}
