//! Bringing the index in line with one tool.

use enact_types::{ToolName, Visibility};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::document::{Document, Texts};
use super::index::{Edit, apply, place};
use crate::CatalogError;
use crate::tools::{count, flag, ok, parsed, tags_from};

/// What [`Source`] reads; the texts are those of the latest version. A macro, since the queries are
/// literals.
macro_rules! select_source {
    ($condition:literal) => {
        concat!(
            "SELECT t.id, t.name, t.description, t.tags, t.visibility, t.latest_yanked, \
             t.total_downloads, t.created_at, v.raw_manifest FROM tools t \
             JOIN tool_versions v ON v.tool_id = t.id AND v.version = t.latest_version WHERE ",
            $condition
        )
    };
}
pub(super) use select_source;

/// A tool as it is to be indexed.
pub(super) struct Source {
    pub(super) document: Document,
    pub(super) downloads: u64,
}

impl Source {
    pub(super) fn from(row: &AnyRow) -> Result<Self, CatalogError> {
        let public = parsed(row, "visibility", ok(Visibility::parse))? == Visibility::Public;
        let document = if public && !flag(row, "latest_yanked")? {
            Document::of(&Texts {
                name: &parsed(row, "name", ok(ToolName::parse))?,
                tags: &tags_from(row)?,
                description: row.try_get("description")?,
                text: row
                    .try_get::<Option<&str>, _>("raw_manifest")?
                    .unwrap_or_default(),
            })
        } else {
            Document::default()
        };
        Ok(Self {
            document,
            downloads: count(row, "total_downloads")?,
        })
    }
}

/// Writes what changed of the tool since it was last indexed. It holds exactly the tools that a
/// search may find, so it is to be called whenever the latest version, its texts, whether it is
/// yanked, or the visibility changes. The caller has written to the tool's row in this transaction,
/// which keeps others out until the commit.
pub(crate) async fn reindex(
    tx: &mut Transaction<'static, Any>,
    tool_id: &str,
) -> Result<(), CatalogError> {
    let row = sqlx::query(select_source!("t.id = $1"))
        .bind(tool_id)
        .fetch_one(&mut **tx)
        .await?;
    let Source {
        document,
        downloads,
    } = Source::from(&row)?;
    drop(row);
    write(tx, tool_id, document, downloads).await
}

/// Takes a tool that is about to be deleted out of the index. The caller has written to its row in
/// this transaction.
pub(crate) async fn forget(
    tx: &mut Transaction<'static, Any>,
    tool_id: &str,
) -> Result<(), CatalogError> {
    write(tx, tool_id, Document::default(), 0).await?;
    sqlx::query("DELETE FROM search_documents WHERE tool_id = $1")
        .bind(tool_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn write(
    tx: &mut Transaction<'static, Any>,
    tool_id: &str,
    document: Document,
    downloads: u64,
) -> Result<(), CatalogError> {
    let row = sqlx::query("SELECT number, document FROM search_documents WHERE tool_id = $1")
        .bind(tool_id)
        .fetch_optional(&mut **tx)
        .await?;
    let (number, old) = match row {
        Some(row) => (
            row.try_get("number")?,
            Document::parse(row.try_get("document")?)?,
        ),
        None if document.is_empty() => return Ok(()),
        None => (next_numbers(tx, 1).await?, Document::default()),
    };
    if old == document {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO search_documents (tool_id, number, document) VALUES ($1, $2, $3) \
         ON CONFLICT (tool_id) DO UPDATE SET document = excluded.document",
    )
    .bind(tool_id)
    .bind(number)
    .bind(document.to_json()?)
    .execute(&mut **tx)
    .await?;
    let (block, slot) = place(number);
    let edit = Edit {
        slot,
        old,
        new: document,
        downloads,
    };
    apply(tx, block, &[edit]).await
}

/// The first of `count` numbers that no tool has had.
pub(super) async fn next_numbers(
    tx: &mut Transaction<'static, Any>,
    count: i64,
) -> Result<i64, CatalogError> {
    let row = sqlx::query("UPDATE search_numbers SET next = next + $1 WHERE id = 1 RETURNING next")
        .bind(count)
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get::<i64, _>("next")? - count)
}
