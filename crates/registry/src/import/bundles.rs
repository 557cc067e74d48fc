//! The bundles of the existing server: `bundles/{name}/{version}/bundle.tar.gz`.
//!
//! The path is made of a parsed name and a parsed version, never taken from the database, and no
//! link below `bundles` is followed, so nothing outside of it is ever read.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use enact_types::{ToolName, Version};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// The file in the folder of a version.
const FILE: &str = "bundle.tar.gz";

/// How folders are opened.
const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::CLOEXEC);

/// How a bundle is opened: a pipe must not keep us waiting, and a terminal not become ours.
const BUNDLE: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::CLOEXEC);

/// The folder with the bundles.
pub(super) struct Bundles {
    /// `None` if there is no such folder.
    root: Option<OwnedFd>,
}

impl Bundles {
    /// Opens `bundles` in the data folder. That one may be a link: an operator may keep it on
    /// another disk.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        match rustix::fs::open(folder.join("bundles"), FOLDER, Mode::empty()) {
            Ok(root) => Ok(Self { root: Some(root) }),
            Err(Errno::NOENT) => Ok(Self { root: None }),
            Err(error) => Err(error.into()),
        }
    }

    /// Opens the bundle of a version: a regular file of `size` bytes. Fails with the reason to
    /// refuse it.
    pub(super) fn bundle(
        &self,
        name: &ToolName,
        version: &Version,
        size: u64,
    ) -> Result<File, String> {
        let path = format!("bundles/{name}/{version}/{FILE}");
        let refused = |error: Errno| match error {
            Errno::NOENT => format!("its bundle is missing: there is no {path}"),
            Errno::LOOP | Errno::NOTDIR | Errno::MLINK => {
                format!("{path} is a link or leads through one, or through a file")
            }
            error => format!("{path} cannot be opened: {}", io::Error::from(error)),
        };
        let root = self.root.as_ref().ok_or(Errno::NOENT).map_err(refused)?;
        let mut folder = None;
        for segment in name.as_str().split('/').chain([version.as_str()]) {
            let parent = folder.as_ref().unwrap_or(root).as_fd();
            let flags = FOLDER | OFlags::NOFOLLOW;
            folder =
                Some(rustix::fs::openat(parent, segment, flags, Mode::empty()).map_err(refused)?);
        }
        let parent = folder.as_ref().unwrap_or(root).as_fd();
        let file = rustix::fs::openat(parent, FILE, BUNDLE, Mode::empty()).map_err(refused)?;
        let file = File::from(file);
        let metadata = file
            .metadata()
            .map_err(|error| format!("{path} cannot be read: {error}"))?;
        if !metadata.is_file() {
            return Err(format!("{path} is not a regular file"));
        }
        if metadata.len() != size {
            let found = metadata.len();
            return Err(format!(
                "its bundle has {found} bytes, but {size} were published"
            ));
        }
        Ok(file)
    }
}
