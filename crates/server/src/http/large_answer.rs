//! Answers that are large for their kind, of which only a few are in memory at once.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::ApiError;

/// Bytes from which an answer counts as large.
const LARGE: u64 = 64 * 1024;

/// Large answers at once. Each takes some MiB, for as long as its client reads it.
const AT_ONCE: usize = 8;

/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Bytes handed to the connection at a time.
const PIECE: usize = 64 * 1024;

/// The right to have large answers in memory.
#[derive(Clone)]
pub(crate) struct LargeAnswers(Arc<Semaphore>);

/// The right to have one; `None` for an answer that is not large.
pub(crate) struct Turn(Option<OwnedSemaphorePermit>);

impl Default for LargeAnswers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl LargeAnswers {
    /// Waits until an answer of about `bytes` may be made. Called before it is read from anywhere.
    pub(crate) async fn turn(&self, bytes: u64) -> Result<Turn, ApiError> {
        if bytes < LARGE {
            return Ok(Turn(None));
        }
        match tokio::time::timeout(PATIENCE, self.0.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn(Some(permit))),
            Ok(Err(_)) | Err(_) => Err(ApiError::busy()),
        }
    }
}

impl Turn {
    /// A JSON answer that keeps its turn until the client has taken the last of it.
    pub(crate) fn json(self, value: &impl Serialize) -> Result<Response, ApiError> {
        let bytes: Bytes = serde_json::to_vec(value)
            .map_err(ApiError::internal)?
            .into();
        let length = bytes.len();
        let mut response = self.body(bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        Ok(response)
    }

    /// A body that keeps its turn until the client has taken the last of it.
    pub(crate) fn body(self, bytes: Bytes) -> Body {
        match self.0 {
            None => Body::from(bytes),
            Some(permit) => {
                let pieces = stream::unfold((bytes, permit), |(mut rest, permit)| async move {
                    let piece = rest.split_to(rest.len().min(PIECE));
                    let piece =
                        (!piece.is_empty()).then_some(Ok::<_, std::convert::Infallible>(piece));
                    piece.map(|piece| (piece, (rest, permit)))
                });
                Body::from_stream(pieces)
            }
        }
    }
}
