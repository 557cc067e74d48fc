//! What is installed: the skills' folders, and the lists of a project and of a user.
//!
//! Places and formats are those of the existing client. All projects of a user share the folders
//! in `~/.agents/skills`; a list says which version one of them asked for.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use enact_bundle::{PackError, SkillFolder};
use enact_types::{ToolName, Version};
use serde_json::{Map, Value, json};

use crate::exit::Failure;

/// The largest list that is read, in bytes; 10,000 skills fit.
const MAX_LIST_BYTES: u64 = 4 * 1024 * 1024;

/// A list of installed skills: `{"tools": {"alice/greeter": "1.0.0"}, "aliases": {}}`.
#[derive(Debug)]
pub(crate) struct List {
    path: PathBuf,
    fields: Map<String, Value>,
}

impl List {
    /// The list of all projects of the user, `~/.enact/tools.json`.
    pub(crate) fn global(home: &Path) -> Result<Self, Failure> {
        Self::open(home.join(".enact/tools.json"))
    }

    /// The list of the project that `folder` lies in: `agents/skills.json` in the nearest folder
    /// upwards that has an `agents` folder, else in `folder` itself.
    pub(crate) fn project(folder: &Path) -> Result<Self, Failure> {
        let root = folder
            .ancestors()
            .find(|folder| folder.join("agents").is_dir());
        Self::open(root.unwrap_or(folder).join("agents/skills.json"))
    }

    /// Reads the list at `path`; an empty one if there is no such file.
    fn open(path: PathBuf) -> Result<Self, Failure> {
        let invalid = |problem: String| {
            let path = path.display();
            Failure::new("INVALID_LIST", format!("cannot use {path}: {problem}"))
                .hint("correct the file or move it away; nothing was installed")
        };
        let fields = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
            Err(error) => return Err(invalid(error.to_string())),
            Ok(metadata) if metadata.len() > MAX_LIST_BYTES => {
                return Err(invalid(format!("it has more than {MAX_LIST_BYTES} bytes")));
            }
            Ok(_) => {
                let text = fs::read(&path).map_err(|error| invalid(error.to_string()))?;
                serde_json::from_slice(&text)
                    .map_err(|error| invalid(format!("it should be a JSON object: {error}")))?
            }
        };
        if fields.get("tools").is_some_and(|tools| !tools.is_object()) {
            return Err(invalid(
                "its field \"tools\" should be an object".to_owned(),
            ));
        }
        Ok(Self { path, fields })
    }

    /// The version in the list.
    pub(crate) fn version_of(&self, name: &ToolName) -> Option<&str> {
        self.fields.get("tools")?.get(name.as_str())?.as_str()
    }

    /// Puts a version into the list and replaces the file at once; whatever else is in it stays,
    /// in its order.
    pub(crate) fn record(&mut self, name: &ToolName, version: &Version) -> Result<(), Failure> {
        let tools = self.fields.entry("tools").or_insert_with(|| json!({}));
        if let Value::Object(tools) = tools {
            tools.insert(name.to_string(), json!(version));
        }
        self.fields.entry("aliases").or_insert_with(|| json!({}));
        let text = serde_json::to_vec_pretty(&self.fields).map_err(io::Error::from);
        text.and_then(|text| replace_file(&self.path, &text))
            .map_err(|error| Failure::io(format!("cannot write {}", self.path.display()), &error))
    }
}

/// Writes beside `path` and renames, so that a reader sees the old file or the new one.
fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link is kept, and what it points to replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".enact-").suffix(".tmp");
    // Like any new file; less what the umask takes.
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(metadata) = fs::metadata(&path) {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(())
}

/// The folder of a skill, `~/.agents/skills/NAME`.
#[derive(Debug)]
pub(crate) struct Place {
    root: PathBuf,
    path: PathBuf,
    name: ToolName,
}

impl Place {
    /// Where `name` belongs.
    pub(crate) fn of(home: &Path, name: &ToolName) -> Self {
        let root = home.join(".agents/skills");
        Self {
            path: root.join(name.as_str()),
            root,
            name: name.clone(),
        }
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The version that the skill in the folder says it is; `None` if there is no skill, or it does
    /// not say.
    pub(crate) fn version(&self) -> Option<Version> {
        let skill = SkillFolder::read(&self.path).ok()?;
        let manifest = skill.manifest;
        (manifest.name.as_ref() == Some(&self.name)).then_some(manifest.version)?
    }

    /// Fails if the skill would lie inside another one, or its folder holds something else than a
    /// skill: replacing it would delete, for example, `alice/utils/greeter` for `alice/utils`.
    pub(crate) fn check_free(&self) -> Result<(), Failure> {
        let occupied = |message: String, folder: &Path| {
            Failure::new("OCCUPIED", message).hint(format!(
                "move {} away if you do not need it",
                folder.display()
            ))
        };
        for folder in self.path.ancestors().skip(1) {
            if folder == self.root {
                break;
            }
            if is_skill(folder) {
                let message = format!("{} would lie inside another skill", self.path.display());
                return Err(occupied(message, folder));
            }
        }
        let in_use = match fs::read_dir(&self.path) {
            Ok(mut entries) => entries.next().is_some(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if in_use && !is_skill(&self.path) {
            let message = format!("{} exists and is not a skill", self.path.display());
            return Err(occupied(message, &self.path));
        }
        Ok(())
    }
}

/// Whether there is a manifest in `folder`, even a broken one.
fn is_skill(folder: &Path) -> bool {
    !matches!(
        SkillFolder::read(folder),
        Err(PackError::NoManifest(_) | PackError::Read { .. })
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> ToolName {
        ToolName::parse(text).unwrap()
    }

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    fn skill(home: &Path, name: &str, version: &str) {
        let folder = home.join(".agents/skills").join(name);
        fs::create_dir_all(&folder).unwrap();
        let manifest = format!("name: {name}\nversion: {version}\n");
        fs::write(folder.join("skill.package.yml"), manifest).unwrap();
    }

    #[test]
    fn starts_a_list_and_keeps_what_is_in_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(".enact/tools.json");
        let mut list = List::global(home.path()).unwrap();
        assert_eq!(list.version_of(&name("a/b")), None);
        list.record(&name("a/b"), &version("1.0.0")).unwrap();
        let expected = "{\n  \"tools\": {\n    \"a/b\": \"1.0.0\"\n  },\n  \"aliases\": {}\n}";
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);

        fs::write(
            &path,
            r#"{"zz": 1, "tools": {"z/z": "9.0.0", "a/b": "1.0.0"}, "aa": [2]}"#,
        )
        .unwrap();
        let mut list = List::global(home.path()).unwrap();
        list.record(&name("a/b"), &version("2.0.0")).unwrap();
        list.record(&name("a/a"), &version("1.0.0")).unwrap();
        let text: String = fs::read_to_string(&path)
            .unwrap()
            .split_whitespace()
            .collect();
        let expected =
            r#"{"zz":1,"tools":{"z/z":"9.0.0","a/b":"2.0.0","a/a":"1.0.0"},"aa":[2],"aliases":{}}"#;
        assert_eq!(text, expected);
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "a temporary file was left");
    }

    #[test]
    fn a_broken_list_is_refused_and_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(".enact/tools.json");
        fs::create_dir(path.parent().unwrap()).unwrap();
        for text in ["{", "[]", r#"{"tools": []}"#] {
            fs::write(&path, text).unwrap();
            assert_eq!(
                List::global(home.path()).unwrap_err().code(),
                "INVALID_LIST"
            );
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_project_is_the_nearest_folder_with_agents() {
        let root = tempfile::tempdir().unwrap();
        let deep = root.path().join("a/b");
        fs::create_dir_all(&deep).unwrap();
        assert_eq!(
            List::project(&deep).unwrap().path,
            deep.join("agents/skills.json")
        );
        fs::create_dir(root.path().join("agents")).unwrap();
        let expected = root.path().join("agents/skills.json");
        assert_eq!(List::project(&deep).unwrap().path, expected);
    }

    #[test]
    fn knows_the_version_in_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let place = Place::of(home.path(), &name("alice/utils/greeter"));
        assert_eq!(place.version(), None);
        skill(home.path(), "alice/utils/greeter", "1.2.3");
        assert_eq!(place.version(), Some(version("1.2.3")));
    }

    #[test]
    fn a_skill_never_replaces_or_enters_another() {
        let home = tempfile::tempdir().unwrap();
        skill(home.path(), "alice/utils/greeter", "1.0.0");
        skill(home.path(), "bob/x", "1.0.0");
        let free = |text: &str| Place::of(home.path(), &name(text)).check_free().is_ok();
        assert!(free("alice/utils/greeter"));
        assert!(free("alice/utils/other"));
        assert!(free("carol/x"));
        assert!(!free("alice/utils"), "would delete alice/utils/greeter");
        assert!(!free("bob/x/y"), "would become a part of bob/x");
    }
}
