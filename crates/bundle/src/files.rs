//! The files of a skill's folder that are packed.

use std::fs;
use std::path::{Path, PathBuf};

use enact_types::{ToolName, Version};

use crate::error::{EntryRule, PackError};
use crate::limits::{Budget, Limits};
use crate::names::Names;
use crate::pack;
use crate::path::{BundlePath, PathRule, quote};
use crate::select::{self, LeftOutBecause};

/// One file to pack.
#[derive(Debug)]
pub struct PackFile {
    /// The path inside the bundle: relative, with `/`.
    pub path: String,
    /// The size, in bytes, when the folder was read.
    pub size: u64,
    /// Whether its owner may execute it.
    pub executable: bool,
    pub(crate) source: PathBuf,
}

/// Something that is not packed, and that its author may wonder about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The path inside the folder, with `/`; what is not UTF-8 is replaced.
    pub path: String,
    /// Why.
    pub because: LeftOutBecause,
}

/// The name that the file of a packed bundle has: `alice-greeter-1.0.0.tar.gz`.
pub fn bundle_file_name(name: &ToolName, version: &Version) -> String {
    format!("{}{version}{BUNDLE_END}", bundle_start(name))
}

const BUNDLE_END: &str = ".tar.gz";

fn bundle_start(name: &ToolName) -> String {
    format!("{}-", name.as_str().replace('/', "-"))
}

/// Whether this file is a packed bundle of the skill: packing it in would make the next bundle
/// another one, and twice as large.
pub(crate) fn is_own_bundle(path: &str, name: Option<&ToolName>) -> bool {
    path == "bundle.tar.gz"
        || name.is_some_and(|name| {
            !path.contains('/')
                && path.starts_with(&bundle_start(name))
                && path.ends_with(BUNDLE_END)
        })
}

/// Reads which files are in `dir`, sorted by path, and what is left out that its author may wonder
/// about. `name` is the skill's.
pub(crate) fn read(
    dir: &Path,
    name: Option<&ToolName>,
    limits: &Limits,
) -> Result<(Vec<PackFile>, Vec<LeftOut>), PackError> {
    let selection = select::files(dir)?;
    let mut left_out = left_out(dir, selection.left_out);
    let mut files = Vec::new();
    for source in selection.files {
        let facts = fs::symlink_metadata(&source).map_err(|error| PackError::Read {
            path: source.clone(),
            source: error,
        })?;
        let path = relative(dir, &source)?;
        if is_own_bundle(path.as_str(), name) {
            left_out.push(LeftOut {
                path: path.as_str().to_owned(),
                because: LeftOutBecause::OwnBundle,
            });
        } else {
            files.push((path, facts, source));
        }
    }
    left_out.sort_unstable();
    files.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
    let mut names = Names::default();
    let mut budget = Budget::new(*limits);
    let files: Result<_, PackError> = files
        .into_iter()
        .map(|(path, facts, source)| {
            let new = names.add_file(&path).map_err(|clash| PackError::Path {
                path: quote(path.as_str().as_bytes()),
                rule: clash.into(),
            })?;
            for _ in new {
                budget.entry()?;
            }
            pack::charge(path.as_str(), facts.len(), &mut budget)?;
            Ok(PackFile {
                path: path.as_str().to_owned(),
                size: facts.len(),
                executable: is_executable(&facts),
                source,
            })
        })
        .collect();
    Ok((files?, left_out))
}

pub(crate) fn left_out(dir: &Path, found: Vec<(PathBuf, LeftOutBecause)>) -> Vec<LeftOut> {
    let relative = |path: &Path| {
        path.strip_prefix(dir)
            .unwrap_or(path)
            .to_string_lossy()
            .into_owned()
    };
    found
        .into_iter()
        .map(|(path, because)| LeftOut {
            path: relative(&path),
            because,
        })
        .collect()
}

/// The path inside the bundle of the file `source`, which lies in `dir`.
pub(crate) fn relative(dir: &Path, source: &Path) -> Result<BundlePath, PackError> {
    let path = source.strip_prefix(dir).unwrap_or(source);
    let wrong = |rule: PathRule| PackError::Path {
        path: quote(path.to_string_lossy().as_bytes()),
        rule: EntryRule::from(rule),
    };
    let components: Option<Vec<&str>> = path
        .components()
        .map(|component| component.as_os_str().to_str())
        .collect();
    let text = components
        .ok_or_else(|| wrong(PathRule::NotUtf8))?
        .join("/");
    BundlePath::parse(text.as_bytes()).map_err(wrong)
}

#[cfg(unix)]
pub(crate) fn is_executable(facts: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o100 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_executable(_: &fs::Metadata) -> bool {
    false
}
