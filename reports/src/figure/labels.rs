//! Where labels go: beside their arrow, never on it, by the lowest cost, most constrained first.

use sim_engine::{EventId, Instant, NodeId};

use super::geometry::{Rect, Segment};
use super::layout::{Anchor, Home, Tag};
use super::text::Font;
use super::theme::Token;
use crate::svg::Px;

/// Where along the arrow a label is tried, in thousandths, in the order of preference.
const FRACTIONS: [i64; 11] = [500, 420, 580, 340, 660, 260, 740, 180, 820, 120, 880];
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

    /// What it costs to put a box here.
    pub(crate) fn cost(&self, rect: Rect) -> i64 {
        let hits_box = !self.bounds.holds(rect) || self.boxes.iter().any(|b| b.overlaps(rect));
        if hits_box { BOX_COST + self.lines_hit(rect) } else { self.lines_hit(rect) }
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
    }
    places
}

/// Places every label for which there is room. Returns the tags, and what had to be left out.
pub(crate) fn place(obstacles: &mut Obstacles, wanted: Vec<Wanted>) -> (Vec<Tag>, Vec<String>) {
    let mut waiting: Vec<Option<Wanted>> = wanted.into_iter().map(Some).collect();
    let (mut tags, mut late) = (Vec::new(), Vec::new());
    let mut said: Vec<(String, Fan)> = Vec::new();
    while let Some(next) = most_constrained(obstacles, &waiting) {
        let Some(label) = waiting[next].take() else { break };
        match put(obstacles, &label, 2 * LINE_COST) {
            Some(tag) => {
                said.push((label.text, label.fan));
                tags.push(tag);
            }
            None => late.push(label),
        }
    }
    let is_said = |said: &[(String, Fan)], label: &Wanted| {
        said.iter().any(|(text, fan)| *fan == label.fan && *text == label.text)
    };
    let mut left: Vec<Wanted> = Vec::new();
    for label in late {
        if is_said(&said, &label) {
            continue;
        }
        // Better over two arrows than nowhere.
        match put(obstacles, &label, 3 * LINE_COST) {
            Some(tag) => {
                said.push((label.text, label.fan));
                tags.push(tag);
            }
            None => left.push(label),
        }
    }
    left.retain(|label| !is_said(&said, label));
    let mut omitted: Vec<String> = Vec::new();
    for label in left {
        // Better over a crowd of arrows of its own than nowhere.
        match put(obstacles, &label, CROWD_COST) {
            Some(tag) => tags.push(tag),
            None => omitted.push(label.text),
        }
    }
    (tags, omitted)
}

/// The label in its cheapest place, if that costs less than this.
fn put(obstacles: &mut Obstacles, label: &Wanted, limit: i64) -> Option<Tag> {
    let (rect, cost) = obstacles.cheapest(&label.places).filter(|(_, cost)| *cost < limit)?;
    obstacles.boxes.push(rect);
    Some(Tag {
        home: Home::Free,
        rect,
        text: label.text.clone(),
        font: label.font,
        ink: label.ink,
        ground: (cost >= LINE_COST).then_some(Token::Bg),
        edge: None,
        anchor: Anchor::Middle,
    })
}

fn most_constrained(obstacles: &Obstacles, waiting: &[Option<Wanted>]) -> Option<usize> {
    let free = |label: &Wanted| {
        let costs = label.places.iter().map(|(rect, extra)| obstacles.cost(*rect) + extra);
        costs.filter(|cost| *cost < LINE_COST).count()
    };
    waiting
        .iter()
        .enumerate()
        .filter_map(|(i, label)| Some((free(label.as_ref()?), i)))
        .min()
        .map(|(_, i)| i)
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
