//! Whether a database is one of the existing server, and whole.

use sqlx::{AssertSqlSafe, Row as _, SqliteConnection};

use super::UpstreamError;
use super::fields::{Table, shown};
use super::rows::{MEMBER, ORG, PROFILE, VERSION};

/// The tables that are read, and the columns that must be in each.
const TABLES: [(&str, &[&str]); 6] = [
    (
        "profiles",
        &["id", "username", "display_name", "avatar_url", "created_at"],
    ),
    (
        "organizations",
        &[
            "id",
            "name",
            "display_name",
            "description",
            "avatar_url",
            "created_by",
            "created_at",
        ],
    ),
    (
        "org_members",
        &["org_id", "user_id", "role", "added_at", "added_by"],
    ),
    (
        "tools",
        &[
            "id",
            "owner_id",
            "name",
            "visibility",
            "created_at",
            "updated_at",
        ],
    ),
    (
        "tool_versions",
        &[
            "id",
            "tool_id",
            "version",
            "manifest",
            "raw_manifest",
            "bundle_hash",
            "bundle_size",
            "downloads",
            "yanked",
            "yank_reason",
            "yank_replacement",
            "yanked_at",
            "published_by",
            "published_at",
        ],
    ),
    ("attestations", &["id"]),
];

/// Refuses everything but ordinary, undamaged tables with the columns that are read: a view or a
/// computed column could be of any size, or never end.
pub(super) async fn check(connection: &mut SqliteConnection) -> Result<(), UpstreamError> {
    let broken = |error: sqlx::Error| UpstreamError::query(&error);
    // Somebody may have named the new data folder, which has all of these tables too.
    let ours = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = $1")
        .bind(crate::migrations::APPLIED)
        .fetch_optional(&mut *connection)
        .await
        .map_err(broken)?;
    if ours.is_some() {
        return Err(UpstreamError::Ours);
    }
    for (table, columns) in TABLES {
        let kind = sqlx::query("SELECT type, sql LIKE 'CREATE VIRTUAL%' FROM sqlite_master WHERE name = $1 AND type IN ('table', 'view')")
            .bind(table)
            .fetch_optional(&mut *connection)
            .await
            .map_err(broken)?;
        let Some(kind) = kind else {
            return Err(UpstreamError::Schema(format!(
                "there is no table \"{table}\""
            )));
        };
        let ordinary = kind.try_get::<String, _>(0).map_err(broken)? == "table"
            && kind.try_get::<i64, _>(1).map_err(broken)? == 0;
        if !ordinary {
            return Err(UpstreamError::Schema(format!(
                "\"{table}\" is not an ordinary table"
            )));
        }
        let found = sqlx::query("SELECT name, hidden FROM pragma_table_xinfo($1)")
            .bind(table)
            .fetch_all(&mut *connection)
            .await
            .map_err(broken)?;
        let mut names = Vec::with_capacity(found.len());
        for column in &found {
            if column.try_get::<i64, _>(1).map_err(broken)? != 0 {
                return Err(UpstreamError::Schema(format!(
                    "\"{table}\" has computed columns"
                )));
            }
            names.push(column.try_get::<String, _>(0).map_err(broken)?);
        }
        if let Some(absent) = columns
            .iter()
            .find(|wanted| !names.iter().any(|name| name == *wanted))
        {
            return Err(UpstreamError::Schema(format!(
                "\"{table}\" has no column \"{absent}\""
            )));
        }
        check_whole(connection, table).await?;
    }
    // What cannot be prepared here would fail in the middle.
    for table in [&PROFILE, &ORG, &VERSION, &MEMBER.of(0)] {
        super::fields::next(connection, table, i64::MAX).await?;
    }
    Ok(())
}

/// The database's own check of every page of a table.
async fn check_whole(
    connection: &mut SqliteConnection,
    table: &'static str,
) -> Result<(), UpstreamError> {
    let row = sqlx::query(AssertSqlSafe(format!("PRAGMA quick_check('{table}')")))
        .fetch_one(connection)
        .await
        .and_then(|row| row.try_get::<String, _>(0))
        .map_err(|error| UpstreamError::query(&error))?;
    if row == "ok" {
        Ok(())
    } else {
        Err(UpstreamError::Damaged(shown(&row)))
    }
}

impl Table {
    /// The same table, of the row `owner` alone.
    pub(super) fn of(&self, owner: i64) -> Self {
        Self {
            owner: Some(owner),
            ..*self
        }
    }
}
