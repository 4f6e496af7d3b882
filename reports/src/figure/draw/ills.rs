//! What is wrong with single nodes, and what their disks hold.

use sim_engine::NodePart;

use super::super::layout::{Ill, Stored};
use super::super::theme::Token;
use super::{Pen, rect_element};
use crate::svg::{Element, Px};

impl Pen<'_> {
    pub(super) fn ills(&mut self) {
        for ill in &self.layout.ills {
            self.group(&ill.id, &format!("fault {}", ill.part.word()), &ill.title);
            self.ill(ill);
            self.end_group();
        }
        for stored in &self.layout.stored {
            self.group(&stored.id, "disk", &stored.title);
            self.stored(stored);
            self.end_group();
        }
    }

    fn ill(&mut self, ill: &Ill) {
        let (x, right) = (ill.rect.x, ill.rect.right());
        if ill.part == NodePart::Pause {
            // The bar goes on, as if through mist.
            let mist = rect_element(ill.rect).attr("fill-opacity", "0.65");
            self.svg.put(&mist.fill(Token::Bg));
            self.pause((x + 60, ill.rect.mid_y()));
            return;
        }
        self.line((x, ill.line), (right, ill.line), (Token::Fault, 14), "1.5 3");
        if ill.part == NodePart::Disk {
            self.cylinder((x, ill.line + 90), Token::Fault, "");
            let (from, to) = ((x - 80, ill.line + 180), (x + 80, ill.line));
            self.line(from, to, (Token::Fault, 16), "");
        } else {
            self.clock((x, ill.line + 90));
        }
    }

    /// Two upright strokes.
    pub(super) fn pause(&mut self, (x, y): (Px, Px)) {
        for x in [x - 25, x + 25] {
            self.line((x, y - 80), (x, y + 80), (Token::Fault, 26), "");
        }
    }

    /// A clock face.
    pub(super) fn clock(&mut self, (x, y): (Px, Px)) {
        let face = Element::new("circle").px("cx", x).px("cy", y).px("r", 60);
        self.svg.put(&face.fill(Token::Bg).stroke(Token::Fault, 14));
        self.line((x, y), (x, y - 40), (Token::Fault, 12), "");
        self.line((x, y), (x + 30, y), (Token::Fault, 12), "");
    }

    fn stored(&mut self, stored: &Stored) {
        let dash = if stored.is_lost { "2.5 2" } else { "" };
        self.cylinder((stored.x, stored.y), stored.token, dash);
    }

    /// A disk, 10 wide and 14 high.
    pub(super) fn cylinder(&mut self, (x, y): (Px, Px), token: Token, dash: &str) {
        let (left, right) = (crate::svg::px(x - 50), crate::svg::px(x + 50));
        let (top, bottom) = (crate::svg::px(y - 50), crate::svg::px(y + 50));
        let body = format!(
            "M{left} {top} L{left} {bottom} A5 2 0 0 0 {right} {bottom} L{right} {top} \
             A5 2 0 0 0 {left} {top} A5 2 0 0 0 {right} {top}"
        );
        let shape = Element::new("path").attr("d", &body).fill(Token::Bg).stroke(token, 14);
        let shape = if dash.is_empty() { shape } else { shape.attr("stroke-dasharray", dash) };
        self.svg.put(&shape);
    }
}
