//! A tiny SVG writer: escaping, attributes in the order they are given, one element a line.
//!
//! Lengths are tenths of a pixel and printed with at most one decimal: the same bytes everywhere.

use std::fmt::Write;

use crate::figure::theme::Token;

/// A length in tenths of a pixel.
pub(crate) type Px = i32;

/// A document in the making.
#[derive(Debug, Default)]
pub(crate) struct Svg {
    out: String,
}

/// One element: a tag and its attributes.
#[derive(Clone, Debug)]
pub(crate) struct Element {
    tag: &'static str,
    attributes: String,
}

impl Element {
    pub(crate) fn new(tag: &'static str) -> Self {
        Self { tag, attributes: String::new() }
    }

    /// Adds an attribute with its value escaped.
    pub(crate) fn attr(mut self, name: &str, value: &str) -> Self {
        self.attributes.push(' ');
        self.attributes.push_str(name);
        self.attributes.push_str("=\"");
        escape_into(&mut self.attributes, value);
        self.attributes.push('"');
        self
    }

    /// Adds a length.
    pub(crate) fn px(self, name: &str, value: Px) -> Self {
        self.attr(name, &px(value))
    }

    /// Fills with a colour of the theme.
    pub(crate) fn fill(self, token: Token) -> Self {
        self.attr("fill", token.light()).attr("data-fill", token.name())
    }

    /// Draws the outline in a colour of the theme.
    pub(crate) fn stroke(self, token: Token, width: Px) -> Self {
        self.attr("stroke", token.light())
            .attr("data-stroke", token.name())
            .px("stroke-width", width)
    }
}

impl Svg {
    /// Writes an element without content.
    pub(crate) fn put(&mut self, element: &Element) {
        self.out.push('<');
        self.out.push_str(element.tag);
        self.out.push_str(&element.attributes);
        self.out.push_str("/>\n");
    }

    /// Writes an element that holds text.
    pub(crate) fn text(&mut self, element: &Element, text: &str) {
        self.begin(element);
        escape_into(&mut self.out, text);
        self.end(element.tag);
    }

    /// Opens an element that holds others.
    pub(crate) fn open(&mut self, element: &Element) {
        self.begin(element);
        self.out.push('\n');
    }

    /// Closes the element that was opened last.
    pub(crate) fn close(&mut self, tag: &str) {
        self.end(tag);
    }

    /// A group with a sentence for whoever points at it or cannot see it.
    pub(crate) fn group(&mut self, id: &str, class: &str, data: &[(&str, String)], title: &str) {
        let mut element = Element::new("g").attr("id", id).attr("class", class);
        for (name, value) in data {
            element = element.attr(name, value);
        }
        self.open(&element.attr("role", "img").attr("aria-label", title));
        self.text(&Element::new("title"), title);
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    fn begin(&mut self, element: &Element) {
        self.out.push('<');
        self.out.push_str(element.tag);
        self.out.push_str(&element.attributes);
        self.out.push('>');
    }

    fn end(&mut self, tag: &str) {
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push_str(">\n");
    }
}

/// A length as it is printed: `12`, `12.5`, `-0.5`.
pub(crate) fn px(value: Px) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let (whole, tenth) = (value.unsigned_abs() / 10, value.unsigned_abs() % 10);
    if tenth == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{tenth}") }
}

/// The data of a path from moves and lines: `M1 2 L3 4`.
pub(crate) fn path(points: &[(Px, Px)], closed: bool) -> String {
    let mut data = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let command = if i == 0 { "M" } else { " L" };
        let _ = write!(data, "{command}{} {}", px(*x), px(*y));
    }
    if closed {
        data.push_str(" Z");
    }
    data
}

fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML 1.0 has no way to write other control characters.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_at_most_one_decimal() {
        assert_eq!([0, 5, -5, 120, 1_234].map(px), ["0", "0.5", "-0.5", "12", "123.4"]);
    }

    #[test]
    fn text_and_attributes_are_escaped() {
        let mut svg = Svg::default();
        svg.text(&Element::new("text").attr("id", "a\"b"), "1 < 2 & 3\u{7}");
        assert_eq!(svg.finish(), "<text id=\"a&quot;b\">1 &lt; 2 &amp; 3 </text>\n");
    }
}
