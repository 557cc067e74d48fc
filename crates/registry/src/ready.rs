//! Whether the registry can do its work right now.

use std::time::Duration;

use enact_storage::Key;
use enact_types::wire::Ready;

use crate::{Registry, RegistryError};

/// How long catalog and store may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// An object that nobody writes. Asking for it shows that the store is reached and lets us in.
const PROBE: &str = "bundles/.ready";

impl Registry {
    /// Asks the catalog and the store. Fails as unavailable if either does not answer.
    pub async fn ready(&self) -> Result<Ready, RegistryError> {
        let asked = async {
            self.inner.catalog.ping().await?;
            self.inner.storage.exists(&Key::parse(PROBE)?).await?;
            Ok::<_, RegistryError>(())
        };
        match tokio::time::timeout(PATIENCE, asked).await {
            Ok(Ok(())) => Ok(Ready {
                status: "ready".to_owned(),
                catalog: "ok".to_owned(),
                store: "ok".to_owned(),
            }),
            // Whatever it is, this server is of no use until it is mended.
            Ok(Err(error)) => Err(error.into_unavailable()),
            Err(_) => Err(RegistryError::busy(
                "The catalog or the bundle store does not answer in time",
            )),
        }
    }
}
