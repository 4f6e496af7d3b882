//! The lanes: which, in which order, at which height.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::{NodeId, RoleClass};

use super::fold::Chosen;
use super::layout::Lane;
use super::sides::sides;
use super::text::Font;
use crate::scene::{Scene, Trouble};
use crate::story::Story;
use crate::svg::Px;
use crate::words;

/// Room between lanes on different sides of a partition.
const WALL_ROOM: Px = 200;
/// Lanes are at least this far apart.
const PITCH_MIN: Px = 480;
/// More nodes than this do not fit on a page.
const LANES_MAX: usize = 12;

/// Where the plot begins, unless names are long.
pub(super) const LEFT: Px = 1_120;
/// What a page has beside the names of lanes, on both sides together.
pub(super) const BESIDE_NAMES: Px = 380;
/// Names are at most this wide; the whole name is in the captions.
const NAME_MAX: Px = 1_500;

/// The lanes with what else depends on their order.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    pub(crate) list: Vec<Lane>,
    /// The lower edge of the last lane.
    pub(crate) bottom: Px,
    /// How many nodes have no lane.
    pub(crate) without_lane: usize,
}

/// Puts the seats that matter in order, with more air between them than usual.
pub(crate) fn arrange(scene: &Scene<'_>, story: &Story, chosen: &Chosen, air: Px) -> Lanes {
    let main = longest_partition(scene, chosen);
    let main = main.as_ref();
    let mut nodes = node_order(scene, main);
    let all = nodes.len();
    if all > LANES_MAX {
        keep_newsworthy(scene, story, chosen, &mut nodes);
    }
    let folded = all - nodes.len();
    let (above, below) = client_order(scene, chosen, &nodes);
    let pitch = (pitch(nodes.len()) + air).max(PITCH_MIN);
    let has_above = !above.is_empty();
    let mut lanes = Vec::new();
    let mut y = 0;
    for client in above {
        y += if lanes.is_empty() { 260 } else { 420 };
        lanes.push(lane(scene, client, y));
    }
    for (i, node) in nodes.iter().enumerate() {
        let is_apart = i > 0 && main.is_some_and(|main| are_apart(main, nodes[i - 1], *node));
        y += match (i, has_above) {
            (0, true) => 680,
            (0, false) => 500,
            _ if is_apart => pitch + WALL_ROOM,
            _ => pitch,
        };
        lanes.push(lane(scene, *node, y));
    }
    for (i, client) in below.iter().enumerate() {
        y += if i == 0 { 640 } else { 420 };
        lanes.push(lane(scene, *client, y));
    }
    let bottom = y + if below.is_empty() { 360 } else { 260 };
    Lanes { list: lanes, bottom, without_lane: folded }
}

/// Keeps the nodes about which there is something to see, and as many others as fit.
fn keep_newsworthy(scene: &Scene<'_>, story: &Story, chosen: &Chosen, nodes: &mut Vec<NodeId>) {
    let mut news: BTreeMap<NodeId, usize> = BTreeMap::new();
    for node in story.steps.iter().filter_map(|step| step.node) {
        *news.entry(node).or_default() += 100;
    }
    let stood = scene.stands.iter().filter(|stand| chosen.shows_span(stand.from, Some(stand.to)));
    for stand in stood {
        let is_plain = matches!(stand.standing.class, RoleClass::Following | RoleClass::Observing);
        *news.entry(stand.node).or_default() += if is_plain { 0 } else { 50 };
    }
    for down in scene.downs.iter().filter(|down| chosen.shows_span(down.from, down.to)) {
        *news.entry(down.node).or_default() += 50;
    }
    for message in chosen.messages.iter().map(|i| &scene.messages[*i]) {
        let worth = usize::from(!message.routine);
        *news.entry(message.from).or_default() += 2 * worth;
        *news.entry(message.to).or_default() += worth;
    }
    let mut order = nodes.clone();
    order.sort_by_key(|node| std::cmp::Reverse(news.get(node).copied().unwrap_or(0)));
    let kept: BTreeSet<NodeId> = order.into_iter().take(LANES_MAX).collect();
    nodes.retain(|node| kept.contains(node));
}

fn lane(scene: &Scene<'_>, node: NodeId, y: Px) -> Lane {
    let seat = scene.trace.cast.seat(node);
    let (name, is_client) = (words::name(&scene.trace.cast, node), seat.is_client);
    Lane { node, name, kind: kind(scene, node), is_client, y }
}

/// What stands under a name: what the seat is, unless all nodes are the same; then its room.
fn kind(scene: &Scene<'_>, node: NodeId) -> String {
    let seat = scene.trace.cast.seat(node);
    let is_plain = !seat.is_client
        && scene.trace.cast.iter().all(|(_, other)| other.is_client || other.kind == seat.kind);
    if is_plain { seat.place.clone().unwrap_or_default() } else { seat.kind.clone() }
}

/// How wide the names are with what stands under them, once long ones are as small as may be.
pub(super) fn names_width(scene: &Scene<'_>) -> Px {
    let width = |node: NodeId| {
        let name = Font::LANE_LEAST.width(&words::name(&scene.trace.cast, node));
        name.max(Font::KIND.width(&kind(scene, node)))
    };
    scene.trace.cast.ids().map(width).max().unwrap_or(0).min(NAME_MAX)
}

fn pitch(n: usize) -> Px {
    match n {
        0..=3 => 800,
        4 => 740,
        5 => 660,
        6 => 600,
        7 => 560,
        8 => 520,
        _ => 480,
    }
}

/// The partition that lasts longest within the picture.
pub(crate) fn longest_partition(scene: &Scene<'_>, chosen: &Chosen) -> Option<Vec<Vec<NodeId>>> {
    let length = |trouble: &Trouble<'_>| {
        let to = trouble.to.unwrap_or(chosen.to).min(chosen.to);
        to.since(trouble.from.max(chosen.from))
    };
    let mut best: Option<(&Trouble<'_>, Vec<Vec<NodeId>>)> = None;
    for trouble in scene.troubles.iter().filter(|t| chosen.shows_span(t.from, t.to)) {
        if let Some(sides) = sides(scene, trouble.view)
            && best.as_ref().is_none_or(|(longest, _)| length(longest) < length(trouble))
        {
            best = Some((trouble, sides.groups));
        }
    }
    best.map(|(_, groups)| groups)
}

/// The group of a seat; seats in no group form one more.
pub(crate) fn group_of(groups: &[Vec<NodeId>], node: NodeId) -> usize {
    groups.iter().position(|group| group.contains(&node)).unwrap_or(groups.len())
}

fn are_apart(groups: &[Vec<NodeId>], a: NodeId, b: NodeId) -> bool {
    group_of(groups, a) != group_of(groups, b)
}

/// Nodes by the groups of the main partition, each group where its first member is; names
/// otherwise.
fn node_order(scene: &Scene<'_>, main: Option<&Vec<Vec<NodeId>>>) -> Vec<NodeId> {
    let mut nodes: Vec<NodeId> =
        scene.trace.cast.ids().filter(|id| !scene.is_client(*id)).collect();
    if let Some(groups) = main {
        let mut first: BTreeMap<usize, usize> = BTreeMap::new();
        for (i, node) in nodes.iter().enumerate() {
            first.entry(group_of(groups, *node)).or_insert(i);
        }
        nodes.sort_by_key(|node| first.get(&group_of(groups, *node)).copied());
    }
    nodes
}

/// Clients with something in the picture: those that talk to the upper nodes above, others below.
fn client_order(
    scene: &Scene<'_>,
    chosen: &Chosen,
    nodes: &[NodeId],
) -> (Vec<NodeId>, Vec<NodeId>) {
    let (mut above, mut below) = (Vec::new(), Vec::new());
    for client in scene.trace.cast.ids().filter(|id| scene.is_client(*id)) {
        let has_op = chosen.ops.iter().any(|i| scene.ops[*i].client == client);
        let mut partners: Vec<usize> = Vec::new();
        for message in chosen.messages.iter().map(|i| &scene.messages[*i]) {
            let partner = if message.from == client {
                message.to
            } else if message.to == client {
                message.from
            } else {
                continue;
            };
            partners.extend(nodes.iter().position(|node| *node == partner));
        }
        if !has_op && partners.is_empty() {
            continue;
        }
        // Without partners the first client stands above.
        let sum: usize = partners.iter().sum();
        let is_high = 2 * sum < partners.len() * nodes.len().saturating_sub(1).max(1);
        if is_high || (partners.is_empty() && above.is_empty()) {
            above.push(client);
        } else {
            below.push(client);
        }
    }
    (above, below)
}

impl Lanes {
    /// The height of a seat's lane, if it has one.
    pub(crate) fn y(&self, node: NodeId) -> Option<Px> {
        self.list.iter().find(|lane| lane.node == node).map(|lane| lane.y)
    }

    /// The heights of the first and the last node.
    pub(crate) fn node_span(&self) -> Option<(Px, Px)> {
        let mut ys = self.list.iter().filter(|lane| !lane.is_client).map(|lane| lane.y);
        let first = ys.next()?;
        Some((first, ys.next_back().unwrap_or(first)))
    }
}
