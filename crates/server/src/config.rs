//! The server's settings: parsed and checked once, before anything is opened.

mod access;
mod cors;
mod limits;
mod proxies;
mod quotas;
mod tls;
mod variables;

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use enact_catalog::{Database, Quota};
use enact_storage::{StorageClient, StorageConfig, StorageError};

use crate::jwt::{JwtSettings, JwtSettingsError};

pub(crate) use self::access::is_jwt;
pub use self::access::{Access, ApiKey};
pub use self::cors::Cors;
pub use self::limits::Limits;
pub use self::proxies::TrustedProxies;
pub use self::tls::TlsFiles;
pub use self::variables::{VARIABLES, Variable, VariableDefault};

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
    /// Whether everybody who reaches the server may do everything, wherever it listens.
    pub open: bool,
    /// The server's certificate, in PEM.
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, in PEM.
    pub tls_key: Option<PathBuf>,
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
    /// Which pages of other sites may read answers.
    pub cors: Cors,
    /// What one address and one caller may ask for; `None` if nothing is limited.
    pub limits: Option<Limits>,
    /// How much may be published under one name.
    pub quota: Quota,
    /// The proxies that are believed about who their clients are.
    pub trusted_proxies: TrustedProxies,
    /// How many connections one address may hold at once; `None` is without a limit.
    pub connections_per_address: Option<NonZeroU32>,
    /// The certificate, if this server itself speaks TLS.
    pub tls: Option<TlsFiles>,
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
    /// Reachable by others through a proxy, but nothing says who may write.
    #[error(
        "refusing to serve the proxies of ENACT_TRUSTED_PROXIES in open mode: everybody whom they let \
         through could publish and yank"
    )]
    OpenBehindProxy,
    /// Open to everybody, and yet with a way to tell people apart.
    #[error("{open} lets everybody write, and {closed} says who may")]
    Contradiction {
        /// What opens it.
        open: &'static str,
        /// What closes it.
        closed: &'static str,
    },
    /// The settings of an identity provider do not work.
    #[error(transparent)]
    Jwt(#[from] JwtSettingsError),
    /// No way of signing in. The value is not shown: it could be a key in the wrong place.
    #[error("ENACT_AUTH is neither \"tokens\" nor \"open\"")]
    Auth,
    /// A key that can be guessed.
    #[error("ENACT_REGISTRY_API_KEY has {0} characters, fewer than {min}", min = ApiKey::MIN_CHARS)]
    WeakKey(usize),
    /// A certificate without its key, or the other way round: what is missing.
    #[error("TLS needs {0} too")]
    HalfOfTls(&'static str),
    /// A variable whose value cannot be used.
    #[error("{name} is {value:?}, not {expected}")]
    Setting {
        /// Which.
        name: &'static str,
        /// What it is, or the part of it that is wrong.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A key that existing clients could have from elsewhere.
    #[error("ENACT_REGISTRY_API_KEY is a JSON web token, as another registry gives out")]
    JwtKey,
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
            // Their messages say so.
            Self::Storage(_) | Self::Setting { .. } => None,
            Self::OpenBehindProxy => Some(
                "set ENACT_AUTH=tokens or ENACT_REGISTRY_API_KEY; or say --open if everybody who reaches \
                 the proxy may do everything",
            ),
            Self::OpenToOthers(_) => Some(
                "set ENACT_AUTH=tokens and make accounts with `enact user add` and `enact token create`; \
                 or set ENACT_REGISTRY_API_KEY, for example to the output of `openssl rand -hex 24`, and \
                 give it to those who publish; or listen on 127.0.0.1, the default; or say --open if \
                 everybody who reaches it may do everything",
            ),
            Self::Contradiction { .. } => Some("say one of the two"),
            Self::HalfOfTls(_) => Some(
                "give both --tls-cert and --tls-key (or ENACT_TLS_CERT and ENACT_TLS_KEY), or neither",
            ),
            Self::Jwt(error) => Some(error.hint()),
            Self::Auth => Some("set it to \"tokens\" to have people sign in with their own tokens"),
            Self::WeakKey(_) | Self::JwtKey => Some("make one with `openssl rand -hex 24`"),
            Self::Redirect(_) => Some("set it to 1 to have bundles fetched from the store itself"),
            Self::DatabaseUrl => Some("unset it to keep metadata in SQLite, in the data folder"),
        }
    }
}

impl Config {
    /// Combines what was set on the command line with the environment, which `var` reads: the
    /// [`VARIABLES`](crate::VARIABLES), and the storage variables `R2_*`.
    pub fn resolve(
        options: Options,
        var: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let set = |name: &str| var(name).filter(|value| !value.is_empty());
        let jwt = JwtSettings::from_vars(&var)?;
        let trusted_proxies = match set("ENACT_TRUSTED_PROXIES") {
            None => TrustedProxies::default(),
            Some(text) => TrustedProxies::parse(&text)?,
        };
        let access = Access::from_vars(
            options.host,
            options.open,
            jwt.is_set(),
            !trusted_proxies.is_empty(),
            set,
        )?;
        let cors = match set("ENACT_CORS_ORIGINS") {
            None => Cors::Any,
            Some(text) => Cors::parse(&text)?,
        };
        // In open mode on this machine there is nobody to be protected from.
        let limits = Limits::from_vars(!matches!(access, Access::Open { .. }), set)?;
        let connections_per_address = limits::connections(limits.is_some(), set)?;
        let tls = TlsFiles::resolve(options.tls_cert, options.tls_key, set)?;
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
            cors,
            limits,
            quota: quotas::from_vars(set)?,
            trusted_proxies,
            connections_per_address,
            tls,
            jwt,
        })
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
mod tests;
