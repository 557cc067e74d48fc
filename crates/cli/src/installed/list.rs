//! The lists of what a project and a user asked for.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use enact_types::{ToolName, Version};
use serde_json::{Map, Value, json};

use super::lock;
use crate::exit::Failure;

/// The largest list that is read, in bytes; 10,000 skills fit.
const MAX_LIST_BYTES: u64 = 4 * 1024 * 1024;

/// A list of installed skills: `{"tools": {"alice/greeter": "1.0.0"}, "aliases": {}}`.
#[derive(Debug)]
pub(crate) struct List {
    home: PathBuf,
    path: PathBuf,
    fields: Map<String, Value>,
}

impl List {
    /// The list of all projects of the user, `~/.enact/tools.json`. A link there is the user's own,
    /// so it is kept, and what it points to is the list.
    pub(crate) fn global(home: &Path) -> Result<Self, Failure> {
        let path = home.join(".enact/tools.json");
        Self::open(home, fs::canonicalize(&path).unwrap_or(path))
    }

    /// The list of the project that `folder` lies in: `agents/skills.json` in the nearest folder
    /// upwards that has an `agents` folder, else in `folder` itself.
    pub(crate) fn project(home: &Path, folder: &Path) -> Result<Self, Failure> {
        let root = folder
            .ancestors()
            .find(|folder| folder.join("agents").is_dir());
        Self::open(home, root.unwrap_or(folder).join("agents/skills.json"))
    }

    fn open(home: &Path, path: PathBuf) -> Result<Self, Failure> {
        let fields = read(&path).map_err(|problem| {
            invalid(&path, &problem).hint("correct the file or move it away; nothing was installed")
        })?;
        Ok(Self {
            home: home.to_owned(),
            path,
            fields,
        })
    }

    /// The version in the list, as it was when the list was opened.
    pub(crate) fn version_of(&self, name: &ToolName) -> Option<&str> {
        self.fields.get("tools")?.get(name.as_str())?.as_str()
    }

    /// Puts a version into the list as it is by now, and replaces the file at once; whatever else is
    /// in it stays, in its order. No other process of this user changes it meanwhile.
    pub(crate) async fn record(
        &mut self,
        name: &ToolName,
        version: &Version,
    ) -> Result<(), Failure> {
        const AGAIN: &str = "the skill is in its folder, but not in the list; install it again";
        let _lock = lock::acquire(&self.home)
            .await
            .map_err(|failure| failure.hint(AGAIN))?;
        self.fields = read(&self.path).map_err(|problem| {
            invalid(&self.path, &problem)
                .hint("correct the file or move it away")
                .hint(AGAIN)
        })?;
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

fn invalid(path: &Path, problem: &str) -> Failure {
    let message = format!("cannot use {}: {problem}", path.display());
    Failure::new("INVALID_LIST", message)
}

/// Reads the list at `path`; an empty one if there is no such file. Answers what is wrong with it.
///
/// A project may come from a stranger, so its list is not to be a link: following it would copy what
/// it points to into the project or write there, and replacing it would be a surprise.
fn read(path: &Path) -> Result<Map<String, Value>, String> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Map::new()),
        Err(error) => return Err(error.to_string()),
        Ok(metadata) if metadata.is_symlink() => {
            return Err("it is a symbolic link; it should be the file itself".to_owned());
        }
        Ok(metadata) if !metadata.is_file() => return Err("it is not a file".to_owned()),
        Ok(_) => {}
    }
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_LIST_BYTES + 1).read_to_end(&mut text))
        .map_err(|error| error.to_string())?;
    if text.len() as u64 > MAX_LIST_BYTES {
        return Err(format!("it has more than {MAX_LIST_BYTES} bytes"));
    }
    let fields: Map<String, Value> = serde_json::from_slice(&text)
        .map_err(|error| format!("it should be a JSON object: {error}"))?;
    if fields.get("tools").is_some_and(|tools| !tools.is_object()) {
        return Err("its field \"tools\" should be an object".to_owned());
    }
    Ok(fields)
}

/// Writes beside `path` and renames, so that a reader sees the old file or the new one.
fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".enact-").suffix(".tmp");
    // Like any new file; less what the umask takes.
    #[cfg(unix)]
    builder.permissions(<Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o666));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(metadata) = fs::symlink_metadata(path)
        && metadata.is_file()
    {
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
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

    #[tokio::test]
    async fn starts_a_list_and_keeps_what_is_in_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(".enact/tools.json");
        let mut list = List::global(home.path()).unwrap();
        assert_eq!(list.version_of(&name("a/b")), None);
        list.record(&name("a/b"), &version("1.0.0")).await.unwrap();
        let expected = "{\n  \"tools\": {\n    \"a/b\": \"1.0.0\"\n  },\n  \"aliases\": {}\n}";
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);

        fs::write(
            &path,
            r#"{"zz": 1, "tools": {"z/z": "9.0.0", "a/b": "1.0.0"}, "aa": [2]}"#,
        )
        .unwrap();
        let mut list = List::global(home.path()).unwrap();
        list.record(&name("a/b"), &version("2.0.0")).await.unwrap();
        list.record(&name("a/a"), &version("1.0.0")).await.unwrap();
        let text: String = fs::read_to_string(&path)
            .unwrap()
            .split_whitespace()
            .collect();
        let expected =
            r#"{"zz":1,"tools":{"z/z":"9.0.0","a/b":"2.0.0","a/a":"1.0.0"},"aa":[2],"aliases":{}}"#;
        assert_eq!(text, expected);
        let files = fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 2, "more than the list and the lock is there");
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
            List::project(root.path(), &deep).unwrap().path,
            deep.join("agents/skills.json")
        );
        fs::create_dir(root.path().join("agents")).unwrap();
        let expected = root.path().join("agents/skills.json");
        assert_eq!(List::project(root.path(), &deep).unwrap().path, expected);
    }

    #[test]
    fn changes_at_once_are_all_kept() {
        let home = tempfile::tempdir().unwrap();
        let one = |number: usize| {
            let mut list = List::global(home.path()).unwrap();
            let name = name(&format!("a/b{number}"));
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_time()
                .build()
                .unwrap();
            runtime
                .block_on(list.record(&name, &version("1.0.0")))
                .unwrap();
        };
        std::thread::scope(|scope| {
            for number in 0..16 {
                let one = &one;
                scope.spawn(move || one(number));
            }
        });
        let list = List::global(home.path()).unwrap();
        let tools = list.fields["tools"].as_object().unwrap();
        assert_eq!(tools.len(), 16);
    }
}
