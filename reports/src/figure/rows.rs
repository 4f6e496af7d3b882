//! Snapshots of named values: a table with a row for each node, where nodes hold no common log.

use sim_engine::{Instant, NodeId, Row, Tone, What};

use super::canvas::Canvas;
use super::fold::Chosen;
use super::layout::{RowCell, RowLine, RowTable};
use super::snapshots::{Shot, during, end_words, is_in_fault};
use super::text::{Font, cut};
use crate::scene::Scene;
use crate::svg::Px;
use crate::words;

/// No value is shown wider than this.
const VALUE_MAX: Px = 1_900;
/// Between two columns.
pub(super) const COLUMN_GAP: Px = 160;
/// What stands for no value.
const NOTHING: &str = "–";

/// True if nodes are shown by their named values: they have no slots, or none that others share.
pub(super) fn is_by_rows(scene: &Scene<'_>) -> bool {
    let has_cells = scene.views.iter().any(|(_, _, view)| !view.cells.is_empty());
    !has_cells || scene.trace.lexicon.epoch_sign.is_empty()
}

/// The last news during a fault, and the end.
pub(super) fn take(scene: &Scene<'_>, chosen: &Chosen) -> Vec<Shot> {
    let is_news = |(node, at, view): &&(NodeId, Instant, &sim_engine::NodeView)| {
        !scene.is_client(*node) && chosen.shows(*at) && !view.rows.is_empty()
    };
    let mut news = scene.views.iter().filter(is_news).map(|(_, at, _)| *at);
    let in_fault = news.clone().filter(|at| is_in_fault(scene, *at)).max();
    if news.next().is_none() {
        return Vec::new();
    }
    // Where nothing is news while a fault lasts, that is what there is to see; and where nothing is
    // wrong, what the scenario looks at first.
    let in_fault =
        in_fault.or_else(|| middle_of_fault(scene, chosen)).or_else(|| first_look(scene, chosen));
    let mut shots = Vec::new();
    if let Some(at) = in_fault.filter(|at| *at < chosen.end_shot) {
        let when = words::capital(&during(scene, at));
        shots.push(shot(scene, at, when));
    }
    shots.push(shot(scene, chosen.end_shot, words::capital(&end_words(scene, chosen))));
    if shots.len() == 2 && shots[0].rows == shots[1].rows {
        shots.remove(0);
    }
    shots
}

/// The first moment at which the scenario itself looks at everybody.
fn first_look(scene: &Scene<'_>, chosen: &Chosen) -> Option<Instant> {
    let is_look = |what: &What| matches!(what, What::Step { did, .. } if did == "look");
    let mut looks = scene.events().filter(|event| is_look(&event.what) && chosen.shows(event.at));
    looks.next().map(|event| event.at)
}

/// The middle of the first fault in the picture.
fn middle_of_fault(scene: &Scene<'_>, chosen: &Chosen) -> Option<Instant> {
    let downs = scene.downs.iter().filter(|down| down.is_crash).map(|down| (down.from, down.to));
    let troubles = scene.troubles.iter().map(|trouble| (trouble.from, trouble.to));
    let first = downs.chain(troubles).filter(|(from, _)| chosen.shows(*from)).min()?;
    let to = first.1.unwrap_or(chosen.to).min(chosen.to);
    Some(Instant::from_nanos(first.0.nanos().midpoint(to.nanos())))
}

fn shot(scene: &Scene<'_>, at: Instant, title: String) -> Shot {
    let nodes = scene.trace.cast.ids().filter(|id| !scene.is_client(*id));
    let rows = nodes.map(|id| {
        if scene.is_down(id, at) {
            return (id, scene.asleep(id, at).map(|view| view.rows.clone()));
        }
        (id, Some(scene.view(id, at).map_or_else(Vec::new, |view| view.rows.clone())))
    });
    Shot { at, title, nodes: Vec::new(), rows: rows.collect() }
}

/// The table of a snapshot: columns in the order in which the nodes name their values.
pub(super) fn table(canvas: &Canvas<'_, '_>, shot: &Shot) -> RowTable {
    let mut heads: Vec<&'static str> = Vec::new();
    for row in shot.rows.iter().filter_map(|(_, rows)| rows.as_ref()).flatten() {
        let is_known = heads.contains(&row.name);
        if !is_known && says_something(shot, row.name) {
            heads.push(row.name);
        }
    }
    let font = Font::CELL;
    let cell = |rows: &[Row], head: &str| {
        let row = rows.iter().find(|row| row.name == head);
        let value = row.map_or(NOTHING, |row| row.value.as_str());
        let text = cut(value, font, VALUE_MAX);
        RowCell { text, tone: row.map_or(Tone::Plain, |row| row.tone) }
    };
    let lines: Vec<RowLine> = shot
        .rows
        .iter()
        .map(|(node, rows)| RowLine {
            name: cut(&words::name(&canvas.scene.trace.cast, *node), font, 1_000),
            cells: rows.as_ref().map(|rows| heads.iter().map(|h| cell(rows, h)).collect()),
        })
        .collect();
    let widths = heads.iter().enumerate().map(|(i, head)| {
        let texts = lines.iter().filter_map(|line| Some(line.cells.as_ref()?[i].text.as_str()));
        let wide = texts.map(|text| font.width(text) + 160).max().unwrap_or(0);
        wide.max(Font::LEGEND.width(head) + 40)
    });
    let widths = widths.collect();
    RowTable { heads: heads.iter().map(|head| (*head).to_owned()).collect(), widths, lines }
}

/// True if some node has a value of this name.
fn says_something(shot: &Shot, head: &str) -> bool {
    let rows = shot.rows.iter().filter_map(|(_, rows)| rows.as_ref()).flatten();
    rows.filter(|row| row.name == head).any(|row| !row.value.is_empty() && row.value != NOTHING)
}

/// How the nodes stand at the moment of a snapshot, in one sentence.
pub(super) fn sentence(scene: &Scene<'_>, shot: &Shot) -> String {
    let mut groups: Vec<(&str, Vec<String>)> = Vec::new();
    for (node, rows) in &shot.rows {
        let is_up = rows.is_some() && !scene.is_down(*node, shot.at);
        let standing = scene.standing(*node, shot.at).filter(|_| is_up);
        let role = standing.map_or("down", |standing| standing.role);
        let name = words::name(&scene.trace.cast, *node);
        match groups.iter_mut().find(|(known, _)| *known == role) {
            Some((_, names)) => names.push(name),
            None => groups.push((role, vec![name])),
        }
    }
    let parts: Vec<String> =
        groups.iter().map(|(role, names)| format!("{}: {role}", words::and_list(names))).collect();
    format!("{}.", parts.join("; "))
}
