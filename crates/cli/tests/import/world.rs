//! A registry of ours with its folder, and the program that operates it.

use std::path::{Path, PathBuf};

use enact_testkit::{EnactServer, enact_command};
use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
fn enact() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_enact"))
}

pub(crate) struct World {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl World {
    pub(crate) fn new(env: Vec<(&'static str, String)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder, env }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn serve(&self) -> EnactServer {
        EnactServer::start(&enact(), &self.path("data"), self.env.clone()).unwrap()
    }

    /// A variable that everything here is run with.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        let (_, value) = self.env.iter().find(|(found, _)| *found == name)?;
        Some(value)
    }

    /// Runs `enact` here, with an empty home.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(&[], arguments)
    }

    /// The same with more variables.
    pub(crate) fn run_with(&self, vars: &[(&str, &str)], arguments: &[&str]) -> Ended {
        let output = enact_command(&enact())
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.path("home"))
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .envs(vars.iter().copied())
            .output()
            .unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs `enact db … --data data`.
    pub(crate) fn db(&self, arguments: &[&str]) -> Ended {
        self.run(&[&["db"], arguments, &["--data", "data"]].concat())
    }
}

impl Ended {
    /// Expects the exit code.
    #[track_caller]
    pub(crate) fn code(self, expected: i32) -> Self {
        assert_eq!(self.code, Some(expected), "{self:#?}");
        self
    }

    /// The one JSON value on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

/// Every file below `folder`, with its size and when it was changed.
pub(crate) fn state(folder: &Path) -> Vec<(PathBuf, u64, std::time::SystemTime)> {
    let (mut state, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = std::fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            state.push((path, metadata.len(), metadata.modified().unwrap()));
        }
    }
    state.sort();
    state
}
