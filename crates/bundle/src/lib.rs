#![doc = include_str!("../README.md")]

mod error;
mod extract;
mod file_names;
mod files;
mod folder;
mod fresh;
mod header;
mod hidden;
mod ignore_rules;
mod limits;
mod manifest;
mod names;

mod one_file;
mod pack;
mod parents;
mod path;
mod pax;
mod secrets;
mod select;
mod source;
mod swap;
mod validate;
mod walk;

use std::io::Read;
use std::path::Path;
use std::time::SystemTime;

use enact_types::{Digest, ToolName, Version};
use serde_json::{Map, Value};

pub use error::{BundleError, EntryRule, PackError, Stopped};
pub use extract::{Placed, SetAside, Unpacked};
pub use files::{LeftOut, PackFile, bundle_file_name};
pub use folder::{SkillFolder, has_manifest, manifest_fields};
pub use hidden::{hidden_character, is_hidden};
pub use limits::{Limits, OverLimit};
pub use manifest::{ManifestError, ManifestProblem, post_install};
pub use names::Clash;
pub use pack::Packed;
pub use path::{BundlePath, PathRule};
pub use pax::PaxRule;
pub use select::LeftOutBecause;
pub use validate::{Place, Problem, Rule, Severity, Validation};

/// What a bundle holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The regular files, sorted by the bytes of their paths.
    pub files: Vec<FileEntry>,
    /// The folders that the archive names (not those that only a file's path implies), sorted.
    pub folders: Vec<String>,
    /// The sizes of all files together, in bytes.
    pub unpacked_bytes: u64,
    /// What the bundle's own manifest says; `None` if that is a Markdown file without front matter.
    pub stated: Option<Stated>,
    /// The fields of the bundle's own manifest, where `SKILL.md` fills in what the manifest beside it
    /// lacks. Only its name and version are checked; see [`Contents::stated`].
    pub manifest: Map<String, Value>,
}

impl Contents {
    /// The commands that the manifest would have run once the files are in place, in their order; see
    /// [`post_install`].
    pub fn post_install(&self) -> Vec<String> {
        post_install(&self.manifest)
    }
}

/// One regular file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// The path inside the bundle: relative, with `/`, without `.` and `..`.
    pub path: String,
    /// The size, in bytes.
    pub size: u64,
    /// Whether anybody may execute it.
    pub executable: bool,
    /// The digest of its content.
    pub sha256: Digest,
}

/// What the bundle's own manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated {
    /// The file that says it, like `skill.package.yml`.
    pub file: String,
    /// The full name; a bare `name` in the front matter of a Markdown file is the skill's display
    /// name and counts as not stated.
    pub name: Option<ToolName>,
    /// The version.
    pub version: Option<Version>,
}

/// Whether unpacked files must outlast a power failure once they are in their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Each file and folder is flushed to the disk before the rename: afterwards there is the old
    /// folder or the new one, whole.
    Flushed,
    /// The system writes in its own time. A power failure in the seconds after the rename can leave
    /// files empty or cut off, so the caller must be able to tell: it knows their digests.
    Unflushed,
}

/// Reads a bundle to its end and applies every rule, writing nothing. What it accepts, [`extract`]
/// accepts.
///
/// Memory stays flat whatever the archive's size. Fails with a [`BundleError`]; see
/// [`BundleError::is_io`] for whose fault it was.
pub fn inspect(archive: impl Read, limits: &Limits) -> Result<Contents, BundleError> {
    walk::walk(archive, limits, &mut walk::Discard)
}

/// Reads one file of a bundle, named as in [`FileEntry::path`], and hands its content to `take` in
/// pieces of at most 32 KiB. Returns its size; `None` if the bundle has no such file. Memory stays
/// flat whatever the sizes.
///
/// Stops behind the file unless `whole` is set. What lies behind it, the archive's checksum
/// included, is then not read, so nothing has vouched for the content: the caller compares it with
/// what it knows.
///
/// Fails with [`BundleError::Stopped`] when `take` fails.
pub fn read_file(
    archive: impl Read,
    limits: &Limits,
    path: &str,
    whole: bool,
    take: impl FnMut(&[u8]) -> Result<(), Stopped>,
) -> Result<Option<u64>, BundleError> {
    one_file::read(archive, limits, path, whole, take)
}

/// Extracts a bundle to the folder `target`, applying the same rules as [`inspect`].
///
/// `target` appears complete or not at all: everything is first written to a hidden folder beside
/// it, flushed to disk, and then renamed. Missing parents of `target` are created. After an error
/// nothing is left behind and an existing `target` is as it was. What a killed process left behind
/// is removed by the next extract to the same target that comes a day later.
///
/// An existing `target` is an error unless `replace` is set; then the two are exchanged, in one step
/// where the system can do that (Linux, on most file systems) and else in two, with a moment without
/// a `target` between them. The old one is deleted after that. If it cannot be, the bundle is
/// extracted all the same, and the old one stays beside it under a hidden name.
pub fn extract(
    archive: impl Read,
    limits: &Limits,
    target: &Path,
    replace: bool,
) -> Result<Contents, BundleError> {
    extract::extract(archive, limits, target, replace)
}

/// Unpacks a bundle to a hidden folder beside `target`, as [`extract`] does, and leaves it to the
/// caller when it is put in its place: several bundles can be made ready first, so that all of them
/// are installed or none is. What killed processes left stays until [`remove_left_over`].
pub fn unpack(
    archive: impl Read,
    limits: &Limits,
    target: &Path,
    durability: Durability,
) -> Result<Unpacked, BundleError> {
    extract::unpack(archive, limits, target, durability)
}

/// Removes the hidden folders beside `targets` in which processes made them ready that were killed more
/// than a day before `now`. It is a courtesy: what cannot be removed stays. [`extract`] does it itself.
///
/// What [`Unpacked::put_in_place`] replaces has such a name too until it is deleted, and may be old: the
/// caller sees to it that nobody does that to the same targets meanwhile.
pub fn remove_left_over<'t>(targets: impl IntoIterator<Item = &'t Path>, now: SystemTime) {
    fresh::remove_left_over(targets, now);
}

/// Takes away the folder `target`, in one step, by renaming it to a hidden name beside it; `None` if
/// there is none. It is gone for good when the answer is [deleted](SetAside::delete), and comes back when
/// that is dropped. What a killed process left is removed as what is left of an [`extract`] is.
pub fn set_aside(target: &Path) -> Result<Option<SetAside>, BundleError> {
    extract::set_aside(target)
}
