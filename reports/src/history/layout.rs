//! The places of everything in the figure of a history: one lane a process, and an axis that counts
//! beginnings and ends instead of time, so that every box has room for its words.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::checkers::{Answer, ClientOperation, Verdict};

use super::{HistoryReport, end_of, outcome};
use crate::figure::geometry::{Rect, count_px};
use crate::figure::text::{Font, cut, wrap};
use crate::figure::theme::Token;
use crate::svg::Px;
use crate::words;

const MARGIN: Px = 280;
const LANE: Px = 460;
const BOX: Px = 260;
const GAP: Px = 180;
/// What a box keeps for the number of its operation in the order.
pub(super) const DISC: Px = 290;
const WIDTH_MIN: Px = 11_200;
/// Wider pictures leave operations out.
const WIDTH_MAX: Px = 18_000;
/// More operations are no picture.
const SHOWN_MAX: usize = 40;
/// The longest words of a box.
const WORDS_MAX: Px = 2_300;

/// How a box is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Ok,
    /// The system looked and said no, or it never took effect.
    Denied,
    Unknown,
    /// What the checker could not place.
    Refused,
}

/// An operation.
#[derive(Clone, Debug)]
pub(super) struct OpBox {
    pub(super) id: String,
    pub(super) rect: Rect,
    pub(super) words: String,
    pub(super) look: Look,
    /// Its place in the order that was found, from 1.
    pub(super) number: Option<usize>,
    /// True if it is one of those that contradict each other.
    pub(super) is_in_contradiction: bool,
    pub(super) title: String,
}

/// A line of text at its place.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) rect: Rect,
    pub(super) text: String,
    pub(super) font: Font,
    pub(super) ink: Token,
}

/// The whole picture.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) width: Px,
    pub(super) height: Px,
    pub(super) title: String,
    pub(super) lines: Vec<Line>,
    /// The left end of the axis, and where lanes are, with the name of each.
    pub(super) axis: (Px, Px),
    pub(super) lanes: Vec<(Px, String)>,
    pub(super) boxes: Vec<OpBox>,
    /// What else happened: an upright line from the first y to the second.
    pub(super) notes: Vec<(Px, String)>,
    pub(super) span: (Px, Px),
}

/// Lays the picture out with as many operations as have room.
pub(super) fn picture(report: &HistoryReport) -> Picture {
    let mut shown = chosen(report, SHOWN_MAX);
    let mut axis = Axis::new(report, &shown);
    while axis.width > WIDTH_MAX - 2 * MARGIN && shown.len() > 2 {
        shown = chosen(report, shown.len() * 4 / 5);
        axis = Axis::new(report, &shown);
    }
    place(report, &shown, &axis)
}

/// The operations to show: those that contradict each other, and those that ended last before the
/// refused one; of a legal history the first.
fn chosen(report: &HistoryReport, count: usize) -> Vec<usize> {
    let operations = &report.history.operations;
    let mut shown: BTreeSet<usize> = BTreeSet::new();
    let mut others: Vec<usize> = (0..operations.len()).collect();
    others.retain(|at| operations[*at].answer != Answer::Failed);
    if let Some(finding) = &report.finding {
        shown.insert(finding.refused);
        shown.extend(finding.minimal.iter().take(count.saturating_sub(1)));
        let now = operations[finding.refused].ended;
        // Of the same part as the contradiction, as far as the order tells; and what nobody knows
        // the outcome of, since it might explain the answer.
        let known: BTreeSet<usize> = finding.prefix.iter().copied().collect();
        let key = operations[finding.refused].key;
        let is_open =
            |at: &usize| operations[*at].answer == Answer::Unknown && operations[*at].key == key;
        let is_told = |at: &usize| known.contains(at) || is_open(at);
        others.retain(|at| operations[*at].invoked <= now && is_told(at));
        others.sort_by_key(|at| std::cmp::Reverse(end_of(&operations[*at]).unwrap_or(0).min(now)));
    } else {
        others.sort_by_key(|at| operations[*at].invoked);
    }
    for at in others {
        if shown.len() >= count {
            break;
        }
        shown.insert(at);
    }
    let mut shown: Vec<usize> = shown.into_iter().collect();
    shown.sort_by_key(|at| operations[*at].invoked);
    shown
}

/// A beginning, something else, or an end, in the order in which they are drawn at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Begins(usize),
    Happens(usize),
    Ends(usize),
}

/// Where moments are.
struct Axis {
    from: BTreeMap<usize, Px>,
    to: BTreeMap<usize, Px>,
    notes: Vec<(Px, usize)>,
    width: Px,
}

impl Axis {
    fn new(report: &HistoryReport, shown: &[usize]) -> Self {
        let mut moments = moments(report, shown);
        moments.sort_unstable();
        let mut axis =
            Self { from: BTreeMap::new(), to: BTreeMap::new(), notes: Vec::new(), width: 0 };
        let (mut x, mut note_ends) = (0, 0);
        for (_, moment) in moments {
            x += GAP;
            match moment {
                Moment::Begins(at) => {
                    axis.from.insert(at, x);
                }
                Moment::Ends(at) => {
                    let begun = axis.from.get(&at).copied().unwrap_or(0);
                    x = x.max(begun + needed(report, at));
                    axis.to.insert(at, x);
                }
                Moment::Happens(note) => {
                    x = x.max(note_ends + 100);
                    note_ends = x + note_width(&report.annotations[note].1);
                    axis.notes.push((x, note));
                }
            }
        }
        // What is still open at the end.
        for (at, begun) in &axis.from {
            if !axis.to.contains_key(at) {
                x = x.max(begun + needed(report, *at));
            }
        }
        axis.width = (x + GAP).max(note_ends);
        axis
    }
}

fn moments(report: &HistoryReport, shown: &[usize]) -> Vec<(u64, Moment)> {
    let operations = &report.history.operations;
    let mut moments = Vec::new();
    for at in shown {
        let op = &operations[*at];
        moments.push((op.invoked, Moment::Begins(*at)));
        // A process that goes on has given up what it did not see the end of.
        let later = shown.iter().map(|other| &operations[*other]);
        let next = later.filter(|other| other.process == op.process && other.invoked > op.invoked);
        let end = end_of(op).or_else(|| next.map(|next| next.invoked.saturating_sub(1)).min());
        moments.extend(end.map(|end| (end, Moment::Ends(*at))));
    }
    let first = moments.iter().map(|(at, _)| *at).min().unwrap_or(0);
    let last = moments.iter().map(|(at, _)| *at).max().unwrap_or(0);
    for (note, (at, _)) in report.annotations.iter().enumerate() {
        if (first..=last).contains(at) {
            moments.push((*at, Moment::Happens(note)));
        }
    }
    moments
}

/// The words in the box of an operation.
fn words_of(report: &HistoryReport, op: &ClientOperation) -> String {
    let sign = match op.answer {
        Answer::Ok(_) => "→",
        Answer::Refused | Answer::Failed => "✕",
        Answer::Unknown => "?",
    };
    let asked = cut(&report.history.asked(op), Font::OP, WORDS_MAX * 3 / 5);
    let said = cut(&outcome(&report.history, op), Font::OP, WORDS_MAX * 2 / 5 - 200);
    format!("{asked} {sign} {said}")
}

fn needed(report: &HistoryReport, at: usize) -> Px {
    let words = words_of(report, &report.history.operations[at]);
    DISC + Font::OP.width(&words) + 160
}

fn note_width(text: &str) -> Px {
    Font::SMALL.width(&note_words(text)) + 120
}

pub(super) fn note_words(text: &str) -> String {
    cut(text, Font::SMALL, 2_600)
}

fn place(report: &HistoryReport, shown: &[usize], axis: &Axis) -> Picture {
    let names = lane_names(report, shown);
    let label = names.iter().map(|(_, name)| Font::LANE.width(name)).max().unwrap_or(0).min(1_600);
    let left = MARGIN + label + 160;
    let width = (left + axis.width + MARGIN).max(WIDTH_MIN);
    let mut lines = Vec::new();
    let mut y = head(&mut lines, report, shown.len(), width);
    let top = y + if axis.notes.is_empty() { 100 } else { 340 };
    let lane_y = |n: usize| top + BOX / 2 + count_px(n) * LANE;
    let boxes = shown
        .iter()
        .map(|at| {
            let process = report.history.operations[*at].process;
            let lane = names.iter().position(|(other, _)| *other == process).unwrap_or(0);
            op_box(report, *at, axis, (left, lane_y(lane)))
        })
        .collect();
    let rows: Vec<(Px, String)> = names
        .iter()
        .enumerate()
        .map(|(n, (_, name))| (lane_y(n), cut(name, Font::LANE, 1_600)))
        .collect();
    let bottom = lane_y(names.len().saturating_sub(1)) + BOX / 2 + 140;
    let notes = axis.notes.iter().map(|(x, note)| (left + x, report.annotations[*note].1.clone()));
    let notes = notes.collect();
    y = blocks(&mut lines, report, (bottom + 260, width));
    Picture {
        width,
        height: y + 120,
        title: headline(report),
        lines,
        axis: (left, width - MARGIN),
        lanes: rows,
        boxes,
        notes,
        span: (top - 120, bottom),
    }
}

/// The processes that have a lane, in order.
fn lane_names(report: &HistoryReport, shown: &[usize]) -> Vec<(u64, String)> {
    let named = |at: &usize| (report.history.operations[*at].process, report.who(*at));
    let all: BTreeMap<u64, String> = shown.iter().map(named).collect();
    all.into_iter().collect()
}

fn op_box(report: &HistoryReport, at: usize, axis: &Axis, (left, y): (Px, Px)) -> OpBox {
    let op = &report.history.operations[at];
    let from = axis.from.get(&at).copied().unwrap_or(0);
    let to = axis.to.get(&at).copied().unwrap_or(axis.width);
    let refused = report.finding.as_ref().map(|finding| finding.refused);
    let look = match op.answer {
        _ if refused == Some(at) => Look::Refused,
        Answer::Ok(_) => Look::Ok,
        Answer::Refused | Answer::Failed => Look::Denied,
        Answer::Unknown => Look::Unknown,
    };
    let number = report.order_shown().iter().position(|other| *other == at).map(|n| n + 1);
    let finding = report.finding.as_ref();
    OpBox {
        id: format!("op-{at}"),
        rect: Rect::new(left + from, y - BOX / 2, to - from, BOX),
        words: words_of(report, op),
        look,
        number,
        is_in_contradiction: finding.is_some_and(|finding| finding.minimal.contains(&at)),
        title: format!("{}: {}", report.who(at), report.history.describe(at)),
    }
}

/// The finding, in one sentence.
fn headline(report: &HistoryReport) -> String {
    let level = report.level.name();
    match report.verdict {
        Verdict::Legal => format!("Legal: the history is {level}"),
        Verdict::Illegal => format!("Illegal: the history is not {level}"),
        Verdict::Undecided => format!("Undecided: nobody knows whether the history is {level}"),
    }
}

fn head(lines: &mut Vec<Line>, report: &HistoryReport, shown: usize, width: Px) -> Px {
    let room = width - 2 * MARGIN;
    let mut y = 200;
    y = write(lines, (&headline(report), Font::TITLE, Token::Ink), (y, room), 2);
    let all = report.history.operations.len();
    let mut about = format!(
        "{} · model {} · {} by {}",
        report.source,
        report.model.name(),
        words::count(u64::try_from(all).unwrap_or(0), "operation"),
        words::processes(report.processes())
    );
    if shown < all {
        about = format!("{about} · {shown} of them shown");
    }
    write(lines, (&about, Font::SUBTITLE, Token::Muted), (y, room), 2)
}

/// Writes wrapped text from a height on; returns the height below it.
fn write(
    lines: &mut Vec<Line>,
    (text, font, ink): (&str, Font, Token),
    (mut y, room): (Px, Px),
    lines_max: usize,
) -> Px {
    for text in wrap(text, font, room, lines_max) {
        let rect = Rect::new(MARGIN, y, font.width(&text), font.height());
        y = rect.bottom() + 20;
        lines.push(Line { rect, text, font, ink });
    }
    y
}

/// What is told below the lanes.
fn blocks(lines: &mut Vec<Line>, report: &HistoryReport, (mut y, width): (Px, Px)) -> Px {
    let room = width - 2 * MARGIN;
    if let Some(finding) = &report.finding {
        let why = format!("✕ {}: {}.", words::capital(&report.who(finding.refused)), finding.why);
        y = write(lines, (&why, Font::TABLE, Token::Fault), (y, room), 3) + 60;
        let what = "Yellow: taken by themselves, these contradict each other; without any one of \
                    them the rest would not.";
        y = write(lines, (what, Font::NOTE, Token::Ink), (y, room), 2) + 60;
    }
    let order = report.order_shown();
    if !order.is_empty() {
        let from = if report.finding.is_some() { order.len().saturating_sub(12) } else { 0 };
        let told = order.iter().enumerate().skip(from).take(24);
        let told = told.map(|(n, at)| format!("{} {}", n + 1, report.history.describe(*at)));
        let told = told.collect::<Vec<_>>().join(" · ").replace("->", "→");
        let dots = if from > 0 { "… · " } else { "" };
        let told = format!("Order found (numbers in the boxes): {dots}{told}");
        y = write(lines, (&told, Font::NOTE, Token::Muted), (y, room), 5) + 60;
    }
    write(lines, (&report.command, Font::FOOTER, Token::Muted), (y, room), 2)
}
