//! The legend: the marks that are used, and what they mean.

use std::collections::BTreeSet;

use sim_engine::NodePart;

use super::canvas::Canvas;
use super::geometry::count_px;
use super::layout::{Bar, BarStyle, Head, Layout, LegendItem, LegendMark, Line, SnapshotCell};
use super::text::Font;
use super::theme::Token;
use crate::svg::Px;

/// The marks that are used, with their meaning, in lines below `top`. Returns where they end.
pub(super) fn place_legend(canvas: &mut Canvas<'_, '_>, across: (Px, Px), top: Px) -> Px {
    let marks = marks(canvas);
    place_items(&mut canvas.layout, marks, across, top)
}

/// Puts marks with their words into lines between two edges. Returns where they end.
pub(super) fn place_items(
    layout: &mut Layout,
    marks: Vec<(LegendMark, String)>,
    (left, right): (Px, Px),
    top: Px,
) -> Px {
    let width =
        |(mark, words): &(LegendMark, String)| mark_width(mark) + 60 + Font::LEGEND.width(words);
    let total: Px = marks.iter().map(width).sum();
    let n = count_px(marks.len());
    let rows = (total + 60 * n) / (right - left) + 1;
    // Two lines are about equally long.
    let share = total / rows.max(1);
    let mut y = top;
    let mut lines: Vec<Vec<(LegendMark, String)>> = vec![Vec::new()];
    let mut used = 0;
    for item in marks {
        let width = width(&item);
        if used + width / 2 > share * count_px(lines.len()) {
            lines.push(Vec::new());
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            line.push(item);
        }
    }
    for line in lines {
        let mut x = left;
        let free = right - left - line.iter().map(width).sum::<Px>();
        let gap = (free / count_px(line.len().saturating_sub(1)).max(1)).clamp(60, 300);
        for item in line {
            let width = width(&item);
            let (mark, words) = item;
            layout.legend.push(LegendItem { mark, x, y, words });
            x += width + gap;
        }
        y += 260;
    }
    y -= 260;
    y + 230
}

/// How wide a mark in the legend is.
pub(super) fn mark_width(mark: &LegendMark) -> Px {
    match mark {
        LegendMark::Bar(_)
        | LegendMark::Role(..)
        | LegendMark::Down
        | LegendMark::Chain
        | LegendMark::Ill
        | LegendMark::Waits => 300,
        LegendMark::Hues(epochs) => 170 * count_px(epochs.len()) - 10,
        LegendMark::Slow
        | LegendMark::Delivered
        | LegendMark::Dropped
        | LegendMark::InFlight
        | LegendMark::Duplicate => 340,
        LegendMark::Timer | LegendMark::Majority | LegendMark::Stored | LegendMark::Paused => 130,
        LegendMark::Committed => 460,
        LegendMark::Compressed => 140,
    }
}

fn marks(canvas: &Canvas<'_, '_>) -> Vec<(LegendMark, String)> {
    let layout = &canvas.layout;
    let mut marks = Vec::new();
    let lexicon = canvas.scene.trace.lexicon;
    if lexicon.epoch_sign.is_empty() {
        marks.extend(roles_with_hues(canvas));
    }
    for style in [BarStyle::Solid, BarStyle::Hatched, BarStyle::Thin, BarStyle::Hairline] {
        let roles = roles(canvas, style);
        if !roles.is_empty() && !lexicon.epoch_sign.is_empty() {
            marks.push((LegendMark::Bar(style), roles.join(", ")));
        }
    }
    let epochs: BTreeSet<u64> =
        layout.bars.iter().map(|bar| bar.epoch).filter(|epoch| *epoch > 0).collect();
    if !epochs.is_empty() && !lexicon.epoch_sign.is_empty() {
        marks.push(hues(&epochs, lexicon.epoch));
    }
    let has_head = |head| layout.arrows.iter().any(|arrow| arrow.head == head);
    let has_state =
        |state: &str| layout.arrows.iter().any(|a| a.data.iter().any(|(_, value)| value == state));
    let copies = layout.tags.iter().any(|tag| tag.text == "×2");
    let cells = || layout.snapshots.iter().flat_map(|s| &s.rows).flat_map(|row| &row.cells);
    let has_slots = cells().any(|cell| matches!(cell, SnapshotCell::Slot { .. }));
    let is_paused =
        |paused: bool| layout.ills.iter().any(|ill| (ill.part == NodePart::Pause) == paused);
    let plain = [
        (has_head(Head::Filled), LegendMark::Delivered, "delivered"),
        (has_head(Head::Cross), LegendMark::Dropped, "dropped"),
        (copies, LegendMark::Duplicate, "second copy"),
        (layout.arrows.iter().any(|a| a.style == Line::Slow), LegendMark::Slow, "slow"),
        (has_state("in-flight"), LegendMark::InFlight, "under way"),
        (!layout.timers.is_empty(), LegendMark::Timer, "timer fires"),
        (!layout.diamonds.is_empty(), LegendMark::Majority, "majority"),
        (!layout.stored.is_empty(), LegendMark::Stored, "written to disk"),
        (!layout.bands.is_empty(), LegendMark::Down, "down"),
        (is_paused(true), LegendMark::Paused, "paused"),
        (is_paused(false), LegendMark::Ill, "fault of a node"),
        (layout.ops.iter().any(|op| op.waits.is_some()), LegendMark::Waits, "waits"),
        (!layout.chain.is_empty(), LegendMark::Chain, "what led to the violation"),
        (has_slots, LegendMark::Committed, "committed, uncommitted"),
        (!layout.axis.breaks.is_empty(), LegendMark::Compressed, "time compressed"),
    ];
    marks.extend(
        plain
            .into_iter()
            .filter(|(used, ..)| *used)
            .map(|(_, mark, words)| (mark, words.to_owned())),
    );
    marks
}

/// The hues with their epochs. There are four: a fifth epoch has the hue of the first one.
fn hues(epochs: &BTreeSet<u64>, word: &str) -> (LegendMark, String) {
    const NAMED_MAX: usize = 3;
    let mut by_hue: Vec<(Token, Vec<u64>)> = Vec::new();
    for epoch in epochs.iter().copied() {
        let hue = Token::of_epoch(epoch);
        match by_hue.iter_mut().find(|(known, _)| *known == hue) {
            Some((_, same)) => same.push(epoch),
            None => by_hue.push((hue, vec![epoch])),
        }
    }
    let shown = by_hue.iter().map(|(_, same)| same[0]).collect();
    let is_shared = by_hue.iter().any(|(_, same)| same.len() > 1);
    let names = by_hue.iter().enumerate().map(|(i, (_, same))| {
        let named: Vec<String> = same.iter().take(NAMED_MAX).map(ToString::to_string).collect();
        let more = if same.len() > NAMED_MAX { " …" } else { "" };
        let word = if i > 0 && is_shared { String::new() } else { format!("{word} ") };
        format!("{word}{}{more}", named.join(" or "))
    });
    (LegendMark::Hues(shown), names.collect::<Vec<_>>().join(", "))
}

/// The protocol's words for the roles, each with its hue: where hues have no numbers.
fn roles_with_hues(canvas: &Canvas<'_, '_>) -> Vec<(LegendMark, String)> {
    let mut found: Vec<(BarStyle, u64, Vec<&str>)> = Vec::new();
    for stand in &canvas.scene.stands {
        let standing = stand.standing;
        let is_shown = canvas.chosen.shows_span(stand.from, Some(stand.to));
        if canvas.scene.is_client(stand.node) || !is_shown {
            continue;
        }
        let style = super::bars::style(standing.class);
        let is_drawn = |bar: &Bar| bar.style == style && bar.epoch == standing.epoch;
        if !canvas.layout.bars.iter().any(is_drawn) {
            continue;
        }
        match found.iter_mut().find(|(s, epoch, _)| *s == style && *epoch == standing.epoch) {
            Some((_, _, roles)) if roles.contains(&standing.role) => {}
            Some((_, _, roles)) => roles.push(standing.role),
            None => found.push((style, standing.epoch, vec![standing.role])),
        }
    }
    found.sort_by_key(|(style, epoch, _)| (*epoch, *style == BarStyle::Solid));
    let mark = |(style, epoch, roles): (BarStyle, u64, Vec<&str>)| {
        (LegendMark::Role(style, epoch), roles.join(", "))
    };
    found.into_iter().map(mark).collect()
}

/// The protocol's words for the roles drawn in one way.
fn roles(canvas: &Canvas<'_, '_>, style: BarStyle) -> Vec<&'static str> {
    let drawn = canvas.layout.bars.iter().any(|bar| bar.style == style);
    let mut roles = Vec::new();
    for stand in canvas
        .scene
        .stands
        .iter()
        .filter(|stand| drawn && canvas.chosen.shows_span(stand.from, Some(stand.to)))
    {
        let is_same = super::bars::style(stand.standing.class) == style;
        let is_client = canvas.scene.is_client(stand.node);
        if is_same && !is_client && !roles.contains(&stand.standing.role) {
            roles.push(stand.standing.role);
        }
    }
    roles
}
