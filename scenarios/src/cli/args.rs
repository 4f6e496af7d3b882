//! What may be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::check_history::CheckHistoryArguments;
use super::manual::{CompletionsArguments, ManArguments};
use super::ranges::{SeedRange, Shard, budget};

const EXAMPLES: &str = "\
Examples:
  partitura list                                   what there is
  partitura split-brain                            run it and draw it
  partitura run split-brain --seed 7               the same with other dice
  partitura run split-brain --set nodes=9          what if there were nine?
  partitura run my.json --set config.pre_vote=true a scenario of your own
  partitura run split-brain --export facts=-       what happened, one JSON object a line
  partitura sweep raft-chaos --seeds 0..1000       which promise breaks, and in which seed?

Exit codes: 0 as the scenario expects; 1 not so; 2 bad input; 3 undecided; 101 our own bug";

/// Deterministic simulation of distributed systems: run a scenario, read the figure.
#[derive(Debug, Parser)]
#[command(name = "partitura", version, after_help = EXAMPLES, max_term_width = 100)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a scenario; the same as naming it without `run`
    Run(Box<RunArguments>),
    /// Every scenario, in one line each
    List(ListArguments),
    /// The lesson of a scenario, its cast and its steps in words
    Show(ShowArguments),
    /// The JSON Schema of scenario files, for editors
    Schema,
    /// Run many seeds, and report which promises break
    Sweep(Box<SweepArguments>),
    /// Put the summaries of shards together
    Merge(MergeArguments),
    /// Make a seed that breaks a promise as small as it gets
    Shrink(ShrinkArguments),
    /// Which promise catches which planted bug
    Mutants(MutantsArguments),
    /// Run a failure file that `sweep` or `shrink` wrote
    Replay(ReplayArguments),
    /// Run every seed twice, and name the first event that differs
    Verify(VerifyArguments),
    /// How fast a scenario runs, seed after seed
    Bench(BenchArguments),
    /// Whether what clients saw is consistent: any system's history, from a file
    CheckHistory(CheckHistoryArguments),
    /// Compare runs with recordings of the real system
    Conform(ConformArguments),
    /// What a shell needs to complete commands, on standard output
    Completions(CompletionsArguments),
    /// The manual pages, one a command
    Man(ManArguments),
}

#[derive(Clone, Debug, Args)]
pub(super) struct RunArguments {
    /// The scenario: NAME, NAME@VARIANT or a file
    #[arg(value_name = "SCENARIO", conflicts_with = "scenario")]
    pub(super) name: Option<String>,
    /// The same, as a flag
    #[arg(long, value_name = "SCENARIO")]
    pub(super) scenario: Option<String>,
    /// The seed of all dice [default: the scenario's own]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Only this system of the scenario
    #[arg(long, value_name = "NAME")]
    pub(super) system: Option<String>,
    /// Change a field of the scenario; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) sets: Vec<String>,
    /// Plant a bug; judged as if nobody had
    #[arg(long, value_name = "NAME")]
    pub(super) mutant: Option<String>,
    /// Where files go [default: partitura-out/SCENARIO-SEED]
    #[arg(long, value_name = "DIR", conflicts_with = "no_files")]
    pub(super) out: Option<PathBuf>,
    /// Write no files
    #[arg(long)]
    pub(super) no_files: bool,
    /// The page of the figure: figure, readme, slide, or poster (two runs, one change)
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Preset::Figure)]
    pub(super) preset: Preset,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Also write one kind of output to FILE, or to standard output with `-`; may be repeated
    #[arg(long = "export", value_name = "KIND=FILE")]
    pub(super) exports: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// 1120 wide
    Figure,
    /// 900 wide
    Readme,
    /// 1280 by 720, its sentences in a file of their own
    Slide,
    /// Two runs on one axis
    Poster,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only this family
    #[arg(long, value_name = "NAME")]
    pub(super) family: Option<String>,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The scenario: NAME, NAME@VARIANT or a file
    #[arg(value_name = "SCENARIO")]
    pub(super) name: String,
    /// Print its file instead
    #[arg(long)]
    pub(super) source: bool,
    /// Also print what chaos draws for this seed
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    #[arg(conflicts_with = "source")]
    pub(super) seed: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct BenchArguments {
    /// The scenario: NAME, NAME@VARIANT or a file
    #[arg(value_name = "SCENARIO")]
    pub(super) name: String,
    /// How long, in seconds of the wall clock
    #[arg(long, value_name = "S", default_value_t = 5)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) seconds: u64,
    /// Only this system of the scenario
    #[arg(long, value_name = "NAME")]
    pub(super) system: Option<String>,
    /// Change a field of the scenario; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) sets: Vec<String>,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    /// The scenarios: NAME, NAME@VARIANT or a file each
    #[arg(value_name = "SCENARIO", required = true)]
    pub(super) names: Vec<String>,
    /// Which seeds: A..B is half open, N is 0..N
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(super) seeds: SeedRange,
    /// How many threads [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// Only part I of N, counted from 1; `merge` puts the parts together
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,
    /// Stop after this time: 60s, 5m
    #[arg(long, value_name = "TIME", value_parser = budget)]
    pub(super) budget: Option<std::time::Duration>,
    /// Stop at the lowest seed that fails
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Only this system of the scenario
    #[arg(long, value_name = "NAME")]
    pub(super) system: Option<String>,
    /// Change a field of the scenario; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) sets: Vec<String>,
    /// Sweep once for each value; may be repeated
    #[arg(long, value_name = "PATH=A..B|A,B,C")]
    pub(super) vary: Vec<String>,
    /// Plant a bug; judged as if nobody had
    #[arg(long, value_name = "NAME")]
    pub(super) mutant: Option<String>,
    /// Also write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Where files go; a sweep that was killed goes on there [default:
    /// partitura-out/SCENARIO-SEEDS]
    #[arg(long, value_name = "DIR", conflicts_with = "no_files")]
    pub(super) out: Option<PathBuf>,
    /// Write no files
    #[arg(long)]
    pub(super) no_files: bool,
}

#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// The summaries that `sweep --shard` wrote
    #[arg(value_name = "FILE", required = true)]
    pub(super) files: Vec<String>,
    /// Also write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Also write summary and chart there
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ShrinkArguments {
    /// The scenario: NAME, NAME@VARIANT or a file; or a failure file
    #[arg(value_name = "SCENARIO")]
    pub(super) name: String,
    /// The seed that breaks a promise
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Only this system of the scenario
    #[arg(long, value_name = "NAME")]
    pub(super) system: Option<String>,
    /// The promise to keep broken [default: the one that breaks first]
    #[arg(long, value_name = "NAME")]
    pub(super) promise: Option<String>,
    /// Change a field of the scenario; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) sets: Vec<String>,
    /// Plant a bug
    #[arg(long, value_name = "NAME")]
    pub(super) mutant: Option<String>,
    /// How many threads [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// The failure file to write, with its figure beside it [default:
    /// partitura-out/SCENARIO-SYSTEM-SEED-PROMISE-shrunk.json]
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct MutantsArguments {
    /// Only this protocol
    #[arg(long, value_name = "NAME")]
    pub(super) protocol: Option<String>,
    /// Which seeds: A..B is half open, N is 0..N [default: 0..2000]
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(super) seeds: Option<SeedRange>,
    /// How many threads [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// What is printed: text, json or markdown
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = MutantsFormat::Text)]
    pub(super) format: MutantsFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MutantsFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For documents
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// The scenario: NAME, NAME@VARIANT or a file
    #[arg(value_name = "SCENARIO")]
    pub(super) name: String,
    /// Which seeds: A..B is half open, N is 0..N
    #[arg(long, value_name = "A..B", allow_hyphen_values = true)]
    pub(super) seeds: SeedRange,
    /// Compare with another build of this program
    #[arg(long, value_name = "BINARY")]
    pub(super) against: Option<PathBuf>,
    /// Only this system of the scenario
    #[arg(long, value_name = "NAME")]
    pub(super) system: Option<String>,
    /// Change a field of the scenario; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(super) sets: Vec<String>,
    /// Plant a bug
    #[arg(long, value_name = "NAME")]
    pub(super) mutant: Option<String>,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ConformArguments {
    /// The recordings, one file each
    #[arg(value_name = "RECORDING", required = true)]
    pub(super) files: Vec<String>,
    /// Which seeds: A..B is half open, N is 0..N
    #[arg(long, value_name = "A..B", allow_hyphen_values = true, default_value = "0..1000")]
    pub(super) seeds: SeedRange,
    /// Plant a bug: the recording should tell
    #[arg(long, value_name = "NAME")]
    pub(super) mutant: Option<String>,
    /// How many threads [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArguments {
    /// The failure file
    #[arg(value_name = "FILE")]
    pub(super) file: String,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Where files go [default: partitura-out/SCENARIO-SYSTEM-SEED-PROMISE]
    #[arg(long, value_name = "DIR", conflicts_with = "no_files")]
    pub(super) out: Option<PathBuf>,
    /// Write no files
    #[arg(long)]
    pub(super) no_files: bool,
}

/// A seed as it is typed.
fn seed(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("a seed is a whole number from 0 to {}", u64::MAX))
}

impl RunArguments {
    /// The scenario, however it was named.
    pub(super) fn asked_for(&self) -> Option<&str> {
        self.scenario.as_deref().or(self.name.as_deref())
    }
}
