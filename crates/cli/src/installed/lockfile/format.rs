//! The lock as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use enact_bundle::BundlePath;
use enact_types::{Digest, ToolName, Version};
use serde::{Deserialize, Deserializer, Serialize};

use super::super::replace::{CONFLICT, has_conflict};
use super::{Locked, LockedFile};
use crate::settings::RegistryUrl;
use crate::tool_request::Wanted;

/// The format that is written, and the only one that is read.
const FORMAT: u32 = 1;

/// The file as a whole.
#[derive(Deserialize)]
struct Document {
    version: u32,
    skills: Vec<Entry>,
}

/// As [`Locked`], with its name: `flatten` would read each field into a buffer first.
#[derive(Deserialize)]
struct Entry {
    name: ToolName,
    requested: Wanted,
    version: Version,
    registry: RegistryUrl,
    hash: Digest,
    size: u64,
    #[serde(deserialize_with = "some_files")]
    files: Vec<LockedFile>,
}

/// Answers what is wrong and what to do about it.
pub(super) fn parse(text: &[u8]) -> Result<BTreeMap<ToolName, Locked>, (String, &'static str)> {
    #[derive(Deserialize)]
    struct Version {
        version: u32,
    }
    const HINT: &str = "move it away, and `enact install` writes a new one from the list";
    const EITHER: &str = "take either side (`git checkout --theirs` with its path), and `enact install` puts in \
                          what the list has beside it";
    let broken = |error: serde_json::Error| {
        if has_conflict(text) {
            return (CONFLICT.to_owned(), EITHER);
        }
        (format!("it is no lock of skills: {error}"), HINT)
    };
    let Version { version } = serde_json::from_slice(text).map_err(broken)?;
    if version != FORMAT {
        let problem = format!("its format is {version}, and this version of enact knows {FORMAT}");
        return Err((problem, "install a newer enact"));
    }
    let document: Document = serde_json::from_slice(text).map_err(broken)?;
    debug_assert_eq!(document.version, FORMAT);
    let mut skills = BTreeMap::new();
    for entry in document.skills {
        let locked = Locked {
            requested: entry.requested,
            version: entry.version,
            registry: entry.registry,
            hash: entry.hash,
            size: entry.size,
            files: entry.files,
        };
        if skills.contains_key(&entry.name) {
            return Err((format!("it has {} twice", entry.name), HINT));
        }
        skills.insert(entry.name, locked);
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
pub(super) fn safe_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let path = String::deserialize(deserializer)?;
    BundlePath::parse(path.as_bytes()).map_err(serde::de::Error::custom)?;
    Ok(path)
}

/// JSON with a line for each field and for each file, so that a change of one is a change of a
/// line.
pub(super) fn render(skills: &BTreeMap<ToolName, Locked>) -> serde_json::Result<String> {
    let mut text = format!("{{\n  \"version\": {FORMAT},\n  \"skills\": [");
    let mut separator = "\n";
    for (name, locked) in skills {
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

fn field(text: &mut String, name: &str, value: &impl Serialize) -> serde_json::Result<()> {
    let value = serde_json::to_string(value)?;
    let _ = write!(text, "\n      \"{name}\": {value},");
    Ok(())
}
