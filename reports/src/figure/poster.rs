//! A poster: two runs on one axis, with one legend. Change one thing and see what moves.

use super::layout::{Layout, LegendItem};
use super::preset::{Options, Preset};
use super::{Figure, blocks, draw, legend, plan};
use crate::report::{Contrast, Report};

/// Draws a run beside the one it is contrasted with.
pub(super) fn render(report: &Report, contrast: &Contrast, options: &Options) -> Figure {
    let mut reports = [report, contrast.report.as_ref()];
    if contrast.comes_first {
        reports.reverse();
    }
    let mut layouts = plan::best(&reports, Preset::Poster);
    let last = legend_of(&mut layouts);
    let mut pages: Vec<(&Layout, i32)> = Vec::new();
    let mut y = 0;
    for layout in &layouts {
        pages.push((layout, y));
        y += layout.height;
    }
    pages.push((&last, y));
    let svg = draw::draw(&pages, &options.id_prefix);
    let labels_omitted = layouts.iter().flat_map(|layout| layout.omitted.clone()).collect();
    let collisions = layouts.iter().flat_map(Layout::collisions).collect();
    Figure { svg, labels_omitted, collisions }
}

/// Takes the marks of all layouts, each once.
fn legend_of(layouts: &mut [Layout]) -> Layout {
    let mut items: Vec<LegendItem> = Vec::new();
    for item in layouts.iter_mut().flat_map(|layout| std::mem::take(&mut layout.legend)) {
        if !items.iter().any(|known| known.mark == item.mark && known.words == item.words) {
            items.push(item);
        }
    }
    let width = Preset::Poster.width();
    let mut layout = Layout { width, ..Layout::default() };
    let items = items.into_iter().map(|item| (item.mark, item.words)).collect();
    let across = (blocks::MARGIN, width - blocks::MARGIN);
    layout.height = legend::place_items(&mut layout, items, across, 200);
    layout
}
