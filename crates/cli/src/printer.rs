//! The only module that writes to the terminal.
//!
//! What a person asked for goes to stdout; everything about how it went goes to stderr. Text from
//! elsewhere may hold anything, so whatever is printed has its control characters removed: nobody's
//! description moves the cursor or changes the colours of somebody else's terminal.

mod finding;

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rustix::termios::tcgetwinsize;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use self::finding::{Finding, Stream};
use crate::exit::{Exit, Failure};
use crate::markdown::{self, Look};
use crate::text::{clean, escape_controls};

/// The width of a terminal that does not tell, in characters.
const DEFAULT_COLUMNS: u16 = 80;

/// The longest lines of running text, in characters: longer ones are hard to read.
const MAX_TEXT_COLUMNS: usize = 100;

/// How a piece of text stands out on a terminal.
#[derive(Debug, Clone, Copy)]
enum Style {
    Plain,
    Bold,
    Dim,
    Italic,
    Cyan,
    Green,
    Yellow,
    Red,
}

impl Style {
    /// What a piece of Markdown looks like.
    fn of(look: Look) -> Self {
        match look {
            Look::Plain => Self::Plain,
            Look::Strong => Self::Bold,
            Look::Emphasis => Self::Italic,
            Look::Code => Self::Cyan,
            Look::Faint => Self::Dim,
        }
    }

    /// The parameter of the terminal's "select graphic rendition" sequence (ECMA-48, 8.3.117).
    fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Bold => Some("1"),
            Self::Dim => Some("2"),
            Self::Italic => Some("3"),
            Self::Cyan => Some("36"),
            Self::Green => Some("32"),
            Self::Yellow => Some("33"),
            Self::Red => Some("31"),
        }
    }
}

/// What came of one line of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// As it should be.
    Good,
    /// It works, but somebody should know.
    Doubtful,
    /// Not as it should be.
    Bad,
    /// Not looked at.
    Skipped,
}

/// How much is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Text for people.
    Text,
    /// Text, without what nobody asked for.
    Quiet,
    /// One JSON value on stdout, and errors and warnings on stderr.
    Json,
}

/// Writes to stdout and stderr.
#[derive(Debug)]
pub(crate) struct Printer {
    mode: Mode,
    color_out: bool,
    color_err: bool,
    progress: bool,
    /// Whether stdout failed to take something; see [`Printer::finish`].
    broken: Cell<bool>,
    /// Whether stdout takes no more, for whatever reason.
    cut: Cell<bool>,
}

impl Printer {
    /// A printer for this process's terminal. With `json`, stdout gets one JSON value and nothing
    /// else; with `quiet`, confirmations and progress are left out.
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        // https://no-color.org: any value that is not empty.
        let color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let person = io::stderr().is_terminal();
        let mode = match (json, quiet) {
            (true, _) => Mode::Json,
            (false, true) => Mode::Quiet,
            (false, false) => Mode::Text,
        };
        Self {
            mode,
            color_out: color && io::stdout().is_terminal(),
            color_err: color && person,
            progress: person && mode == Mode::Text,
            broken: Cell::new(false),
            cut: Cell::new(false),
        }
    }

    /// Whether stdout gets JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.mode == Mode::Json
    }

    /// Whether a person may be told all there is, and be asked something: neither `--json` nor `--quiet`.
    pub(crate) fn is_verbose(&self) -> bool {
        self.mode == Mode::Text
    }

    /// One line of what was asked for.
    pub(crate) fn line(&self, text: &str) {
        if self.mode != Mode::Json {
            self.out(Style::Plain, text);
        }
    }

    /// Whether a person reads stdout on a terminal, where bytes from elsewhere must not go as they
    /// are.
    #[expect(clippy::unused_self, reason = "the printer alone knows the terminal")]
    pub(crate) fn is_for_person(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Bytes of what was asked for, as they are. Returns whether there is any use in more of them:
    /// not if stdout's reader has gone, or stdout does not take them, which
    /// [`finish`](Self::finish) tells.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> bool {
        let Err(error) = io::stdout().lock().write_all(bytes) else {
            return true;
        };
        self.cut.set(true);
        if error.kind() != io::ErrorKind::BrokenPipe && !self.broken.replace(true) {
            let message = format!("cannot write the output: {error}");
            self.err(&[(Style::Red, "error: "), (Style::Plain, &message)]);
        }
        false
    }

    /// Markdown that was asked for, laid out for the terminal.
    pub(crate) fn markdown(&self, text: &str) {
        let columns = tcgetwinsize(io::stdout()).map_or(DEFAULT_COLUMNS, |size| size.ws_col);
        let width = usize::from(columns).clamp(20, MAX_TEXT_COLUMNS);
        for line in markdown::lay_out(text, width) {
            let text: String = line
                .iter()
                .map(|span| styled(self.color_out, Style::of(span.look), &span.text))
                .collect();
            self.out_raw(&format!("{}\n", text.trim_end()));
        }
    }

    /// A heading above what was asked for.
    pub(crate) fn heading(&self, text: &str) {
        if self.mode != Mode::Json {
            self.out(Style::Bold, text);
        }
    }

    /// The line that confirms a success.
    pub(crate) fn success(&self, text: &str) {
        if self.mode == Mode::Text {
            self.out(Style::Green, text);
        }
    }

    /// One line of a report, with its result in front.
    pub(crate) fn result(&self, mark: Mark, text: &str) {
        if self.mode == Mode::Json {
            return;
        }
        let (style, sign) = match mark {
            Mark::Good => (Style::Green, "✓"),
            Mark::Doubtful => (Style::Yellow, "!"),
            Mark::Bad => (Style::Red, "✗"),
            Mark::Skipped => (Style::Dim, "–"),
        };
        let sign = styled(self.color_out, style, sign);
        self.out_raw(&format!("{sign} {}\n", clean(text)));
    }

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

    /// A table about a success: as [`table`](Self::table), but nobody asked for it.
    pub(crate) fn report(&self, heading: &[&str], rows: &[Vec<String>]) {
        if self.mode == Mode::Text {
            self.table(heading, rows);
        }
    }

    /// A remark on stderr that helps a person and that nobody else needs.
    pub(crate) fn note(&self, text: &str) {
        if self.mode == Mode::Text {
            self.err(&[(Style::Dim, text)]);
        }
    }

    /// Something on stderr that a person has to know to go on; also with `--quiet` and `--json`.
    pub(crate) fn instruct(&self, text: &str) {
        self.err(&[(Style::Plain, text)]);
    }

    /// A question on stderr, whose answer is typed behind it.
    pub(crate) fn ask(&self, text: &str) {
        let question = styled(self.color_err, Style::Bold, text);
        // There is nowhere left to say that stderr is gone.
        let _ = io::stderr()
            .lock()
            .write_all(format!("{question} ").as_bytes());
    }

    /// Something on stderr that should not be missed.
    pub(crate) fn warning(&self, text: &str) {
        self.err(&[(Style::Yellow, "warning: "), (Style::Plain, text)]);
    }

    /// The one JSON value of a command that succeeded; only with `--json`.
    pub(crate) fn json(&self, value: &impl Serialize) {
        if self.mode != Mode::Json {
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

    /// One of many JSON values, on a line of its own; only with `--json`.
    pub(crate) fn json_line(&self, value: &Value) {
        if self.mode == Mode::Json {
            self.out_raw(&format!("{}\n", escape_controls(&value.to_string())));
        }
    }

    /// Whether whoever reads stdout has had enough, so that there is no point in printing more.
    pub(crate) fn is_cut(&self) -> bool {
        self.cut.get()
    }

    /// What went wrong and what to do next, on stderr; with `--json` also on stdout, as
    /// `{"error": {"code": "…", "message": "…", "hints": ["…"]}}`.
    pub(crate) fn failure(&self, failure: &Failure) {
        self.err(&[(Style::Red, "error: "), (Style::Plain, failure.message())]);
        for hint in failure.hints() {
            self.err(&[(Style::Dim, "  hint: "), (Style::Plain, hint)]);
        }
        if !failure.is_already_in_json() {
            self.json_failure(failure);
        }
    }

    /// The part of [`Printer::failure`] that goes to stdout, only with `--json`.
    pub(crate) fn json_failure(&self, failure: &Failure) {
        self.json(&json!({"error": {
            "code": failure.code(),
            "message": failure.message(),
            "hints": failure.hints(),
        }}));
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

    /// As [`transfer`](Self::transfer), for a number of bytes that is not known beforehand.
    pub(crate) fn open_transfer(&self, verb: &'static str) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        match ProgressStyle::with_template("{msg} {binary_bytes}  {binary_bytes_per_sec}") {
            Ok(style) => bar.with_style(style).with_message(verb),
            Err(_) => bar,
        }
    }

    /// A bar for a number of steps that is set as the work goes on; as [`transfer`](Self::transfer)
    /// otherwise.
    pub(crate) fn steps(&self, verb: &'static str) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        match ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len}  {per_sec}, {eta} left") {
            Ok(style) => bar
                .with_style(style.progress_chars("=> "))
                .with_message(verb),
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
        self.bytes(text.as_bytes());
    }

    fn err(&self, parts: &[(Style, &str)]) {
        let line = joined(self.color_err, parts);
        // There is nowhere left to say that stderr is gone.
        let _ = io::stderr()
            .lock()
            .write_all(format!("{line}\n").as_bytes());
    }
}

fn joined(color: bool, parts: &[(Style, &str)]) -> String {
    let parts = parts.iter();
    parts
        .map(|&(style, text)| styled(color, style, text))
        .collect()
}

fn styled(color: bool, style: Style, text: &str) -> String {
    let text = clean(text);
    match style.parameter() {
        Some(parameter) if color && !text.is_empty() => {
            format!("\u{1b}[{parameter}m{text}\u{1b}[0m")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_only_where_there_is_color_and_only_by_itself() {
        assert_eq!(styled(true, Style::Red, "x\u{1b}"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(styled(false, Style::Red, "x"), "x");
    }
}
