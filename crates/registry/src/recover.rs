//! Cleaning up after attempts to publish that died or failed between their reservation and their
//! commit.

use std::time::Duration;

use enact_storage::Key;

use crate::{Registry, RegistryError};

/// Attempts looked at in one call.
pub(crate) const BATCH: u32 = 200;

/// Unfinished multipart uploads older than this belong to nobody: no publish takes as long.
const STALE_UPLOAD: Duration = Duration::from_hours(24);

impl Registry {
    /// Takes reservations whose holders died, and removes what abandoned attempts left in the
    /// store, and the bundles of deleted tools; returns how many there were. Called at start and then now and again. An
    /// abandoned attempt can no longer be committed, so its object is garbage for sure; it is
    /// forgotten only when the object is gone.
    pub async fn recover(&self) -> Result<usize, RegistryError> {
        self.inner.catalog.take_expired(self.now(), BATCH).await?;
        let abandoned = self.inner.catalog.abandoned(BATCH).await?;
        for (name, version, attempt) in &abandoned {
            let key = Key::bundle(name, version, *attempt);
            self.inner.storage.delete(&key).await?;
            self.inner
                .catalog
                .forget_abandoned(name, version, *attempt)
                .await?;
        }
        Ok(abandoned.len() + self.remove_doomed().await?)
    }

    /// Removes parts of uploads that were never finished, which some stores keep, and charge for,
    /// for ever. Returns how many uploads there were.
    pub async fn sweep_uploads(&self) -> Result<u64, RegistryError> {
        Ok(self.inner.storage.abort_stale_uploads(STALE_UPLOAD).await?)
    }
}
