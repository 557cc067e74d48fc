//! Showing a version, and finding the one that is meant.

use enact_catalog::{ToolRecord, VersionRecord};
use enact_types::wire::{Author, BundleRef, VersionDetails};
use enact_types::{InvalidVersion, ToolName, Version};

use crate::{Caller, Registry, RegistryError};

/// Which version is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The one that `latest` means.
    Latest,
    /// This one.
    Exact(Version),
}

impl std::str::FromStr for Selector {
    type Err = InvalidVersion;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "latest" {
            Ok(Self::Latest)
        } else {
            Version::parse(text).map(Self::Exact)
        }
    }
}

impl Registry {
    /// One version with its manifest; yanked ones too.
    pub async fn version_details(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<VersionDetails, RegistryError> {
        let (_, version) = self.resolve(caller, name, selector).await?;
        let summary = version.summary;
        Ok(VersionDetails {
            name: name.clone(),
            description: version.description,
            license: version.license.unwrap_or_default(),
            yanked: summary.yanked,
            yank_reason: version.yank_reason,
            yank_replacement: version.yank_replacement,
            yanked_at: version.yanked_at,
            manifest: serde_json::from_str(&version.manifest).map_err(RegistryError::internal)?,
            raw_manifest: version.raw_manifest,
            bundle: BundleRef {
                hash: summary.bundle_hash,
                size: summary.bundle_size,
                download_url: download_url(name, &summary.version),
            },
            attestations: Vec::new(),
            published_by: Author {
                username: version.published_by,
                avatar_url: None,
            },
            published_at: summary.published_at,
            downloads: summary.downloads,
            version: summary.version,
        })
    }

    /// The tool and the version that are meant, if the caller may see them.
    pub(crate) async fn resolve(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<(ToolRecord, VersionRecord), RegistryError> {
        let tool = self.visible_tool(caller, name).await?;
        let wanted = match selector {
            Selector::Latest => &tool.latest_version,
            Selector::Exact(version) => version,
        };
        match self.inner.catalog.version(&tool.id, wanted).await? {
            Some(version) => Ok((tool, version)),
            None => Err(RegistryError::version_not_found(wanted.as_str())),
        }
    }
}

/// Where a bundle is downloaded, relative to the registry's base URL.
pub(crate) fn download_url(name: &ToolName, version: &Version) -> String {
    format!("/tools/{name}/versions/{version}/download")
}
