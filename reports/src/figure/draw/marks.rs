//! Small marks: timers, diamonds, discs, violations, the lines of snapshots.

use super::super::layout::Layout;
use super::super::text::Font;
use super::super::theme::Token;
use super::Pen;
use crate::svg::{Element, Px, path};

/// The parts of an upright line that run through no words.
fn around_words(layout: &Layout, x: Px, (top, bottom): (Px, Px)) -> Vec<(Px, Px)> {
    let words = layout.tags.iter().map(|tag| tag.rect.grown(20, 0));
    let words = words.filter(|rect| rect.x <= x && x <= rect.right());
    let mut taken: Vec<(Px, Px)> = words.map(|rect| (rect.y, rect.bottom())).collect();
    taken.sort_unstable();
    let (mut parts, mut from) = (Vec::new(), top);
    for (upper, lower) in taken {
        if upper > from {
            parts.push((from, upper.min(bottom)));
        }
        from = from.max(lower);
    }
    if from < bottom {
        parts.push((from, bottom));
    }
    parts
}

impl Pen<'_> {
    pub(super) fn timers(&mut self) {
        for timer in &self.layout.timers {
            self.group(&timer.id, "timer", &timer.title);
            let (from, to, y) = (timer.from, timer.to, timer.y);
            self.line((from, y), (to, y), (Token::Muted, 14), "1.5 3");
            if !timer.is_cut {
                self.line((from, y - 40), (from, y + 40), (Token::Muted, 14), "");
            }
            self.hourglass((to, y));
            self.end_group();
        }
    }

    /// A timer fires.
    pub(super) fn hourglass(&mut self, (x, y): (Px, Px)) {
        let points = [(x - 40, y - 50), (x + 40, y - 50), (x - 40, y + 50), (x + 40, y + 50)];
        let shape = Element::new("path").attr("d", &path(&points, true));
        let shape = shape.fill(Token::Bg).stroke(Token::Muted, 14);
        self.svg.put(&shape.attr("stroke-linejoin", "round"));
    }

    pub(super) fn diamonds(&mut self) {
        for diamond in &self.layout.diamonds {
            let title = diamond.title.clone();
            self.group(&format!("majority-{}-{}", diamond.x, diamond.y), "majority", &title);
            self.diamond((diamond.x, diamond.y), diamond.token);
            self.end_group();
        }
    }

    /// A majority is complete.
    pub(super) fn diamond(&mut self, (x, y): (Px, Px), token: Token) {
        let points = [(x, y - 70), (x + 60, y), (x, y + 70), (x - 60, y)];
        let shape = Element::new("path").attr("d", &path(&points, true));
        self.svg.put(&shape.fill(Token::Bg).stroke(token, 14));
    }

    pub(super) fn violations(&mut self) {
        for violation in &self.layout.violations {
            self.group(&violation.id, "violation", &violation.title);
            let (x, y) = (violation.x, violation.culprit);
            for (from, to) in around_words(self.layout, x, (violation.top, violation.bottom)) {
                self.line((x, from), (x, to), (Token::Fault, 16), "");
            }
            let points = [(x, y - 160), (x + 150, y + 100), (x - 150, y + 100)];
            let shape = Element::new("path").attr("d", &path(&points, true));
            let shape = shape.fill(Token::Fault).stroke(Token::Bg, 20);
            self.svg.put(&shape.attr("stroke-linejoin", "round"));
            self.write("!", (x, y + 75), (Font::new(180, 700), Token::Onfill), "middle");
            self.end_group();
        }
    }

    pub(super) fn snapshot_lines(&mut self) {
        for shot in &self.layout.snapshots {
            let (x, ink) = (shot.line_x, (Token::Ink, 10));
            for (from, to) in around_words(self.layout, x, (shot.line_top, shot.line_bottom)) {
                self.line((x, from), (x, to), ink, "1 3.5");
            }
            self.ring(shot.ring, shot.letter);
        }
    }

    /// A letter in a ring.
    pub(super) fn ring(&mut self, (x, y): (Px, Px), letter: char) {
        let ring = Element::new("circle").px("cx", x).px("cy", y).px("r", 100);
        self.svg.put(&ring.fill(Token::Bg).stroke(Token::Ink, 15));
        let font = Font::new(120, 700);
        self.write(&letter.to_string(), (x, y + 43), (font, Token::Ink), "middle");
    }

    pub(super) fn discs(&mut self) {
        for disc in &self.layout.discs {
            self.group(&format!("step-{}", disc.number), "step", &disc.title);
            let halo = Element::new("circle").px("cx", disc.x).px("cy", disc.y).px("r", 115);
            self.svg.put(&halo.fill(Token::Bg));
            self.disc((disc.x, disc.y), disc.number);
            self.end_group();
        }
    }

    /// A number in a black disc.
    pub(super) fn disc(&mut self, (x, y): (Px, Px), number: usize) {
        let disc = Element::new("circle").px("cx", x).px("cy", y).px("r", 95);
        self.svg.put(&disc.fill(Token::Ink));
        self.write(&number.to_string(), (x, y + 43), (Font::DISC, Token::Bg), "middle");
    }
}
