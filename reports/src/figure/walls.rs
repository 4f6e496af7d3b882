//! Partitions: a wall wherever neighbours are parted, or stripes where lanes cannot be ordered so.

use sim_engine::NodeId;

use super::canvas::{Canvas, mid, pill};
use super::geometry::{Rect, Segment};
use super::lanes::group_of;
use super::layout::{Anchor, Home, Stripe, Tag, Wall};
use super::sides::{Sides, named, sides};
use super::text::Font;
use super::theme::Token;
use crate::scene::Trouble;
use crate::svg::Px;
use crate::words;

const WALL_HEIGHT: Px = 100;
/// A stripe above a lane, and how far apart its letters stand.
const STRIPE_HEIGHT: Px = 60;
const LETTERS_APART: Px = 2_000;

/// The partitions in the picture, with their sides.
fn shown<'s, 'a>(canvas: &Canvas<'s, 'a>) -> Vec<(&'s Trouble<'a>, Sides)> {
    let (scene, chosen) = (canvas.scene, canvas.chosen);
    let troubles = scene.troubles.iter().filter(|t| chosen.shows_span(t.from, t.to));
    troubles.filter_map(|trouble| Some((trouble, sides(scene, trouble.view)?))).collect()
}

/// Places the spans and walls of partitions.
pub(super) fn place_walls(canvas: &mut Canvas<'_, '_>) {
    let Some((top, bottom)) = canvas.lanes.node_span() else { return };
    for (i, (trouble, sides)) in shown(canvas).into_iter().enumerate() {
        let to = trouble.to.unwrap_or(canvas.chosen.to).min(canvas.chosen.to);
        let (x1, x2) = (canvas.axis.x(trouble.from), canvas.axis.x(to));
        let span = Rect::new(x1, top - 310, (x2 - x1).max(10), bottom - top + 610);
        let mut walls = walls_of(canvas, &sides.groups, span);
        let ended = trouble.to.filter(|to| *to <= canvas.chosen.to);
        let until = ended.map_or_else(|| "the end".to_owned(), words::moment);
        let kind = if sides.is_one_way { "One-way cut" } else { "Partition" };
        let names = named(canvas.scene, &sides);
        let title = format!("{kind} {names} from {} to {until}", words::moment(trouble.from));
        let id = format!("fault-partition-{}", i + 1);
        // Sides that do not stand together cannot be parted by one wall each.
        let is_striped = walls.len() >= sides.groups.len().max(2);
        let stripes = if is_striped { stripes(canvas, &sides.groups, span) } else { Vec::new() };
        if is_striped {
            walls.clear();
        }
        let heads = if sides.is_one_way { heads(canvas, &sides, &walls) } else { Vec::new() };
        let is_open = ended.is_none();
        canvas.layout.walls.push(Wall { id, span, walls, stripes, heads, is_open, title });
    }
}

/// A wall wherever two neighbouring lanes are in different groups.
fn walls_of(canvas: &Canvas<'_, '_>, groups: &[Vec<NodeId>], span: Rect) -> Vec<Rect> {
    let lanes: Vec<_> = canvas.lanes.list.iter().filter(|lane| !lane.is_client).collect();
    lanes
        .windows(2)
        .filter(|pair| group_of(groups, pair[0].node) != group_of(groups, pair[1].node))
        .map(|pair| {
            let y = mid(pair[0].y, pair[1].y);
            Rect::new(span.x, y - WALL_HEIGHT / 2, span.w, WALL_HEIGHT)
        })
        .collect()
}

/// A stripe above each node, with the letter of its group.
fn stripes(canvas: &Canvas<'_, '_>, groups: &[Vec<NodeId>], span: Rect) -> Vec<Stripe> {
    let nodes = canvas.lanes.list.iter().filter(|lane| !lane.is_client);
    nodes
        .map(|lane| {
            let group = u8::try_from(group_of(groups, lane.node)).unwrap_or(25).min(25);
            let rect = Rect::new(span.x, lane.y - 190, span.w, STRIPE_HEIGHT);
            Stripe { rect, letter: char::from(b'A' + group) }
        })
        .collect()
}

/// Arrow heads on a wall that lets one direction pass: they point where nothing arrives.
fn heads(canvas: &Canvas<'_, '_>, sides: &Sides, walls: &[Rect]) -> Vec<(Px, Px, bool)> {
    let height = |side: usize| {
        let ys: Vec<Px> =
            sides.groups[side].iter().filter_map(|node| canvas.lanes.y(*node)).collect();
        ys.iter().sum::<Px>() / Px::try_from(ys.len().max(1)).unwrap_or(1)
    };
    let is_down = height(1) > height(0);
    let along = |wall: &Rect| {
        let n = wall.w / 600;
        let (x, y) = (wall.x, wall.mid_y());
        (0..=n).map(move |i| (x + 300 + 600 * i, y, is_down)).collect::<Vec<_>>()
    };
    let heads = walls.iter().flat_map(along);
    heads.filter(|(x, ..)| walls.iter().any(|wall| x + 100 < wall.right())).collect()
}

/// Puts the letters of stripes where nothing else is.
fn letter_stripes(canvas: &mut Canvas<'_, '_>, wall: &Wall) {
    for stripe in &wall.stripes {
        let mut x = stripe.rect.x + 60;
        while x + 160 < stripe.rect.right() {
            let rect = Rect::new(x, stripe.rect.y - 45, 150, 150);
            if canvas.obstacles.cost(rect) < 1_000 {
                canvas.put_tag(Tag {
                    home: Home::Free,
                    rect,
                    text: stripe.letter.to_string(),
                    font: Font::PILL,
                    ink: Token::Fault,
                    ground: Some(Token::Bg),
                    edge: None,
                    anchor: Anchor::Middle,
                });
                x += LETTERS_APART;
            } else {
                x += 150;
            }
        }
    }
}

/// From now on nothing is put on the edges of partitions and on the lines of snapshots.
pub(super) fn guard_edges(canvas: &mut Canvas<'_, '_>) {
    for wall in &canvas.layout.walls {
        for x in [wall.span.x, wall.span.right()] {
            let edge = Segment::new((x, wall.span.y), (x, wall.span.bottom()));
            canvas.obstacles.lines.push(edge);
        }
    }
    for shot in &canvas.layout.snapshots {
        let line = Segment::new((shot.line_x, shot.line_top), (shot.line_x, shot.line_bottom));
        canvas.obstacles.lines.push(line);
    }
}

/// Words have the ground they stand on: that of a partition's span, or of an operation's box.
pub(super) fn shade_grounds(canvas: &mut Canvas<'_, '_>) {
    let walls = &canvas.layout.walls;
    let on_span = |rect: Rect| walls.iter().any(|wall| wall.span.holds(rect));
    for tag in &mut canvas.layout.tags {
        if tag.edge.is_none() && tag.ground == Some(Token::Bg) && on_span(tag.rect) {
            tag.ground = Some(Token::Surf);
        }
        // Another client's arrow must not strike words in a box out.
        let is_crossed = canvas.obstacles.lines.iter().any(|line| line.crosses(tag.rect));
        if tag.home == Home::Op && tag.ground.is_none() && is_crossed {
            tag.ground = Some(Token::Neutral);
        }
    }
}

/// Puts the name of each partition into the longest free stretch of its wall.
pub(super) fn name_walls(canvas: &mut Canvas<'_, '_>) {
    let walls = canvas.layout.walls.clone();
    for (wall, (_, sides)) in walls.iter().zip(shown(canvas)) {
        letter_stripes(canvas, wall);
        let short = if wall.stripes.is_empty() {
            named(canvas.scene, &sides)
        } else {
            lettered(canvas, &sides)
        };
        let kind = if sides.is_one_way { "ONE-WAY CUT" } else { "NETWORK PARTITION" };
        let names = [format!("{kind}  {short}"), short];
        let free = wall.walls.iter().flat_map(|part| {
            free_stretches(canvas, *part).into_iter().map(|stretch| (stretch, part.mid_y()))
        });
        let longest = free.max_by_key(|((from, to), y)| (to - from, -y, -from));
        let put_in = |canvas: &mut Canvas<'_, '_>, name: &str| {
            longest.is_some_and(|(stretch, y)| name_in(canvas, name, stretch, y))
        };
        let put_near = |canvas: &mut Canvas<'_, '_>, name: &str| {
            wall.walls.iter().any(|part| name_beside(canvas, name, *part))
                || name_below(canvas, name, wall.span)
        };
        // Who is cut off from whom matters more than where it is said.
        let is_named = names.iter().any(|name| put_in(canvas, name))
            || names.iter().any(|name| put_near(canvas, name))
            || short_sides(canvas, &sides)
                .is_some_and(|name| put_in(canvas, &name) || put_near(canvas, &name));
        if !is_named {
            put_in(canvas, "PARTITION");
        }
    }
    let parts = walls.iter().flat_map(|wall| &wall.walls).copied();
    canvas.obstacles.boxes.extend(parts);
}

/// `A {n1, n4} | B {n2, n3}`: the letters of stripes with who belongs to them.
fn lettered(canvas: &Canvas<'_, '_>, sides: &Sides) -> String {
    let text = named(canvas.scene, sides);
    let parts = text.split(" | ").zip('A'..='Z').map(|(part, letter)| format!("{letter} {part}"));
    parts.collect::<Vec<_>>().join(" | ")
}

/// `{n4} | the others`, if one group is much smaller.
fn short_sides(canvas: &Canvas<'_, '_>, sides: &Sides) -> Option<String> {
    let nodes = |group: &Vec<NodeId>| -> Vec<NodeId> {
        group.iter().copied().filter(|id| !canvas.scene.is_client(*id)).collect()
    };
    let mut by_size: Vec<Vec<NodeId>> = sides.groups.iter().map(nodes).collect();
    by_size.sort_by_key(Vec::len);
    let least =
        by_size.into_iter().find(|group| !group.is_empty()).filter(|group| group.len() <= 2)?;
    let names = words::names(&canvas.scene.trace.cast, &least).join(", ");
    let fits = sides.groups.len() <= 2 && !sides.is_one_way;
    fits.then(|| format!("{{{names}}} | others"))
}

fn name_in(canvas: &mut Canvas<'_, '_>, name: &str, (from, to): (Px, Px), y: Px) -> bool {
    let mut tag = name_tag(name, y);
    let fits = tag.rect.w + 60 <= to - from;
    if fits {
        tag.rect.x = mid(from, to) - tag.rect.w / 2;
        canvas.put_tag(tag);
    }
    fits
}

/// Just above or below the wall, where nothing else is.
fn name_beside(canvas: &mut Canvas<'_, '_>, name: &str, wall: Rect) -> bool {
    const STEPS: Px = 24;
    let mut tag = name_tag(name, wall.mid_y());
    let room = wall.w - tag.rect.w - 80;
    if room < 0 {
        return false;
    }
    let places: Vec<_> = [-160, 160]
        .iter()
        .flat_map(|dy| (0..=STEPS).map(move |n| (*dy, n)))
        .map(|(dy, n)| (wall.x + 40 + room * n / STEPS, tag.rect.y + dy))
        .map(|(x, y)| (Rect { x, y, ..tag.rect }, 0))
        .collect();
    let free = canvas.obstacles.cheapest(&places).filter(|(_, cost)| *cost < 100);
    if let Some((rect, _)) = free {
        tag.rect = rect;
        canvas.put_tag(tag);
    }
    free.is_some()
}

fn name_tag(name: &str, y: Px) -> Tag {
    let mut tag = pill(name.to_owned(), 0, y, Font::new(115, 600));
    tag.rect.w += 40;
    tag.home = Home::Wall;
    tag.ink = Token::Fault;
    tag.edge = Some(Token::Fault);
    tag
}

/// Without room at the wall the name stands at the lower edge of the span.
fn name_below(canvas: &mut Canvas<'_, '_>, name: &str, span: Rect) -> bool {
    let mut tag = name_tag(name, span.bottom() - 95);
    let room = span.w - tag.rect.w - 80;
    if room < 0 {
        return false;
    }
    let places: Vec<_> =
        (0..=8).map(|n| (Rect { x: span.x + 40 + room * n / 8, ..tag.rect }, 0)).collect();
    let free = canvas.obstacles.cheapest(&places).filter(|(_, cost)| *cost < 200);
    if let Some((rect, _)) = free {
        tag.rect = rect;
        canvas.put_tag(tag);
    }
    free.is_some()
}

/// Parts of a wall that no arrow and no tag touches.
fn free_stretches(canvas: &Canvas<'_, '_>, wall: Rect) -> Vec<(Px, Px)> {
    let band = wall.grown(0, 40);
    let mut taken: Vec<(Px, Px)> = Vec::new();
    for line in canvas.obstacles.lines.iter().filter(|line| line.crosses(band)) {
        let (a, b) = (line.x_at(band.y), line.x_at(band.bottom()));
        taken.push((a.min(b) - 60, a.max(b) + 60));
    }
    for tag in canvas.layout.tags.iter().filter(|tag| tag.rect.overlaps(band)) {
        taken.push((tag.rect.x - 40, tag.rect.right() + 40));
    }
    taken.sort_unstable();
    let mut free = Vec::new();
    let mut from = wall.x;
    for (a, b) in taken {
        if a > from {
            free.push((from, a.min(wall.right())));
        }
        from = from.max(b);
    }
    if from < wall.right() {
        free.push((from, wall.right()));
    }
    free
}
