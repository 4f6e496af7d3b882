//! Where labels go: beside their arrow, never on it, by the lowest cost, most constrained first.

use sim_engine::{EventId, Instant, NodeId};

use super::geometry::{Rect, Segment};
use super::layout::{Anchor, Home, Tag};
use super::text::Font;
use super::theme::Token;
use crate::svg::Px;

/// Where along the arrow a label is tried, in thousandths, in the order of preference.
const FRACTIONS: [i64; 11] = [500, 420, 580, 340, 660, 260, 740, 180, 820, 120, 880];
/// How far from its arrow a label may stand where there is no room beside it, and what that costs.
const AWAY: Px = 160;
const AWAY_COST: i64 = 190;
const BOX_COST: i64 = 1_000;
const LINE_COST: i64 = 100;
/// No label hides more arrows than this is worth.
const CROWD_COST: i64 = 5 * LINE_COST;

/// What labels must keep clear of.
#[derive(Clone, Debug)]
pub(crate) struct Obstacles {
    pub(crate) bounds: Rect,
    pub(crate) boxes: Vec<Rect>,
    pub(crate) lines: Vec<Segment>,
}

/// A label that looks for a place.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) text: String,
    pub(crate) ink: Token,
    pub(crate) font: Font,
    pub(crate) places: Vec<(Rect, i64)>,
    /// What it shares with labels that say the same: one of them is enough where room is short.
    pub(crate) fan: Fan,
}

/// Labels that say the same of the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fan {
    /// Answers to what one node asked for one reason.
    Answers(NodeId, EventId),
    /// Whatever is sent in one moment.
    SentAt(Instant),
}

impl Obstacles {
    pub(crate) fn new(bounds: Rect) -> Self {
        Self { bounds, boxes: Vec::new(), lines: Vec::new() }
    }

    /// True if a box here touches no other, whatever lines it lies on.
    pub(crate) fn is_free(&self, rect: Rect) -> bool {
        self.bounds.holds(rect) && !self.boxes.iter().any(|b| b.overlaps(rect))
    }

    /// What it costs to put a box here.
    pub(crate) fn cost(&self, rect: Rect) -> i64 {
        let lines = self.lines_hit(rect);
        if self.is_free(rect) { lines } else { BOX_COST + lines }
    }

    fn lines_hit(&self, rect: Rect) -> i64 {
        let grown = rect.grown(10, 0);
        let n = self.lines.iter().filter(|line| line.crosses(grown)).count();
        i64::try_from(n).unwrap_or(0) * LINE_COST
    }

    /// The cheapest of some places, which all are ways to put the same box. Ties: the first.
    pub(crate) fn cheapest(&self, places: &[(Rect, i64)]) -> Option<(Rect, i64)> {
        places
            .iter()
            .map(|(rect, extra)| (*rect, self.cost(*rect) + extra))
            .min_by_key(|(_, cost)| *cost)
    }
}

/// Places for a label beside an arrow: right and left of many points of it.
pub(crate) fn beside(line: Segment, text: &str, font: Font) -> Vec<(Rect, i64)> {
    let (w, h) = (font.width(text) + 40, font.height());
    let rise = i64::from((line.y2 - line.y1).abs()).max(1);
    let run = i64::from((line.x2 - line.x1).abs());
    // A flat arrow would touch a label that is only a little to its side.
    let lean = Px::try_from(run * i64::from(h) / 2 / rise).unwrap_or(2_000).min(2_000);
    let gap = 40 + lean;
    let mut places = Vec::new();
    for fraction in FRACTIONS {
        let (x, y) = line.at(fraction);
        let off_middle = (fraction - 500).abs() / 50;
        places.push((Rect::new(x + gap, y - h / 2, w, h), off_middle));
        places.push((Rect::new(x - gap - w, y - h / 2, w, h), off_middle + 1));
        // Rather somewhat away than over two arrows.
        places.push((Rect::new(x + gap + AWAY, y - h / 2, w, h), AWAY_COST + off_middle / 2));
        places.push((Rect::new(x - gap - w - AWAY, y - h / 2, w, h), AWAY_COST + off_middle / 2));
    }
    // Beside the head, too.
    let (x, y) = (line.x2, line.y2);
    places.push((Rect::new(x + gap + AWAY, y - h / 2, w, h), AWAY_COST + 5));
    places.push((Rect::new(x - gap - w - AWAY, y - h / 2, w, h), AWAY_COST + 6));
    places
}

/// A label with what each of its places costs now.
struct Waiting {
    label: Wanted,
    costs: Vec<i64>,
}

impl Waiting {
    fn new(obstacles: &Obstacles, label: Wanted) -> Self {
        let costs =
            label.places.iter().map(|(rect, extra)| obstacles.cost(*rect) + extra).collect();
        Self { label, costs }
    }

    /// How many places are free.
    fn free(&self) -> usize {
        self.costs.iter().filter(|cost| **cost < LINE_COST).count()
    }

    /// Another box stands in the way of some places.
    fn mind(&mut self, taken: Rect) {
        for ((rect, _), cost) in self.label.places.iter().zip(&mut self.costs) {
            if taken.overlaps(*rect) {
                *cost += BOX_COST;
            }
        }
    }

    /// The label in its cheapest place, if that costs less than this. Ties: the first.
    fn tag(&self, limit: i64) -> Option<Tag> {
        let places = self.label.places.iter().zip(&self.costs);
        let ((rect, _), cost) =
            places.min_by_key(|(_, cost)| **cost).filter(|(_, cost)| **cost < limit)?;
        Some(Tag {
            home: Home::Free,
            rect: *rect,
            text: self.label.text.clone(),
            font: self.label.font,
            ink: self.label.ink,
            ground: (*cost >= LINE_COST).then_some(Token::Bg),
            edge: None,
            anchor: Anchor::Middle,
        })
    }
}

/// Places every label for which there is room. Returns the tags, and what had to be left out.
pub(crate) fn place(obstacles: &mut Obstacles, wanted: Vec<Wanted>) -> (Vec<Tag>, Vec<String>) {
    let mut waiting: Vec<Waiting> =
        wanted.into_iter().map(|label| Waiting::new(obstacles, label)).collect();
    let mut late = Vec::new();
    let mut placed = Placed { obstacles, tags: Vec::new(), said: Vec::new() };
    // Most constrained first; of equals the one that comes first.
    while let Some(next) = (0..waiting.len()).min_by_key(|i| waiting[*i].free()) {
        let label = waiting.remove(next);
        if !placed.put(&label, 2 * LINE_COST, [&mut waiting, &mut late]) {
            late.push(label);
        }
    }
    // Better over two arrows than nowhere, then over a crowd of arrows of its own.
    for limit in [3 * LINE_COST, CROWD_COST] {
        let mut left = Vec::new();
        while !late.is_empty() {
            let label = late.remove(0);
            if !placed.has_said(&label) && !placed.put(&label, limit, [&mut late, &mut left]) {
                left.push(label);
            }
        }
        late = left;
    }
    let left = late.into_iter().filter(|label| !placed.has_said(label));
    let omitted = left.map(|label| label.label.text).collect();
    (placed.tags, omitted)
}

/// What has found its place.
struct Placed<'o> {
    obstacles: &'o mut Obstacles,
    tags: Vec<Tag>,
    said: Vec<(String, Fan)>,
}

impl Placed<'_> {
    /// True if another label says the same of the same.
    fn has_said(&self, label: &Waiting) -> bool {
        let Wanted { text, fan, .. } = &label.label;
        self.said.iter().any(|(said, of)| of == fan && said == text)
    }

    /// Puts a label, if it finds a place that costs less than this; those that wait mind it.
    fn put(&mut self, label: &Waiting, limit: i64, waiting: [&mut Vec<Waiting>; 2]) -> bool {
        let Some(tag) = label.tag(limit) else { return false };
        for other in waiting.into_iter().flatten() {
            other.mind(tag.rect);
        }
        self.obstacles.boxes.push(tag.rect);
        self.said.push((label.label.text.clone(), label.label.fan));
        self.tags.push(tag);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(text: &str, line: Segment) -> Wanted {
        let font = Font::LABEL;
        Wanted {
            text: text.to_owned(),
            ink: Token::Ink,
            font,
            places: beside(line, text, font),
            fan: Fan::SentAt(Instant::ZERO),
        }
    }

    #[test]
    fn labels_of_crossing_arrows_touch_nothing() {
        let mut obstacles = Obstacles::new(Rect::new(0, 0, 4_000, 2_000));
        let lines =
            [Segment::new((500, 200), (1_500, 1_500)), Segment::new((500, 1_500), (1_500, 200))];
        obstacles.lines = lines.to_vec();
        let (tags, omitted) =
            place(&mut obstacles, vec![wanted("Append x=2", lines[0]), wanted("ack", lines[1])]);
        assert_eq!(omitted, Vec::<String>::new());
        assert_eq!(tags.len(), 2);
        assert!(!tags[0].rect.overlaps(tags[1].rect));
        for tag in &tags {
            assert!(lines.iter().all(|line| !line.crosses(tag.rect)), "{tag:?}");
        }
    }

    #[test]
    fn a_label_without_room_is_left_out_and_named() {
        let mut obstacles = Obstacles::new(Rect::new(0, 0, 300, 300));
        let line = Segment::new((10, 10), (290, 290));
        obstacles.boxes.push(Rect::new(0, 0, 300, 300));
        let (tags, omitted) = place(&mut obstacles, vec![wanted("Append x=2", line)]);
        assert_eq!((tags.len(), omitted), (0, vec!["Append x=2".to_owned()]));
    }
}
