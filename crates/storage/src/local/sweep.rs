//! Removing the drafts that a crash left behind.

use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{AtFlags, Dir};
use rustix::io::Errno;

use super::draft::Draft;
use super::errors::fault;
use super::root::Root;
use crate::error::Fault;

/// How long nothing was written to a draft before it counts as left behind when a store is opened.
/// Several processes may share a folder, so a young one may be somebody's upload.
pub(super) const STALE_AFTER: Duration = Duration::from_hours(24);

/// Removes the drafts that were not written to for `age`. Gives how many.
pub(super) fn sweep(root: &Arc<Root>, age: Duration) -> Result<u64, Fault> {
    let doing = "removing unfinished files";
    // A new file's time is now by the clock that the others' times are of.
    let now = Draft::create(root)?.modified()?;
    let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    let mut removed = 0;
    for entry in Dir::read_from(root.drafts()).map_err(|error| fault(doing, error))? {
        let entry = entry.map_err(|error| fault(doing, error))?;
        let name = entry.file_name();
        if matches!(name.to_bytes(), b"." | b"..") {
            continue;
        }
        let Ok(stat) = rustix::fs::statat(root.drafts(), name, AtFlags::SYMLINK_NOFOLLOW) else {
            continue;
        };
        if now.saturating_sub(stat.st_mtime) < age {
            continue;
        }
        match rustix::fs::unlinkat(root.drafts(), name, AtFlags::empty()) {
            Ok(()) => removed += 1,
            // Somebody else swept it, or it is a folder and not ours.
            Err(Errno::NOENT | Errno::ISDIR | Errno::PERM) => {}
            Err(error) => return Err(fault(doing, error)),
        }
    }
    Ok(removed)
}
