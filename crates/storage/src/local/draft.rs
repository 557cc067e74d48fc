//! An object that is being written.
//!
//! A draft lies in a folder of its own on the same file system, where no key reaches it. Publishing
//! it is one call, so that its steps cannot be taken in another order: the bytes are flushed before
//! the name exists, and the name is flushed before anybody is told.

use std::fs::File;
use std::io::Write as _;
use std::sync::Arc;

use rustix::fs::{AtFlags, FileType, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::attributes::Attributes;
use super::errors::{collision, fault, io_fault};
use super::read::etag;
use super::root::{Folder, Root};
use crate::Key;
use crate::error::{Fault, StorageErrorKind};
use crate::random::unique_name;

pub(super) struct Draft {
    root: Arc<Root>,
    name: String,
    file: File,
}

/// What is known of an object once it is published.
pub(super) struct Published {
    pub(super) etag: String,
    pub(super) size: u64,
}

impl Draft {
    pub(super) fn create(root: &Arc<Root>) -> Result<Self, Fault> {
        let name = unique_name()?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(root.drafts(), &name, flags, Mode::from_raw_mode(0o666))
            .map_err(|error| match error {
                // Not an absent object, but a store whose folder was taken away.
                Errno::NOENT => Fault::new(
                    StorageErrorKind::BucketNotFound,
                    format!("the storage folder {} is gone", root.path().display()),
                ),
                error => fault("creating a file", error),
            })?;
        Ok(Self {
            root: Arc::clone(root),
            name,
            file: File::from(fd),
        })
    }

    /// When it was last written to, in seconds, by the file system's clock.
    pub(super) fn modified(&self) -> Result<i64, Fault> {
        let stat =
            rustix::fs::fstat(&self.file).map_err(|error| fault("looking at a new file", error))?;
        Ok(stat.st_mtime)
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        self.file
            .write_all(bytes)
            .map_err(|error| io_fault("writing the object", error))
    }

    /// Writes what `source` holds, read from its start.
    pub(super) fn write_file(&mut self, source: &File) -> Result<(), Fault> {
        use std::os::unix::fs::FileExt as _;
        let mut buffer = vec![0; 256 * 1024];
        let mut offset = 0;
        loop {
            match source.read_at(&mut buffer, offset) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    self.write(&buffer[..read])?;
                    offset += read as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(Fault::new(
                        StorageErrorKind::InvalidInput,
                        format!("the file to upload cannot be read: {error}"),
                    )
                    .with_source(error));
                }
            }
        }
    }

    /// Makes the draft the object of `key`.
    pub(super) fn publish(
        self,
        key: &Key,
        attributes: &Attributes,
        create_only: bool,
    ) -> Result<Published, Fault> {
        attributes.write_to(&self.file)?;
        self.file
            .sync_all()
            .map_err(|error| io_fault("flushing the object to disk", error))?;
        let stat = rustix::fs::fstat(&self.file)
            .map_err(|error| fault("looking at the new object", error))?;
        let (folder, name) = self.root.make_way(key)?;
        let named = if create_only {
            self.name_new(&folder, name)
        } else {
            rustix::fs::renameat(self.root.drafts(), &self.name, &folder, name)
        };
        named.map_err(|error| refused(&folder, name, error))?;
        rustix::fs::fsync(&folder)
            .map_err(|error| fault("flushing the object's folder to disk", error))?;
        Ok(Published {
            etag: etag(&stat),
            size: u64::try_from(stat.st_size).unwrap_or_default(),
        })
    }

    /// Gives the draft its name unless something has it already, in one step of the file system.
    fn name_new(&self, folder: &Folder<'_>, name: &str) -> Result<(), Errno> {
        let drafts = self.root.drafts();
        match rustix::fs::linkat(drafts, &self.name, folder, name, AtFlags::empty()) {
            // File systems without hard links.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => {
                rustix::fs::renameat_with(drafts, &self.name, folder, name, RenameFlags::NOREPLACE)
            }
            linked => linked,
        }
    }
}

impl Drop for Draft {
    /// Removes the draft's own name. After a rename there is none, and after a link the object has
    /// the other one.
    fn drop(&mut self) {
        let _ = rustix::fs::unlinkat(self.root.drafts(), &self.name, AtFlags::empty());
    }
}

fn refused(folder: &Folder<'_>, name: &str, error: Errno) -> Fault {
    let is_folder = || {
        rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
            .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory)
    };
    match error {
        Errno::EXIST | Errno::ISDIR | Errno::NOTEMPTY if is_folder() => {
            collision("other objects have keys below this one")
        }
        Errno::EXIST => Fault::new(
            StorageErrorKind::AlreadyExists,
            "an object with this key is already there",
        ),
        error => fault("giving the object its name", error),
    }
}
