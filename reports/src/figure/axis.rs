//! Time to x: piecewise linear, strictly increasing, with boring time compressed.

use std::collections::BTreeMap;

use sim_engine::Instant;

use super::geometry::clamp_px;
use crate::svg::Px;

/// The least and the usual greatest width of a gap between two moments that matter.
const GAP_MIN: i64 = 80;
const GAP_MAX: i64 = 460;
/// The width of a gap in which nothing happens.
const BREAK_WIDTH: i64 = 560;
/// Gaps up to this long are never compressed.
const BREAK_NANOS_MIN: u64 = 40_000_000;

/// Two moments that need this much room between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    pub(crate) width: Px,
}

/// The axis: time to x.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    /// Moments and where they are, both strictly increasing.
    knots: Vec<(u64, Px)>,
    /// For each gap after a knot, whether it is compressed.
    breaks: Vec<bool>,
}

#[derive(Clone)]
struct Gaps {
    nanos: Vec<u64>,
    breaks: Vec<bool>,
    floors: Vec<i64>,
}

impl Axis {
    /// An axis over these moments, from `left` to `right`, with room where it is asked for.
    pub(crate) fn new(mut moments: Vec<Instant>, (left, right): (Px, Px), rooms: &[Room]) -> Self {
        moments.sort_unstable();
        moments.dedup();
        if moments.is_empty() {
            moments.push(Instant::ZERO);
        }
        if moments.len() == 1 {
            moments.push(Instant::from_nanos(moments[0].nanos().saturating_add(1_000_000)));
            moments.dedup();
        }
        let plot = i64::from(right - left);
        let nanos: Vec<u64> =
            moments.windows(2).map(|pair| pair[1].nanos() - pair[0].nanos()).collect();
        let breaks = find_breaks(&nanos);
        let floors = vec![GAP_MIN; nanos.len()];
        let mut gaps = Gaps { nanos, breaks, floors };
        let place: BTreeMap<Instant, usize> =
            moments.iter().enumerate().map(|(i, moment)| (*moment, i)).collect();
        let asked: Vec<(usize, usize, i64)> = rooms
            .iter()
            .filter_map(|room| {
                let (from, to) = (*place.get(&room.from)?, *place.get(&room.to)?);
                (from < to).then_some((from, to, i64::from(room.width)))
            })
            .collect();
        // Where not everybody can have all, everybody gets the same part of it.
        for tenths in [10, 9, 8, 7, 6, 5] {
            let part = |(from, to, width): &(usize, usize, i64)| (*from, *to, width * tenths / 10);
            let asked: Vec<_> = asked.iter().map(part).collect();
            let mut trial = gaps.clone();
            let fits = (0..4).fold(true, |fits, _| trial.make_room(&asked, plot) && fits);
            if fits || tenths == 5 {
                gaps = trial;
                break;
            }
        }
        let widths = gaps.solve(plot);
        let mut x = i64::from(left);
        let mut knots = vec![(moments[0].nanos(), left)];
        for (moment, width) in moments[1..].iter().zip(&widths) {
            x += width;
            knots.push((moment.nanos(), clamp_px(x)));
        }
        Self { knots, breaks: gaps.breaks }
    }

    /// Where a moment is. Moments outside the axis are at its ends.
    pub(crate) fn x(&self, at: Instant) -> Px {
        let nanos = at.nanos();
        let after = self.knots.partition_point(|(knot, _)| *knot <= nanos);
        let Some(before) = after.checked_sub(1) else { return self.knots[0].1 };
        let (t0, x0) = self.knots[before];
        let Some((t1, x1)) = self.knots.get(after).copied() else { return x0 };
        let part = u128::from(nanos - t0) * u128::from((x1 - x0).unsigned_abs());
        x0 + Px::try_from(part / u128::from((t1 - t0).max(1))).unwrap_or(0)
    }

    /// The first and the last moment.
    pub(crate) fn ends(&self) -> (Instant, Instant) {
        let last = self.knots.len() - 1;
        (Instant::from_nanos(self.knots[0].0), Instant::from_nanos(self.knots[last].0))
    }

    /// Where time is compressed: the gaps' left and right ends.
    pub(crate) fn breaks(&self) -> impl Iterator<Item = (Px, Px)> {
        self.knots
            .windows(2)
            .zip(&self.breaks)
            .filter(|(_, is_break)| **is_break)
            .map(|(pair, _)| (pair[0].1, pair[1].1))
    }

    /// The stretches between compressed gaps, as moments.
    pub(crate) fn stretches(&self) -> Vec<(Instant, Instant)> {
        let mut stretches = Vec::new();
        let mut from = self.knots[0].0;
        for (pair, is_break) in self.knots.windows(2).zip(&self.breaks) {
            if *is_break {
                stretches.push((Instant::from_nanos(from), Instant::from_nanos(pair[0].0)));
                from = pair[1].0;
            }
        }
        stretches.push((Instant::from_nanos(from), self.ends().1));
        stretches
    }
}

fn find_breaks(nanos: &[u64]) -> Vec<bool> {
    let mut sorted = nanos.to_vec();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
    let limit = median.saturating_mul(6).max(BREAK_NANOS_MIN);
    nanos.iter().map(|gap| nanos.len() > 2 && *gap > limit).collect()
}

impl Gaps {
    /// Raises the floors under each pair of moments that stands too close. False if some stay.
    fn make_room(&mut self, asked: &[(usize, usize, i64)], plot: i64) -> bool {
        let mut fits = true;
        for (from, to, width) in asked.iter().copied() {
            let widths = self.solve(plot);
            let have: i64 = widths[from..to].iter().sum();
            if have >= width {
                continue;
            }
            let before = self.floors.clone();
            for (gap, now) in widths.iter().enumerate().take(to).skip(from) {
                let is_all_break = self.breaks[from..to].iter().all(|is_break| *is_break);
                if !self.breaks[gap] || is_all_break {
                    let share = (now * width + have - 1) / have.max(1);
                    self.floors[gap] = self.floors[gap].max(share);
                }
            }
            // Room for this one must not crush the others.
            if self.least() > plot * 9 / 10 {
                self.floors = before;
                fits = false;
            }
        }
        fits
    }

    /// The least total width.
    fn least(&self) -> i64 {
        self.floors
            .iter()
            .zip(&self.breaks)
            .map(|(floor, b)| if *b { BREAK_WIDTH.max(*floor) } else { *floor })
            .sum()
    }

    /// Widths of all gaps that add up to the plot.
    fn solve(&self, plot: i64) -> Vec<i64> {
        let mut most = GAP_MAX;
        while most < plot && self.total(i64::MAX >> 24, most) < plot {
            most = most * 3 / 2;
        }
        let (mut low, mut high) = (0_i64, i64::MAX >> 24);
        while low + 1 < high {
            let middle = i64::midpoint(low, high);
            if self.total(middle, most) <= plot { low = middle } else { high = middle }
        }
        let widths: Vec<i64> = (0..self.nanos.len()).map(|i| self.width(i, low, most)).collect();
        spread(&widths, plot)
    }

    fn total(&self, scale: i64, most: i64) -> i64 {
        (0..self.nanos.len()).map(|i| self.width(i, scale, most)).sum()
    }

    fn width(&self, gap: usize, scale: i64, most: i64) -> i64 {
        if self.breaks[gap] {
            return BREAK_WIDTH.max(self.floors[gap]);
        }
        let root = i64::try_from((self.nanos[gap] / 1_000).isqrt()).unwrap_or(i64::MAX >> 40);
        let floor = self.floors[gap];
        (root.saturating_mul(scale) / 1_024).clamp(floor, most.max(floor))
    }
}

/// Stretches or squeezes widths so that they add up exactly, each at least 1.
fn spread(widths: &[i64], plot: i64) -> Vec<i64> {
    let total: i64 = widths.iter().sum::<i64>().max(1);
    let n = i64::try_from(widths.len()).unwrap_or(1);
    let free = (plot - n).max(0);
    let mut sum = 0;
    let mut given = 0;
    let mut spread = Vec::with_capacity(widths.len());
    for width in widths {
        sum += width;
        let upto = sum * free / total;
        spread.push(upto - given + 1);
        given = upto;
    }
    spread
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_engine::Duration;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::millis(n)
    }

    fn xs(axis: &Axis, moments: &[u64]) -> Vec<Px> {
        moments.iter().map(|at| axis.x(ms(*at))).collect()
    }

    #[test]
    fn x_grows_strictly_with_time() {
        let mut dice = 7_u64;
        let mut at = 0;
        let mut moments = vec![];
        for _ in 0..110 {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            at += 1 + (dice >> 33) % 90 * if dice.is_multiple_of(7) { 40 } else { 1 };
            moments.push(ms(at));
        }
        let axis = Axis::new(moments.clone(), (1_120, 10_980), &[]);
        let xs: Vec<_> = moments.iter().map(|at| axis.x(*at)).collect();
        assert!(xs.windows(2).all(|pair| pair[0] < pair[1]), "{xs:?}");
        assert_eq!((xs[0], xs[109]), (1_120, 10_980));
    }

    #[test]
    fn long_empty_time_is_compressed() {
        let axis = Axis::new([0, 10, 20, 30, 900, 910, 920].map(ms).to_vec(), (0, 10_000), &[]);
        assert_eq!(axis.breaks().count(), 1);
        let [(from, to)] = axis.breaks().collect::<Vec<_>>()[..] else { panic!("one break") };
        assert!(to - from < 700, "{from} {to}");
        assert_eq!(axis.stretches(), [(ms(0), ms(30)), (ms(900), ms(920))]);
    }

    #[test]
    fn room_is_made_where_it_is_asked_for() {
        let moments: Vec<_> = (0..60).map(|n| ms(n * 3)).collect();
        let room = Room { from: ms(30), to: ms(36), width: 1_000 };
        let axis = Axis::new(moments, (0, 9_860), &[room]);
        assert!(axis.x(ms(36)) - axis.x(ms(30)) >= 950);
    }

    #[test]
    fn no_moment_at_all_still_gives_an_axis() {
        let axis = Axis::new(vec![], (100, 200), &[]);
        assert_eq!(xs(&axis, &[0, 1, 5]), [100, 200, 200]);
    }
}
