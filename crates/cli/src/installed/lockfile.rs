//! The lock: exactly what was installed, so that it can be installed again and checked.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use enact_bundle::{BundlePath, Contents};
use enact_types::{Digest, ToolName, Version};
use serde::{Deserialize, Deserializer, Serialize};

use super::replace::{read, replace};
use crate::exit::Failure;
use crate::settings::RegistryUrl;
use crate::tool_request::Wanted;

/// The largest lock that is read, in bytes: 1,000 skills of 300 files.
const MAX_LOCK_BYTES: u64 = 64 * 1024 * 1024;

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// `agents/skills.lock` or `~/.enact/tools.lock`.
#[derive(Debug)]
pub(crate) struct Lockfile {
    path: PathBuf,
    /// What is in the file; `None` if there is none.
    text: Option<Vec<u8>>,
    skills: BTreeMap<ToolName, Locked>,
}

/// What is locked for one skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(deserialize_with = "some_files")]
    pub(crate) files: Vec<LockedFile>,
}

/// One file of a skill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LockedFile {
    /// The path inside the skill's folder; safe to join to it.
    #[serde(deserialize_with = "safe_path")]
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

/// The file as a whole.
#[derive(Deserialize)]
struct Document {
    version: u32,
    skills: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: ToolName,
    #[serde(flatten)]
    locked: Locked,
}

impl Lockfile {
    /// Reads the lock at `path`; an empty one if there is no such file.
    pub(super) fn open(path: PathBuf) -> Result<Self, Failure> {
        let invalid = |problem: String| {
            let message = format!("cannot use {}: {problem}", path.display());
            Failure::new("INVALID_LOCK", message)
        };
        let text = read(&path, MAX_LOCK_BYTES).map_err(|problem| {
            invalid(problem).hint("move it away, and `enact install` writes a new one")
        })?;
        let skills = match &text {
            Some(text) => parse(text).map_err(|(problem, hint)| invalid(problem).hint(hint))?,
            None => BTreeMap::new(),
        };
        Ok(Self { path, text, skills })
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
        self.skills.insert(name.clone(), locked);
    }

    /// Forgets a skill.
    pub(crate) fn remove(&mut self, name: &ToolName) {
        self.skills.remove(name);
    }

    /// Replaces the file at once, if it would hold something else.
    pub(super) fn save(&mut self) -> Result<(), Failure> {
        let failure =
            |error: io::Error| Failure::io(format!("cannot write {}", self.path.display()), &error);
        let text = self.render().map_err(io::Error::from).map_err(failure)?;
        let empty = self.skills.is_empty() && self.text.is_none();
        if empty || self.text.as_deref() == Some(text.as_bytes()) {
            return Ok(());
        }
        replace(&self.path, text.as_bytes()).map_err(failure)?;
        self.text = Some(text.into_bytes());
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
        Ok(())
    }

    /// JSON with a line for each field and for each file, so that a change of one is a change of a
    /// line.
    fn render(&self) -> serde_json::Result<String> {
        let mut text = format!("{{\n  \"version\": {FORMAT},\n  \"skills\": [");
        let mut separator = "\n";
        for (name, locked) in &self.skills {
            let _ = write!(text, "{separator}    {{");
            separator = ",\n";
            field(&mut text, "name", name)?;
            field(&mut text, "requested", &locked.requested)?;
            field(&mut text, "version", &locked.version)?;
            field(&mut text, "registry", &locked.registry)?;
            field(&mut text, "hash", &locked.hash)?;
            field(&mut text, "size", &locked.size)?;
            text.push_str("\n      \"files\": [");
            let mut separator = "\n";
            for file in &locked.files {
                let file = serde_json::to_string(file)?;
                let _ = write!(text, "{separator}        {file}");
                separator = ",\n";
            }
            text.push_str("\n      ]\n    }");
        }
        text.push_str("\n  ]\n}\n");
        Ok(text)
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

fn field(text: &mut String, name: &str, value: &impl Serialize) -> serde_json::Result<()> {
    let value = serde_json::to_string(value)?;
    let _ = write!(text, "\n      \"{name}\": {value},");
    Ok(())
}

/// Answers what is wrong and what to do about it.
fn parse(text: &[u8]) -> Result<BTreeMap<ToolName, Locked>, (String, &'static str)> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    const HINT: &str = "move it away, and `enact install` writes a new one from the list";
    let broken = |error: serde_json::Error| (format!("it is no lock of skills: {error}"), HINT);
    let Version { version } = serde_json::from_slice(text).map_err(broken)?;
    if version != FORMAT {
        let problem = format!("its format is {version}, and this version of enact knows {FORMAT}");
        return Err((problem, "install a newer enact"));
    }
    let document: Document = serde_json::from_slice(text).map_err(broken)?;
    debug_assert_eq!(document.version, FORMAT);
    let mut skills = BTreeMap::new();
    for Entry { name, locked } in document.skills {
        if skills.contains_key(&name) {
            return Err((format!("it has {name} twice"), HINT));
        }
        skills.insert(name, locked);
    }
    Ok(skills)
}

/// Without files, whatever is in the folder would be as it is locked, even nothing.
fn some_files<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LockedFile>, D::Error> {
    let files = Vec::deserialize(deserializer)?;
    if files.is_empty() {
        return Err(serde::de::Error::custom("a skill is locked without files"));
    }
    Ok(files)
}

/// A lock may come from a stranger too, and its paths are joined to a folder.
fn safe_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let path = String::deserialize(deserializer)?;
    BundlePath::parse(path.as_bytes()).map_err(serde::de::Error::custom)?;
    Ok(path)
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
        assert_eq!(open(LOCK).unwrap().render().unwrap(), LOCK);
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
        let again = open(&lock.render().unwrap()).unwrap();
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
