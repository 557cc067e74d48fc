//! Looking into a bundle: from the index that was written when it was published, and one file's
//! content from the bundle itself.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use enact_catalog::{FileRecord, FilesSize};
use enact_storage::Key;
use enact_types::limits::MAX_PATH_BYTES;
use enact_types::wire::{FileEntry, FileKind, FileList};
use enact_types::{Digest, ToolName, Visibility};
use futures_util::Stream;
use tokio::sync::mpsc;

use crate::error::ErrorKind;
use crate::extraction::Wanted;
use crate::{Caller, Registry, RegistryError, Selector};

/// What the list of a file adds to its path, in bytes; roughly.
const ROW_BYTES: u64 = 200;

/// The list of a version's files, which has not been read yet.
pub struct Files {
    registry: Registry,
    version_id: String,
    size: FilesSize,
    /// Who may see the tool; decides who may cache the list.
    pub visibility: Visibility,
}

/// One file of a bundle that the caller may read.
#[derive(Debug, Clone)]
pub struct BundleFile {
    /// Its path in the bundle.
    pub path: String,
    /// Its size, in bytes.
    pub size: u64,
    /// Its digest, if it is known.
    pub sha256: Option<Digest>,
    /// Who may see the tool; decides who may cache the content.
    pub visibility: Visibility,
    bundle_path: String,
    bundle_hash: Digest,
}

impl Registry {
    /// Finds the list of a version's files.
    pub async fn files(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<Files, RegistryError> {
        let (tool, version) = self.resolve(caller, name, selector).await?;
        let version_id = version.summary.id;
        let size = self.inner.catalog.files_size(&version_id).await?;
        Ok(Files {
            registry: self.clone(),
            version_id,
            size,
            visibility: tool.visibility,
        })
    }

    /// Finds one file of a version.
    pub async fn file(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        path: &str,
    ) -> Result<BundleFile, RegistryError> {
        let (tool, version) = self.resolve(caller, name, selector).await?;
        let version = version.summary;
        // Nothing of the kind is in the index, and Postgres takes no NUL.
        let can_be = path.len() <= MAX_PATH_BYTES && !path.contains(char::is_control);
        let file = if can_be && !is_clutter(path) {
            self.inner.catalog.file(&version.id, path).await?
        } else {
            None
        };
        let missing = || {
            let shown: String = path.chars().take(80).collect();
            let message = format!("Version \"{}\" has no file {shown:?}", version.version);
            RegistryError::new(ErrorKind::NotFound, message)
        };
        let file = file.filter(|file| !file.folder).ok_or_else(missing)?;
        Ok(BundleFile {
            path: file.path,
            size: file.size,
            sha256: file.sha256,
            visibility: tool.visibility,
            bundle_path: version.bundle_path,
            bundle_hash: version.bundle_hash,
        })
    }

    /// Reads a file, which is known to be small, into memory.
    pub async fn read_file(&self, file: &BundleFile) -> Result<Bytes, RegistryError> {
        if file.size == 0 {
            return Ok(Bytes::new());
        }
        let slot = self.inner.extractions.small().await?;
        let mut pieces = self.extract(file.wanted()?, slot).await?;
        let mut content = Vec::new();
        while let Some(piece) = pieces.recv().await {
            content.extend_from_slice(&piece?);
        }
        if content.len() as u64 != file.size {
            return Err(RegistryError::internal("an extraction ended early"));
        }
        Ok(content.into())
    }

    /// Reads a file piece by piece. If it is not what was published, the stream ends with an error
    /// instead of its last piece. So does it if its reader takes nothing for a while.
    pub async fn stream_file(&self, file: &BundleFile) -> Result<FileStream, RegistryError> {
        let pieces = if file.size == 0 {
            None
        } else {
            let slot = self.inner.extractions.large().await?;
            Some(self.extract(file.wanted()?, slot).await?)
        };
        Ok(FileStream {
            pieces,
            left: file.size,
        })
    }
}

impl Files {
    /// How much memory [`Self::read`] takes, in bytes; roughly.
    pub fn bytes(&self) -> u64 {
        self.size.count * ROW_BYTES + 2 * self.size.path_bytes
    }

    /// The list, without what file managers leave in folders.
    pub async fn read(self) -> Result<FileList, RegistryError> {
        let files = self.registry.inner.catalog.files(&self.version_id).await?;
        let files: Vec<_> = files
            .into_iter()
            .filter(|file| !is_clutter(&file.path))
            .map(entry)
            .collect();
        Ok(FileList {
            total: files.len() as u64,
            files,
        })
    }
}

impl BundleFile {
    fn wanted(&self) -> Result<Wanted, RegistryError> {
        Ok(Wanted {
            path: self.path.clone(),
            size: self.size,
            sha256: self.sha256,
            key: Key::parse(&self.bundle_path)?,
            bundle_hash: self.bundle_hash,
        })
    }
}

fn entry(file: FileRecord) -> FileEntry {
    FileEntry {
        path: file.path,
        size: file.size,
        kind: if file.folder {
            FileKind::Directory
        } else {
            FileKind::File
        },
        executable: file.executable,
    }
}

/// What macOS leaves in folders and archives: no part of a skill.
fn is_clutter(path: &str) -> bool {
    path.split('/')
        .any(|name| name.starts_with("._") || name == ".DS_Store" || name == "__MACOSX")
}

/// The content of a file, in pieces.
pub struct FileStream {
    pieces: Option<mpsc::Receiver<Result<Bytes, RegistryError>>>,
    left: u64,
}

impl Stream for FileStream {
    type Item = Result<Bytes, RegistryError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(pieces) = &mut this.pieces else {
            return Poll::Ready(None);
        };
        let next = match pieces.poll_recv(cx) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Some(Ok(piece))) => {
                this.left = this.left.saturating_sub(piece.len() as u64);
                return Poll::Ready(Some(Ok(piece)));
            }
            Poll::Ready(Some(Err(error))) => Some(Err(error)),
            Poll::Ready(None) if this.left > 0 => {
                Some(Err(RegistryError::internal("an extraction ended early")))
            }
            Poll::Ready(None) => None,
        };
        this.pieces = None;
        Poll::Ready(next)
    }
}
