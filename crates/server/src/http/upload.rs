//! The body of a large upload: read at our pace, and drained when it was refused.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use super::late_body::LateBody;
use super::slow_clients::Arrival;

/// Bytes handed out before the reader must have made progress. More than any part's header needs.
const AHEAD: usize = 128 * 1024;

/// How much of a refused body is still read, and for how long: many clients look at the answer
/// only when they have sent everything, and a connection that is closed on them takes the answer with
/// it. Several times the largest publish, so that a person who sends far too much still reads why.
const DRAIN_BYTES: usize = 256 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(10);

/// A body that is read through [`Paced`]; kept so that what is left can be drained.
#[derive(Clone)]
pub(crate) struct Upload(Arc<Mutex<Inner>>);

struct Inner {
    body: BodyDataStream,
    /// Handed out since the reader's last progress.
    ahead: usize,
    yielded: bool,
    /// From its first piece on.
    arrival: Option<Arrival>,
}

/// The stream side of an [`Upload`].
///
/// The multipart parser copies whatever its stream has ready before it looks at any of it. So this
/// stream pauses after [`AHEAD`] bytes, and fails if the parser then still found nothing to hand
/// on: a part header that never ends.
pub(crate) struct Paced(Upload);

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    /// The connection broke.
    #[error("the body is cut off")]
    Cut,
    /// It came, but too late.
    #[error(transparent)]
    Late(LateBody),
    /// It comes so slowly that it is not worth the wait.
    #[error("the body arrives too slowly")]
    Slow,
    /// More than [`AHEAD`] bytes without a part.
    #[error("a part header is too long")]
    Header,
}

impl Upload {
    pub(crate) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            body: body.into_data_stream(),
            ahead: 0,
            yielded: false,
            arrival: None,
        })))
    }

    /// The stream for the parser.
    pub(crate) fn paced(&self) -> Paced {
        Paced(self.clone())
    }

    /// The parser has handed something on.
    pub(crate) fn progress(&self) {
        let mut inner = self.lock();
        inner.ahead = 0;
        inner.yielded = false;
    }

    /// Reads and drops what is left, within bounds.
    pub(crate) async fn drain(self) {
        let drained = async {
            let mut left = DRAIN_BYTES;
            while let Some(Ok(piece)) =
                std::future::poll_fn(|cx| self.lock().body.poll_next_unpin(cx)).await
            {
                left = left.saturating_sub(piece.len());
                if left == 0 {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(DRAIN_TIME, drained).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for Paced {
    type Item = Result<Bytes, UploadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut inner = self.0.lock();
        if inner.ahead >= AHEAD {
            if inner.yielded {
                return Poll::Ready(Some(Err(UploadError::Header)));
            }
            inner.yielded = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        match inner.body.poll_next_unpin(cx) {
            Poll::Ready(Some(Ok(piece))) => {
                let arrival = inner.arrival.get_or_insert_with(Arrival::begin);
                if !arrival.is_timely(piece.len()) {
                    return Poll::Ready(Some(Err(UploadError::Slow)));
                }
                inner.ahead += piece.len();
                Poll::Ready(Some(Ok(piece)))
            }
            Poll::Ready(Some(Err(error))) => {
                let why = LateBody::find(&error).map_or(UploadError::Cut, UploadError::Late);
                Poll::Ready(Some(Err(why)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}
