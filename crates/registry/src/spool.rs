//! Receiving a bundle of unknown length: to disk, hashed on the way, never whole in memory.

use std::fs::File;

use enact_types::limits::MAX_BUNDLE_BYTES;
use enact_types::{Digest, Hasher};
use tokio::io::AsyncWriteExt as _;

use crate::error::ErrorKind;
use crate::{Registry, RegistryError};

/// A bundle while it arrives.
#[derive(Debug)]
pub struct Spool {
    file: tokio::fs::File,
    hasher: Hasher,
    size: u64,
}

/// A bundle that arrived whole. Its file has no name, so a crash leaves nothing behind.
#[derive(Debug)]
pub struct Spooled {
    pub(crate) file: File,
    pub(crate) hash: Digest,
    pub(crate) size: u64,
}

impl Registry {
    /// Starts to receive a bundle.
    pub async fn spool(&self) -> Result<Spool, RegistryError> {
        let dir = self.inner.spool_dir.clone();
        let file = blocking(move || tempfile::tempfile_in(dir)).await??;
        Ok(Spool {
            file: tokio::fs::File::from_std(file),
            hasher: Hasher::default(),
            size: 0,
        })
    }
}

impl Spool {
    /// Takes in the next piece. Fails when the bundle is over [`MAX_BUNDLE_BYTES`].
    pub async fn write(&mut self, piece: &[u8]) -> Result<(), RegistryError> {
        self.size += piece.len() as u64;
        if self.size > MAX_BUNDLE_BYTES {
            return Err(too_large(self.size));
        }
        self.hasher.update(piece);
        self.file.write_all(piece).await?;
        Ok(())
    }

    /// The bundle is complete.
    pub async fn finish(mut self) -> Result<Spooled, RegistryError> {
        self.file.flush().await?;
        Ok(Spooled {
            file: self.file.into_std().await,
            hash: self.hasher.finish(),
            size: self.size,
        })
    }
}

/// The answer to a bundle of `size` bytes, or more.
pub(crate) fn too_large(size: u64) -> RegistryError {
    let max = MAX_BUNDLE_BYTES;
    RegistryError::new(
        ErrorKind::TooLarge { size, max },
        format!(
            "The bundle is larger than {} MiB, the most that this registry takes",
            max / (1024 * 1024)
        ),
    )
}

/// Runs blocking work off the async threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RegistryError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(RegistryError::internal)
}
