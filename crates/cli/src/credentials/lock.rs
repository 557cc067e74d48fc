//! One change of the file at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::exit::Failure;

/// How often the lock is tried, and how long in between: five seconds, where a change takes
/// milliseconds.
const TRIES: u32 = 250;
const PAUSE: Duration = Duration::from_millis(20);

/// Keeps other processes of this user from changing the file until the answer is dropped, or this
/// process ends. `None` if the file system has no locks. The lock is on a file of its own, which
/// stays: each change puts a new file in the place of the one that it is about.
pub(super) fn acquire(folder: &Path) -> Result<Option<File>, Failure> {
    let path = folder.join("credentials.lock");
    let failure = |error: io::Error| Failure::io(format!("cannot lock {}", path.display()), &error);
    let mut options = File::options();
    options.create(true).write(true).truncate(false);
    let file = options.open(&path).map_err(failure)?;
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                return Ok(None);
            }
            Err(TryLockError::Error(error)) => return Err(failure(error)),
        }
    }
    let message = format!("another process keeps {} locked", path.display());
    Err(Failure::new("LOCKED", message))
}
