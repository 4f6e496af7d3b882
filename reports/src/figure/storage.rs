//! Writes that reach a disk when it matters, and writes that were lost before they did.

use std::collections::BTreeSet;

use sim_engine::{EventId, Instant, NodeId, What};

use super::canvas::Canvas;
use super::geometry::Rect;
use super::layout::{Anchor, Home, Stored, Tag};
use super::text::{Font, cut};
use super::theme::Token;
use crate::svg::Px;
use crate::words;

/// More cylinders than this are clutter.
const STORED_MAX: usize = 8;
/// No label is wider than this.
const LABEL_MAX: Px = 1_700;

/// A sync that others waited for, or a write that a crash took.
struct Moment {
    event: EventId,
    node: NodeId,
    at: Instant,
    label: String,
    is_lost: bool,
    worth: u8,
}

/// Places a cylinder wherever something that is told or drawn waited for the disk.
pub(super) fn place_stored(canvas: &mut Canvas<'_, '_>) {
    let mut moments = moments(canvas);
    moments.sort_by_key(|moment| (std::cmp::Reverse(moment.worth), moment.event));
    moments.truncate(STORED_MAX);
    moments.sort_by_key(|moment| moment.event);
    for moment in moments {
        place(canvas, &moment);
    }
}

fn moments(canvas: &Canvas<'_, '_>) -> Vec<Moment> {
    let scene = canvas.scene;
    let told: BTreeSet<(NodeId, Instant)> =
        canvas.story.steps.iter().filter_map(|step| Some((step.node?, step.at))).collect();
    let drawn = canvas.chosen.messages.iter().map(|i| &scene.messages[*i]);
    let drawn: BTreeSet<(NodeId, Instant)> =
        drawn.filter(|m| !m.routine).map(|m| (m.from, m.sent_at)).collect();
    let mut written: Vec<(NodeId, Instant, &str)> = Vec::new();
    let mut moments = Vec::new();
    for event in scene.events().filter(|event| event.node.is_some()) {
        let Some(node) = event.node else { continue };
        if let What::Written { label, .. } = &event.what {
            written.retain(|(other, ..)| *other != node);
            written.push((node, event.at, label));
        }
        let is_lost = matches!(event.what, What::Crashed { writes_lost: 1.., .. });
        if !(is_lost || matches!(event.what, What::Synced { .. })) || !canvas.shows(event.at) {
            continue;
        }
        let last = written.iter().find(|(other, ..)| *other == node);
        let Some((_, began, label)) = last else { continue };
        let here = (node, event.at);
        let worth = if is_lost {
            4
        } else if scene.chain.events.contains(&event.id) {
            3
        } else if told.contains(&here) {
            2
        } else {
            u8::from(drawn.contains(&here))
        };
        // A disk that takes no time is not worth a word.
        if worth > 0 && *began < event.at {
            let label = (*label).to_owned();
            moments.push(Moment { event: event.id, node, at: event.at, label, is_lost, worth });
        }
    }
    moments
}

fn place(canvas: &mut Canvas<'_, '_>, moment: &Moment) {
    let Some(lane) = canvas.lanes.y(moment.node) else { return };
    let x = canvas.axis.x(moment.at);
    let places = [(210, 0), (-310, 6), (330, 8), (-420, 9)]
        .map(|(dy, cost)| (Rect::around(x, lane + dy, 130, 170), cost));
    let found = canvas.obstacles.cheapest(&places).filter(|(_, cost)| *cost < 400);
    let Some((rect, _)) = found else { return };
    canvas.obstacles.boxes.push(rect);
    let name = words::name(&canvas.scene.trace.cast, moment.node);
    let what = if moment.label.is_empty() { "a write" } else { moment.label.as_str() };
    let fate = if moment.is_lost { "is lost before it is" } else { "is" };
    let title = format!("{name}: {what} {fate} on disk, {}", words::moment(moment.at));
    let epoch = canvas.scene.standing(moment.node, moment.at).map_or(0, |s| s.epoch);
    let token = if moment.is_lost { Token::Fault } else { Token::of_epoch(epoch) };
    let id = format!("disk-{name}-{}", moment.event);
    let (y, is_lost) = (rect.mid_y(), moment.is_lost);
    canvas.layout.stored.push(Stored { id, x, y, token, is_lost, title });
    if moment.worth >= 2 && !moment.label.is_empty() {
        label(canvas, moment, (x, y), token);
    }
}

/// What was written, beside its cylinder, where there is room.
fn label(canvas: &mut Canvas<'_, '_>, moment: &Moment, (x, y): (Px, Px), token: Token) {
    let font = Font::SMALL;
    let state = if moment.is_lost { "lost" } else { "on disk" };
    let text = cut(&format!("{} {state}", moment.label), font, LABEL_MAX);
    let (w, h) = (font.width(&text) + 40, 150);
    let places =
        [(Rect::new(x + 80, y - h / 2, w, h), 0), (Rect::new(x - 80 - w, y - h / 2, w, h), 1)];
    let found = canvas.obstacles.cheapest(&places).filter(|(_, cost)| *cost < 100);
    if let Some((rect, _)) = found {
        canvas.put_tag(Tag {
            home: Home::Free,
            rect,
            text,
            font,
            ink: token,
            ground: None,
            edge: None,
            anchor: Anchor::Middle,
        });
    }
}
