//! Putting a complete folder where an older one may be.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{BundleError, disk_error};
use crate::fresh::{self, hidden_sibling};

/// What the folder that stood at a target is called inside of the hidden one that it is moved to.
const OLD: &str = "old";

/// A change of what stands at a target, which is undone when the value is dropped, unless it is to stay.
#[derive(Debug)]
pub(crate) struct Swapped {
    target: PathBuf,
    before: Before,
}

/// Where what stood at the target before is now.
#[derive(Debug)]
enum Before {
    /// There was nothing.
    Nothing,
    /// This is it.
    Exchanged(TempDir),
    /// It is in this one, as [`OLD`].
    Aside(TempDir),
    /// The change stays: nothing is to be undone.
    Settled,
}

/// Renames the complete folder `fresh` to `target`, which is `name` in `parent`.
pub(crate) fn install(
    mut fresh: TempDir,
    target: &Path,
    parent: &Path,
    name: &OsStr,
    replace: bool,
) -> Result<Swapped, BundleError> {
    let swapped = |before| Swapped {
        target: target.to_owned(),
        before,
    };
    let aside = match replace.then(|| exchange(fresh.path(), target)) {
        Some(Exchange::Done) => return Ok(swapped(Before::Exchanged(fresh))),
        // What takes that place meanwhile makes the rename fail, unless it is an empty folder.
        None | Some(Exchange::OnlyOne) => None,
        Some(Exchange::Failed) => move_aside(target, hidden_sibling(parent, name, ".old")?)?,
    };
    if let Err(error) = fs::rename(fresh.path(), target) {
        if let Some(aside) = aside
            && let Err(aside) = restore(aside, target)
        {
            let old = aside.join(OLD);
            return Err(disk_error("restore the replaced folder from", &old)(error));
        }
        return Err(match error.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                BundleError::TargetExists(target.to_owned())
            }
            _ => disk_error("create", target)(error),
        });
    }
    fresh.disable_cleanup(true);
    Ok(swapped(aside.map_or(Before::Nothing, Before::Aside)))
}

/// Renames what is at `target` to a hidden name beside it; `None` if there is nothing.
pub(crate) fn remove(target: &Path) -> Result<Option<Swapped>, BundleError> {
    let (Some(parent), Some(name)) = (target.parent(), target.file_name()) else {
        let source = io::Error::new(io::ErrorKind::InvalidInput, "the path names no folder");
        return Err(disk_error("remove", target)(source));
    };
    match fs::symlink_metadata(target) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(disk_error("remove", target)(error)),
    }
    let aside = move_aside(target, fresh::partial(parent, name)?)?;
    Ok(aside.map(|aside| Swapped {
        target: target.to_owned(),
        before: Before::Aside(aside),
    }))
}

/// Moves what is at `target` into `aside`; `None` if there is nothing.
fn move_aside(target: &Path, aside: TempDir) -> Result<Option<TempDir>, BundleError> {
    match fs::rename(target, aside.path().join(OLD)) {
        Ok(()) => Ok(Some(aside)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(disk_error("move aside", target)(error)),
    }
}

/// Moves back what was moved into `aside`. If that fails, it stays there, and the answer is where.
fn restore(mut aside: TempDir, target: &Path) -> Result<(), PathBuf> {
    if fs::rename(aside.path().join(OLD), target).is_ok() {
        return Ok(());
    }
    aside.disable_cleanup(true);
    Err(aside.path().to_owned())
}

impl Swapped {
    /// Lets the change stay, and deletes what stood there before. What cannot be deleted is no failure
    /// of the change; it stays beside the target, hidden.
    pub(crate) fn keep(mut self) {
        match mem::replace(&mut self.before, Before::Settled) {
            Before::Nothing | Before::Settled => {}
            Before::Exchanged(old) | Before::Aside(old) => discard(old),
        }
    }

    /// As [`keep`](Self::keep), and fails if what stood there cannot be deleted.
    pub(crate) fn delete(mut self) -> Result<(), BundleError> {
        match mem::replace(&mut self.before, Before::Settled) {
            Before::Nothing | Before::Settled => Ok(()),
            Before::Exchanged(old) | Before::Aside(old) => {
                old.close().map_err(disk_error("remove", &self.target))
            }
        }
    }
}

impl Drop for Swapped {
    fn drop(&mut self) {
        // What cannot be undone is left as it is: nothing that stood there before is deleted.
        match mem::replace(&mut self.before, Before::Settled) {
            Before::Settled => {}
            Before::Nothing => {
                if let Ok(Some(new)) = remove(&self.target) {
                    new.keep();
                }
            }
            Before::Exchanged(mut old) => {
                if exchange(old.path(), &self.target) != Exchange::Done {
                    old.disable_cleanup(true);
                }
            }
            Before::Aside(aside) => {
                // Fails where nothing took its place.
                let _ = fs::rename(&self.target, aside.path().join("new"));
                let _ = restore(aside, &self.target);
            }
        }
    }
}

/// What came of [`exchange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exchange {
    Done,
    /// There is nothing at one of the names.
    OnlyOne,
    /// The system or the file system cannot do it, or the reason is one that a plain rename reports
    /// just as well.
    Failed,
}

/// Swaps what the two names stand for in one step, so that there is always something at both.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> Exchange {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Exchange::Done,
        Err(rustix::io::Errno::NOENT) => Exchange::OnlyOne,
        Err(_) => Exchange::Failed,
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> Exchange {
    Exchange::Failed
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
