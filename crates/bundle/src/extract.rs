//! Writing a bundle to disk, all or nothing.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::BundleError;
use crate::path::BundlePath;
use crate::walk::{self, Sink};
use crate::{Contents, Limits};

pub(crate) fn extract(
    archive: impl Read,
    limits: &Limits,
    target: &Path,
    replace: bool,
) -> Result<Contents, BundleError> {
    let name = target.file_name().ok_or_else(|| BundleError::Disk {
        action: "extract to",
        path: target.to_owned(),
        source: io::Error::new(io::ErrorKind::InvalidInput, "the path names no new folder"),
    })?;
    let parent = match target.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    if !replace && fs::symlink_metadata(target).is_ok() {
        return Err(BundleError::TargetExists(target.to_owned()));
    }
    let parents = Parents::create(parent)?;
    let fresh = hidden_sibling(parent, name, ".partial")?;
    let mut disk = Disk {
        root: fresh.path(),
        folders: vec![fresh.path().to_owned()],
        file: None,
    };
    let contents = walk::walk(archive, limits, &mut disk)?;
    disk.sync_folders()?;
    install(fresh, target, parent, name, replace)?;
    parents.keep();
    // What stands is complete either way; this only makes it outlast a power failure that comes
    // right now, and some file systems cannot do it.
    let _ = sync_folder(parent);
    Ok(contents)
}

/// Renames the complete folder to `target`, and deletes what was there.
fn install(
    mut fresh: TempDir,
    target: &Path,
    parent: &Path,
    name: &OsStr,
    replace: bool,
) -> Result<(), BundleError> {
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
        let path = aside.path().to_owned();
        aside
            .close()
            .map_err(disk_error("delete the replaced folder", &path))?;
    }
    Ok(())
}

/// A fresh folder beside `name` that goes away when dropped.
fn hidden_sibling(parent: &Path, name: &OsStr, suffix: &str) -> Result<TempDir, BundleError> {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(suffix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
    builder
        .tempdir_in(parent)
        .map_err(disk_error("create a folder in", parent))
}

/// Folders that were made on the way to the target, and that go away again unless kept.
struct Parents(Vec<PathBuf>);

impl Parents {
    fn create(parent: &Path) -> Result<Self, BundleError> {
        let missing = parent
            .ancestors()
            .take_while(|folder| *folder != Path::new("") && !folder.exists())
            .map(Path::to_owned)
            .collect();
        let created = Self(missing);
        fs::create_dir_all(parent).map_err(disk_error("create", parent))?;
        Ok(created)
    }

    fn keep(mut self) {
        self.0.clear();
    }
}

impl Drop for Parents {
    fn drop(&mut self) {
        // Innermost first; one that somebody else uses by now is not empty and stays.
        for folder in &self.0 {
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Writes into a fresh folder that nobody else writes to, so no link can be in the way.
struct Disk<'r> {
    root: &'r Path,
    /// To be flushed at the end.
    folders: Vec<PathBuf>,
    file: Option<(PathBuf, File)>,
}

impl Disk<'_> {
    fn sync_folders(&self) -> Result<(), BundleError> {
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
            Some((path, file)) => file.sync_all().map_err(disk_error("flush", &path)),
            None => Ok(()),
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

fn disk_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BundleError {
    let path = path.to_owned();
    move |source| BundleError::Disk {
        action,
        path,
        source,
    }
}
