//! One change of what is installed at a time.

use std::path::Path;
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
    let folder = home.join(".enact");
    let path = folder.join("lists.lock");
    make_folder(&folder)
        .map_err(|error| Failure::io(format!("cannot lock {}", path.display()), &error))?;
    LockFile::open(&path)?.lock_interruptibly(PATIENCE).await
}
