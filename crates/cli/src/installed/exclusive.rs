//! One change of what is installed at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

use crate::exit::Failure;

/// How often the lock is tried, and how long in between: a minute, where a change takes milliseconds
/// unless the disk is very busy.
const TRIES: u32 = 3000;
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until no other process of this user changes a list or puts a skill in its place, and keeps others waiting until the
/// answer is dropped or this process ends, however it does. `None` if the file system has no locks.
///
/// The lock is on `~/.enact/lists.lock`, one file for all lists: a file beside a project's list would
/// end up in its repository, and a lock on the list itself would be of no use, since each change puts
/// a new file in its place. The lock file stays: were it removed, one process could lock the file
/// that is gone and another a new one.
pub(crate) async fn acquire(home: &Path) -> Result<Option<File>, Failure> {
    let folder = home.join(".enact");
    let path = folder.join("lists.lock");
    let failure = |error: io::Error| Failure::io(format!("cannot lock {}", path.display()), &error);
    fs::create_dir_all(&folder).map_err(failure)?;
    let mut options = File::options();
    // The content does not matter, and is left alone.
    options.create(true).write(true).truncate(false);
    let file = options.open(&path).map_err(failure)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            // Where Ctrl-C gets through, which it would not in a call that waits.
            Err(TryLockError::WouldBlock) => tokio::time::sleep(PAUSE).await,
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(None);
            }
            Err(TryLockError::Error(error)) => return Err(failure(error)),
        }
    }
    let message = format!("another process keeps {} locked", path.display());
    Err(Failure::new("LOCKED", message))
}
