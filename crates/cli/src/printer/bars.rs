//! Progress, drawn on stderr while a person watches.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Printer;

impl Printer {
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
}
