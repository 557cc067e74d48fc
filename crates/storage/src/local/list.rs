//! Listing local objects in the order of their keys, one folder in memory at a time per level.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use rustix::fs::{AtFlags, Dir, FileType};
use rustix::io::Errno;

use super::blocking;
use super::errors::fault;
use super::read::{etag, modified};
use super::root::{Folder, Root};
use crate::Key;
use crate::error::Fault;
use crate::key::RESERVED_SEGMENT;
use crate::types::Listed;

/// What is still to be visited.
enum Entry {
    /// An object.
    Object(Listed),
    /// A folder: the key of what is in it up to and with the slash.
    Folder(String),
}

impl Entry {
    /// What the entry sorts by: for a folder that is with its slash, so that `a-b` comes before
    /// `a/b` as it does in S3.
    fn sort_key(&self) -> &str {
        match self {
            Self::Object(listed) => listed.key.as_str(),
            Self::Folder(path) => path,
        }
    }
}

pub(super) fn list(root: Arc<Root>, prefix: String) -> BoxStream<'static, Result<Listed, Fault>> {
    // Only what is below the prefix's last slash can match.
    let start = match prefix.rfind('/') {
        Some(slash) => prefix[..=slash].to_owned(),
        None => String::new(),
    };
    let first = vec![Entry::Folder(start)];
    stream::try_unfold(
        (root, prefix, first),
        |(root, prefix, mut stack)| async move {
            loop {
                match stack.pop() {
                    None => return Ok(None),
                    Some(Entry::Object(listed)) => {
                        return Ok(Some((listed, (root, prefix, stack))));
                    }
                    Some(Entry::Folder(path)) => {
                        let (folder_root, folder_prefix) = (Arc::clone(&root), prefix.clone());
                        let entries =
                            blocking(move || read_folder(&folder_root, &path, &folder_prefix))
                                .await?;
                        stack.extend(entries);
                    }
                }
            }
        },
    )
    .boxed()
}

/// The entries of a folder that can match, last first.
fn read_folder(root: &Root, path: &str, prefix: &str) -> Result<Vec<Entry>, Fault> {
    let doing = "reading a folder";
    let Some(folder) = walk(root, path).map_err(|error| fault(doing, error))? else {
        return Ok(Vec::new());
    };
    let mut entries = Vec::new();
    for entry in Dir::read_from(&folder).map_err(|error| fault(doing, error))? {
        let entry = entry.map_err(|error| fault(doing, error))?;
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        if matches!(name, "." | "..") || (path.is_empty() && name == RESERVED_SEGMENT) {
            continue;
        }
        let key = format!("{path}{name}");
        // Cheap tests first: most entries of a folder may lie outside the prefix.
        if !key.starts_with(prefix) && !prefix.starts_with(&format!("{key}/")) {
            continue;
        }
        let stat = match rustix::fs::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => stat,
            // Deleted since the folder was read.
            Err(Errno::NOENT) => continue,
            Err(error) => return Err(fault(doing, error)),
        };
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => entries.push(Entry::Folder(key + "/")),
            FileType::RegularFile if key.starts_with(prefix) => {
                if let Ok(key) = Key::parse(&key) {
                    entries.push(Entry::Object(Listed {
                        key,
                        size: u64::try_from(stat.st_size).unwrap_or_default(),
                        etag: Some(etag(&stat)),
                        last_modified: modified(&stat),
                    }));
                }
            }
            _ => {}
        }
    }
    entries.sort_unstable_by(|a, b| b.sort_key().cmp(a.sort_key()));
    Ok(entries)
}

/// Opens the folder of a prefix that ends in a slash; none if it is not there, or a link.
fn walk<'r>(root: &'r Root, path: &str) -> Result<Option<Folder<'r>>, Errno> {
    let mut folder = root.folder();
    for segment in path.split_terminator('/') {
        if matches!(segment, "" | "." | "..") {
            return Ok(None);
        }
        folder = match Root::enter(&folder, segment) {
            Ok(below) => below,
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NAMETOOLONG | Errno::INVAL) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
    }
    Ok(Some(folder))
}
