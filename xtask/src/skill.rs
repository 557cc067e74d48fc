//! The example skills, and what a folder holds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::workspace;

/// A skill of `examples/`.
#[derive(Debug)]
pub(crate) struct Skill {
    /// As stated in its manifest.
    pub(crate) name: String,
    /// As stated in its manifest.
    pub(crate) version: String,
    /// Relative to the root of the checkout.
    pub(crate) folder: PathBuf,
}

/// What distinguishes one file from another, apart from its name.
#[derive(Debug, PartialEq, Eq)]
struct File {
    executable: bool,
    content: Vec<u8>,
}

/// Every example skill, by the name of its folder.
pub(crate) fn examples() -> Result<Vec<Skill>> {
    let mut skills = Vec::new();
    for entry in fs::read_dir(workspace::root().join("examples")).context("examples")? {
        let folder = Path::new("examples").join(entry?.file_name());
        let manifest = workspace::root().join(&folder).join("skill.package.yml");
        let text = fs::read_to_string(&manifest)
            .with_context(|| format!("cannot read {}", manifest.display()))?;
        // The demo reads only the two plain fields that it needs: no YAML parser for that.
        let field = |key: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
                .map(|value| value.trim().trim_matches('"').to_owned())
                .with_context(|| format!("{} states no {key}", manifest.display()))
        };
        skills.push(Skill {
            name: field("name")?,
            version: field("version")?,
            folder,
        });
    }
    skills.sort_by(|one, other| one.folder.cmp(&other.folder));
    Ok(skills)
}

/// Compares two folders file by file, content and executable bit, and returns how many files there
/// are. Fails with the names of those that differ.
pub(crate) fn compare(source: &Path, installed: &Path) -> Result<usize> {
    let (source, installed) = (read(source)?, read(installed)?);
    let differing: Vec<String> = source
        .keys()
        .chain(installed.keys().filter(|path| !source.contains_key(*path)))
        .filter(|path| source.get(*path) != installed.get(*path))
        .map(|path| path.display().to_string())
        .collect();
    if !differing.is_empty() {
        bail!("these files differ: {}", differing.join(", "));
    }
    if source.is_empty() {
        bail!("there is nothing to compare");
    }
    Ok(source.len())
}

fn read(root: &Path) -> Result<BTreeMap<PathBuf, File>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            let metadata = fs::symlink_metadata(&path)?;
            if metadata.is_dir() {
                folders.push(path);
                continue;
            }
            let file = File {
                executable: metadata.permissions().mode() & 0o111 != 0,
                content: fs::read(&path)?,
            };
            files.insert(path.strip_prefix(root)?.to_owned(), file);
        }
    }
    Ok(files)
}
