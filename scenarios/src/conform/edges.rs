//! Causes and effects between members.

use sim_engine::{EdgeBy, Recorded, RecordedEdge};

use super::micros::Micros;
use super::observed::{Observed, Seen};

/// How much later than its effect a cause may be stamped: clocks are printed in whole milliseconds.
const TOLERANCE: Micros = Micros::millis(2);

/// The first effect without a cause, if there is one. What was caused before the recording began is
/// of an epoch that had begun by then.
pub(super) fn broken(observed: &Observed, edge: &RecordedEdge, table: &Recorded) -> Option<String> {
    let base = observed.base(table);
    let is_meant = |seen: &&Seen| {
        let mut details = edge.when.iter();
        seen.kind == edge.to && details.all(|(name, value)| seen.detail(name) == Some(*value))
    };
    let effects = observed.since_fault().filter(is_meant);
    let is_old = |seen: &&Seen| seen.epoch(table).is_some_and(|epoch| Some(epoch) <= base);
    let effect = effects.filter(|seen| !is_old(seen)).find(|effect| {
        let mut causes = observed.events.iter().filter(|seen| seen.kind == edge.from);
        !causes.any(|cause| cause.at <= effect.at + TOLERANCE && fits(cause, effect, edge))
    })?;
    let (from, to) = (edge.from, edge.to);
    Some(format!("{} has `{to}` at {} without `{from}` before it", effect.source, effect.at))
}

fn fits(cause: &Seen, effect: &Seen, edge: &RecordedEdge) -> bool {
    let name_each_other = match edge.by {
        EdgeBy::CauseNames(detail) => cause.names(detail, &effect.source),
        EdgeBy::EffectNames(detail) => effect.names(detail, &cause.source),
        EdgeBy::EachOther(detail) => {
            cause.names(detail, &effect.source) && effect.names(detail, &cause.source)
        }
        EdgeBy::SameNode => cause.source == effect.source,
    };
    name_each_other && edge.same.iter().all(|name| cause.detail(name) == effect.detail(name))
}
