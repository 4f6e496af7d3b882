//! The colours: one table of tokens, light and dark.

use std::fmt::Write;

/// A colour by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Token {
    Bg,
    Surf,
    Ink,
    Muted,
    Lane,
    Grid,
    Neutral,
    /// Hue 0 to 3 of an epoch.
    Epoch(u8),
    /// The same as a tint.
    Tint(u8),
    Onfill,
    Fault,
    FaultTint,
    Good,
    Warn,
    Highlight,
}

/// Token, name in `data-fill`, light, dark.
const TABLE: [(Token, &str, &str, &str); 21] = [
    (Token::Bg, "bg", "#FFFFFF", "#0D1117"),
    (Token::Surf, "surf", "#F6F8FA", "#151B23"),
    (Token::Ink, "ink", "#17202E", "#E6EDF3"),
    (Token::Muted, "muted", "#556070", "#9DA9B8"),
    (Token::Lane, "lane", "#8893A3", "#6B7787"),
    (Token::Grid, "grid", "#E4E8EE", "#262E38"),
    (Token::Neutral, "neutral", "#EDF0F4", "#262E38"),
    (Token::Epoch(0), "e1", "#1B5FAA", "#6CB2F7"),
    (Token::Epoch(1), "e2", "#A84B06", "#F2A154"),
    (Token::Epoch(2), "e3", "#0B7560", "#4FD1B0"),
    (Token::Epoch(3), "e4", "#75306B", "#F0B6E0"),
    (Token::Tint(0), "t1", "#DCE8F6", "#15304D"),
    (Token::Tint(1), "t2", "#FDEDDF", "#43290F"),
    (Token::Tint(2), "t3", "#DDF2EC", "#0F3B32"),
    (Token::Tint(3), "t4", "#F2DEEC", "#432239"),
    (Token::Onfill, "onfill", "#FFFFFF", "#0D1117"),
    (Token::Fault, "fault", "#C3152B", "#FF7B84"),
    (Token::FaultTint, "faultt", "#FCE9EB", "#3A1519"),
    (Token::Good, "ok", "#0B7560", "#4FD1B0"),
    (Token::Warn, "warn", "#8A6100", "#E3B341"),
    (Token::Highlight, "hl", "#FFDF70", "#66500F"),
];

impl Token {
    /// The hue of an epoch; muted before the first.
    pub(crate) fn of_epoch(epoch: u64) -> Self {
        if epoch == 0 { Self::Muted } else { Self::Epoch(hue(epoch)) }
    }

    /// The tint of an epoch.
    pub(crate) fn tint_of_epoch(epoch: u64) -> Self {
        if epoch == 0 { Self::Neutral } else { Self::Tint(hue(epoch)) }
    }

    fn row(self) -> (Self, &'static str, &'static str, &'static str) {
        TABLE.into_iter().find(|(token, ..)| *token == self).unwrap_or(TABLE[2])
    }

    /// The name in `data-fill` and `data-stroke`.
    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    /// The colour on a light page.
    pub(crate) fn light(self) -> &'static str {
        self.row().2
    }
}

/// Every token.
pub(crate) fn tokens() -> impl Iterator<Item = Token> {
    TABLE.into_iter().map(|(token, ..)| token)
}

fn hue(epoch: u64) -> u8 {
    u8::try_from((epoch - 1) % 4).unwrap_or(0)
}

/// The rules that turn every token dark where the reader prefers it.
pub(crate) fn dark_style() -> String {
    let mut style = String::from("@media (prefers-color-scheme: dark){");
    for (_, name, _, dark) in TABLE {
        let _ = write!(
            style,
            "[data-fill=\"{name}\"]{{fill:{dark}}}[data-stroke=\"{name}\"]{{stroke:{dark}}}"
        );
    }
    style.push('}');
    style
}

/// A drawn figure with every colour that of the dark theme, and none that changes.
pub(super) fn darkened(svg: &str) -> String {
    let mut dark = without_rules(svg);
    for (_, name, on_light, on_dark) in TABLE {
        for what in ["fill", "stroke"] {
            let of = |colour: &str| format!("{what}=\"{colour}\" data-{what}=\"{name}\"");
            dark = dark.replace(&of(on_light), &of(on_dark));
        }
    }
    dark
}

/// A drawn figure that stays light wherever it is shown.
pub(super) fn without_rules(svg: &str) -> String {
    svg.replacen(&format!("<style>{}</style>\n", dark_style()), "", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance by the WCAG in millionths, with whole numbers: `c^2.4 = (c^12)^(1/5)`.
    fn luminance(colour: &str) -> u64 {
        const ONE: u128 = 1_000_000_000_000_000_000;
        let power = |x: u128, n: u32| (0..n).fold(ONE, |product, _| product * x / ONE);
        let channel = |from: usize| {
            let value = u128::from(u8::from_str_radix(&colour[from..from + 2], 16).unwrap());
            let scaled = value * ONE / 255;
            if scaled <= ONE * 4_045 / 100_000 {
                return scaled * 100 / 1_292;
            }
            let base = (scaled + ONE * 55 / 1_000) * 1_000 / 1_055;
            // base^2.4 by bisection: r^5 = base^12.
            let (mut low, mut high) = (0, ONE + 1);
            while low + 1 < high {
                let middle = u128::midpoint(low, high);
                if power(middle, 5) <= power(base, 12) { low = middle } else { high = middle }
            }
            low
        };
        let sum = 2126 * channel(1) + 7152 * channel(3) + 722 * channel(5);
        u64::try_from((sum / 10_000 + ONE / 2_000_000) / (ONE / 1_000_000)).unwrap()
    }

    /// The contrast of two colours in hundredths.
    fn contrast(a: &str, b: &str) -> u64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 50_000) * 100 / (a.min(b) + 50_000)
    }

    #[test]
    fn contrast_is_that_of_the_wcag() {
        assert_eq!(contrast("#FFFFFF", "#000000"), 2_100);
        assert!((447..=448).contains(&contrast("#777777", "#FFFFFF")));
    }

    #[test]
    fn every_text_stands_out_from_its_ground() {
        let mut pairs = vec![
            (Token::Ink, Token::Bg),
            (Token::Ink, Token::Surf),
            (Token::Ink, Token::Neutral),
            (Token::Ink, Token::FaultTint),
            (Token::Muted, Token::Bg),
            (Token::Muted, Token::Surf),
            (Token::Fault, Token::Bg),
            (Token::Fault, Token::Surf),
            (Token::Fault, Token::FaultTint),
            (Token::Onfill, Token::Fault),
            (Token::Muted, Token::FaultTint),
            (Token::Muted, Token::Neutral),
            (Token::Fault, Token::Neutral),
            (Token::Good, Token::FaultTint),
            (Token::Good, Token::Neutral),
            (Token::Good, Token::Surf),
            (Token::Warn, Token::Neutral),
            (Token::Warn, Token::Bg),
            (Token::Bg, Token::Ink),
        ];
        for hue in 0..4 {
            pairs.push((Token::Epoch(hue), Token::Bg));
            pairs.push((Token::Epoch(hue), Token::Surf));
            pairs.push((Token::Epoch(hue), Token::Tint(hue)));
            pairs.push((Token::Muted, Token::Tint(hue)));
            pairs.push((Token::Onfill, Token::Epoch(hue)));
        }
        for (text, ground) in pairs {
            let (text, ground) = (text.row(), ground.row());
            for (text, ground, theme) in [(text.2, ground.2, "light"), (text.3, ground.3, "dark")] {
                let contrast = contrast(text, ground);
                assert!(contrast >= 450, "{text} on {ground}, {theme}: {contrast}");
            }
        }
    }

    #[test]
    fn every_token_has_a_row() {
        for (token, name, ..) in TABLE {
            assert_eq!(token.name(), name);
        }
        assert_eq!(Token::of_epoch(5), Token::Epoch(0));
        assert_eq!(Token::of_epoch(0), Token::Muted);
    }
}
