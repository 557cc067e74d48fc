//! The server's settings: parsed and checked once, before anything is opened.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use enact_catalog::Database;
use enact_storage::{StorageClient, StorageConfig, StorageError};
use enact_types::Digest;
use subtle::ConstantTimeEq as _;

use crate::jwt::{JwtSettings, JwtSettingsError};

/// What a person sets on the command line.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 lets the system choose.
    pub port: u16,
    /// The folder for everything that is kept locally.
    pub data_dir: PathBuf,
    /// Whether downloads are answered with links to the store.
    pub redirect_downloads: bool,
}

/// Settings that fit together.
#[derive(Debug, Clone)]
pub struct Config {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port to listen on; 0 lets the system choose.
    pub port: u16,
    /// The folder for everything that is kept locally.
    pub data_dir: PathBuf,
    /// Where metadata lives.
    pub catalog: Catalog,
    /// Where bundles live.
    pub store: Store,
    /// Who may write.
    pub access: Access,
    /// Whose tokens are believed beside this registry's own.
    pub jwt: JwtSettings,
    /// Whether downloads are answered with links to the store, where it has them, unless a request
    /// says otherwise.
    pub redirect_downloads: bool,
}

/// Where metadata lives.
#[derive(Clone)]
pub enum Catalog {
    /// `registry.db` in the data folder.
    Sqlite,
    /// The PostgreSQL database at this URL.
    Postgres(String),
}

/// Where bundles live.
#[derive(Debug, Clone)]
pub enum Store {
    /// `objects/` in the data folder.
    Local,
    /// An S3-compatible object store.
    S3(Box<StorageConfig>),
}

/// Who may do what.
#[derive(Debug, Clone)]
pub enum Access {
    /// Everybody who reaches the server may do everything; for this machine alone.
    Open,
    /// Users do with their tokens what their accounts give them, and all others read what is public.
    Closed {
        /// Whoever holds it is the operator and may do everything.
        key: Option<ApiKey>,
    },
}

/// A shared key. Kept as its digest, so that it cannot leak from here.
#[derive(Clone)]
pub struct ApiKey(Digest);

/// Why the settings do not work.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The storage variables are incomplete or contradict each other.
    #[error("{}", .0.message())]
    Storage(#[from] StorageError),
    /// Reachable by others, but nothing says who may write.
    #[error(
        "refusing to listen on {0} in open mode: everybody who reaches it could publish and yank"
    )]
    OpenToOthers(IpAddr),
    /// Open to everybody, and yet with a key.
    #[error("ENACT_AUTH is \"open\", but ENACT_REGISTRY_API_KEY is set")]
    OpenWithKey,
    /// Open to everybody, and yet with an identity provider.
    #[error("ENACT_AUTH is \"open\", but ENACT_JWT_ISSUER or ENACT_TRUSTED_PUBLISHING is set")]
    OpenWithProvider,
    /// The settings of an identity provider do not work.
    #[error(transparent)]
    Jwt(#[from] JwtSettingsError),
    /// No way of signing in. The value is not shown: it could be a key in the wrong place.
    #[error("ENACT_AUTH is neither \"tokens\" nor \"open\"")]
    Auth,
    /// A key that can be guessed.
    #[error("ENACT_REGISTRY_API_KEY has {0} characters, fewer than {min}", min = ApiKey::MIN_CHARS)]
    WeakKey(usize),
    /// Neither yes nor no.
    #[error("ENACT_REDIRECT_DOWNLOADS is {0:?}, neither 1 nor 0")]
    Redirect(String),
    /// Not a database that the catalog runs on.
    #[error("DATABASE_URL does not start with postgres:// or postgresql://")]
    DatabaseUrl,
}

impl ConfigError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            // Its message says so.
            Self::Storage(_) => None,
            Self::OpenToOthers(_) => Some(
                "set ENACT_AUTH=tokens and make accounts with `enact user add` and `enact token create`; \
                 or set ENACT_REGISTRY_API_KEY, for example to the output of `openssl rand -hex 24`, and \
                 give it to those who publish; or listen on 127.0.0.1, the default",
            ),
            Self::OpenWithKey | Self::OpenWithProvider => Some("unset one of them"),
            Self::Jwt(error) => Some(error.hint()),
            Self::Auth => Some("set it to \"tokens\" to have people sign in with their own tokens"),
            Self::WeakKey(_) => Some("make one with `openssl rand -hex 24`"),
            Self::Redirect(_) => Some("set it to 1 to have bundles fetched from the store itself"),
            Self::DatabaseUrl => Some("unset it to keep metadata in SQLite, in the data folder"),
        }
    }
}

impl Config {
    /// Combines what was set on the command line with the environment, which `var` reads:
    /// `ENACT_AUTH`, `ENACT_REGISTRY_API_KEY`, `ENACT_JWT_*`, `ENACT_TRUSTED_PUBLISHING*`,
    /// `DATABASE_URL`, `ENACT_REDIRECT_DOWNLOADS` and the storage variables `R2_*`.
    pub fn resolve(
        options: Options,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let jwt = JwtSettings::from_vars(&var)?;
        let access = Access::from_vars(options.host, jwt.is_set(), set)?;
        let catalog = Catalog::from_vars(&var)?;
        let store = Store::from_vars(&var)?;
        let redirect_downloads = match set("ENACT_REDIRECT_DOWNLOADS").as_deref() {
            None | Some("0" | "false") => false,
            Some("1" | "true") => true,
            Some(other) => return Err(ConfigError::Redirect(other.to_owned())),
        };
        Ok(Self {
            redirect_downloads: redirect_downloads || options.redirect_downloads,
            host: options.host,
            port: options.port,
            data_dir: options.data_dir,
            catalog,
            store,
            access,
            jwt,
        })
    }
}

impl Access {
    /// Chooses by `ENACT_AUTH` and `ENACT_REGISTRY_API_KEY`, which `set` reads unless they are empty,
    /// and by whether tokens of others are believed. Open is only what others than `host` cannot
    /// reach.
    fn from_vars(
        host: IpAddr,
        others: bool,
        set: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let key = set("ENACT_REGISTRY_API_KEY");
        let key = key.as_deref().map(ApiKey::new).transpose()?;
        match (set("ENACT_AUTH").as_deref(), key) {
            (Some("tokens"), key) => Ok(Self::Closed { key }),
            (None, Some(key)) => Ok(Self::Closed { key: Some(key) }),
            (None, None) if others => Ok(Self::Closed { key: None }),
            (Some("open"), Some(_)) => Err(ConfigError::OpenWithKey),
            (Some("open"), None) if others => Err(ConfigError::OpenWithProvider),
            (None | Some("open"), None) if host.is_loopback() => Ok(Self::Open),
            (None | Some("open"), None) => Err(ConfigError::OpenToOthers(host)),
            (Some(_), _) => Err(ConfigError::Auth),
        }
    }
}

impl Catalog {
    /// Chooses by `DATABASE_URL`, which `var` reads.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        match var("DATABASE_URL").filter(|value| !value.is_empty()) {
            None => Ok(Self::Sqlite),
            Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Ok(Self::Postgres(url))
            }
            Some(_) => Err(ConfigError::DatabaseUrl),
        }
    }

    /// Where that is, for a registry whose local things are in `data_dir`.
    pub fn database(&self, data_dir: &Path) -> Database {
        match self {
            Self::Sqlite => Database::Sqlite(data_dir.join("registry.db")),
            Self::Postgres(url) => Database::Postgres(url.clone()),
        }
    }
}

impl Store {
    /// Chooses by the storage variables `R2_*`, which `var` reads.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        Ok(match StorageConfig::from_vars(var)? {
            None => Self::Local,
            Some(config) => Self::S3(Box::new(config)),
        })
    }

    /// Opens it, for a registry whose local things are in `data_dir`.
    pub fn open(self, data_dir: &Path) -> Result<StorageClient, StorageError> {
        match self {
            Self::Local => StorageClient::local(data_dir.join("objects")),
            Self::S3(settings) => StorageClient::new(*settings),
        }
    }
}

impl ApiKey {
    /// The shortest key that is accepted, in characters.
    pub const MIN_CHARS: usize = 16;

    /// A key. Fails if it is short enough to be guessed.
    pub fn new(key: &str) -> Result<Self, ConfigError> {
        let chars = key.chars().count();
        if chars < Self::MIN_CHARS {
            return Err(ConfigError::WeakKey(chars));
        }
        Ok(Self(Digest::of(key.as_bytes())))
    }

    /// Whether `token` is the key: takes the same time whatever they have in common.
    pub(crate) fn matches(&self, token: &str) -> bool {
        let digest = Digest::of(token.as_bytes());
        digest.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "Sqlite",
            // The URL may hold a password.
            Self::Postgres(_) => "Postgres(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(host: &str, vars: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let options = Options {
            host: host.parse().unwrap(),
            port: 0,
            data_dir: "data".into(),
            redirect_downloads: false,
        };
        Config::resolve(options, |name| {
            vars.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn loopback_is_open_and_everything_else_needs_tokens_or_a_key() {
        let access = |host, vars| match resolve(host, vars).map(|config| config.access) {
            Ok(Access::Open) => "open",
            Ok(Access::Closed { key: None }) => "tokens",
            Ok(Access::Closed { key: Some(_) }) => "tokens and key",
            Err(error) => {
                assert!(error.hint().is_some());
                match error {
                    ConfigError::OpenToOthers(_) => "refused",
                    ConfigError::OpenWithKey => "contradiction",
                    ConfigError::Auth => "unknown",
                    other => panic!("{other}"),
                }
            }
        };
        let key = ("ENACT_REGISTRY_API_KEY", "0123456789abcdef");
        let auth = |value| ("ENACT_AUTH", value);
        for (vars, here, elsewhere) in [
            (&[][..], "open", "refused"),
            (&[auth("")], "open", "refused"),
            (&[auth("open")], "open", "refused"),
            (&[auth("tokens")], "tokens", "tokens"),
            (&[key], "tokens and key", "tokens and key"),
            (&[key, auth("tokens")], "tokens and key", "tokens and key"),
            (&[key, auth("open")], "contradiction", "contradiction"),
            (&[auth("Tokens")], "unknown", "unknown"),
            (&[key, auth("none")], "unknown", "unknown"),
        ] {
            assert_eq!(access("127.0.0.1", vars), here, "{vars:?}");
            assert_eq!(access("::1", vars), here, "{vars:?}");
            assert_eq!(access("0.0.0.0", vars), elsewhere, "{vars:?}");
        }
    }

    #[test]
    fn a_short_key_is_refused_and_a_key_is_never_shown() {
        let error = resolve("0.0.0.0", &[("ENACT_REGISTRY_API_KEY", "secret")]).unwrap_err();
        assert!(matches!(error, ConfigError::WeakKey(6)));
        let config = resolve(
            "127.0.0.1",
            &[
                ("ENACT_REGISTRY_API_KEY", "hunter2-hunter2-hunter2"),
                ("DATABASE_URL", "postgres://u:hunter2@h/d"),
                ("R2_ACCESS_KEY_ID", "id"),
                ("R2_SECRET_ACCESS_KEY", "hunter2-storage"),
                ("R2_ENDPOINT", "http://127.0.0.1:9000"),
            ],
        )
        .unwrap();
        assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    }

    #[test]
    fn redirecting_is_yes_or_no() {
        let of = |value| resolve("127.0.0.1", &[("ENACT_REDIRECT_DOWNLOADS", value)]);
        assert!(of("1").unwrap().redirect_downloads);
        assert!(!of("false").unwrap().redirect_downloads);
        assert!(!of("").unwrap().redirect_downloads);
        assert!(of("perhaps").unwrap_err().hint().is_some());
    }

    #[test]
    fn storage_variables_select_s3_and_must_be_complete() {
        assert!(matches!(
            resolve("127.0.0.1", &[]).unwrap().store,
            Store::Local
        ));
        let error = resolve("127.0.0.1", &[("R2_ENDPOINT", "http://127.0.0.1:9000")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("R2_ACCESS_KEY_ID"), "{error}");
    }
}
