//! Showing a tool.

use std::cmp::Reverse;

use enact_catalog::{Sees, ToolRecord, ToolVersions};
use enact_types::ToolName;
use enact_types::wire::{Author, ToolInfo, VersionList, VersionSummary};

use crate::{Caller, Page, Registry, RegistryError};

/// Which versions of a tool are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VersionFilter {
    /// Leave yanked ones out.
    pub hide_yanked: bool,
    /// The order.
    pub sort: VersionSort,
}

/// In which order versions are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum VersionSort {
    /// By semantic version, highest first.
    #[default]
    Version,
    /// Last published first.
    Newest,
    /// First published first.
    Oldest,
    /// Most often downloaded first.
    Downloads,
}

impl Registry {
    /// The tool with its versions: a page of them, or all.
    pub async fn tool_info(
        &self,
        caller: &Caller,
        name: &ToolName,
        filter: VersionFilter,
        page: Option<Page>,
    ) -> Result<ToolInfo, RegistryError> {
        let (tool, versions) = self.tool_with_versions(caller, name, filter).await?;
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
            versions: match page {
                Some(page) => page.of(versions),
                None => versions,
            },
            total_downloads: tool.downloads,
        })
    }

    /// A page of the versions of a tool.
    pub async fn version_list(
        &self,
        caller: &Caller,
        name: &ToolName,
        filter: VersionFilter,
        page: Page,
    ) -> Result<VersionList, RegistryError> {
        let (tool, versions) = self.tool_with_versions(caller, name, filter).await?;
        Ok(VersionList {
            tool_name: tool.name,
            total: versions.len() as u64,
            versions: page.of(versions),
            limit: page.limit(),
            offset: page.offset,
        })
    }

    /// The tool with the versions that are shown, in the order in which they are.
    async fn tool_with_versions(
        &self,
        caller: &Caller,
        name: &ToolName,
        filter: VersionFilter,
    ) -> Result<(ToolRecord, Vec<VersionSummary>), RegistryError> {
        let catalog = &self.inner.catalog;
        let found = catalog.tool_with_versions(name, caller.sees()).await?;
        let ToolVersions { tool, mut versions } =
            found.ok_or_else(|| RegistryError::tool_not_found(name))?;
        versions.retain(|version| !(filter.hide_yanked && version.yanked));
        // Stable, so that what is equal stays in the order of versions.
        match filter.sort {
            VersionSort::Version => {}
            VersionSort::Newest => versions.sort_by_key(|version| Reverse(version.published_at)),
            VersionSort::Oldest => versions.sort_by_key(|version| version.published_at),
            VersionSort::Downloads => versions.sort_by_key(|version| Reverse(version.downloads)),
        }
        let shown = versions.into_iter().map(|version| VersionSummary {
            version: version.version,
            published_at: version.published_at,
            downloads: version.downloads,
            bundle_hash: version.bundle_hash,
            bundle_size: version.bundle_size,
            yanked: version.yanked,
        });
        Ok((tool, shown.collect()))
    }

    /// The tool, if it exists and the caller may see it; else the one error for both.
    pub(crate) async fn visible_tool(
        &self,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<ToolRecord, RegistryError> {
        self.seen_tool(caller.sees(), name).await
    }

    /// The tool, if it exists and is among those that somebody sees; else the one error for both.
    pub(crate) async fn seen_tool(
        &self,
        sees: Sees<'_>,
        name: &ToolName,
    ) -> Result<ToolRecord, RegistryError> {
        let tool = self.inner.catalog.tool(name, sees).await?;
        tool.ok_or_else(|| RegistryError::tool_not_found(name))
    }
}

/// The namespace, shown as the tool's author.
pub(crate) fn author(name: &ToolName) -> Author {
    Author {
        username: name.namespace().to_string(),
        avatar_url: None,
    }
}
