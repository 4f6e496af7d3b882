//! From runs to layouts: what is chosen of each, one axis for all, and the best of several ways.

use super::axis::Axis;
use super::canvas::Canvas;
use super::fold::{self, Chosen};
use super::geometry::Rect;
use super::labels::Obstacles;
use super::layout::Layout;
use super::pace::Pace;
use super::preset::{Density, Preset};
use super::snapshots::{self, Shot};
use super::text::{Font, wrap};
use super::{blocks, lanes, losses, moments, place_blocks, place_plot, set_heights};
use crate::report::Report;
use crate::scene::Scene;
use crate::story::Story;

/// What is drawn of one run.
struct Plan<'p> {
    report: &'p Report,
    scene: &'p Scene<'p>,
    story: &'p Story,
    chosen: Chosen,
    shots: Vec<Shot>,
}

/// Lays the runs out over one axis, in the first of several ways in which all words find room.
pub(super) fn best(reports: &[&Report], preset: Preset) -> Vec<Layout> {
    let scenes: Vec<Scene<'_>> = reports.iter().map(|report| Scene::of(&report.trace)).collect();
    let told = reports.iter().zip(&scenes);
    let stories: Vec<Story> = told.map(|(report, scene)| Story::told(report, scene)).collect();
    let mut best: Option<(usize, Vec<Layout>)> = None;
    for density in preset.densities() {
        let plans =
            reports.iter().zip(scenes.iter().zip(&stories)).map(|(report, (scene, story))| {
                let chosen = fold::choose(scene, story, *density);
                Plan { report, scene, story, chosen, shots: Vec::new() }
            });
        let layouts = lay_out(plans.collect(), preset, *density);
        let faults = layouts.iter().map(|layout| faults(layout, preset)).sum();
        if best.as_ref().is_none_or(|(least, _)| faults < *least) {
            best = Some((faults, layouts));
        }
        if faults == 0 {
            break;
        }
    }
    best.map(|(_, layouts)| layouts).unwrap_or_default()
}

/// How much is wrong with a layout: words without a place, words on words, a slide too high.
fn faults(layout: &Layout, preset: Preset) -> usize {
    let excess = match preset {
        Preset::Slide => layout.height - super::preset::SLIDE.1,
        Preset::Figure | Preset::Readme | Preset::Poster => 0,
    };
    let excess = usize::try_from(excess.max(0) / 200).unwrap_or(0);
    10 * layout.omitted.len() + 5 * layout.collisions().len() + excess
}

fn lay_out(mut plans: Vec<Plan<'_>>, preset: Preset, density: Density) -> Vec<Layout> {
    // Side by side, what is shown of one run is shown of the other.
    let from = plans.iter().map(|plan| plan.chosen.from).min();
    let to = plans.iter().map(|plan| plan.chosen.to).max();
    for plan in &mut plans {
        plan.chosen.from = from.unwrap_or(plan.chosen.from);
        plan.chosen.to = to.unwrap_or(plan.chosen.to);
        plan.shots = snapshots::take(plan.scene, &plan.chosen);
        if preset == Preset::Slide {
            // The one that shows most: when they differ.
            let most = plan.shots.len().saturating_sub(2);
            plan.shots = plan.shots.drain(..).skip(most).take(1).collect();
        }
    }
    let names = plans.iter().map(|plan| lanes::names_width(plan.scene)).max().unwrap_or(0);
    let (left, right) = (lanes::LEFT.max(names + lanes::BESIDE_NAMES), preset.width() - 220);
    let (mut all, mut rooms) = (Vec::new(), Vec::new());
    for Plan { scene, story, chosen, shots, .. } in &plans {
        all.extend(moments::moments(scene, story, chosen, shots));
        rooms.extend(moments::rooms(scene, story, chosen, shots));
    }
    let axis = Axis::new(all, (left, right), &rooms);
    plans.iter().map(|plan| place(plan, &axis, (left, right), preset, density)).collect()
}

fn place(
    plan: &Plan<'_>,
    axis: &Axis,
    (left, right): (i32, i32),
    preset: Preset,
    density: Density,
) -> Layout {
    let Plan { report, scene, story, chosen, shots } = plan;
    let width = preset.width();
    let mut layout = Layout { width, ..Layout::default() };
    layout.title = wrap(&report.title, Font::TITLE, width - 560, 2);
    layout.axis.left = left;
    layout.axis.right = right;
    let lanes = lanes::arrange(scene, story, chosen, density.air);
    let obstacles = Obstacles::new(Rect::new(left - 60, 0, right - left + 70, 100_000));
    let axis = axis.clone();
    let mut canvas =
        Canvas { scene, story, chosen, axis, lanes, layout, obstacles, pace: Pace::of(scene) };
    canvas.layout.losses_hidden = losses::hidden(&canvas);
    canvas.layout.subtitle = blocks::subtitle(&canvas, report);
    set_heights(&mut canvas);
    place_plot(&mut canvas, report, shots);
    place_blocks(&mut canvas, report, preset, shots);
    canvas.layout.desc = blocks::description(&canvas);
    canvas.layout
}
