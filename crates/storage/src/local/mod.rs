//! Objects as files in a local folder.
//!
//! The key is the path below the folder. Unfinished files are in `.enact-tmp`, which no key can
//! reach. Empty folders stay: removing one could pull it from under an upload.

mod attributes;
mod draft;
mod errors;
mod list;
mod read;
mod root;
mod sweep;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use url::Url;

use self::attributes::Attributes;
use self::draft::{Draft, Published};
use self::root::Root;
use crate::Key;
use crate::backend::{Backend, Opened};
use crate::error::{Fault, StorageErrorKind};
use crate::types::{
    Body, ByteRange, Listed, ObjectMetadata, PresignGetOptions, PresignPutOptions, UploadOptions,
    Uploaded,
};

/// How much of a stream is gathered before it is written: bounds an upload's memory.
const WRITE_BYTES: usize = 1024 * 1024;

pub(crate) struct Local {
    root: Arc<Root>,
}

impl Local {
    /// Opens a folder, creates it if it is missing, and removes what old crashes left in it.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let root = Arc::new(Root::open(path)?);
        let removed = sweep::sweep(&root, sweep::STALE_AFTER)?;
        if removed > 0 {
            tracing::info!(removed, folder = %root.path().display(), "removed unfinished uploads");
        }
        Ok(Self { root })
    }

    fn uploaded(&self, key: &Key, published: Published) -> Uploaded {
        let path = self.root.path().join(key.as_str());
        Uploaded {
            url: Url::from_file_path(path).map_or_else(|()| key.to_string(), String::from),
            etag: Some(published.etag),
            size: published.size,
        }
    }
}

/// Runs what may wait for a disk where it may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Fault::new(
            StorageErrorKind::Other,
            format!("the work on the file did not finish: {error}"),
        )
        .with_source(error)),
    }
}

/// Writes a stream to a draft, a bounded piece at a time.
async fn draft_of_stream(
    root: Arc<Root>,
    mut stream: BoxStream<'static, std::io::Result<Bytes>>,
) -> Result<Draft, Fault> {
    let mut draft = blocking(move || Draft::create(&root)).await?;
    let mut ended = false;
    while !ended {
        let mut gathered = Vec::new();
        let mut size = 0;
        while size < WRITE_BYTES {
            let next = stream.try_next().await.map_err(source_failed)?;
            let Some(chunk) = next else {
                ended = true;
                break;
            };
            size += chunk.len();
            gathered.push(chunk);
        }
        draft = blocking(move || {
            for chunk in gathered {
                draft.write(&chunk)?;
            }
            Ok(draft)
        })
        .await?;
    }
    Ok(draft)
}

/// The fault of a body that could not be read to its end.
pub(crate) fn source_failed(error: std::io::Error) -> Fault {
    Fault::new(
        StorageErrorKind::InvalidInput,
        format!("the bytes to upload could not be read to their end: {error}"),
    )
    .with_source(error)
}

#[async_trait]
impl Backend for Local {
    fn describe(&self) -> String {
        format!("local folder {}", self.root.path().display())
    }

    async fn upload(
        &self,
        key: &Key,
        body: Body,
        options: UploadOptions,
    ) -> Result<Uploaded, Fault> {
        let root = Arc::clone(&self.root);
        let create_only = options.create_only;
        let attributes = Attributes::from(options);
        let target = key.clone();
        let published = match body {
            Body::Bytes(bytes) => {
                blocking(move || {
                    let mut draft = Draft::create(&root)?;
                    draft.write(&bytes)?;
                    draft.publish(&target, &attributes, create_only)
                })
                .await?
            }
            Body::File(file) => {
                blocking(move || {
                    let mut draft = Draft::create(&root)?;
                    draft.write_file(&file)?;
                    draft.publish(&target, &attributes, create_only)
                })
                .await?
            }
            Body::Stream(stream) => {
                let draft = draft_of_stream(root, stream).await?;
                blocking(move || draft.publish(&target, &attributes, create_only)).await?
            }
        };
        Ok(self.uploaded(key, published))
    }

    async fn download(&self, key: &Key, range: Option<ByteRange>) -> Result<Opened, Fault> {
        let (root, key) = (Arc::clone(&self.root), key.clone());
        blocking(move || read::open(&root, &key, range)).await
    }

    async fn delete(&self, key: &Key) -> Result<(), Fault> {
        let (root, key) = (Arc::clone(&self.root), key.clone());
        blocking(move || read::delete(&root, &key)).await
    }

    async fn metadata(&self, key: &Key) -> Result<ObjectMetadata, Fault> {
        let (root, key) = (Arc::clone(&self.root), key.clone());
        blocking(move || read::metadata(&root, &key)).await
    }

    fn list(&self, prefix: String) -> BoxStream<'static, Result<Listed, Fault>> {
        list::list(Arc::clone(&self.root), prefix)
    }

    async fn copy(&self, from: &Key, to: &Key) -> Result<(), Fault> {
        let (root, from, to) = (Arc::clone(&self.root), from.clone(), to.clone());
        blocking(move || {
            let (file, _) = read::open_file(&root, &from)?;
            let attributes = Attributes::read_from(&file);
            let mut draft = Draft::create(&root)?;
            draft.write_file(&file.into())?;
            draft.publish(&to, &attributes, false)?;
            Ok(())
        })
        .await
    }

    async fn presign_get(&self, _: &Key, _: Duration, _: PresignGetOptions) -> Result<Url, Fault> {
        Err(no_links())
    }

    async fn presign_put(&self, _: &Key, _: Duration, _: PresignPutOptions) -> Result<Url, Fault> {
        Err(no_links())
    }

    async fn abort_stale_uploads(&self, age: Duration) -> Result<u64, Fault> {
        let root = Arc::clone(&self.root);
        blocking(move || sweep::sweep(&root, age)).await
    }
}

fn no_links() -> Fault {
    Fault::new(
        StorageErrorKind::Unsupported,
        "a local folder has no presigned links; stream the object instead",
    )
}
