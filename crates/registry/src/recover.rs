//! Cleaning up after attempts that died between their reservation and their commit.

use enact_storage::Key;

use crate::{Registry, RegistryError};

/// Reservations looked at in one call.
const BATCH: u32 = 1_000;

impl Registry {
    /// Collects what expired publishes left in the store; returns how many there were. Called at
    /// start and then now and again. A reservation that is taken here can no longer be committed,
    /// so the object behind it is garbage for sure.
    pub async fn recover(&self) -> Result<usize, RegistryError> {
        let expired = self.inner.catalog.take_expired(self.now(), BATCH).await?;
        for (name, version, attempt) in &expired {
            let key = Key::bundle(name, version, *attempt);
            if let Err(error) = self.inner.storage.delete(&key).await {
                tracing::warn!(%key, error = &error as &dyn std::error::Error, "could not remove what a dead publish left");
            }
        }
        Ok(expired.len())
    }
}
