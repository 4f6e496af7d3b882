//! The figure: a space-time diagram of a run, laid out from its trace alone.
//!
//! First everything gets its place (the layout), in whole tenths of a pixel; then it is drawn. Hue
//! is the epoch, bar height the role, red a fault, dashed what did not arrive, a black disc a step
//! of the story.

mod axis;
mod bars;
mod blocks;
mod bursts;
mod canvas;
mod chain;
mod clients;
mod collisions;
mod draw;
mod faults;
mod fold;
pub(crate) mod geometry;
mod ills;
mod labels;
mod lanes;
mod layout;
mod legend;
mod losses;
mod marks;
mod messages;
mod moments;
mod pace;
mod pick;
mod plan;
mod poster;
mod preset;
mod rows;
mod sides;
mod snapshots;
mod storage;
mod table;
mod tables;
pub(crate) mod text;
pub(crate) mod theme;
mod ticks;
mod walls;

use crate::report::Report;
use crate::svg::Px;
use canvas::Canvas;
use layout::Layout;
pub use preset::{Options, Preset, Theme};

/// A drawn figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The SVG document.
    pub svg: String,
    /// The labels that found no room. Their text is still in the titles of their arrows.
    pub labels_omitted: Vec<String>,
    /// Pairs of words, and of words and marks, that lie on each other.
    pub collisions: Vec<String>,
}

/// Draws a run; on a poster, beside the run it is contrasted with.
pub fn render(report: &Report, options: &Options) -> Figure {
    let figure = drawn(report, options);
    let svg = match options.theme {
        Theme::Auto => return figure,
        Theme::Light => theme::without_rules(&figure.svg),
        Theme::Dark => theme::darkened(&figure.svg),
    };
    Figure { svg, ..figure }
}

fn drawn(report: &Report, options: &Options) -> Figure {
    if let Some(contrast) = report.contrast.as_ref().filter(|_| options.preset == Preset::Poster) {
        return poster::render(report, contrast, options);
    }
    // A poster of one run is a wide figure.
    let is_alone = options.preset == Preset::Poster;
    let preset = if is_alone { Preset::Figure } else { options.preset };
    let layout = lay_out(report, preset);
    let svg = draw::draw(&[(&layout, 0)], &options.id_prefix);
    let collisions = layout.collisions();
    Figure { svg, labels_omitted: layout.omitted, collisions }
}

/// Gives everything its place: in the first of several ways in which all words find room.
pub(crate) fn lay_out(report: &Report, preset: Preset) -> Layout {
    plan::best(&[report], preset).into_iter().next().unwrap_or_default()
}

/// Moves everything that depends on the number of lines above it to its height.
fn set_heights(canvas: &mut Canvas<'_, '_>) {
    let titles = geometry::count_px(canvas.layout.title.len().max(1));
    let subtitles = geometry::count_px(canvas.layout.subtitle.len().max(1));
    let axis_y = 900 + 260 * (titles - 1) + 170 * (subtitles - 1);
    let brackets = if faults::has_brackets(canvas.scene) { 260 } else { 0 };
    let top = axis_y + 140 + brackets;
    for lane in &mut canvas.lanes.list {
        lane.y += top;
    }
    canvas.lanes.bottom += top;
    canvas.layout.axis.y = axis_y;
    canvas.layout.axis.grid = (axis_y + 140, canvas.lanes.bottom);
    canvas.layout.axis.ticks = ticks::ticks(&canvas.axis);
    canvas.layout.axis.breaks =
        canvas.axis.breaks().map(|(from, to)| canvas::mid(from, to)).collect();
    canvas.layout.lanes = canvas.lanes.list.clone();
    let bottom = canvas.lanes.bottom;
    canvas.obstacles.bounds.y = axis_y + 80;
    canvas.obstacles.bounds.h = bottom - axis_y;
}

/// Places what stands on lanes: what is fixed first, what can give way last.
fn place_plot(canvas: &mut Canvas<'_, '_>, report: &Report, shots: &[snapshots::Shot]) {
    let (axis_y, bottom) = (canvas.layout.axis.y, canvas.lanes.bottom);
    tables::place_lines(canvas, shots);
    bars::place_bars(canvas);
    walls::place_walls(canvas);
    faults::place_bands(canvas);
    faults::place_brackets(canvas, axis_y + 230);
    ills::place_ills(canvas);
    let outside = clients::place_ops(canvas);
    let pending = messages::place_arrows(canvas);
    clients::name_ops(canvas, &outside);
    marks::place_diamonds(canvas);
    marks::place_violations(canvas, (axis_y + 60, bottom));
    bars::place_words(canvas);
    marks::place_discs(canvas);
    marks::name_violations(canvas, &report.promises);
    walls::guard_edges(canvas);
    messages::place_lost_names(canvas, &pending.lost);
    marks::place_timers(canvas);
    storage::place_stored(canvas);
    ills::name_ills(canvas);
    chain::place_chain(canvas);
    walls::name_walls(canvas);
    let (tags, omitted) = labels::place(&mut canvas.obstacles, pending.labels);
    canvas.layout.tags.extend(tags);
    canvas.layout.omitted.extend(omitted);
    marks::place_folds(canvas);
    walls::shade_grounds(canvas);
}

/// Places what stands below the plot.
fn place_blocks(
    canvas: &mut Canvas<'_, '_>,
    report: &Report,
    preset: Preset,
    shots: &[snapshots::Shot],
) {
    if preset == Preset::Slide {
        return place_slide(canvas, shots);
    }
    let mut y = canvas.lanes.bottom + 200;
    if !shots.is_empty() {
        y = tables::place_tables(canvas, shots, y + 200) + 60;
    }
    if !canvas.story.steps.is_empty() {
        y += 160;
        canvas.layout.rules.push(y);
        y = blocks::place_captions(canvas, preset.columns(), y + 260);
    }
    let across = (blocks::MARGIN, canvas.layout.width - blocks::MARGIN);
    let under = legend::place_legend(canvas, across, y + 290);
    // Two runs on a poster share one legend: it is taken from here and stands below both.
    if preset != Preset::Poster {
        canvas.layout.rules.push(y);
        y = under;
    }
    y = blocks::place_footer(canvas, report, y);
    canvas.layout.height = y + 200;
}

/// On a slide the legend stands beside the one snapshot, and the sentences are for the speaker.
fn place_slide(canvas: &mut Canvas<'_, '_>, shots: &[snapshots::Shot]) {
    let top = canvas.lanes.bottom + 200;
    let (mut left, mut bottom) = (blocks::MARGIN, top);
    if !shots.is_empty() {
        bottom = tables::place_tables(canvas, shots, top + 200);
        let tables = canvas.layout.snapshots.iter();
        left = tables.map(|table| table.x + tables::width(table)).fold(left, Px::max) + 600;
    }
    let right = canvas.layout.width - blocks::MARGIN;
    let under = legend::place_legend(canvas, (left, right), top + 290);
    canvas.layout.height = bottom.max(under) + 60;
    canvas.layout.is_slide = true;
}

#[cfg(test)]
mod mark_tests;
#[cfg(test)]
mod tests;
