//! Client operations: a box from invocation to completion, with what the client knows in the end.

use sim_engine::{Ending, Instant, Mark, NodeId, Reply, TraceEvent, What};

use super::canvas::{Canvas, OP_HALF};
use super::geometry::Rect;
use super::layout::{Anchor, Home, OpBox, OpEnd, Tag};
use super::text::{Font, cut};
use super::theme::Token;
use crate::scene::{Op, Scene};
use crate::svg::Px;
use crate::words;

/// The words of an operation whose box is too short for them.
pub(super) type Outside = Vec<(String, Rect)>;

/// Places the boxes of all chosen operations. Returns the words that do not fit into theirs.
pub(super) fn place_ops(canvas: &mut Canvas<'_, '_>) -> Outside {
    let scene = canvas.scene;
    let mut outside = Outside::new();
    for op in canvas.chosen.ops.iter().map(|i| &scene.ops[*i]) {
        let Some(y) = canvas.lanes.y(op.client) else { continue };
        if !canvas.shows(op.from) {
            continue;
        }
        let until = op.end.map_or(canvas.chosen.to, |(at, ..)| at.min(canvas.chosen.to));
        let (x1, x2) = (canvas.axis.x(op.from), canvas.axis.x(until));
        let rect = Rect::new(x1, y - OP_HALF, (x2 - x1).max(40), 2 * OP_HALF);
        let is_later = op.end.is_some_and(|(at, ..)| at > canvas.chosen.to);
        let (end, long, short) = if is_later { open() } else { ending(op) };
        let name = words::name(&scene.trace.cast, op.client);
        let outcome = match op.end {
            Some((at, ..)) if is_later => format!("ends after this picture, at {at}"),
            Some(_) => long.clone(),
            None => "still open".to_owned(),
        };
        let title = format!("{name}: {}, {outcome}", op.operation);
        let id = format!("op-{name}-{}", op.id.0 + 1);
        canvas.layout.ops.push(OpBox { id, rect, end, waits: None, title });
        canvas.obstacles.boxes.push(rect);
        outside.extend(write(canvas, op, rect, (end, &long, &short)));
        show_wait(canvas, op, rect);
    }
    outside
}

fn ending(op: &Op<'_>) -> (OpEnd, String, String) {
    match op.end.map(|(_, _, ending)| ending) {
        Some(Ending::Ok(Reply::Done)) => (OpEnd::Ok, "✓ ok".to_owned(), "✓".to_owned()),
        Some(Ending::Ok(reply)) => (OpEnd::Ok, format!("✓ {reply}"), format!("✓ {reply}")),
        Some(Ending::Failed(why)) => (OpEnd::Failed, format!("✕ {why}"), "✕".to_owned()),
        Some(Ending::Unknown(why)) => {
            let why = why.trim_end_matches(", outcome unknown");
            (OpEnd::Unknown, format!("? {why}, outcome unknown"), "? unknown".to_owned())
        }
        None => open(),
    }
}

/// What the picture does not see the end of.
const fn open() -> (OpEnd, String, String) {
    (OpEnd::Open, String::new(), String::new())
}

/// What is asked on the left, the outcome on the right; above the box where it is too short.
fn write(
    canvas: &mut Canvas<'_, '_>,
    op: &Op<'_>,
    rect: Rect,
    end: (OpEnd, &str, &str),
) -> Option<(String, Rect)> {
    let (end, long, short) = end;
    let font = Font::OP;
    let asked = op.operation.to_string();
    let ink = match end {
        OpEnd::Ok => Token::Good,
        OpEnd::Failed => Token::Fault,
        OpEnd::Unknown | OpEnd::Open => Token::Warn,
    };
    let room = rect.w - 180 - if end == OpEnd::Unknown { 60 } else { 0 };
    let both = |outcome: &str| font.width(&asked) + 160 + font.width(outcome);
    let torn = if end == OpEnd::Unknown { 110 } else { 80 };
    let right_edge = rect.right() - torn;
    let glyph: String = short.chars().take(1).collect();
    for outcome in [long, short, &glyph] {
        if both(outcome) <= room + 80 {
            inside(canvas, asked, rect.x + 90, Anchor::Start, (rect, Token::Ink));
            inside(canvas, outcome.to_owned(), right_edge, Anchor::End, (rect, ink));
            return None;
        }
    }
    if !glyph.is_empty() && font.width(&glyph) + 20 <= rect.w {
        let x = rect.mid_x() - font.width(&glyph) / 2;
        inside(canvas, glyph, x, Anchor::Start, (rect, ink));
    }
    Some((asked, rect))
}

fn inside(
    canvas: &mut Canvas<'_, '_>,
    text: String,
    x: Px,
    anchor: Anchor,
    (rect, ink): (Rect, Token),
) {
    let font = Font::OP;
    let width = font.width(&text);
    let left = if anchor == Anchor::End { x - width } else { x };
    let rect = Rect::new(left, rect.y + 40, width, rect.h - 80);
    if text.is_empty() {
        return;
    }
    canvas.put_tag(Tag { home: Home::Op, rect, text, font, ink, ground: None, edge: None, anchor });
}

/// Puts the words of short boxes near them. Comes after the arrows, which words keep clear of.
pub(super) fn name_ops(canvas: &mut Canvas<'_, '_>, outside: &Outside) {
    for (text, rect) in outside {
        above(canvas, text, *rect);
    }
}

fn above(canvas: &mut Canvas<'_, '_>, text: &str, rect: Rect) {
    let font = Font::new(115, 600);
    let text = cut(text, font, 1_200);
    let w = font.width(&text) + 40;
    let places = [
        (Rect::new(rect.x - 20, rect.y - 160, w, 150), 0),
        (Rect::new(rect.right() - w + 20, rect.y - 160, w, 150), 2),
        (Rect::new(rect.x - 20, rect.bottom() + 20, w, 150), 30),
        (Rect::new(rect.right() + 40, rect.y + 50, w, 150), 10),
        (Rect::new(rect.x - 40 - w, rect.y + 50, w, 150), 12),
        (Rect::new(rect.mid_x() - w / 2, rect.y - 160, w, 150), 14),
        (Rect::new(rect.right() - w + 20, rect.bottom() + 20, w, 150), 32),
        (Rect::new(rect.x - 20, rect.y - 315, w, 150), 40),
        (Rect::new(rect.right() - w + 20, rect.y - 315, w, 150), 41),
    ];
    match canvas.obstacles.cheapest(&places) {
        Some((rect, cost)) if cost < 1_000 => canvas.put_tag(Tag {
            home: Home::Free,
            rect,
            text,
            font,
            ink: Token::Ink,
            ground: Some(Token::Bg),
            edge: None,
            anchor: Anchor::Middle,
        }),
        Some(_) | None => canvas.layout.omitted.push(text),
    }
}

/// The dotted line of an operation that waits for something of a node, with its words.
fn show_wait(canvas: &mut Canvas<'_, '_>, op: &Op<'_>, rect: Rect) {
    let Some((at, node, what)) = wait_of(canvas.scene, op) else { return };
    let until = answered(canvas.scene, op, node).filter(|to| *to > at);
    let from = canvas.axis.x(at).max(rect.x + 20);
    let to = until.map_or(rect.right(), |to| canvas.axis.x(to)).min(rect.right() - 20);
    let taken = canvas.layout.tags.iter().filter(|tag| tag.rect.overlaps(rect));
    let (mut free_from, mut free_to) = (from, to);
    for tag in taken {
        if tag.rect.mid_x() < rect.mid_x() {
            free_from = free_from.max(tag.rect.right() + 60);
        } else {
            free_to = free_to.min(tag.rect.x - 60);
        }
    }
    if free_to - free_from < 200 {
        return;
    }
    if let Some(own) = canvas.layout.ops.last_mut() {
        own.waits = Some((free_from, free_to));
    }
    let name = words::name(&canvas.scene.trace.cast, node);
    let text = format!("waits for {name}’s {what}");
    let width = Font::SMALL.width(&text) + 60;
    if width + 200 <= free_to - free_from {
        let rect = Rect::new(free_from + 80, rect.y + 40, width, rect.h - 80);
        canvas.put_tag(Tag {
            home: Home::Op,
            rect,
            text,
            font: Font::SMALL,
            ink: Token::Warn,
            ground: Some(Token::Neutral),
            edge: None,
            anchor: Anchor::Middle,
        });
    }
}

/// When, where and for what an operation begins to wait.
pub(super) fn wait_of(scene: &Scene<'_>, op: &Op<'_>) -> Option<(Instant, NodeId, &'static str)> {
    let end = op.end.map_or(Instant::NEVER, |(at, ..)| at);
    let facts = scene.events().filter(|event| op.from <= event.at && event.at <= end);
    facts.filter(|event| comes_from(scene, event, op)).find_map(|event| {
        let What::Fact(fact) = &event.what else { return None };
        let Mark::Waits(what) = fact.mark else { return None };
        Some((event.at, event.node?, what))
    })
}

/// True if an event was caused by what this client asked.
fn comes_from(scene: &Scene<'_>, event: &TraceEvent, op: &Op<'_>) -> bool {
    const HOPS_MAX: usize = 16;
    if !matches!(&event.what, What::Fact(fact) if matches!(fact.mark, Mark::Waits(_))) {
        return false;
    }
    let mut next = event.cause;
    for _ in 0..HOPS_MAX {
        let Some(cause) = next.and_then(|id| scene.causes.get(&id)) else { return false };
        if cause.node == Some(op.client) {
            return cause.at >= op.from;
        }
        next = cause.cause;
    }
    false
}

/// When the node sent what ended the operation.
fn answered(scene: &Scene<'_>, op: &Op<'_>, node: NodeId) -> Option<Instant> {
    let mut at = op.end.map(|(_, event, _)| event)?;
    for _ in 0..16 {
        let event = scene.causes.get(&at)?;
        if event.node == Some(node) {
            return Some(event.at);
        }
        at = event.cause?;
    }
    None
}
