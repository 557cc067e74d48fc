//! The folders that a target lies in, which may have to be made for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::{BundleError, disk_error};

/// Folders that this process made on the way to targets, and that it has kept none of yet.
static MADE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Folders that were made on the way to the target, and that go away again unless kept. Several
/// targets may have some of them in common: those go with the last of the targets.
#[derive(Debug)]
pub(crate) struct Parents(Vec<PathBuf>);

impl Parents {
    /// Makes `parent`, and whatever it lies in, if they are not there.
    pub(crate) fn create(parent: &Path) -> Result<Self, BundleError> {
        let mut made = lock_made();
        let mut folders = Vec::new();
        let mut missing = false;
        for folder in parent.ancestors() {
            if folder == Path::new("") {
                break;
            }
            let exists = folder.exists();
            if exists && !made.contains(folder) {
                break;
            }
            missing |= !exists;
            made.insert(folder.to_owned());
            folders.push(folder.to_owned());
        }
        let created = Self(folders);
        // So that what was made so far can be taken away, if this fails.
        drop(made);
        if missing {
            fs::create_dir_all(parent).map_err(disk_error("create", parent))?;
        }
        Ok(created)
    }

    /// Lets them stay.
    pub(crate) fn keep(mut self) {
        let mut made = lock_made();
        for folder in self.0.drain(..) {
            made.remove(&folder);
        }
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        let mut made = lock_made();
        // Innermost first; one that somebody else uses by now is not empty and stays.
        for folder in &self.0 {
            if fs::remove_dir(folder).is_ok() || !folder.exists() {
                made.remove(folder);
            }
        }
    }
}

fn lock_made() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}
