//! Which files of a folder belong into its bundle.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ignore::{DirEntry, WalkBuilder};

use crate::error::PackError;
use crate::file_names;
use crate::manifest;

/// Authors list here what shall stay out, in the syntax of `.gitignore`.
const IGNORE_FILE: &str = ".enactignore";

/// What may say in any folder which files stay out.
const IGNORE_FILES: [&str; 2] = [IGNORE_FILE, ".gitignore"];

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

/// Why something that is no hidden file, no log and in no ignore file is left out of the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOutBecause {
    /// Its name is one of those that keys and credentials have.
    MayBeSecret,
    /// It is a link, which a bundle cannot hold.
    Link,
    /// It is neither a file nor a folder nor a link.
    Special,
    /// It is a packed bundle of this very skill.
    OwnBundle,
}

/// What a folder holds for its bundle.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// The regular files that belong into it, in no particular order.
    pub(crate) files: Vec<PathBuf>,
    /// What its author may wonder about, in no particular order.
    pub(crate) left_out: Vec<(PathBuf, LeftOutBecause)>,
}

/// Lists what is in `dir`. What is left out by name stays out whatever the ignore files say; the
/// manifests are always in.
pub(crate) fn files(dir: &Path) -> Result<Selection, PackError> {
    if let Some(path) = unusable_ignore_file(dir) {
        return Err(PackError::IgnoreFile(path));
    }
    let secrets = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&secrets);
    let unusable = Arc::new(Mutex::new(None));
    let found = Arc::clone(&unusable);
    let walk = WalkBuilder::new(dir)
        .standard_filters(false)
        .git_ignore(true)
        .require_git(false)
        .add_custom_ignore_filename(IGNORE_FILE)
        .filter_entry(move |entry| {
            if entry.depth() > 0 && is_private(entry) {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.push((entry.path().to_owned(), LeftOutBecause::MayBeSecret));
                return false;
            }
            if entry.depth() == 0 {
                return true;
            }
            if is_left_out(entry) {
                return false;
            }
            let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
            match is_folder
                .then(|| unusable_ignore_file(entry.path()))
                .flatten()
            {
                None => true,
                Some(path) => {
                    *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(path);
                    false
                }
            }
        })
        .build();
    let mut selection = Selection::default();
    for entry in walk {
        let entry = entry.map_err(PackError::List)?;
        // An ignore file that cannot be understood might have kept a secret out.
        if let Some(error) = entry.error() {
            return Err(PackError::List(error.clone()));
        }
        let Some(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_file() {
            selection.files.push(entry.into_path());
        } else if kind.is_symlink() {
            let link = (entry.into_path(), LeftOutBecause::Link);
            selection.left_out.push(link);
        } else if !kind.is_dir() {
            let special = (entry.into_path(), LeftOutBecause::Special);
            selection.left_out.push(special);
        }
    }
    if let Some(path) = unusable
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take()
    {
        return Err(PackError::IgnoreFile(path));
    }
    let mut secrets = secrets.lock().unwrap_or_else(PoisonError::into_inner);
    selection.left_out.append(&mut secrets);
    for name in manifest::NAMES {
        let path = dir.join(name);
        let is_file = path.symlink_metadata().is_ok_and(|facts| facts.is_file());
        if is_file && !selection.files.contains(&path) {
            selection.files.push(path);
        }
    }
    Ok(selection)
}

/// An ignore file in `folder` that is no regular file. Whoever opens a pipe waits for ever, so this has
/// to be known before the walk reads it.
fn unusable_ignore_file(folder: &Path) -> Option<PathBuf> {
    let mut paths = IGNORE_FILES.into_iter().map(|name| folder.join(name));
    paths.find(|path| fs::metadata(path).is_ok_and(|facts| !facts.is_file()))
}

/// Whether it is a visible file that may hold a secret. (A hidden one is left out like all others.)
fn is_private(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    !is_folder && !name.starts_with('.') && file_names::may_be_secret(&name)
}

fn is_left_out(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    if name.starts_with('.') {
        return true;
    }
    if entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return LEFT_OUT_FOLDERS.contains(&name.as_ref());
    }
    file_names::has_extension(&name, &["log"])
}
