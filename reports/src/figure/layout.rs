//! Everything a picture consists of, with its place: whole tenths of a pixel, no drawing.
//! Long because every mark of the visual language has its few fields here.

use std::collections::BTreeMap;

use sim_engine::{DropCause, EventId, NodeId, NodePart, Tone};

use super::geometry::{Rect, Segment};
use super::text::Font;
use super::theme::Token;
use crate::svg::Px;

/// A picture, laid out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) width: Px,
    pub(crate) height: Px,
    /// True if it is shown in the exact size of a slide.
    pub(crate) is_slide: bool,
    pub(crate) title: Vec<String>,
    pub(crate) subtitle: Vec<String>,
    pub(crate) desc: String,
    pub(crate) axis: AxisLine,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) bars: Vec<Bar>,
    pub(crate) bands: Vec<Band>,
    pub(crate) walls: Vec<Wall>,
    pub(crate) brackets: Vec<Bracket>,
    /// The causal chain of a violation, under everything else.
    pub(crate) chain: Vec<Segment>,
    pub(crate) ills: Vec<Ill>,
    pub(crate) stored: Vec<Stored>,
    pub(crate) ops: Vec<OpBox>,
    pub(crate) timers: Vec<TimerLine>,
    pub(crate) arrows: Vec<Arrow>,
    pub(crate) diamonds: Vec<Diamond>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) violations: Vec<ViolationLine>,
    pub(crate) discs: Vec<Disc>,
    pub(crate) snapshots: Vec<Snapshot>,
    /// Heights of the thin rules between the blocks below the plot.
    pub(crate) rules: Vec<Px>,
    pub(crate) captions: Vec<CaptionBlock>,
    pub(crate) legend: Vec<LegendItem>,
    pub(crate) footer: Footer,
    /// Lost messages that are not drawn, by cause.
    pub(crate) losses_hidden: BTreeMap<DropCause, u64>,
    /// Labels for which there was no room.
    pub(crate) omitted: Vec<String>,
}

/// The time axis.
#[derive(Clone, Debug, Default)]
pub(crate) struct AxisLine {
    pub(crate) y: Px,
    pub(crate) left: Px,
    pub(crate) right: Px,
    pub(crate) ticks: Vec<(Px, String)>,
    /// Middles of compressed time.
    pub(crate) breaks: Vec<Px>,
    /// Where grid lines begin and end.
    pub(crate) grid: (Px, Px),
}

/// One lane.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) node: NodeId,
    pub(crate) name: String,
    /// The word under the name; empty for none.
    pub(crate) kind: String,
    pub(crate) is_client: bool,
    pub(crate) y: Px,
}

/// How a bar is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BarStyle {
    Solid,
    Hatched,
    Thin,
    Hairline,
}

/// A stretch of one standing.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) style: BarStyle,
    pub(crate) epoch: u64,
    pub(crate) title: String,
}

/// A stretch in which a node is down.
#[derive(Clone, Debug)]
pub(crate) struct Band {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) is_open: bool,
    /// True if it begins in the picture, with a crash.
    pub(crate) has_cross: bool,
    pub(crate) title: String,
}

/// A partition: its span and the walls between the groups.
#[derive(Clone, Debug)]
pub(crate) struct Wall {
    pub(crate) id: String,
    pub(crate) span: Rect,
    pub(crate) walls: Vec<Rect>,
    /// Instead of walls, where the sides do not stand together.
    pub(crate) stripes: Vec<Stripe>,
    /// Where nothing arrives in one direction: place, and whether that is down.
    pub(crate) heads: Vec<(Px, Px, bool)>,
    /// True if it has not ended within the picture.
    pub(crate) is_open: bool,
    pub(crate) title: String,
}

/// A stripe above the lane of a node that is parted from others.
#[derive(Clone, Debug)]
pub(crate) struct Stripe {
    pub(crate) rect: Rect,
    pub(crate) letter: char,
}

/// A fault of the network without a place, under the axis.
#[derive(Clone, Debug)]
pub(crate) struct Bracket {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) is_open: bool,
    pub(crate) title: String,
}

/// What is wrong with one node for a while.
#[derive(Clone, Debug)]
pub(crate) struct Ill {
    pub(crate) id: String,
    pub(crate) part: NodePart,
    /// The stretch of its bar.
    pub(crate) rect: Rect,
    /// Where the dotted line under the bar runs.
    pub(crate) line: Px,
    pub(crate) words: String,
    pub(crate) title: String,
}

/// A write that reached the disk, or was lost before.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) token: Token,
    pub(crate) is_lost: bool,
    pub(crate) title: String,
}

/// How a client operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpEnd {
    Ok,
    Failed,
    Unknown,
    Open,
}

/// A client operation.
#[derive(Clone, Debug)]
pub(crate) struct OpBox {
    pub(crate) id: String,
    pub(crate) rect: Rect,
    pub(crate) end: OpEnd,
    /// The stretch in which it waits for somebody.
    pub(crate) waits: Option<(Px, Px)>,
    pub(crate) title: String,
}

/// A timer that fired: from the moment it was last set.
#[derive(Clone, Debug)]
pub(crate) struct TimerLine {
    pub(crate) id: String,
    pub(crate) from: Px,
    pub(crate) to: Px,
    pub(crate) y: Px,
    /// True if it was set before the picture begins.
    pub(crate) is_cut: bool,
    pub(crate) title: String,
}

/// How a message's line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Solid,
    Dashed,
    /// Much slower than usual.
    Slow,
    Thin,
}

/// How a message's line ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Head {
    Filled,
    Hollow,
    Cross,
}

/// A message, or several that met the same fate.
#[derive(Clone, Debug)]
pub(crate) struct Arrow {
    pub(crate) id: String,
    /// The messages it stands for.
    pub(crate) messages: Vec<EventId>,
    pub(crate) line: Segment,
    pub(crate) style: Line,
    pub(crate) head: Head,
    pub(crate) token: Token,
    pub(crate) data: Vec<(&'static str, String)>,
    pub(crate) title: String,
}

/// A majority is complete.
#[derive(Clone, Debug)]
pub(crate) struct Diamond {
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) token: Token,
    pub(crate) title: String,
}

/// Where text stands in its box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// What a word may lie on: everything else it must keep clear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    Free,
    Bar,
    Op,
    Band,
    Wall,
}

/// A word in the picture, with or without a box.
#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) home: Home,
    pub(crate) rect: Rect,
    pub(crate) text: String,
    pub(crate) font: Font,
    pub(crate) ink: Token,
    pub(crate) ground: Option<Token>,
    pub(crate) edge: Option<Token>,
    pub(crate) anchor: Anchor,
}

/// A broken promise.
#[derive(Clone, Debug)]
pub(crate) struct ViolationLine {
    pub(crate) id: String,
    pub(crate) x: Px,
    pub(crate) top: Px,
    pub(crate) bottom: Px,
    /// Where the warning triangle stands.
    pub(crate) culprit: Px,
    pub(crate) title: String,
}

/// A numbered step.
#[derive(Clone, Debug)]
pub(crate) struct Disc {
    pub(crate) number: usize,
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) title: String,
}

/// The state of all nodes at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) letter: char,
    /// The dotted line through the lanes.
    pub(crate) line_x: Px,
    pub(crate) line_top: Px,
    pub(crate) line_bottom: Px,
    /// The middle of the ring under the lanes.
    pub(crate) ring: (Px, Px),
    /// The upper left corner of the table.
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) title: String,
    pub(crate) rows: Vec<SnapshotRow>,
    /// Named values instead of slots.
    pub(crate) table: Option<RowTable>,
    pub(crate) sentence: Vec<String>,
    /// How wide the names are, and one cell.
    pub(crate) name_width: Px,
    pub(crate) cell_width: Px,
}

/// Named values of all nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowTable {
    pub(crate) heads: Vec<String>,
    pub(crate) widths: Vec<Px>,
    pub(crate) lines: Vec<RowLine>,
}

/// The values of one node; none while it is down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowLine {
    pub(crate) name: String,
    pub(crate) cells: Option<Vec<RowCell>>,
}

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RowCell {
    pub(crate) text: String,
    pub(crate) tone: Tone,
}

/// A node in a snapshot.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotRow {
    pub(crate) name: String,
    pub(crate) cells: Vec<SnapshotCell>,
    pub(crate) note: String,
}

/// A slot in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SnapshotCell {
    Slot {
        index: u64,
        value: String,
        epoch: u64,
        sign: String,
        committed: bool,
    },
    /// Slots that are left out.
    Gap,
}

/// A numbered sentence under the picture.
#[derive(Clone, Debug)]
pub(crate) struct CaptionBlock {
    pub(crate) number: usize,
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) lines: Vec<String>,
}

/// A mark and what it means.
#[derive(Clone, Debug)]
pub(crate) struct LegendItem {
    pub(crate) mark: LegendMark,
    pub(crate) x: Px,
    pub(crate) y: Px,
    pub(crate) words: String,
}

/// The marks a legend can explain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LegendMark {
    Bar(BarStyle),
    Role(BarStyle, u64),
    Hues(Vec<u64>),
    Delivered,
    Dropped,
    Duplicate,
    InFlight,
    Timer,
    Majority,
    Committed,
    Down,
    Slow,
    Stored,
    Paused,
    Ill,
    Waits,
    Chain,
    Compressed,
}

/// The last line of the picture: what became of the promises, and how to see it again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Footer {
    pub(crate) rect: Option<Rect>,
    pub(crate) is_violated: bool,
    /// Lines with their sign: `✓`, `✕`, `–`.
    pub(crate) lines: Vec<(char, String)>,
    pub(crate) command: String,
    /// True if the command stands on a line of its own.
    pub(crate) command_below: bool,
}

impl Arrow {
    /// True if it stands for this message.
    pub(crate) fn holds(&self, message: EventId) -> bool {
        self.messages.contains(&message)
    }
}
