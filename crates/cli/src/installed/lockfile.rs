//! The lock: exactly what was installed, so that it can be installed again and checked.

mod format;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use enact_bundle::Contents;
use enact_types::{Digest, ToolName, Version};
use serde::{Deserialize, Serialize};

use super::replace::{read, replace};
use crate::exit::Failure;
use crate::settings::RegistryUrl;
use crate::tool_request::Wanted;

/// The largest lock that is read, in bytes: 1,000 skills of 300 files.
const MAX_LOCK_BYTES: u64 = 64 * 1024 * 1024;

/// `agents/skills.lock` or `~/.enact/tools.lock`.
#[derive(Debug)]
pub(crate) struct Lockfile {
    path: PathBuf,
    /// What is in the file; `None` if there is none.
    text: Option<Vec<u8>>,
    skills: BTreeMap<ToolName, Locked>,
    /// Whether the skills may be others than those in the file.
    changed: bool,
}

/// What is locked for one skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Locked {
    /// Which versions were asked for; `enact update` stays within.
    pub(crate) requested: Wanted,
    /// The version.
    pub(crate) version: Version,
    /// The registry that it is from.
    pub(crate) registry: RegistryUrl,
    /// The digest of its bundle.
    pub(crate) hash: Digest,
    /// The size of its bundle, in bytes.
    pub(crate) size: u64,
    /// Its files, sorted by path; never none, since a bundle has its manifest at least.
    pub(crate) files: Vec<LockedFile>,
}

/// One file of a skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LockedFile {
    /// The path inside the skill's folder; safe to join to it.
    #[serde(deserialize_with = "format::safe_path")]
    pub(crate) path: String,
    /// Its permissions.
    pub(crate) mode: Mode,
    /// Its size, in bytes.
    pub(crate) size: u64,
    /// The digest of its content.
    pub(crate) hash: Digest,
}

/// The permissions of a file: as in tar, less what the umask takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// `rw-r--r--`
    #[serde(rename = "644")]
    Plain,
    /// `rwxr-xr-x`
    #[serde(rename = "755")]
    Executable,
}

impl Lockfile {
    /// Reads the lock at `path`; an empty one if there is no such file.
    pub(super) fn open(path: PathBuf) -> Result<Self, Failure> {
        let mut lock = Self {
            path,
            text: None,
            skills: BTreeMap::new(),
            changed: false,
        };
        lock.refresh()?;
        Ok(lock)
    }

    /// Reads the lock again. What was set or removed and not saved is forgotten.
    pub(super) fn refresh(&mut self) -> Result<(), Failure> {
        let invalid = |problem: String| {
            let message = format!("cannot use {}: {problem}", self.path.display());
            Failure::new("INVALID_LOCK", message)
        };
        let text = read(&self.path, MAX_LOCK_BYTES).map_err(|problem| {
            invalid(problem).hint("move it away, and `enact install` writes a new one")
        })?;
        if text == self.text && !self.changed {
            return Ok(());
        }
        self.skills = match &text {
            Some(text) => {
                format::parse(text).map_err(|(problem, hint)| invalid(problem).hint(hint))?
            }
            None => BTreeMap::new(),
        };
        self.text = text;
        self.changed = false;
        Ok(())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file.
    pub(crate) fn exists(&self) -> bool {
        self.text.is_some()
    }

    /// What is locked for a skill.
    pub(crate) fn get(&self, name: &ToolName) -> Option<&Locked> {
        self.skills.get(name)
    }

    /// All skills, sorted by name.
    pub(crate) fn skills(&self) -> impl Iterator<Item = (&ToolName, &Locked)> {
        self.skills.iter()
    }

    /// Locks a skill.
    pub(crate) fn set(&mut self, name: &ToolName, locked: Locked) {
        if self.skills.get(name) != Some(&locked) {
            self.changed = true;
            self.skills.insert(name.clone(), locked);
        }
    }

    /// Forgets a skill.
    pub(crate) fn remove(&mut self, name: &ToolName) {
        self.changed |= self.skills.remove(name).is_some();
    }

    /// Replaces the file at once, if anything changed.
    pub(super) fn save(&mut self) -> Result<(), Failure> {
        if !self.changed {
            return Ok(());
        }
        let failure =
            |error: io::Error| Failure::io(format!("cannot write {}", self.path.display()), &error);
        let text = format::render(&self.skills);
        let text = text.map_err(io::Error::from).map_err(failure)?;
        replace(&self.path, text.as_bytes()).map_err(failure)?;
        self.text = Some(text.into_bytes());
        self.changed = false;
        Ok(())
    }

    /// What is in the file; `None` if there is none.
    pub(super) fn text(&self) -> Option<&[u8]> {
        self.text.as_deref()
    }

    /// Makes the file what it was before it was saved; what is in memory stays.
    pub(super) fn put_back(&mut self, text: Option<Vec<u8>>) -> io::Result<()> {
        if self.text == text {
            return Ok(());
        }
        match &text {
            Some(text) => replace(&self.path, text)?,
            None => fs::remove_file(&self.path)?,
        }
        self.text = text;
        self.changed = true;
        Ok(())
    }
}

impl Locked {
    /// The files of a bundle, as they are locked.
    pub(crate) fn files_of(contents: &Contents) -> Vec<LockedFile> {
        let files = contents.files.iter().map(|file| LockedFile {
            path: file.path.clone(),
            mode: if file.executable {
                Mode::Executable
            } else {
                Mode::Plain
            },
            size: file.size,
            hash: file.sha256,
        });
        files.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{
  "version": 1,
  "skills": [
    {
      "name": "alice/greeter",
      "requested": "^1.0.0",
      "version": "1.2.0",
      "registry": "https://registry.example",
      "hash": "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      "size": 7,
      "files": [
        {"path":"SKILL.md","mode":"644","size":0,"hash":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"path":"run.sh","mode":"755","size":0,"hash":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}
      ]
    }
  ]
}
"#;

    fn open(text: &str) -> Result<Lockfile, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("skills.lock");
        fs::write(&path, text).unwrap();
        Lockfile::open(path)
    }

    #[test]
    fn is_written_as_it_is_read() {
        assert_eq!(format::render(&open(LOCK).unwrap().skills).unwrap(), LOCK);
    }

    #[test]
    fn says_what_is_in_the_file_when_it_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("skills.lock");
        fs::write(&path, LOCK).unwrap();
        let mut lock = Lockfile::open(path.clone()).unwrap();
        let greeter: ToolName = "alice/greeter".parse().unwrap();
        lock.remove(&greeter);
        lock.refresh().unwrap();
        assert!(lock.get(&greeter).is_some(), "what was not saved is undone");
        lock.remove(&greeter);
        lock.save().unwrap();
        lock.refresh().unwrap();
        assert!(lock.get(&greeter).is_none());
        fs::write(&path, LOCK).unwrap();
        lock.refresh().unwrap();
        assert!(lock.get(&greeter).is_some(), "another process wrote it");
        fs::remove_file(&path).unwrap();
        lock.refresh().unwrap();
        assert!(lock.get(&greeter).is_none() && !lock.exists());
    }

    #[test]
    fn is_sorted_by_name() {
        let mut lock = open(LOCK).unwrap();
        let greeter: ToolName = "alice/greeter".parse().unwrap();
        let locked = lock.get(&greeter).unwrap().clone();
        lock.set(&"@acme/x".parse().unwrap(), locked.clone());
        lock.set(&"alice/g".parse().unwrap(), locked);
        let names: Vec<_> = lock.skills().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["@acme/x", "alice/g", "alice/greeter"]);
        let again = open(&format::render(&lock.skills).unwrap()).unwrap();
        assert!(again.skills().eq(lock.skills()));
    }

    #[test]
    fn refuses_what_could_do_harm_or_is_of_the_future() {
        for (from, to) in [
            ("\"SKILL.md\"", "\"../../.bashrc\""),
            ("\"SKILL.md\"", "\"/etc/passwd\""),
            ("\"755\"", "\"4755\""),
            ("alice/greeter", "../greeter"),
            ("https:", "file:"),
            ("1.2.0", "../x"),
            ("\"version\": 1,", "\"version\": 2,"),
            ("\"version\": 1,", ""),
        ] {
            let wrong = LOCK.replacen(from, to, 1);
            assert_ne!(wrong, LOCK);
            let failure = open(&wrong).unwrap_err();
            assert_eq!(failure.code(), "INVALID_LOCK", "{to}");
        }
    }

    #[test]
    fn refuses_a_skill_without_files() {
        let mut lock: serde_json::Value = serde_json::from_str(LOCK).unwrap();
        lock["skills"][0]["files"] = serde_json::json!([]);
        let failure = open(&lock.to_string()).unwrap_err();
        assert_eq!(failure.code(), "INVALID_LOCK");
    }
}
