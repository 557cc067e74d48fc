//! What is in the folder of the cache.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use enact_types::{Digest, Timestamp};

use crate::private::FILE_MODE;

/// What the name of a bundle ends with, after the digits of its digest.
pub(super) const BUNDLE: &str = ".tar.gz";

/// What the name of a file begins with that is being written.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// How old a file is that is no longer being written.
const LEFT_OVER: Duration = Duration::from_hours(1);

/// A bundle in the folder.
pub(super) struct Entry {
    /// Its digest, as its name says.
    pub(super) hash: Digest,
    /// Its size.
    pub(super) bytes: u64,
    /// When it was last used.
    pub(super) used: SystemTime,
}

/// The bundles in `folder`; none if it is not there. What has another name is none.
pub(super) fn list(folder: &Path) -> Vec<Entry> {
    let Ok(files) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let entry = |file: fs::DirEntry| {
        let name = file.file_name();
        let hex = name.to_str()?.strip_suffix(BUNDLE)?;
        let hash = Digest::parse(&format!("sha256:{hex}")).ok()?;
        let metadata = file.metadata().ok()?;
        Some(Entry {
            hash,
            bytes: metadata.len(),
            used: metadata.modified().unwrap_or(UNIX_EPOCH),
        })
    };
    files.flatten().filter_map(entry).collect()
}

/// Keeps other processes from trimming the folder until the answer is dropped or this process ends.
/// `None` if another does it.
pub(super) fn try_lock(folder: &Path) -> io::Result<Option<File>> {
    // Beside the folder, which may be removed as a whole.
    let path = folder.with_extension("lock");
    let mut options = File::options();
    let file = options
        .create(true)
        .write(true)
        .truncate(false)
        .mode(FILE_MODE)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        // Without locks two may trim at once, and each finds some of the files gone.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
            Ok(Some(file))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Removes what killed processes were writing an hour before `now`, and notes without a bundle.
pub(super) fn remove_left_over(folder: &Path, now: Timestamp) {
    let Ok(files) = fs::read_dir(folder) else {
        return;
    };
    let now = SystemTime::from(now);
    for file in files.flatten() {
        let name = file.file_name();
        let Some(name) = name.to_str() else { continue };
        let lonely = name
            .strip_suffix(".json")
            .is_some_and(|hex| !folder.join(format!("{hex}{BUNDLE}")).exists());
        if !lonely && !name.starts_with(UNFINISHED) {
            continue;
        }
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        let age = modified.map(|then| now.duration_since(then));
        if matches!(age, Ok(Ok(age)) if age > LEFT_OVER) {
            let _ = fs::remove_file(file.path());
        }
    }
}
