//! A sandbox with a real registry in open mode.

use std::path::Path;

use enact_testkit::EnactServer;
use enact_testkit::skills::{self, Skill};

use crate::sandbox::{Ended, Sandbox};

/// A person's folders, and the registry that their commands talk to.
pub(crate) struct Served {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: EnactServer,
}

impl Served {
    /// An empty registry.
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::new();
        let binary = Path::new(env!("CARGO_BIN_EXE_enact"));
        let server = EnactServer::start(binary, &sandbox.path("data"), []).unwrap();
        Self { sandbox, server }
    }

    /// A registry with one of the example skills, public.
    pub(crate) fn with_example(folder: &str) -> (Self, Skill) {
        let served = Self::new();
        let all = skills::examples().unwrap();
        let mut found = all
            .into_iter()
            .filter(|skill| skill.folder.ends_with(folder));
        let skill = found.next().unwrap();
        let path = skill.path();
        served
            .enact(&["publish", path.to_str().unwrap(), "--public"])
            .success();
        (served, skill)
    }

    /// Runs `enact` in the project against the registry.
    pub(crate) fn enact(&self, args: &[&str]) -> Ended {
        self.sandbox.enact(&self.server.url, args)
    }
}
