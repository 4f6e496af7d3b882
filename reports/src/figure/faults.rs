//! Bands of nodes that are down, brackets of a bad network.

use sim_engine::FaultView;

use super::canvas::{Canvas, DOWN_HALF, mid, pill};
use super::geometry::Rect;
use super::layout::{Anchor, Band, Bracket, Home, Tag};
use super::sides::sides;
use super::text::Font;
use super::theme::Token;
use crate::scene::{Scene, Trouble};
use crate::words;

/// Places the bands of nodes that are down.
pub(super) fn place_bands(canvas: &mut Canvas<'_, '_>) {
    let scene = canvas.scene;
    for (i, down) in scene.downs.iter().enumerate() {
        let Some(y) = canvas.lanes.y(down.node) else { continue };
        if !canvas.chosen.shows_span(down.from, down.to) {
            continue;
        }
        let ended = down.to.filter(|to| *to <= canvas.chosen.to);
        let (x1, x2) = (canvas.axis.x(down.from), canvas.axis.x(ended.unwrap_or(canvas.chosen.to)));
        let rect = Rect::new(x1, y - DOWN_HALF, (x2 - x1).max(10), 2 * DOWN_HALF);
        let name = words::name(&scene.trace.cast, down.node);
        let (words, title) = match down.to {
            Some(to) => {
                let length = words::short_ms((to - down.from).as_nanos());
                (format!("DOWN {length}"), format!("{name} is down for {length}"))
            }
            None => ("DOWN".to_owned(), format!("{name} is down to the end")),
        };
        let title = format!("{title}, from {}", words::moment(down.from));
        let id = format!("fault-crash-{name}-{}", i + 1);
        let has_cross = down.is_crash && down.from >= canvas.chosen.from;
        canvas.layout.bands.push(Band { id, rect, is_open: ended.is_none(), has_cross, title });
        canvas.obstacles.boxes.push(rect);
        let mut tag = pill(words, 0, y, Font::SMALL);
        tag.rect.x = mid(x1, x2) - tag.rect.w / 2;
        if tag.rect.w + 60 <= x2 - x1 {
            tag.home = Home::Band;
            tag.ink = Token::Fault;
            tag.edge = Some(Token::Fault);
            canvas.put_tag(tag);
        }
    }
}

/// True if a bad network is to be shown under the axis.
pub(super) fn has_brackets(scene: &Scene<'_>) -> bool {
    scene.troubles.iter().any(|trouble| words_of(scene, trouble).is_some())
}

/// The words of a fault that has no place among the lanes.
fn words_of(scene: &Scene<'_>, trouble: &Trouble<'_>) -> Option<String> {
    match trouble.view {
        FaultView::Network { words } => Some(words::rounded(words)),
        FaultView::Cut { from, to, both } if sides(scene, trouble.view).is_none() => {
            let cast = &scene.trace.cast;
            Some(words::cut(cast, from.as_deref(), to.as_deref(), *both))
        }
        FaultView::Cut { .. } | FaultView::Partition { .. } | FaultView::Node { .. } => None,
    }
}

/// Places the brackets of a bad network under the axis, in up to three rows.
pub(super) fn place_brackets(canvas: &mut Canvas<'_, '_>, y: i32) {
    let (scene, chosen) = (canvas.scene, canvas.chosen);
    let shown = scene.troubles.iter().filter(|t| chosen.shows_span(t.from, t.to));
    for (i, trouble) in shown.enumerate() {
        let Some(text) = words_of(scene, trouble) else { continue };
        let ended = trouble.to.filter(|to| *to <= canvas.chosen.to);
        let (x1, x2) =
            (canvas.axis.x(trouble.from), canvas.axis.x(ended.unwrap_or(canvas.chosen.to)));
        let mut rect = Rect::new(x1, y - 40, (x2 - x1).max(10), 80);
        let overlaps = |rect: Rect, canvas: &Canvas<'_, '_>| {
            canvas.layout.brackets.iter().any(|other| other.rect.grown(10, 20).overlaps(rect))
        };
        for _ in 0..2 {
            if overlaps(rect, canvas) {
                rect.y += 170;
            }
        }
        let title = format!("{text} from {}", words::moment(trouble.from));
        let font = Font::SMALL;
        let w = font.width(&text) + 80;
        let (y, inside) = (rect.mid_y() - 75, rect.mid_x() - w / 2);
        let mut places = vec![(Rect::new(rect.right() + 30, y, w, 150), 5)];
        places.push((Rect::new(rect.x - 30 - w, y, w, 150), 6));
        if w + 120 <= rect.w {
            places.insert(0, (Rect::new(inside, y, w, 150), 0));
        }
        if let Some((tag_rect, cost)) = canvas.obstacles.cheapest(&places)
            && cost < 100
        {
            canvas.put_tag(Tag {
                home: Home::Free,
                rect: tag_rect,
                text,
                font,
                ink: Token::Fault,
                ground: Some(Token::Bg),
                edge: None,
                anchor: Anchor::Middle,
            });
        }
        let id = format!("fault-network-{}", i + 1);
        canvas.obstacles.boxes.push(rect);
        canvas.layout.brackets.push(Bracket { id, rect, is_open: ended.is_none(), title });
    }
}
