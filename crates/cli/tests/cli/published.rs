//! A real registry, with skills that a test publishes.

use std::path::{Path, PathBuf};
use std::process::Command;

use enact_testkit::{EnactServer, enact_command};
use tempfile::TempDir;

/// A running registry in open mode.
pub(crate) struct Published {
    pub(crate) url: String,
    _server: EnactServer,
    folder: TempDir,
}

/// Files of a skill: paths and what they hold.
pub(crate) type Files<'f> = &'f [(&'f str, &'f str)];

impl Published {
    /// An empty one.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let server = EnactServer::start(&program(), &data, None).unwrap();
        Self {
            url: server.url.clone(),
            _server: server,
            folder,
        }
    }

    /// One with these versions of `alice/greeter`.
    pub(crate) fn greeters(versions: &[&str]) -> Self {
        let registry = Self::new();
        for version in versions {
            registry.greeter(version);
        }
        registry
    }

    /// Publishes `alice/greeter`; its greeting tells the version.
    pub(crate) fn greeter(&self, version: &str) {
        let greeting = format!("hello from {version}\n");
        let files = [("SKILL.md", "# Greeter\n"), ("lib/greeting", &greeting)];
        self.publish("alice/greeter", version, &files);
    }

    /// Publishes a skill for everybody.
    pub(crate) fn publish(&self, name: &str, version: &str, files: Files) {
        let skill = self.folder.path().join("skill");
        let _ = std::fs::remove_dir_all(&skill);
        let is_described = files.iter().any(|(_, text)| text.contains("description:"));
        let description = if is_described {
            ""
        } else {
            "description: Greets\n"
        };
        let manifest = format!("name: {name}\nversion: {version}\n{description}");
        for (path, text) in [("skill.package.yml", &*manifest)].iter().chain(files) {
            let path = skill.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        self.operate(&["publish", skill.to_str().unwrap(), "--public"]);
    }

    /// Runs `enact` as somebody who may do everything.
    pub(crate) fn operate(&self, args: &[&str]) {
        let mut command: Command = enact_command(&program());
        command
            .args(args)
            .env("HOME", self.folder.path())
            .env("ENACT_REGISTRY_URL", &self.url)
            .env("ENACT_AUTH_TOKEN", "a-token");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{args:?}: {output:?}");
    }
}

fn program() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_enact")).to_owned()
}
