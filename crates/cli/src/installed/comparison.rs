//! Compares a skill's folder with what is locked.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io::{self, Read as _};
use std::path::Path;

use enact_types::{Digest, Hasher};
use serde::Serialize;

use super::lockfile::{LockedFile, Mode};
use crate::regular_file;

/// How much of a file is in memory at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// A file that is not as it is locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Difference {
    /// The path inside the skill's folder; of a folder with a slash at its end.
    pub(crate) path: String,
    /// What is different.
    pub(crate) problem: Problem,
}

/// What is different.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Problem {
    /// It is not there.
    Missing,
    /// It holds something else, or is no regular file.
    Changed,
    /// It holds the right thing, and has other permissions.
    Mode,
    /// It is there and not in the lock.
    Extra,
}

impl Problem {
    /// A word for a table.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Mode => "mode",
            Self::Extra => "extra",
        }
    }
}

/// Whether every file of `files` is in `folder` as it is locked. There may be more: what a skill makes
/// when it is used is no reason to install it again.
pub(crate) fn is_as_locked(folder: &Path, files: &[LockedFile]) -> bool {
    // A link to a folder that holds the right files is none that was installed.
    let folders = files.iter().flat_map(|file| folders_of(&file.path));
    let folders: BTreeSet<&str> = folders.collect();
    let is_folder = |path: &&str| {
        let facts = fs::symlink_metadata(folder.join(path));
        facts.is_ok_and(|facts| facts.is_dir())
    };
    let mut files = files.iter();
    files.all(|file| matches!(problem(folder, file), Ok(None))) && folders.iter().all(is_folder)
}

/// The folders that a file lies in, inside of its skill's.
fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

/// Every difference between `folder` and `files`, sorted by path. Fails if something cannot be read.
pub(crate) fn differences(folder: &Path, files: &[LockedFile]) -> io::Result<Vec<Difference>> {
    let mut found = Vec::new();
    let mut known = Known::default();
    for file in files {
        known.files.insert(&file.path);
        known.folders.extend(folders_of(&file.path));
        if let Some(problem) = problem(folder, file)? {
            found.push(Difference {
                path: file.path.clone(),
                problem,
            });
        }
    }
    extras(folder, "", &known, &mut found)?;
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// The paths that are locked, and the folders that they lie in.
#[derive(Default)]
struct Known<'f> {
    files: BTreeSet<&'f str>,
    folders: BTreeSet<&'f str>,
}

fn problem(folder: &Path, file: &LockedFile) -> io::Result<Option<Problem>> {
    let path = folder.join(&file.path);
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                    Ok(Some(Problem::Missing))
                }
                _ => Err(error),
            };
        }
    };
    if !metadata.is_file() || metadata.len() != file.size || hash(&path)? != file.hash {
        return Ok(Some(Problem::Changed));
    }
    Ok((!has_mode(&metadata, file.mode)).then_some(Problem::Mode))
}

/// The digest of a file.
pub(crate) fn hash(path: &Path) -> io::Result<Digest> {
    let mut file = regular_file::open(path)?;
    let mut hasher = Hasher::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&chunk[..read]),
        }
    }
}

/// Whether the owner may execute it or not, as it is locked, and nobody may do more than that: the
/// umask takes away, and gives nothing.
#[cfg(unix)]
fn has_mode(metadata: &Metadata, mode: Mode) -> bool {
    let actual = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777;
    let locked = match mode {
        Mode::Plain => 0o644,
        Mode::Executable => 0o755,
    };
    actual & !locked == 0 && (actual ^ locked) & 0o100 == 0
}

#[cfg(not(unix))]
fn has_mode(_: &Metadata, _: Mode) -> bool {
    true
}

/// What is in `folder`, below `prefix`, and not known. A folder that holds nothing known is one
/// difference, however much is in it; an empty one is none.
fn extras(
    root: &Path,
    prefix: &str,
    known: &Known<'_>,
    found: &mut Vec<Difference>,
) -> io::Result<()> {
    let entries = match fs::read_dir(root.join(prefix)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = if prefix.is_empty() {
            name.into_owned()
        } else {
            format!("{prefix}/{name}")
        };
        let is_folder = entry.file_type()?.is_dir();
        if known.files.contains(path.as_str()) {
            // Whatever it is, it has been looked at.
            continue;
        }
        let problem = match (known.folders.contains(path.as_str()), is_folder) {
            (true, true) => {
                extras(root, &path, known, found)?;
                continue;
            }
            // A link, which may lead anywhere.
            (true, false) => Problem::Changed,
            (false, true) if !holds_files(&entry.path())? => continue,
            (false, _) => Problem::Extra,
        };
        let slash = if is_folder { "/" } else { "" };
        found.push(Difference {
            path: format!("{path}{slash}"),
            problem,
        });
    }
    Ok(())
}

/// Whether there is anything but folders in `folder`, however deep.
fn holds_files(folder: &Path) -> io::Result<bool> {
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                return Ok(true);
            }
            open.push(entry.path());
        }
    }
    Ok(false)
}
