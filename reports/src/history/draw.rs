//! The figure of a history, drawn from its layout in the order of painting.

use super::HistoryReport;
use super::layout::{DISC, Look, OpBox, Picture, note_words};
use crate::figure::geometry::Rect;
use crate::figure::text::Font;
use crate::figure::theme::{Token, dark_style};
use crate::svg::{Element, Px, Svg, path, px};

const SANS: &str =
    "Inter, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

/// Draws the picture.
pub(super) fn draw(picture: &Picture, report: &HistoryReport) -> String {
    let mut svg = Svg::default();
    open(&mut svg, picture, report);
    let (left, right) = picture.axis;
    for (y, name) in &picture.lanes {
        let lane = line((left, *y), (right, *y)).stroke(Token::Lane, 10);
        svg.put(&lane);
        write(&mut svg, name, (left - 160, y + 54), (Font::LANE, Token::Ink, "end"));
    }
    for (n, note) in picture.notes.iter().enumerate() {
        draw_note(&mut svg, n, note, picture.span);
    }
    for op in &picture.boxes {
        draw_box(&mut svg, op);
    }
    for text in &picture.lines {
        let baseline = text.rect.y + text.font.size;
        write(&mut svg, &text.text, (text.rect.x, baseline), (text.font, text.ink, "start"));
    }
    svg.close("svg");
    // The rules hold quotation marks, which must not be escaped inside a style element.
    svg.finish().replacen("<style></style>", &format!("<style>{}</style>", dark_style()), 1)
}

fn open(svg: &mut Svg, picture: &Picture, report: &HistoryReport) {
    let (w, h) = (picture.width, picture.height);
    let root = Element::new("svg")
        .attr("xmlns", "http://www.w3.org/2000/svg")
        .attr("viewBox", &format!("0 0 {} {}", px(w), px(h)))
        .px("width", w)
        .px("height", h)
        .attr("role", "img")
        .attr("aria-labelledby", "history-title history-desc")
        .attr("font-family", SANS);
    svg.open(&root);
    svg.text(&Element::new("title").attr("id", "history-title"), &picture.title);
    let why = report.finding.as_ref().map(|finding| format!(" {}.", finding.why));
    let desc = format!(
        "{} operations of {} clients, each a box from its invocation to its answer.{}",
        picture.boxes.len(),
        picture.lanes.len(),
        why.unwrap_or_default()
    );
    svg.text(&Element::new("desc").attr("id", "history-desc"), &desc);
    svg.text(&Element::new("style"), "");
    svg.put(&rect(Rect::new(0, 0, w, h)).fill(Token::Bg));
}

fn draw_note(svg: &mut Svg, n: usize, (x, text): &(Px, String), (top, bottom): (Px, Px)) {
    svg.group(&format!("fault-{}", n + 1), "fault", &[], text);
    let mark = line((*x, top), (*x, bottom)).stroke(Token::Fault, 14);
    svg.put(&mark.attr("stroke-dasharray", "4 3"));
    write(svg, &note_words(text), (*x, top - 40), (Font::SMALL, Token::Fault, "start"));
    svg.close("g");
}

fn draw_box(svg: &mut Svg, op: &OpBox) {
    svg.group(&op.id, "op", &[], &op.title);
    if op.is_in_contradiction {
        svg.put(&rect(op.rect.grown(50, 50)).attr("rx", "6").fill(Token::Highlight));
    }
    let (fill, edge, width) = match op.look {
        Look::Ok => (Token::Neutral, Token::Good, 14),
        Look::Denied => (Token::Neutral, Token::Muted, 14),
        Look::Unknown => (Token::Neutral, Token::Warn, 14),
        Look::Refused => (Token::FaultTint, Token::Fault, 26),
    };
    let (x, y, right, bottom) = (op.rect.x, op.rect.y, op.rect.right(), op.rect.bottom());
    let shape = if op.look == Look::Unknown {
        // A torn edge: nobody knows when it ended.
        let torn = [(0, 0), (-50, 52), (0, 104), (-50, 156), (0, 208), (-50, 260)];
        let mut points = vec![(x, bottom), (x, y)];
        points.extend(torn.iter().map(|(dx, dy)| (right + dx, y + dy)));
        let shape = Element::new("path").attr("d", &path(&points, true));
        shape.fill(fill).stroke(edge, width).attr("stroke-dasharray", "4 2.5")
    } else {
        rect(op.rect).attr("rx", "3").fill(fill).stroke(edge, width)
    };
    svg.put(&shape);
    let middle = op.rect.mid_y();
    if let Some(number) = op.number {
        let disc = Element::new("circle").px("cx", x + 140).px("cy", middle).px("r", 95);
        svg.put(&disc.fill(Token::Ink));
        let font = if number > 99 { Font::new(85, 700) } else { Font::DISC };
        write(svg, &number.to_string(), (x + 140, middle + 43), (font, Token::Bg, "middle"));
    } else if op.look == Look::Refused {
        write(svg, "✕", (x + 140, middle + 50), (Font::LANE, Token::Fault, "middle"));
    }
    let ink = if op.look == Look::Refused { Token::Fault } else { Token::Ink };
    write(svg, &op.words, (x + DISC, middle + 45), (Font::OP, ink, "start"));
    svg.close("g");
}

fn write(svg: &mut Svg, text: &str, (x, y): (Px, Px), (font, ink, anchor): (Font, Token, &str)) {
    let element = Element::new("text")
        .px("x", x)
        .px("y", y)
        .px("font-size", font.size)
        .attr("font-weight", &font.weight.to_string())
        .attr("text-anchor", anchor)
        .fill(ink);
    svg.text(&element, text);
}

fn line((x1, y1): (Px, Px), (x2, y2): (Px, Px)) -> Element {
    Element::new("line").px("x1", x1).px("y1", y1).px("x2", x2).px("y2", y2)
}

fn rect(rect: Rect) -> Element {
    Element::new("rect").px("x", rect.x).px("y", rect.y).px("width", rect.w).px("height", rect.h)
}
