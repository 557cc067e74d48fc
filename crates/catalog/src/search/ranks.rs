//! Downloads in the list of all tools, by which matches that are as good are ordered.

use std::collections::BTreeMap;

use sqlx::{Any, Row, Transaction};

use super::index::place;
use super::list::{edit, encode};
use super::{group, key};
use crate::CatalogError;
use crate::sql::Sql;
use crate::tools::count;

/// Rows of one statement, three values each.
const BATCH: usize = 500;

/// Brings the index in line with the downloads in the rows of these tools, to which the caller has
/// written in this transaction.
pub(crate) async fn refresh_downloads(
    tx: &mut Transaction<'static, Any>,
    tool_ids: &[&str],
) -> Result<(), CatalogError> {
    let mut blocks = BTreeMap::<i64, Vec<(u16, u64)>>::new();
    for batch in tool_ids.chunks(BATCH) {
        let rows = Sql::new(
            "SELECT d.number, t.total_downloads FROM search_documents d \
             JOIN tools t ON t.id = d.tool_id WHERE d.tool_id IN ",
        )
        .list(batch.iter().copied())
        .build()
        .persistent(false)
        .fetch_all(&mut **tx)
        .await?;
        for row in rows {
            let (block, slot) = place(row.try_get("number")?);
            let downloads = count(&row, "total_downloads")?;
            blocks.entry(block).or_default().push((slot, downloads));
        }
    }
    let blocks: Vec<_> = blocks.into_iter().collect();
    for batch in blocks.chunks(BATCH) {
        refresh_blocks(tx, batch).await?;
    }
    Ok(())
}

/// Keeps other transactions out of these blocks, which are sorted and whose downloads change, until
/// the end of this one.
async fn lock(
    tx: &mut Transaction<'static, Any>,
    blocks: impl IntoIterator<Item = i64>,
) -> Result<(), CatalogError> {
    let rows = blocks.into_iter();
    let rows = rows.map(|block| [block.into(), 0.into(), 1.into()]);
    Sql::new("INSERT INTO search_blocks (block, changes, ranks) VALUES ")
        .rows(rows)
        .text(" ON CONFLICT (block) DO UPDATE SET ranks = search_blocks.ranks + 1")
        .build()
        .persistent(false)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn refresh_blocks(
    tx: &mut Transaction<'static, Any>,
    blocks: &[(i64, Vec<(u16, u64)>)],
) -> Result<(), CatalogError> {
    lock(tx, blocks.iter().map(|(block, _)| *block)).await?;
    let rows = Sql::new("SELECT block, data FROM search_lists WHERE key = ")
        .bind(key::ALL)
        .text(" AND block IN ")
        .list(blocks.iter().map(|(block, _)| *block))
        .build()
        .persistent(false)
        .fetch_all(&mut **tx)
        .await?;
    let blocks: BTreeMap<i64, &Vec<_>> = blocks.iter().map(|(block, new)| (*block, new)).collect();
    let mut written = Vec::new();
    for row in rows {
        let (block, data): (i64, &[u8]) = (row.try_get("block")?, row.try_get("data")?);
        let mut entries = Vec::new();
        group::split(data, |_, list| {
            entries = edit(list, &[])?;
            Ok(())
        })?;
        for (slot, downloads) in blocks.get(&block).into_iter().copied().flatten() {
            // A tool that may not be found is not in the list, and is not put there.
            if let Ok(at) = entries.binary_search_by_key(slot, |(slot, _)| *slot) {
                entries[at].1 = *downloads;
            }
        }
        let data = group::join([(&b""[..], encode(&entries).as_slice())]);
        written.push([key::ALL.into(), block.into(), data.into()]);
    }
    if written.is_empty() {
        return Ok(());
    }
    Sql::new("INSERT INTO search_lists (key, block, data) VALUES ")
        .rows(written)
        .text(" ON CONFLICT (key, block) DO UPDATE SET data = excluded.data")
        .build()
        .persistent(false)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
