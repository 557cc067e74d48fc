//! The example skills, and what a folder holds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// A skill of `examples/`.
#[derive(Debug)]
pub struct Skill {
    /// As stated in its manifest.
    pub name: String,
    /// As stated in its manifest.
    pub version: String,
    /// Relative to the root of the checkout.
    pub folder: PathBuf,
}

impl Skill {
    /// Its folder, absolute.
    pub fn path(&self) -> PathBuf {
        root().join(&self.folder)
    }
}

/// The root of the checkout.
fn root() -> &'static Path {
    let testkit = Path::new(env!("CARGO_MANIFEST_DIR"));
    testkit.ancestors().nth(2).unwrap_or(testkit)
}

/// What distinguishes one file from another, apart from its name.
#[derive(Debug, PartialEq, Eq)]
struct File {
    executable: bool,
    content: Vec<u8>,
}

/// Every example skill, by the name of its folder.
pub fn examples() -> Result<Vec<Skill>> {
    let mut skills = Vec::new();
    for entry in fs::read_dir(root().join("examples")).context("examples")? {
        let folder = Path::new("examples").join(entry?.file_name());
        let manifest = root().join(&folder).join("skill.package.yml");
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
pub fn compare(source: &Path, installed: &Path) -> Result<usize> {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with two files, one of them executable.
    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("scripts")).unwrap();
        fs::write(folder.path().join("SKILL.md"), "# Skill").unwrap();
        let script = folder.path().join("scripts/run.sh");
        fs::write(&script, "#!/bin/sh").unwrap();
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
        folder
    }

    #[test]
    fn folders_with_the_same_files_are_the_same() {
        assert_eq!(compare(folder().path(), folder().path()).unwrap(), 2);
    }

    #[test]
    fn every_difference_is_named() {
        type Change = fn(&Path);
        let changes: [(Change, &str); 4] = [
            (
                |at| fs::write(at.join("SKILL.md"), "# Skil1").unwrap(),
                "SKILL.md",
            ),
            (
                |at| fs::remove_file(at.join("SKILL.md")).unwrap(),
                "SKILL.md",
            ),
            (|at| fs::write(at.join("more"), "").unwrap(), "more"),
            (
                |at| {
                    let script = at.join("scripts/run.sh");
                    fs::set_permissions(script, fs::Permissions::from_mode(0o644)).unwrap();
                },
                "scripts/run.sh",
            ),
        ];
        for (change, expected) in changes {
            let (source, installed) = (folder(), folder());
            change(installed.path());
            let error = compare(source.path(), installed.path()).unwrap_err();
            assert_eq!(error.to_string(), format!("these files differ: {expected}"));
        }
    }

    #[test]
    fn two_empty_folders_prove_nothing() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        assert!(compare(one.path(), other.path()).is_err());
    }

    #[test]
    fn examples_are_five_and_state_names_and_versions() {
        let skills = examples().unwrap();
        assert_eq!(skills.len(), 5);
        assert!(
            skills
                .iter()
                .any(|skill| skill.name == "alice/utils/greeter")
        );
        assert!(skills.iter().any(|skill| skill.name.starts_with('@')));
        assert!(skills.iter().any(|skill| skill.version == "0.3.0-beta.2"));
    }
}
