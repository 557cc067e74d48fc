//! Looking at a database without changing it.

use std::path::Path;

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyConnection, Connection as _, Row};

use crate::migrations::{APPLIED, applied, has_table, known};
use crate::pool::{Database, Dialect};
use crate::{Catalog, CatalogError};

/// What a database looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What this program can do with it.
    pub state: SchemaState,
    /// The number of the newest migration that was applied; 0 if none was.
    pub applied: i64,
    /// The number of the newest migration that this program knows.
    pub known: i64,
    /// The numbers of the migrations that the next start would apply, in order.
    pub pending: Vec<i64>,
    /// What it holds.
    pub counts: Counts,
}

/// What this program can do with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    /// There is no file yet: the next start makes it.
    Missing,
    /// There is a database without tables: the next start makes them.
    Empty,
    /// An older version of this program made it: the next start brings it up to date.
    Older,
    /// It is as this program needs it.
    Current,
    /// A newer version of this program made it: this one does not start on it.
    Newer,
    /// Another program made it: this one does not start on it.
    Foreign,
}

/// What a catalog holds; `None` where its schema has no such thing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tools.
    pub tools: Option<u64>,
    /// Published versions.
    pub versions: Option<u64>,
    /// Publishes under way, or of which a server died.
    pub reservations: Option<u64>,
    /// Failed publishes whose object has not been collected yet.
    pub abandoned: Option<u64>,
}

impl Catalog {
    /// Looks at a database: which migrations it has had, and what it holds. Changes nothing, makes
    /// nothing, and waits for nobody; works on every schema.
    pub async fn status(database: &Database) -> Result<Status, CatalogError> {
        let known_ones: Vec<i64> = known().collect();
        let newest = known_ones.last().copied().unwrap_or(0);
        let mut status = Status {
            state: SchemaState::Missing,
            applied: 0,
            known: newest,
            pending: known_ones,
            counts: Counts::default(),
        };
        if let Database::Sqlite(path) = database
            && !path.exists()
        {
            return Ok(status);
        }
        let dialect = database.dialect();
        let mut connection = AnyConnection::connect_with(&reading(database)?).await?;
        if dialect == Dialect::Postgres {
            sqlx::raw_sql("SET default_transaction_read_only = on; SET statement_timeout = '30s'")
                .execute(&mut connection)
                .await?;
        }
        status.state = look(&mut connection, dialect, &mut status).await?;
        connection.close().await?;
        Ok(status)
    }
}

/// How to open it for nothing but reading.
fn reading(database: &Database) -> Result<AnyConnectOptions, CatalogError> {
    database.options(match database {
        Database::Sqlite(path) if has_log(path) => "mode=ro",
        // Without a write-ahead log nobody is writing, and SQLite would make the log's files.
        _ => "mode=ro&immutable=true",
    })
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    Path::new(&log).exists()
}

async fn look(
    connection: &mut AnyConnection,
    dialect: Dialect,
    status: &mut Status,
) -> Result<SchemaState, CatalogError> {
    if !has_table(connection, dialect, APPLIED).await? {
        let foreign = has_table(connection, dialect, "tools").await?;
        return Ok(if foreign {
            SchemaState::Foreign
        } else {
            SchemaState::Empty
        });
    }
    let done = applied(&mut *connection).await?;
    status.applied = done.last().copied().unwrap_or(0);
    status.pending.retain(|version| !done.contains(version));
    let counts = &mut status.counts;
    for (table, query, counted) in [
        (
            "tools",
            "SELECT COUNT(*) AS found FROM tools",
            &mut counts.tools,
        ),
        (
            "tool_versions",
            "SELECT COUNT(*) AS found FROM tool_versions",
            &mut counts.versions,
        ),
        (
            "publish_reservations",
            "SELECT COUNT(*) AS found FROM publish_reservations WHERE token <> ''",
            &mut counts.reservations,
        ),
        (
            "abandoned_attempts",
            "SELECT COUNT(*) AS found FROM abandoned_attempts",
            &mut counts.abandoned,
        ),
    ] {
        if has_table(connection, dialect, table).await? {
            let row = sqlx::query(query).fetch_one(&mut *connection).await?;
            *counted = u64::try_from(row.try_get::<i64, _>("found")?).ok();
        }
    }
    Ok(if status.applied > status.known {
        SchemaState::Newer
    } else if status.pending.is_empty() {
        SchemaState::Current
    } else if status.applied == 0 {
        SchemaState::Empty
    } else {
        SchemaState::Older
    })
}
