//! The binary `partitura`: hands the arguments over and returns the exit code.

use std::process::ExitCode;

/// A tenth of the time of a run goes to memory that lives shortly; the system's allocator would
/// need twice as much, and give pages back to the system after every seed.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(scenarios::cli::main(std::env::args_os()))
}
