//! Brings skills to this machine: finds out what is meant, gets the bundles from the cache or a
//! registry, unpacks all of them, and only then puts them in their places.

mod apply;
mod download;
mod fetch;
mod hooks;
mod look;
mod outlook;
mod plan;
mod resolve;
mod unpack;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use enact_types::{Digest, SystemClock, ToolName, Version};

pub(crate) use apply::Installed;
pub(crate) use download::bundle as download;
pub(crate) use fetch::{Origin, Step};
pub(crate) use hooks::{Hook, run_hooks};
pub(crate) use plan::{Plan, Record};
pub(crate) use resolve::highest;
pub(crate) use unpack::{bad_bundle, check_stated};

use crate::cache::Cache;
use crate::client::{Client, VersionDetails};
use crate::exit::Failure;
use crate::installed::Locked;
use crate::printer::Printer;
use crate::settings::{RegistryUrl, Settings, Source};
use crate::tool_request::Wanted;

/// For how many skills a registry is asked at once.
const AT_ONCE: usize = 8;

/// What installs skills for one user.
pub(crate) struct Installer<'p> {
    home: PathBuf,
    settings: Settings,
    options: Options,
    cache: Arc<Cache>,
    /// One for each registry, so that connections are used again.
    clients: RefCell<Vec<(RegistryUrl, Rc<Client>)>>,
    printer: &'p Printer,
}

/// How to install.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Options {
    /// Also what is in its place.
    pub(crate) force: bool,
    /// Also what was yanked.
    pub(crate) allow_yanked: bool,
    /// Without asking a registry.
    pub(crate) offline: bool,
}

/// Runs what blocks on a thread of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Failure::io("a part of the installation failed", &error))
}

/// Exactly one version of a skill, which is to be installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The skill.
    pub(crate) name: ToolName,
    /// The version.
    pub(crate) version: Version,
    /// Which versions were asked for.
    pub(crate) requested: Wanted,
    /// The registry that it is from.
    pub(crate) registry: RegistryUrl,
    /// The digest of its bundle.
    pub(crate) hash: Digest,
    /// The size of its bundle, in bytes.
    pub(crate) size: u64,
    /// Whether and why it must not be used any more, as far as that is known.
    pub(crate) yanked: Yanked,
}

/// Whether a version was yanked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Yanked {
    /// It was not.
    No,
    /// It was.
    Yes {
        /// Why, in the words of whoever did it.
        reason: Option<String>,
        /// The version to use instead.
        replacement: Option<Version>,
    },
    /// Nobody was asked: it is in a lock, and stays installable for those who have it there.
    Unknown,
}

impl Target {
    /// What a registry says of a version.
    pub(crate) fn described(
        details: &VersionDetails,
        requested: Wanted,
        registry: &RegistryUrl,
    ) -> Self {
        let yanked = if details.yanked {
            Yanked::Yes {
                reason: details.yank_reason.clone(),
                replacement: details.yank_replacement.clone(),
            }
        } else {
            Yanked::No
        };
        Self {
            name: details.name.clone(),
            version: details.version.clone(),
            requested,
            registry: registry.clone(),
            hash: details.bundle.hash,
            size: details.bundle.size,
            yanked,
        }
    }

    /// Why it was yanked, if it is known that it was.
    pub(crate) fn yanked_because(&self) -> Option<&str> {
        match &self.yanked {
            Yanked::Yes { reason, .. } => Some(reason.as_deref().unwrap_or("no reason was given")),
            Yanked::No | Yanked::Unknown => None,
        }
    }

    /// What a lock says.
    pub(crate) fn locked(name: &ToolName, locked: &Locked) -> Self {
        Self {
            name: name.clone(),
            version: locked.version.clone(),
            requested: locked.requested.clone(),
            registry: locked.registry.clone(),
            hash: locked.hash,
            size: locked.size,
            yanked: Yanked::Unknown,
        }
    }
}

impl<'p> Installer<'p> {
    /// An installer that has done nothing yet.
    pub(crate) fn new(
        home: PathBuf,
        settings: Settings,
        options: Options,
        printer: &'p Printer,
    ) -> Self {
        let clock = Arc::new(SystemClock);
        let cache = Cache::new(&home, settings.cache_max_bytes, clock);
        if let Some(warning) = cache.warning() {
            printer.warning(&warning);
        }
        Self {
            cache: Arc::new(cache),
            home,
            settings,
            options,
            clients: RefCell::default(),
            printer,
        }
    }

    /// The registry that is asked unless something else is said.
    pub(crate) fn registry(&self) -> &RegistryUrl {
        &self.settings.registry
    }

    /// The registry to ask about what is locked as being from `registry`: that one, unless
    /// `--registry` says to get everything elsewhere. What comes is checked against the lock.
    pub(crate) fn registry_for<'r>(&'r self, registry: &'r RegistryUrl) -> &'r RegistryUrl {
        match self.settings.registry.source() {
            Source::Flag => &self.settings.registry,
            _ => registry,
        }
    }

    /// The user's home folder.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// The client of a registry.
    fn client(&self, registry: &RegistryUrl) -> Result<Rc<Client>, Failure> {
        let mut clients = self.clients.borrow_mut();
        if let Some((_, client)) = clients.iter().find(|(url, _)| url == registry) {
            return Ok(Rc::clone(client));
        }
        let client = Rc::new(Client::new(self.settings.at(registry, &self.home)?)?);
        clients.push((registry.clone(), Rc::clone(&client)));
        Ok(client)
    }
}
