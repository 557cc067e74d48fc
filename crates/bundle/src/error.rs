//! What can go wrong.

use std::io;
use std::path::{Path, PathBuf};

use enact_types::limits::MAX_BUNDLE_BYTES;

use crate::limits::OverLimit;
use crate::manifest::ManifestError;
use crate::names::Clash;
use crate::path::PathRule;
use crate::pax::PaxRule;
use crate::source::MAX_GZIP_MEMBERS;

/// Whoever took a file's content, or watched it being packed, wants no more of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reader went away")]
pub struct Stopped;

/// Why a bundle cannot be read or extracted.
///
/// Where [`BundleError::is_io`] is false the message is for the bundle's author: it names the entry
/// and the rule, what comes from the bundle is escaped and of bounded length, and there is no path
/// of this machine in it.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The archive's bytes could not be had.
    #[error("cannot read the bundle")]
    Read(#[source] io::Error),
    /// Whoever took the content takes no more of it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Writing the unpacked files failed.
    #[error("cannot {action} {}", path.display())]
    Disk {
        /// What was tried, as in "create".
        action: &'static str,
        /// What it was tried on.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is something at the target and it is not to be replaced.
    #[error("{} exists already", .0.display())]
    TargetExists(PathBuf),
    /// The first bytes are not those of gzip.
    #[error("the bundle is not gzip data; send a .tar.gz file")]
    NotGzip,
    /// The gzip data ends early.
    #[error("the gzip data ends early: the bundle was cut off")]
    GzipCutOff,
    /// The gzip data is damaged, or is followed by something else.
    #[error("the gzip data is damaged or followed by something else ({0})")]
    GzipDamaged(String),
    /// The gzip data is in more pieces than any tool makes of a bundle.
    #[error(
        "the gzip data has more than {MAX_GZIP_MEMBERS} members; pack the bundle again, as one member like gzip does"
    )]
    GzipMembers,
    /// What is in the gzip data is no tar archive.
    #[error("the bundle is not a tar archive inside its gzip data")]
    NotTar,
    /// Something that is no tar header where one should be.
    #[error("there is no valid tar header at byte {offset} of the unpacked archive: {problem}")]
    TarDamaged {
        /// Where, in the unpacked archive.
        offset: u64,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The tar archive ends without its end mark.
    #[error("the tar archive ends without its end-of-archive mark: it was cut off")]
    TarCutOff,
    /// The tar archive ends inside an entry.
    #[error("the tar archive ends inside entry {entry}: it was cut off")]
    EntryCutOff {
        /// The entry, escaped.
        entry: String,
    },
    /// Something after the end mark.
    #[error("there is something other than zero padding after the end of the tar archive")]
    TrailingData,
    /// Too much after the end mark.
    #[error("there is more than 1 MiB of padding after the end of the tar archive")]
    TrailingPadding,
    /// No entry at all.
    #[error("the bundle is empty")]
    Empty,
    /// More than the [`Limits`](crate::Limits) allow.
    #[error(transparent)]
    OverLimit(#[from] OverLimit),
    /// One entry breaks a rule.
    #[error("entry {entry}: {rule}")]
    Entry {
        /// The entry, escaped.
        entry: String,
        /// The rule.
        rule: EntryRule,
    },
    /// No manifest at the top level.
    #[error("the bundle has neither a SKILL.md nor a skill.package.yml at its top level")]
    NoManifest,
    /// The manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

impl BundleError {
    /// Whether this machine failed (its disk, the source of the bytes, something in the way),
    /// rather than the bundle being bad.
    pub fn is_io(&self) -> bool {
        matches!(
            self,
            Self::Read(_) | Self::Stopped(_) | Self::Disk { .. } | Self::TargetExists(_)
        )
    }
}

/// Makes of what the system says about `path` an error that says what was tried on it.
pub(crate) fn disk_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> BundleError {
    let path = path.to_owned();
    move |source| BundleError::Disk {
        action,
        path,
        source,
    }
}

/// Which rule an entry of the archive breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryRule {
    /// Its path.
    #[error(transparent)]
    Path(#[from] PathRule),
    /// Its name clashes with another's.
    #[error(transparent)]
    Clash(#[from] Clash),
    /// Its type.
    #[error("it is a {0}; a bundle holds only regular files and folders")]
    Type(&'static str),
    /// Its type, which has no name.
    #[error(
        "it is of the unknown tar type {:?}; a bundle holds only regular files and folders",
        char::from(*.0)
    )]
    UnknownType(u8),
    /// A folder with a size.
    #[error("it is a folder and has a size")]
    FolderWithData,
    /// A file whose path ends with a slash.
    #[error("it is a file and its path ends with \"/\"")]
    FileWithSlash,
    /// A GNU long-name record that is longer than any path, or not a text that ends with its only NUL.
    #[error("its long-name record is too long or malformed")]
    LongName,
    /// Its pax records.
    #[error(transparent)]
    Pax(#[from] PaxRule),
    /// Two extension records for one entry, or one that describes nothing.
    #[error("the extension record is not followed by the entry that it describes")]
    StrayExtension,
}

/// Why a folder cannot be packed.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// There is no folder.
    #[error("{} is not a folder; name the folder that holds the skill", .0.display())]
    NotAFolder(PathBuf),
    /// Reading the folder failed.
    #[error("cannot read {}", path.display())]
    Read {
        /// What could not be read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Writing the bundle failed.
    #[error("cannot write the bundle")]
    Write(#[source] io::Error),
    /// An ignore file is malformed.
    #[error("an ignore file cannot be understood")]
    List(#[source] ignore::Error),
    /// An ignore file is a pipe, a folder or the like.
    #[error("{} is not a regular file; write the patterns into a file, or remove it", .0.display())]
    IgnoreFile(PathBuf),
    /// There is no manifest.
    #[error(
        "{} has neither a skill.package.yml nor a SKILL.md; write a skill.package.yml with lines like `name: alice/greeter`, `version: 1.0.0` and `description: …`",
        .0.display()
    )]
    NoManifest(PathBuf),
    /// A manifest is a folder, a link or the like.
    #[error("{0} is not a regular file; replace it by a copy of what it stands for")]
    NotAFile(&'static str),
    /// The manifest lacks a field.
    #[error("{file} has no {field}; add a line like `{example}`{place}")]
    Missing {
        /// The manifest.
        file: &'static str,
        /// The field.
        field: &'static str,
        /// What to write.
        example: &'static str,
        /// Where to write it, if that is not plain.
        place: &'static str,
    },
    /// The manifest is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A file's path breaks a rule; rename it, or list it in `.enactignore`.
    #[error("{path}: {rule}; rename it or add it to .enactignore")]
    Path {
        /// The file, escaped.
        path: String,
        /// The rule.
        rule: EntryRule,
    },
    /// More than the [`Limits`](crate::Limits) allow.
    #[error("{0}; leave files out by listing them in .enactignore")]
    OverLimit(#[from] OverLimit),
    /// The packed bundle is too large.
    #[error(
        "the packed bundle has more than {MAX_BUNDLE_BYTES} bytes; leave files out by listing them in .enactignore"
    )]
    BundleTooLarge,
    /// A file is not what it was when the folder was read.
    #[error("{0} changed while it was packed; try again")]
    Changed(String),
    /// Whoever watched wants no more of it.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}
