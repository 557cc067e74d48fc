//! Hidden folders beside a target, in which something is made ready.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::error::{BundleError, disk_error};

/// What the name of a folder ends with that will become the target.
const PARTIAL: &str = ".partial";

/// How many random characters, letters and digits, stand between the target's name and the suffix.
const RANDOM_CHARS: usize = 6;

/// How old a folder is that a killed process left. Others may wait for slow downloads before theirs is put
/// in its place; nobody does so for this long.
const LEFT_OVER: Duration = Duration::from_hours(24);

/// A fresh folder that is to become `parent/name`, or to take what is there. It goes away when dropped.
pub(crate) fn partial(parent: &Path, name: &OsStr) -> Result<TempDir, BundleError> {
    hidden_sibling(parent, name, PARTIAL)
}

/// A fresh folder beside `name` that goes away when dropped.
pub(crate) fn hidden_sibling(
    parent: &Path,
    name: &OsStr,
    suffix: &str,
) -> Result<TempDir, BundleError> {
    let mut prefix = OsString::from(".");
    prefix.push(name);
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder
        .prefix(&prefix)
        .rand_bytes(RANDOM_CHARS)
        .suffix(suffix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755));
    builder
        .tempdir_in(parent)
        .map_err(disk_error("create a folder in", parent))
}

/// See [`remove_left_over`](crate::remove_left_over).
pub(crate) fn remove_left_over<'t>(targets: impl IntoIterator<Item = &'t Path>, now: SystemTime) {
    let mut parents: BTreeMap<&Path, BTreeSet<&[u8]>> = BTreeMap::new();
    for target in targets {
        if let (Some(parent), Some(name)) = (target.parent(), target.file_name()) {
            let names = parents.entry(parent).or_default();
            names.insert(name.as_encoded_bytes());
        }
    }
    for (parent, names) in parents {
        remove_in(parent, &names, now);
    }
}

fn remove_in(parent: &Path, names: &BTreeSet<&[u8]>, now: SystemTime) {
    let parent = match parent {
        empty if empty == Path::new("") => Path::new("."),
        parent => parent,
    };
    let Ok(siblings) = fs::read_dir(parent) else {
        return;
    };
    for sibling in siblings.flatten() {
        let name = sibling.file_name();
        if !target_of(name.as_encoded_bytes()).is_some_and(|name| names.contains(name)) {
            continue;
        }
        // Of a link this is the link's own, and a link is no folder.
        let left_over = sibling.metadata().is_ok_and(|metadata| {
            let age = metadata.modified().map(|then| now.duration_since(then));
            metadata.is_dir() && matches!(age, Ok(Ok(age)) if age > LEFT_OVER)
        });
        if left_over {
            let _ = fs::remove_dir_all(sibling.path());
        }
    }
}

/// The name of the target that [`partial`] makes folders of this name for.
fn target_of(sibling: &[u8]) -> Option<&[u8]> {
    let inner = sibling
        .strip_prefix(b".")?
        .strip_suffix(PARTIAL.as_bytes())?;
    let (rest, random) = inner.split_at_checked(inner.len().checked_sub(RANDOM_CHARS)?)?;
    let name = rest.strip_suffix(b".")?;
    random.iter().all(u8::is_ascii_alphanumeric).then_some(name)
}
