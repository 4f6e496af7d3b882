//! Partitions with their walls, bands of nodes that are down, brackets of a bad network.

use sim_engine::{FaultView, NodeId};

use super::canvas::{Canvas, DOWN_HALF, mid, pill};
use super::geometry::{Rect, Segment};
use super::lanes::group_of;
use super::layout::{Anchor, Band, Bracket, Home, Tag, Wall};
use super::messages::is_partition;
use super::text::Font;
use super::theme::Token;
use crate::svg::Px;
use crate::words;

const WALL_HEIGHT: Px = 100;

/// Places the spans and walls of partitions.
pub(super) fn place_walls(canvas: &mut Canvas<'_, '_>) {
    let Some((top, bottom)) = canvas.lanes.node_span() else { return };
    let (scene, chosen) = (canvas.scene, canvas.chosen);
    let shown =
        scene.troubles.iter().filter(|t| is_partition(t.view) && chosen.shows_span(t.from, t.to));
    for (i, trouble) in shown.enumerate() {
        let FaultView::Partition { groups } = trouble.view else { continue };
        let to = trouble.to.unwrap_or(canvas.chosen.to).min(canvas.chosen.to);
        let (x1, x2) = (canvas.axis.x(trouble.from), canvas.axis.x(to));
        let span = Rect::new(x1, top - 310, (x2 - x1).max(10), bottom - top + 610);
        let walls = walls_of(canvas, groups, span);
        let ended = trouble.to.filter(|to| *to <= canvas.chosen.to);
        let until = ended.map_or_else(|| "the end".to_owned(), words::moment);
        let title = format!(
            "Partition {} from {} to {until}",
            sides(canvas, groups),
            words::moment(trouble.from)
        );
        let id = format!("fault-partition-{}", i + 1);
        canvas.layout.walls.push(Wall { id, span, walls, is_open: ended.is_none(), title });
    }
}

/// A wall wherever two neighbouring lanes are in different groups.
fn walls_of(canvas: &Canvas<'_, '_>, groups: &[Vec<NodeId>], span: Rect) -> Vec<Rect> {
    let lanes: Vec<_> = canvas
        .lanes
        .list
        .iter()
        .filter(|lane| !lane.is_client || groups.iter().any(|group| group.contains(&lane.node)))
        .collect();
    lanes
        .windows(2)
        .filter(|pair| !pair[0].is_client && !pair[1].is_client)
        .filter(|pair| group_of(groups, pair[0].node) != group_of(groups, pair[1].node))
        .map(|pair| {
            let y = mid(pair[0].y, pair[1].y);
            Rect::new(span.x, y - WALL_HEIGHT / 2, span.w, WALL_HEIGHT)
        })
        .collect()
}

/// `{n1, n2} | {n3, n4, n5}`: nodes only, unless a group has none.
fn sides(canvas: &Canvas<'_, '_>, groups: &[Vec<NodeId>]) -> String {
    let cast = &canvas.scene.trace.cast;
    let mut named: Vec<String> = Vec::new();
    for group in groups {
        let nodes: Vec<_> =
            group.iter().copied().filter(|id| !canvas.scene.is_client(*id)).collect();
        let mut shown = if nodes.is_empty() { group.clone() } else { nodes };
        shown.sort_unstable();
        named.push(format!("{{{}}}", words::names(cast, &shown).join(", ")));
    }
    let rest: Vec<_> = cast
        .ids()
        .filter(|id| !canvas.scene.is_client(*id) && !groups.iter().any(|g| g.contains(id)))
        .collect();
    if !rest.is_empty() {
        named.push(format!("{{{}}}", words::names(cast, &rest).join(", ")));
    }
    named.join(" | ")
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

/// Puts the name of each partition into the longest free stretch of its wall.
pub(super) fn name_walls(canvas: &mut Canvas<'_, '_>) {
    let scene = canvas.scene;
    let groups = scene.troubles.iter().filter_map(|trouble| match trouble.view {
        FaultView::Partition { groups } if canvas.chosen.shows_span(trouble.from, trouble.to) => {
            Some(groups)
        }
        FaultView::Partition { .. }
        | FaultView::Cut { .. }
        | FaultView::Network { .. }
        | FaultView::Node { .. } => None,
    });
    let walls = canvas.layout.walls.clone();
    for (wall, groups) in walls.iter().zip(groups.collect::<Vec<_>>()) {
        let full = format!("NETWORK PARTITION  {}", sides(canvas, groups));
        let names = [full, sides(canvas, groups)];
        let first = wall.walls.first().copied();
        let free = first.map_or_else(Vec::new, |first| free_stretches(canvas, first));
        let longest = free.into_iter().max_by_key(|(from, to)| (to - from, -from));
        let on_wall = first.zip(longest);
        let put_in = |canvas: &mut Canvas<'_, '_>, name: &str| {
            on_wall.is_some_and(|(first, stretch)| name_in(canvas, name, stretch, first.mid_y()))
        };
        let put_near = |canvas: &mut Canvas<'_, '_>, name: &str| {
            first.is_some_and(|first| name_beside(canvas, name, first))
                || name_below(canvas, name, wall.span)
        };
        // Who is cut off from whom matters more than where it is said.
        let is_named = names.iter().any(|name| put_in(canvas, name))
            || names.iter().any(|name| put_near(canvas, name))
            || short_sides(canvas, groups)
                .is_some_and(|name| put_in(canvas, &name) || put_near(canvas, &name));
        if !is_named {
            put_in(canvas, "PARTITION");
        }
    }
    let parts = walls.iter().flat_map(|wall| &wall.walls).copied();
    canvas.obstacles.boxes.extend(parts);
}

/// `{n4} | the others`, if one group is much smaller.
fn short_sides(canvas: &Canvas<'_, '_>, groups: &[Vec<NodeId>]) -> Option<String> {
    let nodes = |group: &Vec<NodeId>| -> Vec<NodeId> {
        group.iter().copied().filter(|id| !canvas.scene.is_client(*id)).collect()
    };
    let mut sizes: Vec<Vec<NodeId>> = groups.iter().map(nodes).collect();
    sizes.sort_by_key(Vec::len);
    let least =
        sizes.into_iter().find(|group| !group.is_empty()).filter(|group| group.len() <= 2)?;
    let names = words::names(&canvas.scene.trace.cast, &least).join(", ");
    (groups.len() <= 2).then(|| format!("{{{names}}} | others"))
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
pub(super) fn has_brackets(scene: &crate::scene::Scene<'_>) -> bool {
    scene.troubles.iter().any(|trouble| !is_partition(trouble.view))
}

/// Places the brackets of a bad network under the axis, in up to three rows.
pub(super) fn place_brackets(canvas: &mut Canvas<'_, '_>, y: Px) {
    let (scene, chosen) = (canvas.scene, canvas.chosen);
    let bad =
        scene.troubles.iter().filter(|t| !is_partition(t.view) && chosen.shows_span(t.from, t.to));
    for (i, trouble) in bad.enumerate() {
        let text = match trouble.view {
            FaultView::Network { words } => words::rounded(words),
            FaultView::Node { node, words, .. } => {
                format!("{}: {}", words::name(&scene.trace.cast, *node), words::rounded(words))
            }
            FaultView::Cut { from, to, both } => {
                words::cut(&scene.trace.cast, from.as_deref(), to.as_deref(), *both)
            }
            FaultView::Partition { .. } => continue,
        };
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
