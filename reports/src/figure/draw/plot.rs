//! The plot: axis, lanes, bars, faults, operations, messages.

use super::super::geometry::{Rect, Segment};
use super::super::lanes::BESIDE_NAMES;
use super::super::layout::{Anchor, Arrow, Bar, BarStyle, Head, Line, OpBox, OpEnd, Tag, Wall};
use super::super::text::{Font, cut};
use super::super::theme::Token;
use super::{Pen, line_element, rect_element};
use crate::svg::{Element, Px, path};

impl Pen<'_> {
    pub(super) fn plot(&mut self) {
        let layout = self.layout;
        for wall in &layout.walls {
            self.span(wall);
        }
        self.axis();
        for band in &layout.bands {
            self.band(&band.id, band.rect, band.is_open, &band.title);
        }
        self.lanes();
        self.chain();
        for wall in &layout.walls {
            self.wall(wall);
        }
        self.brackets();
        for bar in &layout.bars {
            self.bar(bar);
        }
        for band in layout.bands.iter().filter(|band| band.has_cross) {
            self.cross_shape((band.rect.x, band.rect.mid_y()), 80, 26);
        }
        for op in &layout.ops {
            self.op(op);
        }
        self.ills();
        self.timers();
        for arrow in &layout.arrows {
            self.arrow(arrow);
        }
        for arrow in layout.arrows.iter().filter(|arrow| arrow.head == Head::Cross) {
            self.cross((arrow.line.x2, arrow.line.y2));
        }
        self.diamonds();
        for tag in &layout.tags {
            self.tag(tag);
        }
        self.violations();
        self.snapshot_lines();
        self.discs();
    }

    fn axis(&mut self) {
        let axis = &self.layout.axis;
        let id = self.id("axis");
        self.svg.open(&Element::new("g").attr("id", &id));
        let line = (Token::Lane, 10);
        self.line((axis.left, axis.y), (axis.right, axis.y), line, "");
        for (x, text) in &axis.ticks {
            self.line((*x, axis.y - 40), (*x, axis.y + 40), line, "");
            self.line((*x, axis.grid.0), (*x, axis.grid.1), (Token::Grid, 10), "");
            let anchor = if *x > axis.right - 160 { "end" } else { "middle" };
            self.write(text, (*x, axis.y - 90), (Font::AXIS, Token::Muted), anchor);
        }
        for x in &axis.breaks {
            let gap = Rect::new(x - 30, axis.y - 20, 60, 40);
            self.svg.put(&rect_element(gap).fill(Token::Bg));
            for shift in [-60, 0] {
                let (low, high) = ((x + shift, axis.y + 70), (x + shift + 60, axis.y - 70));
                self.line(low, high, (Token::Muted, 13), "");
            }
        }
        self.svg.close("g");
    }

    fn lanes(&mut self) {
        let (left, right) = (self.layout.axis.left, self.layout.axis.right);
        for lane in &self.layout.lanes {
            let id = self.id(&format!("lane-{}", lane.name));
            self.svg.open(&Element::new("g").attr("id", &id).attr("class", "lane"));
            let dash = if lane.is_client { "2 4" } else { "" };
            self.line((left, lane.y), (right, lane.y), (Token::Lane, 10), dash);
            // A long name becomes smaller first, and then shorter.
            let (x, room) = (left - 280, left - BESIDE_NAMES);
            let mut font = Font::LANE;
            while font.width(&lane.name) > room.max(800) && font.size > Font::LANE_LEAST.size {
                font.size -= 10;
            }
            let name = cut(&lane.name, font, room.max(800));
            self.write(&name, (x, lane.y + 50), (font, Token::Ink), "end");
            let kind = cut(&lane.kind, Font::KIND, room.max(800));
            self.write(&kind, (x, lane.y + 200), (Font::KIND, Token::Muted), "end");
            self.svg.close("g");
        }
    }

    fn chain(&mut self) {
        if self.layout.chain.is_empty() {
            return;
        }
        self.group("chain", "chain", "What led to the first broken promise");
        for line in &self.layout.chain {
            self.marker(line);
        }
        self.end_group();
    }

    /// A stroke with the marker-pen.
    pub(super) fn marker(&mut self, line: &Segment) {
        let stroke = line_element((line.x1, line.y1), (line.x2, line.y2));
        let stroke = stroke.stroke(Token::Highlight, 80).attr("stroke-linecap", "round");
        self.svg.put(&stroke);
    }

    fn bar(&mut self, bar: &Bar) {
        let class = match bar.style {
            BarStyle::Solid => "role in-charge",
            BarStyle::Hatched => "role trying",
            BarStyle::Thin => "role following",
            BarStyle::Hairline => "role observing",
        };
        self.group(&bar.id, class, &bar.title);
        self.bar_shape(bar.rect, bar.style, bar.epoch);
        self.end_group();
    }

    pub(super) fn bar_shape(&mut self, rect: Rect, style: BarStyle, epoch: u64) {
        let (hue, tint) = (Token::of_epoch(epoch), Token::tint_of_epoch(epoch));
        match style {
            BarStyle::Solid => self.svg.put(&rect_element(rect).attr("rx", "3").fill(hue)),
            BarStyle::Hatched => {
                let shape = rect_element(rect).attr("rx", "3");
                self.svg.put(&shape.clone().fill(tint).stroke(hue, 14));
                let number = if epoch == 0 { 0 } else { (epoch - 1) % 4 + 1 };
                let hatch = format!("url(#{})", self.id(&format!("hatch{number}")));
                self.svg.put(&shape.attr("fill", &hatch));
            }
            BarStyle::Thin => {
                self.svg.put(&rect_element(rect).attr("rx", "2").fill(tint).stroke(hue, 10));
            }
            BarStyle::Hairline => self.svg.put(&rect_element(rect).fill(hue)),
        }
    }

    fn span(&mut self, wall: &Wall) {
        self.svg.put(&rect_element(wall.span).fill(Token::Surf));
    }

    fn wall(&mut self, wall: &Wall) {
        self.group(&wall.id, "fault partition", &wall.title);
        for part in &wall.walls {
            self.fault_fill(*part);
            for y in [part.y, part.bottom()] {
                self.line((part.x, y), (part.right(), y), (Token::Fault, 12), "");
            }
        }
        for stripe in &wall.stripes {
            self.fault_fill(stripe.rect);
        }
        for (x, y, is_down) in &wall.heads {
            let tip = if *is_down { 70 } else { -70 };
            let points = [(x - 50, y - tip), (x + 50, y - tip), (*x, y + tip)];
            let head = Element::new("path").attr("d", &path(&points, true));
            self.svg.put(&head.fill(Token::Bg).stroke(Token::Fault, 12));
        }
        let (x1, x2, y1, y2) = (wall.span.x, wall.span.right(), wall.span.y, wall.span.bottom());
        self.line((x1, y1), (x1, y2), (Token::Fault, 12), "4 3");
        if !wall.is_open {
            self.line((x2, y1), (x2, y2), (Token::Fault, 12), "4 3");
        }
        self.end_group();
    }

    pub(super) fn fault_fill(&mut self, rect: Rect) {
        self.svg.put(&rect_element(rect).fill(Token::FaultTint));
        let hatch = format!("url(#{})", self.id("hatchf"));
        self.svg.put(&rect_element(rect).attr("fill", &hatch));
    }

    fn band(&mut self, id: &str, rect: Rect, is_open: bool, title: &str) {
        self.group(id, "fault crash", title);
        self.fault_fill(rect);
        let edge = (Token::Fault, 14);
        self.line((rect.x, rect.y), (rect.x, rect.bottom()), edge, "");
        if !is_open {
            self.line((rect.right(), rect.y), (rect.right(), rect.bottom()), edge, "");
        }
        self.end_group();
    }

    fn brackets(&mut self) {
        for bracket in &self.layout.brackets {
            self.group(&bracket.id, "fault network", &bracket.title);
            let rect = bracket.rect;
            let (y, ink) = (rect.mid_y(), (Token::Fault, 14));
            self.line((rect.x, y), (rect.right(), y), ink, "");
            self.line((rect.x, rect.y), (rect.x, rect.bottom()), ink, "");
            if !bracket.is_open {
                self.line((rect.right(), rect.y), (rect.right(), rect.bottom()), ink, "");
            }
            self.end_group();
        }
    }

    fn op(&mut self, op: &OpBox) {
        self.group(&op.id, "op", &op.title);
        let rect = op.rect;
        let token = match op.end {
            OpEnd::Ok => Token::Good,
            OpEnd::Failed => Token::Fault,
            OpEnd::Unknown | OpEnd::Open => Token::Warn,
        };
        let (x, y, right, bottom) = (rect.x, rect.y, rect.right(), rect.bottom());
        let shape = match op.end {
            OpEnd::Ok | OpEnd::Failed => rect_element(rect).attr("rx", "3"),
            OpEnd::Unknown => {
                let mut points = vec![(right, bottom), (x, bottom), (x, y), (right, y)];
                let torn = [(50, 40), (0, 80), (50, 120), (0, 160), (50, 200)];
                points.extend(torn.iter().map(|(dx, dy)| (right - 50 + dx, y + dy)));
                Element::new("path").attr("d", &path(&points, true))
            }
            OpEnd::Open => {
                let points = [(right, y), (x, y), (x, bottom), (right, bottom)];
                Element::new("path").attr("d", &path(&points, false))
            }
        };
        let shape = shape.fill(Token::Neutral).stroke(token, 14);
        let is_unsure = matches!(op.end, OpEnd::Unknown | OpEnd::Open);
        let shape = if is_unsure { shape.attr("stroke-dasharray", "4 2.5") } else { shape };
        self.svg.put(&shape);
        if let Some((from, to)) = op.waits {
            let y = rect.mid_y();
            self.line((from, y), (to, y), (Token::Warn, 18), "1.8 5");
        }
        self.end_group();
    }

    fn arrow(&mut self, arrow: &Arrow) {
        let id = self.id(&arrow.id);
        self.svg.group(&id, "msg", &arrow.data, &arrow.title);
        self.arrow_shape(arrow);
        self.end_group();
    }

    pub(super) fn arrow_shape(&mut self, arrow: &Arrow) {
        let is_thin = arrow.style == Line::Thin;
        let (back, half, width) = if is_thin { (60, 27, 10) } else { (80, 36, 17) };
        let line = arrow.line;
        let end = if arrow.head == Head::Cross {
            (line.x2, line.y2)
        } else {
            line.near_end(back - 20, 0)
        };
        let mut shape = line_element((line.x1, line.y1), end).stroke(arrow.token, width);
        match arrow.style {
            Line::Dashed => shape = shape.attr("stroke-dasharray", "5 3.5"),
            Line::Slow => shape = shape.attr("stroke-dasharray", "9 4"),
            Line::Solid | Line::Thin => {}
        }
        if is_thin {
            shape = shape.attr("stroke-opacity", "0.8");
        }
        self.svg.put(&shape);
        let head = [(line.x2, line.y2), line.near_end(back, half), line.near_end(back, -half)];
        let head = Element::new("path").attr("d", &path(&head, true));
        match arrow.head {
            Head::Filled => self.svg.put(&head.fill(arrow.token)),
            Head::Hollow => self.svg.put(&head.fill(Token::Bg).stroke(arrow.token, 13)),
            Head::Cross => {}
        }
        if !is_thin {
            self.dot((line.x1, line.y1), 26, arrow.token);
        }
    }

    fn dot(&mut self, (x, y): (Px, Px), r: Px, token: Token) {
        let dot = Element::new("circle").px("cx", x).px("cy", y).px("r", r);
        self.svg.put(&dot.fill(token));
    }

    /// A lost message ends here.
    pub(super) fn cross(&mut self, (x, y): (Px, Px)) {
        let ground = Element::new("circle").px("cx", x).px("cy", y).px("r", 75);
        self.svg.put(&ground.fill(Token::Bg));
        self.cross_shape((x, y), 50, 24);
    }

    pub(super) fn cross_shape(&mut self, (x, y): (Px, Px), arm: Px, width: Px) {
        for (from, to) in [((-1, -1), (1, 1)), ((-1, 1), (1, -1))] {
            let from = (x + from.0 * arm, y + from.1 * arm);
            let to = (x + to.0 * arm, y + to.1 * arm);
            let line = line_element(from, to).stroke(Token::Fault, width);
            self.svg.put(&line.attr("stroke-linecap", "round"));
        }
    }

    fn tag(&mut self, tag: &Tag) {
        if tag.ground.is_some() || tag.edge.is_some() {
            let mut ground = rect_element(tag.rect).attr("rx", "3");
            ground = ground.fill(tag.ground.unwrap_or(Token::Bg));
            if let Some(edge) = tag.edge {
                ground = ground.stroke(edge, 10);
            }
            self.svg.put(&ground);
        }
        let (x, anchor) = match tag.anchor {
            Anchor::Start => (tag.rect.x, "start"),
            Anchor::Middle => (tag.rect.mid_x(), "middle"),
            Anchor::End => (tag.rect.right(), "end"),
        };
        let y = tag.rect.mid_y() + tag.font.size * 36 / 100;
        self.write(&tag.text, (x, y), (tag.font, tag.ink), anchor);
    }
}
