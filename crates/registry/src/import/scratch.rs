//! The folder for the copy of the database: on the disk of the spool, since the copy can be large.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use tempfile::TempDir;

use super::ImportError;
use crate::RegistryError;

/// What the names of the folders start with.
const PREFIX: &str = "import-";

/// An empty folder that goes with this value, and the right to be the only one that has one.
pub(super) struct Scratch {
    pub(super) folder: TempDir,
    /// Held until the end of this process at the latest.
    _lock: File,
}

impl Scratch {
    /// Makes the folder in `spool_dir`, and removes what killed runs left there: a copy holds what
    /// is private.
    pub(super) fn new(spool_dir: &Path) -> Result<Self, ImportError> {
        let lock = File::create(spool_dir.join("import.lock")).map_err(RegistryError::from)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ImportError::Busy),
            Err(TryLockError::Error(error)) => return Err(RegistryError::from(error).into()),
        }
        remove_left(spool_dir).map_err(RegistryError::from)?;
        let folder = tempfile::Builder::new()
            .prefix(PREFIX)
            .tempdir_in(spool_dir)
            .map_err(RegistryError::from)?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }
}

fn remove_left(spool_dir: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(spool_dir)? {
        let entry = entry?;
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if ours && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
