//! Demands on the order of versions, and the shortest circle among them.

use std::collections::{BTreeMap, VecDeque};

use super::session::Guarantee;

/// A version: the operation that wrote it, or what was there at the start.
pub(super) type Version = Option<u32>;

/// One version must come before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) from: Version,
    pub(super) to: Version,
    /// The guarantee that demands it; nothing where it cannot be otherwise.
    pub(super) by: Option<Guarantee>,
    /// The operations of one client that make it.
    pub(super) because: [u32; 2],
}

/// The shortest circle, if there is one: demands that no order keeps.
pub(super) fn circle(demands: &[Demand]) -> Option<Vec<Demand>> {
    let mut leaving: BTreeMap<Version, Vec<usize>> = BTreeMap::new();
    for (at, demand) in demands.iter().enumerate() {
        leaving.entry(demand.from).or_default().push(at);
    }
    let on_circles = on_circles(demands, &leaving);
    let mut shortest: Option<Vec<usize>> = None;
    for (at, demand) in demands.iter().enumerate() {
        if !on_circles.contains_key(&demand.from) || !on_circles.contains_key(&demand.to) {
            continue;
        }
        if let Some(mut way) = way(demands, &leaving, demand.to, demand.from) {
            way.push(at);
            let is_shorter = shortest.as_ref().is_none_or(|known| way.len() < known.len());
            if is_shorter {
                shortest = Some(way);
            }
        }
        // No circle is shorter.
        if shortest.as_ref().is_some_and(|known| known.len() == 2) {
            break;
        }
    }
    shortest.map(|way| way.into_iter().map(|at| demands[at]).collect())
}

/// The versions that are left when those that nothing comes before are taken away, again and again:
/// those on circles, and those after them.
fn on_circles(
    demands: &[Demand],
    leaving: &BTreeMap<Version, Vec<usize>>,
) -> BTreeMap<Version, usize> {
    let mut before: BTreeMap<Version, usize> = BTreeMap::new();
    for demand in demands {
        before.entry(demand.from).or_default();
        *before.entry(demand.to).or_default() += 1;
    }
    let free = before.iter().filter(|(_, n)| **n == 0).map(|(version, _)| *version);
    let mut free: Vec<Version> = free.collect();
    while let Some(version) = free.pop() {
        before.remove(&version);
        for at in leaving.get(&version).map(Vec::as_slice).unwrap_or_default() {
            let to = demands[*at].to;
            if let Some(n) = before.get_mut(&to) {
                *n -= 1;
                if *n == 0 {
                    free.push(to);
                }
            }
        }
    }
    before
}

/// The shortest way from one version to another, as demands.
fn way(
    demands: &[Demand],
    leaving: &BTreeMap<Version, Vec<usize>>,
    from: Version,
    to: Version,
) -> Option<Vec<usize>> {
    let mut came_by: BTreeMap<Version, usize> = BTreeMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(version) = waiting.pop_front() {
        for at in leaving.get(&version).map(Vec::as_slice).unwrap_or_default() {
            let next = demands[*at].to;
            if next != from && !came_by.contains_key(&next) {
                came_by.insert(next, *at);
                waiting.push_back(next);
            }
        }
        if came_by.contains_key(&to) {
            break;
        }
    }
    let (mut way, mut at) = (Vec::new(), to);
    while at != from {
        let by = *came_by.get(&at)?;
        way.push(by);
        at = demands[by].from;
    }
    way.reverse();
    Some(way)
}
