//! Versions of a tool.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::attestation::Attestation;
use super::tool::{Author, VersionSummary, null_as_default};
use crate::{Digest, Timestamp, ToolName, Version, Visibility};

/// 201 of a publish.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Published {
    /// The tool.
    pub name: ToolName,
    /// The version.
    pub version: Version,
    /// The digest of the bundle as received.
    pub bundle_hash: Digest,
    /// The size of the bundle, in bytes.
    pub bundle_size: u64,
    /// The path to download it from, relative to the registry's base URL.
    pub download_url: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// Who may see the tool now. Not what was sent, if the tool was there already and whoever
    /// published may not change that: it takes the scope `manage`, and of a tool of an organisation
    /// its admins.
    pub visibility: Visibility,
    /// The attestation that came with it; null if none came, or one that is not of this bundle.
    pub attestation: Option<PublishedAttestation>,
}

/// The attestation that came with a publish.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PublishedAttestation {
    /// Who attests.
    pub auditor: String,
    /// Who vouched for the auditor's identity.
    pub auditor_provider: String,
    /// Whether its signature was verified.
    pub verified: bool,
}

/// `GET /tools/N/versions`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VersionList {
    /// The tool.
    pub tool_name: ToolName,
    /// The rows of this page.
    pub versions: Vec<VersionSummary>,
    /// How many versions there are, after the filter.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
}

/// `GET /tools/N/versions/V`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VersionDetails {
    /// The tool.
    pub name: ToolName,
    /// The version.
    pub version: Version,
    /// The description in this version's manifest.
    pub description: String,
    /// The licence in this version's manifest, empty when not stated.
    #[serde(default, deserialize_with = "null_as_default")]
    pub license: String,
    /// Whether it was yanked.
    pub yanked: bool,
    /// Why it was yanked.
    pub yank_reason: Option<String>,
    /// What to use instead.
    pub yank_replacement: Option<String>,
    /// When it was yanked.
    pub yanked_at: Option<Timestamp>,
    /// The manifest, a JSON object, as sent. Not taken apart: only its readers look inside.
    #[schema(value_type = Object)]
    pub manifest: Box<RawValue>,
    /// The text of SKILL.md, as sent. The only key in camel case: existing clients look for it so.
    #[serde(rename = "rawManifest")]
    pub raw_manifest: Option<String>,
    /// The bundle.
    pub bundle: BundleRef,
    /// Attestations of this version.
    pub attestations: Vec<Attestation>,
    /// Who published it.
    pub published_by: Author,
    /// When it was published.
    pub published_at: Timestamp,
    /// How often it was downloaded.
    pub downloads: u64,
}

/// The bundle of a version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BundleRef {
    /// Its digest.
    pub hash: Digest,
    /// Its size, in bytes.
    pub size: u64,
    /// The path to download it from, relative to the registry's base URL.
    pub download_url: String,
}
