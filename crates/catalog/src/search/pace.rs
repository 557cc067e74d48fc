//! Letting others have the thread, and the processor.

use std::time::{Duration, Instant};

/// How long a search computes at a stretch. The threads of searches have a low priority, but Linux
/// (EEVDF, since 6.6) takes the processor from a thread only at the end of its slice, some
/// milliseconds, unless it offers it.
const TURN: Duration = Duration::from_micros(100);

/// A search's turn on its thread.
pub(super) struct Pace(Instant);

impl Pace {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    /// To be called between pieces of work: lets other threads, and then other searches, go first
    /// once the turn is over.
    pub(super) async fn keep(&mut self) {
        if self.offer() {
            tokio::task::yield_now().await;
        }
    }

    /// As [`keep`](Self::keep), for other threads alone. Returns whether the turn was over.
    pub(super) fn offer(&mut self) -> bool {
        let over = self.0.elapsed() >= TURN;
        if over {
            std::thread::yield_now();
            self.0 = Instant::now();
        }
        over
    }
}
