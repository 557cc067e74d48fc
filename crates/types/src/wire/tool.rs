//! Tools.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Digest, Timestamp, ToolName, Version, Visibility};

/// A person, as clients show them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Author {
    /// The user name, or `@org`.
    pub username: String,
    /// A picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
}

/// `GET /tools/N`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ToolInfo {
    /// The tool.
    pub name: ToolName,
    /// What it does.
    pub description: String,
    /// Tags, of the latest version.
    pub tags: Vec<String>,
    /// The licence, empty when not stated.
    #[serde(default, deserialize_with = "null_as_default")]
    pub license: String,
    /// The namespace that owns it.
    pub author: Author,
    /// Where the source is.
    #[serde(default)]
    pub repository: Option<String>,
    /// The tool's page.
    #[serde(default)]
    pub homepage: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// First publish.
    pub created_at: Timestamp,
    /// Last publish, yank or change of visibility.
    pub updated_at: Timestamp,
    /// The version that `latest` means.
    pub latest_version: Version,
    /// Every version, highest first, yanked ones included.
    pub versions: Vec<VersionSummary>,
    /// How many versions there are.
    pub versions_total: u64,
    /// Downloads of all versions.
    pub total_downloads: u64,
}

/// One line of [`ToolInfo::versions`].
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VersionSummary {
    /// The version.
    pub version: Version,
    /// When it was published.
    pub published_at: Timestamp,
    /// How often it was downloaded.
    pub downloads: u64,
    /// The digest of its bundle.
    pub bundle_hash: Digest,
    /// The size of its bundle, in bytes.
    pub bundle_size: u64,
    /// Whether it was yanked.
    pub yanked: bool,
}

/// Reads null like an absent field; other servers send null where this one sends "".
pub(super) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
