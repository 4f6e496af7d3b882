//! Role bars: hue is the epoch, height the role, and the epoch's label stands on every change.

use sim_engine::{Instant, NodePart, RoleClass};

use super::canvas::{Canvas, half_of, pill};
use super::geometry::Rect;
use super::layout::{Anchor, Bar, BarStyle, Home, Tag};
use super::text::Font;
use super::theme::Token;
use crate::scene::Stand;
use crate::svg::Px;
use crate::words;

/// After this much bar without words, the words are said again.
const REPEAT_AFTER: Px = 4_200;

/// Places every bar.
pub(super) fn place_bars(canvas: &mut Canvas<'_, '_>) {
    let lanes = canvas.lanes.list.clone();
    for lane in lanes.iter().filter(|lane| !lane.is_client) {
        let shown: Vec<Stand> = shown_stands(canvas, lane.node);
        for (i, stand) in shown.iter().enumerate() {
            let (from, to) = (canvas.axis.x(stand.from), canvas.axis.x(stand.to));
            if to <= from {
                continue;
            }
            let half = half_of(stand.standing.class);
            let rect = Rect::new(from, lane.y - half, to - from, 2 * half);
            canvas.layout.bars.push(Bar {
                id: format!("role-{}-{}", lane.name, i + 1),
                rect,
                style: style(stand.standing.class),
                epoch: stand.standing.epoch,
                title: title(canvas, stand, &lane.name),
            });
            canvas.obstacles.boxes.push(rect);
        }
    }
}

/// The stretches of standing in the picture; equal ones that follow each other become one.
fn shown_stands(canvas: &Canvas<'_, '_>, node: sim_engine::NodeId) -> Vec<Stand> {
    let mut shown: Vec<Stand> = Vec::new();
    for stand in canvas.scene.stands.iter().filter(|stand| stand.node == node) {
        let mut stand = stand.clone();
        stand.from = stand.from.max(canvas.chosen.from);
        stand.to = stand.to.min(canvas.chosen.to);
        if stand.to < stand.from || stand.standing.class == RoleClass::Asking {
            continue;
        }
        match shown.last_mut() {
            Some(last) if last.standing == stand.standing && last.to == stand.from => {
                last.to = stand.to;
            }
            Some(_) | None => shown.push(stand),
        }
    }
    shown
}

pub(super) const fn style(class: RoleClass) -> BarStyle {
    match class {
        RoleClass::InCharge | RoleClass::Decided => BarStyle::Solid,
        RoleClass::Trying => BarStyle::Hatched,
        RoleClass::Following => BarStyle::Thin,
        RoleClass::Observing | RoleClass::Asking => BarStyle::Hairline,
    }
}

fn title(canvas: &Canvas<'_, '_>, stand: &Stand, name: &str) -> String {
    let lexicon = canvas.scene.trace.lexicon;
    let epoch = if lexicon.epoch_sign.is_empty() || stand.standing.epoch == 0 {
        String::new()
    } else {
        format!(", {} {}", lexicon.epoch, stand.standing.epoch)
    };
    let (from, to) = (words::moment(stand.from), words::moment(stand.to));
    format!("{name} is {}{epoch}, {from} to {to}", stand.standing.role)
}

/// Writes what the bars are: words inside thick bars, pills on thin ones. Comes after the arrows,
/// which pills keep clear of.
pub(super) fn place_words(canvas: &mut Canvas<'_, '_>) {
    let lanes = canvas.lanes.list.clone();
    for lane in lanes.iter().filter(|lane| !lane.is_client) {
        let shown = shown_stands(canvas, lane.node);
        let mut said: Option<u64> = None;
        for (i, stand) in shown.iter().enumerate() {
            let (from, to) = (canvas.axis.x(stand.from), canvas.axis.x(stand.to));
            let epoch = stand.standing.epoch;
            let next = shown.get(i + 1);
            let is_said = match style(stand.standing.class) {
                BarStyle::Solid => write_inside(canvas, stand, (from, to), lane.y),
                BarStyle::Hatched if canvas.epoch_sign(1).is_empty() => {
                    write_pill(canvas, stand.standing.role.to_owned(), epoch, (from, to), lane.y)
                }
                BarStyle::Hatched if is_said_soon(canvas, stand, next) => false,
                BarStyle::Hatched | BarStyle::Thin | BarStyle::Hairline => {
                    let is_short =
                        to - from < 300 && next.is_some_and(|n| n.standing.epoch == epoch);
                    (said != Some(epoch) || to - from > 700)
                        && !is_short
                        && write_pill(canvas, canvas.epoch_sign(epoch), epoch, (from, to), lane.y)
                }
            };
            if is_said {
                said = Some(epoch);
            }
        }
    }
}

/// True if the bar that follows a candidate's at once says the same epoch.
fn is_said_soon(canvas: &Canvas<'_, '_>, stand: &Stand, next: Option<&Stand>) -> bool {
    next.is_some_and(|next| {
        next.standing.epoch == stand.standing.epoch
            && next.standing.class == RoleClass::InCharge
            && canvas.axis.x(next.to) - canvas.axis.x(next.from) > 300
    })
}

fn write_inside(canvas: &mut Canvas<'_, '_>, stand: &Stand, (from, to): (Px, Px), y: Px) -> bool {
    let lexicon = canvas.scene.trace.lexicon;
    let role = words::capital(stand.standing.role);
    let sign = canvas.epoch_sign(stand.standing.epoch);
    let long = if lexicon.epoch_sign.is_empty() || stand.standing.epoch == 0 {
        role
    } else {
        format!("{role} · {} {}", lexicon.epoch, stand.standing.epoch)
    };
    let font = Font::LABEL;
    let place = |text: &str| {
        let width = font.width(text);
        let pad = if width + 200 <= to - from { 100 } else { 30 };
        free_inside(canvas, (from + pad, to - 30), width, y)
    };
    let fits = [&long, &sign].into_iter().filter(|text| !text.is_empty());
    let Some((text, x)) = fits.clone().find_map(|text| Some((text.clone(), place(text)?))) else {
        return false;
    };
    inside(canvas, text, x, y);
    let mut last = x;
    let again = format!("still {}{}", long[..1].to_lowercase(), &long[1..]);
    let width = font.width(&again);
    while to - last > REPEAT_AFTER + width + 300
        && let Some(x) = free_inside(canvas, (last + REPEAT_AFTER, to - 100), width, y)
    {
        inside(canvas, again.clone(), x, y);
        last = x;
    }
    true
}

/// The first place inside a bar where words touch no diamond and no warning, and no arrow if that
/// can be had.
fn free_inside(canvas: &Canvas<'_, '_>, (from, to): (Px, Px), width: Px, y: Px) -> Option<Px> {
    let is_crossed = |x: &Px| {
        let rect = Rect::new(x - 20, y - 80, width + 40, 160);
        canvas.obstacles.lines.iter().any(|line| line.crosses(rect))
    };
    let is_free = |x: &Px| {
        let rect = Rect::new(x - 20, y - 80, width + 40, 160);
        let layout = &canvas.layout;
        let diamonds = layout.diamonds.iter().map(|d| Rect::around(d.x, d.y, 140, 160));
        let warnings =
            layout.violations.iter().map(|v| Rect::around(v.x, v.culprit - 20, 320, 260));
        let paused = layout.ills.iter().filter(|ill| ill.part == NodePart::Pause);
        let paused = paused.map(|ill| ill.rect);
        !diamonds.chain(warnings).chain(paused).any(|mark| mark.overlaps(rect))
    };
    let places = (from..=(to - width).max(from - 1)).step_by(40).filter(is_free);
    places.clone().find(|x| !is_crossed(x)).or_else(|| places.clone().next())
}

fn inside(canvas: &mut Canvas<'_, '_>, text: String, x: Px, y: Px) {
    let font = Font::LABEL;
    let rect = Rect::new(x, y - 80, font.width(&text), 160);
    canvas.put_tag(Tag {
        home: Home::Bar,
        rect,
        text,
        font,
        ink: Token::Onfill,
        ground: None,
        edge: None,
        anchor: Anchor::Start,
    });
}

/// Writes on a bar on a ground of its own: its epoch, or its role where epochs are not shown.
fn write_pill(
    canvas: &mut Canvas<'_, '_>,
    text: String,
    epoch: u64,
    (from, to): (Px, Px),
    y: Px,
) -> bool {
    if text.is_empty() {
        return false;
    }
    let mut tag = pill(text, from + 80, y, Font::PILL);
    tag.ink = Token::of_epoch(epoch);
    tag.edge = Some(tag.ink);
    tag.home = Home::Bar;
    let hits = |rect: Rect| {
        let lines = canvas.obstacles.lines.iter().filter(|line| line.crosses(rect)).count();
        let tags = canvas.layout.tags.iter().filter(|other| other.rect.overlaps(rect)).count();
        let layout = &canvas.layout;
        let warnings =
            layout.violations.iter().map(|v| Rect::around(v.x, v.culprit - 20, 320, 260));
        let marks = layout.diamonds.iter().map(|d| Rect::around(d.x, d.y, 120, 140));
        let marks = marks.chain(warnings).chain(super::marks::hourglasses(canvas));
        lines + 3 * tags + 3 * marks.filter(|mark| mark.overlaps(rect)).count()
    };
    // The bar itself is no obstacle to its own pill: only arrows and other tags are.
    let best_of = |shifts: &[Px]| {
        let on_bar = shifts.iter().map(|shift| Rect { x: from + shift, ..tag.rect });
        let on_bar = on_bar.filter(|rect| rect.right() <= to);
        on_bar.map(|rect| (hits(rect), rect)).min_by_key(|(hits, _)| *hits)
    };
    let best = best_of(&[80, 120, 160, 200, 260, 320, 400, 500, 30]);
    let far = best_of(&[700, 1_000, 1_500]);
    // A bar that is too short has its label above or below.
    let near = [190, -190].into_iter().flat_map(|dy| {
        [0, -100, 100, -250].map(|dx| Rect { x: from + dx, y: tag.rect.y - dy, ..tag.rect })
    });
    let near = near.filter(|rect| canvas.obstacles.cost(*rect) < 200);
    let near = near.map(|rect| (hits(rect), rect)).min_by_key(|(hits, _)| *hits);
    let is_clear = |(hits, _): &(usize, Rect)| *hits < 3;
    let found = best.filter(is_clear).or(near).or(far.filter(is_clear)).or(best);
    let Some((_, rect)) = found else { return false };
    // Rather no label than one on a warning.
    let mut triangles = canvas.layout.violations.iter();
    let is_hidden = triangles.any(|v| Rect::around(v.x, v.culprit - 30, 280, 240).overlaps(rect));
    if is_hidden || rect.right() > canvas.layout.axis.right {
        return false;
    }
    tag.rect = rect;
    canvas.put_tag(tag);
    true
}

/// The moments at which bars change, if there are not too many for the axis.
pub(super) fn changes(scene: &crate::scene::Scene<'_>, from: Instant, to: Instant) -> Vec<Instant> {
    const CHANGES_MAX: usize = 30;
    let mut moments: Vec<Instant> = scene
        .stands
        .iter()
        .filter(|stand| stand.standing.class != RoleClass::Asking)
        .map(|stand| stand.from)
        .filter(|at| from < *at && *at < to)
        .collect();
    moments.sort_unstable();
    moments.dedup();
    if moments.len() > CHANGES_MAX { Vec::new() } else { moments }
}
