//! Opening a catalog and handing out connections.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions, Connection as _, Transaction};

use crate::background::Background;
use crate::search::Memory;
use crate::{CatalogError, Migrated, Quota, migrations};

/// How long a request waits for a connection before it is told to come back later.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that nobody used for so long may have been cut: it is asked before it is used.
const DOUBTFUL_AFTER: Duration = Duration::from_secs(1);

/// Connections for reading. SQLite runs each on a thread of its own.
const READERS: u32 = 8;

/// Connections for searching.
const SEARCHERS: u32 = 4;

/// The registry's metadata. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub(crate) readers: AnyPool,
    /// For searches, which run in the background: connects there, when it is needed.
    pub(crate) searchers: AnyPool,
    pub(crate) background: Arc<Background>,
    /// On SQLite one connection, so that writers queue here instead of polling a locked file.
    writers: AnyPool,
    dialect: Dialect,
    pub(crate) index: Arc<Memory>,
    pub(crate) quota: Quota,
}

/// The databases that the catalog runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// Where a catalog is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// The SQLite file at this path.
    Sqlite(PathBuf),
    /// The PostgreSQL database at this URL (`postgres://user:password@host/database`).
    Postgres(String),
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            // The URL may hold a password.
            Self::Postgres(_) => f.write_str("Postgres(…)"),
        }
    }
}

impl Database {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }

    /// How to connect. `sqlite` is the query of a SQLite URL, as in `mode=ro`.
    pub(crate) fn options(&self, sqlite: &str) -> Result<AnyConnectOptions, CatalogError> {
        sqlx::any::install_default_drivers();
        match self {
            Self::Sqlite(path) => Ok(AnyConnectOptions::from_url(&sqlite_url(path, sqlite)?)?),
            Self::Postgres(url) => Ok(url.parse()?),
        }
    }
}

fn sqlite_url(path: &Path, query: &str) -> Result<url::Url, CatalogError> {
    const CONTEXT: &str = "path of the database";
    let path = std::path::absolute(path).map_err(|error| CatalogError::internal(CONTEXT, error))?;
    let mut url =
        url::Url::parse("sqlite:///").map_err(|error| CatalogError::internal(CONTEXT, error))?;
    let text = path
        .to_str()
        .ok_or_else(|| CatalogError::internal(CONTEXT, "the path is not UTF-8"))?;
    // `Url` would keep a `%` of the path as the start of an escape.
    url.set_path(&text.replace('%', "%25"));
    url.set_query(Some(query));
    Ok(url)
}

impl Catalog {
    /// Opens the catalog, and brings its schema up to date. A SQLite file is made if it is missing;
    /// its folder is not.
    pub async fn open(database: &Database) -> Result<Self, CatalogError> {
        Ok(Self::open_and_tell(database, READERS).await?.0)
    }

    /// As [`open`](Self::open), for a single command: connections are made when something needs them.
    pub async fn open_briefly(database: &Database) -> Result<Self, CatalogError> {
        Ok(Self::open_and_tell(database, 0).await?.0)
    }

    /// Brings the schema up to date, and says what that took. Nothing is done to one that is.
    pub async fn migrate(database: &Database) -> Result<Migrated, CatalogError> {
        let (catalog, migrated) = Self::open_and_tell(database, 0).await?;
        catalog.close().await;
        Ok(migrated)
    }

    /// Opens the SQLite file at `path`, making it if it is missing, and brings its schema up to
    /// date.
    pub async fn open_sqlite(path: &Path) -> Result<Self, CatalogError> {
        Self::open(&Database::Sqlite(path.to_owned())).await
    }

    /// Connects to the PostgreSQL database at `url` (`postgres://user:password@host/database`) and
    /// brings its schema up to date.
    pub async fn connect_postgres(url: &str) -> Result<Self, CatalogError> {
        Self::open(&Database::Postgres(url.to_owned())).await
    }

    /// Keeps so many connections of SQLite ready to read at any time.
    async fn open_and_tell(
        database: &Database,
        ready: u32,
    ) -> Result<(Self, Migrated), CatalogError> {
        let (dialect, options) = (database.dialect(), database.options("mode=rwc")?);
        let writers = Self::pool(
            dialect,
            if dialect == Dialect::Sqlite {
                1
            } else {
                READERS
            },
        )
        .connect_with(options.clone())
        .await?;
        let migrated = migrations::run(&writers, dialect).await?;
        // SQLite's cost a thread and the schema to open, which no request should wait for.
        let readers = match dialect {
            Dialect::Sqlite => {
                let pool = Self::pool(dialect, READERS).min_connections(ready);
                match ready {
                    0 => pool.connect_lazy_with(options.clone()),
                    _ => pool.connect_with(options.clone()).await?,
                }
            }
            Dialect::Postgres => writers.clone(),
        };
        let catalog = Self {
            readers,
            searchers: Self::pool(dialect, SEARCHERS).connect_lazy_with(options),
            background: Arc::default(),
            writers,
            dialect,
            index: Arc::default(),
            quota: Quota::default(),
        };
        Ok((catalog, migrated))
    }

    fn pool(dialect: Dialect, connections: u32) -> AnyPoolOptions {
        AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // Asking each connection first whether it works would double the round trips.
            .test_before_acquire(false)
            .before_acquire(|connection, kept| {
                Box::pin(async move {
                    if kept.idle_for >= DOUBTFUL_AFTER {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    match dialect {
                        Dialect::Sqlite => prepare_sqlite(connection).await?,
                        Dialect::Postgres => prepare_postgres(connection).await?,
                    }
                    Ok(())
                })
            })
    }

    /// Starts a transaction that may write. On SQLite it takes the write lock at once: a
    /// transaction that reads first and writes later could be refused in the middle.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Any>, CatalogError> {
        Ok(match self.dialect {
            Dialect::Sqlite => self.writers.begin_with("BEGIN IMMEDIATE").await?,
            Dialect::Postgres => self.writers.begin().await?,
        })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), CatalogError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Closes all connections; SQLite folds its write-ahead log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.searchers.close().await;
        self.writers.close().await;
    }
}

/// `synchronous = FULL`: what was acknowledged survives a power cut, which WAL's usual `NORMAL`
/// does not promise (<https://sqlite.org/pragma.html#pragma_synchronous>).
async fn prepare_sqlite(connection: &mut AnyConnection) -> sqlx::Result<()> {
    sqlx::raw_sql(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000",
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// No statement runs longer than a client waits; one that waits for a lock gives up earlier.
async fn prepare_postgres(connection: &mut AnyConnection) -> sqlx::Result<()> {
    sqlx::raw_sql("SET statement_timeout = '30s'; SET lock_timeout = '15s'")
        .execute(connection)
        .await?;
    Ok(())
}
