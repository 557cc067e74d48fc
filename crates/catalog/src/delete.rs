//! Deleting a tool for ever.

use enact_types::{Timestamp, ToolName};
use sqlx::{Any, Row, Transaction};

use crate::tools::{count, ok, parsed};
use crate::versions::lock_tool;
use crate::{Catalog, CatalogError, Usage, search, usage};

impl Catalog {
    /// Deletes the tool with all its versions; false if there is none of that id. In the same
    /// transaction its name is taken out of use, and its bundles become
    /// [doomed](Self::doomed_bundles).
    pub async fn delete_tool(
        &self,
        tool_id: &str,
        deleted_by: &str,
        now: Timestamp,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        // A commit of a new version waits here, and then finds the name out of use.
        lock_tool(&mut tx, tool_id, now).await?;
        let name = sqlx::query("SELECT name FROM tools WHERE id = $1")
            .bind(tool_id)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(name) = name else { return Ok(false) };
        let name = parsed(&name, "name", ok(ToolName::parse))?;
        sqlx::query("INSERT INTO deleted_tools (name, deleted_at, deleted_by) VALUES ($1, $2, $3)")
            .bind(name.as_str())
            .bind(now.to_string())
            .bind(deleted_by)
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "INSERT INTO doomed_bundles (bundle_path) SELECT bundle_path FROM tool_versions WHERE tool_id = $1",
        )
        .bind(tool_id)
        .execute(&mut *tx)
        .await?;
        search::forget(&mut tx, tool_id).await?;
        let versions =
            sqlx::query("DELETE FROM tool_versions WHERE tool_id = $1 RETURNING bundle_size")
                .bind(tool_id)
                .fetch_all(&mut *tx)
                .await?;
        sqlx::query("DELETE FROM tools WHERE id = $1")
            .bind(tool_id)
            .execute(&mut *tx)
            .await?;
        let mut loss = Usage {
            tools: 1,
            ..Usage::default()
        };
        for version in &versions {
            loss.versions += 1;
            loss.bytes += count(version, "bundle_size")?;
        }
        usage::shrink(&mut tx, name.namespace(), loss).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The object keys of bundles whose tools were deleted and that may still be in the store; at
    /// most `limit`.
    pub async fn doomed_bundles(&self, limit: u32) -> Result<Vec<String>, CatalogError> {
        let rows = sqlx::query("SELECT bundle_path FROM doomed_bundles LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| Ok(row.try_get("bundle_path")?))
            .collect()
    }

    /// Forgets a doomed bundle, whose object is gone.
    pub async fn forget_doomed(&self, bundle_path: &str) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM doomed_bundles WHERE bundle_path = $1")
            .bind(bundle_path)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether a tool of that name was deleted.
    pub async fn is_deleted(&self, name: &ToolName) -> Result<bool, CatalogError> {
        let row = sqlx::query("SELECT name FROM deleted_tools WHERE name = $1")
            .bind(name.as_str())
            .fetch_optional(&self.readers)
            .await?;
        Ok(row.is_some())
    }
}

/// Whether a tool of that name was deleted, as this transaction sees it.
pub(crate) async fn is_deleted(
    tx: &mut Transaction<'static, Any>,
    name: &ToolName,
) -> Result<bool, CatalogError> {
    let row = sqlx::query("SELECT name FROM deleted_tools WHERE name = $1")
        .bind(name.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.is_some())
}
