//! How long messages usually travel, and which take much longer.

use std::collections::BTreeMap;

use sim_engine::NodeId;

use super::canvas::Canvas;
use super::geometry::{Rect, Segment};
use super::messages::tag_plain;
use super::text::Font;
use super::theme::Token;
use crate::scene::{Fate, Message, Scene};

/// A message is slow if it takes more than so many times the usual time of its link.
const SLOW: u64 = 3;
/// A link on which fewer messages than this arrived has no usual time of its own.
const SAMPLES_MIN: usize = 5;

/// The usual delay of each link, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    links: BTreeMap<(NodeId, NodeId), u64>,
}

impl Pace {
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let mut delays: BTreeMap<(NodeId, NodeId), Vec<u64>> = BTreeMap::new();
        for message in &scene.messages {
            let delay = delay(message);
            delays.entry((message.from, message.to)).or_default().extend(delay);
        }
        let links = delays.into_iter().filter(|(_, delays)| delays.len() >= SAMPLES_MIN);
        let median = |mut delays: Vec<u64>| {
            delays.sort_unstable();
            delays[delays.len() / 2]
        };
        Self { links: links.map(|(link, delays)| (link, median(delays))).collect() }
    }

    /// How much longer than usual a slow message took, in nanoseconds.
    pub(super) fn extra(&self, message: &Message<'_>) -> Option<u64> {
        let usual = *self.links.get(&(message.from, message.to))?;
        let took = delay(message)?;
        (usual > 0 && took > SLOW * usual).then(|| took - usual)
    }
}

fn delay(message: &Message<'_>) -> Option<u64> {
    let Fate::Arrived { at, .. } = message.fate else { return None };
    Some((at - message.sent_at).as_nanos())
}

/// True if a later message of the same link that is drawn too arrives before this one.
pub(super) fn is_overtaken(canvas: &Canvas<'_, '_>, message: &Message<'_>) -> bool {
    let Fate::Arrived { at, .. } = message.fate else { return false };
    let drawn = canvas.chosen.messages.iter().map(|i| &canvas.scene.messages[*i]);
    let mut overtaking = drawn.filter(|other| {
        (other.from, other.to) == (message.from, message.to)
            && other.copy_of.is_none()
            && message.sent_at < other.sent_at
            && matches!(other.fate, Fate::Arrived { at: other, .. } if other < at)
    });
    message.copy_of.is_none() && overtaking.next().is_some()
}

/// A word at the head of an arrow, where there is room.
pub(super) fn near_head(canvas: &mut Canvas<'_, '_>, text: &str, line: Segment, ink: Token) {
    let w = Font::LABEL.width(text) + 40;
    let aside = 120 + w / 3;
    let backs = [250, 350, 450, 600, 750, 950];
    let tries = backs.into_iter().flat_map(|back| [(back, aside), (back, -aside)]);
    let places: Vec<_> = tries
        .into_iter()
        .map(|(back, aside)| {
            let (x, y) = line.near_end(back, aside);
            (Rect::around(x, y, w, 150), i64::from(back) / 50)
        })
        .collect();
    let found = canvas.obstacles.cheapest(&places).filter(|(_, cost)| *cost < 200);
    if let Some((rect, cost)) = found {
        let mut tag = tag_plain(text, rect, ink);
        tag.ground = (cost >= 100).then_some(Token::Bg);
        canvas.put_tag(tag);
    }
}
