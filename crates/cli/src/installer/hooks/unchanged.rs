//! Whether what is about to run is what somebody agreed to.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::installed::{LockedFile, differences};

/// A skill's folder that held what was installed when it was looked at, and nothing else. It is open, so
/// no other folder gets its number meanwhile, wherever it is moved.
pub(super) struct Unchanged {
    path: PathBuf,
    folder: File,
}

impl Unchanged {
    /// Compares every file with what was installed, while nobody else may replace the folder. Answers
    /// what is different.
    pub(super) fn check(path: PathBuf, files: &[LockedFile]) -> Result<Self, String> {
        let folder = File::open(&path).map_err(|error| error.to_string())?;
        let different = differences(&path, files).map_err(|error| error.to_string())?;
        match different.first() {
            None => Ok(Self { path, folder }),
            Some(first) => Err(format!("{}: {}", first.path, first.problem.as_str())),
        }
    }

    /// Answers if there is another folder in its place. What is in it may have been changed: by the
    /// commands before this one, for example.
    pub(super) fn check_place(&self) -> Result<(), String> {
        let there = fs::symlink_metadata(&self.path).map_err(|error| error.to_string())?;
        let seen = self.folder.metadata().map_err(|error| error.to_string())?;
        if (there.dev(), there.ino()) == (seen.dev(), seen.ino()) {
            return Ok(());
        }
        Err("the folder is another one".to_owned())
    }
}
