//! Ticks: round moments of simulated time, at least so far apart that their numbers are readable.

use sim_engine::Instant;

use super::axis::Axis;
use crate::svg::Px;

/// Ticks are at least this far apart.
const APART: Px = 440;
/// Steps from fine to coarse, in nanoseconds: 1, 2, 5 times powers of ten.
const STEPS: [u64; 19] = [
    100_000,
    200_000,
    500_000,
    1_000_000,
    2_000_000,
    5_000_000,
    10_000_000,
    20_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    200_000_000,
    500_000_000,
    1_000_000_000,
    2_000_000_000,
    5_000_000_000,
    10_000_000_000,
    50_000_000_000,
    100_000_000_000,
];
/// More ticks than this are never tried in one stretch.
const TRIES_MAX: u64 = 60;

/// The ticks of an axis: where, and the number. The first one says the unit.
pub(super) fn ticks(axis: &Axis) -> Vec<(Px, String)> {
    let mut moments: Vec<u64> = Vec::new();
    for (from, to) in axis.stretches() {
        let mut inside = stretch(axis, from.nanos(), to.nanos());
        if inside.is_empty() {
            inside.push(round_within(from.nanos(), to.nanos()));
        }
        for at in inside {
            let x = axis.x(Instant::from_nanos(at));
            let is_apart =
                moments.last().is_none_or(|last| x - axis.x(Instant::from_nanos(*last)) >= APART);
            if is_apart {
                moments.push(at);
            }
        }
    }
    moments
        .iter()
        .enumerate()
        .map(|(i, at)| {
            let unit = if i == 0 { " ms" } else { "" };
            (axis.x(Instant::from_nanos(*at)), format!("{}{unit}", millis(*at)))
        })
        .collect()
}

/// The multiples of the finest step whose ticks all are far enough apart.
fn stretch(axis: &Axis, from: u64, to: u64) -> Vec<u64> {
    for step in STEPS {
        if (to - from) / step > TRIES_MAX {
            continue;
        }
        let multiples: Vec<u64> = (from.div_ceil(step)..=to / step).map(|n| n * step).collect();
        let xs: Vec<Px> = multiples.iter().map(|at| axis.x(Instant::from_nanos(*at))).collect();
        if !multiples.is_empty() && xs.windows(2).all(|pair| pair[1] - pair[0] >= APART) {
            return multiples;
        }
    }
    Vec::new()
}

/// The roundest moment in a short stretch.
fn round_within(from: u64, to: u64) -> u64 {
    let rounded = STEPS.iter().rev().map(|step| (from.div_ceil(*step) * step, step));
    rounded.map(|(at, _)| at).find(|at| *at <= to).unwrap_or(from)
}

/// Milliseconds with at most one decimal.
fn millis(nanos: u64) -> String {
    if nanos >= 10_000_000 {
        return ((nanos + 500_000) / 1_000_000).to_string();
    }
    let tenths = nanos / 100_000;
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_engine::Duration;

    #[test]
    fn ticks_are_round_and_apart_and_stand_on_both_sides_of_a_break() {
        let at = |ms| Instant::ZERO + Duration::millis(ms);
        let moments = [0, 10, 20, 30, 40, 900, 910, 920, 930].map(at).to_vec();
        let axis = Axis::new(moments, (1_120, 10_980), &[]);
        let ticks = ticks(&axis);
        assert!(ticks.windows(2).all(|pair| pair[1].0 - pair[0].0 >= APART));
        let words: Vec<_> = ticks.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(words[0], "0 ms");
        assert!(words.contains(&"40") && words.contains(&"900"), "{words:?}");
    }
}
