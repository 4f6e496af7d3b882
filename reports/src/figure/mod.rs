//! The figure: a space-time diagram of a run, laid out from its trace alone.
//!
//! First everything gets its place (the layout), in whole tenths of a pixel; then it is drawn. Hue
//! is the epoch, bar height the role, red a fault, dashed what did not arrive, a black disc a step
//! of the story.

mod axis;
mod bars;
mod blocks;
mod canvas;
mod chain;
mod clients;
mod collisions;
mod draw;
mod faults;
mod fold;
mod geometry;
mod labels;
mod lanes;
mod layout;
mod losses;
mod marks;
mod messages;
mod pick;
mod snapshots;
mod table;
mod tables;
mod text;
pub(crate) mod theme;
mod ticks;

use sim_engine::Instant;

use crate::report::Report;
use crate::scene::Scene;
use crate::story::Story;
use crate::svg::Px;
use axis::{Axis, Room};
use canvas::Canvas;
use geometry::Rect;
use labels::Obstacles;
use layout::Layout;
use text::{Font, wrap};

/// How a figure is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The page it is for.
    pub preset: Preset,
    /// Put before every id, so that two figures can share a page.
    pub id_prefix: String,
}

/// The page a figure is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// 1120 wide, height free, captions in three columns.
    #[default]
    Figure,
    /// 900 wide, captions in two columns: readable where a page is narrow.
    Readme,
}

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

impl Default for Options {
    fn default() -> Self {
        Self { preset: Preset::Figure, id_prefix: "fig".to_owned() }
    }
}

impl Preset {
    const fn width(self) -> Px {
        match self {
            Self::Figure => 11_200,
            Self::Readme => 9_000,
        }
    }

    const fn columns(self) -> usize {
        match self {
            Self::Figure => 3,
            Self::Readme => 2,
        }
    }
}

/// Draws a run.
pub fn render(report: &Report, options: &Options) -> Figure {
    let layout = lay_out(report, options.preset);
    let svg = draw::draw(&layout, &options.id_prefix);
    let collisions = layout.collisions();
    Figure { svg, labels_omitted: layout.omitted, collisions }
}

/// How close everything stands: tried one after the other until nothing lies on anything else.
const DENSITIES: [Density; 11] = [
    Density { arrows: 46, ops: 6, air: 0 },
    Density { arrows: 46, ops: 6, air: 60 },
    Density { arrows: 46, ops: 6, air: 120 },
    Density { arrows: 46, ops: 6, air: 190 },
    Density { arrows: 44, ops: 5, air: 120 },
    Density { arrows: 42, ops: 5, air: 190 },
    Density { arrows: 38, ops: 5, air: 120 },
    Density { arrows: 34, ops: 4, air: 120 },
    Density { arrows: 28, ops: 4, air: 120 },
    Density { arrows: 22, ops: 3, air: 140 },
    Density { arrows: 16, ops: 3, air: 140 },
];

/// How many arrows and operations are drawn, and how much air there is between lanes beside the
/// usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Density {
    pub(super) arrows: usize,
    pub(super) ops: usize,
    pub(super) air: Px,
}

/// Gives everything its place: in the first of several ways in which all words find room.
pub(crate) fn lay_out(report: &Report, preset: Preset) -> Layout {
    let scene = Scene::of(&report.trace);
    let story = Story::from_scene(&scene);
    let mut best: Option<(usize, Layout)> = None;
    for density in DENSITIES {
        let layout = lay_out_at(report, preset, (&scene, &story), density);
        let faults = 2 * layout.omitted.len() + layout.collisions().len();
        if best.as_ref().is_none_or(|(least, _)| faults < *least) {
            best = Some((faults, layout));
        }
        if faults == 0 {
            break;
        }
    }
    best.map(|(_, layout)| layout).unwrap_or_default()
}

fn lay_out_at(
    report: &Report,
    preset: Preset,
    (scene, story): (&Scene<'_>, &Story),
    density: Density,
) -> Layout {
    let chosen = fold::choose(scene, story, density);
    let shots = snapshots::take(scene, &chosen);
    let (left, right) = (1_120, preset.width() - 220);
    let moments = moments(scene, story, &chosen, &shots);
    let axis = Axis::new(moments, (left, right), &rooms(scene, story, &chosen, &shots));

    let mut layout = Layout { width: preset.width(), ..Layout::default() };
    layout.title = wrap(&report.title, Font::TITLE, preset.width() - 560, 2);
    layout.axis.left = left;
    layout.axis.right = right;
    let lanes = lanes::arrange(scene, &chosen, density.air);
    let obstacles = Obstacles::new(Rect::new(left - 60, 0, right - left + 70, 100_000));
    let mut canvas = Canvas { scene, story, chosen: &chosen, axis, lanes, layout, obstacles };
    canvas.layout.losses_hidden = losses::hidden(&canvas);
    canvas.layout.subtitle = blocks::subtitle(&canvas, report);
    set_heights(&mut canvas);
    place_plot(&mut canvas, report, &shots);
    place_blocks(&mut canvas, report, preset, &shots);
    canvas.layout.desc = blocks::description(&canvas);
    canvas.layout
}

/// More moments than this cannot be told apart on one axis.
const MOMENTS_MAX: usize = 115;

/// Every moment that must be told apart on the axis.
fn moments(
    scene: &Scene<'_>,
    story: &Story,
    chosen: &fold::Chosen,
    shots: &[snapshots::Shot],
) -> Vec<Instant> {
    let mut moments = vec![chosen.from, chosen.to];
    moments.extend(chosen.messages.iter().flat_map(|i| fold::moments_of(scene, *i)));
    moments.extend(story.steps.iter().map(|step| step.at));
    moments.extend(shots.iter().map(|shot| shot.at));
    for op in chosen.ops.iter().map(|i| &scene.ops[*i]) {
        moments.push(op.from);
        moments.extend(op.end.map(|(at, ..)| at));
    }
    for trouble in &scene.troubles {
        moments.push(trouble.from);
        moments.extend(trouble.to);
    }
    for down in &scene.downs {
        moments.push(down.from);
        moments.extend(down.to);
    }
    for fired in chosen.timers.iter().map(|i| &scene.fired[*i]) {
        let set = fired.at.nanos().saturating_sub(fired.waited.as_nanos());
        moments.push(Instant::from_nanos(set));
    }
    moments.extend(bars::changes(scene, chosen.from, chosen.to));
    moments.retain(|at| chosen.from <= *at && *at <= chosen.to);
    moments.sort_unstable();
    moments.dedup();
    if moments.len() > MOMENTS_MAX {
        let stride = moments.len().div_ceil(MOMENTS_MAX);
        let last = moments.last().copied();
        moments = moments.into_iter().step_by(stride).chain(last).collect();
    }
    moments
}

/// Which moments need room between them: questions and answers, steps, snapshots, words on bars.
fn rooms(
    scene: &Scene<'_>,
    story: &Story,
    chosen: &fold::Chosen,
    shots: &[snapshots::Shot],
) -> Vec<Room> {
    let mut rooms = Vec::new();
    for pair in story.steps.windows(2) {
        let same = pair[0].node == pair[1].node;
        let width = match (same, pair[0].sign) {
            // The word beside the disc needs room too.
            (_, Some(_)) => 600,
            (true, None) => 260,
            (false, None) => 140,
        };
        rooms.push(Room { from: pair[0].at, to: pair[1].at, width });
    }
    for (shot, before) in shots.iter().skip(1).zip(shots) {
        rooms.push(Room { from: before.at, to: shot.at, width: 300 });
    }
    for down in &scene.downs {
        rooms.extend(down.to.map(|to| Room { from: down.from, to, width: 1_250 }));
    }
    for op in chosen.ops.iter().map(|i| &scene.ops[*i]) {
        let words = Font::OP.width(&op.operation.to_string());
        rooms.extend(op.end.map(|(to, ..)| Room { from: op.from, to, width: words + 800 }));
    }
    for fired in chosen.timers.iter().map(|i| &scene.fired[*i]) {
        let set = Instant::from_nanos(fired.at.nanos().saturating_sub(fired.waited.as_nanos()));
        let width = Font::SMALL.width(&marks::timer_words(scene, fired)) + 320;
        rooms.push(Room { from: set.max(chosen.from), to: fired.at, width });
    }
    rooms.extend(answer_rooms(scene, chosen));
    rooms
}

/// A question with its answer between neighbours must leave room for both labels.
fn answer_rooms(scene: &Scene<'_>, chosen: &fold::Chosen) -> Vec<Room> {
    let drawn: Vec<_> = chosen.messages.iter().map(|i| &scene.messages[*i]).collect();
    let mut rooms = Vec::new();
    for question in drawn.iter().filter(|message| !message.routine) {
        let crate::scene::Fate::Arrived { at, event } = question.fate else { continue };
        let answer = drawn.iter().find(|m| m.cause == Some(event) && m.to == question.from);
        let is_near = question.from.number().abs_diff(question.to.number()) <= 2;
        let is_asked = scene.is_client(question.from) || scene.is_client(question.to);
        if let Some(answer) = answer
            && let crate::scene::Fate::Arrived { at: back, .. } = answer.fate
            && is_near
            && !is_asked
        {
            let words = |label: &str| Font::LABEL.width(label).min(1_100);
            let width = words(question.label) + words(answer.label) + 420;
            rooms.push(Room { from: question.sent_at, to: back, width });
        } else if !is_asked {
            rooms.push(Room { from: question.sent_at, to: at, width: 220 });
        }
    }
    rooms
}

/// Moves everything that depends on the number of lines above it to its height.
fn set_heights(canvas: &mut Canvas<'_, '_>) {
    let titles = geometry::count_px(canvas.layout.title.len().max(1));
    let subtitles = geometry::count_px(canvas.layout.subtitle.len().max(1));
    let axis_y = 900 + 260 * (titles - 1) + 170 * (subtitles - 1);
    let brackets = if faults::has_brackets(canvas.scene) { 260 } else { 0 };
    let top = axis_y + 140 + brackets;
    for lane in &mut canvas.lanes.lanes {
        lane.y += top;
    }
    canvas.lanes.bottom += top;
    canvas.layout.axis.y = axis_y;
    canvas.layout.axis.grid = (axis_y + 140, canvas.lanes.bottom);
    canvas.layout.axis.ticks = ticks::ticks(&canvas.axis);
    canvas.layout.axis.breaks =
        canvas.axis.breaks().map(|(from, to)| canvas::mid(from, to)).collect();
    canvas.layout.lanes = canvas.lanes.lanes.clone();
    let bottom = canvas.lanes.bottom;
    canvas.obstacles.bounds.y = axis_y + 80;
    canvas.obstacles.bounds.h = bottom - axis_y;
}

/// Places what stands on lanes: what is fixed first, what can give way last.
fn place_plot(canvas: &mut Canvas<'_, '_>, report: &Report, shots: &[snapshots::Shot]) {
    let (axis_y, bottom) = (canvas.layout.axis.y, canvas.lanes.bottom);
    tables::place_lines(canvas, shots);
    bars::place_bars(canvas);
    faults::place_walls(canvas);
    faults::place_bands(canvas);
    faults::place_brackets(canvas, axis_y + 230);
    let outside = clients::place_ops(canvas);
    let pending = messages::place_arrows(canvas);
    clients::name_ops(canvas, &outside);
    marks::place_diamonds(canvas);
    marks::place_violations(canvas, (axis_y + 60, bottom));
    bars::place_words(canvas);
    marks::place_discs(canvas);
    marks::name_violations(canvas, &report.promises);
    faults::guard_edges(canvas);
    messages::place_lost_names(canvas, &pending.lost);
    marks::place_timers(canvas);
    chain::place_chain(canvas);
    faults::name_walls(canvas);
    let (tags, omitted) = labels::place(&mut canvas.obstacles, pending.labels);
    canvas.layout.tags.extend(tags);
    canvas.layout.omitted.extend(omitted);
    marks::place_folds(canvas);
}

/// Places what stands below the plot.
fn place_blocks(
    canvas: &mut Canvas<'_, '_>,
    report: &Report,
    preset: Preset,
    shots: &[snapshots::Shot],
) {
    let mut y = canvas.lanes.bottom + 200;
    if !shots.is_empty() {
        y = tables::place_tables(canvas, shots, y + 200) + 60;
    }
    if !canvas.story.steps.is_empty() {
        y += 160;
        canvas.layout.rules.push(y);
        y = blocks::place_captions(canvas, preset.columns(), y + 260);
    }
    canvas.layout.rules.push(y);
    y = blocks::place_legend(canvas, y + 290);
    y = blocks::place_footer(canvas, report, y);
    canvas.layout.height = y + 200;
}

#[cfg(test)]
mod tests;
