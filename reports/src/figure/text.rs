//! How wide text is, without a font: the widest of three common fonts, character by character.

use super::geometry::clamp_px;
use crate::svg::Px;

/// Widths of the characters 32 to 126 in thousandths of the size: the maximum of Inter Medium,
/// Liberation Sans and Roboto Medium.
const WIDTHS: [u16; 95] = [
    278, 294, 400, 637, 643, 889, 667, 217, 378, 378, 522, 666, 288, 463, 283, 368, 646, 556, 613,
    644, 654, 620, 636, 579, 631, 636, 283, 288, 666, 666, 666, 556, 1015, 700, 667, 735, 722, 667,
    611, 778, 742, 278, 552, 667, 564, 898, 747, 778, 667, 778, 722, 667, 651, 738, 700, 978, 667,
    685, 639, 378, 377, 378, 475, 556, 497, 569, 626, 568, 626, 587, 369, 617, 602, 249, 249, 556,
    249, 884, 597, 602, 617, 617, 384, 536, 372, 594, 566, 825, 551, 566, 551, 378, 342, 378, 666,
];
const OTHER: u16 = 900;
/// A character of a command, in thousandths of the size.
const MONO: i64 = 602;

/// Size and weight of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Font {
    /// In tenths of a pixel.
    pub(crate) size: Px,
    pub(crate) weight: u16,
}

impl Font {
    pub(crate) const TITLE: Self = Self::new(200, 700);
    pub(crate) const SUBTITLE: Self = Self::new(130, 400);
    pub(crate) const LANE: Self = Self::new(150, 700);
    pub(crate) const LANE_LEAST: Self = Self::new(110, 700);
    pub(crate) const KIND: Self = Self::new(110, 400);
    pub(crate) const CAPTION: Self = Self::new(130, 400);
    pub(crate) const LABEL: Self = Self::new(120, 600);
    pub(crate) const PILL: Self = Self::new(115, 700);
    pub(crate) const SMALL: Self = Self::new(115, 500);
    pub(crate) const AXIS: Self = Self::new(115, 400);
    pub(crate) const DISC: Self = Self::new(120, 700);
    pub(crate) const OP: Self = Self::new(125, 600);
    pub(crate) const TABLE: Self = Self::new(135, 700);
    pub(crate) const CELL: Self = Self::new(125, 700);
    pub(crate) const NOTE: Self = Self::new(125, 400);
    pub(crate) const LEGEND: Self = Self::new(120, 400);
    pub(crate) const FOOTER: Self = Self::new(125, 500);

    pub(crate) const fn new(size: Px, weight: u16) -> Self {
        Self { size, weight }
    }

    /// How wide `text` is at most.
    pub(crate) fn width(self, text: &str) -> Px {
        let sum: i64 = text.chars().map(|c| i64::from(of(c))).sum();
        let plain = sum * i64::from(self.size) / 1_000;
        clamp_px(if self.weight >= 600 { plain * 105 / 100 } else { plain })
    }

    /// The height of a line of text with a little air.
    pub(crate) const fn height(self) -> Px {
        self.size + 30
    }
}

/// How wide a command in a font of fixed width is.
pub(crate) fn mono_width(text: &str, size: Px) -> Px {
    let n = i64::try_from(text.chars().count()).unwrap_or(10_000);
    clamp_px(n * MONO * i64::from(size) / 1_000)
}

fn of(c: char) -> u16 {
    match c {
        '·' => 320,
        '–' | '×' | '✓' | '✕' => 700,
        '…' | '→' => OTHER,
        c => u32::from(c)
            .checked_sub(32)
            .and_then(|place| usize::try_from(place).ok())
            .and_then(|place| WIDTHS.get(place).copied())
            .unwrap_or(OTHER),
    }
}

/// Breaks `text` between words into lines at most this wide. The last of `lines_max` lines ends in
/// an ellipsis if not everything fits. No line holds a lonely word that could have company.
pub(crate) fn wrap(text: &str, font: Font, width: Px, lines_max: usize) -> Vec<String> {
    let lines = broken(text, font, width, lines_max);
    let is_lonely = |lines: &[String]| {
        lines.len() > 1 && lines.last().is_some_and(|last| font.width(last) < width * 3 / 10)
    };
    if !is_lonely(&lines) {
        return lines;
    }
    let narrower = (60..100).rev().map(|part| broken(text, font, width / 100 * part, lines_max));
    let mut even = narrower.take_while(|other| other.len() == lines.len());
    let whole = lines.join(" ");
    even.find(|other| !is_lonely(other) && other.join(" ") == whole).unwrap_or(lines)
}

fn broken(text: &str, font: Font, width: Px, lines_max: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            let longer = format!("{line} {word}");
            if font.width(&longer) <= width {
                *line = longer;
                continue;
            }
            if lines.len() == lines_max {
                let last = lines.pop().unwrap_or_default();
                lines.push(cut(&format!("{last} {word} …"), font, width));
                return lines;
            }
        }
        lines.push(cut(word, font, width));
    }
    lines
}

/// `text`, or as much of it as fits, with an ellipsis.
pub(crate) fn cut(text: &str, font: Font, width: Px) -> String {
    if font.width(text) <= width {
        return text.to_owned();
    }
    let mut kept: String = text.trim_end_matches('…').trim_end().to_owned();
    while !kept.is_empty() && font.width(&format!("{kept}…")) > width {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bold_text_is_wider() {
        assert_eq!(Font::new(100, 400).width("n1"), 115);
        assert_eq!(Font::new(100, 600).width("n1"), 120);
        assert_eq!(Font::new(100, 400).width("é"), 90);
    }

    #[test]
    fn long_text_breaks_between_words_and_ends_in_an_ellipsis() {
        let font = Font::new(100, 400);
        assert_eq!(wrap("one two three", font, 450, 3), ["one two", "three"]);
        assert_eq!(wrap("one two three four a", font, 890, 3), ["one two three", "four a"]);
        assert_eq!(wrap("one two three four", font, 450, 2), ["one two", "three f…"]);
        assert_eq!(wrap("", font, 450, 2), Vec::<String>::new());
        assert_eq!(cut("Donaudampfschiff", font, 300), "Don…");
    }
}
