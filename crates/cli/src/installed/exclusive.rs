//! One change of what is installed at a time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::exit::Failure;
use crate::lock_file::{Held, LockFile};
use crate::private::make_folder;

/// How long to wait for others, where a change takes milliseconds unless the disk is very busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Waits until no other process of this user changes a list or puts a skill in its place, and keeps
/// others waiting until the answer is dropped.
///
/// The lock is on `~/.enact/lists.lock`, one file for all lists: a file beside a project's list would
/// end up in its repository.
pub(crate) async fn acquire(home: &Path) -> Result<Held, Failure> {
    let path = path(home);
    make_folder(path.parent().unwrap_or(home))
        .map_err(|error| Failure::io(format!("cannot lock {}", path.display()), &error))?;
    LockFile::open(&path)?.lock_interruptibly(PATIENCE).await
}

/// As [`acquire`], and makes nothing: `None` if this user never changed anything.
pub(crate) async fn acquire_if_used(home: &Path) -> Result<Option<Held>, Failure> {
    let path = path(home);
    if !path.exists() {
        return Ok(None);
    }
    let file = LockFile::open(&path)?;
    file.lock_interruptibly(PATIENCE).await.map(Some)
}

fn path(home: &Path) -> PathBuf {
    home.join(".enact/lists.lock")
}
