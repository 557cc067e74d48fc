//! Which tools may be found, and how often each was downloaded: read by every search, so kept in
//! memory, 8 bytes for each tool there ever was.
//!
//! Never older than the search: each asks for the sum of the blocks' counters of changes
//! (`search_blocks`), which grow with every change, and blocks that changed are read anew.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use sqlx::{AnyPool, Row};
use tokio::sync::Mutex;

use super::list::{BLOCK, decode};
use super::{group, key};
use crate::CatalogError;
use crate::sql::Sql;

/// Rows of one statement.
const BATCH: usize = 500;

/// In the place of its downloads, of a tool that may not be found.
const HIDDEN: u64 = u64::MAX;

/// Both ask for a range, to which an index leads.
const SUM: &str =
    "SELECT CAST(COALESCE(SUM(changes), 0) AS BIGINT) AS sum FROM search_blocks WHERE block >= 0";
const CHANGES: &str = "SELECT block, changes FROM search_blocks WHERE block >= 0";

/// What was last read, shared by all searches.
#[derive(Default)]
pub(crate) struct Shared(Mutex<Arc<Findable>>);

/// The tools that may be found, by block.
#[derive(Default)]
pub(super) struct Findable(BTreeMap<i64, Block>);

#[derive(Clone)]
struct Block {
    /// How often it had changed when it was read.
    changes: i64,
    downloads: Arc<[u64]>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shared(…)")
    }
}

impl Shared {
    /// The tools that may be found now. Searches that come while they are read wait for them.
    pub(super) async fn get(&self, pool: &AnyPool) -> Result<Arc<Findable>, CatalogError> {
        let sum: i64 = sqlx::query(SUM).fetch_one(pool).await?.try_get("sum")?;
        let mut known = self.0.lock().await;
        if known.sum() != sum {
            *known = Arc::new(known.renewed(pool).await?);
        }
        Ok(known.clone())
    }
}

impl Findable {
    fn sum(&self) -> i64 {
        self.0.values().map(|block| block.changes).sum()
    }

    /// With every block as it is now.
    async fn renewed(&self, pool: &AnyPool) -> Result<Self, CatalogError> {
        let mut renewed = Self::default();
        let mut stale = Vec::new();
        for row in sqlx::query(CHANGES).fetch_all(pool).await? {
            let (number, changes) = (row.try_get("block")?, row.try_get("changes")?);
            let known = self.0.get(&number);
            let block = if let Some(block) = known.filter(|block| block.changes == changes) {
                block.clone()
            } else {
                stale.push(number);
                // Of a block without a row in the list, no tool may be found.
                let downloads = Arc::from([]);
                Block { changes, downloads }
            };
            renewed.0.insert(number, block);
        }
        for batch in stale.chunks(BATCH) {
            let rows = Sql::new("SELECT block, data FROM search_lists WHERE key = ")
                .bind(key::ALL)
                .text(" AND block IN ")
                .list(batch.iter().copied())
                .build()
                .persistent(false)
                .fetch_all(pool)
                .await?;
            for row in rows {
                let mut downloads = vec![HIDDEN; usize::from(BLOCK)];
                group::split(row.try_get("data")?, |_, list| {
                    decode(list, |slot, number| {
                        downloads[usize::from(slot)] = number.min(HIDDEN - 1);
                    })
                })?;
                if let Some(block) = renewed.0.get_mut(&row.try_get("block")?) {
                    block.downloads = downloads.into();
                }
            }
        }
        Ok(renewed)
    }

    /// Hands the slot and the downloads of each tool of the block that may be found to `each`.
    pub(super) fn in_block(&self, block: i64, mut each: impl FnMut(u16, u64)) {
        let downloads = self.0.get(&block).map_or(&[][..], |block| &block.downloads);
        for (slot, downloads) in (0..).zip(downloads.iter()) {
            if *downloads != HIDDEN {
                each(slot, *downloads);
            }
        }
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = i64> {
        self.0.keys().copied()
    }
}
