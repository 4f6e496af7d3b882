//! Which fault breaks which promise: a table of cells, as SVG.

use std::collections::BTreeSet;

use plotters::element::Rectangle;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::{Cell, SweepSummary};
use crate::figure::theme::{Token, dark_style, tokens};

/// Where the first cell begins, how large a cell is, and what is left on the other sides.
const LEFT: i32 = 236;
const TOP: i32 = 108;
const CELL: (i32, i32) = (96, 30);
const MARGIN: i32 = 24;
const BOTTOM: i32 = 56;
/// The narrowest picture: the words above and below it need this.
const WIDTH_MIN: i32 = 720;
/// The font's size that the backend writes as 12 and 16 pixels: it divides by 1.24.
const SMALL: f64 = 14.88;
const LARGE: f64 = 19.84;

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// The chart of one sweep. The same summary gives the same bytes.
pub fn chart(sweep: &SweepSummary) -> String {
    let columns = columns(sweep);
    let rows = i32::try_from(sweep.promises.len()).unwrap_or(0);
    let n = i32::try_from(columns.len()).unwrap_or(0);
    let (width, height) =
        ((LEFT + n * CELL.0 + MARGIN).max(WIDTH_MIN), TOP + rows * CELL.1 + BOTTOM);
    let mut svg = String::new();
    {
        let size = (u32::try_from(width).unwrap_or(0), u32::try_from(height).unwrap_or(0));
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        // A backend that writes to memory cannot fail.
        let _infallible = draw(&area, sweep, &columns);
        let _infallible = area.present();
    }
    finish(&svg, sweep)
}

/// The kinds of faults that acted, in order; no fault at all comes last.
fn columns(sweep: &SweepSummary) -> Vec<&str> {
    let rows = sweep.promise_by_fault.values();
    let mut all: BTreeSet<&str> = rows.flat_map(|row| row.keys().map(String::as_str)).collect();
    let none = all.take("none");
    all.into_iter().chain(none).collect()
}

fn draw(
    area: &Area<'_>,
    sweep: &SweepSummary,
    columns: &[&str],
) -> Result<(), Box<dyn std::error::Error>> {
    area.fill(&colour(Token::Bg))?;
    let seeds = sweep.seeds;
    words(area, &title(sweep), (MARGIN, 30), (LARGE, Token::Ink, HPos::Left))?;
    let subtitle = format!("{} · {} seeds {}..{}", sweep.label(), seeds.run, seeds.from, seeds.to);
    words(area, &subtitle, (MARGIN, 54), (SMALL, Token::Muted, HPos::Left))?;
    for (x, column) in (0..).zip(columns) {
        let name = if *column == "none" { "no fault" } else { column };
        let at = (LEFT + x * CELL.0 + CELL.0 / 2, TOP - 12);
        words(area, name, at, (SMALL, Token::Muted, HPos::Center))?;
    }
    for (y, promise) in (0..).zip(&sweep.promises) {
        let top = TOP + y * CELL.1;
        let at = (LEFT - 12, top + CELL.1 / 2);
        words(area, &promise.name, at, (SMALL, Token::Ink, HPos::Right))?;
        for (x, column) in (0..).zip(columns) {
            let cell = sweep.promise_by_fault.get(&promise.name).and_then(|row| row.get(*column));
            draw_cell(area, (LEFT + x * CELL.0, top), cell.copied().unwrap_or_default())?;
        }
    }
    let rows = i32::try_from(sweep.promises.len()).unwrap_or(0);
    let legend = "A cell counts the seeds in which the fault acted and the promise was put to the \
                  test: held, or ✕ violated.";
    words(area, legend, (MARGIN, TOP + rows * CELL.1 + 28), (SMALL, Token::Muted, HPos::Left))?;
    Ok(())
}

/// The finding, in one sentence.
fn title(sweep: &SweepSummary) -> String {
    let names: Vec<String> = sweep.violated.iter().map(|v| v.promise.clone()).collect();
    match names.len() {
        0 if sweep.promises.iter().all(|promise| promise.held > 0) => {
            "Every promise held in every seed".to_owned()
        }
        0 => "No promise broke; some were never put to the test".to_owned(),
        1..=3 => format!("{} broke", crate::words::and_list(&names)),
        n => format!("{n} promises broke"),
    }
}

fn draw_cell(
    area: &Area<'_>,
    (x, y): (i32, i32),
    cell: Cell,
) -> Result<(), Box<dyn std::error::Error>> {
    let (fill, text, ink) = match (cell.held, cell.violated) {
        (0, 0) => (Token::Neutral, "–".to_owned(), Token::Muted),
        (held, 0) => (Token::Tint(2), held.to_string(), Token::Ink),
        (held, violated) => {
            (Token::Fault, format!("✕ {violated} of {}", held + violated), Token::Onfill)
        }
    };
    let style = ShapeStyle { color: colour(fill).to_rgba(), filled: true, stroke_width: 0 };
    area.draw(&Rectangle::new([(x + 1, y + 1), (x + CELL.0 - 1, y + CELL.1 - 1)], style))?;
    words(area, &text, (x + CELL.0 / 2, y + CELL.1 / 2), (SMALL, ink, HPos::Center))
}

/// Writes words at a place, centred on its line.
fn words(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    (size, ink, edge): (f64, Token, HPos),
) -> Result<(), Box<dyn std::error::Error>> {
    let font = ("sans-serif", size).into_font();
    let ink = colour(ink);
    let style = TextStyle::from(font).color(&ink).pos(Pos::new(edge, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style))?;
    Ok(())
}

/// The colour of a token on a light page.
fn colour(token: Token) -> RGBColor {
    let hex = |from: usize| {
        let digits = token.light().get(from..from + 2).unwrap_or_default();
        u8::from_str_radix(digits, 16).unwrap_or(0)
    };
    RGBColor(hex(1), hex(3), hex(5))
}

/// What the backend leaves out: words for those who do not see it, and colours for dark pages.
fn finish(svg: &str, sweep: &SweepSummary) -> String {
    let mut out = svg.to_owned();
    let mut known = BTreeSet::new();
    for token in tokens().filter(|token| known.insert(token.light())) {
        let fill = format!("fill=\"{}\"", token.light());
        out = out.replace(&fill, &format!("{fill} data-fill=\"{}\"", token.name()));
    }
    let title = escaped(&title(sweep));
    let about = escaped(&sweep.label());
    let head = format!(
        "<title>{title}</title>\n<desc>Which fault breaks which promise: {about}</desc>\n\
         <style>text{{font-family:system-ui,sans-serif}}{}</style>\n",
        dark_style()
    );
    match out.find('>').filter(|_| out.starts_with("<svg")) {
        Some(end) => {
            let tag = out[..end].replacen("<svg ", "<svg role=\"img\" ", 1);
            format!("{tag}>\n{head}{}", &out[end + 1..])
        }
        None => out,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::sample;

    #[test]
    fn every_cell_has_its_count_and_its_colour() {
        let svg = chart(&sample::whole());
        assert_eq!(svg, chart(&sample::whole()), "the same bytes each time");
        for part in ["✕ 2 of 18", "no fault", "one-leader and durability broke", "data-fill=\"t3\""]
        {
            assert!(svg.contains(part), "{part}: {svg}");
        }
        insta::assert_snapshot!(svg);
    }

    #[test]
    fn the_title_is_the_finding() {
        let mut sweep = sample::whole();
        sweep.violated.clear();
        assert_eq!(title(&sweep), "No promise broke; some were never put to the test");
        sweep.promises.pop();
        assert_eq!(title(&sweep), "Every promise held in every seed");
    }
}
