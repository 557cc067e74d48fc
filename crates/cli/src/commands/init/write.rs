//! Writes the files of a new skill, all or none, and over no other.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::template::NewFile;
use crate::exit::Failure;

/// Writes `files` into `folder`, which is made if it is not there. After a failure nothing of them is
/// left.
pub(super) fn write(folder: &Path, files: &[NewFile]) -> Result<(), Failure> {
    let taken: Vec<_> = files
        .iter()
        .map(|file| folder.join(file.path))
        .filter(|path| path.symlink_metadata().is_ok())
        .map(|path| path.display().to_string())
        .collect();
    if !taken.is_empty() {
        let message = format!("there is something already: {}", taken.join(", "));
        return Err(Failure::new("EXISTS", message)
            .hint("nothing was written; name another folder by --dir, or move these away"));
    }
    let mut made = Made::default();
    for file in files {
        let path = folder.join(file.path);
        let written = made.file(&path, file);
        written.map_err(|error| {
            Failure::io(format!("cannot write {}", path.display()), &error)
                .hint("nothing was left behind")
        })?;
    }
    made.keep();
    Ok(())
}

/// What was made; dropped, it is removed again.
#[derive(Default)]
struct Made {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Made {
    fn file(&mut self, path: &Path, file: &NewFile) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            self.folder(folder)?;
        }
        let mode = if file.executable { 0o777 } else { 0o666 };
        // Not over what somebody else has made meanwhile.
        let mut options = OpenOptions::new();
        let mut new = options.write(true).create_new(true).mode(mode).open(path)?;
        self.files.push(path.to_owned());
        new.write_all(file.text.as_bytes())
    }

    fn folder(&mut self, path: &Path) -> io::Result<()> {
        if path.as_os_str().is_empty() || path.is_dir() {
            return Ok(());
        }
        if let Some(parent) = path.parent() {
            self.folder(parent)?;
        }
        fs::create_dir(path)?;
        self.folders.push(path.to_owned());
        Ok(())
    }

    fn keep(mut self) {
        self.files.clear();
        self.folders.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        // What cannot be removed stays; the failure that led here is the one to tell.
        for file in self.files.iter().rev() {
            let _ = fs::remove_file(file);
        }
        for folder in self.folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}
