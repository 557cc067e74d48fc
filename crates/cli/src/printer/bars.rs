//! Progress, drawn on stderr while a person watches: one line, however narrow the terminal is.

use std::fmt::Write;
use std::io;
use std::sync::OnceLock;

use indicatif::{BinaryBytes, HumanDuration, MultiProgress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{Printer, columns};

/// From how many columns on a line has room for amounts and a rate beside a bar.
const WIDE: u16 = 76;

/// The bars of this process: there is one terminal, and what else is written there must know of them.
static DRAWN: OnceLock<MultiProgress> = OnceLock::new();

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Bytes,
    Steps,
}

impl Printer {
    /// A bar for a transfer of `bytes`, drawn only if a person is watching. It disappears with the
    /// value.
    pub(crate) fn transfer(&self, verb: &'static str, bytes: u64) -> ProgressBar {
        self.bar(verb, Some(bytes), Unit::Bytes)
    }

    /// As [`transfer`](Self::transfer), for a number of bytes that is not known beforehand.
    pub(crate) fn open_transfer(&self, verb: &'static str) -> ProgressBar {
        self.bar(verb, None, Unit::Bytes)
    }

    /// A bar for a number of steps that is set as the work goes on; as [`transfer`](Self::transfer)
    /// otherwise.
    pub(crate) fn steps(&self, verb: &'static str) -> ProgressBar {
        self.bar(verb, Some(0), Unit::Steps)
    }

    fn bar(&self, verb: &'static str, length: Option<u64>, unit: Unit) -> ProgressBar {
        if !self.progress {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::with_draw_target(length, ProgressDrawTarget::hidden());
        let bar = styled(bar, columns(io::stderr()), verb, unit);
        let drawn =
            DRAWN.get_or_init(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        drawn.add(bar)
    }
}

/// Runs `write`, which writes lines to stderr: bars make room for them.
pub(super) fn aside(write: impl FnOnce()) {
    match DRAWN.get() {
        Some(drawn) => drawn.suspend(write),
        None => write(),
    }
}

/// A bar that tells what a terminal of so many columns has room for.
fn styled(bar: ProgressBar, columns: u16, verb: &'static str, unit: Unit) -> ProgressBar {
    let bar = bar.with_message(verb);
    let template = match (bar.length().is_some(), unit) {
        (false, _) => "{msg} {binary_bytes}{rate}",
        (true, _) if columns < WIDE => "{msg} [{wide_bar}] {percent:>3}%{left}",
        (true, Unit::Bytes) => "{msg} [{wide_bar}] {binary_bytes}/{binary_total_bytes}{rate}{left}",
        (true, Unit::Steps) => "{msg} [{wide_bar}] {pos}/{len}{rate}{left}",
    };
    let Ok(style) = ProgressStyle::with_template(template) else {
        return bar;
    };
    let style = style
        .with_key("rate", move |state: &ProgressState, out: &mut dyn Write| {
            let _ = rate(state, unit, out);
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn Write| {
            let _ = left(state, out);
        });
    bar.with_style(style.progress_chars("=> "))
}

/// How much comes a second; nothing while that cannot be told.
fn rate(state: &ProgressState, unit: Unit, out: &mut dyn Write) -> std::fmt::Result {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate is not negative, and one that is cut off is shown as the largest"
    )]
    let rate = state.per_sec() as u64;
    match unit {
        _ if rate == 0 => Ok(()),
        Unit::Bytes => write!(out, "  {}/s", BinaryBytes(rate)),
        Unit::Steps => write!(out, "  {rate}/s"),
    }
}

/// How long it will still take; nothing while that cannot be told.
fn left(state: &ProgressState, out: &mut dyn Write) -> std::fmt::Result {
    let is_under_way = state.len().is_some_and(|length| state.pos() < length);
    if !is_under_way || state.per_sec() < 1.0 {
        return Ok(());
    }
    write!(out, ", {:#} left", HumanDuration(state.eta()))
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal of so many columns, which keeps what is written.
    #[derive(Debug, Clone)]
    struct Screen(u16, Arc<Mutex<String>>);

    impl Screen {
        fn new(columns: u16) -> Self {
            Self(columns, Arc::default())
        }

        fn bar(&self, length: Option<u64>, unit: Unit) -> ProgressBar {
            let target = ProgressDrawTarget::term_like(Box::new(self.clone()));
            let bar = ProgressBar::with_draw_target(length, target);
            styled(bar, self.0, "Downloading", unit)
        }

        /// What was written since this was asked last.
        fn take(&self) -> String {
            std::mem::take(&mut self.1.lock().unwrap())
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            self.0
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.1.lock().unwrap().push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.take();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_bar_fits_into_one_line() {
        for columns in [40, 60, 75, 76, 80, 120] {
            for (length, unit) in [
                (Some(1023 << 20), Unit::Bytes),
                (None, Unit::Bytes),
                (Some(123_456_789), Unit::Steps),
            ] {
                let screen = Screen::new(columns);
                let bar = screen.bar(length, unit);
                for position in [0, 1, 999_999, 123_000_000] {
                    bar.set_position(position);
                    bar.force_draw();
                    let line = screen.take();
                    assert!(line.starts_with("Downloading "), "{line:?}");
                    let width = line.chars().count();
                    assert!(width <= usize::from(columns), "{columns}: {line:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_said_of_a_rate_before_there_is_one() {
        for columns in [40, 120] {
            let screen = Screen::new(columns);
            let bar = screen.bar(Some(1000), Unit::Bytes);
            bar.force_draw();
            let line = screen.take();
            assert!(line.starts_with("Downloading ["), "{line:?}");
            assert!(!line.contains("/s") && !line.contains("left"), "{line:?}");
        }
    }
}
