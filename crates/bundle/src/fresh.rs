//! Hidden folders beside a target, in which something is made ready.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::error::{BundleError, disk_error};

/// What the name of a folder ends with that will become the target.
const PARTIAL: &str = ".partial";

/// How many random characters, letters and digits, stand between the target's name and the suffix.
const RANDOM_CHARS: usize = 6;

/// How much older than a fresh folder one of the same target is left over. No bundle that is within
/// the limits takes this long to unpack.
const LEFT_OVER: Duration = Duration::from_hours(1);

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

/// Removes the partial folders of the targets `names` in `parent` that killed processes left: those that
/// are old by the clock of the file system, which has stamped `fresh` not long ago. It is a courtesy:
/// what cannot be removed stays.
pub(crate) fn remove_left_over(parent: &Path, names: &BTreeSet<&OsStr>, fresh: &Path) {
    let modified = fs::symlink_metadata(fresh).and_then(|metadata| metadata.modified());
    let (Ok(now), Ok(siblings)) = (modified, fs::read_dir(parent)) else {
        return;
    };
    for sibling in siblings.flatten() {
        if !target_of(&sibling.file_name()).is_some_and(|name| names.contains(name)) {
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
fn target_of(sibling: &OsStr) -> Option<&OsStr> {
    let inner = sibling.to_str()?.strip_prefix('.')?.strip_suffix(PARTIAL)?;
    let (name, random) = inner.rsplit_once('.')?;
    let made = random.len() == RANDOM_CHARS && random.bytes().all(|c| c.is_ascii_alphanumeric());
    made.then_some(OsStr::new(name))
}
