//! Which tools may be found, and how often each was downloaded: read by every search, so kept in
//! memory, 8 bytes for each tool there ever was.

use std::collections::BTreeMap;
use std::sync::Arc;

use sqlx::{AnyPool, Row};

use super::list::{BLOCK, decode};
use super::{group, key};
use crate::CatalogError;
use crate::sql::Sql;

/// Rows of one statement.
const BATCH: usize = 500;

/// In the place of its downloads, of a tool that may not be found.
const HIDDEN: u64 = u64::MAX;

/// A range, to which an index leads.
const CHANGES: &str = "SELECT block, changes, ranks FROM search_blocks WHERE block >= 0";

/// The tools that may be found, by block, as they were when they were last read.
#[derive(Default)]
pub(super) struct Findable {
    /// How many times this was read anew.
    reading: u64,
    blocks: BTreeMap<i64, Block>,
}

#[derive(Clone)]
struct Block {
    /// How often its lists had changed.
    changes: i64,
    /// How often the downloads had.
    ranks: i64,
    /// The first reading that saw its lists so.
    since: u64,
    downloads: Arc<[u64]>,
}

impl Findable {
    /// All changes of all blocks.
    pub(super) fn changes(&self) -> i64 {
        let blocks = self.blocks.values();
        blocks.map(|block| block.changes + block.ranks).sum()
    }

    /// Which reading this is of.
    pub(super) fn reading(&self) -> u64 {
        self.reading
    }

    /// The blocks whose lists changed after a reading.
    pub(super) fn changed_after(&self, reading: u64) -> impl Iterator<Item = i64> {
        let blocks = self.blocks.iter();
        blocks.filter_map(move |(number, block)| (block.since > reading).then_some(*number))
    }

    /// With every block as it is now.
    pub(super) async fn read_again(&self, pool: &AnyPool) -> Result<Self, CatalogError> {
        let reading = self.reading + 1;
        let mut blocks = BTreeMap::new();
        let mut stale = Vec::new();
        for row in sqlx::query(CHANGES).fetch_all(pool).await? {
            let number = row.try_get("block")?;
            let (changes, ranks) = (row.try_get("changes")?, row.try_get("ranks")?);
            let known = self.blocks.get(&number);
            let known = known.filter(|block| block.changes == changes);
            let block = if let Some(block) = known.filter(|block| block.ranks == ranks) {
                block.clone()
            } else {
                stale.push(number);
                Block {
                    changes,
                    ranks,
                    since: known.map_or(reading, |block| block.since),
                    // Of a block without a row in the list, no tool may be found.
                    downloads: Arc::from([]),
                }
            };
            blocks.insert(number, block);
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
                if let Some(block) = blocks.get_mut(&row.try_get("block")?) {
                    block.downloads = downloads(row.try_get("data")?)?;
                }
            }
        }
        Ok(Self { reading, blocks })
    }

    /// Hands the slot and the downloads of each tool of the block that may be found to `each`.
    pub(super) fn in_block(&self, block: i64, mut each: impl FnMut(u16, u64)) {
        let block = self.blocks.get(&block);
        let downloads = block.map_or(&[][..], |block| &block.downloads);
        for (slot, downloads) in (0..).zip(downloads.iter()) {
            if *downloads != HIDDEN {
                each(slot, *downloads);
            }
        }
    }

    pub(super) fn blocks(&self) -> impl Iterator<Item = i64> {
        self.blocks.keys().copied()
    }
}

fn downloads(row: &[u8]) -> Result<Arc<[u64]>, CatalogError> {
    let mut downloads = vec![HIDDEN; usize::from(BLOCK)];
    group::split(row, |_, list| {
        decode(list, |slot, number| {
            downloads[usize::from(slot)] = number.min(HIDDEN - 1);
        })
    })?;
    Ok(downloads.into())
}
