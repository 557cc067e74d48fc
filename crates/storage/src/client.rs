//! The client: one API over every backend.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use url::Url;

use crate::Key;
use crate::backend::Backend;
use crate::config::{StorageConfig, missing_credentials, vars};
use crate::error::{Fault, Operation, StorageError, StorageErrorKind};
use crate::key::can_start_a_key;
use crate::local::Local;
use crate::s3::S3;
use crate::types::{
    Body, ByteRange, Download, Listed, MAX_PRESIGN_EXPIRY, ObjectMetadata, PresignGetOptions,
    PresignPutOptions, UploadOptions, Uploaded,
};

/// The largest object that [`StorageClient::download`] takes into memory: 512 MiB.
pub const MAX_DOWNLOAD_BYTES: u64 = 512 * 1024 * 1024;

/// Stores objects in S3, R2, `MinIO` or a local folder. Cheap to clone; clones share connections.
///
/// Every method fails with a [`StorageError`] whose code names the operation. Methods must be
/// called on a Tokio runtime.
#[derive(Clone)]
pub struct StorageClient {
    backend: Arc<dyn Backend>,
}

impl fmt::Debug for StorageClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StorageClient({})", self.describe())
    }
}

impl StorageClient {
    /// A client of an S3-compatible store. Checks the settings; does not contact the store.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a client is made of its settings; callers have no further use for the secret"
    )]
    pub fn new(config: StorageConfig) -> Result<Self, StorageError> {
        Ok(Self {
            backend: Arc::new(S3::new(&config)?),
        })
    }

    /// A client of a local folder, which is created if it is missing. Blocks on the file system.
    pub fn local(dir: impl Into<PathBuf>) -> Result<Self, StorageError> {
        let local =
            Local::open(&dir.into()).map_err(|fault| fault.during(Operation::Configure, None))?;
        Ok(Self {
            backend: Arc::new(local),
        })
    }

    /// A client of the store that the environment names; see [`StorageConfig::from_vars`]. Fails
    /// with `MISSING_CREDENTIALS` if it names none.
    pub fn from_env() -> Result<Self, StorageError> {
        match StorageConfig::from_env()? {
            Some(config) => Self::new(config),
            None => Err(missing_credentials(&[
                vars::ACCESS_KEY_ID,
                vars::SECRET_ACCESS_KEY,
            ])),
        }
    }

    /// What this is a client of, like `S3 bucket enact-bundles at http://localhost:9000`. Holds no
    /// secret.
    pub fn describe(&self) -> String {
        self.backend.describe()
    }

    /// Stores an object, replacing one that is there unless `options` forbid it. If it fails,
    /// nothing is left that could be read; the object that was there before still is.
    pub async fn upload(
        &self,
        key: &Key,
        body: impl Into<Body>,
        options: UploadOptions,
    ) -> Result<Uploaded, StorageError> {
        let failed = on(Operation::Upload, key);
        options.validate().map_err(&failed)?;
        self.backend
            .upload(key, body.into(), options)
            .await
            .map_err(failed)
    }

    /// Reads a whole object into memory; at most [`MAX_DOWNLOAD_BYTES`].
    pub async fn download(&self, key: &Key) -> Result<Bytes, StorageError> {
        let Download {
            metadata,
            mut stream,
            ..
        } = self.download_stream(key, None).await?;
        if metadata.size > MAX_DOWNLOAD_BYTES {
            let message = format!(
                "the object has {} bytes, too many to read into memory; read it as a stream",
                metadata.size
            );
            return Err(on(Operation::Download, key)(Fault::new(
                StorageErrorKind::InvalidInput,
                message,
            )));
        }
        let Some(first) = stream.try_next().await? else {
            return Ok(Bytes::new());
        };
        if first.len() as u64 == metadata.size {
            return Ok(first);
        }
        // Grows with what really comes rather than trusting the announced size.
        let mut bytes = BytesMut::from(first);
        while let Some(chunk) = stream.try_next().await? {
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Opens an object, or a part of it, for reading piece by piece. A range of which the object
    /// has no byte fails with [`StorageErrorKind::RangeNotSatisfiable`].
    pub async fn download_stream(
        &self,
        key: &Key,
        range: Option<ByteRange>,
    ) -> Result<Download, StorageError> {
        let failed = on(Operation::Download, key);
        if range.is_some_and(ByteRange::is_empty) {
            return Err(failed(Fault::new(
                StorageErrorKind::RangeNotSatisfiable,
                "the range asked for has no bytes",
            )));
        }
        let opened = self.backend.download(key, range).await.map_err(failed)?;
        let key = key.clone();
        let stream = opened
            .stream
            .map_err(move |fault| fault.during(Operation::Download, Some(key.as_str())))
            .boxed();
        Ok(Download {
            metadata: opened.metadata,
            range: opened.range,
            stream,
        })
    }

    /// Deletes an object. One that is absent counts as deleted.
    pub async fn delete(&self, key: &Key) -> Result<(), StorageError> {
        let failed = on(Operation::Delete, key);
        self.backend.delete(key).await.map_err(failed)
    }

    /// Whether an object is there. Fails if that cannot be found out.
    pub async fn exists(&self, key: &Key) -> Result<bool, StorageError> {
        match self.backend.metadata(key).await {
            Ok(_) => Ok(true),
            Err(fault) if fault.kind == StorageErrorKind::NotFound => Ok(false),
            Err(fault) => Err(on(Operation::Exists, key)(fault)),
        }
    }

    /// What the store knows of an object.
    pub async fn get_metadata(&self, key: &Key) -> Result<ObjectMetadata, StorageError> {
        let failed = on(Operation::Metadata, key);
        self.backend.metadata(key).await.map_err(failed)
    }

    /// The objects whose keys start with `prefix` (all, if it is empty), in the order of their
    /// keys' bytes, fetched as the stream is read. Objects whose keys are not valid [`Key`]s are
    /// left out: this client cannot have written them.
    pub fn list(&self, prefix: &str) -> BoxStream<'static, Result<Listed, StorageError>> {
        if !can_start_a_key(prefix) {
            return futures_util::stream::empty().boxed();
        }
        let prefix = prefix.to_owned();
        self.backend
            .list(prefix.clone())
            .map_err(move |fault| fault.during(Operation::List, Some(&prefix)))
            .boxed()
    }

    /// Copies an object, with its content type and metadata, within the store.
    pub async fn copy(&self, from: &Key, to: &Key) -> Result<(), StorageError> {
        let failed = on(Operation::Copy, from);
        self.backend.copy(from, to).await.map_err(failed)
    }

    /// A link with which anybody can read the object until `expiry` has passed: from one second to
    /// [`MAX_PRESIGN_EXPIRY`]. Made for the public endpoint if one is set. Treat it as a secret.
    pub async fn presign_get(&self, key: &Key, expiry: Duration) -> Result<Url, StorageError> {
        self.presign_get_as(key, expiry, PresignGetOptions::default())
            .await
    }

    /// A link like that of [`presign_get`](Self::presign_get), whose answer is labelled as
    /// `options` say where the store can do that: AWS, R2 and `MinIO` can, and a store that cannot
    /// gives what the object was stored with.
    pub async fn presign_get_as(
        &self,
        key: &Key,
        expiry: Duration,
        options: PresignGetOptions,
    ) -> Result<Url, StorageError> {
        let failed = on(Operation::Presign, key);
        check_expiry(expiry).map_err(&failed)?;
        options.validate().map_err(&failed)?;
        self.backend
            .presign_get(key, expiry, options)
            .await
            .map_err(failed)
    }

    /// A link with which anybody can write the object with a plain HTTP PUT until `expiry` has
    /// passed; as [`presign_get`](Self::presign_get) otherwise.
    pub async fn presign_put(
        &self,
        key: &Key,
        expiry: Duration,
        options: PresignPutOptions,
    ) -> Result<Url, StorageError> {
        let failed = on(Operation::Presign, key);
        check_expiry(expiry).map_err(&failed)?;
        options.validate().map_err(&failed)?;
        self.backend
            .presign_put(key, expiry, options)
            .await
            .map_err(failed)
    }

    /// Removes the parts of uploads that were started longer ago than `age` and never finished,
    /// by whichever process. Gives how many uploads that were.
    ///
    /// An upload cleans up after itself; this is for what a crash or a lost connection left.
    /// Choose `age` well above the longest upload.
    pub async fn abort_stale_uploads(&self, age: Duration) -> Result<u64, StorageError> {
        self.backend
            .abort_stale_uploads(age)
            .await
            .map_err(|fault| fault.during(Operation::AbortStaleUploads, None))
    }
}

fn on(operation: Operation, key: &Key) -> impl Fn(Fault) -> StorageError {
    move |fault| fault.during(operation, Some(key.as_str()))
}

fn check_expiry(expiry: Duration) -> Result<(), Fault> {
    if expiry < Duration::from_secs(1) || expiry > MAX_PRESIGN_EXPIRY {
        return Err(Fault::new(
            StorageErrorKind::InvalidInput,
            "a presigned link is valid for 1 second to 7 days",
        ));
    }
    Ok(())
}
