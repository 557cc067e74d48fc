//! A server with its data folder, and people with homes and projects of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use enact_testkit::{EnactServer, enact_command};
use serde_json::Value;
use tempfile::TempDir;

/// The program under test.
pub(crate) fn enact() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_enact"))
}

/// Where a server keeps its data and what is in its environment.
pub(crate) struct World {
    folder: TempDir,
    env: Vec<(&'static str, String)>,
}

impl World {
    pub(crate) fn new(env: Vec<(&'static str, String)>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            env,
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What is in a server's environment.
    pub(crate) fn env(&self) -> Vec<(&'static str, String)> {
        self.env.clone()
    }

    pub(crate) fn serve(&self) -> EnactServer {
        EnactServer::start(&enact(), &self.data(), self.env.clone()).unwrap()
    }

    /// A person with an empty home, an empty project and a folder for temporary files.
    pub(crate) fn person(&self, name: &str, server: &EnactServer) -> Person {
        let folder = self.folder.path().join(name);
        let person = Person {
            home: folder.join("home"),
            project: folder.join("project"),
            tmp: folder.join("tmp"),
            url: server.url.clone(),
        };
        std::fs::create_dir_all(&person.home).unwrap();
        std::fs::create_dir_all(&person.tmp).unwrap();
        std::fs::create_dir_all(person.project.join("agents")).unwrap();
        person
    }
}

pub(crate) struct Person {
    pub(crate) home: PathBuf,
    pub(crate) project: PathBuf,
    tmp: PathBuf,
    url: String,
}

impl Person {
    /// Runs `program` as this person.
    pub(crate) fn run(&self, program: &Path, arguments: &[&str]) -> Output {
        self.command(program, arguments).output().unwrap()
    }

    /// What [`Person::run`] runs.
    pub(crate) fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command: Command = enact_command(program);
        command
            .args(arguments)
            .current_dir(&self.project)
            .env("HOME", &self.home)
            // The existing client names its temporary files by the millisecond: two that run at
            // once in one folder take each other's.
            .env("TMPDIR", &self.tmp)
            .env("ENACT_REGISTRY_URL", &self.url)
            .env("ENACT_AUTH_TOKEN", "a-token")
            // The existing client asks here for the user's name.
            .env("SUPABASE_URL", &self.url);
        command
    }

    /// Runs `enact` and expects the exit code.
    pub(crate) fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(&enact(), arguments);
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(
            output.status.code(),
            Some(code),
            "enact {}\n{text}",
            arguments.join(" ")
        );
        text
    }

    /// Runs `enact … --json` and expects success.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&enact(), &[arguments, &["--json"]].concat());
        assert!(
            output.status.success(),
            "enact {}: {output:?}",
            arguments.join(" ")
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Where a skill is installed.
    pub(crate) fn installed(&self, name: &str) -> PathBuf {
        self.home.join(".agents/skills").join(name)
    }
}
