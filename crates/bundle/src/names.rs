//! Which names a bundle has used so far.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization as _;

use crate::path::BundlePath;

/// Two entries cannot both exist on a usual file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Clash {
    /// Two files of one name.
    #[error(
        "the file occurs twice (names that differ only in upper and lower case, or in how accents are encoded, are the same)"
    )]
    Duplicate,
    /// A file and a folder of one name.
    #[error("the name is used for a file and for a folder")]
    FileAndFolder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Folder,
}

/// The names used so far. Its size is bounded by the caller, who counts each entry and each folder
/// that is reported as new.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// As [`folded`].
    folded: HashMap<String, Kind>,
    /// As written.
    folders: HashSet<String>,
}

impl Names {
    /// Takes the name of a file, and gives the folders that it implies and that are new, outermost
    /// first.
    pub(crate) fn add_file<'p>(&mut self, path: &'p BundlePath) -> Result<Vec<&'p str>, Clash> {
        let new = self.add_folders(path.parents())?;
        match self.folded.insert(folded(path.as_str()), Kind::File) {
            None => Ok(new),
            Some(Kind::File) => Err(Clash::Duplicate),
            Some(Kind::Folder) => Err(Clash::FileAndFolder),
        }
    }

    /// Takes the name of a folder, and gives the folders that are new, outermost first. The same
    /// folder may come again.
    pub(crate) fn add_folder<'p>(&mut self, path: &'p BundlePath) -> Result<Vec<&'p str>, Clash> {
        self.add_folders(path.parents().chain([path.as_str()]))
    }

    fn add_folders<'p>(
        &mut self,
        folders: impl Iterator<Item = &'p str>,
    ) -> Result<Vec<&'p str>, Clash> {
        let mut new = Vec::new();
        for folder in folders {
            if self.folders.contains(folder) {
                continue;
            }
            if self.folded.insert(folded(folder), Kind::Folder) == Some(Kind::File) {
                return Err(Clash::FileAndFolder);
            }
            self.folders.insert(folder.to_owned());
            new.push(folder);
        }
        Ok(new)
    }
}

/// In lower case and composed (NFC), since many file systems do not tell upper from lower, and some not
/// `é` from `e` and an accent.
fn folded(name: &str) -> String {
    let lower = name.to_lowercase();
    if lower.is_ascii() {
        return lower;
    }
    lower.nfc().collect()
}
