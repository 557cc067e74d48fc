//! Writing a bundle to disk, all or nothing.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::{BundleError, disk_error};
use crate::parents::Parents;
use crate::path::BundlePath;
use crate::walk::{self, Sink};
use crate::{Contents, Durability, Limits, fresh, swap};

/// How often room is made for a folder whose parents somebody else removes meanwhile.
const TRIES: u32 = 5;

pub(crate) fn extract(
    archive: impl Read,
    limits: &Limits,
    target: &Path,
    replace: bool,
) -> Result<Contents, BundleError> {
    if !replace && fs::symlink_metadata(target).is_ok() {
        return Err(BundleError::TargetExists(target.to_owned()));
    }
    let unpacked = unpack(archive, limits, target, Durability::Flushed)?;
    // By the clock of the file system, which has stamped the fresh folder.
    let now = fs::metadata(unpacked.fresh.path()).and_then(|facts| facts.modified());
    if let Ok(now) = now {
        fresh::remove_left_over([target], now);
    }
    unpacked.put_in_place(replace).map(Placed::keep)
}

/// A bundle that was unpacked to a hidden folder beside the place where it belongs. The folder goes
/// away with the value, unless it is put in its place.
#[derive(Debug)]
pub struct Unpacked {
    contents: Contents,
    // Before the parents, which can go only when they are empty.
    fresh: TempDir,
    parents: Parents,
    target: PathBuf,
    parent: PathBuf,
    name: OsString,
    durability: Durability,
}

pub(crate) fn unpack(
    archive: impl Read,
    limits: &Limits,
    target: &Path,
    durability: Durability,
) -> Result<Unpacked, BundleError> {
    let name = target.file_name().ok_or_else(|| BundleError::Disk {
        action: "extract to",
        path: target.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidInput, "the path names no new folder"),
    })?;
    let parent = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let (parents, fresh) = make_room(parent, name)?;
    let mut disk = Disk {
        root: fresh.path(),
        folders: vec![fresh.path().to_owned()],
        file: None,
        durability,
    };
    let contents = walk::walk(archive, limits, &mut disk)?;
    disk.sync_folders()?;
    Ok(Unpacked {
        contents,
        fresh,
        parents,
        target: target.to_owned(),
        parent: parent.to_owned(),
        name: name.to_owned(),
        durability,
    })
}

impl Unpacked {
    /// What the bundle holds.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Renames the folder to the target that was named, in the way of [`extract`](crate::extract). It
    /// stays there only if the answer is [kept](Placed::keep).
    pub fn put_in_place(self, replace: bool) -> Result<Placed, BundleError> {
        let Self { fresh, parents, .. } = self;
        let swapped = swap::install(fresh, &self.target, &self.parent, &self.name, replace)?;
        if self.durability == Durability::Flushed {
            // What stands is complete either way; this only makes it outlast a power failure that
            // comes right now, and some file systems cannot do it.
            let _ = sync_folder(&self.parent);
        }
        Ok(Placed {
            contents: self.contents,
            swapped,
            parents,
        })
    }
}

/// A folder that was put in its place. Dropping the value brings back what was there before: so several
/// can be put in their places, and all of that undone if one cannot.
#[derive(Debug)]
#[must_use = "what is not kept is undone"]
pub struct Placed {
    contents: Contents,
    // Before the parents, which can go only when they are empty.
    swapped: swap::Swapped,
    parents: Parents,
}

impl Placed {
    /// What the folder holds.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// Lets it stay, and deletes what was there before.
    pub fn keep(self) -> Contents {
        self.swapped.keep();
        self.parents.keep();
        self.contents
    }
}

/// What was removed from its place, and still is beside it, hidden. Dropping the value brings it back.
#[derive(Debug)]
#[must_use = "what is not deleted is brought back"]
pub struct SetAside(swap::Swapped);

impl SetAside {
    /// Deletes it for good.
    pub fn delete(self) -> Result<(), BundleError> {
        self.0.delete()
    }
}

/// Takes away what is at `target`; `None` if there is nothing.
pub(crate) fn set_aside(target: &Path) -> Result<Option<SetAside>, BundleError> {
    Ok(swap::remove(target)?.map(SetAside))
}

/// A fresh folder in `parent`, which is made if it is not there.
fn make_room(parent: &Path, name: &OsStr) -> Result<(Parents, TempDir), BundleError> {
    let mut tries = 1;
    loop {
        let parents = Parents::create(parent)?;
        match fresh::partial(parent, name) {
            // Another process made the parent, failed, and took it away again.
            Err(BundleError::Disk { source, .. })
                if source.kind() == io::ErrorKind::NotFound && tries < TRIES =>
            {
                tries += 1;
            }
            fresh => return Ok((parents, fresh?)),
        }
    }
}

/// Writes into a fresh folder that nobody else writes to, so no link can be in the way.
struct Disk<'r> {
    root: &'r Path,
    /// To be flushed at the end.
    folders: Vec<PathBuf>,
    file: Option<(PathBuf, File)>,
    durability: Durability,
}

impl Disk<'_> {
    fn sync_folders(&self) -> Result<(), BundleError> {
        if self.durability == Durability::Unflushed {
            return Ok(());
        }
        for folder in &self.folders {
            sync_folder(folder).map_err(disk_error("flush", folder))?;
        }
        Ok(())
    }
}

impl Sink for Disk<'_> {
    fn folder(&mut self, path: &str) -> Result<(), BundleError> {
        let path = self.root.join(path);
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o755);
        builder.create(&path).map_err(disk_error("create", &path))?;
        self.folders.push(path);
        Ok(())
    }

    fn file(&mut self, path: &BundlePath, executable: bool) -> Result<(), BundleError> {
        let path = self.root.join(path.as_str());
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(
            &mut options,
            if executable { 0o755 } else { 0o644 },
        );
        #[cfg(not(unix))]
        let _ = executable;
        let file = options.open(&path).map_err(disk_error("create", &path))?;
        self.file = Some((path, file));
        Ok(())
    }

    fn data(&mut self, chunk: &[u8]) -> Result<(), BundleError> {
        match &mut self.file {
            Some((path, file)) => file.write_all(chunk).map_err(disk_error("write", path)),
            None => Ok(()),
        }
    }

    fn file_end(&mut self) -> Result<(), BundleError> {
        match self.file.take() {
            Some((path, file)) if self.durability == Durability::Flushed => {
                file.sync_all().map_err(disk_error("flush", &path))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
