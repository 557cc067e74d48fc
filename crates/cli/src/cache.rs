//! Bundles that were downloaded, kept under their digests for all projects of the user.
//!
//! In `~/.enact/cache/bundles`, a bundle is `HEX.tar.gz`, and `HEX.json` says which skill it is. Files
//! appear complete, by being renamed, and never change, so any number of processes can use the folder
//! at once. What is read is checked against its digest by whoever reads it: no bundle here is believed to be
//! what its name says.
//!
//! The notes are believed where no registry may be asked (`--offline`) and no lock has a digest: which
//! bundle is which version of a skill, then only they know. So a folder that others may write is not used.

mod entries;

use std::cmp::Reverse;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use enact_types::{Clock, Digest, ToolName, Version};
use serde::{Deserialize, Serialize};

use crate::installed::digest_of_file;
use crate::private::{Distrust, make_folder};
use crate::regular_file;
use crate::settings::RegistryUrl;
use entries::Entry;

/// How large the cache may get unless it is set, in bytes: 1 GiB.
pub(crate) const DEFAULT_MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// The largest note beside a bundle that is read, in bytes; real ones have some hundred.
const MAX_NOTE_BYTES: u64 = 64 * 1024;

/// The bundles that were downloaded.
#[derive(Clone)]
pub(crate) struct Cache {
    folder: PathBuf,
    max_bytes: u64,
    clock: Arc<dyn Clock>,
    /// Why it is not used: as if it were empty and full at once.
    distrust: Option<Distrust>,
}

/// What a bundle in the cache is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// The skill.
    pub(crate) name: ToolName,
    /// Its version.
    pub(crate) version: Version,
    /// The registry that it is from.
    pub(crate) registry: RegistryUrl,
    /// The digest of the bundle.
    pub(crate) hash: Digest,
    /// The size of the bundle, in bytes.
    pub(crate) size: u64,
}

/// How much is in the cache.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// How many bundles.
    pub(crate) bundles: u64,
    /// Their sizes together, in bytes.
    pub(crate) bytes: u64,
}

impl Cache {
    /// The cache of the user with this home, which is trimmed to `max_bytes`. Nothing is made yet.
    pub(crate) fn new(home: &Path, max_bytes: u64, clock: Arc<dyn Clock>) -> Self {
        let folder = home.join(".enact/cache/bundles");
        let metadata = fs::metadata(&folder).ok();
        Self {
            folder,
            max_bytes,
            clock,
            distrust: metadata.and_then(|metadata| Distrust::of(&metadata)),
        }
    }

    /// Why nothing is taken from it or put there; `None` if it is used.
    pub(crate) fn distrust(&self) -> Option<Distrust> {
        self.distrust
    }

    /// Says that it is not used, and what to do about it; `None` if it is used.
    pub(crate) fn warning(&self) -> Option<String> {
        let distrust = self.distrust?;
        let (folder, fix) = (self.folder.display(), distrust.fix(&self.folder));
        Some(format!(
            "the cache in {folder} is not used: {distrust}; {fix}"
        ))
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// How large it may get, in bytes.
    pub(crate) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// The bundle with this digest, if it is there and has the right size. It counts as used now. The
    /// caller checks the digest.
    pub(crate) fn open(&self, hash: &Digest, size: u64) -> Option<File> {
        if self.distrust.is_some() {
            return None;
        }
        let path = self.bundle(hash);
        let file = match regular_file::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            file => file.ok().filter(|file| has_size(file, size)),
        };
        match &file {
            // Only decides what is kept longest.
            Some(file) => drop(file.set_modified(self.clock.now().into())),
            None => self.remove(hash),
        }
        file
    }

    /// Takes in the bundle that `note` describes, read from `bundle`.
    pub(crate) fn insert(&self, note: &Note, mut bundle: &File) -> io::Result<()> {
        if note.size > self.max_bytes || self.distrust.is_some() {
            return Ok(());
        }
        make_folder(&self.folder)?;
        let text = serde_json::to_vec(note)?;
        self.write(&self.note(&note.hash), |file| file.write_all(&text))?;
        self.write(&self.bundle(&note.hash), |file| {
            io::Seek::rewind(&mut bundle)?;
            io::copy(&mut bundle, file).map(drop)
        })
    }

    /// Drops a bundle, since it is damaged.
    pub(crate) fn remove(&self, hash: &Digest) {
        // Somebody else may have done it, and what stays is found damaged again.
        let _ = fs::remove_file(self.bundle(hash));
        let _ = fs::remove_file(self.note(hash));
    }

    /// The versions of a skill that are there, from this registry.
    pub(crate) fn versions(&self, name: &ToolName, registry: &RegistryUrl) -> Vec<Note> {
        if self.distrust.is_some() {
            return Vec::new();
        }
        let notes = entries::list(&self.folder).into_iter().filter_map(|entry| {
            let note = self.read_note(&entry.hash)?;
            let wanted = note.name == *name && note.registry == *registry;
            (wanted && note.hash == entry.hash && note.size == entry.bytes).then_some(note)
        });
        notes.collect()
    }

    /// How much is in it.
    pub(crate) fn usage(&self) -> Usage {
        let entries = entries::list(&self.folder);
        Usage {
            bundles: entries.len() as u64,
            bytes: entries.iter().map(|entry| entry.bytes).sum(),
        }
    }

    /// Drops what was not used for the longest time until the rest is within the limit, and what
    /// killed processes left. One process does that at a time; another leaves it to that one.
    pub(crate) fn trim(&self) -> io::Result<()> {
        if self.distrust.is_some() {
            return Ok(());
        }
        let Some(_held) = entries::try_lock(&self.folder)? else {
            return Ok(());
        };
        let mut entries = entries::list(&self.folder);
        entries.sort_unstable_by_key(|entry| (entry.used, entry.hash));
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for Entry {
            hash, bytes: freed, ..
        } in entries
        {
            if bytes <= self.max_bytes {
                break;
            }
            self.remove(&hash);
            bytes -= freed;
        }
        entries::remove_left_over(&self.folder, self.clock.now());
        Ok(())
    }

    /// Reads the bundles that were used last, `most` of them, and answers how many that were and which
    /// of them are damaged.
    pub(crate) fn check(&self, most: usize) -> io::Result<(usize, Vec<Digest>)> {
        let mut entries = entries::list(&self.folder);
        entries.sort_unstable_by_key(|entry| (Reverse(entry.used), entry.hash));
        entries.truncate(most);
        let mut damaged = Vec::new();
        for Entry { hash, .. } in &entries {
            let digest = match digest_of_file(&self.bundle(hash)) {
                // Another process dropped it meanwhile.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                // What is no file is no bundle either.
                Err(error) if error.kind() == io::ErrorKind::InvalidInput => None,
                digest => Some(digest?),
            };
            if digest != Some(*hash) {
                damaged.push(*hash);
            }
        }
        Ok((entries.len(), damaged))
    }

    /// Drops everything, and answers how much that was.
    pub(crate) fn clean(&self) -> io::Result<Usage> {
        let usage = self.usage();
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(usage),
        }
    }

    fn read_note(&self, hash: &Digest) -> Option<Note> {
        let file = regular_file::open(&self.note(hash)).ok()?;
        let mut text = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, MAX_NOTE_BYTES), &mut text).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Writes a file and renames it to `path`. It need not outlast a power failure: a damaged one is
    /// found out when it is used.
    fn write(
        &self,
        path: &Path,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        let mut file = builder
            .prefix(entries::UNFINISHED)
            .tempfile_in(&self.folder)?;
        write(file.as_file_mut())?;
        file.persist(path)?;
        Ok(())
    }

    fn bundle(&self, hash: &Digest) -> PathBuf {
        self.folder
            .join(format!("{}{}", hash.to_hex(), entries::BUNDLE))
    }

    fn note(&self, hash: &Digest) -> PathBuf {
        self.folder.join(format!("{}.json", hash.to_hex()))
    }
}

fn has_size(file: &File, size: u64) -> bool {
    file.metadata().is_ok_and(|facts| facts.len() == size)
}
