//! Versioned changes of the schema, applied in order at start.

use sqlx::{AnyPool, Row};

use crate::CatalogError;
use crate::pool::Dialect;

/// Every migration: its number, and the SQL for both databases.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_initial.sql")),
    (4, include_str!("../migrations/0004_file_digests.sql")),
];

/// Any fixed number: servers that start at once on one Postgres queue on this lock.
const LOCK: i64 = 0x0065_6e61_6374;

/// Applies what is missing, in one transaction. A crash leaves the old schema or the new one.
/// Refuses a database that a newer version of the program has migrated.
pub(crate) async fn run(pool: &AnyPool, dialect: Dialect) -> Result<(), CatalogError> {
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
    sqlx::raw_sql("CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT PRIMARY KEY)")
        .execute(&mut *tx)
        .await?;
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) AS version FROM schema_migrations")
        .fetch_one(&mut *tx)
        .await?;
    let current: i64 = row.try_get("version")?;
    let newest = MIGRATIONS.last().map_or(0, |(version, _)| *version);
    if current > newest {
        return Err(CatalogError::internal(
            "the database was made by a newer version of enact",
            format!(
                "its schema is number {current}, this program knows up to {newest}: run a newer enact"
            ),
        ));
    }
    for (version, sql) in MIGRATIONS.iter().filter(|(version, _)| *version > current) {
        let sql = match dialect {
            Dialect::Sqlite => (*sql).to_owned(),
            Dialect::Postgres => sql.replace("/*bytes*/", "COLLATE \"C\""),
        };
        // The text is ours: a file of this crate.
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut *tx)
            .await?;
        sqlx::query("INSERT INTO schema_migrations (version) VALUES ($1)")
            .bind(*version)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}
