//! The bytes of a bundle on their way out.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use enact_storage::{Key, StorageError};
use enact_types::{Digest, Hasher};
use futures_util::Stream;
use futures_util::stream::BoxStream;

use crate::RegistryError;
use crate::downloads::Downloads;
use crate::small_bundles::SmallBundles;

/// The bytes of a bundle, or a part of them.
///
/// A whole bundle is hashed as it passes; if it is not what was published, the stream ends with an
/// error *instead of* its last piece, so the reader never has a complete wrong bundle: the
/// connection breaks off. A part has no digest to be compared with. Its object was of the size that
/// was published when it was opened, and the reader, who alone has all parts, compares the whole.
///
/// A download counts when the last byte of the bundle is handed over, so one that is resumed counts
/// once.
pub struct BundleStream {
    pub(crate) source: BoxStream<'static, Result<Bytes, StorageError>>,
    pub(crate) key: Key,
    /// Bytes that have not come yet.
    pub(crate) left: u64,
    /// What the bytes must be, and what they are so far; `None` for a part.
    pub(crate) expected: Option<(Digest, Hasher)>,
    /// Where the bytes are collected, to be kept if they are what they must be.
    pub(crate) kept: Option<Kept>,
    /// Whose download it is; `None` if the bundle's last byte is not in it.
    pub(crate) counts: Option<(String, String)>,
    pub(crate) downloads: Arc<Downloads>,
}

/// A small bundle on its way into [`SmallBundles`].
pub(crate) struct Kept {
    bytes: Vec<u8>,
    small_bundles: Arc<SmallBundles>,
}

impl Kept {
    pub(crate) fn new(bytes: Vec<u8>, small_bundles: Arc<SmallBundles>) -> Self {
        Self {
            bytes,
            small_bundles,
        }
    }
}

impl Stream for BundleStream {
    type Item = Result<Bytes, RegistryError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        match this.source.as_mut().poll_next(cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(piece))) => Poll::Ready(Some(this.check(piece))),
            Poll::Ready(Some(Err(error))) => {
                // The headers are out: the client sees a cut connection, and only the log says why.
                tracing::warn!(key = %this.key, %error, "a download broke off in the store");
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Ready(None) if this.left > 0 => {
                Poll::Ready(Some(Err(this.corrupt("it ends too early"))))
            }
            Poll::Ready(None) => Poll::Ready(None),
        }
    }
}

impl BundleStream {
    /// The piece, if what is known so far allows it to go out.
    fn check(&mut self, piece: Bytes) -> Result<Bytes, RegistryError> {
        let Some(left) = self.left.checked_sub(piece.len() as u64) else {
            return Err(self.corrupt("it is too long"));
        };
        self.left = left;
        if let Some((_, hasher)) = &mut self.expected {
            hasher.update(&piece);
        }
        if let Some(kept) = &mut self.kept {
            kept.bytes.extend_from_slice(&piece);
        }
        if left == 0 && !piece.is_empty() {
            if let Some((digest, hasher)) = self.expected.take() {
                if hasher.finish() != digest {
                    return Err(self.corrupt("its digest differs"));
                }
                if let Some(kept) = self.kept.take() {
                    kept.small_bundles.keep(digest, kept.bytes);
                }
            }
            if let Some((tool, version)) = self.counts.take() {
                self.downloads.count(&tool, &version);
            }
        }
        Ok(piece)
    }

    fn corrupt(&mut self, what: &'static str) -> RegistryError {
        // Nothing may follow the error.
        self.source = Box::pin(futures_util::stream::empty());
        self.left = 0;
        not_as_published(&self.key, what)
    }
}

/// Reports an object that is not what was published under its key.
pub(crate) fn not_as_published(key: &Key, what: &'static str) -> RegistryError {
    tracing::error!(%key, what, "a stored bundle is not the one that was published");
    RegistryError::internal(what)
}
