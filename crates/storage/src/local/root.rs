//! The folder that a local store is in, and the only way to reach anything in it.
//!
//! Every path is walked one segment at a time from the root's descriptor, following no symbolic
//! link, so that no key and nobody who can write into the folder leads out of it.

use std::collections::HashSet;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;

use super::errors::{absent, collision, fault};
use crate::Key;
use crate::error::Fault;
use crate::key::RESERVED_SEGMENT;

/// Folders are read-only handles that survive renames and are closed on `exec`.
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// How many folders are remembered as durable before starting over; bounds the memory.
const REMEMBERED: usize = 4096;

pub(super) struct Root {
    fd: OwnedFd,
    drafts: OwnedFd,
    path: PathBuf,
    /// Folders whose own entry this process has flushed to disk.
    durable: Mutex<HashSet<String>>,
}

/// A folder below the root, or the root itself.
pub(super) enum Folder<'a> {
    Root(BorrowedFd<'a>),
    Below(OwnedFd),
}

impl AsFd for Folder<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Root(fd) => fd.as_fd(),
            Self::Below(fd) => fd.as_fd(),
        }
    }
}

impl Root {
    /// Opens a folder, creating it and the folders above it where they are missing. Links are
    /// followed up to here: where the store is, is the operator's choice.
    pub(super) fn open(path: &Path) -> Result<Self, Fault> {
        let doing = format!("opening the storage folder {}", path.display());
        let failed = |error| super::errors::io_fault(&doing, error);
        create_durably(path).map_err(failed)?;
        let path = path.canonicalize().map_err(failed)?;
        let fd = rustix::fs::open(&path, FOLDER, Mode::empty()).map_err(|e| fault(&doing, e))?;
        match rustix::fs::mkdirat(&fd, RESERVED_SEGMENT, Mode::from_raw_mode(0o700)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(fault(&doing, error)),
        }
        let drafts = rustix::fs::openat(&fd, RESERVED_SEGMENT, FOLDER, Mode::empty())
            .map_err(|error| fault(&doing, error))?;
        Ok(Self {
            fd,
            drafts,
            path,
            durable: Mutex::default(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of unfinished files.
    pub(super) fn drafts(&self) -> BorrowedFd<'_> {
        self.drafts.as_fd()
    }

    pub(super) fn folder(&self) -> Folder<'_> {
        Folder::Root(self.fd.as_fd())
    }

    /// Opens a folder inside another one.
    pub(super) fn enter(folder: &Folder<'_>, name: &str) -> Result<Folder<'static>, Errno> {
        rustix::fs::openat(folder, name, FOLDER, Mode::empty()).map(Folder::Below)
    }

    /// The folder that holds the object, and the object's name in it. Absent if a folder is
    /// missing or is no folder.
    pub(super) fn find<'k>(&self, key: &'k Key) -> Result<(Folder<'_>, &'k str), Fault> {
        let mut folder = self.folder();
        let mut segments = key.segments().peekable();
        while let Some(segment) = segments.next() {
            if segments.peek().is_none() {
                return Ok((folder, segment));
            }
            folder = match Self::enter(&folder, segment) {
                Ok(below) => below,
                Err(error) => return Err(not_entered(&folder, segment, error, absent())),
            };
        }
        Err(absent())
    }

    /// As [`find`](Self::find), creating the folders that are missing. On return every folder on
    /// the way would survive a loss of power.
    pub(super) fn make_way<'k>(&self, key: &'k Key) -> Result<(Folder<'_>, &'k str), Fault> {
        let mut folder = self.folder();
        let mut segments = key.segments().peekable();
        let mut walked = String::new();
        while let Some(segment) = segments.next() {
            if segments.peek().is_none() {
                return Ok((folder, segment));
            }
            if !walked.is_empty() {
                walked.push('/');
            }
            walked.push_str(segment);
            let below = self.enter_or_create(&folder, segment, &walked)?;
            folder = below;
        }
        Err(absent())
    }

    fn enter_or_create(
        &self,
        folder: &Folder<'_>,
        name: &str,
        walked: &str,
    ) -> Result<Folder<'static>, Fault> {
        let doing = "creating the folder of the object";
        let mut created = false;
        let below = match Self::enter(folder, name) {
            Err(Errno::NOENT) => {
                match rustix::fs::mkdirat(folder, name, Mode::from_raw_mode(0o777)) {
                    Ok(()) => created = true,
                    Err(Errno::EXIST) => {}
                    Err(error) => return Err(fault(doing, error)),
                }
                Self::enter(folder, name)
            }
            entered => entered,
        }
        .map_err(|error| {
            let taken = collision(&format!("an object has the key {walked:?}"));
            not_entered(folder, name, error, taken)
        })?;
        // A folder that was there may have been created a moment ago by another upload that has
        // not flushed it yet, so the first use flushes it as well.
        if created || !self.is_durable(walked) {
            rustix::fs::fsync(folder).map_err(|error| fault(doing, error))?;
            self.remember_durable(walked);
        }
        Ok(below)
    }

    fn is_durable(&self, walked: &str) -> bool {
        let durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        durable.contains(walked)
    }

    fn remember_durable(&self, walked: &str) {
        let mut durable = self.durable.lock().unwrap_or_else(PoisonError::into_inner);
        if durable.len() >= REMEMBERED {
            durable.clear();
        }
        durable.insert(walked.to_owned());
    }
}

/// Why a folder could not be entered. Opening a link as a folder gives the same error as opening a
/// file, hence the second look.
fn not_entered(folder: &Folder<'_>, name: &str, error: Errno, no_folder: Fault) -> Fault {
    match error {
        Errno::NOENT => absent(),
        Errno::NOTDIR => match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::Symlink => {
                fault("opening a folder", Errno::LOOP)
            }
            _ => no_folder,
        },
        other => fault("opening a folder", other),
    }
}

/// Creates a folder and the ones above it, each flushed into its parent before the next.
fn create_durably(path: &Path) -> std::io::Result<()> {
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.is_dir())
        .collect();
    for folder in missing.into_iter().rev() {
        match std::fs::create_dir(folder) {
            Err(error) if !folder.is_dir() => return Err(error),
            // Created, here or by another process that has perhaps not flushed it.
            _ => {}
        }
        let parent = match folder.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        std::fs::File::open(parent)?.sync_all()?;
    }
    Ok(())
}
