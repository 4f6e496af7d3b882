//! Changes files of the catalogue by dice and reads them: `mutate_files FROM..TO [SECONDS]`. One
//! line at the end; a file that makes the reader panic, or keeps it for long, is named.
//!
//! ```sh
//! cargo run --release -p scenarios --example mutate_files -- 0..1000000 300
//! ```

#![expect(clippy::print_stdout, reason = "an example says what it found")]
#![expect(clippy::disallowed_types, reason = "it measures real time")]

#[path = "../tests/support/mutate.rs"]
mod mutate;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutate::{Answer, answer, file};

/// Reading a file for longer than this is worth a look.
const LONG: Duration = Duration::from_millis(500);

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((from, to, most)) = asked(&words) else {
        println!("usage: mutate_files FROM..TO [SECONDS]");
        return ExitCode::from(2);
    };
    let begun = Instant::now();
    let (mut tried, mut usable, mut panicked, mut longest) = (0_u64, 0_u64, 0_u64, Duration::ZERO);
    for number in from..to {
        if begun.elapsed() > most {
            break;
        }
        let bytes = file(number);
        let before = Instant::now();
        match answer(&bytes) {
            Answer::Usable => usable += 1,
            Answer::Refused(_) => {}
            Answer::Panicked => {
                panicked += 1;
                println!("{number} panics: {}", String::from_utf8_lossy(&bytes));
            }
        }
        let took = before.elapsed();
        if took > LONG {
            println!("{number} takes {took:?}, {} bytes", bytes.len());
        }
        longest = longest.max(took);
        tried += 1;
    }
    println!(
        "{tried} files from {from}: {usable} usable, {} refused, {panicked} panics; {:?}, at most \
         {longest:?} for one",
        tried - usable - panicked,
        begun.elapsed()
    );
    ExitCode::from(u8::from(panicked > 0))
}

fn asked(words: &[String]) -> Option<(u64, u64, Duration)> {
    let (from, to) = words.first()?.split_once("..")?;
    let seconds = words.get(1).map_or(Some(u64::MAX), |word| word.parse().ok())?;
    Some((from.parse().ok()?, to.parse().ok()?, Duration::from_secs(seconds)))
}
