//! At most three snapshots of what the nodes hold: before the first fault, when they differ most,
//! at the end.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::{Cell, Duration, Instant, NodeId, NodeView, Row};

use super::canvas::epoch_sign;
use super::fold::Chosen;
use super::rows;
use super::sides::sides;
use crate::scene::Scene;
use crate::words;

/// A slot's content: index, value, epoch.
pub(super) type Slot = (u64, String, u64);

/// A moment at which the nodes are looked at.
#[derive(Clone, Debug)]
pub(super) struct Shot {
    pub(super) at: Instant,
    pub(super) title: String,
    pub(super) nodes: Vec<(NodeId, Option<Vec<Cell>>)>,
    /// Named values, where nodes are shown by these.
    pub(super) rows: Vec<(NodeId, Option<Vec<Row>>)>,
}

/// Chooses the moments and takes the snapshots. None if no node ever held anything.
pub(super) fn take(scene: &Scene<'_>, chosen: &Chosen) -> Vec<Shot> {
    if rows::is_by_rows(scene) {
        return rows::take(scene, chosen);
    }
    let fault = scene.first_fault().filter(|at| *at < chosen.to);
    let mut shots = Vec::new();
    let before = fault.map(|at| just_before(scene, chosen, at));
    if let Some(at) = before
        && chosen.from < at
    {
        shots.push(shot(scene, at, &format!("before the {}", first_fault_word(scene))));
    }
    let divergence = greatest_divergence(scene, chosen);
    if let Some(at) = divergence
        && before.is_none_or(|before| before < at)
        && at < chosen.end_shot
    {
        shots.push(shot(scene, at, &during(scene, at)));
    }
    shots.push(shot(scene, chosen.end_shot, &end_words(scene, chosen)));
    drop_what_shows_nothing(scene, &mut shots);
    shots
}

/// Empty logs are no news, and neither is what the next snapshot shows just so.
fn drop_what_shows_nothing(scene: &Scene<'_>, shots: &mut Vec<Shot>) {
    let is_empty =
        |shot: &Shot| shot.nodes.iter().all(|(_, log)| log.iter().flatten().count() == 0);
    let mut kept: Vec<Shot> = Vec::new();
    for shot in shots.drain(..).rev() {
        let is_same = kept.last().is_some_and(|next| {
            // Both say of the same slot that it differs, in the same way.
            let said = [&shot, next].map(|shot| {
                let alone = std::slice::from_ref(shot);
                sentence(scene, alone, 0, &committed(scene, shot.at))
            });
            next.nodes == shot.nodes || (said[0] == said[1] && next.title == shot.title)
        });
        if kept.is_empty() || !(is_same || is_empty(&shot)) {
            kept.push(shot);
        }
    }
    kept.reverse();
    *shots = kept;
}

fn shot(scene: &Scene<'_>, at: Instant, when: &str) -> Shot {
    let nodes = scene.trace.cast.ids().filter(|id| holds_cells(scene, *id)).map(|id| {
        let is_up = !scene.is_down(id, at);
        (id, is_up.then(|| scene.view(id, at).map_or_else(Vec::new, |view| view.cells.clone())))
    });
    let title = format!("{} {when}", scene.trace.lexicon.cells);
    Shot { at, title, nodes: nodes.collect(), rows: Vec::new() }
}

/// True if a node ever had numbered slots; others have no row.
fn holds_cells(scene: &Scene<'_>, id: NodeId) -> bool {
    scene.views.iter().any(|(node, _, view)| *node == id && !view.cells.is_empty())
}

fn first_fault_word(scene: &Scene<'_>) -> &'static str {
    let first = scene.first_fault();
    let trouble = scene.troubles.iter().find(|trouble| Some(trouble.from) == first);
    match trouble {
        Some(trouble) if sides(scene, trouble.view).is_some() => "partition",
        Some(_) => "fault",
        None => "crash",
    }
}

pub(super) fn during(scene: &Scene<'_>, at: Instant) -> String {
    let covers = |from: Instant, to: Option<Instant>| from <= at && to.is_none_or(|to| at <= to);
    let parted =
        |t: &&crate::scene::Trouble<'_>| sides(scene, t.view).is_some() && covers(t.from, t.to);
    if scene.troubles.iter().any(|trouble| parted(&trouble)) {
        return "during the partition".to_owned();
    }
    let down: Vec<NodeId> = scene
        .downs
        .iter()
        .filter(|down| covers(down.from, down.to))
        .map(|down| down.node)
        .collect();
    match down.as_slice() {
        [] => format!("at {}", words::moment(at)),
        [one] => format!("while {} is down", words::name(&scene.trace.cast, *one)),
        several => format!("while {} nodes are down", words::number(several.len())),
    }
}

pub(super) fn end_words(scene: &Scene<'_>, chosen: &Chosen) -> String {
    let partitions = scene.troubles.iter().filter(|trouble| sides(scene, trouble.view).is_some());
    let healed = partitions.filter_map(|t| t.to).any(|to| to <= chosen.to);
    let restarted = scene.downs.iter().filter_map(|down| down.to).any(|to| to <= chosen.to);
    let is_over = |from: Instant, to: Option<Instant>| {
        from > chosen.end_shot || to.is_some_and(|to| to <= chosen.end_shot)
    };
    let all_over = scene.troubles.iter().all(|trouble| is_over(trouble.from, trouble.to))
        && scene.downs.iter().all(|down| is_over(down.from, down.to));
    match (all_over, healed, restarted) {
        (true, true, _) => "after the heal".to_owned(),
        (true, false, true) => "after the restart".to_owned(),
        _ => during(scene, chosen.end_shot),
    }
}

/// Shortly before a fault, after whatever came before it.
fn just_before(scene: &Scene<'_>, chosen: &Chosen, fault: Instant) -> Instant {
    let drawn = chosen.messages.iter().flat_map(|i| super::fold::moments_of(scene, *i));
    let last = drawn.filter(|at| *at < fault).max().unwrap_or(chosen.from);
    let gap = (fault - last).as_nanos() / 3;
    Instant::from_nanos(fault.nanos().saturating_sub(gap.clamp(1, 12_000_000)))
}

/// The middle of the last stretch in which the nodes differ most.
fn greatest_divergence(scene: &Scene<'_>, chosen: &Chosen) -> Option<Instant> {
    const LOOKS_MAX: usize = 600;
    let stride = scene.views.len() / LOOKS_MAX + 1;
    let mut current: BTreeMap<NodeId, &NodeView> = BTreeMap::new();
    let mut best: Option<(usize, Instant, Instant)> = None;
    for (i, (node, at, view)) in scene.views.iter().enumerate() {
        current.insert(*node, view);
        let next = scene.views.get(i + 1).map_or(chosen.end_shot, |(_, next, _)| *next);
        if next == *at || *at > chosen.end_shot || i % stride != 0 {
            continue;
        }
        // At equal difference the time of the fault shows more.
        let differs = divergence(&current);
        let differs = differs + if differs > 0 && is_in_fault(scene, *at) { 9 } else { 0 };
        let until = next.min(chosen.end_shot);
        // Without a conflict only what a fault holds up is worth a look.
        let matters = differs >= CONFLICT || (differs > 0 && is_in_fault(scene, *at));
        if matters && best.is_none_or(|(most, ..)| differs >= most) {
            best = Some((differs, *at, until));
        }
    }
    best.map(|(_, from, until)| {
        let half = ((until - from).as_nanos() / 2).min(15_000_000);
        from + Duration::nanos(half)
    })
}

pub(super) fn is_in_fault(scene: &Scene<'_>, at: Instant) -> bool {
    let covers = |from: Instant, to: Option<Instant>| from <= at && to.is_none_or(|to| at < to);
    scene.troubles.iter().any(|trouble| covers(trouble.from, trouble.to))
        || scene.downs.iter().any(|down| covers(down.from, down.to))
}

/// A slot with two contents counts as much as this many that are only missing somewhere.
const CONFLICT: usize = 1_000;

/// How much the nodes differ: first by slots with several contents, then by how evenly the holders
/// are parted over these and whether one is committed, then by slots that some nodes lack.
fn divergence(views: &BTreeMap<NodeId, &NodeView>) -> usize {
    let last = |view: &NodeView| view.cells.last().map_or(0, |cell| cell.index);
    let mut slots: BTreeMap<u64, BTreeMap<(&str, u64), usize>> = BTreeMap::new();
    for cell in views.values().flat_map(|view| &view.cells) {
        *slots.entry(cell.index).or_default().entry((&cell.value, cell.epoch)).or_default() += 1;
    }
    let worth = |(index, contents): (&u64, &BTreeMap<(&str, u64), usize>)| {
        let holders: usize = contents.values().sum();
        let most = contents.values().max().copied().unwrap_or(0);
        match contents.len() {
            // Where there is a conflict it does not matter who has not heard of it yet.
            2.. => {
                let cells = views.values().flat_map(|view| &view.cells);
                let mut decided = cells.filter(|cell| cell.index == *index && cell.committed);
                CONFLICT + 10 * (holders - most) + if decided.next().is_some() { 30 } else { 0 }
            }
            // How many lack it does not matter: of equal moments the latest shows most.
            _ => usize::from(views.values().any(|view| last(view) < *index)),
        }
    };
    slots.iter().map(worth).sum()
}

/// Every slot that any node knew to be committed up to a moment.
pub(super) fn committed(scene: &Scene<'_>, upto: Instant) -> BTreeSet<Slot> {
    let mut committed = BTreeSet::new();
    for (_, at, view) in &scene.views {
        if *at <= upto {
            let known = view.cells.iter().rev().filter(|cell| cell.committed).take(64);
            committed.extend(known.map(slot));
        }
    }
    committed
}

pub(super) fn slot(cell: &Cell) -> Slot {
    (cell.index, cell.value.clone(), cell.epoch)
}

/// What there is to see in a snapshot, in one sentence.
pub(super) fn sentence(
    scene: &Scene<'_>,
    shots: &[Shot],
    which: usize,
    committed: &BTreeSet<Slot>,
) -> String {
    let shot = &shots[which];
    if !shot.rows.is_empty() {
        return rows::sentence(scene, shot);
    }
    let logs: Vec<&Vec<Cell>> = shot.nodes.iter().filter_map(|(_, cells)| cells.as_ref()).collect();
    let word = scene.trace.lexicon.cells.to_lowercase();
    let Some(index) = first_difference(&logs) else {
        let gone = replaced_before(shots, which);
        let worst = gone.iter().find(|slot| committed.contains(slot)).or(gone.first());
        return match (worst, logs.len()) {
            (Some(gone), _) if committed.contains(gone) => {
                format!("{} was committed, and is lost.", gone.1)
            }
            (Some(gone), _) => format!("{} was never committed, so nothing is lost.", gone.1),
            (None, 1) => format!("One of the {word} is left."),
            (None, 2) => format!("Both {word} agree."),
            (None, n) => format!("All {} {word} agree.", words::number(n)),
        };
    };
    let mut groups: Vec<(Option<Slot>, usize)> = Vec::new();
    for log in &logs {
        let here = log.iter().find(|cell| cell.index == index).map(slot);
        match groups.iter_mut().find(|(content, _)| *content == here) {
            Some((_, n)) => *n += 1,
            None => groups.push((here, 1)),
        }
    }
    let n = logs.len();
    groups.sort_by_key(|(content, _)| content.is_none());
    // Equal values of different epochs are different entries.
    let values: BTreeSet<&str> =
        groups.iter().flat_map(|(content, _)| content).map(|slot| slot.1.as_str()).collect();
    let is_clear = values.len() == groups.iter().filter(|(content, _)| content.is_some()).count();
    let named = |slot: &Slot| match epoch_sign(scene, slot.2) {
        sign if is_clear || sign.is_empty() => slot.1.clone(),
        sign => format!("{} of {sign}", slot.1),
    };
    let parts = groups.iter().map(|(content, k)| match content {
        Some(here) if committed.contains(here) => {
            format!("{} committed on {k} of {n}", named(here))
        }
        Some(here) => format!("{} on {k} of {n}", named(here)),
        None => format!("missing on {k} of {n}"),
    });
    let parts = parts.collect::<Vec<_>>().join(", ");
    format!("Slot {index} differs: {parts}.")
}

/// The first slot that is not the same on all.
pub(super) fn first_difference(logs: &[&Vec<Cell>]) -> Option<u64> {
    let cells = || logs.iter().flat_map(|log| log.iter());
    // Two contents of one slot are worth more than a log that is only behind.
    let differs =
        |cell: &&Cell| cells().any(|other| other.index == cell.index && slot(other) != slot(cell));
    if let Some(index) = cells().filter(differs).map(|cell| cell.index).min() {
        return Some(index);
    }
    // Not the one with the most slots: of another the first ones may be in a snapshot.
    let longest = logs.iter().max_by_key(|log| log.last().map(|cell| cell.index))?;
    longest.iter().find(|cell| !logs.iter().all(|log| has(log, &slot(cell)))).map(|cell| cell.index)
}

/// True if a log holds this slot, as far as it is shown: a view may leave slots in the middle out.
fn has(log: &[Cell], wanted: &Slot) -> bool {
    match log.iter().find(|cell| cell.index == wanted.0) {
        Some(cell) => slot(cell) == *wanted,
        None => log.last().is_some_and(|last| last.index > wanted.0),
    }
}

/// Slots of the snapshot before that hold something else now, each once.
fn replaced_before(shots: &[Shot], which: usize) -> Vec<Slot> {
    let mut gone = Vec::new();
    for (node, _) in &shots[which].nodes {
        for slot in replaced(shots, which, *node) {
            if !gone.contains(&slot) {
                gone.push(slot);
            }
        }
    }
    gone
}

/// What one node held in the snapshot before and has lost or replaced.
pub(super) fn replaced(shots: &[Shot], which: usize, node: NodeId) -> Vec<Slot> {
    let cells_in = |shot: &Shot| {
        shot.nodes.iter().find(|(id, _)| *id == node).and_then(|(_, cells)| cells.clone())
    };
    let Some(before) = which.checked_sub(1).and_then(|i| cells_in(&shots[i])) else {
        return Vec::new();
    };
    let Some(now) = cells_in(&shots[which]) else { return Vec::new() };
    before.iter().map(slot).filter(|slot| !has(&now, slot)).collect()
}
