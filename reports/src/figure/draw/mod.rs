//! A layout becomes elements, in the order of painting: what lies above comes later.

mod blocks;
mod ills;
mod marks;
mod plot;
mod rows;

use super::geometry::Rect;
use super::layout::Layout;
use super::preset::SLIDE;
use super::text::Font;
use super::theme::{Token, dark_style};
use crate::svg::{Element, Px, Svg, px};

const SANS: &str =
    "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";
const MONO: &str = "'JetBrains Mono', 'SFMono-Regular', Consolas, 'DejaVu Sans Mono', monospace";

/// The picture in the drawing, with the prefix of its ids.
struct Pen<'l> {
    svg: Svg,
    layout: &'l Layout,
    prefix: String,
}

/// Draws layouts below each other, each at its height, as one picture.
pub(super) fn draw(pages: &[(&Layout, Px)], prefix: &str) -> String {
    let Some((first, _)) = pages.first() else { return String::new() };
    let height = pages.iter().map(|(layout, y)| y + layout.height).max().unwrap_or(0);
    let mut pen = Pen { svg: Svg::default(), layout: first, prefix: prefix.to_owned() };
    pen.open(pages, height);
    for ((layout, y), n) in pages.iter().zip(0..) {
        pen.layout = layout;
        if n > 0 {
            pen.prefix = format!("{prefix}-{}", n + 1);
            let moved = Element::new("g").attr("transform", &format!("translate(0 {})", px(*y)));
            pen.svg.open(&moved);
        }
        pen.hatches();
        pen.head();
        pen.plot();
        pen.blocks();
        if n > 0 {
            pen.svg.close("g");
        }
    }
    pen.svg.close("svg");
    // The rules hold quotation marks, which must not be escaped inside a style element.
    pen.svg.finish().replacen("<style></style>", &format!("<style>{}</style>", dark_style()), 1)
}

impl Pen<'_> {
    /// The root with its title, description, rules and ground.
    fn open(&mut self, pages: &[(&Layout, Px)], height: Px) {
        let layout = self.layout;
        let view = view_box(layout, height);
        let size = if layout.is_slide { SLIDE } else { (view.w, view.h) };
        let (x, y, w, h) = (px(view.x), px(view.y), px(view.w), px(view.h));
        let hidden: u64 = pages.iter().flat_map(|(page, _)| page.losses_hidden.values()).sum();
        let root = Element::new("svg")
            .attr("xmlns", "http://www.w3.org/2000/svg")
            .attr("viewBox", &format!("{x} {y} {w} {h}"))
            .px("width", size.0)
            .px("height", size.1)
            .attr("role", "img")
            .attr("aria-labelledby", &format!("{} {}", self.id("title"), self.id("desc")))
            .attr("font-family", SANS)
            .attr("data-lost-hidden", &hidden.to_string());
        self.svg.open(&root);
        let title = Element::new("title").attr("id", &self.id("title"));
        let titles = pages.iter().map(|(page, _)| page.title.join(" "));
        let titles: Vec<String> = titles.filter(|title| !title.is_empty()).collect();
        self.svg.text(&title, &titles.join(" / "));
        let desc = Element::new("desc").attr("id", &self.id("desc"));
        let told: Vec<&str> = pages.iter().map(|(page, _)| page.desc.as_str()).collect();
        self.svg.text(&desc, told.join(" ").trim_end());
        self.svg.text(&Element::new("style"), "");
        self.svg.put(&rect_element(view).fill(Token::Bg));
    }

    fn id(&self, name: &str) -> String {
        let safe: String = name.chars().map(|c| if c.is_whitespace() { '-' } else { c }).collect();
        format!("{}-{safe}", self.prefix)
    }

    fn group(&mut self, id: &str, class: &str, title: &str) {
        let id = self.id(id);
        self.svg.group(&id, class, &[], title);
    }

    fn end_group(&mut self) {
        self.svg.close("g");
    }

    /// The patterns that fill bars of doubt and bands of faults.
    fn hatches(&mut self) {
        self.svg.open(&Element::new("defs"));
        for hue in 0..4 {
            let id = self.id(&format!("hatch{}", hue + 1));
            self.hatch(&id, 60, (Token::Epoch(hue), 20));
        }
        let id = self.id("hatch0");
        self.hatch(&id, 60, (Token::Muted, 20));
        let id = self.id("hatchf");
        self.hatch(&id, 70, (Token::Fault, 11));
        self.svg.close("defs");
    }

    fn hatch(&mut self, id: &str, pitch: Px, (token, width): (Token, Px)) {
        let pattern = Element::new("pattern")
            .attr("id", id)
            .px("width", pitch)
            .px("height", pitch)
            .attr("patternUnits", "userSpaceOnUse")
            .attr("patternTransform", "rotate(45)");
        self.svg.open(&pattern);
        let mut line = Element::new("line")
            .attr("x1", "0")
            .attr("y1", "0")
            .attr("x2", "0")
            .px("y2", pitch)
            .stroke(token, width);
        if token == Token::Fault {
            line = line.attr("stroke-opacity", ".55");
        }
        self.svg.put(&line);
        self.svg.close("pattern");
    }

    fn head(&mut self) {
        let layout = self.layout;
        let mut y = 340;
        for line in &layout.title {
            self.write(line, (280, y), (Font::TITLE, Token::Ink), "start");
            y += 260;
        }
        y -= 40;
        for line in &layout.subtitle {
            self.write(line, (280, y), (Font::SUBTITLE, Token::Muted), "start");
            y += 170;
        }
    }

    /// Text with its baseline at a point.
    fn write(&mut self, text: &str, at: (Px, Px), (font, ink): (Font, Token), anchor: &str) {
        if text.is_empty() {
            return;
        }
        let element = text_element(at, font, ink, anchor);
        self.svg.text(&element, text);
    }

    fn line(&mut self, from: (Px, Px), to: (Px, Px), (ink, width): (Token, Px), dash: &str) {
        let element = line_element(from, to).stroke(ink, width);
        let element =
            if dash.is_empty() { element } else { element.attr("stroke-dasharray", dash) };
        self.svg.put(&element);
    }
}

/// What part of the plane is shown: on a slide a part of its shape, with everything in it.
fn view_box(layout: &Layout, height: Px) -> Rect {
    if !layout.is_slide {
        return Rect::new(0, 0, layout.width, height);
    }
    let (w, h) = SLIDE;
    if height <= h {
        return Rect::new(0, 0, w, h);
    }
    let wide = height * 16 / 9 + 1;
    Rect::new((layout.width - wide) / 2, 0, wide, height)
}

fn text_element((x, y): (Px, Px), font: Font, ink: Token, anchor: &str) -> Element {
    Element::new("text")
        .px("x", x)
        .px("y", y)
        .px("font-size", font.size)
        .attr("font-weight", &font.weight.to_string())
        .attr("text-anchor", anchor)
        .fill(ink)
}

fn line_element((x1, y1): (Px, Px), (x2, y2): (Px, Px)) -> Element {
    Element::new("line").px("x1", x1).px("y1", y1).px("x2", x2).px("y2", y2)
}

fn rect_element(rect: Rect) -> Element {
    Element::new("rect").px("x", rect.x).px("y", rect.y).px("width", rect.w).px("height", rect.h)
}
