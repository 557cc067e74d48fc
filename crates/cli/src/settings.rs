//! Which registry to talk to, and with which token.
//!
//! A flag wins over the environment, which wins over what `enact login` kept for the registry, which
//! wins over `~/.enact/config.yaml`, the existing client's file. Of that file four fields mean something
//! here (`registry.url`, `registry.authToken`, `trust.policy` and `cache.maxSizeMb`). `enact config set`
//! alone writes it, and keeps whatever else is in it.

mod config_file;
mod network;
mod proxies;
mod registry_url;
pub(crate) mod secrets;
mod shown;
mod token;

use std::fmt;
use std::path::{Path, PathBuf};

pub(crate) use config_file::{ConfigKey, Document, KNOWN_KEYS, Saved};
pub(crate) use network::Network;
pub(crate) use proxies::{Proxies, Proxy};
pub(crate) use registry_url::RegistryUrl;
pub(crate) use shown::{NETWORK_VARIABLES, Origin, Setting, shown};
pub(crate) use token::{Token, TokenSource};

use crate::cache::DEFAULT_MAX_BYTES;
use crate::credentials::{Credentials, Found, Place};
use crate::exit::Failure;
use config_file::ConfigFile;

/// The variable that says how large the cache of bundles may get.
const CACHE_MAX_SIZE_MB: &str = "ENACT_CACHE_MAX_SIZE_MB";

/// The registry that `enact serve` starts when it is told nothing.
const DEFAULT_REGISTRY: &str = "http://127.0.0.1:3000";

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The command line.
    Flag,
    /// An environment variable.
    Env,
    /// `~/.enact/config.yaml`.
    Config,
    /// The lock of a project or a user.
    Lock,
    /// Nobody set it.
    Default,
}

/// The settings of the client.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// The registry.
    pub(crate) registry: RegistryUrl,
    /// What to sign in with there.
    pub(crate) sign_in: SignIn,
    /// Whether `trust.policy` asks for attestations on all that is installed.
    pub(crate) requires_attestation: bool,
    /// How large the cache of bundles may get, in bytes.
    pub(crate) cache_max_bytes: u64,
    /// How to reach registries.
    pub(crate) network: Network,
}

/// What to sign in with at a registry.
#[derive(Debug, Clone)]
pub(crate) enum SignIn {
    /// This token, which comes from there.
    By(Token, TokenSource),
    /// Nothing.
    Nothing,
    /// Nothing, since the token of `config.yaml` is for this other registry.
    ForOther(RegistryUrl),
    /// Nothing, since the keyring does not give the token that it has; holds why.
    OutOfReach(String),
}

impl Settings {
    /// The token for the registry, if any.
    pub(crate) fn token(&self) -> Option<&Token> {
        match &self.sign_in {
            SignIn::By(token, _) => Some(token),
            SignIn::Nothing | SignIn::ForOther(_) | SignIn::OutOfReach(_) => None,
        }
    }

    /// The same, without anything to sign in with.
    pub(crate) fn anonymous(&self) -> Self {
        Self {
            sign_in: SignIn::Nothing,
            ..self.clone()
        }
    }

    /// The same with another token.
    pub(crate) fn with(&self, token: Token, source: TokenSource) -> Self {
        Self {
            sign_in: SignIn::By(token, source),
            ..self.clone()
        }
    }

    /// Combines the two flags, the environment, which `var` reads, and the file in `home`.
    pub(crate) fn resolve(
        registry: Option<&str>,
        token: Option<&str>,
        var: impl Fn(&str) -> Option<String>,
        home: Option<&Path>,
    ) -> Result<Self, Failure> {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let config = ConfigFile::read(home)?;
        let config_url = config
            .url
            .map(|url| RegistryUrl::parse(&url, Source::Config))
            .transpose()?;
        let registry = if let Some(url) = registry {
            RegistryUrl::parse(url, Source::Flag)?
        } else if let Some(url) = set("ENACT_REGISTRY_URL") {
            RegistryUrl::parse(&url, Source::Env)?
        } else if let Some(url) = &config_url {
            url.clone()
        } else {
            RegistryUrl::parse(DEFAULT_REGISTRY, Source::Default)?
        };
        // The token in the file was handed out by the registry in the file: no other gets to see it.
        let home_registry = match config_url {
            Some(url) => url,
            None => RegistryUrl::parse(DEFAULT_REGISTRY, Source::Default)?,
        };
        let sign_in = if let Some(token) = token {
            SignIn::By(Token::parse(token, "--token")?, TokenSource::Flag)
        } else if let Some(token) = set("ENACT_AUTH_TOKEN") {
            SignIn::By(Token::parse(&token, "ENACT_AUTH_TOKEN")?, TokenSource::Env)
        } else {
            match kept(&registry, home)? {
                SignIn::Nothing => match config.token {
                    None => SignIn::Nothing,
                    Some(_) if !home_registry.same_origin(&registry) => {
                        SignIn::ForOther(home_registry)
                    }
                    Some(token) => {
                        let token = Token::parse(&token, "registry.authToken in config.yaml")?;
                        SignIn::By(token, TokenSource::Config)
                    }
                },
                kept => kept,
            }
        };
        Ok(Self {
            registry,
            sign_in,
            requires_attestation: config.policy.as_deref() == Some("require_attestation"),
            network: Network::resolve(set)?,
            cache_max_bytes: cache_max_bytes(set(CACHE_MAX_SIZE_MB), config.cache_max_size_mb)?,
        })
    }

    /// The settings for another registry. The token goes along only to one at the same place; others
    /// get what `enact login` kept for them in `home`.
    pub(crate) fn at(&self, registry: &RegistryUrl, home: &Path) -> Result<Self, Failure> {
        let sign_in = if self.registry.same_origin(registry) {
            self.sign_in.clone()
        } else {
            kept(registry, Some(home))?
        };
        Ok(Self {
            registry: registry.clone(),
            sign_in,
            ..self.clone()
        })
    }
}

/// The variable wins over the file; both are in MiB.
fn cache_max_bytes(variable: Option<String>, file: Option<u64>) -> Result<u64, Failure> {
    let mebibytes = match variable {
        Some(text) => Some(text.parse().map_err(|_| {
            let message = format!("{CACHE_MAX_SIZE_MB} is {text:?}, which is no number of MiB");
            Failure::new("INVALID_CONFIG", message).hint("write it like 1024")
        })?),
        None => file,
    };
    Ok(mebibytes.map_or(DEFAULT_MAX_BYTES, |size: u64| size.saturating_mul(1 << 20)))
}

/// What `enact login` kept for the registry.
fn kept(registry: &RegistryUrl, home: Option<&Path>) -> Result<SignIn, Failure> {
    let Some(home) = home else {
        return Ok(SignIn::Nothing);
    };
    Ok(match Credentials::in_home(home).find(registry)? {
        Found::Nothing => SignIn::Nothing,
        Found::Token(token, Place::Keyring) => SignIn::By(token, TokenSource::Keyring),
        Found::Token(token, Place::File) => SignIn::By(token, TokenSource::File),
        Found::OutOfReach(why) => SignIn::OutOfReach(why),
    })
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "from --registry",
            Self::Env => "from ENACT_REGISTRY_URL",
            Self::Config => "from registry.url in ~/.enact/config.yaml",
            Self::Lock => "from the lock",
            Self::Default => "by default",
        })
    }
}

/// The user's home folder, from `$HOME`.
pub(crate) fn home() -> Option<PathBuf> {
    std::env::var_os("HOME")
        .map(PathBuf::from)
        .filter(|home| home.is_absolute())
}

#[cfg(test)]
mod tests;
