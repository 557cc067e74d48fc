//! `~/.enact/credentials.json`: which registries there are tokens for, and those tokens that are in
//! no keyring. Only its user can read it; a file that others can read is refused.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::private;
use crate::settings::RegistryUrl;

/// The largest file that is read, in bytes: hundreds of registries.
const MAX_BYTES: u64 = 1024 * 1024;

/// The only format so far.
const VERSION: u32 = 1;

/// What is in the file. It has no `Debug`, since it holds tokens.
#[derive(Deserialize, Serialize)]
pub(super) struct Entries {
    version: u32,
    /// By the registry's URL.
    registries: BTreeMap<String, Entry>,
}

/// What is kept for one registry.
#[derive(Deserialize, Serialize)]
#[serde(tag = "kept_in", rename_all = "lowercase")]
pub(super) enum Entry {
    /// The token is here.
    File {
        /// Whom it signs in.
        user: String,
        /// The token.
        token: String,
    },
    /// The token is in the keyring.
    Keyring {
        /// Whom it signs in.
        user: String,
    },
}

/// The file in `folder`.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("credentials.json")
}

/// Makes `~/.enact`, if it is not there.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    private::make_folder(folder)
        .map_err(|error| Failure::io(format!("cannot make {}", folder.display()), &error))
}

impl Entries {
    /// Reads the file in `folder`; nothing is kept if there is none.
    pub(super) fn read(folder: &Path) -> Result<Self, Failure> {
        let path = path(folder);
        let invalid = |problem: String| {
            let path = path.display();
            Failure::new("INVALID_CONFIG", format!("cannot use {path}: {problem}"))
        };
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self {
                    version: VERSION,
                    registries: BTreeMap::new(),
                });
            }
            Err(error) => return Err(invalid(error.to_string())),
        };
        let metadata = file
            .metadata()
            .map_err(|error| invalid(error.to_string()))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(
                invalid("other users of this machine can read it".to_owned())
                    .hint(format!("run: chmod 600 {}", path.display()))
                    .hint("and if they could for long, revoke the tokens in it and sign in again"),
            );
        }
        let mut text = String::new();
        let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
        read.map_err(|error| invalid(error.to_string()))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(invalid(format!("it has more than {MAX_BYTES} bytes")));
        }
        Self::parse(&text).map_err(|problem| {
            invalid(problem).hint("move it away, and sign in again with `enact login`")
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        // What the library says of an error may show a piece of the file, which may be a token.
        let entries: Self = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("it is not what enact writes there: line {line}, column {column}")
        })?;
        if entries.version != VERSION {
            return Err("another version of enact wrote it".to_owned());
        }
        Ok(entries)
    }

    /// Puts a file with these entries in the place of the one in `folder`. Whoever reads sees the one
    /// or the other, whole, also after a crash.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        let path = path(folder);
        let written = || -> io::Result<()> {
            // Made for its user alone.
            let mut file = tempfile::Builder::new()
                .prefix(".credentials-")
                .tempfile_in(folder)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            File::open(folder)?.sync_all()
        };
        let failure = |error| Failure::io(format!("cannot write {}", path.display()), &error);
        written().map_err(failure)?;
        let metadata = fs::metadata(&path).map_err(failure)?;
        if metadata.permissions().mode() & 0o077 != 0 {
            // As on a file system of Windows.
            let removed = fs::remove_file(&path);
            removed.map_err(failure)?;
            let why = format!("files in {} can be read by everybody", folder.display());
            return Err(Failure::new("UNSAFE_FOLDER", why)
                .hint("set ENACT_AUTH_TOKEN instead, or HOME to a folder on another file system"));
        }
        Ok(())
    }

    /// Takes out what there is for a registry.
    pub(super) fn take(&mut self, registry: &RegistryUrl) -> Option<Entry> {
        self.registries.remove(&registry.to_string())
    }

    /// Puts in what there is for a registry.
    pub(super) fn put(&mut self, registry: &RegistryUrl, entry: Entry) {
        self.registries.insert(registry.to_string(), entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_file_is_said_without_its_content() {
        for broken in [
            "s3cret",
            r#"{"version": "s3cret", "registries": {}}"#,
            r#"{"version": 1, "registries": {"http://x": "s3cret"}}"#,
            r#"{"version": 1, "registries": {"http://x": {"kept_in": "s3cret"}}}"#,
            r#"{"version": 2, "registries": {}}"#,
        ] {
            let Err(problem) = Entries::parse(broken) else {
                panic!("{broken} was read")
            };
            assert!(!problem.contains("s3cret"), "{problem}");
        }
    }
}
