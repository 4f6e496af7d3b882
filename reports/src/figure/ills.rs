//! Faults of single nodes on their lanes: pauses, clocks that are wrong, disks in trouble.

use sim_engine::{FaultView, NodePart};

use super::canvas::{Canvas, pill};
use super::geometry::Rect;
use super::layout::{Anchor, Home, Ill, Tag};
use super::text::Font;
use super::theme::Token;
use crate::svg::Px;
use crate::words;

/// How far below the middle of its lane the dotted line of a fault runs.
const BELOW: Px = 140;

/// Places what is wrong with single nodes. Their words come later, with [`name_ills`].
pub(super) fn place_ills(canvas: &mut Canvas<'_, '_>) {
    let (scene, chosen) = (canvas.scene, canvas.chosen);
    for (i, trouble) in scene.troubles.iter().enumerate() {
        let FaultView::Node { node, part, words } = trouble.view else { continue };
        let Some(y) = canvas.lanes.y(*node) else { continue };
        if !chosen.shows_span(trouble.from, trouble.to) {
            continue;
        }
        let ended = trouble.to.filter(|to| *to <= chosen.to);
        let to = ended.unwrap_or(chosen.to);
        let (x1, x2) = (canvas.axis.x(trouble.from), canvas.axis.x(to));
        let rect = Rect::new(x1, y - 110, (x2 - x1).max(10), 220);
        let name = words::name(&scene.trace.cast, *node);
        let says = says(*part, words, trouble.to.map(|to| (to - trouble.from).as_nanos()));
        let title = format!("{name}: {says}, from {}", words::moment(trouble.from));
        let id = format!("fault-{}-{name}-{}", part.word(), i + 1);
        if *part != NodePart::Pause {
            let glyph = Rect::around(x1, y + BELOW + 90, 120, 150);
            canvas.obstacles.boxes.push(glyph);
        }
        let line = y + BELOW;
        canvas.layout.ills.push(Ill { id, part: *part, rect, line, words: says, title });
    }
}

/// The words of a fault in the picture: a pause says how long it lasts.
fn says(part: NodePart, words: &str, lasted: Option<u64>) -> String {
    match (part, lasted) {
        (NodePart::Pause, Some(nanos)) => format!("paused {}", words::short_ms(nanos)),
        (NodePart::Pause, None) => "paused".to_owned(),
        (NodePart::Disk | NodePart::Clock | NodePart::Processor, _) => words::rounded(words),
    }
}

/// Puts the words of each fault beside its beginning, above or below the bar.
pub(super) fn name_ills(canvas: &mut Canvas<'_, '_>) {
    for ill in canvas.layout.ills.clone() {
        let short = ill.words.split(',').next().unwrap_or_default().to_owned();
        let is_put = (ill.part == NodePart::Pause && put_inside(canvas, &ill))
            || [ill.words.clone(), short].into_iter().any(|text| put(canvas, &ill, text));
        if !is_put {
            canvas.layout.omitted.push(ill.words.clone());
        }
    }
}

/// A pause is named on its bar, where nothing is in the way.
fn put_inside(canvas: &mut Canvas<'_, '_>, ill: &Ill) -> bool {
    let mut tag = pill(ill.words.clone(), 0, ill.rect.mid_y(), Font::SMALL);
    let is_free = |rect: Rect| {
        let on_tag = canvas.layout.tags.iter().any(|other| other.rect.overlaps(rect));
        !on_tag && !canvas.obstacles.lines.iter().any(|line| line.crosses(rect))
    };
    let mut places = (0..40).map(|n| Rect { x: ill.rect.x + 160 + 150 * n, ..tag.rect });
    let found = places.find(|rect| rect.right() + 40 <= ill.rect.right() && is_free(*rect));
    let Some(rect) = found else { return false };
    tag.rect = rect;
    tag.home = Home::Bar;
    tag.ink = Token::Fault;
    tag.edge = Some(Token::Fault);
    canvas.put_tag(tag);
    true
}

fn put(canvas: &mut Canvas<'_, '_>, ill: &Ill, text: String) -> bool {
    let font = Font::SMALL;
    let (w, h) = (font.width(&text) + 60, 160);
    let (x, top, bottom) = (ill.rect.x, ill.rect.y, ill.rect.bottom());
    let mut places = Vec::new();
    for (n, shift) in [90, 20, 300, 600, -w - 90, 900, -w - 300, 1_300].into_iter().enumerate() {
        // Better over one arrow than far from where it begins.
        let cost = i64::try_from(n).unwrap_or(0) * 40;
        places.push((Rect::new(x + shift, bottom + 30, w, h), cost));
        places.push((Rect::new(x + shift, bottom + 130, w, h), cost + 3));
        places.push((Rect::new(x + shift, top - 30 - h, w, h), cost + 5));
        places.push((Rect::new(x + shift, top - 200 - h, w, h), cost + 20));
    }
    let found = canvas.obstacles.cheapest(&places).filter(|(_, cost)| *cost < 300);
    let Some((rect, _)) = found else { return false };
    canvas.put_tag(Tag {
        home: Home::Free,
        rect,
        text,
        font,
        ink: Token::Fault,
        ground: Some(Token::Bg),
        edge: None,
        anchor: Anchor::Middle,
    });
    true
}
