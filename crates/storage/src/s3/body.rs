//! Bodies that are watched: limits are on standing still, never on a whole transfer.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use object_store::client::{HttpError, HttpErrorKind, HttpRequestBody, HttpResponseBody};
use tokio::time::{Instant, Sleep};

use super::failure::{Broke, Failure, Transport};

/// The largest piece in which bytes are passed on, in either direction.
const CHUNK: usize = 64 * 1024;

/// When a request last moved.
#[derive(Debug, Clone)]
pub(super) struct Progress(Arc<Mutex<Instant>>);

impl Progress {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns once nothing has moved for `idle`.
    pub(super) async fn stands_still(&self, idle: Duration) {
        loop {
            let until = self.last() + idle;
            tokio::time::sleep_until(until).await;
            if self.last() + idle <= Instant::now() {
                return;
            }
        }
    }
}

/// The body of a request, sent in small pieces each of which counts as progress.
pub(super) fn progress_body(body: HttpRequestBody, progress: Progress) -> reqwest::Body {
    reqwest::Body::wrap(ProgressBody {
        left: body.content_length() as u64,
        body,
        rest: Bytes::new(),
        progress,
    })
}

struct ProgressBody {
    body: HttpRequestBody,
    rest: Bytes,
    left: u64,
    progress: Progress,
}

impl Body for ProgressBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        self.progress.note();
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
            }
        }
        let length = self.rest.len().min(CHUNK);
        self.left -= length as u64;
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// The body of an answer, in small pieces, which fails when none comes for too long.
pub(super) struct IdleBody {
    body: reqwest::Body,
    rest: Bytes,
    idle: Duration,
    /// Set up when the body is first waited for; bodies that are there at once need none.
    sleep: Option<Pin<Box<Sleep>>>,
    waiting: bool,
}

impl IdleBody {
    pub(super) fn new(body: reqwest::Body, idle: Duration) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            idle,
            sleep: None,
            waiting: false,
        }
    }

    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let until = Instant::now() + self.idle;
        let sleep = self
            .sleep
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if !self.waiting {
            sleep.as_mut().reset(until);
            self.waiting = true;
        }
        sleep.as_mut().poll(cx)
    }
}

impl Body for IdleBody {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        while self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Pending => {
                    ready!(self.poll_idle(cx));
                    let detail = format!("no byte came for {:?}", self.idle);
                    let failure = Failure::Transport(Transport::new(Broke::Idle, detail));
                    return Poll::Ready(Some(Err(unretried(failure))));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Ready(Some(Err(error))) => {
                    let failure = Failure::Transport(error.into());
                    return Poll::Ready(Some(Err(unretried(failure))));
                }
                Poll::Ready(Some(Ok(frame))) => {
                    self.waiting = false;
                    self.rest = frame.into_data().unwrap_or_default();
                }
            }
        }
        let length = self.rest.len().min(CHUNK);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(length)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }
}

/// Wraps a failure such that `object_store` passes it on without retrying.
fn unretried(failure: Failure) -> HttpError {
    HttpError::new(HttpErrorKind::Unknown, failure)
}

/// Reads a body into memory, at most `max` bytes.
pub(super) async fn collect(mut body: HttpResponseBody, max: usize) -> Result<Bytes, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match Failure::behind(&error) {
            Some(failure) => failure.clone(),
            None => Failure::Transport(Transport::new(Broke::CutOff, error.to_string())),
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if bytes.len() + data.len() > max {
            let detail = format!("the answer is larger than {max} bytes");
            return Err(Failure::Transport(Transport::new(Broke::Malformed, detail)));
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}
