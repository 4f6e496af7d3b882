//! `partitura verify`: every seed twice, in separate processes, by this program or by it and
//! another build of it. What differs is named by the first event that does.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::args::{Format, VerifyArguments};
use super::{Answer, MET, UNMET, io_problem, output};
use crate::problem::Problem;
use crate::{Scenario, prepare};

/// The exit code of a program that has a bug.
const PANICKED: u8 = 101;

/// What was compared, and what came of it.
#[derive(Debug, Serialize)]
struct Verified {
    format: &'static str,
    scenario: String,
    systems: Vec<String>,
    /// The other program, if it is another one.
    against: Option<String>,
    seeds: Seeds,
    /// The seeds that differ.
    differing: Vec<String>,
    /// The first difference of the first of them.
    first: Option<Difference>,
}

#[derive(Debug, Serialize)]
struct Seeds {
    from: String,
    to: String,
    run: u64,
}

#[derive(Debug, Serialize)]
struct Difference {
    system: String,
    seed: String,
    digests: [String; 2],
    /// The first event that differs; absent if everything that is recorded is the same.
    event: Option<Event>,
}

/// The two records of one moment, and what the earlier of them says of itself.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Event {
    /// Its place in the trace, from 1.
    line: usize,
    at_ms: Value,
    node: Option<String>,
    what: String,
    /// Both records; absent where a trace has ended.
    records: [Option<Value>; 2],
}

/// What is read of an outcome.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Told {
    system: String,
    digest: String,
}

/// Why nothing can be compared.
enum Stop {
    Problem(Problem),
    /// One of the programs has a bug; these are its last words.
    Panic(String),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

pub(super) fn answer(arguments: &VerifyArguments) -> Result<Answer, Problem> {
    let scenario = Scenario::load(&arguments.name)?.with_sets(&arguments.sets)?;
    let systems: Vec<String> = match &arguments.system {
        Some(system) => vec![system.clone()],
        None => scenario.systems().into_iter().map(str::to_owned).collect(),
    };
    for system in &systems {
        prepare(&scenario, system, arguments.mutant.as_deref())?;
    }
    let own =
        std::env::current_exe().map_err(|error| io_problem(Path::new("partitura"), &error))?;
    let other = arguments.against.clone().unwrap_or_else(|| own.clone());
    let pair = Pair { programs: [own, other], arguments };
    match verified(&pair, scenario.label(), systems) {
        Ok(verified) => {
            let code = if verified.differing.is_empty() { MET } else { UNMET };
            let out = match arguments.format {
                Format::Json => output::pretty(&verified),
                Format::Text => text(&verified),
            };
            Ok(Answer { out, code, ..Answer::default() })
        }
        Err(Stop::Problem(problem)) => Err(problem),
        Err(Stop::Panic(notes)) => Ok(Answer { notes, code: PANICKED, ..Answer::default() }),
    }
}

fn verified(pair: &Pair<'_>, scenario: String, systems: Vec<String>) -> Result<Verified, Stop> {
    let seeds = pair.arguments.seeds;
    let mut differing = Vec::new();
    let mut first = None;
    for seed in seeds.from..seeds.to {
        let [ours, theirs] = pair.outcomes(seed, &systems)?;
        let unlike = ours.into_iter().zip(theirs).find(|(ours, theirs)| ours != theirs);
        let Some((ours, theirs)) = unlike else { continue };
        differing.push(seed.to_string());
        if first.is_none() {
            let event = pair.first_difference(seed, &ours.system)?;
            first = Some(Difference {
                system: ours.system,
                seed: seed.to_string(),
                digests: [ours.digest, theirs.digest],
                event,
            });
        }
    }
    Ok(Verified {
        format: "partitura-verify/1",
        scenario,
        systems,
        against: pair.arguments.against.as_ref().map(|path| path.display().to_string()),
        seeds: Seeds {
            from: seeds.from.to_string(),
            to: seeds.to.to_string(),
            run: seeds.to - seeds.from,
        },
        differing,
        first,
    })
}

/// Two programs and what both are asked.
struct Pair<'a> {
    programs: [PathBuf; 2],
    arguments: &'a VerifyArguments,
}

impl Pair<'_> {
    /// What both programs say of one seed, system by system.
    fn outcomes(&self, seed: u64, systems: &[String]) -> Result<[Vec<Told>; 2], Stop> {
        let mut extra = vec!["--format", "json"];
        extra.extend(self.arguments.system.iter().flat_map(|system| ["--system", system]));
        let [ours, theirs] = self.ask(seed, &extra)?;
        Ok([self.told(0, &ours, systems)?, self.told(1, &theirs, systems)?])
    }

    /// The first event that differs in the traces of one seed.
    fn first_difference(&self, seed: u64, system: &str) -> Result<Option<Event>, Stop> {
        let extra = ["--system", system, "--export", "trace=-"];
        let [ours, theirs] = self.ask(seed, &extra)?;
        let trace = |output: &Output| String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(first_difference(&trace(&ours), &trace(&theirs)))
    }

    /// Runs both at once.
    fn ask(&self, seed: u64, extra: &[&str]) -> Result<[Output; 2], Stop> {
        let [ours, theirs] = &self.programs;
        let children = [self.start(ours, seed, extra)?, self.start(theirs, seed, extra)?];
        let [ours, theirs] = children.map(Child::wait_with_output);
        Ok([self.ended(0, ours)?, self.ended(1, theirs)?])
    }

    fn start(&self, program: &Path, seed: u64, extra: &[&str]) -> Result<Child, Problem> {
        let mut command = Command::new(program);
        command.args(["run", "--no-files", "--scenario", &self.arguments.name]);
        command.arg("--seed").arg(seed.to_string()).args(extra);
        for set in &self.arguments.sets {
            command.args(["--set", set]);
        }
        if let Some(mutant) = &self.arguments.mutant {
            command.args(["--mutant", mutant]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(|error| io_problem(program, &error))
    }

    /// Not as expected (exit code 1) is as good as expected here.
    fn ended(&self, who: usize, ended: std::io::Result<Output>) -> Result<Output, Stop> {
        let program = &self.programs[who];
        let output = ended.map_err(|error| io_problem(program, &error))?;
        let notes = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code().and_then(|code| u8::try_from(code).ok());
        match code {
            Some(MET | UNMET) => Ok(output),
            Some(PANICKED) => Err(Stop::Panic(notes)),
            Some(_) | None => {
                let last = notes.lines().next().unwrap_or("and says nothing");
                let what = format!("{} ends with {}: {last}", program.display(), output.status);
                Err(Stop::Problem(Problem::new(what)))
            }
        }
    }

    fn told(&self, who: usize, output: &Output, systems: &[String]) -> Result<Vec<Told>, Problem> {
        let told: Vec<Told> = serde_json::from_slice(&output.stdout).unwrap_or_default();
        if told.iter().map(|told| &told.system).eq(systems) {
            return Ok(told);
        }
        let what = "this program does not print the outcomes of the scenario";
        let origin = Some(self.programs[who].display().to_string());
        Err(Problem { origin, ..Problem::new(what) }
            .hint("it must be a build of `partitura`".to_owned()))
    }
}

/// The first line that is not the same in both traces.
fn first_difference(ours: &str, theirs: &str) -> Option<Event> {
    let (mut ours, mut theirs) = (ours.lines(), theirs.lines());
    for line in 1.. {
        let records = [ours.next(), theirs.next()];
        if records == [None, None] {
            return None;
        }
        if records[0] != records[1] {
            let read = |text: &str| {
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.to_owned()))
            };
            return Some(event(line, records.map(|record| record.map(read))));
        }
    }
    None
}

fn event(line: usize, records: [Option<Value>; 2]) -> Event {
    // The earlier one is where they part: the other run did not do that.
    let at = |record: &Value| record["t_ms"].as_f64();
    let teller = match &records {
        [Some(ours), Some(theirs)] if at(theirs) < at(ours) => theirs,
        [Some(ours), _] => ours,
        [None, Some(theirs)] => theirs,
        [None, None] => &Value::Null,
    };
    let word = |field: &str| teller[field].as_str().map(str::to_owned);
    Event {
        line,
        at_ms: teller["t_ms"].clone(),
        node: word("node"),
        what: word("what").unwrap_or_else(|| "something unreadable".to_owned()),
        records,
    }
}

fn text(verified: &Verified) -> String {
    let Verified { scenario, systems, seeds, differing, .. } = verified;
    let systems = systems.join(", ");
    let how = match &verified.against {
        None => "twice".to_owned(),
        Some(other) => format!("here and by {other}"),
    };
    let mut out = format!(
        "{scenario} ({systems}): seeds {}..{}, each {how}, in separate processes\n",
        seeds.from, seeds.to
    );
    let Some(first) = &verified.first else {
        let _infallible = writeln!(out, "the same: {} of {0} seeds", seeds.run);
        return out;
    };
    let _infallible = writeln!(
        out,
        "not the same: {} of {} seeds differ; the first is seed {}, system {}",
        differing.len(),
        seeds.run,
        first.seed,
        first.system
    );
    let [ours, theirs] = &first.digests;
    let _infallible = writeln!(out, "  digests  {ours}\n           {theirs}");
    let Some(event) = &first.event else {
        out.push_str("  the traces are the same: what differs is not recorded\n");
        return out;
    };
    let node = event.node.as_deref().unwrap_or("the network");
    let [ours, theirs] = event.records.each_ref().map(|record| match record {
        Some(record) => record.to_string(),
        None => "(the trace has ended)".to_owned(),
    });
    let _infallible = writeln!(
        out,
        "  first event that differs: {} ms, {node}, {} (line {} of the trace)",
        event.at_ms, event.what, event.line
    );
    let _infallible = writeln!(out, "    {ours}\n    {theirs}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_part_at_the_earlier_of_two_events_that_differ() {
        let both = r#"{"t_ms":1.0,"node":"n1","what":"sent"}"#;
        let late = r#"{"t_ms":3.0,"node":"n2","what":"delivered"}"#;
        let early = r#"{"t_ms":2.5,"what":"dropped"}"#;
        let trace = |lines: &[&str]| lines.join("\n");
        assert_eq!(first_difference(&trace(&[both, late]), &trace(&[both, late])), None);
        let event = first_difference(&trace(&[both, late]), &trace(&[both, early])).unwrap();
        assert_eq!((event.line, event.at_ms, event.node), (2, Value::from(2.5), None));
        assert_eq!(event.what, "dropped");
        for (ours, theirs) in [(&[both, late][..], &[both][..]), (&[both], &[both, late])] {
            let event = first_difference(&trace(ours), &trace(theirs)).unwrap();
            assert_eq!((event.line, event.node.as_deref()), (2, Some("n2")));
        }
    }
}
