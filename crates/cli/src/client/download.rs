//! The bytes of a bundle, which may come in several parts.

use enact_types::{ToolName, Version};
use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_RANGE, RANGE};

use super::body::Body;
use super::error::{ApiError, ErrorKind};
use super::retry::{Effect, Retries};
use super::transport::{Get, Transport};
use super::{Client, version_path};

/// How much must have come since the last break for the next one to count as the first, in bytes.
const PROGRESS: u64 = 1024 * 1024;

/// A bundle on its way. What a cut connection leaves out is asked for again, and comes from where it
/// was cut.
#[derive(Debug)]
pub(crate) struct Download<'c> {
    transport: &'c Transport,
    path: String,
    query: &'static [(&'static str, &'static str)],
    body: Body,
    /// What the registry or its store calls these bytes, if it has a name for them.
    etag: Option<HeaderValue>,
    /// How many bytes have been handed on.
    received: u64,
    /// How many had been at the last break.
    resumed_at: u64,
    retries: Retries,
}

impl Client {
    /// `GET /tools/N/versions/V/download`. The bytes are whatever the registry sends: the caller bounds
    /// and checks them. `acknowledge_yanked` also gets yanked versions.
    pub(crate) async fn download(
        &self,
        name: &ToolName,
        version: &Version,
        acknowledge_yanked: bool,
    ) -> Result<Download<'_>, ApiError> {
        let path = format!("{}/download", version_path(name, version));
        let query: &[_] = if acknowledge_yanked {
            &[("acknowledge_yanked", "true")]
        } else {
            &[]
        };
        let transport = &self.transport;
        let body = transport.get(&path, query).await?;
        let etag = body.headers().get(ETAG).filter(|etag| is_strong(etag));
        Ok(Download {
            etag: etag.cloned(),
            transport,
            path,
            query,
            body,
            received: 0,
            resumed_at: 0,
            retries: transport.retries(Effect::Reads),
        })
    }
}

impl Download<'_> {
    /// The length that the registry announced, if it did.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.body.announced()
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, ApiError> {
        loop {
            match self.body.chunk().await {
                Ok(Some(chunk)) => {
                    self.received += chunk.as_ref().len() as u64;
                    return Ok(Some(chunk));
                }
                Ok(None) => return Ok(None),
                Err(error) => self.resume(error).await?,
            }
        }
    }

    /// Opens the rest of the bytes after `error`, or gives up with it or what came after it.
    async fn resume(&mut self, mut error: ApiError) -> Result<(), ApiError> {
        if self.received - self.resumed_at >= PROGRESS {
            self.retries = self.transport.retries(Effect::Reads);
        }
        self.resumed_at = self.received;
        loop {
            self.retries.wait(error).await?;
            error = match self.reopen().await {
                Ok(body) => {
                    self.body = body;
                    return Ok(());
                }
                Err(error) => error,
            };
        }
    }

    async fn reopen(&self) -> Result<Body, ApiError> {
        let mut headers = HeaderMap::new();
        if let Some(etag) = &self.etag
            && self.received > 0
            && let Ok(range) = HeaderValue::try_from(format!("bytes={}-", self.received))
        {
            headers.insert(RANGE, range);
            headers.insert(IF_RANGE, etag.clone());
        }
        let get = Get {
            headers,
            ..Get::new(&self.path, self.query)
        };
        let mut body = self.transport.get_once(&get).await?;
        if body.status() == StatusCode::PARTIAL_CONTENT {
            check_range(&body, self.received)?;
            return Ok(body);
        }
        // The whole again: what is known of it is passed over. If it is not the same, the digest of the
        // whole tells.
        let mut left = self.received;
        while left > 0 {
            let skipped = body.skip(left).await?;
            if skipped == 0 {
                let problem = "a second answer is shorter than the first one was";
                return Err(ErrorKind::Answer(problem.to_owned()).into());
            }
            left -= skipped;
        }
        Ok(body)
    }
}

/// Whether two bodies with this name are the same byte for byte.
fn is_strong(etag: &HeaderValue) -> bool {
    !etag.as_bytes().starts_with(b"W/")
}

/// Checks that a part begins where it should.
fn check_range(body: &Body, start: u64) -> Result<(), ApiError> {
    let range = body.headers().get(CONTENT_RANGE);
    let range = range.and_then(|range| range.to_str().ok()).unwrap_or("");
    if range.starts_with(&format!("bytes {start}-")) {
        return Ok(());
    }
    let problem = format!("it was asked for bytes from {start} on and sent {range:?}");
    Err(ErrorKind::Answer(problem).into())
}
