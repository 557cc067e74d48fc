//! Trying again: when, how often, and for how long.

use std::time::Duration;

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

/// What a request does, which decides when it may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing but an answer.
    Reads,
    /// It changes something: doing that twice must not happen.
    Writes,
}

/// What is left of the patience for one request.
#[derive(Debug)]
pub(super) struct Retries {
    effect: Effect,
    left: u32,
    done: u32,
    deadline: Instant,
    quiet: bool,
    /// Whether a registry that was not available may have done all the same what it was asked for.
    is_doubtful: bool,
}

impl Retries {
    /// All of it.
    pub(super) fn new(network: &Network, effect: Effect) -> Self {
        Self {
            effect,
            left: network.retries,
            done: 0,
            deadline: Instant::now() + PATIENCE,
            quiet: network.quiet,
            is_doubtful: false,
        }
    }

    /// Waits until it is time to try again; gives `error` back if that is of no use, or too late.
    pub(super) async fn wait(&mut self, error: ApiError) -> Result<(), ApiError> {
        if self.left == 0 || !is_passing(&error, self.effect) {
            return Err(self.told(error));
        }
        let wait = match error.retry_after() {
            // A moment more, so that those who were told the same do not all come at once.
            Some(asked) => asked.saturating_add(backoff(0, random())),
            None => backoff(self.done, random()),
        };
        let now = Instant::now();
        if wait > self.deadline.saturating_duration_since(now) {
            return Err(self.told(error));
        }
        self.is_doubtful |= self.effect == Effect::Writes && is_refused_with(&error, 503);
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

    /// Adds to a refusal that the cause may be an earlier try of the same.
    fn told(&self, error: ApiError) -> ApiError {
        if self.is_doubtful && (is_refused_with(&error, 404) || is_refused_with(&error, 409)) {
            return error.in_doubt();
        }
        error
    }
}

/// Whether the next try may end otherwise, and repeat nothing that was done. Silence is not among it:
/// each try would take as long.
fn is_passing(error: &ApiError, effect: Effect) -> bool {
    match error.kind() {
        // Nothing was sent.
        ErrorKind::Connect(..) => true,
        // How far the registry got is not known.
        ErrorKind::Broken(_) => effect == Effect::Reads,
        ErrorKind::Refused { status, .. } => match status.as_u16() {
            429 => true,
            // Whoever says when to come back has hardly begun; what follows is doubtful all the same. Without
            // that it may be a proxy's word about a registry that has.
            503 => effect == Effect::Reads || error.retry_after().is_some(),
            _ => false,
        },
        _ => false,
    }
}

fn is_refused_with(error: &ApiError, status: u16) -> bool {
    error.status().is_some_and(|found| found.as_u16() == status)
}

/// Between a half and the whole of twice the wait before, as `random` has it.
fn backoff(done: u32, random: u8) -> Duration {
    let longest = FIRST_WAIT * 2_u32.saturating_pow(done.min(10));
    longest / 2 + longest / 2 * u32::from(random) / 255
}

fn random() -> u8 {
    let mut byte = [0];
    // Without randomness the waits are as long as they can be.
    getrandom::fill(&mut byte).map_or(u8::MAX, |()| byte[0])
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::*;

    fn refused(status: u16) -> ApiError {
        let status = StatusCode::from_u16(status).unwrap();
        ErrorKind::Refused { status, body: None }.into()
    }

    #[test]
    fn what_may_have_been_done_is_not_repeated() {
        let asked = |status| refused(status).after(Some(Duration::ZERO));
        let connect = || ErrorKind::Connect(String::new(), String::new()).into();
        for (error, reads, writes) in [
            (connect(), true, true),
            (ErrorKind::Broken(String::new()).into(), true, false),
            (ErrorKind::Timeout(PATIENCE).into(), false, false),
            (refused(429), true, true),
            (refused(503), true, false),
            (asked(503), true, true),
            (asked(500), false, false),
            (asked(409), false, false),
        ] {
            assert_eq!(is_passing(&error, Effect::Reads), reads, "{error:?}");
            assert_eq!(is_passing(&error, Effect::Writes), writes, "{error:?}");
        }
    }

    #[test]
    fn waits_grow_and_vary() {
        let millis = |done, random| backoff(done, random).as_millis();
        assert_eq!((millis(0, 0), millis(0, 255)), (100, 200));
        assert_eq!((millis(1, 0), millis(1, 255)), (200, 400));
        assert_eq!((millis(2, 0), millis(2, 255)), (400, 800));
        assert!(backoff(u32::MAX, 255) < Duration::from_mins(5));
    }
}
