//! What it came to: who led, how far epochs rose, how many voted, what clients got.

use std::collections::BTreeSet;

use serde::Serialize;
use sim_engine::Recorded;

use super::observed::Observed;

/// How many simulated outcomes a sentence lists.
const LISTED_MAX: usize = 12;

/// A recorded result beside the simulated ones.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ResultLine {
    /// Which result: `leaders`.
    pub(crate) what: String,
    pub(crate) recorded: String,
    /// What the runs came to.
    pub(crate) simulated: Vec<String>,
    pub(crate) ok: bool,
}

/// Every result of a recording.
pub(super) fn results(recorded: &Observed, runs: &[Observed], table: &Recorded) -> Vec<ResultLine> {
    let mut lines = vec![
        one_of("first to lead", recorded, runs, |seen| Some(leader(seen, table, false))),
        one_of("last to lead", recorded, runs, |seen| Some(leader(seen, table, true))),
        one_of("epochs between leaders", recorded, runs, |seen| steps(seen, table)),
        between("epochs in all", recorded, runs, |seen| risen(seen, table)),
    ];
    for kind in table.counted {
        let count = |seen: &Observed| {
            i64::try_from(seen.since_fault().filter(|one| one.kind == *kind).count()).ok()
        };
        lines.push(between(&format!("{kind} in all"), recorded, runs, count));
    }
    for (asked, known) in &recorded.answers {
        let answer = |seen: &Observed| {
            let own = seen.answers.iter().find(|(other, _)| other == asked);
            own.map(|(_, came)| came.words(*known))
        };
        lines.push(one_of(asked, recorded, runs, answer));
    }
    if recorded.failed.is_some() {
        lines.push(between("writes that failed", recorded, runs, |seen| seen.failed));
    }
    lines
}

/// Who leads first, or last, after the first fault; nobody if nobody new does.
fn leader(observed: &Observed, table: &Recorded, is_last: bool) -> String {
    let mut led = observed.since_fault().filter(|seen| seen.kind == table.leads);
    let seen = if is_last { led.last() } else { led.next() };
    seen.map_or_else(|| "nobody".to_owned(), |seen| seen.source.clone())
}

/// By how much the epoch has risen at the first leader after the fault.
fn steps(observed: &Observed, table: &Recorded) -> Option<String> {
    let base = observed.base(table)?;
    let mut led = observed.since_fault().filter(|seen| seen.kind == table.leads);
    let first = led.next().and_then(|seen| seen.epoch(table));
    Some(first.map_or_else(|| "no leader".to_owned(), |epoch| format!("+{}", epoch - base)))
}

/// By how much the highest epoch has risen at the end.
fn risen(observed: &Observed, table: &Recorded) -> Option<i64> {
    let base = observed.base(table)?;
    Some(observed.since_fault().filter_map(|seen| seen.epoch(table)).max()? - base)
}

/// The recorded result must be one of the simulated ones.
fn one_of(
    what: &str,
    recorded: &Observed,
    runs: &[Observed],
    result: impl Fn(&Observed) -> Option<String>,
) -> ResultLine {
    let simulated: BTreeSet<String> = runs.iter().filter_map(&result).collect();
    let recorded = result(recorded).unwrap_or_default();
    let ok = simulated.contains(&recorded);
    let simulated = simulated.into_iter().take(LISTED_MAX).collect();
    ResultLine { what: what.to_owned(), recorded, simulated, ok }
}

/// The recorded number must lie between the least and the greatest simulated one.
fn between(
    what: &str,
    recorded: &Observed,
    runs: &[Observed],
    result: impl Fn(&Observed) -> Option<i64>,
) -> ResultLine {
    let numbers: BTreeSet<i64> = runs.iter().filter_map(&result).collect();
    let recorded = result(recorded);
    let ends = numbers.first().zip(numbers.last());
    let ok = match (recorded, ends) {
        (Some(number), Some((least, greatest))) => (least..=greatest).contains(&&number),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    };
    ResultLine {
        what: what.to_owned(),
        recorded: recorded.map_or_else(|| "nothing".to_owned(), |number| number.to_string()),
        simulated: ends
            .map(|(least, greatest)| format!("{least}..={greatest}"))
            .into_iter()
            .collect(),
        ok,
    }
}
