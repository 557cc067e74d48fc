//! Whether a request that may take long still moves.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::error::{ApiError, ErrorKind};

/// When something last moved.
#[derive(Debug)]
pub(super) struct Activity(Mutex<Instant>);

impl Activity {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Instant::now()))
    }

    /// Something moved.
    pub(super) fn touch(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Runs `future` for as long as nothing stands still for `limit`.
    pub(super) async fn watch<F: Future>(
        &self,
        limit: Duration,
        future: F,
    ) -> Result<F::Output, ApiError> {
        let mut future = std::pin::pin!(future);
        loop {
            let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Ok(output) = tokio::time::timeout_at(last + limit, &mut future).await {
                return Ok(output);
            }
            if *self.0.lock().unwrap_or_else(PoisonError::into_inner) == last {
                return Err(ErrorKind::Timeout(limit).into());
            }
        }
    }
}
