//! Handing out a bundle, verified on the way.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use enact_storage::{Key, StorageError};
use enact_types::{Digest, Hasher, ToolName, Visibility};
use futures_util::Stream;
use futures_util::stream::BoxStream;

use crate::downloads::Downloads;
use crate::error::ErrorKind;
use crate::{Caller, Registry, RegistryError, Selector};

/// A bundle that the caller may download.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Its digest.
    pub hash: Digest,
    /// Its size, in bytes.
    pub size: u64,
    /// A file name to save it under.
    pub filename: String,
    /// Who may see the tool; decides who may cache the bytes.
    pub visibility: Visibility,
    key: String,
    tool_id: String,
    version_id: String,
}

impl Registry {
    /// Finds the bundle of a version. A yanked one must be asked for with `acknowledge_yanked`.
    pub async fn bundle(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        acknowledge_yanked: bool,
    ) -> Result<Bundle, RegistryError> {
        let (tool, version) = self.resolve(caller, name, selector).await?;
        let summary = version.summary;
        if summary.yanked && !acknowledge_yanked {
            return Err(RegistryError::new(
                ErrorKind::Yanked {
                    reason: version.yank_reason,
                    replacement: version.yank_replacement,
                    yanked_at: version.yanked_at,
                },
                format!("Version {} has been yanked", summary.version),
            ));
        }
        Ok(Bundle {
            hash: summary.bundle_hash,
            size: summary.bundle_size,
            filename: format!(
                "{}-{}.tar.gz",
                name.as_str().replace('/', "-"),
                summary.version
            ),
            visibility: tool.visibility,
            key: summary.bundle_path,
            tool_id: tool.id,
            version_id: summary.id,
        })
    }

    /// Opens the bundle. Nothing is read ahead of the reader.
    pub async fn open(&self, bundle: &Bundle) -> Result<BundleStream, RegistryError> {
        let key = Key::parse(&bundle.key)?;
        let download = match self.inner.storage.download_stream(&key, None).await {
            Ok(download) => download,
            Err(error) if error.is_not_found() => {
                tracing::error!(%key, "a published bundle is missing in the store");
                return Err(RegistryError::new(
                    ErrorKind::NotFound,
                    "The bundle is missing in the registry's store",
                ));
            }
            Err(error) => return Err(error.into()),
        };
        Ok(BundleStream {
            source: download.stream,
            key,
            expected: (bundle.hash, bundle.size),
            hasher: Hasher::default(),
            seen: 0,
            ids: (bundle.tool_id.clone(), bundle.version_id.clone()),
            downloads: self.inner.downloads.clone(),
        })
    }
}

/// The bytes of a bundle. They are hashed as they pass; if the whole is not what was published,
/// the stream ends with an error *instead of* its last piece, so the reader never has a complete
/// wrong bundle: the connection breaks off. A download counts when its last piece is handed over.
pub struct BundleStream {
    source: BoxStream<'static, Result<Bytes, StorageError>>,
    key: Key,
    expected: (Digest, u64),
    hasher: Hasher,
    seen: u64,
    ids: (String, String),
    downloads: Arc<Downloads>,
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
            Poll::Ready(None) if this.seen < this.expected.1 => {
                Poll::Ready(Some(Err(this.corrupt("it ends too early"))))
            }
            Poll::Ready(None) => Poll::Ready(None),
        }
    }
}

impl BundleStream {
    /// The piece, if what is known so far allows it to go out.
    fn check(&mut self, piece: Bytes) -> Result<Bytes, RegistryError> {
        let (hash, size) = self.expected;
        self.seen += piece.len() as u64;
        self.hasher.update(&piece);
        if self.seen > size {
            return Err(self.corrupt("it is too long"));
        }
        if self.seen == size && !piece.is_empty() {
            if std::mem::take(&mut self.hasher).finish() != hash {
                return Err(self.corrupt("its digest differs"));
            }
            self.downloads.count(&self.ids.0, &self.ids.1);
        }
        Ok(piece)
    }

    fn corrupt(&mut self, what: &'static str) -> RegistryError {
        tracing::error!(key = %self.key, what, "a stored bundle is not the one that was published");
        // Nothing may follow the error.
        self.source = Box::pin(futures_util::stream::empty());
        self.seen = self.expected.1;
        RegistryError::internal(what)
    }
}
