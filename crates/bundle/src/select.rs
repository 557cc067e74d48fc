//! Which files of a folder belong into its bundle.

use std::path::{Path, PathBuf};

use ignore::{DirEntry, WalkBuilder};

use crate::error::PackError;
use crate::manifest;

/// Authors list here what shall stay out, in the syntax of `.gitignore`.
const IGNORE_FILE: &str = ".enactignore";

/// Folders that are made by tools and can be made again, besides hidden ones.
const LEFT_OUT_FOLDERS: [&str; 8] = [
    "node_modules",
    "vendor",
    "dist",
    "build",
    "out",
    "target",
    "__pycache__",
    "CVS",
];

/// Secrets and logs, besides hidden files, which `.env` is one of.
const LEFT_OUT_EXTENSIONS: [&str; 3] = ["pem", "key", "log"];

/// Lists the regular files of `dir` that belong into its bundle, in no particular order. What is
/// left out by name stays out whatever the ignore files say; the manifests are always in.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>, PackError> {
    let walk = WalkBuilder::new(dir)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry))
        .build();
    let mut files = Vec::new();
    for entry in walk {
        let entry = entry.map_err(PackError::List)?;
        // An ignore file that cannot be understood might have kept a secret out.
        if let Some(error) = entry.error() {
            return Err(PackError::List(error.clone()));
        }
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            files.push(entry.into_path());
        }
    }
    for name in manifest::NAMES {
        let path = dir.join(name);
        let is_file = path.symlink_metadata().is_ok_and(|facts| facts.is_file());
        if is_file && !files.contains(&path) {
            files.push(path);
        }
    }
    Ok(files)
}

fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    if name.starts_with('.') {
        return true;
    }
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return LEFT_OUT_FOLDERS.contains(&name.as_ref());
    }
    name.rsplit_once('.').is_some_and(|(_, extension)| {
        LEFT_OUT_EXTENSIONS
            .iter()
            .any(|left_out| extension.eq_ignore_ascii_case(left_out))
    })
}
