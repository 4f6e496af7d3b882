//! The binary `partitura`: hands the arguments over and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(scenarios::cli::main(std::env::args_os()))
}
