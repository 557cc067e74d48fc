//! The list of a project or of a user, and the lock beside it.

use std::fs;
use std::path::{Path, PathBuf};

use enact_types::ToolName;
use serde::Serialize;

use super::{List, Locked, Lockfile, exclusive, project};
use crate::exit::Failure;
use crate::tool_request::Wanted;

/// Whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scope {
    /// The project's: `agents/skills.json` and `agents/skills.lock`.
    Project,
    /// The user's: `~/.enact/tools.json` and `~/.enact/tools.lock`.
    Global,
}

impl Scope {
    /// The user's if `global` is set.
    pub(crate) fn new(global: bool) -> Self {
        if global { Self::Global } else { Self::Project }
    }

    /// What its list is called.
    pub(crate) fn list(self) -> &'static str {
        match self {
            Self::Project => "agents/skills.json",
            Self::Global => "~/.enact/tools.json",
        }
    }

    /// What its lock is called.
    pub(crate) fn lock(self) -> &'static str {
        match self {
            Self::Project => "agents/skills.lock",
            Self::Global => "~/.enact/tools.lock",
        }
    }
}

/// A list and its lock.
#[derive(Debug)]
pub(crate) struct Records {
    home: PathBuf,
    /// Whose.
    pub(crate) scope: Scope,
    /// What is wanted.
    pub(crate) list: List,
    /// What was installed.
    pub(crate) lock: Lockfile,
}

impl Records {
    /// Reads those of the user, or of the project that `folder` lies in.
    pub(crate) fn open(scope: Scope, home: &Path, folder: &Path) -> Result<Self, Failure> {
        let list = match scope {
            // A link there is the user's own, so it is kept, and what it points to is the list.
            Scope::Global => {
                let path = home.join(".enact/tools.json");
                fs::canonicalize(&path).unwrap_or(path)
            }
            Scope::Project => project::root(folder, home)?.join("agents/skills.json"),
        };
        let lock = match scope {
            Scope::Global => {
                let path = home.join(".enact/tools.lock");
                fs::canonicalize(&path).unwrap_or(path)
            }
            Scope::Project => list.with_extension("lock"),
        };
        Ok(Self {
            home: home.to_owned(),
            scope,
            list: List::open(list)?,
            lock: Lockfile::open(lock)?,
        })
    }

    /// Reads both again. What was changed and not saved is forgotten.
    pub(crate) fn refresh(&mut self) -> Result<(), Failure> {
        self.list = List::open(self.list.path().to_owned())?;
        self.lock.refresh()
    }

    /// Changes both by `change` as they are by now, and writes what changed. No other process of this
    /// user changes any list meanwhile, or puts a skill in its place: what the lock says is what is
    /// there.
    ///
    /// If they cannot be written, they stay as they were, and what `change` answered is dropped: that
    /// undoes what else it did.
    ///
    /// Nothing here waits once the lock is held, so nothing interrupts it half-way.
    pub(crate) async fn change<T, E: From<Failure>>(
        &mut self,
        change: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let _held = exclusive::acquire(&self.home).await?;
        self.refresh()?;
        let before = self.lock.text().map(<[u8]>::to_owned);
        let answer = change(self)?;
        // The lock first: if this is as far as it gets, the next install sees that they differ.
        self.lock.save()?;
        if let Err(failure) = self.list.save() {
            let failure = match self.lock.put_back(before) {
                Ok(()) => failure,
                Err(_) => failure.hint(format!(
                    "{} is ahead of {} now; run the command again",
                    self.scope.lock(),
                    self.scope.list()
                )),
            };
            return Err(failure.into());
        }
        Ok(answer)
    }

    /// What is locked for a skill, if that is what the list wants.
    pub(crate) fn agreed(&self, name: &ToolName) -> Option<&Locked> {
        let locked = self.lock.get(name)?;
        agree(self.list.wanted(name)?, locked).then_some(locked)
    }
}

/// Whether what is locked is what a list wants.
fn agree(wanted: &Wanted, locked: &Locked) -> bool {
    let consistent = locked.requested.accepts(&locked.version);
    consistent
        && match wanted {
            // How the list says what was installed, whatever was asked for.
            Wanted::Exact(version) => *version == locked.version,
            wanted => *wanted == locked.requested,
        }
}
