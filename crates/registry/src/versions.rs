//! Showing a version, and finding the one that is meant.

use enact_catalog::{Described, Resolved, Sees, ToolRecord, VersionRecord, VersionTexts};
use enact_types::wire::{Author, BundleRef, VersionDetails};
use enact_types::{InvalidVersion, ToolName, Version};
use serde_json::value::RawValue;

use crate::{Caller, Registry, RegistryError};

/// Which version is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selector {
    /// The one that `latest` means.
    Latest,
    /// This one.
    Exact(Version),
}

impl Selector {
    /// The version, if it is named.
    pub(crate) fn exact(&self) -> Option<&Version> {
        match self {
            Self::Latest => None,
            Self::Exact(version) => Some(version),
        }
    }
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
    /// One version, yanked ones too; its texts are read by [`Details::read`].
    pub async fn version_details(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<Details, RegistryError> {
        let catalog = &self.inner.catalog;
        let described = catalog
            .describe(name, caller.sees(), selector.exact())
            .await?;
        let Described {
            resolved,
            text_bytes,
            texts,
            attested,
        } = described.ok_or_else(|| RegistryError::tool_not_found(name))?;
        let (tool, version) = whole(resolved, selector)?;
        Ok(Details {
            registry: self.clone(),
            name: tool.name,
            version,
            text_bytes,
            texts,
            attested,
        })
    }

    /// The tool and the version that are meant, if the caller may see them.
    pub(crate) async fn resolve(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<(ToolRecord, VersionRecord), RegistryError> {
        self.resolve_among(caller.sees(), name, selector).await
    }

    /// As [`resolve`](Self::resolve), of the tools that somebody sees.
    pub(crate) async fn resolve_among(
        &self,
        sees: Sees<'_>,
        name: &ToolName,
        selector: &Selector,
    ) -> Result<(ToolRecord, VersionRecord), RegistryError> {
        let catalog = &self.inner.catalog;
        let resolved = catalog.resolve(name, sees, selector.exact()).await?;
        whole(
            resolved.ok_or_else(|| RegistryError::tool_not_found(name))?,
            selector,
        )
    }
}

/// The tool with the version; an error if it has none such.
fn whole(
    resolved: Resolved,
    selector: &Selector,
) -> Result<(ToolRecord, VersionRecord), RegistryError> {
    let Resolved { tool, version } = resolved;
    match version {
        Some(version) => Ok((tool, version)),
        None => Err(no_version(&tool, selector)),
    }
}

/// The error for a version that the tool does not have.
pub(crate) fn no_version(tool: &ToolRecord, selector: &Selector) -> RegistryError {
    RegistryError::version_not_found(selector.exact().unwrap_or(&tool.latest_version).as_str())
}

/// A version whose texts, if they are large, have not been read yet.
pub struct Details {
    registry: Registry,
    name: ToolName,
    version: VersionRecord,
    text_bytes: u64,
    texts: Option<VersionTexts>,
    attested: bool,
}

impl Details {
    /// The size of its texts, in bytes: nearly all of what [`Self::read`] takes in memory.
    pub fn text_bytes(&self) -> u64 {
        self.text_bytes
    }

    /// The version with its manifest and its text.
    pub async fn read(self) -> Result<VersionDetails, RegistryError> {
        let VersionRecord { summary, .. } = self.version;
        let attestations = if self.attested {
            self.registry.newest_attestations(&summary.id).await?
        } else {
            Vec::new()
        };
        let texts = match self.texts {
            Some(texts) => Some(texts),
            None => self.registry.inner.catalog.texts(&summary.id).await?,
        };
        let texts =
            texts.ok_or_else(|| RegistryError::version_not_found(summary.version.as_str()))?;
        Ok(VersionDetails {
            description: self.version.description,
            license: self.version.license.unwrap_or_default(),
            yanked: summary.yanked,
            yank_reason: self.version.yank_reason,
            yank_replacement: self.version.yank_replacement,
            yanked_at: self.version.yanked_at,
            manifest: RawValue::from_string(texts.manifest).map_err(RegistryError::internal)?,
            raw_manifest: texts.raw_manifest,
            bundle: BundleRef {
                hash: summary.bundle_hash,
                size: summary.bundle_size,
                download_url: download_url(&self.name, &summary.version),
            },
            attestations,
            published_by: Author {
                username: self.version.published_by,
                avatar_url: None,
            },
            published_at: summary.published_at,
            downloads: summary.downloads,
            version: summary.version,
            name: self.name,
        })
    }
}

/// Where a bundle is downloaded, relative to the registry's base URL.
pub(crate) fn download_url(name: &ToolName, version: &Version) -> String {
    format!("/tools/{name}/versions/{version}/download")
}
