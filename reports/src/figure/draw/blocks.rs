//! The blocks below the plot: snapshots, captions, legend, footer.

use super::super::geometry::{Rect, Segment, count_px};
use super::super::layout::{
    Arrow, BarStyle, Footer, Head, LegendItem, LegendMark, Line, Snapshot, SnapshotCell,
};
use super::super::legend::mark_width;
use super::super::tables::cell_width;
use super::super::text::Font;
use super::super::theme::Token;
use super::{MONO, Pen, rect_element, text_element};
use crate::svg::Px;

const CELL_HEIGHT: Px = 200;

impl Pen<'_> {
    pub(super) fn blocks(&mut self) {
        let layout = self.layout;
        for shot in &layout.snapshots {
            self.table(shot);
        }
        for y in &layout.rules {
            self.line((280, *y), (layout.width - 280, *y), (Token::Grid, 10), "");
        }
        for caption in &layout.captions {
            self.disc((caption.x + 105, caption.y - 45), caption.number);
            for (line, n) in caption.lines.iter().zip(0..) {
                let at = (caption.x + 290, caption.y + 170 * n);
                self.write(line, at, (Font::CAPTION, Token::Ink), "start");
            }
        }
        for item in &layout.legend {
            self.legend(item);
        }
        self.footer(&layout.footer);
    }

    fn table(&mut self, shot: &Snapshot) {
        let title = format!("{}: {}", shot.title, shot.sentence.join(" "));
        self.group(&format!("snapshot-{}", shot.letter), "snapshot", &title);
        let (x, y) = (shot.x, shot.y);
        self.ring((x + 110, y), shot.letter);
        self.write(&shot.title, (x + 300, y + 48), (Font::TABLE, Token::Ink), "start");
        if let Some(table) = &shot.table {
            self.rows(shot, table);
        }
        for (row, n) in shot.rows.iter().zip(0..) {
            let top = y + 220 + 250 * n;
            let mut cell_x = x + shot.name_width + 100;
            let name = (Font::new(125, 600), Token::Ink);
            self.write(&row.name, (x + shot.name_width, top + 143), name, "end");
            for cell in &row.cells {
                self.cell(shot, cell, (cell_x, top));
                cell_x += cell_width(shot, cell) + 60;
            }
            let note = (Font::new(115, 400), Token::Muted);
            self.write(&row.note, (cell_x + 20, top + 143), note, "start");
        }
        let lines = shot.table.as_ref().map_or(shot.rows.len(), |table| table.lines.len() + 1);
        let below = y + 220 + 250 * count_px(lines);
        for (line, n) in shot.sentence.iter().zip(0..) {
            let at = (x, below + 180 + 170 * n);
            self.write(line, at, (Font::NOTE, Token::Muted), "start");
        }
        self.end_group();
    }

    fn cell(&mut self, shot: &Snapshot, cell: &SnapshotCell, (x, y): (Px, Px)) {
        match cell {
            SnapshotCell::Gap => {
                self.write("…", (x + 110, y + 130), (Font::CELL, Token::Muted), "middle");
            }
            SnapshotCell::Slot { index, value, epoch, sign, committed } => {
                let hue = Token::of_epoch(*epoch);
                self.slot(Rect::new(x, y, shot.cell_width, CELL_HEIGHT), *epoch, *committed);
                let number = index.to_string();
                let small = Font::new(110, 500);
                self.write(&number, (x + 80, y + 143), (small, Token::Muted), "start");
                let (from, to) = (
                    80 + small.width(&number),
                    shot.cell_width - 80 - Font::new(110, 600).width(sign),
                );
                let middle = x + from.midpoint(to);
                self.write(value, (middle, y + 145), (Font::CELL, hue), "middle");
                let epoch = (Font::new(110, 600), hue);
                self.write(sign, (x + shot.cell_width - 70, y + 143), epoch, "end");
            }
        }
    }

    pub(super) fn slot(&mut self, rect: Rect, epoch: u64, committed: bool) {
        let (hue, tint) = (Token::of_epoch(epoch), Token::tint_of_epoch(epoch));
        let shape = rect_element(rect).attr("rx", "2.5");
        let shape = if committed {
            shape.fill(tint).stroke(hue, 15)
        } else {
            shape.fill(Token::Bg).stroke(hue, 15).attr("stroke-dasharray", "4 2.5")
        };
        self.svg.put(&shape);
    }

    fn legend(&mut self, item: &LegendItem) {
        let (x, y) = (item.x, item.y - 45);
        match &item.mark {
            LegendMark::Bar(style) => self.role((x, y), *style, 0),
            LegendMark::Role(style, epoch) => self.role((x, y), *style, *epoch),
            LegendMark::Hues(epochs) => {
                for (epoch, n) in epochs.iter().zip(0..) {
                    let rect = Rect::new(x + 170 * n, y - 80, 160, 160);
                    self.svg.put(&rect_element(rect).attr("rx", "2").fill(Token::of_epoch(*epoch)));
                }
            }
            LegendMark::Delivered => self.sample((x, y), Line::Solid, Head::Filled),
            LegendMark::InFlight => self.sample((x, y), Line::Solid, Head::Hollow),
            LegendMark::Duplicate => {
                self.sample((x, y), Line::Solid, Head::Hollow);
                let font = (Font::new(110, 600), Token::Muted);
                self.write("×2", (x + 160, y - 40), font, "middle");
            }
            LegendMark::Dropped => {
                self.sample((x, y), Line::Dashed, Head::Cross);
                self.cross((x + 280, y));
            }
            LegendMark::Timer => self.hourglass((x + 60, y)),
            LegendMark::Majority => self.diamond((x + 60, y), Token::Muted),
            LegendMark::Down => self.fault_fill(Rect::new(x, y - 80, 300, 160)),
            LegendMark::Committed => {
                self.slot(Rect::new(x, y - 80, 220, 160), 1, true);
                self.slot(Rect::new(x + 240, y - 80, 220, 160), 1, false);
            }
            LegendMark::Slow => self.sample((x, y), Line::Slow, Head::Filled),
            LegendMark::Stored => self.cylinder((x + 60, y), Token::Muted, ""),
            LegendMark::Paused => self.pause((x + 60, y)),
            LegendMark::Ill => self.line((x, y), (x + 300, y), (Token::Fault, 14), "1.5 3"),
            LegendMark::Waits => self.line((x, y), (x + 300, y), (Token::Warn, 18), "1.8 5"),
            LegendMark::Chain => {
                self.marker(&Segment::new((x + 40, y), (x + 260, y)));
            }
            LegendMark::Compressed => {
                for shift in [0, 60] {
                    let (from, to) = ((x + shift, y + 60), (x + shift + 60, y - 60));
                    self.line(from, to, (Token::Muted, 13), "");
                }
            }
        }
        let at = (item.x + mark_width(&item.mark) + 60, item.y);
        self.write(&item.words, at, (Font::LEGEND, Token::Muted), "start");
    }

    fn role(&mut self, (x, y): (Px, Px), style: BarStyle, epoch: u64) {
        let half = match style {
            BarStyle::Solid | BarStyle::Hatched => 90,
            BarStyle::Thin => 40,
            BarStyle::Hairline => 20,
        };
        self.bar_shape(Rect::new(x, y - half, 300, 2 * half), style, epoch);
    }

    fn sample(&mut self, (x, y): (Px, Px), style: Line, head: Head) {
        let end = if head == Head::Cross { x + 280 } else { x + 330 };
        let line = Segment::new((x + 26, y), (end, y));
        self.arrow_shape(&Arrow {
            id: String::new(),
            messages: Vec::new(),
            line,
            style,
            head,
            token: Token::Muted,
            data: Vec::new(),
            title: String::new(),
        });
    }

    fn footer(&mut self, footer: &Footer) {
        let Some(rect) = footer.rect else { return };
        let ground = if footer.is_violated { Token::FaultTint } else { Token::Surf };
        self.svg.put(&rect_element(rect).attr("rx", "4").fill(ground));
        let mut y = rect.y + 190;
        let mut ink = Token::Ink;
        for (sign, line) in &footer.lines {
            let token = match sign {
                '✓' => Token::Good,
                '✕' => Token::Fault,
                _ => Token::Muted,
            };
            if !sign.is_whitespace() {
                let font = Font::new(125, 700);
                self.write(&sign.to_string(), (rect.x + 130, y), (font, token), "start");
                // What was not put to the test says less than what was.
                ink = if token == Token::Muted { Token::Muted } else { Token::Ink };
            }
            self.write(line, (rect.x + 290, y), (Font::FOOTER, ink), "start");
            y += 180;
        }
        let y = if footer.command_below { y } else { y - 180 };
        let (x, anchor) = if footer.command_below {
            (rect.x + 290, "start")
        } else {
            (rect.right() - 120, "end")
        };
        let command = text_element((x, y), Font::new(120, 400), Token::Muted, anchor);
        self.svg.text(&command.attr("font-family", MONO), &footer.command);
    }
}
