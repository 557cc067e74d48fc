//! Indexing tools that the index does not have yet: those of a database that an earlier version of
//! the program has written, and many at once.

use std::collections::BTreeMap;

use sqlx::{Any, Row, Transaction};

use super::document::Document;
use super::index::{Edit, apply, place};
use super::tool::{Source, next_numbers, select_source};
use crate::CatalogError;
use crate::sql::Sql;

/// Tools whose texts are in memory at once. Their words are, too, until they are written.
const AT_ONCE: usize = 512;

/// Indexes every tool that the index does not have, in the order in which they were made.
pub(crate) async fn index_missing(tx: &mut Transaction<'static, Any>) -> Result<(), CatalogError> {
    let rows = sqlx::query(
        "SELECT id FROM tools WHERE id NOT IN (SELECT tool_id FROM search_documents) \
         ORDER BY created_at, name",
    )
    .fetch_all(&mut **tx)
    .await?;
    let ids = rows
        .iter()
        .map(|row| Ok(row.try_get("id")?))
        .collect::<Result<Vec<String>, CatalogError>>()?;
    index_new(tx, &ids).await
}

/// Indexes tools that the index does not have, in this order.
pub(crate) async fn index_new(
    tx: &mut Transaction<'static, Any>,
    ids: &[String],
) -> Result<(), CatalogError> {
    for ids in ids.chunks(AT_ONCE) {
        let rows = Sql::new(select_source!("t.id IN "))
            .list(ids.iter().map(String::as_str))
            .build()
            .persistent(ids.len() == AT_ONCE)
            .fetch_all(&mut **tx)
            .await?;
        let mut sources = BTreeMap::new();
        for row in &rows {
            sources.insert(row.try_get::<String, _>("id")?, Source::from(row)?);
        }
        let tools = ids.iter().filter_map(|id| sources.remove_entry(id));
        let found = tools.filter(|(_, source)| !source.document.is_empty());
        insert(tx, found.collect()).await?;
    }
    Ok(())
}

/// Writes tools that have no number yet.
async fn insert(
    tx: &mut Transaction<'static, Any>,
    tools: Vec<(String, Source)>,
) -> Result<(), CatalogError> {
    if tools.is_empty() {
        return Ok(());
    }
    let count = i64::try_from(tools.len()).unwrap_or(i64::MAX);
    let first = next_numbers(tx, count).await?;
    let mut rows = Vec::new();
    let mut blocks = BTreeMap::<i64, Vec<Edit>>::new();
    for (number, (id, source)) in (first..).zip(tools) {
        let json = source.document.to_json()?;
        rows.push([id.as_str().into(), number.into(), json.as_str().into()]);
        let (block, slot) = place(number);
        blocks.entry(block).or_default().push(Edit {
            slot,
            old: Document::default(),
            new: source.document,
            downloads: source.downloads,
        });
    }
    Sql::new("INSERT INTO search_documents (tool_id, number, document) VALUES ")
        .rows(rows)
        .build()
        .persistent(false)
        .execute(&mut **tx)
        .await?;
    for (block, edits) in blocks {
        apply(tx, block, &edits).await?;
    }
    Ok(())
}
