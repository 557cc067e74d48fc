//! Deleting a tool for ever.

use enact_storage::Key;
use enact_types::{Needs, Role, ToolName};

use crate::{Caller, Registry, RegistryError};

impl Registry {
    /// Deletes a tool with everything that belongs to it. Its name is never given out again. It is
    /// gone for readers when this returns; bytes that the store could not remove at once go with the
    /// next [`Registry::recover`].
    pub async fn delete_tool(&self, caller: &Caller, name: &ToolName) -> Result<(), RegistryError> {
        let tool = self
            .writable_tool(caller, name, Needs::Manage(name), Role::Owner)
            .await?;
        let by = &caller.signed_in()?.profile;
        if !self
            .inner
            .catalog
            .delete_tool(&tool.id, &by.id, self.now())
            .await?
        {
            return Err(RegistryError::tool_not_found(name));
        }
        if let Err(error) = self.remove_doomed().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(%name, error, "the bundles of a deleted tool are left to the next recovery");
        }
        Ok(())
    }

    /// Removes bundles of deleted tools from the store; returns how many there were.
    pub(crate) async fn remove_doomed(&self) -> Result<usize, RegistryError> {
        let doomed = self
            .inner
            .catalog
            .doomed_bundles(crate::recover::BATCH)
            .await?;
        for path in &doomed {
            self.inner.storage.delete(&Key::parse(path)?).await?;
            self.inner.catalog.forget_doomed(path).await?;
        }
        Ok(doomed.len())
    }
}
