//! Messages as arrows: delivered, dropped, copied, in flight.

use std::collections::BTreeMap;

use sim_engine::{DropCause, Instant, NodeId, What};

use super::canvas::Canvas;
use super::geometry::{Rect, Segment};
use super::labels::{Fan, Wanted, beside};
use super::layout::{Anchor, Arrow, Head, Home, Line, Tag};
use super::pace;
use super::text::{Font, cut};
use super::theme::Token;
use crate::scene::{Fate, Message};
use crate::svg::Px;
use crate::words;

/// Labels are at most this wide; the whole text is in the arrow's title.
const LABEL_MAX: Px = 1_150;

/// A label that belongs to an arrow.
pub(super) type Labels = Vec<Wanted>;

/// What the layout of messages leaves to be done once all arrows are there.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) labels: Labels,
    /// Names of the receivers of lost messages: text and where the ✕ is.
    pub(super) lost: Vec<(String, (Px, Px))>,
    /// Words at the heads of arrows: how late, which copy.
    near_heads: Vec<(String, Segment, Token)>,
}

/// Places the arrows of all chosen messages.
pub(super) fn place_arrows(canvas: &mut Canvas<'_, '_>) -> Pending {
    let mut pending = Pending::default();
    let mut groups: BTreeMap<(Instant, NodeId, &str), Vec<&Message<'_>>> = BTreeMap::new();
    let scene = canvas.scene;
    for message in canvas.chosen.messages.iter().map(|i| &scene.messages[*i]) {
        let key = (message.sent_at, message.from, message.kind);
        groups.entry(key).or_default().push(message);
    }
    for group in groups.into_values() {
        let arrived: Vec<_> = group
            .iter()
            .copied()
            .filter(|message| !matches!(message.fate, Fate::Lost { .. }))
            .collect();
        let mut lines = Vec::new();
        for message in &arrived {
            if let Some(line) = place_delivered(canvas, message, &mut pending) {
                lines.push((*message, line));
            }
        }
        pending.labels.extend(label(canvas, &lines));
        for lost in lost_groups(canvas, &group) {
            if let Some(line) = place_lost(canvas, &lost, &mut pending)
                && arrived.is_empty()
            {
                pending.labels.extend(label(canvas, &[(lost[0], line)]));
            }
        }
    }
    for (text, line, ink) in std::mem::take(&mut pending.near_heads) {
        pace::near_head(canvas, &text, line, ink);
    }
    pending
}

/// The messages of a round that were lost for one cause in one direction.
fn lost_groups<'m, 'a>(
    canvas: &Canvas<'_, '_>,
    group: &[&'m Message<'a>],
) -> Vec<Vec<&'m Message<'a>>> {
    let mut lost: BTreeMap<(DropCause, bool, Option<NodeId>), Vec<&Message<'_>>> = BTreeMap::new();
    for message in group {
        if let Fate::Lost { why, .. } = message.fate {
            let is_down = canvas.lanes.y(message.to) > canvas.lanes.y(message.from);
            // A receiver that is down is shown on its own band.
            let own = (why == DropCause::Down).then_some(message.to);
            lost.entry((why, is_down, own)).or_default().push(message);
        }
    }
    lost.into_values().collect()
}

pub(super) fn token(canvas: &Canvas<'_, '_>, message: &Message<'_>) -> Token {
    let with_client = canvas.scene.is_client(message.from) || canvas.scene.is_client(message.to);
    message.epoch.filter(|_| !with_client).map_or(Token::Muted, Token::of_epoch)
}

/// Where an arrow leaves: the edge that faces the receiver, a little later if it answers.
fn start(canvas: &Canvas<'_, '_>, message: &Message<'_>) -> Option<(Px, Px)> {
    let (from, to) = (canvas.lanes.y(message.from)?, canvas.lanes.y(message.to)?);
    let half = canvas.half(message.from, message.sent_at);
    let answers =
        message.cause.and_then(|cause| canvas.scene.causes.get(&cause)).is_some_and(|cause| {
            matches!(cause.what, What::Delivered { .. }) && cause.at == message.sent_at
        });
    let x = canvas.axis.x(message.sent_at) + if answers { 35 } else { 0 };
    Some((x, if to > from { from + half } else { from - half }))
}

fn place_delivered(
    canvas: &mut Canvas<'_, '_>,
    message: &Message<'_>,
    pending: &mut Pending,
) -> Option<Segment> {
    let (x1, y1) = start(canvas, message)?;
    let to_y = canvas.lanes.y(message.to)?;
    let right = canvas.layout.axis.right;
    let (line, head) = match message.fate {
        Fate::Arrived { at, .. } if at <= canvas.chosen.to => {
            let half = canvas.half(message.to, at);
            let y2 = if to_y > y1 { to_y - half } else { to_y + half };
            let x2 = canvas.axis.x(at).max(x1 + 20);
            let head = if message.copy_of.is_some() { Head::Hollow } else { Head::Filled };
            (Segment::new((x1, y1), (x2, y2)), head)
        }
        Fate::Arrived { .. } | Fate::Flying => {
            // It ends at the edge of the picture, most of the way down.
            let y2 = y1 + (to_y - y1) * 7 / 10;
            (Segment::new((x1, y1), (right, y2)), Head::Hollow)
        }
        Fate::Lost { .. } => return None,
    };
    let extra = canvas.pace.extra(message);
    let style = match extra {
        _ if message.routine => Line::Thin,
        Some(_) => Line::Slow,
        None => Line::Solid,
    };
    push(canvas, message, (line, style, head), &[message]);
    let ink = token(canvas, message);
    let said = match extra.filter(|_| !message.routine) {
        Some(extra) => Some(format!("+{}", words::short_ms(extra))),
        None => pace::is_overtaken(canvas, message).then(|| "late".to_owned()),
    };
    let copy = message.copy_of.map(|_| "×2".to_owned());
    pending.near_heads.extend([said, copy].into_iter().flatten().map(|text| (text, line, ink)));
    Some(line)
}

fn place_lost(
    canvas: &mut Canvas<'_, '_>,
    lost: &[&Message<'_>],
    pending: &mut Pending,
) -> Option<Segment> {
    let first = nearest(canvas, lost)?;
    let (x1, y1) = start(canvas, first)?;
    let to_y = canvas.lanes.y(first.to)?;
    let Fate::Lost { at, why } = first.fate else { return None };
    let drop_x = canvas.axis.x(at);
    let wall = wall_between(canvas, (x1, y1), to_y, at);
    let reach = (to_y - y1).abs();
    let slope = |height: Px| (height * 3 / 10).max(140);
    let end = match (why, wall) {
        (DropCause::Down, _) => {
            let y2 = if to_y > y1 { to_y - 220 } else { to_y + 220 };
            (drop_x.max(x1 + 60), y2)
        }
        (DropCause::Partition | DropCause::Cut, Some(y)) => {
            let x = if drop_x > x1 + 60 {
                x1 + (drop_x - x1) * (y - y1).abs() / reach.max(1)
            } else {
                x1 + slope((y - y1).abs())
            };
            (x.max(x1 + 60), y)
        }
        (
            DropCause::Partition
            | DropCause::Loss
            | DropCause::Directed
            | DropCause::Cut
            | DropCause::Corrupted
            | DropCause::Congestion
            | DropCause::NoLink
            | DropCause::HungUp
            | DropCause::Reset
            | DropCause::Superseded
            | DropCause::PowerLost,
            _,
        ) => {
            let far = if drop_x > x1 + 60 { drop_x - x1 } else { slope(reach) * 10 / 6 };
            on_the_way(canvas, (x1, y1), (far, to_y - y1))
        }
    };
    let end = (end.0.min(canvas.layout.axis.right - 80), end.1);
    let line = Segment::new((x1, y1), end);
    push(canvas, first, (line, Line::Dashed, Head::Cross), lost);
    canvas.obstacles.boxes.push(Rect::around(end.0, end.1, 160, 160));
    if lost.len() > 1 {
        let mut names: Vec<NodeId> = lost.iter().map(|m| m.to).collect();
        names.sort_unstable();
        names.dedup();
        let names = words::ranges(&words::names(&canvas.scene.trace.cast, &names));
        pending.lost.push((format!("to {}", names.join(", ")), end));
    }
    Some(line)
}

/// Where on its way a message is lost: past the middle, but on nothing that stands on a lane.
fn on_the_way(canvas: &Canvas<'_, '_>, (x1, y1): (Px, Px), (dx, dy): (Px, Px)) -> (Px, Px) {
    let at = |tenths: Px| ((x1 + dx * tenths / 10).max(x1 + 60), y1 + dy * tenths / 10);
    let is_free = |tenths: &Px| {
        let (x, y) = at(*tenths);
        let cross = Rect::around(x, y, 160, 160);
        let bars = canvas.layout.bars.iter().map(|bar| bar.rect);
        let ops = canvas.layout.ops.iter().map(|op| op.rect);
        !bars.chain(ops).any(|mark| mark.overlaps(cross))
    };
    at([6, 5, 7, 4, 8, 3].into_iter().find(is_free).unwrap_or(6))
}

/// The lost message whose receiver is nearest.
fn nearest<'m, 'a>(canvas: &Canvas<'_, '_>, lost: &[&'m Message<'a>]) -> Option<&'m Message<'a>> {
    let distance = |message: &&&Message<'_>| {
        let ys = (canvas.lanes.y(message.from), canvas.lanes.y(message.to));
        if let (Some(a), Some(b)) = ys { (a - b).abs() } else { Px::MAX }
    };
    lost.iter().min_by_key(distance).copied()
}

/// The height of the first wall an arrow meets.
fn wall_between(canvas: &Canvas<'_, '_>, (x1, y1): (Px, Px), to_y: Px, at: Instant) -> Option<Px> {
    let x = canvas.axis.x(at).max(x1);
    let mut ys: Vec<Px> = canvas
        .layout
        .walls
        .iter()
        .filter(|wall| wall.span.x <= x && x <= wall.span.right())
        .flat_map(|wall| &wall.walls)
        .map(|wall| wall.mid_y())
        .filter(|y| (y1 < *y && *y < to_y) || (to_y < *y && *y < y1))
        .collect();
    ys.sort_by_key(|y| (y - y1).abs());
    ys.first().copied()
}

fn push(
    canvas: &mut Canvas<'_, '_>,
    message: &Message<'_>,
    (line, style, head): (Segment, Line, Head),
    all: &[&Message<'_>],
) {
    let scene = canvas.scene;
    let name = |id| words::name(&scene.trace.cast, id);
    let (from, to) = (name(message.from), all.iter().map(|m| name(m.to)).collect::<Vec<_>>());
    let what = if message.label.is_empty() || message.label == message.kind {
        message.kind.to_owned()
    } else {
        format!("{} ({})", message.label, message.kind)
    };
    let (state, end) = match message.fate {
        Fate::Arrived { at, .. } => ("delivered", format!("arrives at {}", words::moment(at))),
        Fate::Lost { why, .. } => ("dropped", format!("lost: {}", why.words())),
        Fate::Flying => ("in-flight", "still under way at the end".to_owned()),
    };
    let copy = if message.copy_of.is_some() { "second copy of " } else { "" };
    let times = canvas.chosen.bursts.get(&message.id);
    let times = times.map_or_else(String::new, |times| format!(", {times} times"));
    let title = format!(
        "{from} sends {copy}{what} to {}{times} at {}; {end}",
        words::and_list(&to),
        words::moment(message.sent_at)
    );
    let mut data = vec![
        ("data-t", message.sent_at.to_string().replace(" ms", "")),
        ("data-from", from),
        ("data-to", to.join(" ")),
    ];
    data.extend(message.epoch.map(|epoch| ("data-epoch", epoch.to_string())));
    data.push(("data-state", state.to_owned()));
    let token = token(canvas, message);
    let id = format!("msg-{}", message.id);
    canvas.obstacles.lines.push(line);
    let messages = all.iter().map(|message| message.id).collect();
    canvas.layout.arrows.push(Arrow { id, messages, line, style, head, token, data, title });
}

/// The one label of a fan-out: on its shortest arrow.
fn label(canvas: &Canvas<'_, '_>, lines: &[(&Message<'_>, Segment)]) -> Labels {
    let mut by_text: BTreeMap<&str, Vec<&(&Message<'_>, Segment)>> = BTreeMap::new();
    for pair in lines.iter().filter(|(message, _)| is_labelled(canvas, message)) {
        by_text.entry(text_of(pair.0)).or_default().push(pair);
    }
    let mut labels = Labels::new();
    for (text, mut lines) in by_text {
        lines.sort_by_key(|(_, line)| line.length());
        let font = Font::LABEL;
        let text = cut(text, font, LABEL_MAX);
        let times = lines.iter().filter_map(|(m, _)| canvas.chosen.bursts.get(&m.id)).max();
        let text = times.map_or(text.clone(), |times| format!("{text} ×{times}"));
        // Any arrow of the fan will do, but a shorter one is better.
        let places = lines.iter().zip(0_i64..).flat_map(|((_, line), rank)| {
            let places = beside(*line, &text, font).into_iter();
            places.map(move |(rect, cost)| (rect, cost + 15 * rank))
        });
        let places = places.collect();
        let fan = fan_of(canvas, lines[0].0);
        labels.push(Wanted { ink: token(canvas, lines[0].0), font, places, text, fan });
    }
    labels
}

/// What a label has in common with those of the same words.
fn fan_of(canvas: &Canvas<'_, '_>, message: &Message<'_>) -> Fan {
    let got = message.cause.and_then(|cause| canvas.scene.causes.get(&cause));
    let question = got.and_then(|got| {
        let What::Delivered { message, .. } = got.what else { return None };
        canvas.scene.messages.iter().find(|m| m.id == message)
    });
    let asked = question.filter(|asked| asked.from == message.to).and_then(|asked| asked.cause);
    asked.map_or(Fan::SentAt(message.sent_at), |cause| Fan::Answers(message.to, cause))
}

fn text_of<'m>(message: &Message<'m>) -> &'m str {
    let is_short = !message.label.is_empty() && Font::LABEL.width(message.label) <= LABEL_MAX;
    if is_short { message.label } else { message.kind }
}

/// The box of an operation tells what its request and its answer say.
fn is_labelled(canvas: &Canvas<'_, '_>, message: &Message<'_>) -> bool {
    if message.routine || message.copy_of.is_some() {
        return false;
    }
    if canvas.scene.is_client(message.from) {
        return false;
    }
    let Fate::Arrived { event, .. } = message.fate else { return true };
    !canvas.scene.is_client(message.to)
        || !canvas.scene.ops.iter().any(|op| {
            op.end.is_some_and(|(_, end, _)| {
                canvas.scene.causes.get(&end).is_some_and(|end| end.cause == Some(event))
            })
        })
}

/// Names of receivers beside the ✕ of lost messages.
pub(super) fn place_lost_names(canvas: &mut Canvas<'_, '_>, lost: &[(String, (Px, Px))]) {
    for (text, (x, y)) in lost {
        let font = Font::LABEL;
        let (w, h) = (font.width(text) + 60, 160);
        let places = [
            (Rect::new(x + 110, y - h / 2, w, h), 0),
            (Rect::new(x - 110 - w, y - h / 2, w, h), 2),
            (Rect::new(x + 60, y + 90, w, h), 4),
            (Rect::new(x + 60, y - 90 - h, w, h), 5),
            (Rect::new(x - w / 2, y + 90, w, h), 6),
            (Rect::new(x - w / 2, y - 90 - h, w, h), 7),
            (Rect::new(x - 60 - w, y + 90, w, h), 8),
            (Rect::new(x - 60 - w, y - 90 - h, w, h), 9),
            (Rect::new(x + 220, y - h / 2, w, h), 300),
            (Rect::new(x - 220 - w, y - h / 2, w, h), 301),
            (Rect::new(x - w / 2, y + 200, w, h), 310),
            (Rect::new(x - w / 2, y - 200 - h, w, h), 311),
        ];
        if let Some((rect, cost)) = canvas.obstacles.cheapest(&places)
            && cost < 1_000
        {
            let mut tag = tag_plain(text, rect, Token::Fault);
            tag.home = Home::Wall;
            tag.ground = Some(Token::Bg);
            canvas.put_tag(tag);
        } else if !is_said_near(canvas, text, (*x, *y)) {
            canvas.layout.omitted.push(text.clone());
        }
    }
}

/// True if the same stands nearby: one name is enough for ✕ that stand together.
fn is_said_near(canvas: &Canvas<'_, '_>, text: &str, (x, y): (Px, Px)) -> bool {
    let near = Rect::around(x, y, 1_000, 800);
    canvas.layout.tags.iter().any(|tag| tag.text == text && tag.rect.overlaps(near))
}

pub(super) fn tag_plain(text: &str, rect: Rect, ink: Token) -> Tag {
    Tag {
        home: Home::Free,
        rect,
        text: text.to_owned(),
        font: Font::LABEL,
        ink,
        ground: None,
        edge: None,
        anchor: Anchor::Middle,
    }
}
