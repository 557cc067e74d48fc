//! The bodies of the HTTP API. Field names and nullability are the contract of existing clients: what
//! they read without looking is never null here. Our client sends and reads requests and errors with
//! these types; answers it reads with more lenient ones of its own, since other servers differ.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::{Digest, ErrorCode, Timestamp, ToolName, Version, Visibility};

/// The body of every answer that is not a success.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// For programs. A `String` when read, since another server may have codes of its own.
    pub code: String,
    /// For people; existing clients print it as it is.
    pub message: String,
    /// Facts that belong to the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

impl ErrorBody {
    /// A body with `code`, `message` and optional `details`.
    pub fn new(code: ErrorCode, message: impl Into<String>, details: Option<Value>) -> Self {
        let code = serde_json::to_value(code)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned));
        Self {
            error: ErrorDetail {
                code: code.unwrap_or_default(),
                message: message.into(),
                details,
            },
        }
    }
}

/// A person, as clients show them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// The user name, or `@org`.
    pub username: String,
    /// A picture.
    #[serde(default)]
    pub avatar_url: Option<String>,
}

/// 201 of a publish.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    /// Always null until a signature is really verified.
    pub attestation: Option<Value>,
}

/// `GET /tools/N`.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
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

/// `GET /tools/N/versions/V`.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
    pub manifest: Box<RawValue>,
    /// The text of SKILL.md, as sent. The only key in camel case: existing clients look for it so.
    #[serde(rename = "rawManifest")]
    pub raw_manifest: Option<String>,
    /// The bundle.
    pub bundle: BundleRef,
    /// Attestations of this version.
    pub attestations: Vec<Value>,
    /// Who published it.
    pub published_by: Author,
    /// When it was published.
    pub published_at: Timestamp,
    /// How often it was downloaded.
    pub downloads: u64,
}

/// The bundle of a version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BundleRef {
    /// Its digest.
    pub hash: Digest,
    /// Its size, in bytes.
    pub size: u64,
    /// The path to download it from, relative to the registry's base URL.
    pub download_url: String,
}

/// `GET /tools/search`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SearchPage {
    /// The rows of this page.
    pub tools: Vec<SearchRow>,
    /// How many tools match, after all filters.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
    /// `text`, or `browse` for an empty query.
    pub search_type: String,
}

/// One match of a search.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SearchRow {
    /// The tool.
    pub name: ToolName,
    /// What it does.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// The latest version.
    pub version: Version,
    /// The namespace that owns it.
    pub author: Author,
    /// Downloads of all versions.
    pub downloads: u64,
    /// How far it is trusted.
    pub trust_status: TrustStatus,
    /// Who may see it.
    pub visibility: Visibility,
}

/// How far a tool is trusted.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct TrustStatus {
    /// How many auditors attest to it.
    pub auditor_count: u32,
}

/// `GET /tools/N/versions/V/attestations`: the fields of all known servers together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attestations {
    /// The attestations, newest first.
    pub attestations: Vec<Value>,
    /// How many there are.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
    /// The tool.
    pub tool: ToolName,
    /// The version.
    pub version: Version,
    /// The digest of its bundle.
    pub bundle_hash: Digest,
}

/// Body of `POST …/yank`; every field may be absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct YankRequest {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_version: Option<String>,
}

/// 200 of a yank.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Yanked {
    /// Always true.
    pub yanked: bool,
    /// The version.
    pub version: Version,
    /// Why.
    pub reason: Option<String>,
    /// What to use instead.
    pub replacement_version: Option<String>,
    /// When; the first time, if it was yanked before.
    pub yanked_at: Timestamp,
}

/// 200 of an unyank.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Unyanked {
    /// Always false.
    pub yanked: bool,
    /// The version.
    pub version: Version,
    /// When.
    pub unyanked_at: Timestamp,
}

/// Body of `PATCH …/visibility`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisibilityRequest {
    /// `public`, `unlisted` or `private`.
    pub visibility: String,
}

/// 200 of a change of visibility.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct VisibilityChanged {
    /// The tool.
    pub name: ToolName,
    /// What it is now.
    pub visibility: Visibility,
    /// Always true.
    pub updated: bool,
}

/// `GET /auth/me`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Me {
    /// The user's id.
    pub id: String,
    /// The user's name.
    pub username: String,
    /// Null when unknown.
    pub email: Option<String>,
    /// The names that the user may publish under.
    pub namespaces: Vec<String>,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// `GET /health`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The server's version.
    pub version: String,
}

/// Reads null like an absent field; other servers send null where this one sends "".
fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}
