//! The part of a run that is told: all of it, or the span that matters where it is too much for one
//! picture.

use sim_engine::{Duration, Instant, RoleClass, What};

use crate::scene::Scene;

/// More changes of standing and more faults than this are too much for one picture.
const CHANGES_MAX: usize = 26;
const FAULTS_MAX: usize = 5;
/// How much of the calm before the first fault is shown.
const PRELUDE: Duration = Duration::millis(120);

/// A span of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: Instant,
    pub(crate) to: Instant,
}

impl Window {
    /// The span that matters: up to the first violation, or from shortly before the first fault on.
    pub(crate) fn of(scene: &Scene<'_>) -> Self {
        let first = scene.trace.events.first().map_or(Instant::ZERO, |event| event.at);
        let start = if scene.trace.forgotten == 0 { Instant::ZERO } else { first };
        let end =
            scene.events().map(|event| event.at).fold(scene.trace.end.max(start), Instant::max);
        if let Some((from, to)) = around_violation(scene, start, end) {
            return Self { from, to };
        }
        let from = match scene.first_fault() {
            Some(fault) if has_changes(scene, start, fault) => prelude(scene, fault).max(start),
            Some(_) | None => start,
        };
        let marks = marks(scene);
        let mut to = end;
        for (kind, most) in [(Mark::Change, CHANGES_MAX), (Mark::Fault, FAULTS_MAX)] {
            let mut later = marks.iter().filter(|(at, mark)| *mark == kind && *at > from);
            if let Some((at, _)) = later.nth(most) {
                to = to.min(Instant::from_nanos(at.nanos() - 1));
            }
        }
        Self { from, to }
    }

    pub(crate) fn holds(self, at: Instant) -> bool {
        self.from <= at && at <= self.to
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Change,
    Fault,
}

/// Changes of standing and begins of faults, in order.
fn marks(scene: &Scene<'_>) -> Vec<(Instant, Mark)> {
    let changes = scene
        .stands
        .iter()
        .filter(|stand| stand.standing.class != RoleClass::Asking)
        .map(|stand| (stand.from, Mark::Change));
    let faults = scene.troubles.iter().map(|trouble| (trouble.from, Mark::Fault));
    let downs = scene.downs.iter().map(|down| (down.from, Mark::Fault));
    let mut marks: Vec<_> = changes.chain(faults).chain(downs).collect();
    marks.sort_unstable();
    marks
}

/// True if anybody changed its standing after the start and before the fault.
fn has_changes(scene: &Scene<'_>, start: Instant, fault: Instant) -> bool {
    marks(scene).iter().any(|(at, mark)| *mark == Mark::Change && start < *at && *at < fault)
}

/// Shortly before the first fault, with what the scenario says before it.
fn prelude(scene: &Scene<'_>, fault: Instant) -> Instant {
    let before = |at: Instant, length: Duration| {
        Instant::from_nanos(at.nanos().saturating_sub(length.as_nanos()))
    };
    let said = scene.events().filter(|event| event.at < fault).find_map(|event| {
        matches!(&event.what, What::Step { say: Some(_), .. })
            .then(|| before(event.at, Duration::millis(10)))
    });
    let calm = before(fault, PRELUDE);
    said.map_or(calm, |said| said.min(calm))
}

/// From far enough before the first violation to shortly after it.
fn around_violation(scene: &Scene<'_>, start: Instant, end: Instant) -> Option<(Instant, Instant)> {
    let mut violated =
        scene.events().filter(|event| matches!(event.what, What::Violated { .. })).map(|e| e.at);
    let first = violated.next()?;
    let all = marks(scene);
    // Whatever else broke soon after shows what the first break led to.
    let is_near = |at: &Instant| {
        all.iter().filter(|(mark, _)| first < *mark && *mark <= *at).count() <= CHANGES_MAX / 2
    };
    let last = violated.filter(is_near).max().unwrap_or(first).max(first);
    let to = end.min(last + Duration::millis(30));
    let marks: Vec<_> = all.into_iter().filter(|(at, _)| *at <= last).collect();
    let mut from = start;
    for (kind, most) in [(Mark::Change, CHANGES_MAX), (Mark::Fault, FAULTS_MAX)] {
        let mut earlier = marks.iter().rev().filter(|(_, mark)| *mark == kind);
        if let Some((at, _)) = earlier.nth(most) {
            from = from.max(Instant::from_nanos(at.nanos() + 1));
        }
    }
    let to = until_recovery(scene, (from, last), end).unwrap_or(to);
    Some((from, to.max(from)))
}

/// Up to the last news of the run, if a fault that was on when a promise broke ends in it and all
/// of that is not too much for one picture: how it ended belongs to the story.
fn until_recovery(
    scene: &Scene<'_>,
    (from, broken): (Instant, Instant),
    end: Instant,
) -> Option<Instant> {
    let downs = scene.downs.iter().map(|down| (down.from, down.to));
    let troubles = scene.troubles.iter().map(|trouble| (trouble.from, trouble.to));
    let mut faults = downs.chain(troubles);
    if !faults.any(|(began, over)| began < broken && over.is_some_and(|over| broken < over)) {
        return None;
    }
    let marks = marks(scene);
    let count = |kind| marks.iter().filter(|(at, mark)| *mark == kind && from <= *at).count();
    if count(Mark::Change) > CHANGES_MAX || count(Mark::Fault) > FAULTS_MAX {
        return None;
    }
    let looks = scene.events().filter(|event| matches!(event.what, What::Step { .. }));
    let ends = scene.ops.iter().filter_map(|op| op.end.map(|(at, ..)| at));
    let news = marks.iter().map(|(at, _)| *at).chain(looks.map(|event| event.at)).chain(ends);
    news.max().map(|last| end.min(last + Duration::millis(30)))
}
