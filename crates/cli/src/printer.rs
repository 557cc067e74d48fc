//! The only module that writes to the terminal.
//!
//! What a person asked for goes to stdout; everything about how it went goes to stderr. Text from
//! elsewhere may hold anything, so whatever is printed has its control characters removed: nobody's
//! description moves the cursor or changes the colours of somebody else's terminal.

mod bars;
mod finding;
mod style;
mod table;

use std::cell::Cell;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd;
use std::process::ExitCode;

use rustix::termios::tcgetwinsize;
use serde::Serialize;
use serde_json::{Value, json};

pub(crate) use self::finding::{Finding, Stream};
use self::style::{Style, joined, styled};
use crate::exit::{Exit, Failure};
use crate::markdown;
use crate::text::{clean, escape_controls};

/// The width of a terminal that does not tell, in characters.
const DEFAULT_COLUMNS: u16 = 80;

/// The longest lines of running text, in characters: longer ones are hard to read.
const MAX_TEXT_COLUMNS: usize = 100;

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
        let color = wants_color();
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
        let width = usize::from(columns(io::stdout())).clamp(20, MAX_TEXT_COLUMNS);
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
        bars::aside(|| {
            // There is nowhere left to say that stderr is gone.
            let _ = io::stderr()
                .lock()
                .write_all(format!("{line}\n").as_bytes());
        });
    }
}

/// Whether whoever watches wants colours, if it is a terminal: with `NO_COLOR` set to anything that is
/// not empty (<https://no-color.org>) nobody does, and a dumb terminal has none.
pub(crate) fn wants_color() -> bool {
    let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !is_refused && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// How wide a terminal is. One that does not tell, or says that it has no columns, has the usual number.
fn columns(terminal: impl AsFd) -> u16 {
    let told = tcgetwinsize(terminal).ok().map(|size| size.ws_col);
    told.filter(|columns| *columns > 0)
        .unwrap_or(DEFAULT_COLUMNS)
}
