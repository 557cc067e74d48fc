//! Folders and files that decide what this program runs and installs, so that nobody else may write them.

use std::fmt;
use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::Path;

use rustix::process::geteuid;

use crate::settings;

/// What the permissions of a file are that only its user can read and write.
pub(crate) const FILE_MODE: u32 = 0o600;

/// Makes a folder for its user alone, and those that it lies in, where they are not there.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Why a file or a folder is not used: somebody else may have written it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// It is another user's.
    Foreign,
    /// Others may write it.
    Writable,
}

impl Distrust {
    /// Answers if somebody else than this user may have written what has this metadata.
    ///
    /// Root works in others' home folders, as in a container: there, whose home it is counts as this user.
    pub(crate) fn of(metadata: &Metadata) -> Option<Self> {
        let user = geteuid();
        let home = settings::home().filter(|_| user.is_root());
        let home = home.and_then(|home| fs::metadata(home).ok());
        let home = home.map(|home| home.uid());
        Self::of_mode(metadata.uid(), metadata.mode(), user.as_raw(), home)
    }

    fn of_mode(owner: u32, mode: u32, user: u32, home: Option<u32>) -> Option<Self> {
        if owner != user && Some(owner) != home {
            return Some(Self::Foreign);
        }
        (mode & 0o022 != 0).then_some(Self::Writable)
    }

    /// What to do about it.
    pub(crate) fn fix(self, path: &Path) -> String {
        let path = path.display();
        match self {
            Self::Foreign => format!("move {path} away"),
            Self::Writable => format!("look at what is in it, then: chmod go-w {path}"),
        }
    }
}

impl fmt::Display for Distrust {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Foreign => "it belongs to another user of this machine",
            Self::Writable => "other users of this machine can write it",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_own_or_may_write_is_distrusted() {
        for (owner, mode, expected) in [
            (1000, 0o100_600, None),
            (1000, 0o100_644, None),
            (1000, 0o040_755, None),
            (1000, 0o100_620, Some(Distrust::Writable)),
            (1000, 0o100_602, Some(Distrust::Writable)),
            (1001, 0o100_600, Some(Distrust::Foreign)),
            (0, 0o100_600, Some(Distrust::Foreign)),
        ] {
            let found = Distrust::of_mode(owner, mode, 1000, None);
            assert_eq!(found, expected, "{owner} {mode:o}");
        }
        let by_root = |owner| Distrust::of_mode(owner, 0o100_600, 0, Some(1000));
        assert_eq!(by_root(1000), None, "it is the home of that user");
        assert_eq!(by_root(1001), Some(Distrust::Foreign));
    }
}
