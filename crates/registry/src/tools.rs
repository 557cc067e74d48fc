//! Showing a tool.

use enact_catalog::ToolRecord;
use enact_types::ToolName;
use enact_types::wire::{Author, ToolInfo, VersionSummary};

use crate::{Caller, Registry, RegistryError};

impl Registry {
    /// The tool with all its versions.
    pub async fn tool_info(
        &self,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<ToolInfo, RegistryError> {
        let tool = self.visible_tool(caller, name).await?;
        let versions = self.inner.catalog.versions(&tool.id).await?;
        Ok(ToolInfo {
            author: author(&tool.name),
            name: tool.name,
            description: tool.description,
            tags: tool.tags,
            license: tool.license.unwrap_or_default(),
            repository: tool.repository,
            homepage: tool.homepage,
            visibility: tool.visibility,
            created_at: tool.created_at,
            updated_at: tool.updated_at,
            latest_version: tool.latest_version,
            versions_total: versions.len() as u64,
            versions: versions
                .into_iter()
                .map(|version| VersionSummary {
                    version: version.version,
                    published_at: version.published_at,
                    downloads: version.downloads,
                    bundle_hash: version.bundle_hash,
                    bundle_size: version.bundle_size,
                    yanked: version.yanked,
                })
                .collect(),
            total_downloads: tool.downloads,
        })
    }

    /// The tool, if it exists and the caller may see it; else the one error for both.
    pub(crate) async fn visible_tool(
        &self,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<ToolRecord, RegistryError> {
        let tool = self.inner.catalog.tool(name, caller.sees()).await?;
        tool.ok_or_else(|| RegistryError::tool_not_found(name))
    }

    /// The tool, if the caller may change it. Somebody who may not see it learns nothing more than
    /// that it is missing.
    pub(crate) async fn writable_tool(
        &self,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<ToolRecord, RegistryError> {
        caller.signed_in()?;
        self.visible_tool(caller, name).await
    }
}

/// The namespace, shown as the tool's author.
pub(crate) fn author(name: &ToolName) -> Author {
    Author {
        username: name.namespace().to_string(),
        avatar_url: None,
    }
}
