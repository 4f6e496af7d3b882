//! The pages a figure is made for, and how close everything stands on them.

use crate::svg::Px;

/// How a figure is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The page it is for.
    pub preset: Preset,
    /// Put before every id, so that two figures can share a page.
    pub id_prefix: String,
    /// Its colours.
    pub theme: Theme,
}

/// The colours of a figure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light, and dark where the reader's system prefers it.
    #[default]
    Auto,
    /// Light everywhere.
    Light,
    /// Dark everywhere.
    Dark,
}

/// The page a figure is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// 1120 wide, height free, captions in three columns.
    #[default]
    Figure,
    /// 900 wide, captions in two columns: readable where a page is narrow.
    Readme,
    /// 1280 by 720 exactly, with one snapshot; the sentences are for the speaker.
    Slide,
    /// 1680 wide, two runs on one axis: the same seed with one change.
    Poster,
}

impl Default for Options {
    fn default() -> Self {
        Self { preset: Preset::Figure, id_prefix: "fig".to_owned(), theme: Theme::Auto }
    }
}

impl Options {
    /// The usual ids, on this page.
    pub fn on(preset: Preset) -> Self {
        Self { preset, ..Self::default() }
    }

    /// The same in these colours.
    #[must_use]
    pub fn in_theme(self, theme: Theme) -> Self {
        Self { theme, ..self }
    }
}

/// How many arrows and operations are drawn, and how much air there is between lanes beside the
/// usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Density {
    pub(super) arrows: usize,
    pub(super) ops: usize,
    pub(super) air: Px,
}

/// A slide, in tenths of a pixel.
pub(super) const SLIDE: (Px, Px) = (12_800, 7_200);

const fn dense(arrows: usize, ops: usize, air: Px) -> Density {
    Density { arrows, ops, air }
}

impl Preset {
    pub(super) const fn width(self) -> Px {
        match self {
            Self::Figure => 11_200,
            Self::Readme => 9_000,
            Self::Slide => SLIDE.0,
            Self::Poster => 16_800,
        }
    }

    pub(super) const fn columns(self) -> usize {
        match self {
            Self::Figure | Self::Slide | Self::Poster => 3,
            Self::Readme => 2,
        }
    }

    /// How close everything may stand: tried in this order until nothing lies on anything else.
    pub(super) const fn densities(self) -> &'static [Density] {
        const PAGE: [Density; 14] = [
            dense(46, 6, 0),
            dense(46, 6, 60),
            dense(46, 6, 120),
            dense(46, 6, 190),
            dense(44, 5, 120),
            dense(42, 5, 190),
            dense(38, 5, 120),
            dense(34, 4, 120),
            dense(28, 4, 120),
            dense(22, 3, 140),
            dense(16, 3, 140),
            dense(34, 4, 260),
            dense(22, 3, 260),
            dense(12, 2, 260),
        ];
        const NARROW: [Density; 10] = [
            dense(36, 5, 0),
            dense(36, 5, 90),
            dense(34, 5, 160),
            dense(30, 4, 90),
            dense(26, 4, 140),
            dense(22, 3, 140),
            dense(18, 3, 140),
            dense(14, 2, 140),
            dense(10, 2, 140),
            dense(6, 1, 190),
        ];
        const SLIDES: [Density; 10] = [
            dense(40, 4, -60),
            dense(36, 4, -120),
            dense(32, 3, -180),
            dense(28, 3, -120),
            dense(24, 3, -60),
            dense(20, 2, -60),
            dense(14, 2, 0),
            dense(10, 2, 60),
            dense(8, 1, 120),
            dense(5, 1, 120),
        ];
        match self {
            Self::Figure | Self::Poster => &PAGE,
            Self::Readme => &NARROW,
            Self::Slide => &SLIDES,
        }
    }
}
