//! Rows of the index that searches have read lately, so that those of words that everybody looks for
//! are not fetched each time, block by block.

use std::collections::BTreeMap;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sqlx::{AnyPool, Row};

use super::findable::Findable;
use crate::CatalogError;
use crate::sql::Sql;

/// All that are kept together, in bytes. More than all rows of 50,000 tools.
const CAPACITY: u64 = 32 * 1024 * 1024;

/// About what a row is like, in bytes.
const AVERAGE: u64 = 8 * 1024;

/// What a row, and a block of it, take besides their bytes, about.
const OVERHEAD: usize = 64;

/// Above so many blocks that changed, a row is read whole.
const MOST_BY_NUMBER: usize = 100;

const WHOLE: &str = "SELECT block, data FROM search_lists WHERE key = $1";

/// See the module.
pub(super) struct Rows(Cache<String, Arc<Blocks>, Size>);

/// What a row has in each block.
#[derive(Default)]
pub(super) struct Blocks {
    /// The reading of [`Findable`] after which they were read.
    reading: u64,
    data: BTreeMap<i64, Arc<[u8]>>,
}

#[derive(Clone)]
struct Size;

impl Weighter<String, Arc<Blocks>> for Size {
    fn weight(&self, key: &String, row: &Arc<Blocks>) -> u64 {
        let blocks = row.data.values().map(|data| data.len() + OVERHEAD);
        (key.len() + OVERHEAD + blocks.sum::<usize>()) as u64
    }
}

impl Default for Rows {
    fn default() -> Self {
        let entries = usize::try_from(CAPACITY / AVERAGE).unwrap_or_default();
        Self(Cache::with_weighter(entries, CAPACITY, Size))
    }
}

impl Blocks {
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, &[u8])> {
        self.data.iter().map(|(block, data)| (*block, &data[..]))
    }
}

impl Rows {
    /// The row, no older than `findable`.
    pub(super) async fn get(
        &self,
        pool: &AnyPool,
        key: &str,
        findable: &Findable,
    ) -> Result<Arc<Blocks>, CatalogError> {
        let reading = findable.reading();
        let known = self.0.get(key).unwrap_or_default();
        if known.reading >= reading {
            return Ok(known);
        }
        let stale: Vec<_> = findable.changed_after(known.reading).collect();
        let mut data = known.data.clone();
        let query = if stale.len() > MOST_BY_NUMBER || known.reading == 0 {
            data.clear();
            sqlx::query(WHOLE).bind(key.to_owned())
        } else {
            for block in &stale {
                data.remove(block);
            }
            Sql::new("SELECT block, data FROM search_lists WHERE key = ")
                .bind(key)
                .text(" AND block IN ")
                .list(stale.iter().copied())
                .build()
                .persistent(false)
        };
        if !stale.is_empty() {
            for row in query.fetch_all(pool).await? {
                let bytes: &[u8] = row.try_get("data")?;
                data.insert(row.try_get("block")?, bytes.into());
            }
        }
        let row = Arc::new(Blocks { reading, data });
        self.0.insert(key.to_owned(), row.clone());
        Ok(row)
    }
}
