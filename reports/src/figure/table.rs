//! A layout as a table of text, for tests: one mark a line, in the order of drawing.

use std::fmt::{self, Display};

use super::layout::{Layout, SnapshotCell};
use crate::svg::px;

impl Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "size {} x {}", px(self.width), px(self.height))?;
        for line in self.title.iter().chain(&self.subtitle) {
            writeln!(f, "head {line}")?;
        }
        for (x, text) in &self.axis.ticks {
            writeln!(f, "tick {} {text}", px(*x))?;
        }
        for x in &self.axis.breaks {
            writeln!(f, "break {}", px(*x))?;
        }
        for lane in &self.lanes {
            writeln!(f, "lane {} y {}", lane.name, px(lane.y))?;
        }
        self.fmt_plot(f)?;
        self.fmt_blocks(f)?;
        writeln!(f, "omitted {}", self.omitted.len())
    }
}

impl Layout {
    fn fmt_plot(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for bar in &self.bars {
            writeln!(f, "{} {} {:?} epoch {}", bar.id, bar.rect, bar.style, bar.epoch)?;
        }
        for wall in &self.walls {
            writeln!(f, "{} span {}", wall.id, wall.span)?;
            for part in &wall.walls {
                writeln!(f, "  wall {part}")?;
            }
            for stripe in &wall.stripes {
                writeln!(f, "  stripe {} {}", stripe.letter, stripe.rect)?;
            }
            if let Some((_, _, is_down)) = wall.heads.first() {
                let way = if *is_down { "down" } else { "up" };
                writeln!(f, "  {} heads {way}", wall.heads.len())?;
            }
        }
        for band in &self.bands {
            writeln!(f, "{} {}", band.id, band.rect)?;
        }
        for bracket in &self.brackets {
            writeln!(f, "{} {}", bracket.id, bracket.rect)?;
        }
        for ill in &self.ills {
            writeln!(f, "{} {} {}", ill.id, ill.rect, ill.words)?;
        }
        for stored in &self.stored {
            let lost = if stored.is_lost { " lost" } else { "" };
            writeln!(f, "{} {},{}{lost}", stored.id, px(stored.x), px(stored.y))?;
        }
        for op in &self.ops {
            write!(f, "{} {} {:?}", op.id, op.rect, op.end)?;
            if let Some((from, to)) = op.waits {
                write!(f, " waits {}..{}", px(from), px(to))?;
            }
            writeln!(f)?;
        }
        for timer in &self.timers {
            writeln!(f, "{} {}..{} y {}", timer.id, px(timer.from), px(timer.to), px(timer.y))?;
        }
        for arrow in &self.arrows {
            let line = arrow.line;
            let from = format!("{},{}", px(line.x1), px(line.y1));
            let to = format!("{},{}", px(line.x2), px(line.y2));
            let token = arrow.token.name();
            writeln!(f, "{} {from} to {to} {token} {:?} {:?}", arrow.id, arrow.style, arrow.head)?;
        }
        for line in &self.chain {
            let (from, to) = ((px(line.x1), px(line.y1)), (px(line.x2), px(line.y2)));
            writeln!(f, "chain {},{} to {},{}", from.0, from.1, to.0, to.1)?;
        }
        for diamond in &self.diamonds {
            writeln!(f, "diamond {},{}", px(diamond.x), px(diamond.y))?;
        }
        for tag in &self.tags {
            writeln!(f, "tag {} {:?} {}", tag.rect, tag.text, tag.ink.name())?;
        }
        for violation in &self.violations {
            writeln!(
                f,
                "{} x {} culprit {}",
                violation.id,
                px(violation.x),
                px(violation.culprit)
            )?;
        }
        for disc in &self.discs {
            writeln!(f, "disc {} {},{}", disc.number, px(disc.x), px(disc.y))?;
        }
        Ok(())
    }

    fn fmt_blocks(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shot in &self.snapshots {
            writeln!(f, "snapshot {} line {} {}", shot.letter, px(shot.line_x), shot.title)?;
            for row in &shot.rows {
                write!(f, "  {}", row.name)?;
                for cell in &row.cells {
                    match cell {
                        SnapshotCell::Slot { index, value, sign, committed, .. } => {
                            let mark = if *committed { "" } else { "?" };
                            write!(f, " [{index} {value} {sign}{mark}]")?;
                        }
                        SnapshotCell::Gap => write!(f, " …")?,
                    }
                }
                writeln!(f, " {}", row.note)?;
            }
            for line in shot.table.iter().flat_map(|table| &table.lines) {
                let cells = line.cells.iter().flatten();
                let cells: Vec<_> = cells.map(|c| format!("{} {:?}", c.text, c.tone)).collect();
                writeln!(f, "  {} [{}]", line.name, cells.join(" | "))?;
            }
            writeln!(f, "  {}", shot.sentence.join(" / "))?;
        }
        for caption in &self.captions {
            writeln!(f, "caption {} {}", caption.number, caption.lines.join(" / "))?;
        }
        for item in &self.legend {
            writeln!(f, "legend {:?} {}", item.mark, item.words)?;
        }
        for (sign, line) in &self.footer.lines {
            writeln!(f, "footer {sign} {line}")?;
        }
        writeln!(f, "footer {}", self.footer.command)
    }
}

impl Display for super::geometry::Rect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{} {}x{}", px(self.x), px(self.y), px(self.w), px(self.h))
    }
}
