//! Letting others have the thread.

use std::time::{Duration, Instant};

/// How long a search keeps a thread that other requests wait for.
const TURN: Duration = Duration::from_micros(200);

/// A search's turn on its thread.
pub(super) struct Pace(Instant);

impl Pace {
    pub(super) fn new() -> Self {
        Self(Instant::now())
    }

    /// To be called between pieces of work: lets others go first once the turn is over.
    pub(super) async fn keep(&mut self) {
        if self.0.elapsed() >= TURN {
            tokio::task::yield_now().await;
            self.0 = Instant::now();
        }
    }
}
