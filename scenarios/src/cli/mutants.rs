//! `partitura mutants`: which promise catches which planted bug.

use std::fmt::Write;

use serde::Serialize;

use super::args::{MutantsArguments, MutantsFormat};
use super::ranges::SeedRange;
use super::{Answer, MET, UNMET, output};
use crate::mutants::{Verdict, hunt, stages};
use crate::problem::{Problem, suggest};
use crate::registry::{self, Entry};
use crate::sweep::{Crew, panics_are_results};

#[derive(Serialize)]
struct Mutants<'v> {
    format: &'static str,
    mutants: &'v [Verdict],
}

/// So many seeds if nobody says how many.
const USUAL: SeedRange = SeedRange { from: 0, to: 2_000 };

pub(super) fn answer(arguments: &MutantsArguments) -> Result<Answer, Problem> {
    let entries = entries(arguments.protocol.as_deref())?;
    let crew = Crew::new(arguments.jobs)?;
    let seeds = arguments.seeds.unwrap_or(USUAL);
    panics_are_results();
    let mut verdicts = Vec::new();
    for entry in entries {
        let stages = stages(entry)?;
        for info in entry.mutants {
            verdicts.push(hunt(entry.name, info, &stages, (seeds.from, seeds.to), &crew)?);
        }
    }
    let out = match arguments.format {
        MutantsFormat::Text => text(&verdicts),
        MutantsFormat::Json => {
            output::pretty(&Mutants { format: "partitura-mutants/1", mutants: &verdicts })
        }
        MutantsFormat::Markdown => markdown(&verdicts),
    };
    let is_right = verdicts.iter().all(Verdict::is_right);
    Ok(Answer { out, code: if is_right { MET } else { UNMET }, ..Answer::default() })
}

fn entries(name: Option<&str>) -> Result<Vec<&'static Entry>, Problem> {
    let Some(name) = name else { return Ok(registry::ALL.iter().collect()) };
    let known = registry::ALL.iter().map(|entry| entry.name);
    match registry::find(name) {
        Some(entry) => Ok(vec![entry]),
        None => {
            Err(Problem::new(format!("no protocol is called `{name}`")).hint(suggest(name, known)))
        }
    }
}

fn text(verdicts: &[Verdict]) -> String {
    let mut out = String::new();
    for one in verdicts {
        let sign = if one.is_right() { "✓" } else { "✕" };
        let name = format!("{}/{}", one.protocol, one.name);
        let came = match (&one.scenario, one.shrunk_steps) {
            (Some(scenario), Some(steps)) => format!(
                "{} in {scenario}, seed {} ({} s), {steps} steps",
                one.by[0], one.seeds, one.seconds
            ),
            (Some(_) | None, _) => {
                format!("survived {} seeds ({} s)", one.seeds, one.seconds)
            }
        };
        let _infallible = writeln!(out, "{sign} {name:<30} {:<16} {came}", one.class);
        if let Some(reason) = one.reason {
            let _infallible = writeln!(out, "    {reason}");
        }
    }
    let wrong: Vec<&str> = verdicts.iter().filter(|one| !one.is_right()).map(|o| o.name).collect();
    if !wrong.is_empty() {
        let _infallible = writeln!(out, "\nnot what their class says: {}", wrong.join(", "));
    }
    out
}

/// The table of the README. No times and no counts: it changes only when a bug or a promise does.
fn markdown(verdicts: &[Verdict]) -> String {
    let mut out = String::from(
        "| protocol | mutant | class | what it changes | caught by |\n|---|---|---|---|---|\n",
    );
    for one in verdicts {
        let by = match (one.by.first(), one.reason) {
            (Some(by), _) => format!("`{by}`"),
            (None, Some(_)) => "nothing, and nothing can".to_owned(),
            (None, None) => "nothing".to_owned(),
        };
        let _infallible = writeln!(
            out,
            "| {} | `{}` | {} | {} | {by} |",
            one.protocol, one.name, one.class, one.about
        );
    }
    out
}
