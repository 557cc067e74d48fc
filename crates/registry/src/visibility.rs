//! Changing who may see a tool.

use enact_types::wire::VisibilityChanged;
use enact_types::{Needs, ToolName, Visibility};

use crate::access::SETS_VISIBILITY;
use crate::{Caller, Registry, RegistryError};

impl Registry {
    /// Changes who may see the tool, at once and for all its versions.
    pub async fn set_visibility(
        &self,
        caller: &Caller,
        name: &ToolName,
        visibility: Visibility,
    ) -> Result<VisibilityChanged, RegistryError> {
        let tool = self
            .writable_tool(caller, name, Needs::Manage(name), SETS_VISIBILITY)
            .await?;
        if !self
            .inner
            .catalog
            .set_visibility(&tool.id, visibility, self.now())
            .await?
        {
            return Err(RegistryError::tool_not_found(name));
        }
        Ok(VisibilityChanged {
            name: tool.name,
            visibility,
            updated: true,
        })
    }
}
