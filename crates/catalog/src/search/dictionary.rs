//! The indexed words, to find those that are one letter away from a misspelt one.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use sqlx::{Any, AnyPool, Row, Transaction};

use super::key;
use super::spelling::{Neighbourhood, spellings};
use crate::CatalogError;
use crate::sql::Sql;

/// The most words that one misspelt word may stand for; those in the most tools come first.
const MAX_NEIGHBOURS: usize = 64;

/// Rows of one statement.
const BATCH: usize = 500;

const WITHIN_SIX_RANGES: &str = "\
    SELECT spelling, uses FROM search_words WHERE spelling >= $1 AND spelling < $2 \
    UNION ALL SELECT spelling, uses FROM search_words WHERE spelling >= $3 AND spelling < $4 \
    UNION ALL SELECT spelling, uses FROM search_words WHERE spelling >= $5 AND spelling < $6 \
    UNION ALL SELECT spelling, uses FROM search_words WHERE spelling >= $7 AND spelling < $8 \
    UNION ALL SELECT spelling, uses FROM search_words WHERE spelling >= $9 AND spelling < $10 \
    UNION ALL SELECT spelling, uses FROM search_words WHERE spelling >= $11 AND spelling < $12";

/// Indexed words that differ from `word` in one letter.
pub(super) async fn neighbours(pool: &AnyPool, word: &str) -> Result<Vec<String>, CatalogError> {
    let Some(neighbourhood) = Neighbourhood::of(word) else {
        return Ok(Vec::new());
    };
    let mut query = sqlx::query(WITHIN_SIX_RANGES);
    for start in neighbourhood.starts() {
        let end = key::end_of_prefix(&start);
        query = query.bind(start).bind(end);
    }
    // Not known to the dictionary to be a word; if it is none, no list has its name.
    let mut found = BTreeMap::from([(neighbourhood.swapped(), i64::MAX)]);
    found.remove(word);
    let mut rows = query.fetch(pool);
    while let Some(row) = rows.try_next().await? {
        if let Some(neighbour) = neighbourhood.neighbour(row.try_get("spelling")?) {
            found.insert(neighbour, row.try_get("uses")?);
        }
    }
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by_key(|(_, uses)| std::cmp::Reverse(*uses));
    found.truncate(MAX_NEIGHBOURS);
    Ok(found.into_iter().map(|(word, _)| word).collect())
}

/// Adds to how many rows of the index each word has; a word that has none is forgotten.
pub(super) async fn count(
    tx: &mut Transaction<'static, Any>,
    changes: &BTreeMap<String, i64>,
) -> Result<(), CatalogError> {
    // Sorted, so that two transactions that change the same words do not wait for each other.
    let changes: BTreeMap<String, i64> = changes
        .iter()
        .flat_map(|(word, change)| spellings(word).map(|spelling| (spelling, *change)))
        .collect();
    let changes: Vec<_> = changes.into_iter().collect();
    for batch in changes.chunks(BATCH) {
        let rows = batch
            .iter()
            .map(|(spelling, change)| [spelling.as_str().into(), (*change).into()]);
        Sql::new("INSERT INTO search_words (spelling, uses) VALUES ")
            .rows(rows)
            .text(" ON CONFLICT (spelling) DO UPDATE SET uses = search_words.uses + excluded.uses")
            .build()
            .persistent(batch.len() == BATCH)
            .execute(&mut **tx)
            .await?;
        let fewer = batch.iter().filter(|(_, change)| *change < 0);
        let fewer: Vec<_> = fewer.map(|(spelling, _)| spelling.as_str()).collect();
        if !fewer.is_empty() {
            Sql::new("DELETE FROM search_words WHERE uses <= 0 AND spelling IN ")
                .list(fewer)
                .build()
                .persistent(false)
                .execute(&mut **tx)
                .await?;
        }
    }
    Ok(())
}
