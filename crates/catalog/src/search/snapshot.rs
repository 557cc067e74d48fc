//! The index as one search sees it: what this server has in memory of it, brought up to date.
//!
//! Never older than the search. Each block of the index has counters of changes in the database,
//! which grow with every change, whichever server makes it; a search asks for their sum, and what
//! changed since it was last read is read anew.

use std::fmt;
use std::sync::Arc;

use sqlx::{AnyPool, Row};
use tokio::sync::Mutex;

use super::findable::Findable;
use super::rows::{Blocks, Rows};
use crate::CatalogError;

/// A range, to which an index leads.
const SUM: &str = "SELECT CAST(COALESCE(SUM(changes + ranks), 0) AS BIGINT) AS sum \
                   FROM search_blocks WHERE block >= 0";

/// What a server has in memory of the index, shared by all searches.
#[derive(Default)]
pub(crate) struct Memory {
    findable: Mutex<Arc<Findable>>,
    rows: Rows,
}

/// See the module.
pub(super) struct Snapshot<'a> {
    pub(super) pool: &'a AnyPool,
    pub(super) findable: Arc<Findable>,
    rows: &'a Rows,
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory(…)")
    }
}

impl Memory {
    /// The index as it is now. Searches that come while this is read wait for it.
    pub(super) async fn snapshot<'a>(
        &'a self,
        pool: &'a AnyPool,
    ) -> Result<Snapshot<'a>, CatalogError> {
        let changes: i64 = sqlx::query(SUM).fetch_one(pool).await?.try_get("sum")?;
        let mut known = self.findable.lock().await;
        if known.changes() != changes {
            *known = Arc::new(known.read_again(pool).await?);
        }
        Ok(Snapshot {
            pool,
            findable: known.clone(),
            rows: &self.rows,
        })
    }
}

impl Snapshot<'_> {
    /// A row of the index.
    pub(super) async fn row(&self, key: &str) -> Result<Arc<Blocks>, CatalogError> {
        self.rows.get(self.pool, key, &self.findable).await
    }
}
