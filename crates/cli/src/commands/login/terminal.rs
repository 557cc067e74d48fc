//! What comes on stdin: a line typed on the terminal, which is not shown there, or a piped text.

use std::io::{BufRead as _, Read as _};
use std::thread;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::oneshot;

use super::MAX_TOKEN_BYTES;

/// Waits for a line; what is typed is not shown until this is dropped.
pub(super) struct Typing {
    lines: oneshot::Receiver<Option<String>>,
    /// How the terminal was.
    before: Option<Termios>,
}

impl Typing {
    /// Starts to wait.
    pub(super) fn start() -> Self {
        let before = hide();
        let lines = on_a_thread(|| {
            let mut line = String::new();
            let stdin = std::io::stdin().lock();
            let read = stdin.take(MAX_TOKEN_BYTES as u64).read_line(&mut line);
            read.is_ok_and(|bytes| bytes > 0).then_some(line)
        });
        Self { lines, before }
    }

    /// The line; `None` at the end of the input.
    pub(super) async fn line(&mut self) -> Option<String> {
        (&mut self.lines).await.ok().flatten()
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // There is nothing to do about a terminal that is gone.
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, before);
        }
    }
}

/// All that is on stdin; `None` if it cannot be read, or is no text.
pub(super) async fn piped() -> Option<String> {
    let text = on_a_thread(|| {
        let mut text = String::new();
        let stdin = std::io::stdin().lock();
        let read = stdin.take(MAX_TOKEN_BYTES as u64).read_to_string(&mut text);
        read.is_ok().then_some(text)
    });
    text.await.ok().flatten()
}

/// Reads stdin while this thread goes on, which Ctrl-C interrupts. The other thread ends with the
/// process: nothing wakes who reads a terminal.
fn on_a_thread(
    read: impl FnOnce() -> Option<String> + Send + 'static,
) -> oneshot::Receiver<Option<String>> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        // Nobody may be waiting any more.
        let _ = sender.send(read());
    });
    receiver
}

/// Has the terminal not show what is typed, but for the line's end. Gives how it was before.
fn hide() -> Option<Termios> {
    let before = tcgetattr(std::io::stdin()).ok()?;
    let mut hidden = before.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    hidden.local_modes.insert(LocalModes::ECHONL);
    tcsetattr(std::io::stdin(), OptionalActions::Now, &hidden).ok()?;
    Some(before)
}
