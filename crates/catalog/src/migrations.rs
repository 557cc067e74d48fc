//! Versioned changes of the schema, applied in order at start.

use sqlx::{AnyConnection, AnyPool, Row};

use crate::CatalogError;
use crate::pool::Dialect;

/// What bringing a schema up to date took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// The number of the schema before; 0 for an empty database.
    pub from: i64,
    /// The numbers of the migrations that were applied, in order; none if it was up to date.
    pub applied: Vec<i64>,
}

/// Every migration: its number, and the SQL for both databases.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_initial.sql")),
    (2, include_str!("../migrations/0002_search.sql")),
    (3, include_str!("../migrations/0003_people.sql")),
    (4, include_str!("../migrations/0004_file_digests.sql")),
    (5, include_str!("../migrations/0005_word_groups.sql")),
    (6, include_str!("../migrations/0006_accounts.sql")),
    (7, include_str!("../migrations/0007_identities.sql")),
    (8, include_str!("../migrations/0008_namespace_usage.sql")),
    (9, include_str!("../migrations/0009_block_changes.sql")),
    (10, include_str!("../migrations/0010_audit.sql")),
    (11, include_str!("../migrations/0011_orgs_by_creator.sql")),
    (12, include_str!("../migrations/0012_publisher_locks.sql")),
];

/// The migration since which the search index is what `search` writes. Changing what is indexed
/// needs a migration that empties its tables, and its number here.
const INDEX_SINCE: i64 = 5;

/// Any fixed number: servers that start at once on one Postgres queue on this lock.
const LOCK: i64 = 0x0065_6e61_6374;

/// The table in which each applied migration has a row.
pub(crate) const APPLIED: &str = "schema_migrations";

/// The numbers of all migrations that this program knows, in order.
pub(crate) fn known() -> impl Iterator<Item = i64> {
    MIGRATIONS.iter().map(|(version, _)| *version)
}

/// Applies what is missing, in one transaction. A crash leaves the old schema or the new one.
/// Refuses a database that a newer version of the program, or another program, has made.
pub(crate) async fn run(pool: &AnyPool, dialect: Dialect) -> Result<Migrated, CatalogError> {
    let mut tx = match dialect {
        Dialect::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await?,
        Dialect::Postgres => {
            let mut tx = pool.begin().await?;
            sqlx::query("SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)")
                .bind(LOCK)
                .execute(&mut *tx)
                .await?;
            tx
        }
    };
    if !has_table(&mut tx, dialect, APPLIED).await? && has_table(&mut tx, dialect, "tools").await? {
        return Err(CatalogError::internal(
            "the database was made by another program",
            "it has a table \"tools\" and no record of migrations. If it is the registry.db of the \
             existing self-hosted server, choose another data folder and take it over with \
             `enact db import --from FOLDER`",
        ));
    }
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY)")
        .execute(&mut *tx)
        .await?;
    let before = applied(&mut tx).await?;
    let current = before.last().copied().unwrap_or(0);
    let newest = known().last().unwrap_or(0);
    if current > newest {
        return Err(CatalogError::internal(
            "the database was made by a newer version of enact",
            format!(
                "its schema is number {current}, this program knows up to {newest}: run a newer enact"
            ),
        ));
    }
    let mut applied = Vec::new();
    // Each by itself: one that comes with a later change can have a lower number.
    let missing = MIGRATIONS
        .iter()
        .filter(|(version, _)| !before.contains(version));
    for (version, sql) in missing {
        let sql = match dialect {
            // What stands between the marks of one database is a comment to the other.
            Dialect::Sqlite => sql
                .replace("/*sqlite:", "")
                .replace(":sqlite*/", "")
                .replace("/*clustered*/", "WITHOUT ROWID"),
            Dialect::Postgres => sql
                .replace("/*postgres:", "")
                .replace(":postgres*/", "")
                .replace(
                    "INTEGER PRIMARY KEY /*numbered*/",
                    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                )
                .replace("/*bytes*/", "COLLATE \"C\"")
                .replace("INSTR(", "STRPOS(")
                .replace(" BLOB ", " BYTEA "),
        };
        // The text is ours: a file of this crate.
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO schema_migrations (version) VALUES ($1)")
            .bind(*version)
            .execute(&mut *tx)
            .await?;
        applied.push(*version);
    }
    // After all of them, since the program knows the newest schema alone.
    if applied.contains(&INDEX_SINCE) {
        crate::search::index_missing(&mut tx).await?;
    }
    tx.commit().await?;
    let from = current;
    Ok(Migrated { from, applied })
}

/// The numbers of the migrations that were applied, in order; their table must be there.
pub(crate) async fn applied(connection: &mut AnyConnection) -> Result<Vec<i64>, CatalogError> {
    let rows = sqlx::query("SELECT version FROM schema_migrations ORDER BY version")
        .fetch_all(connection)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("version")?)).collect()
}

/// Whether there is a table of that name.
pub(crate) async fn has_table(
    connection: &mut AnyConnection,
    dialect: Dialect,
    table: &str,
) -> Result<bool, CatalogError> {
    let row = sqlx::query(match dialect {
        Dialect::Sqlite => {
            "SELECT COUNT(*) AS found FROM sqlite_master WHERE type = 'table' AND name = $1"
        }
        Dialect::Postgres => {
            "SELECT COUNT(*) AS found FROM information_schema.tables \
             WHERE table_schema = current_schema() AND table_name = $1"
        }
    })
    .bind(table)
    .fetch_one(connection)
    .await?;
    Ok(row.try_get::<i64, _>("found")? > 0)
}
