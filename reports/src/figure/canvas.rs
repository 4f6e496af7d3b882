//! The picture in the making: the scene, what was chosen of it, its scales, and what is placed
//! already.

use sim_engine::{Instant, NodeId, RoleClass};

use super::axis::Axis;
use super::fold::Chosen;
use super::geometry::{Rect, clamp_px};
use super::labels::Obstacles;
use super::lanes::Lanes;
use super::layout::{Anchor, Home, Layout, Tag};
use super::pace::Pace;
use super::text::Font;
use super::theme::Token;
use crate::scene::Scene;
use crate::story::Story;
use crate::svg::Px;

/// Half the height of a client operation.
pub(super) const OP_HALF: Px = 120;
/// Half the height of the band of a node that is down.
pub(super) const DOWN_HALF: Px = 220;

/// The picture in the making.
#[derive(Debug)]
pub(super) struct Canvas<'s, 'a> {
    pub(super) scene: &'s Scene<'a>,
    pub(super) story: &'s Story,
    pub(super) chosen: &'s Chosen,
    pub(super) axis: Axis,
    pub(super) lanes: Lanes,
    pub(super) layout: Layout,
    pub(super) obstacles: Obstacles,
    pub(super) pace: Pace,
}

impl Canvas<'_, '_> {
    /// Half the height of what stands on a lane at a moment; where arrows begin and end.
    pub(super) fn half(&self, node: NodeId, at: Instant) -> Px {
        if self.scene.is_client(node) {
            let in_op = self.chosen.ops.iter().map(|i| &self.scene.ops[*i]).any(|op| {
                op.client == node && op.from <= at && op.end.is_none_or(|(end, ..)| at <= end)
            });
            return if in_op { OP_HALF } else { 0 };
        }
        if self.scene.is_down(node, at) {
            return DOWN_HALF;
        }
        self.scene
            .stands
            .iter()
            .filter(|stand| stand.node == node && stand.from <= at && at <= stand.to)
            .map(|stand| half_of(stand.standing.class))
            .max()
            .unwrap_or(0)
    }

    /// True if a moment is in the picture.
    pub(super) fn shows(&self, at: Instant) -> bool {
        self.chosen.shows(at)
    }

    /// Puts a tag where it is wanted, whatever is there.
    pub(super) fn put_tag(&mut self, tag: Tag) {
        self.obstacles.boxes.push(tag.rect);
        self.layout.tags.push(tag);
    }

    /// The word before an epoch's number with the number: `T2`; empty where epochs are not shown.
    pub(super) fn epoch_sign(&self, epoch: u64) -> String {
        epoch_sign(self.scene, epoch)
    }
}

/// `T2`; empty where epochs are not shown.
pub(super) fn epoch_sign(scene: &Scene<'_>, epoch: u64) -> String {
    let sign = scene.trace.lexicon.epoch_sign;
    if sign.is_empty() || epoch == 0 { String::new() } else { format!("{sign}{epoch}") }
}

/// Half the height of a bar.
pub(super) const fn half_of(class: RoleClass) -> Px {
    match class {
        RoleClass::InCharge | RoleClass::Trying | RoleClass::Decided => 100,
        RoleClass::Following => 40,
        RoleClass::Observing => 20,
        RoleClass::Asking => 0,
    }
}

/// A pill: text in a small box.
pub(super) fn pill(text: String, left: Px, mid_y: Px, font: Font) -> Tag {
    let rect = Rect::new(left, mid_y - 85, font.width(&text) + 100, 170);
    Tag {
        home: Home::Free,
        rect,
        text,
        font,
        ink: Token::Ink,
        ground: Some(Token::Bg),
        edge: None,
        anchor: Anchor::Middle,
    }
}

/// The middle of two lengths.
pub(super) fn mid(a: Px, b: Px) -> Px {
    clamp_px(i64::midpoint(i64::from(a), i64::from(b)))
}
