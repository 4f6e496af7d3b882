//! The command line: the only place that prints.

mod args;
mod bench;
mod check_history;
mod command;
mod conform;
mod contrast;
mod files;
mod list;
mod manual;
mod merge;
mod mutants;
mod output;
mod panic;
mod ranges;
mod replay;
mod run;
pub(crate) mod show;
mod shrink;
mod summaries;
mod sweep;
mod verify;
mod words;

use std::ffi::OsString;
use std::io::Write;

use clap::Parser;

use crate::problem::Problem;
use args::{Arguments, Command};

/// The run came to what its scenario expects, or the question was answered.
const MET: u8 = 0;
/// The run did not.
const UNMET: u8 = 1;
/// A budget ran out before anybody could say.
const UNDECIDED: u8 = 3;
/// The input cannot be used.
const BAD_INPUT: u8 = 2;

/// The commands, for whoever mistypes one.
const COMMANDS: &[&str] = &[
    "run",
    "list",
    "show",
    "schema",
    "sweep",
    "merge",
    "shrink",
    "replay",
    "mutants",
    "verify",
    "bench",
    "check-history",
    "conform",
    "completions",
    "man",
];

/// What a command has to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Data, for standard output.
    pub(crate) out: String,
    /// Notes, for standard error.
    pub(crate) notes: String,
    /// The exit code.
    pub(crate) code: u8,
}

/// Does what the arguments ask, prints the answer and returns the exit code.
pub fn main<A: Into<OsString> + Clone>(arguments: impl IntoIterator<Item = A>) -> u8 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nobody is left to be told if even this cannot be written.
            let _ignored = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(BAD_INPUT);
        }
    };
    let answer = match answer(arguments) {
        Ok(answer) => answer,
        Err(problem) => {
            Answer { notes: format!("error: {problem}\n"), code: BAD_INPUT, ..Answer::default() }
        }
    };
    print(&answer);
    answer.code
}

fn answer(arguments: Arguments) -> Result<Answer, Problem> {
    match arguments.command {
        None => run::answer(&arguments.run),
        Some(Command::Run(run)) => run::answer(&run),
        Some(Command::List(list)) => Ok(list::answer(&list)),
        Some(Command::Show(show)) => show::answer(&show),
        Some(Command::Schema) => Ok(Answer { out: crate::schema(), ..Answer::default() }),
        Some(Command::Sweep(sweep)) => sweep::answer(&sweep),
        Some(Command::Merge(merge)) => merge::answer(&merge),
        Some(Command::Shrink(shrink)) => shrink::answer(&shrink),
        Some(Command::Mutants(mutants)) => mutants::answer(&mutants),
        Some(Command::Replay(replay)) => replay::answer(&replay),
        Some(Command::Verify(verify)) => verify::answer(&verify),
        Some(Command::Bench(bench)) => bench::answer(&bench),
        Some(Command::Conform(conform)) => conform::answer(&conform),
        Some(Command::CheckHistory(check)) => check_history::answer(&check),
        Some(Command::Completions(completions)) => Ok(manual::completions(&completions)),
        Some(Command::Man(man)) => manual::pages(&man),
    }
}

/// A reader that has gone away is no error: `partitura list | head -1` is fine.
fn print(answer: &Answer) {
    let mut out = anstream::stdout().lock();
    let _ignored = out.write_all(answer.out.as_bytes()).and_then(|()| out.flush());
    let mut notes = anstream::stderr().lock();
    let _ignored = notes.write_all(answer.notes.as_bytes()).and_then(|()| notes.flush());
}

/// An error of the operating system at a file.
fn io_problem(path: &std::path::Path, error: &std::io::Error) -> Problem {
    Problem { origin: Some(path.display().to_string()), ..Problem::new(error.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_make_sense() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
