//! One change of the file at a time.

use std::path::Path;
use std::time::Duration;

use crate::exit::Failure;
use crate::lock_file::{Held, LockFile};

/// How long to wait for others, where a change takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps other processes of this user from changing the file until the answer is dropped.
pub(super) fn acquire(folder: &Path) -> Result<Held, Failure> {
    LockFile::open(&folder.join("credentials.lock"))?.lock(PATIENCE)
}
