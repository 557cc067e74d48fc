//! Writing to the lists. Everything that changes what can be found goes through [`apply`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use sqlx::{Any, Row, Transaction};

use super::document::Document;
use super::list::{BLOCK, edit, encode};
use super::{dictionary, group, key};
use crate::CatalogError;
use crate::sql::Sql;

/// Rows of one statement, three values each.
const BATCH: usize = 500;

/// What a list's block has for a slot from now on; `None` if it is taken out.
type Change = (u16, Option<u64>);

/// What changes in a row: for the rest of each word.
type RowChanges = BTreeMap<String, Vec<Change>>;

/// One tool's change, in a block.
pub(super) struct Edit {
    pub(super) slot: u16,
    pub(super) old: Document,
    pub(super) new: Document,
    pub(super) downloads: u64,
}

/// Where a tool with the number stands.
pub(super) fn place(number: i64) -> (i64, u16) {
    let size = i64::from(BLOCK);
    // The remainder is below the block's size.
    let slot = u16::try_from(number.rem_euclid(size)).unwrap_or_default();
    (number.div_euclid(size), slot)
}

/// The number of the tool in a slot of a block.
pub(super) fn number(block: i64, slot: u16) -> i64 {
    block * i64::from(BLOCK) + i64::from(slot)
}

/// Keeps other transactions out of a block, whose lists change, until the end of this one.
async fn lock(tx: &mut Transaction<'static, Any>, block: i64) -> Result<(), CatalogError> {
    sqlx::query(
        "INSERT INTO search_blocks (block, changes, ranks) VALUES ($1, 1, 0) \
         ON CONFLICT (block) DO UPDATE SET changes = search_blocks.changes + 1",
    )
    .bind(block)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes what changed of some tools of one block.
pub(super) async fn apply(
    tx: &mut Transaction<'static, Any>,
    block: i64,
    edits: &[Edit],
) -> Result<(), CatalogError> {
    lock(tx, block).await?;
    let mut changes = BTreeMap::<String, RowChanges>::new();
    for edit in edits {
        for (key, number) in differences(edit) {
            let (row, rest) = key::row_of(&key);
            let row = changes.entry(row.to_owned()).or_default();
            let list = row.entry(rest.to_owned()).or_default();
            list.push((edit.slot, number));
        }
    }
    let changes: Vec<_> = changes.into_iter().collect();
    let mut words = BTreeMap::new();
    for batch in changes.chunks(BATCH) {
        apply_batch(tx, block, batch, &mut words).await?;
    }
    dictionary::count(tx, &words).await
}

/// The lists in which the tool's number changes; `None` where it is taken out.
fn differences(edit: &Edit) -> Vec<(String, Option<u64>)> {
    let (old, new) = (edit.old.lists(), edit.new.lists());
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    let mut changes: Vec<_> = gone.map(|key| (key.clone(), None)).collect();
    let there = (!edit.new.is_empty()).then_some(edit.downloads);
    changes.push((key::ALL.to_owned(), there));
    changes.extend(
        new.into_iter()
            .filter(|(key, number)| old.get(key) != Some(number))
            .map(|(key, number)| (key, Some(number))),
    );
    changes
}

async fn apply_batch(
    tx: &mut Transaction<'static, Any>,
    block: i64,
    changes: &[(String, RowChanges)],
    words: &mut BTreeMap<String, i64>,
) -> Result<(), CatalogError> {
    let full = changes.len() == BATCH;
    let keys = || changes.iter().map(|(key, _)| key.as_str());
    let rows = Sql::new("SELECT key, data FROM search_lists WHERE block = ")
        .bind(block)
        .text(" AND key IN ")
        .list(keys())
        .build()
        .persistent(full)
        .fetch_all(&mut **tx)
        .await?;
    let mut stored = BTreeMap::<&str, &[u8]>::new();
    for row in &rows {
        stored.insert(row.try_get("key")?, row.try_get("data")?);
    }
    let (mut written, mut emptied) = (Vec::new(), Vec::new());
    for (key, changes) in changes {
        let before = stored.get(key.as_str()).copied();
        let after = apply_to_row(key, before.unwrap_or_default(), changes, words)?;
        if !after.is_empty() {
            written.push([key.as_str().into(), block.into(), after.into()]);
        } else if before.is_some() {
            emptied.push(key.as_str());
        }
    }
    if !written.is_empty() {
        let full = written.len() == BATCH;
        Sql::new("INSERT INTO search_lists (key, block, data) VALUES ")
            .rows(written)
            .text(" ON CONFLICT (key, block) DO UPDATE SET data = excluded.data")
            .build()
            .persistent(full)
            .execute(&mut **tx)
            .await?;
    }
    if !emptied.is_empty() {
        Sql::new("DELETE FROM search_lists WHERE block = ")
            .bind(block)
            .text(" AND key IN ")
            .list(emptied)
            .build()
            .persistent(false)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// The row with the changes made, and in `words` which words came and went.
fn apply_to_row(
    key: &str,
    row: &[u8],
    changes: &RowChanges,
    words: &mut BTreeMap<String, i64>,
) -> Result<Vec<u8>, CatalogError> {
    let mut lists = BTreeMap::<&[u8], Cow<'_, [u8]>>::new();
    group::split(row, |rest, list| {
        lists.insert(rest, Cow::Borrowed(list));
        Ok(())
    })?;
    for (rest, changes) in changes {
        let before = lists.remove(rest.as_bytes());
        let after = edit(before.as_deref().unwrap_or_default(), changes)?;
        let change = i64::from(!after.is_empty()) - i64::from(before.is_some());
        if let Some(start) = key::word_of(key).filter(|_| change != 0) {
            words.insert(format!("{start}{rest}"), change);
        }
        if !after.is_empty() {
            lists.insert(rest.as_bytes(), Cow::Owned(encode(&after)));
        }
    }
    Ok(group::join(
        lists.iter().map(|(rest, list)| (*rest, list.as_ref())),
    ))
}
