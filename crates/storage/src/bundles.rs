//! Bundles: the objects that this project stores.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use enact_types::{Digest, Hasher, ToolName, Version};
use futures_util::{StreamExt as _, TryStreamExt as _};

use crate::error::{Fault, Operation, StorageError, StorageErrorKind};
use crate::{Body, Key, ObjectKey, StorageClient};

/// A bundle in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredBundle {
    /// Its key, like `bundles/alice/greeter/1.0.0.tar.gz`.
    pub path: String,
    /// The SHA-256 of its bytes.
    pub hash: Digest,
    /// Its size, in bytes.
    pub size: u64,
}

/// The key of a version's bundle as text.
pub fn bundle_key(tool: &ToolName, version: &Version) -> String {
    Key::bundle(tool, version, 1).as_str().to_owned()
}

impl StorageClient {
    /// Stores the bundle of a version and gives where it is, its digest and its size. The digest is
    /// computed while the bytes go out.
    ///
    /// Never replaces a bundle: the same bytes over again succeed, and others fail with
    /// `ALREADY_EXISTS`.
    pub async fn upload_bundle(
        &self,
        tool: &ToolName,
        version: &Version,
        data: impl Into<Body>,
    ) -> Result<StoredBundle, StorageError> {
        self.upload_bundle_attempt(tool, version, 1, data).await
    }

    /// Stores the bundle of a version under the key of one attempt; see [`ObjectKey::Bundle`].
    pub async fn upload_bundle_attempt(
        &self,
        tool: &ToolName,
        version: &Version,
        attempt: u32,
        data: impl Into<Body>,
    ) -> Result<StoredBundle, StorageError> {
        let shape = ObjectKey::Bundle {
            tool,
            version,
            attempt,
        };
        let key = shape.key();
        let options = shape.upload_options().create_only(true);
        let (body, tally) = tallied(data.into())
            .map_err(|fault| fault.during(Operation::Upload, Some(key.as_str())))?;
        let uploaded = self.upload(&key, body, options).await;
        let conflict = match uploaded {
            Ok(_) => None,
            Err(error) if error.kind() == StorageErrorKind::AlreadyExists => Some(error),
            Err(error) => return Err(error),
        };
        let (hash, size) = tally
            .finish()
            .await
            .map_err(|fault| fault.during(Operation::Upload, Some(key.as_str())))?;
        if let Some(conflict) = conflict
            && !self.holds(&key, hash, size).await?
        {
            return Err(conflict);
        }
        Ok(StoredBundle {
            path: key.as_str().to_owned(),
            hash,
            size,
        })
    }

    /// Reads the bundle of a version and verifies it: bytes with another digest than `expected`
    /// fail with `INTEGRITY_FAILED`.
    pub async fn download_bundle(
        &self,
        tool: &ToolName,
        version: &Version,
        expected: &Digest,
    ) -> Result<Bytes, StorageError> {
        let key = Key::bundle(tool, version, 1);
        let bytes = self.download(&key).await?;
        let found = Digest::of(&bytes);
        if found != *expected {
            let message = format!("the stored bundle is {found}, and {expected} was published");
            return Err(Fault::new(StorageErrorKind::Integrity, message)
                .during(Operation::Download, Some(key.as_str())));
        }
        Ok(bytes)
    }

    /// Deletes the bundle of a version. One that is absent counts as deleted.
    pub async fn delete_bundle(
        &self,
        tool: &ToolName,
        version: &Version,
    ) -> Result<(), StorageError> {
        self.delete(&Key::bundle(tool, version, 1)).await
    }

    /// Whether the bundle of a version is there.
    pub async fn bundle_exists(
        &self,
        tool: &ToolName,
        version: &Version,
    ) -> Result<bool, StorageError> {
        self.exists(&Key::bundle(tool, version, 1)).await
    }

    /// Whether the object is exactly these bytes.
    async fn holds(&self, key: &Key, hash: Digest, size: u64) -> Result<bool, StorageError> {
        let mut download = self.download_stream(key, None).await?;
        if download.metadata.size != size {
            return Ok(false);
        }
        let mut hasher = Hasher::default();
        while let Some(chunk) = download.stream.try_next().await? {
            hasher.update(&chunk);
        }
        Ok(hasher.finish() == hash)
    }
}

/// Counts and hashes a body beside its upload.
enum Tally {
    /// Bytes and files are read a second time, on a thread of their own.
    Blocking(tokio::task::JoinHandle<std::io::Result<(Digest, u64)>>),
    /// A stream can be read only once.
    Streamed(Arc<Mutex<(Hasher, u64)>>),
}

fn tallied(body: Body) -> Result<(Body, Tally), Fault> {
    match body {
        Body::Bytes(bytes) => {
            let read = bytes.clone();
            let task =
                tokio::task::spawn_blocking(move || Ok((Digest::of(&read), read.len() as u64)));
            Ok((Body::Bytes(bytes), Tally::Blocking(task)))
        }
        Body::File(file) => {
            let read = file.try_clone().map_err(unreadable)?;
            let task = tokio::task::spawn_blocking(move || digest_of_file(&read));
            Ok((Body::File(file), Tally::Blocking(task)))
        }
        Body::Stream(stream) => {
            let tally = Arc::new(Mutex::new((Hasher::default(), 0)));
            let counter = Arc::clone(&tally);
            let stream = stream
                .inspect_ok(move |chunk| {
                    let mut tally = counter.lock().unwrap_or_else(PoisonError::into_inner);
                    tally.0.update(chunk);
                    tally.1 += chunk.len() as u64;
                })
                .boxed();
            Ok((Body::Stream(stream), Tally::Streamed(tally)))
        }
    }
}

impl Tally {
    async fn finish(self) -> Result<(Digest, u64), Fault> {
        match self {
            Self::Blocking(task) => match task.await {
                Ok(result) => result.map_err(unreadable),
                Err(panic) => Err(Fault::new(
                    StorageErrorKind::Other,
                    format!("hashing the bundle failed: {panic}"),
                )),
            },
            Self::Streamed(tally) => {
                let tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                Ok((tally.0.clone().finish(), tally.1))
            }
        }
    }
}

fn digest_of_file(file: &File) -> std::io::Result<(Digest, u64)> {
    let mut hasher = Hasher::default();
    let mut buffer = vec![0; 128 * 1024];
    let mut offset = 0;
    loop {
        let read = match file.read_at(&mut buffer, offset) {
            Ok(0) => return Ok((hasher.finish(), offset)),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hasher.update(&buffer[..read]);
        offset += read as u64;
    }
}

fn unreadable(error: std::io::Error) -> Fault {
    Fault::new(
        StorageErrorKind::InvalidInput,
        format!("the file to upload cannot be read: {error}"),
    )
    .with_source(error)
}
