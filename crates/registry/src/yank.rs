//! Yanking a version, and taking that back.

use enact_types::limits::MAX_SHORT_TEXT_CHARS;
use enact_types::wire::{Unyanked, YankRequest, Yanked};
use enact_types::{Needs, Role, ToolName, Version};

use crate::texts::optional;
use crate::{Caller, Registry, RegistryError, Selector};

impl Registry {
    /// Yanks a version: it stays downloadable for those who insist, and `latest` passes it by.
    /// Again for a yanked one: changes the reason, keeps the time.
    pub async fn yank(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        request: YankRequest,
    ) -> Result<Yanked, RegistryError> {
        let (tool, version) = self.writable_version(caller, name, selector).await?;
        let reason = optional("reason", request.reason, MAX_SHORT_TEXT_CHARS)?;
        let replacement = request.replacement_version.filter(|text| !text.is_empty());
        if let Some(replacement) = &replacement {
            Version::parse(replacement)
                .map_err(|error| RegistryError::invalid(format!("replacement_version: {error}")))?;
        }
        let yanked_at = self
            .inner
            .catalog
            .yank(
                &tool,
                &version,
                reason.as_deref(),
                replacement.as_deref(),
                self.now(),
            )
            .await?
            .ok_or_else(|| RegistryError::version_not_found(version.as_str()))?;
        Ok(Yanked {
            yanked: true,
            version,
            reason,
            replacement_version: replacement,
            yanked_at,
        })
    }

    /// Takes a yank back. For a version that is not yanked: nothing to do, and no error.
    pub async fn unyank(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<Unyanked, RegistryError> {
        let (tool, version) = self.writable_version(caller, name, selector).await?;
        let now = self.now();
        if !self.inner.catalog.unyank(&tool, &version, now).await? {
            return Err(RegistryError::version_not_found(version.as_str()));
        }
        Ok(Unyanked {
            yanked: false,
            version,
            unyanked_at: now,
        })
    }

    /// The id of the tool and the version that is meant, if the caller may change them.
    async fn writable_version(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<(String, Version), RegistryError> {
        self.writable_tool(caller, name, Needs::Yank(name), Role::Member)
            .await?;
        let (tool, version) = self
            .resolve_among(caller.sees_to_change(), name, selector)
            .await?;
        Ok((tool.id, version.summary.version))
    }
}
