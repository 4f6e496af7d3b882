//! Two summaries of neighbouring seeds become one, wherever the seeds were cut.

use super::summary::{FaultTally, Panicked, SweepSummary, Timing, Violated};

/// Adds the counts of `later` to `whole`. The verdict is not made anew, and the ranges must fit:
/// both are the caller's.
pub fn append(whole: &mut SweepSummary, later: &SweepSummary) {
    whole.seeds.from = whole.seeds.from.min(later.seeds.from);
    whole.seeds.to = whole.seeds.to.max(later.seeds.to);
    whole.seeds.run += later.seeds.run;
    for violated in &later.violated {
        append_violated(whole, violated);
    }
    whole.panicked = earlier(whole.panicked.take(), later.panicked.clone());
    for (sum, more) in whole.promises.iter_mut().zip(&later.promises) {
        sum.held += more.held;
        sum.violated += more.violated;
        sum.not_exercised += more.not_exercised;
        sum.undecided += more.undecided;
        sum.suspended += more.suspended;
    }
    for (name, n) in &later.milestones {
        *whole.milestones.entry(name.clone()).or_default() += n;
    }
    for fault in &later.faults {
        append_fault(whole, fault);
    }
    for (promise, faults) in &later.promise_by_fault {
        let row = whole.promise_by_fault.entry(promise.clone()).or_default();
        for (fault, cell) in faults {
            let sum = row.entry(fault.clone()).or_default();
            sum.held += cell.held;
            sum.violated += cell.violated;
        }
    }
    whole.operations.ok += later.operations.ok;
    whole.operations.failed += later.operations.failed;
    whole.operations.unknown += later.operations.unknown;
    for (sum, more) in whole.steps.iter_mut().zip(&later.steps) {
        sum.acted += more.acted;
    }
    whole.limited += later.limited;
    whole.digest = sum_of_digests(&whole.digest, &later.digest);
    append_timing(&mut whole.timing, &later.timing);
}

/// The fingerprints of runs are added up, so that their order does not matter.
fn sum_of_digests(one: &str, other: &str) -> String {
    let read = |text| u64::from_str_radix(text, 16).unwrap_or_default();
    format!("{:016x}", read(one).wrapping_add(read(other)))
}

/// Broken promises stay in the protocol's order.
fn append_violated(whole: &mut SweepSummary, later: &Violated) {
    if let Some(known) = whole.violated.iter_mut().find(|known| known.promise == later.promise) {
        let seeds = known.seeds + later.seeds;
        if later.first_seed < known.first_seed {
            known.clone_from(later);
        }
        known.seeds = seeds;
        return;
    }
    let order = |name: &str| whole.promises.iter().position(|promise| promise.name == name);
    let own = order(&later.promise);
    let place = whole.violated.iter().position(|known| order(&known.promise) > own);
    whole.violated.insert(place.unwrap_or(whole.violated.len()), later.clone());
}

/// Faults stay in the order of their kinds.
fn append_fault(whole: &mut SweepSummary, later: &FaultTally) {
    match whole.faults.binary_search_by(|known| known.kind.cmp(&later.kind)) {
        Ok(place) => {
            let sum = &mut whole.faults[place];
            sum.armed += later.armed;
            sum.acted += later.acted;
            sum.seeds += later.seeds;
        }
        Err(place) => whole.faults.insert(place, later.clone()),
    }
}

fn earlier(one: Option<Panicked>, other: Option<Panicked>) -> Option<Panicked> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let seeds = one.seeds + other.seeds;
            let first = if other.first_seed < one.first_seed { other } else { one };
            Some(Panicked { seeds, ..first })
        }
        (one, other) => one.or(other),
    }
}

/// Shards may run side by side: the whole takes as long as the longest of them.
fn append_timing(whole: &mut Timing, later: &Timing) {
    whole.wall_s = whole.wall_s.max(later.wall_s);
    whole.cpu_s.0 += later.cpu_s.0;
    whole.jobs += later.jobs;
    whole.seeds_per_second += later.seeds_per_second;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::sample;

    #[test]
    fn the_order_in_which_parts_are_added_does_not_matter() {
        let parts = sample::parts();
        let add = |order: [usize; 3]| {
            let mut whole = parts[order[0]].clone();
            order[1..].iter().for_each(|place| append(&mut whole, &parts[*place]));
            whole
        };
        let whole = add([0, 1, 2]);
        for order in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            assert_eq!(add(order), whole, "{order:?}");
        }
        assert_eq!((whole.seeds.from, whole.seeds.to, whole.seeds.run), (0, 30, 30));
        let first: Vec<_> = whole.violated.iter().map(|v| (&*v.promise, v.first_seed)).collect();
        assert_eq!(first, [("one-leader", 4), ("durability", 12)]);
        assert_eq!(whole.violated[0].seeds, 3);
        assert_eq!(whole.panicked.as_ref().map(|panic| panic.first_seed), Some(25));
        assert_eq!(whole.digest, "0000000000000003");
    }
}
