//! What is wrong with something that somebody wrote, as compilers print it.

use super::{Mode, Printer, Style, joined};

/// Where a report goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// It is what was asked for.
    Out,
    /// It is about how it went.
    Err,
}

/// Something that is wrong, as compilers print it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finding<'a> {
    /// The file, with line and column if they are known; may be empty.
    pub(crate) place: &'a str,
    /// Whether it is an error; else it is a warning.
    pub(crate) is_error: bool,
    /// What is wrong.
    pub(crate) message: &'a str,
    /// The name of the rule.
    pub(crate) rule: &'a str,
    /// What to do about it, unless it was said before.
    pub(crate) fix: Option<&'a str>,
}

impl Printer {
    /// Something that is wrong, and how to put it right: `FILE:LINE:COLUMN: error: …`. On stdout not
    /// with `--json`, whose value holds it.
    pub(crate) fn finding(&self, stream: Stream, finding: Finding<'_>) {
        let (style, word) = if finding.is_error {
            (Style::Red, "error: ")
        } else {
            (Style::Yellow, "warning: ")
        };
        let colon = if finding.place.is_empty() { "" } else { ": " };
        let what = [
            (Style::Bold, finding.place),
            (Style::Bold, colon),
            (style, word),
            (Style::Plain, finding.message),
            (Style::Dim, &format!(" [{}]", finding.rule)),
        ];
        let fix = finding
            .fix
            .map(|fix| [(Style::Dim, "    fix: "), (Style::Plain, fix)]);
        let lines = std::iter::once(&what[..]).chain(fix.as_ref().map(|fix| &fix[..]));
        match stream {
            Stream::Err => lines.for_each(|parts| self.err(parts)),
            Stream::Out if self.mode == Mode::Json => {}
            Stream::Out => {
                for parts in lines {
                    self.out_raw(&format!("{}\n", joined(self.color_out, parts)));
                }
            }
        }
    }
}
