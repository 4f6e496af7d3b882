//! `partitura merge`: summaries of shards into the summary of the whole.

use reports::sweep::{FORMAT, SweepSummary, append};
use serde_json::Value;

use super::args::MergeArguments;
use super::summaries::{Printing, code, place_of, printed};
use super::{Answer, files, io_problem};
use crate::problem::Problem;
use crate::scenario::read;
use crate::sweep::{Extent, judge_sweep};

pub(super) fn answer(arguments: &MergeArguments) -> Result<Answer, Problem> {
    let printing = Printing::new(arguments.format, arguments.junit.as_deref())?;
    let mut parts = Vec::new();
    for file in &arguments.files {
        parts.extend(summaries(file)?);
    }
    let wholes = merged(parts)?;
    if let Some(folder) = &arguments.out {
        let mut all = files::Files::default();
        place_of(&wholes, "", &mut all);
        all.write(folder).map_err(|error| io_problem(folder, &error))?;
    }
    let out = printed(&wholes, &printing)?;
    Ok(Answer { code: code(&wholes, Extent::Whole), ..out })
}

/// The summaries in a file: one, or a list.
fn summaries(file: &str) -> Result<Vec<SweepSummary>, Problem> {
    let problem = |what: String| Problem { origin: Some(file.to_owned()), ..Problem::new(what) };
    let value: Value = serde_json::from_str(&read(file)?)
        .map_err(|error| problem(format!("not JSON: {error}")))?;
    let list = value.as_array().cloned().unwrap_or_else(|| vec![value]);
    let summary = |value: Value| match value["format"].as_str() {
        Some(FORMAT) => serde_json::from_value(value).map_err(|error| problem(error.to_string())),
        Some(other) => {
            Err(problem(format!("this is `{other}`, and this program reads `{FORMAT}`")))
        }
        None => Err(problem("this is not the summary of a sweep".to_owned())
            .hint("`partitura sweep` writes it as `summary.json`".to_owned())),
    };
    list.into_iter().map(summary).collect()
}

/// The parts of each sweep put together, in the order in which sweeps first come.
fn merged(parts: Vec<SweepSummary>) -> Result<Vec<SweepSummary>, Problem> {
    let mut sweeps: Vec<Vec<SweepSummary>> = Vec::new();
    for part in parts {
        let key = |one: &SweepSummary| (one.label(), one.fingerprint.clone());
        let same = sweeps.iter_mut().find(|sweep| sweep[0].label() == part.label());
        match same {
            Some(sweep) if key(&sweep[0]) == key(&part) => sweep.push(part),
            Some(_) => {
                let what =
                    format!("two files are about different scenarios called {}", part.label());
                return Err(Problem::new(what)
                    .hint("sweep all shards with the same scenario file".to_owned()));
            }
            None => sweeps.push(vec![part]),
        }
    }
    sweeps.into_iter().map(whole).collect()
}

fn whole(mut parts: Vec<SweepSummary>) -> Result<SweepSummary, Problem> {
    parts.sort_by_key(|part| part.seeds.from);
    let label = parts[0].label();
    let asked = parts.iter().find_map(|part| part.whole);
    let mut next = asked.map_or(parts[0].seeds.from, |asked| asked.from);
    let end = asked.map(|asked| asked.to);
    for part in &parts {
        let seeds = part.seeds;
        if seeds.from > next {
            return Err(Problem::new(format!(
                "seeds {next}..{} of {label} are missing",
                seeds.from
            )));
        }
        if seeds.from < next {
            let to = next.min(seeds.to);
            return Err(Problem::new(format!("seeds {}..{to} of {label} come twice", seeds.from)));
        }
        next = seeds.to;
    }
    if let Some(end) = end.filter(|end| next < *end) {
        return Err(Problem::new(format!("seeds {next}..{end} of {label} are missing")));
    }
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else { unreachable!("a sweep has a part") };
    parts.for_each(|part| append(&mut whole, &part));
    whole.whole = None;
    judge_sweep(&mut whole, Extent::Whole);
    Ok(whole)
}
