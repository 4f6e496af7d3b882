//! `partitura check-history`: was what clients saw a promise kept? Histories come from anywhere.

use std::path::{Path, PathBuf};

use clap::Args;
use reports::history::HistoryReport;
use sim_engine::checkers::{Check, Consistency, Finding, Model, Verdict};

use super::args::Format;
use super::ranges::budget;
use super::{Answer, MET, UNDECIDED, UNMET, files, io_problem};
use crate::client_history::{InputFormat, Recorded, read};
use crate::problem::{Problem, suggest};

#[expect(clippy::disallowed_types, reason = "a budget is real time, here and nowhere below")]
type Clock = std::time::Instant;

/// Larger files are no histories that could be judged.
const BYTES_MAX: u64 = 256 << 20;
/// So many steps are taken between two looks at the clock: a millisecond or two, whatever the steps
/// cost.
const STEPS: u64 = 250;
/// A search that remembers more than this many bytes gives up.
const MEMORY_MAX: usize = 2 << 30;
/// What a finding may cost: a few seconds at worst.
const FINDING_STEPS: u64 = 2_000_000;

const HISTORY_EXAMPLES: &str = "\
Examples:
  partitura check-history store/jepsen/history.edn --model cas-register
  partitura check-history etcd.log --model cas-register --export svg=why.svg
  partitura check-history queue.json --model queue --budget 60s --format json
  partitura check-history mine.edn --model register --consistency sequential

Models and their operations:
  register        read, write                 cas-register   read, write, cas
  kv              read, write, append (texts) set            read, insert, remove, contains
  queue           enqueue, dequeue            lock           acquire, release
  log             read, append (lists)        counter        read, add
  bank            read, write, cas, add, transfer
  store           what this program's clients ask

Exit codes: 0 legal; 1 illegal; 2 bad input; 3 undecided within the budget";

#[derive(Debug, Args)]
#[command(after_help = HISTORY_EXAMPLES)]
pub(super) struct CheckHistoryArguments {
    /// The history: EDN of Jepsen, its old log, key-value text, or JSON
    #[arg(value_name = "FILE")]
    pub(super) file: String,
    /// What the system promises to behave like
    #[arg(long, value_name = "MODEL")]
    pub(super) model: String,
    /// How strictly: linearizable, sequential, session, exclusion, convergence, or one guarantee
    /// of a session: monotonic-reads, monotonic-writes, read-your-writes, writes-follow-reads
    #[arg(long, value_name = "LEVEL", default_value = "linearizable")]
    pub(super) consistency: String,
    /// How the file is written: edn, jepsen-log, kv-text or json [default: as it looks]
    #[arg(long, value_name = "FORMAT")]
    pub(super) input_format: Option<String>,
    /// Give up after this time: 10s, 5m
    #[arg(long, value_name = "TIME", value_parser = budget, default_value = "10s")]
    pub(super) budget: std::time::Duration,
    /// What is printed: text or json
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text)]
    pub(super) format: Format,
    /// Also write svg, json or edn (the history, as Jepsen writes it, with every key that was read)
    /// to FILE, or to standard output with `-`; may be repeated
    #[arg(long = "export", value_name = "KIND=FILE")]
    pub(super) exports: Vec<String>,
    /// Also write figure.svg and check.json there
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

pub(super) fn answer(arguments: &CheckHistoryArguments) -> Result<Answer, Problem> {
    let (model, level) = (model(&arguments.model)?, level(&arguments.consistency)?);
    let exports = exports(arguments)?;
    let text = text_of(&arguments.file)?;
    let recorded = read(&text, input_format(arguments)?, model)
        .map_err(|problem| Problem { origin: Some(arguments.file.clone()), ..problem })?;
    if recorded.events.is_empty() && exports.iter().any(|(kind, _)| *kind == Kind::Edn) {
        return Err(Problem::new("a history in JSON has no events that could be written as EDN"));
    }
    let report = judge(&recorded, (model, level), arguments)?;
    write_files(&report, arguments, &exports)?;
    let printed = exports.iter().find(|(_, file)| file == "-");
    let out = match (printed, arguments.format) {
        (Some((kind, _)), _) => kind.render(&report),
        (None, Format::Json) => reports::history::json(&report),
        (None, Format::Text) => reports::history::text(&report),
    };
    let code = match report.verdict {
        Verdict::Legal => MET,
        Verdict::Illegal => UNMET,
        Verdict::Undecided => UNDECIDED,
    };
    Ok(Answer { out, code, ..Answer::default() })
}

fn model(name: &str) -> Result<Model, Problem> {
    Model::named(name).ok_or_else(|| {
        Problem::new(format!("no model is called `{name}`"))
            .hint(suggest(name, Model::ALL.iter().map(|model| model.name())))
    })
}

fn level(name: &str) -> Result<Consistency, Problem> {
    Consistency::named(name).ok_or_else(|| {
        Problem::new(format!("no consistency is called `{name}`"))
            .hint(suggest(name, Consistency::ALL.iter().map(|level| level.name())))
    })
}

fn input_format(arguments: &CheckHistoryArguments) -> Result<Option<InputFormat>, Problem> {
    let Some(name) = &arguments.input_format else { return Ok(None) };
    InputFormat::named(name).map(Some).ok_or_else(|| {
        Problem::new(format!("no format of histories is called `{name}`"))
            .hint(suggest(name, InputFormat::ALL.iter().map(|format| format.name())))
    })
}

/// The text of a file, if it is one.
fn text_of(file: &str) -> Result<String, Problem> {
    let path = Path::new(file);
    let at = |problem: Problem| Problem { origin: Some(file.to_owned()), ..problem };
    let about = std::fs::metadata(path).map_err(|error| io_problem(path, &error))?;
    if about.is_dir() {
        let what = "this is a folder, and a history is a file";
        return Err(at(Problem::new(what)));
    }
    if about.len() > BYTES_MAX {
        let what = format!("this file has {} bytes; at most {BYTES_MAX} are read", about.len());
        return Err(at(Problem::new(what).hint("check a part of it".to_owned())));
    }
    let bytes = std::fs::read(path).map_err(|error| io_problem(path, &error))?;
    let is_blank = bytes.iter().all(u8::is_ascii_whitespace);
    if is_blank {
        return Err(at(Problem::new("this file is empty")));
    }
    let no_text = || {
        at(Problem::new("this file is not text").hint(
            "a history is EDN, an old Jepsen log, key-value text or JSON, in UTF-8".to_owned(),
        ))
    };
    if bytes.contains(&0) {
        return Err(no_text());
    }
    String::from_utf8(bytes).map_err(|_| no_text())
}

/// Takes steps until there is a verdict or the time is over.
fn judge(
    recorded: &Recorded,
    (model, level): (Model, Consistency),
    arguments: &CheckHistoryArguments,
) -> Result<HistoryReport, Problem> {
    let history = &recorded.history;
    let begun = Clock::now();
    let mut check = Check::new(level, model, history).map_err(|unserved| Problem {
        origin: Some(arguments.file.clone()),
        ..Problem::new(unserved.to_string()).hint("another `--model` may fit".to_owned())
    })?;
    let mut verdict = check.advance(STEPS);
    while verdict == Verdict::Undecided
        && check.is_search()
        && begun.elapsed() < arguments.budget
        && check.bytes() < MEMORY_MAX
    {
        verdict = check.advance(STEPS);
    }
    let spent = begun.elapsed();
    let finding: Option<Finding> = check.finding(FINDING_STEPS);
    Ok(HistoryReport {
        source: arguments.file.clone(),
        model,
        level,
        verdict,
        partitions: check.partitions(),
        order: check.order(),
        finding,
        micros: u64::try_from(spent.as_micros()).unwrap_or(u64::MAX),
        history: history.clone(),
        annotations: recorded.annotations.iter().map(|note| (note.at, note.text.clone())).collect(),
        others: recorded.others(),
        edn: recorded.edn(),
        command: command(arguments, model, level),
    })
}

fn command(arguments: &CheckHistoryArguments, model: Model, level: Consistency) -> String {
    let file = super::command::quoted(&arguments.file);
    let level = if level == Consistency::Linearizable {
        String::new()
    } else {
        format!(" --consistency {}", level.name())
    };
    format!("partitura check-history {file} --model {}{level}", model.name())
}

/// What can be written of a judged history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Svg,
    Json,
    Edn,
}

impl Kind {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Svg, "svg"), (Self::Json, "json"), (Self::Edn, "edn")];

    fn render(self, report: &HistoryReport) -> String {
        match self {
            Self::Svg => reports::history::figure(report),
            Self::Json => reports::history::json(report),
            Self::Edn => report.edn.clone().unwrap_or_default(),
        }
    }
}

fn exports(arguments: &CheckHistoryArguments) -> Result<Vec<(Kind, String)>, Problem> {
    let mut exports = Vec::new();
    for words in &arguments.exports {
        let (kind, file) = super::run::kind_and_file(words)?;
        let found = Kind::ALL.into_iter().find(|(_, name)| *name == kind);
        let (kind, _) = found.ok_or_else(|| {
            Problem::new(format!("nothing of the kind `{kind}` can be exported"))
                .hint(suggest(kind, Kind::ALL.iter().map(|(_, name)| *name)))
        })?;
        exports.push((kind, file.to_owned()));
    }
    if exports.iter().filter(|(_, file)| file == "-").count() > 1 {
        return Err(Problem::new("only one thing at a time can go to standard output")
            .hint("give the others a file".to_owned()));
    }
    Ok(exports)
}

/// Writes what was asked for, whole or not at all.
fn write_files(
    report: &HistoryReport,
    arguments: &CheckHistoryArguments,
    exports: &[(Kind, String)],
) -> Result<(), Problem> {
    let mut drafts = files::Drafts::default();
    for (kind, file) in exports.iter().filter(|(_, file)| file != "-") {
        let path = Path::new(file);
        drafts.add(path, &kind.render(report)).map_err(|error| io_problem(path, &error))?;
    }
    if let Some(folder) = &arguments.out {
        let mut all = files::Files::default();
        all.add("figure.svg", Kind::Svg.render(report));
        all.add("check.json", Kind::Json.render(report));
        all.write(folder).map_err(|error| io_problem(folder, &error))?;
    }
    drafts.keep().map_err(|(path, error)| io_problem(&path, &error))
}
