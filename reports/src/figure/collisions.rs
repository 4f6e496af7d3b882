//! Words on words, and words on marks: what a good picture has none of.

use super::geometry::Rect;
use super::layout::{Head, Home, Layout, Tag};

/// How near two boxes may come before they count as touching, in tenths of a pixel.
const SLACK: i32 = 5;

impl Layout {
    /// Every pair of boxes that lie on each other and must not, in words.
    pub(crate) fn collisions(&self) -> Vec<String> {
        let marks = self.marks();
        let mut found = Vec::new();
        for (i, tag) in self.tags.iter().enumerate() {
            let rect = tag.rect.grown(-SLACK, -SLACK);
            for other in &self.tags[i + 1..] {
                if rect.overlaps(other.rect) {
                    found.push(format!("`{}` on `{}`", tag.text, other.text));
                }
            }
            for (what, mark) in &marks {
                if rect.overlaps(*mark) {
                    found.push(format!("`{}` on {what}", tag.text));
                }
            }
            found.extend(self.on_ground(tag, rect));
        }
        for (i, disc) in self.discs.iter().enumerate() {
            let rect = Rect::around(disc.x, disc.y, 180, 180);
            let others = self.discs[i + 1..].iter();
            if others.map(|o| Rect::around(o.x, o.y, 180, 180)).any(|o| rect.overlaps(o)) {
                found.push(format!("disc {} on a disc", disc.number));
            }
        }
        found
    }

    /// Marks that no word may lie on.
    fn marks(&self) -> Vec<(String, Rect)> {
        let mut marks = Vec::new();
        for disc in &self.discs {
            marks.push((format!("disc {}", disc.number), Rect::around(disc.x, disc.y, 180, 180)));
        }
        for line in &self.violations {
            let triangle = Rect::around(line.x, line.culprit - 30, 280, 240);
            marks.push((line.id.clone(), triangle));
        }
        for diamond in &self.diamonds {
            marks.push(("a diamond".to_owned(), Rect::around(diamond.x, diamond.y, 110, 130)));
        }
        for arrow in self.arrows.iter().filter(|arrow| arrow.head == Head::Cross) {
            let cross = Rect::around(arrow.line.x2, arrow.line.y2, 130, 130);
            marks.push((format!("the cross of {}", arrow.id), cross));
        }
        for timer in &self.timers {
            marks.push((timer.id.clone(), Rect::around(timer.to, timer.y, 80, 100)));
        }
        marks
    }

    /// Bars, boxes, bands and walls under a word that is not at home there.
    fn on_ground(&self, tag: &Tag, rect: Rect) -> Vec<String> {
        let mut found = Vec::new();
        let bars: Vec<&str> = self
            .bars
            .iter()
            .filter(|bar| bar.rect.overlaps(rect))
            .map(|bar| bar.id.as_str())
            .collect();
        let allowed = usize::from(tag.home == Home::Bar);
        found.extend(bars.into_iter().skip(allowed).map(str::to_owned));
        let mut on = |home: Home, id: &str, ground: Rect| {
            if tag.home != home && ground.overlaps(rect) {
                found.push(id.to_owned());
            }
        };
        for op in &self.ops {
            on(Home::Op, &op.id, op.rect);
        }
        for band in &self.bands {
            on(Home::Band, &band.id, band.rect);
        }
        for wall in &self.walls {
            for part in &wall.walls {
                on(Home::Wall, &wall.id, *part);
            }
        }
        found.into_iter().map(|id| format!("`{}` on {id}", tag.text)).collect()
    }
}
