//! How long to wait, and how often to try again.

use std::time::Duration;

/// How long to wait for a store. There is no limit on a whole transfer, only on its standing still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection, TLS included. Default 10 s.
    pub connect: Duration,
    /// For the next byte, in either direction. Default 30 s.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
        }
    }
}

/// How often a failed request is tried again. Only what cannot do harm twice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// Tries after the first. Default 4.
    pub max: u32,
    /// The longest pause before the first retry; it doubles with each, and the pause is drawn at
    /// random below it. Default 200 ms.
    pub initial_backoff: Duration,
    /// The longest pause altogether, also when the store asks for more. Default 5 s.
    pub max_backoff: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            max: 4,
            initial_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(5),
        }
    }
}
