//! Counting downloads without writing at each of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use enact_catalog::DownloadCount;

use crate::{Registry, RegistryError};

/// Versions of one transaction: a short one, which keeps other writers waiting only briefly.
const BATCH: usize = 500;

/// Downloads since the last flush, by the ids of tool and version. Grows with the number of different
/// versions that were downloaded, not with the number of downloads.
#[derive(Debug, Default)]
pub(crate) struct Downloads(Mutex<HashMap<(String, String), u64>>);

impl Downloads {
    pub(crate) fn count(&self, tool_id: &str, version_id: &str) {
        let id = (tool_id.to_owned(), version_id.to_owned());
        *self.lock().entry(id).or_default() += 1;
    }

    /// At most [`BATCH`] of what was counted so far, which is then forgotten here.
    fn take(&self) -> Vec<DownloadCount> {
        let mut kept = self.lock();
        let ids: Vec<_> = kept.keys().take(BATCH).cloned().collect();
        let taken = ids.into_iter().filter_map(|id| {
            let downloads = kept.remove(&id)?;
            let (tool_id, version_id) = id;
            Some(DownloadCount {
                tool_id,
                version_id,
                downloads,
            })
        });
        taken.collect()
    }

    fn put_back(&self, counts: Vec<DownloadCount>) {
        let mut kept = self.lock();
        for DownloadCount {
            tool_id,
            version_id,
            downloads,
        } in counts
        {
            *kept.entry((tool_id, version_id)).or_default() += downloads;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Writes the downloads counted since the last call to the catalog; called every second and at
    /// the end. What cannot be written is kept for the next call.
    pub async fn flush_downloads(&self) -> Result<(), RegistryError> {
        loop {
            let counts = self.inner.downloads.take();
            if counts.is_empty() {
                return Ok(());
            }
            if let Err(error) = self.inner.catalog.add_downloads(&counts, self.now()).await {
                self.inner.downloads.put_back(counts);
                return Err(error.into());
            }
        }
    }
}
