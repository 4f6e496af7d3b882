//! The other run of a poster: the same seed with one change, or without it.

use reports::Contrast;

use super::args::RunArguments;
use super::run::report;
use crate::problem::Problem;
use crate::{Prepared, Scenario, prepare};

/// The run to show beside this one. What was changed is contrasted with what was not; where nothing
/// was, with the first variant.
pub(super) fn contrast(
    scenario: &Scenario,
    prepared: &Prepared,
    seed: u64,
    arguments: &RunArguments,
) -> Result<Contrast, Problem> {
    let plain = RunArguments { sets: Vec::new(), mutant: None, ..arguments.clone() };
    let asked_for = scenario.asked_for();
    let is_changed = !arguments.sets.is_empty() || arguments.mutant.is_some();
    let (other, comes_first) = if is_changed {
        (asked_for.to_owned(), true)
    } else if let Some((base, _)) = asked_for.rsplit_once('@') {
        (base.to_owned(), true)
    } else if let Some(variant) = scenario.variants().first() {
        (format!("{asked_for}@{variant}"), false)
    } else {
        let what = format!("a poster shows two runs, and `{asked_for}` has no variants");
        return Err(Problem::new(what)
            .hint(Some("change something: `--set PATH=VALUE` or `--mutant NAME`".to_owned())));
    };
    let other = Scenario::load(&other)?;
    let other_prepared = prepare(&other, &prepared.system, None)?;
    let report = report(&other, &other_prepared, seed, &plain);
    Ok(Contrast { report: Box::new(report), comes_first })
}
