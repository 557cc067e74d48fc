//! Counting downloads without writing at each of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{Registry, RegistryError};

/// Downloads since the last flush, by the id of the version. Grows with the number of different
/// versions that were downloaded, not with the number of downloads.
#[derive(Debug, Default)]
pub(crate) struct Downloads(Mutex<HashMap<String, u64>>);

impl Downloads {
    pub(crate) fn count(&self, version_id: &str) {
        let mut counts = self.lock();
        match counts.get_mut(version_id) {
            Some(count) => *count += 1,
            None => {
                counts.insert(version_id.to_owned(), 1);
            }
        }
    }

    /// Everything counted so far, which is then forgotten here. Sorted, so that servers that flush
    /// at once lock rows in the same order.
    fn take(&self) -> Vec<(String, u64)> {
        let mut counts: Vec<_> = std::mem::take(&mut *self.lock()).into_iter().collect();
        counts.sort();
        counts
    }

    fn put_back(&self, counts: Vec<(String, u64)>) {
        let mut kept = self.lock();
        for (version_id, count) in counts {
            *kept.entry(version_id).or_default() += count;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Writes the downloads counted since the last call to the catalog; called every second and at
    /// the end. What cannot be written is kept for the next call.
    pub async fn flush_downloads(&self) -> Result<(), RegistryError> {
        let counts = self.inner.downloads.take();
        if counts.is_empty() {
            return Ok(());
        }
        let written = self.inner.catalog.add_downloads(&counts, self.now()).await;
        if written.is_err() {
            self.inner.downloads.put_back(counts);
        }
        Ok(written?)
    }
}
