//! Putting a complete folder where an older one may be.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;

use tempfile::TempDir;

use crate::error::{BundleError, disk_error};
use crate::fresh::{self, hidden_sibling};

/// Renames the complete folder `fresh` to `target`, which is `name` in `parent`, and deletes what was
/// there.
pub(crate) fn install(
    mut fresh: TempDir,
    target: &Path,
    parent: &Path,
    name: &OsStr,
    replace: bool,
) -> Result<(), BundleError> {
    if replace && exchange(fresh.path(), target) {
        discard(fresh);
        return Ok(());
    }
    let aside = if replace {
        Some(hidden_sibling(parent, name, ".old")?)
    } else {
        None
    };
    let old = aside.as_ref().map(|aside| aside.path().join("old"));
    let moved = match &old {
        None => false,
        Some(old) => match fs::rename(target, old) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(disk_error("move aside", target)(error)),
        },
    };
    if let Err(error) = fs::rename(fresh.path(), target) {
        if let (true, Some(old), Some(mut aside)) = (moved, &old, aside)
            && fs::rename(old, target).is_err()
        {
            aside.disable_cleanup(true);
            return Err(disk_error("restore the replaced folder from", old)(error));
        }
        return Err(match error.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                BundleError::TargetExists(target.to_owned())
            }
            _ => disk_error("create", target)(error),
        });
    }
    fresh.disable_cleanup(true);
    if let Some(aside) = aside {
        discard(aside);
    }
    Ok(())
}

pub(crate) fn remove(target: &Path) -> Result<bool, BundleError> {
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "the path names no folder");
        return Err(disk_error("remove", target)(source));
    };
    match fs::symlink_metadata(target) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(disk_error("remove", target)(error)),
    }
    let aside = fresh::partial(parent, name)?;
    match fs::rename(target, aside.path().join("old")) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(disk_error("remove", target)(error)),
    }
    aside.close().map_err(disk_error("remove", target))?;
    Ok(true)
}

/// Swaps what the two names stand for in one step, so that there is always something at both.
///
/// False if that was not possible: there is only one of them, the system or the file system cannot
/// do it, or the reason is one that a plain rename reports just as well.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> bool {
    false
}

/// Deletes what was replaced. The new folder stands by now, so what cannot be deleted is no failure
/// of the install; it stays beside it, hidden.
fn discard(replaced: TempDir) {
    let path = replaced.keep();
    // A file may have been in the folder's place.
    if fs::remove_dir_all(&path).is_err() {
        let _ = fs::remove_file(&path);
    }
}
