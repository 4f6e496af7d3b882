//! Times: does the recorded one lie within the simulated ones?

use serde::Serialize;

use super::driver::{Deed, What};
use super::micros::Micros;
use super::observed::Observed;

/// How far outside a recorded time may lie: a real machine is busy with other things, too.
const MARGIN: Micros = Micros::millis(50);
/// The same for the longest gap of many writes: that of a busy machine is seldom a short one.
const GAP_MARGIN: Micros = Micros::millis(150);
/// How much two stamps of one moment may differ.
const GRAIN: Micros = Micros::millis(10);
/// From how few runs no window is made.
const RUNS_MIN: usize = 20;
/// Deeds this close to each other are one fault.
const ONE_FAULT: Micros = Micros::millis(100);

/// A recorded time beside the simulated ones.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Window {
    /// What, after which fault: `became-leader after kill`.
    pub(crate) event: String,
    /// From the fault on; nothing if it was not recorded.
    pub(crate) recorded_ms: Option<Micros>,
    pub(crate) simulated_ms: Option<Spread>,
    /// In how many runs it happened.
    pub(crate) runs: usize,
    pub(crate) inside: bool,
    /// True if it is earlier or later than nineteen in twenty: nothing is wrong with one of those,
    /// but with all.
    pub(crate) outer: bool,
}

/// How simulated times are spread.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Spread {
    pub(crate) min: Micros,
    pub(crate) p5: Micros,
    pub(crate) p50: Micros,
    pub(crate) p95: Micros,
    pub(crate) max: Micros,
}

impl Spread {
    fn of(mut times: Vec<Micros>) -> Option<Self> {
        times.sort_unstable();
        let last = times.len().checked_sub(1)?;
        let at = |percent: usize| times[last * percent / 100];
        Some(Self { min: at(0), p5: at(5), p50: at(50), p95: at(95), max: at(100) })
    }

    fn holds(&self, time: Micros, margin: Micros) -> bool {
        time >= self.min - margin && time <= self.max + margin
    }

    /// True if a time is one of the outermost, whatever the clock's grain.
    fn is_outer(&self, time: Micros) -> bool {
        time < self.p5 - GRAIN || time > self.p95 + GRAIN
    }
}

/// A fault and the time until the next one.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    name: &'static str,
    /// The place of its first deed.
    deed: usize,
    /// The place of the first deed of the next one.
    next: Option<usize>,
}

/// The faults of a driver, one after the other.
pub(super) fn phases(deeds: &[Deed]) -> Vec<Phase> {
    let is_first = |place: &usize| {
        place.checked_sub(1).is_none_or(|before| deeds[*place].at - deeds[before].at > ONE_FAULT)
    };
    let starts: Vec<usize> = (0..deeds.len()).filter(is_first).collect();
    let phase = |(place, deed): (usize, &usize)| {
        let next = starts.get(place + 1).copied();
        Phase { name: name(&deeds[*deed].what), deed: *deed, next }
    };
    starts.iter().enumerate().map(phase).collect()
}

fn name(what: &What) -> &'static str {
    match what {
        What::Start(_) => "start",
        What::Kill(_) => "kill",
        What::Restart(_) => "restart",
        What::Pause(_) => "pause",
        What::Resume(_) => "resume",
        What::Cut(_) => "cut",
        What::Heal(_) => "heal",
        What::Command { .. } => "command",
    }
}

impl Phase {
    /// The first time of this kind in the phase.
    fn first(&self, observed: &Observed, kind: &str) -> Option<Micros> {
        let from = *observed.deeds.get(self.deed)?;
        let until = self.next.and_then(|next| observed.deeds.get(next).copied());
        let mut own = observed.events.iter().filter(|seen| seen.kind == kind && seen.at >= from);
        own.find(|seen| until.is_none_or(|until| seen.at < until)).map(|seen| seen.at - from)
    }

    /// True if it came to this phase.
    fn began(&self, observed: &Observed) -> bool {
        observed.deeds.len() > self.deed
    }
}

/// Every window of a recording.
pub(super) fn windows(
    recorded: &Observed,
    runs: &[Observed],
    phases: &[Phase],
    moments: &[&str],
) -> Vec<Window> {
    let mut windows = Vec::new();
    for phase in phases {
        let began = runs.iter().filter(|run| phase.began(run)).count();
        for kind in moments {
            let times = runs.iter().filter_map(|run| phase.first(run, kind)).collect();
            let event = format!("{kind} after {}", phase.name);
            windows.extend(window(event, phase.first(recorded, kind), times, (began, MARGIN)));
        }
    }
    let writes: Vec<_> = runs.iter().filter_map(|run| run.first_write).collect();
    windows.extend(window(
        "first-write".to_owned(),
        recorded.first_write,
        writes,
        (runs.len(), MARGIN),
    ));
    let gaps: Vec<_> = runs.iter().filter_map(|run| run.gap).collect();
    windows.extend(window(
        "max-write-gap".to_owned(),
        recorded.gap,
        gaps,
        (usize::MAX, GAP_MARGIN),
    ));
    windows
}

/// One window, if there is something to say: what was recorded and sometimes happens must be
/// inside; what always happens must have been recorded.
fn window(
    event: String,
    recorded: Option<Micros>,
    times: Vec<Micros>,
    (began, margin): (usize, Micros),
) -> Option<Window> {
    let runs = times.len();
    let always = runs == began && runs >= RUNS_MIN;
    let simulated_ms = Spread::of(times);
    let inside = match (recorded, &simulated_ms) {
        (None, _) if always => false,
        (None, _) => return None,
        (Some(_), None) => false,
        // What hardly ever happens has no window; that it can happen is a matter of order.
        (Some(_), Some(_)) if runs < RUNS_MIN => return None,
        (Some(time), Some(spread)) => spread.holds(time, margin),
    };
    let outer = recorded.zip(simulated_ms).is_some_and(|(time, spread)| spread.is_outer(time));
    Some(Window { event, recorded_ms: recorded, simulated_ms, runs, inside, outer })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inside(recorded: Option<i64>, times: &[i64], began: usize) -> Option<bool> {
        let times = times.iter().map(|time| Micros::millis(*time)).collect();
        let window = window("x".to_owned(), recorded.map(Micros::millis), times, (began, MARGIN));
        window.map(|window| window.inside)
    }

    #[test]
    fn a_recorded_time_must_lie_within_the_simulated_ones() {
        let times: Vec<i64> = (100..150).collect();
        assert_eq!(inside(Some(120), &times, 50), Some(true));
        assert_eq!(inside(Some(199), &times, 50), Some(true), "within the margin");
        assert_eq!(inside(Some(200), &times, 50), Some(false));
        assert_eq!(inside(Some(49), &times, 50), Some(false));
        assert_eq!(inside(None, &times, 50), Some(false), "it always happens");
        assert_eq!(inside(None, &times, 60), None, "it does not always happen");
        assert_eq!(inside(Some(120), &[], 50), Some(false), "it never happens");
    }

    #[test]
    fn a_spread_knows_its_outermost_times() {
        let spread = Spread::of((0..101).map(Micros::millis).collect()).unwrap();
        assert_eq!((spread.p5, spread.p50), (Micros::millis(5), Micros::millis(50)));
        assert!(!spread.is_outer(Micros::millis(105)) && spread.is_outer(Micros::millis(106)));
    }
}
