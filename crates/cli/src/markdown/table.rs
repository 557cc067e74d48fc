//! A table with aligned columns.

use super::allowance::Allowance;
use super::{Line, Look, Span};

/// What stands between two cells at least.
const BETWEEN: usize = 2;

/// A table whose cells are collected first: the widths depend on all of them.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<Line>>,
    row: Vec<Line>,
}

impl Table {
    /// Adds a cell to the current row.
    pub(super) fn cell(&mut self, cell: Line) {
        self.row.push(cell);
    }

    /// Ends the current row.
    pub(super) fn end_row(&mut self) {
        self.rows.push(std::mem::take(&mut self.row));
    }

    /// The table, its first row strong. A column is as wide as its widest cell that is not wider than
    /// `max_width`: one that is makes no other cell longer. The spaces are taken off the allowance, and
    /// columns are not aligned any more when there is none left.
    pub(super) fn lines(mut self, max_width: usize, allowance: &mut Allowance) -> Vec<Line> {
        for span in self.rows.first_mut().into_iter().flatten().flatten() {
            span.look = Look::Strong;
        }
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (full, cell) in widths.iter_mut().zip(row) {
                let width = width(cell);
                if width <= max_width {
                    *full = width.max(*full);
                }
            }
        }
        let line = |row: Vec<Line>| aligned(row, &widths, allowance);
        self.rows.into_iter().map(line).collect()
    }
}

/// A row whose cells have these widths, but for the last one that is not empty: behind it there is nothing.
fn aligned(mut row: Vec<Line>, widths: &[usize], allowance: &mut Allowance) -> Line {
    let cells = row.iter().rposition(|cell| !cell.is_empty());
    row.truncate(cells.map_or(0, |last| last + 1));
    let last = row.pop();
    let mut line = Line::new();
    for (cell, full) in row.into_iter().zip(widths) {
        let mut space = full.saturating_sub(width(&cell));
        if !allowance.grant(space) {
            space = 0;
        }
        line.extend(cell);
        line.push(Span::new(Look::Plain, " ".repeat(space + BETWEEN)));
    }
    line.extend(last.into_iter().flatten());
    line
}

fn width(cell: &Line) -> usize {
    cell.iter().map(|span| span.text.chars().count()).sum()
}
