//! Which files of a folder belong into its bundle.

use std::fs::{self, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::error::PackError;
use crate::ignore_rules::{self, IgnoreRules};
use crate::{file_names, manifest};

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
    let real = dir.canonicalize().map_err(cannot_read(dir))?;
    let mut selection = Selection::default();
    let mut folders = vec![(PathBuf::new(), IgnoreRules::of_repository(&real)?)];
    while let Some((folder, above)) = folders.pop() {
        let path = dir.join(&folder);
        let rules = IgnoreRules::inside(&path, &real.join(&folder), &above)?;
        for entry in fs::read_dir(&path).map_err(cannot_read(&path))? {
            let entry = entry.map_err(cannot_read(&path))?;
            let kind = entry.file_type().map_err(cannot_read(&entry.path()))?;
            let inside = folder.join(entry.file_name());
            if ignore_rules::is_ignored(&rules, &real.join(&inside), kind.is_dir()) {
                continue;
            }
            let found = dir.join(&inside);
            match fate(&entry.file_name().to_string_lossy(), kind) {
                Fate::Folder => folders.push((inside, rules.clone())),
                Fate::File => selection.files.push(found),
                Fate::Told(because) => selection.left_out.push((found, because)),
                Fate::Untold => {}
            }
        }
    }
    for name in manifest::NAMES {
        let path = dir.join(name);
        let is_file = path.symlink_metadata().is_ok_and(|facts| facts.is_file());
        if is_file && !selection.files.contains(&path) {
            selection.files.push(path);
        }
    }
    Ok(selection)
}

fn cannot_read(path: &Path) -> impl FnOnce(io::Error) -> PackError {
    let path = path.to_owned();
    |source| PackError::Read { path, source }
}

/// What becomes of something that no ignore file names.
enum Fate {
    /// It is looked into.
    Folder,
    /// It is packed.
    File,
    /// It is left out, and its author may wonder why.
    Told(LeftOutBecause),
    /// It is left out, as everybody expects.
    Untold,
}

fn fate(name: &str, kind: FileType) -> Fate {
    if is_private(name, kind) {
        Fate::Told(LeftOutBecause::MayBeSecret)
    } else if is_left_out(name, kind) {
        Fate::Untold
    } else if kind.is_dir() {
        Fate::Folder
    } else if kind.is_file() {
        Fate::File
    } else if kind.is_symlink() {
        Fate::Told(LeftOutBecause::Link)
    } else {
        Fate::Told(LeftOutBecause::Special)
    }
}

/// Whether it is a visible file that may hold a secret. (A hidden one is left out like all others.)
fn is_private(name: &str, kind: FileType) -> bool {
    !kind.is_dir() && !name.starts_with('.') && file_names::may_be_secret(name)
}

fn is_left_out(name: &str, kind: FileType) -> bool {
    if name.starts_with('.') {
        return true;
    }
    if kind.is_dir() {
        return LEFT_OUT_FOLDERS.contains(&name);
    }
    file_names::has_extension(name, &["log"])
}
