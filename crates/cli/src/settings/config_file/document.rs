//! The file itself: read, changed and put back.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use super::{ConfigFile, ConfigKey, edit};
use crate::exit::Failure;
use crate::lock_file::LockFile;
use crate::private::make_folder;

/// The largest `config.yaml` that is read, in bytes; real ones have a few hundred.
const MAX_CONFIG_BYTES: u64 = 1024 * 1024;

/// How long to wait for others who change it, where a change takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is in the file. It has no `Debug`, since there may be a token in it.
pub(crate) struct Document {
    path: PathBuf,
    /// `None` if there is no file.
    text: Option<String>,
    value: Value,
}

/// What came of a change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// Comments and order are as they were.
    InPlace,
    /// The file was written anew, without comments; what it was is kept here.
    Anew(PathBuf),
}

impl Document {
    /// Reads the file in `home`, which need not exist.
    pub(crate) fn read(home: &Path) -> Result<Self, Failure> {
        let path = Self::place(home);
        let mut document = Self {
            path,
            text: None,
            value: Value::Null,
        };
        let file = match File::open(&document.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(document),
            Err(error) => return Err(document.invalid(&error.to_string())),
        };
        let mut text = String::new();
        file.take(MAX_CONFIG_BYTES + 1)
            .read_to_string(&mut text)
            .map_err(|error| document.invalid(&error.to_string()))?;
        if text.len() as u64 > MAX_CONFIG_BYTES {
            let problem = format!("it has more than {MAX_CONFIG_BYTES} bytes");
            return Err(document.invalid(&problem));
        }
        document.value = parse(&text).map_err(|problem| document.invalid(&problem))?;
        document.text = Some(text);
        Ok(document)
    }

    /// Where the file of `home` is, or would be.
    pub(crate) fn place(home: &Path) -> PathBuf {
        home.join(".enact/config.yaml")
    }

    /// Where it is, or would be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is a file.
    pub(crate) fn exists(&self) -> bool {
        self.text.is_some()
    }

    /// All that is in it; null if that is nothing.
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// One setting, or a section of them.
    pub(crate) fn get(&self, key: &ConfigKey) -> Option<&Value> {
        let found = key
            .parts()
            .try_fold(&self.value, |value, part| value.get(part))?;
        Some(found).filter(|value| !value.is_null())
    }

    /// Changes one setting in the file of `home`, or adds it, and keeps all others. What is known here
    /// has to be right. Nobody else changes the file meanwhile, and whoever reads it sees the old or
    /// the new one, whole.
    pub(crate) fn set(home: &Path, key: &ConfigKey, value: &Value) -> Result<Saved, Failure> {
        let folder = home.join(".enact");
        make_folder(&folder)
            .map_err(|error| Failure::io(format!("cannot make {}", folder.display()), &error))?;
        let _held = LockFile::open(&folder.join("config.lock"))?.lock(PATIENCE)?;
        let document = Self::read(home)?;
        let mut wanted = document.value.clone();
        put(&mut wanted, key, value.clone())?;
        ConfigFile::check(&document.value, &wanted)?;
        document.save(key, value, &wanted)
    }

    fn save(&self, key: &ConfigKey, value: &Value, wanted: &Value) -> Result<Saved, Failure> {
        let failure =
            |error: io::Error| Failure::io(format!("cannot write {}", self.path.display()), &error);
        let text = self.text.as_deref().unwrap_or_default();
        let parts: Vec<&str> = key.parts().collect();
        let edited = scalar(value).and_then(|scalar| edit::set(text, &parts, &scalar));
        if let Some(edited) = edited
            && parse(&edited).is_ok_and(|value| value == *wanted)
        {
            write(&self.path, &edited).map_err(failure)?;
            return Ok(Saved::InPlace);
        }
        let anew = serde_saphyr::to_string(wanted).map_err(io::Error::other);
        let anew = anew.map_err(failure)?;
        let old = self.path.with_extension("yaml.bak");
        write(&old, text)
            .map_err(|error| Failure::io(format!("cannot write {}", old.display()), &error))?;
        write(&self.path, &anew).map_err(failure)?;
        Ok(Saved::Anew(old))
    }

    /// What is said of a file that cannot be used. `problem` shows nothing of what is in it.
    pub(super) fn invalid(&self, problem: &str) -> Failure {
        let path = self.path.display();
        Failure::new("INVALID_CONFIG", format!("cannot use {path}: {problem}"))
            .hint("correct the file, or move it away to go by the defaults")
    }
}

fn parse(text: &str) -> Result<Value, String> {
    // An excerpt of the file in an error message could be the one with the token.
    let options = serde_saphyr::options! { with_snippet: false };
    let value: Option<Value> =
        serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())?;
    Ok(value.unwrap_or_default())
}

/// Puts a value where `key` says, into new sections if need be.
fn put(root: &mut Value, key: &ConfigKey, value: Value) -> Result<(), Failure> {
    let mut place = root;
    for part in key.parts() {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(section) = place else {
            let message = format!("{key} cannot be set: what should hold {part:?} is no section");
            return Err(
                Failure::new("INVALID_CONFIG", message).hint("see what it is: enact config list")
            );
        };
        place = section.entry(part).or_insert(Value::Null);
    }
    *place = value;
    Ok(())
}

/// A value on one line; what has parts as JSON, which is YAML too.
fn scalar(value: &Value) -> Option<String> {
    if value.is_array() || value.is_object() {
        return serde_json::to_string(value).ok();
    }
    let text = serde_saphyr::to_string(value).ok()?;
    Some(text.trim_end().to_owned())
}

/// Puts a file with this text in the place of the one at `path`, or of the one that a link there leads
/// to. It may be read by whoever could read the other; a new one by its user alone.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    // Made for its user alone.
    let mut file = tempfile::Builder::new()
        .prefix(".config-")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&path) {
        let mode = metadata.permissions().mode() & 0o7777;
        file.as_file()
            .set_permissions(Permissions::from_mode(mode))?;
    }
    file.as_file().sync_all()?;
    file.persist(&path)?;
    File::open(folder)?.sync_all()
}
