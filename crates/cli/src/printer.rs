//! The only module that writes to the terminal.
//!
//! What a person asked for goes to stdout; everything about how it went goes to stderr. Text from
//! elsewhere may hold anything, so whatever is printed has its control characters removed: nobody's
//! description moves the cursor or changes the colours of somebody else's terminal.

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::json;

use crate::exit::{Exit, Failure};

/// How a piece of text stands out on a terminal.
#[derive(Debug, Clone, Copy)]
enum Style {
    Plain,
    Bold,
    Dim,
    Green,
    Yellow,
    Red,
}

impl Style {
    /// The parameter of the terminal's "select graphic rendition" sequence (ECMA-48, 8.3.117).
    fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Green => Some("32"),
            Self::Yellow => Some("33"),
            Self::Red => Some("31"),
        }
    }
}

/// Writes to stdout and stderr.
#[derive(Debug)]
pub(crate) struct Printer {
    json: bool,
    quiet: bool,
    color_out: bool,
    color_err: bool,
    progress: bool,
    /// Whether stdout took everything; see [`Printer::finish`].
    broken: Cell<bool>,
}

impl Printer {
    /// A printer for this process's terminal. With `json`, stdout gets one JSON value and nothing
    /// else; with `quiet`, confirmations and progress are left out.
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        // https://no-color.org: any value that is not empty.
        let color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let person = io::stderr().is_terminal();
        Self {
            json,
            quiet,
            color_out: color && io::stdout().is_terminal(),
            color_err: color && person,
            progress: person && !json && !quiet,
            broken: Cell::new(false),
        }
    }

    /// One line of what was asked for.
    pub(crate) fn line(&self, text: &str) {
        if !self.json {
            self.out(Style::Plain, text);
        }
    }

    /// A heading above what was asked for.
    pub(crate) fn heading(&self, text: &str) {
        if !self.json {
            self.out(Style::Bold, text);
        }
    }

    /// The line that confirms a success.
    pub(crate) fn success(&self, text: &str) {
        if !self.json && !self.quiet {
            self.out(Style::Green, text);
        }
    }

    /// Facts about a success, as `label  value`, aligned.
    pub(crate) fn details(&self, rows: &[(&str, String)]) {
        if !self.quiet {
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

    /// A table with a heading, columns aligned by their number of characters.
    pub(crate) fn table(&self, heading: &[&str], rows: &[Vec<String>]) {
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
        self.heading(&line(&heading));
        for row in &rows {
            self.line(&line(row));
        }
    }

    /// A remark on stderr that helps a person and that nobody else needs.
    pub(crate) fn note(&self, text: &str) {
        if !self.json && !self.quiet {
            self.err(&[(Style::Dim, text)]);
        }
    }

    /// Something on stderr that should not be missed.
    pub(crate) fn warning(&self, text: &str) {
        self.err(&[(Style::Yellow, "warning: "), (Style::Plain, text)]);
    }

    /// The one JSON value of a command that succeeded; only with `--json`.
    pub(crate) fn json(&self, value: &impl Serialize) {
        if !self.json {
            return;
        }
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.out_raw(&format!("{}\n", escape_controls(&text))),
            Err(error) => {
                self.err(&[(Style::Red, "error: "), (Style::Plain, &error.to_string())]);
                self.broken.set(true);
            }
        }
    }

    /// What went wrong and what to do next, on stderr; with `--json` also on stdout, as
    /// `{"error": {"code": "…", "message": "…"}}`.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.err(&[(Style::Red, "error: "), (Style::Plain, failure.message())]);
        for hint in failure.hints() {
            self.err(&[(Style::Dim, "  hint: "), (Style::Plain, hint)]);
        }
        self.json_failure(failure);
    }

    /// The part of [`Printer::failure`] that goes to stdout, only with `--json`.
    pub(crate) fn json_failure(&self, failure: &Failure) {
        self.json(&json!({"error": {"code": failure.code(), "message": failure.message()}}));
    }

    /// A bar for a transfer of `bytes`, drawn only if a person is watching. It disappears with the
    /// value.
    pub(crate) fn transfer(&self, verb: &'static str, bytes: u64) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(Some(bytes), target).with_message(verb);
        let template = "{msg} [{bar:30}] {binary_bytes}/{binary_total_bytes}  {binary_bytes_per_sec}, {eta} left";
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style.progress_chars("=> ")),
            Err(_) => bar,
        }
    }

    /// The exit code of a success: 0, unless stdout did not take all of it. A reader that had
    /// enough, like `head`, is no failure.
    pub(crate) fn finish(&self) -> ExitCode {
        if self.broken.get() {
            return Exit::Failure.into();
        }
        ExitCode::SUCCESS
    }

    fn out(&self, style: Style, text: &str) {
        self.out_raw(&format!("{}\n", styled(self.color_out, style, text)));
    }

    fn out_raw(&self, text: &str) {
        if let Err(error) = io::stdout().lock().write_all(text.as_bytes())
            && error.kind() != io::ErrorKind::BrokenPipe
            && !self.broken.replace(true)
        {
            let message = format!("cannot write the output: {error}");
            self.err(&[(Style::Red, "error: "), (Style::Plain, &message)]);
        }
    }

    fn err(&self, parts: &[(Style, &str)]) {
        let parts = parts.iter();
        let line: String = parts
            .map(|&(style, text)| styled(self.color_err, style, text))
            .collect();
        // There is nowhere left to say that stderr is gone.
        let _ = io::stderr()
            .lock()
            .write_all(format!("{line}\n").as_bytes());
    }
}

fn styled(color: bool, style: Style, text: &str) -> String {
    let text = clean(text);
    match style.parameter() {
        Some(parameter) if color => format!("\u{1b}[{parameter}m{text}\u{1b}[0m"),
        _ => text,
    }
}

/// Replaces line breaks and tabs by spaces, and removes the other control characters and those that
/// reverse the direction of writing.
pub(crate) fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|char| match char {
            '\n' | '\t' => Some(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            char if char.is_control() => None,
            char => Some(char),
        })
        .collect()
}

/// Escapes the control characters that JSON allows in strings as they are, DEL and U+0080 to
/// U+009F: to some terminals the latter are escape sequences. They can stand in strings only.
fn escape_controls(json: &str) -> String {
    use std::fmt::Write as _;
    json.chars()
        .fold(String::with_capacity(json.len()), |mut text, char| {
            if matches!(char, '\u{7f}'..='\u{9f}') {
                let _ = write!(text, "\\u{:04x}", u32::from(char));
            } else {
                text.push(char);
            }
            text
        })
}

/// A number of bytes for people: `316 B`, `1.5 KiB`, `50.0 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if count < 1024 {
        return format!("{count} B");
    }
    // In tenths of the unit, rounded down.
    let mut tenths = u128::from(count) * 10 / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_what_a_terminal_would_act_on() {
        let hostile = "a\u{1b}[2J\u{9b}31mb\nc\u{7}\u{202e}d\r";
        assert_eq!(clean(hostile), "a[2J31mb cd");
        assert_eq!(styled(true, Style::Red, "x\u{1b}"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(styled(false, Style::Red, "x"), "x");
    }

    #[test]
    fn json_keeps_its_meaning_without_raw_control_characters() {
        let value = json!({"x": "a\u{1b}\u{9b}\u{7f}é"});
        let text = escape_controls(&value.to_string());
        assert!(!text.contains(char::is_control), "{text:?}");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn writes_sizes_for_people() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1536, "1.5 KiB"),
            (50 << 20, "50.0 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ];
        for (count, text) in cases {
            assert_eq!(bytes(count), text);
        }
    }
}
