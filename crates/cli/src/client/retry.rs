//! Trying again: when, how often, and for how long.

use std::time::Duration;

use enact_registry::{OsRandom, Random};
use tokio::time::Instant;

use super::error::{ApiError, ErrorKind};
use crate::printer::Printer;
use crate::settings::Network;

/// How long to wait before the first retry, at most. Each next one waits up to twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long all tries may take together, with the waits between them. A registry that asks for more
/// patience is not asked again.
const PATIENCE: Duration = Duration::from_mins(1);

/// From how long on a wait is mentioned.
const MENTIONED: Duration = Duration::from_secs(2);

/// What is left of the patience for one request.
#[derive(Debug)]
pub(super) struct Retries {
    left: u32,
    done: u32,
    deadline: Instant,
    quiet: bool,
}

impl Retries {
    /// All of it.
    pub(super) fn new(network: &Network) -> Self {
        Self {
            left: network.retries,
            done: 0,
            deadline: Instant::now() + PATIENCE,
            quiet: network.quiet,
        }
    }

    /// Waits until it is time to try again; gives `error` back if that is of no use, or too late.
    pub(super) async fn wait(&mut self, error: ApiError) -> Result<(), ApiError> {
        if self.left == 0 || !is_passing(error.kind()) {
            return Err(error);
        }
        let wait = match error.retry_after() {
            // A moment more, so that those who were told the same do not all come at once.
            Some(asked) => asked.saturating_add(backoff(0, random())),
            None => backoff(self.done, random()),
        };
        let now = Instant::now();
        if wait > self.deadline.saturating_duration_since(now) {
            return Err(error);
        }
        self.left -= 1;
        self.done += 1;
        if wait >= MENTIONED {
            let seconds = wait.as_secs();
            Printer::new(false, self.quiet).note(&format!(
                "The registry asks to wait; trying again in {seconds} s."
            ));
        }
        tokio::time::sleep_until(now + wait).await;
        Ok(())
    }
}

/// Whether the next try may end otherwise. Silence is not among it: each try would take as long.
fn is_passing(kind: &ErrorKind) -> bool {
    match kind {
        ErrorKind::Connect(..) | ErrorKind::Broken(_) => true,
        ErrorKind::Refused { status, .. } => matches!(status.as_u16(), 429 | 503),
        _ => false,
    }
}

/// Between a half and the whole of twice the wait before, as `random` has it.
fn backoff(done: u32, random: u8) -> Duration {
    let longest = FIRST_WAIT * 2_u32.saturating_pow(done.min(10));
    longest / 2 + longest / 2 * u32::from(random) / 255
}

fn random() -> u8 {
    // Without randomness the waits are as long as they can be.
    OsRandom.bytes().map_or(u8::MAX, |bytes| bytes[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_vary() {
        let millis = |done, random| backoff(done, random).as_millis();
        assert_eq!((millis(0, 0), millis(0, 255)), (100, 200));
        assert_eq!((millis(1, 0), millis(1, 255)), (200, 400));
        assert_eq!((millis(2, 0), millis(2, 255)), (400, 800));
        assert!(backoff(u32::MAX, 255) < Duration::from_mins(5));
    }
}
