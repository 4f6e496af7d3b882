//! Boxes and lines in whole tenths of a pixel, and whether they touch.

use crate::svg::Px;

/// A box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) w: Px,
    pub(crate) h: Px,
}

/// A straight line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) x1: Px,
    pub(crate) y1: Px,
    pub(crate) x2: Px,
    pub(crate) y2: Px,
}

impl Rect {
    pub(crate) const fn new(x: Px, y: Px, w: Px, h: Px) -> Self {
        Self { x, y, w, h }
    }

    /// The box of this size around a point.
    pub(crate) const fn around(x: Px, y: Px, w: Px, h: Px) -> Self {
        Self { x: x - w / 2, y: y - h / 2, w, h }
    }

    pub(crate) const fn right(self) -> Px {
        self.x + self.w
    }

    pub(crate) const fn bottom(self) -> Px {
        self.y + self.h
    }

    pub(crate) const fn mid_x(self) -> Px {
        self.x + self.w / 2
    }

    pub(crate) const fn mid_y(self) -> Px {
        self.y + self.h / 2
    }

    /// The box grown by this much on every side.
    pub(crate) const fn grown(self, by_x: Px, by_y: Px) -> Self {
        Self { x: self.x - by_x, y: self.y - by_y, w: self.w + 2 * by_x, h: self.h + 2 * by_y }
    }

    /// True if the two share more than an edge.
    pub(crate) const fn overlaps(self, other: Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }

    /// True if `inner` lies inside.
    pub(crate) const fn holds(self, inner: Self) -> bool {
        self.x <= inner.x
            && self.y <= inner.y
            && inner.right() <= self.right()
            && inner.bottom() <= self.bottom()
    }
}

impl Segment {
    pub(crate) const fn new((x1, y1): (Px, Px), (x2, y2): (Px, Px)) -> Self {
        Self { x1, y1, x2, y2 }
    }

    /// The point this many thousandths of the way.
    pub(crate) fn at(self, per_mille: i64) -> (Px, Px) {
        (along(self.x1, self.x2, per_mille), along(self.y1, self.y2, per_mille))
    }

    /// The x where the line crosses this height; the end if it does not.
    pub(crate) fn x_at(self, y: Px) -> Px {
        let rise = i64::from(self.y2 - self.y1);
        if rise == 0 {
            return self.x2;
        }
        along(self.x1, self.x2, i64::from(y - self.y1) * 1_000 / rise)
    }

    /// The length, rounded down, at least 1.
    pub(crate) fn length(self) -> i64 {
        let (dx, dy) = (i64::from(self.x2 - self.x1), i64::from(self.y2 - self.y1));
        (dx * dx + dy * dy).isqrt().max(1)
    }

    /// The point `back` before the end, shifted by `aside` to the left of the direction.
    pub(crate) fn near_end(self, back: Px, aside: Px) -> (Px, Px) {
        let length = self.length();
        let (dx, dy) = (i64::from(self.x2 - self.x1), i64::from(self.y2 - self.y1));
        let (back, aside) = (i64::from(back), i64::from(aside));
        let x = i64::from(self.x2) - round_div(dx * back + dy * aside, length);
        let y = i64::from(self.y2) - round_div(dy * back - dx * aside, length);
        (clamp_px(x), clamp_px(y))
    }

    /// True if the line passes through the box.
    pub(crate) fn crosses(self, rect: Rect) -> bool {
        let (left, right) = (self.x1.min(self.x2), self.x1.max(self.x2));
        let (top, bottom) = (self.y1.min(self.y2), self.y1.max(self.y2));
        if right < rect.x || left > rect.right() || bottom < rect.y || top > rect.bottom() {
            return false;
        }
        let side = |x: Px, y: Px| {
            let (dx, dy) = (i64::from(self.x2 - self.x1), i64::from(self.y2 - self.y1));
            dx * i64::from(y - self.y1) - dy * i64::from(x - self.x1)
        };
        let corners = [
            side(rect.x, rect.y),
            side(rect.right(), rect.y),
            side(rect.x, rect.bottom()),
            side(rect.right(), rect.bottom()),
        ];
        !(corners.iter().all(|side| *side > 0) || corners.iter().all(|side| *side < 0))
    }
}

fn along(from: Px, to: Px, per_mille: i64) -> Px {
    clamp_px(i64::from(from) + round_div(i64::from(to - from) * per_mille, 1_000))
}

fn round_div(n: i64, by: i64) -> i64 {
    if n >= 0 { (n + by / 2) / by } else { (n - by / 2) / by }
}

/// A length that surely fits.
pub(crate) fn clamp_px(value: i64) -> Px {
    Px::try_from(value.clamp(-1_000_000, 1_000_000)).unwrap_or(0)
}

/// A count as a length.
pub(crate) fn count_px(n: usize) -> Px {
    Px::try_from(n).unwrap_or(100_000).min(100_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_passes_by_does_not_cross() {
        let rect = Rect::new(100, 100, 50, 20);
        assert!(Segment::new((90, 90), (160, 130)).crosses(rect));
        assert!(!Segment::new((90, 100), (100, 160)).crosses(rect));
        assert!(!Segment::new((0, 0), (90, 200)).crosses(rect));
    }

    #[test]
    fn a_head_ends_at_the_tip() {
        let line = Segment::new((0, 0), (300, 400));
        assert_eq!(line.length(), 500);
        assert_eq!(line.near_end(50, 0), (270, 360));
        assert_eq!(line.near_end(0, 50), (260, 430));
        assert_eq!(line.at(500), (150, 200));
        assert_eq!(line.x_at(200), 150);
    }
}
