//! Tables of named values.

use sim_engine::Tone;

use super::super::geometry::Rect;
use super::super::layout::{RowCell, RowTable, Snapshot};
use super::super::rows::COLUMN_GAP;
use super::super::text::Font;
use super::super::theme::Token;
use super::Pen;
use crate::svg::Px;

impl Pen<'_> {
    /// A head with its rule, and a line for each node.
    pub(super) fn rows(&mut self, shot: &Snapshot, table: &RowTable) {
        let (x, y) = (shot.x, shot.y + 300);
        let first = x + shot.name_width + 200;
        self.write("node", (x, y), (Font::LEGEND, Token::Muted), "start");
        let mut column = first;
        for (head, width) in table.heads.iter().zip(&table.widths) {
            self.write(head, (column + 20, y), (Font::LEGEND, Token::Muted), "start");
            column += width + COLUMN_GAP;
        }
        self.line((x, y + 80), (column - COLUMN_GAP, y + 80), (Token::Lane, 10), "");
        for (line, n) in table.lines.iter().zip(0..) {
            let top = shot.y + 420 + 250 * n;
            let name = (Font::new(125, 600), Token::Ink);
            self.write(&line.name, (x, top + 143), name, "start");
            let Some(cells) = &line.cells else {
                let down = (Font::NOTE, Token::Fault);
                self.write("down", (first + 20, top + 143), down, "start");
                continue;
            };
            let mut column = first;
            for (cell, width) in cells.iter().zip(&table.widths) {
                self.value(cell, *width, (column, top));
                column += width + COLUMN_GAP;
            }
        }
    }

    fn value(&mut self, cell: &RowCell, width: Px, (x, y): (Px, Px)) {
        let boxed = match cell.tone {
            Tone::Plain => None,
            Tone::Settled(epoch) => Some((epoch, true)),
            Tone::Open(epoch) => Some((epoch, false)),
        };
        let Some((epoch, is_settled)) = boxed else {
            let plain = (Font::NOTE, Token::Muted);
            return self.write(&cell.text, (x + 20, y + 143), plain, "start");
        };
        self.slot(Rect::new(x, y, width, 200), epoch, is_settled);
        let ink = (Font::CELL, Token::of_epoch(epoch));
        self.write(&cell.text, (x + 80, y + 143), ink, "start");
    }
}
