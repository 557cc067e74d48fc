//! Columns that line up.

use super::style::{Style, styled};
use super::{Mode, Printer};
use crate::text::clean;

impl Printer {
    /// Facts about a success, as `label  value`, aligned.
    pub(crate) fn details(&self, rows: &[(&str, String)]) {
        if self.mode == Mode::Text {
            self.facts(rows);
        }
    }

    /// Facts that were asked for, as `label  value`, aligned.
    pub(crate) fn facts(&self, rows: &[(&str, String)]) {
        let width = rows.iter().map(|(label, _)| label.chars().count()).max();
        for (label, value) in rows {
            self.line(&format!("  {label:<0$}  {value}", width.unwrap_or(0)));
        }
    }

    /// A table with a heading, columns aligned by their number of characters. Written at once: a long
    /// one takes as many writes otherwise as it has lines.
    pub(crate) fn table(&self, heading: &[&str], rows: &[Vec<String>]) {
        if self.mode == Mode::Json {
            return;
        }
        let cells = |row: &[String]| row.iter().map(|cell| clean(cell)).collect::<Vec<_>>();
        let heading: Vec<String> = heading.iter().map(|&cell| cell.to_owned()).collect();
        let rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row)).collect();
        let widths: Vec<usize> = (0..heading.len())
            .map(|column| {
                let all = std::iter::once(&heading).chain(&rows);
                let width = all
                    .filter_map(|row| row.get(column))
                    .map(|c| c.chars().count());
                width.max().unwrap_or(0)
            })
            .collect();
        let line = |row: &[String]| {
            let padded = row.iter().zip(&widths);
            let text: Vec<String> = padded
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            text.join("  ").trim_end().to_owned()
        };
        let mut text = styled(self.color_out, Style::Bold, &line(&heading));
        for row in &rows {
            text.push('\n');
            text.push_str(&line(row));
        }
        text.push('\n');
        self.out_raw(&text);
    }

    /// A table about a success: as [`table`](Self::table), but nobody asked for it.
    pub(crate) fn report(&self, heading: &[&str], rows: &[Vec<String>]) {
        if self.mode == Mode::Text {
            self.table(heading, rows);
        }
    }
}
