//! The tables of snapshots: which slots fit, where the tables stand, what is noted beside a row.

use std::collections::BTreeSet;

use sim_engine::{Cell, NodeId};

use super::canvas::{Canvas, epoch_sign};
use super::geometry::count_px;
use super::layout::{Snapshot, SnapshotCell, SnapshotRow};
use super::rows::{self, COLUMN_GAP};
use super::snapshots::{Shot, Slot, committed, first_difference, replaced, sentence, slot};
use super::text::{Font, cut, wrap};
use crate::svg::Px;
use crate::words;

const ROW: Px = 250;
const CELL_GAP: Px = 60;
const GAP_WIDTH: Px = 220;
/// More slots than this are never shown side by side.
const FIT_MAX: usize = 7;
/// Cells are at most this wide; longer values are cut.
const CELL_MAX: Px = 1_300;
/// Names of rows are at most this wide.
const NAME_MAX: Px = 1_000;
/// Rings of snapshots are at least this far apart.
const RINGS_APART: Px = 220;
const NOTE_FONT: Font = Font::new(115, 400);

/// Places the dotted lines and the rings of the snapshots, so that other marks can keep clear.
pub(super) fn place_lines(canvas: &mut Canvas<'_, '_>, shots: &[Shot]) {
    let bottom = canvas.lanes.bottom;
    let (axis_y, right) = (canvas.layout.axis.y, canvas.layout.axis.right);
    for (shot, letter) in shots.iter().zip('A'..='Z') {
        let line_x = canvas.axis.x(shot.at).min(right - 60);
        canvas.layout.snapshots.push(Snapshot {
            letter,
            line_x,
            line_top: axis_y + 60,
            line_bottom: bottom + 30,
            ring: (line_x, bottom + 130),
            x: 0,
            y: 0,
            title: shot.title.clone(),
            rows: Vec::new(),
            table: None,
            sentence: Vec::new(),
            name_width: 0,
            cell_width: 0,
        });
    }
    part_rings(canvas);
}

/// Moves rings apart that would lie on each other; their lines stay where they are.
fn part_rings(canvas: &mut Canvas<'_, '_>) {
    let shots = &mut canvas.layout.snapshots;
    for i in 1..shots.len() {
        let lack = RINGS_APART - (shots[i].ring.0 - shots[i - 1].ring.0);
        if lack > 0 {
            shots[i - 1].ring.0 -= lack / 2;
            shots[i].ring.0 += lack - lack / 2;
        }
    }
}

/// Fills the tables in and puts them side by side below `top`. Returns where they end.
pub(super) fn place_tables(canvas: &mut Canvas<'_, '_>, shots: &[Shot], top: Px) -> Px {
    if shots.is_empty() {
        return top;
    }
    let (left, right) = (canvas.layout.axis.left, canvas.layout.width - 280);
    let column = (right - left) / count_px(shots.len());
    let mut widths = Vec::new();
    let room = right - left - 250 * count_px(shots.len() - 1);
    // As many slots as fit side by side; where not even one does, with shorter values.
    let fits = (1..=FIT_MAX).rev().map(|fit| (fit, CELL_MAX));
    for size in fits.chain([(1, 1_000), (1, 800), (1, 600)]) {
        for which in 0..shots.len() {
            fill(canvas, (shots, which), size);
        }
        widths = canvas.layout.snapshots.iter().map(width).collect();
        if widths.iter().sum::<Px>() <= room {
            break;
        }
    }
    let sentences: Vec<String> = (0..shots.len())
        .map(|i| sentence(canvas.scene, shots, i, &committed(canvas.scene, shots[i].at)))
        .collect();
    let in_one_line = sentences.iter().zip(&widths);
    let in_one_line: Px = in_one_line.map(|(words, w)| Font::NOTE.width(words).max(*w)).sum();
    let is_tight = widths.iter().any(|width| *width > column - 200);
    let wrapped = if is_tight { column * 2 / 3 } else { column - 200 };
    let most = if in_one_line <= room { room } else { wrapped };
    let mut bottom = top;
    for (i, (shot, words)) in shots.iter().zip(&sentences).enumerate() {
        let lines = wrap(words, Font::NOTE, most.max(widths[i]), 2);
        let lines_of_table =
            shot.nodes.len().max(shot.rows.len() + usize::from(!shot.rows.is_empty()));
        let height =
            440 + ROW * count_px(lines_of_table) + 170 * count_px(lines.len().saturating_sub(1));
        bottom = bottom.max(top + height);
        let table = &mut canvas.layout.snapshots[i];
        table.y = top;
        widths[i] = lines.iter().map(|line| Font::NOTE.width(line)).fold(widths[i], Px::max);
        table.sentence = lines;
    }
    let total: Px = widths.iter().sum();
    let n = count_px(shots.len());
    let gap = if n > 1 { ((right - left - total) / (n - 1)).clamp(0, 1_400) } else { 0 };
    let mut x = left;
    for (table, width) in canvas.layout.snapshots.iter_mut().zip(widths) {
        table.x = x;
        x += width + gap;
    }
    bottom
}

/// How wide a table is, with its notes and its title.
pub(super) fn width(table: &Snapshot) -> Px {
    if let Some(rows) = &table.table {
        let columns: Px = rows.widths.iter().map(|width| width + COLUMN_GAP).sum();
        let title = Font::TABLE.width(&table.title) + 300;
        return (table.name_width + 200 + columns).max(title);
    }
    let rows = table.rows.iter().map(|row| {
        let cells: Px = row.cells.iter().map(|cell| cell_width(table, cell) + CELL_GAP).sum();
        table.name_width + 100 + cells + 20 + NOTE_FONT.width(&row.note)
    });
    rows.max().unwrap_or(0).max(Font::TABLE.width(&table.title) + 300)
}

pub(super) const fn cell_width(table: &Snapshot, cell: &SnapshotCell) -> Px {
    match cell {
        SnapshotCell::Slot { .. } => table.cell_width,
        SnapshotCell::Gap => GAP_WIDTH,
    }
}

/// Fills in a table with so many slots, each at most so wide.
fn fill(
    canvas: &mut Canvas<'_, '_>,
    (shots, which): (&[Shot], usize),
    (fit, cell_max): (usize, Px),
) {
    let shot = &shots[which];
    let scene = canvas.scene;
    if !shot.rows.is_empty() {
        let table = rows::table(canvas, shot);
        let names = table.lines.iter().map(|line| Font::new(125, 600).width(&line.name));
        let snapshot = &mut canvas.layout.snapshots[which];
        snapshot.name_width = names.max().unwrap_or(0);
        snapshot.table = Some(table);
        return;
    }
    let committed = &committed(scene, shot.at);
    let cast = &scene.trace.cast;
    let font = Font::new(125, 600);
    let name = |id: &NodeId| cut(&words::name(cast, *id), font, NAME_MAX);
    let names: Vec<String> = shot.nodes.iter().map(|(id, _)| name(id)).collect();
    let name_width = names.iter().map(|name| font.width(name)).max().unwrap_or(0);
    let logs: Vec<&Vec<Cell>> = shot.nodes.iter().filter_map(|(_, cells)| cells.as_ref()).collect();
    let cells = logs.iter().flat_map(|log| log.iter());
    let cell_width = cells.map(|cell| needed(cell, scene)).max().unwrap_or(0).clamp(500, cell_max);
    let notes: Vec<String> =
        (0..shot.nodes.len()).map(|row| note(shots, which, row, committed)).collect();
    let indices = indices(&logs, fit);
    let rows =
        shot.nodes.iter().zip(names).zip(notes).map(|(((_, log), name), note)| SnapshotRow {
            name,
            cells: log
                .as_ref()
                .map_or_else(Vec::new, |log| row(log, &indices, (scene, cell_width), committed)),
            note,
        });
    let rows = rows.collect();
    let table = &mut canvas.layout.snapshots[which];
    table.rows = rows;
    table.name_width = name_width;
    table.cell_width = cell_width;
}

fn needed(cell: &Cell, scene: &crate::scene::Scene<'_>) -> Px {
    Font::CELL.width(&cell.value) + beside_value(cell, scene)
}

/// What a cell needs for its index, its epoch and some air.
fn beside_value(cell: &Cell, scene: &crate::scene::Scene<'_>) -> Px {
    let epoch = Font::new(110, 600).width(&epoch_sign(scene, cell.epoch));
    Font::new(110, 500).width(&cell.index.to_string()) + epoch + 340
}

/// The slots that are shown: all, or the first, and from where the logs differ on to the last.
fn indices(logs: &[&Vec<Cell>], fit: usize) -> Vec<Option<u64>> {
    let all: BTreeSet<u64> =
        logs.iter().flat_map(|log| log.iter().map(|cell| cell.index)).collect();
    let all: Vec<u64> = all.into_iter().collect();
    if all.len() <= fit {
        return all.into_iter().map(Some).collect();
    }
    // The dots before and behind take about as much room as one slot.
    let with_first = fit >= 5;
    let keep = fit.saturating_sub(if with_first { 2 } else { 1 }).clamp(1, 4);
    let differs = first_difference(logs).and_then(|index| all.iter().position(|i| *i == index));
    let last = all.len() - keep;
    let from = differs.map_or(last, |place| place.min(last)).max(1);
    let mut shown = Vec::new();
    if with_first {
        shown.push(Some(all[0]));
    }
    if from > 1 || !with_first {
        shown.push(None);
    }
    shown.extend(all[from..(from + keep).min(all.len())].iter().copied().map(Some));
    if from + keep < all.len() {
        shown.push(None);
    }
    shown
}

fn row(
    log: &[Cell],
    indices: &[Option<u64>],
    (scene, cell_width): (&crate::scene::Scene<'_>, Px),
    committed: &BTreeSet<Slot>,
) -> Vec<SnapshotCell> {
    let last = log.last().map_or(0, |cell| cell.index);
    let mut row = Vec::new();
    for (place, index) in indices.iter().enumerate() {
        let Some(index) = index else {
            // No dots behind the end of a shorter log.
            let before = indices[..place].iter().flatten().max().copied().unwrap_or(0);
            if last > before {
                row.push(SnapshotCell::Gap);
            }
            continue;
        };
        let Some(cell) = log.iter().find(|cell| cell.index == *index) else { continue };
        row.push(SnapshotCell::Slot {
            index: cell.index,
            value: cut(&cell.value, Font::CELL, cell_width - beside_value(cell, scene) + 140),
            epoch: cell.epoch,
            sign: epoch_sign(scene, cell.epoch),
            committed: cell.committed || committed.contains(&slot(cell)),
        });
    }
    row
}

/// What is said beside a row: down, replaced, or committed where the rows differ.
fn note(shots: &[Shot], which: usize, row: usize, committed: &BTreeSet<Slot>) -> String {
    let shot = &shots[which];
    let (node, cells) = &shot.nodes[row];
    let Some(cells) = cells else { return "down".to_owned() };
    if let Some(gone) = replaced(shots, which, *node).first() {
        return format!("replaced {}", gone.1);
    }
    let logs: Vec<&Vec<Cell>> = shot.nodes.iter().filter_map(|(_, cells)| cells.as_ref()).collect();
    let Some(index) = first_difference(&logs) else { return String::new() };
    let here = |cells: &[Cell]| cells.iter().find(|cell| cell.index == index).map(slot);
    let above = row.checked_sub(1).and_then(|above| shot.nodes[above].1.as_ref());
    let is_new = above.is_none_or(|above| here(above) != here(cells));
    // Where it is not the last one in the row, the note says which slot it means.
    let is_last = cells.last().is_some_and(|last| last.index == index);
    let which = if is_last { String::new() } else { format!("slot {index} ") };
    match here(cells) {
        Some(held) if is_new && committed.contains(&held) => format!("{which}committed"),
        Some(_) if is_new => format!("{which}not committed"),
        Some(_) | None => String::new(),
    }
}
