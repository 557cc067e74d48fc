//! A table with aligned columns.

use super::{Line, Look, Span};

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

    /// The table, its first row strong.
    pub(super) fn lines(mut self) -> Vec<Line> {
        for span in self.rows.first_mut().into_iter().flatten().flatten() {
            span.look = Look::Strong;
        }
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(width).max().unwrap_or(0)
            })
            .collect();
        let line = |row: Vec<Line>| {
            let mut line = Line::new();
            for (cell, full) in row.into_iter().zip(&widths) {
                let space = full + 2 - width(&cell);
                line.extend(cell);
                line.push(Span::new(Look::Plain, " ".repeat(space)));
            }
            line
        };
        self.rows.into_iter().map(line).collect()
    }
}

fn width(cell: &Line) -> usize {
    cell.iter().map(|span| span.text.chars().count()).sum()
}
