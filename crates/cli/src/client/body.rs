//! The bodies of answers, bounded in size and in the time between two pieces.

use bytes::{Buf as _, Bytes};
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::{ApiError, ErrorKind, cause};
use super::transport::{IDLE_LIMIT, within};

/// The largest JSON answer, in bytes: a page of 100 long descriptions, or a manifest of 1 MiB with
/// its raw text, fits many times over.
pub(super) const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;

/// The body of an answer, as it arrives.
#[derive(Debug)]
pub(crate) struct Body {
    response: Response,
    /// What was read and is to be handed on.
    left: Option<Bytes>,
}

impl Body {
    /// The length that the registry announced, if it did.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.response.content_length()
    }

    pub(super) fn new(response: Response) -> Self {
        let left = None;
        Self { response, left }
    }

    /// The status of the answer, which was a success.
    pub(super) fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers of the answer.
    pub(super) fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Passes over up to `max` bytes, which come in one piece, and tells how many it were; 0 at the end.
    pub(super) async fn skip(&mut self, max: u64) -> Result<u64, ApiError> {
        let Some(mut chunk) = self.next().await? else {
            return Ok(0);
        };
        let skipped = usize::try_from(max).map_or(chunk.len(), |max| max.min(chunk.len()));
        chunk.advance(skipped);
        self.left = Some(chunk).filter(|left| !left.is_empty());
        Ok(skipped as u64)
    }

    /// The next piece; `None` at the end. A body that ends before its announced length is an error.
    pub(crate) async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, ApiError> {
        self.next().await
    }

    async fn next(&mut self) -> Result<Option<Bytes>, ApiError> {
        if let Some(left) = self.left.take() {
            return Ok(Some(left));
        }
        let chunk = within(IDLE_LIMIT, self.response.chunk()).await?;
        chunk.map_err(|error| ErrorKind::Broken(cause(error)).into())
    }

    /// The whole body; an error if it has more than `max` bytes.
    pub(crate) async fn collect(mut self, max: usize) -> Result<Vec<u8>, ApiError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            let chunk = chunk.as_ref();
            if bytes.len() + chunk.len() > max {
                return Err(ErrorKind::Answer(format!("it has more than {max} bytes")).into());
            }
            bytes.extend_from_slice(chunk);
        }
        Ok(bytes)
    }
}

/// Reads the whole body as JSON.
pub(super) async fn read_json<T: DeserializeOwned>(body: Body) -> Result<T, ApiError> {
    let bytes = body.collect(MAX_JSON_BYTES).await?;
    serde_json::from_slice(&bytes).map_err(|error| {
        ApiError::from(ErrorKind::Answer(error.to_string()))
            .hint("is there an Enact registry at that URL?")
    })
}
