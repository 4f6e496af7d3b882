//! `partitura conform`: the simulator against recordings of the real system.

use std::fmt::Write;

use super::args::{ConformArguments, Format};
use super::{Answer, MET, UNMET, output};
use crate::conform::{Conformity, RecordingOf, conform};
use crate::problem::Problem;
use crate::sweep::Crew;

/// The most seeds: every run is kept until all are compared.
const SEEDS_MAX: u64 = 100_000;

pub(super) fn answer(arguments: &ConformArguments) -> Result<Answer, Problem> {
    let seeds = arguments.seeds.from..arguments.seeds.to;
    if seeds.end - seeds.start > SEEDS_MAX {
        return Err(Problem::new(format!("--seeds: at most {SEEDS_MAX} are compared")));
    }
    // A file that cannot be used is told before anything runs.
    let recordings: Vec<RecordingOf> =
        arguments.files.iter().map(|file| RecordingOf::load(file)).collect::<Result<_, _>>()?;
    let crew = Crew::new(arguments.jobs)?;
    let mutant = arguments.mutant.as_deref();
    let compare = |recording| conform(recording, seeds.clone(), mutant, &crew);
    let all: Vec<Conformity> = recordings.iter().map(compare).collect::<Result<_, _>>()?;
    let out = match (arguments.format, all.as_slice()) {
        (Format::Json, [one]) => output::pretty(one),
        (Format::Json, several) => output::pretty(&several),
        (Format::Text, all) => all.iter().map(text).collect(),
    };
    let code = if all.iter().all(|one| one.conforms) { MET } else { UNMET };
    Ok(Answer { out, code, ..Answer::default() })
}

/// The verdict in a line, the times in one each, and whatever differs.
fn text(one: &Conformity) -> String {
    let (sign, verdict) =
        if one.conforms { ("✓", "conforms") } else { ("✕", "does not conform") };
    let mut out = format!(
        "{sign} {} ({}): {verdict}, {} seeds, {} of them with the same orders throughout\n",
        one.recording, one.system, one.seeds.run, one.runs_with_the_same_orders
    );
    let system = one.system.split_whitespace().next().unwrap_or_default();
    for window in &one.windows {
        let sign = if window.inside { " " } else { "✕" };
        let _infallible = writeln!(out, "  {sign} {}", window.sentence(system));
    }
    for process in &one.processes {
        if let Some(difference) = &process.first_difference {
            let _infallible = writeln!(out, "  ✕ {}: {difference}", process.name);
        }
    }
    for edge in one.edges.iter().filter(|edge| !edge.ok) {
        let why = edge.why.as_deref().unwrap_or_default();
        let _infallible = writeln!(out, "  ✕ `{}` before `{}`: {why}", edge.from, edge.to);
    }
    for line in one.results.iter().filter(|line| !line.ok) {
        let (what, recorded) = (&line.what, &line.recorded);
        let simulated = line.simulated.join(", ");
        let _infallible = writeln!(out, "  ✕ {what}: {system} {recorded}; simulator {simulated}");
    }
    out
}
