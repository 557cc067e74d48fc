//! What registries answer, read leniently: this client also talks to registries other than this
//! project's, which send null where that one sends "", and times without a zone. What it acts on
//! (names, versions, digests) is parsed strictly all the same.
//!
//! Read with the names of the wire (`latest_version`), written by `--json` with those that the
//! existing client's `--json` has (`latestVersion`).

use enact_types::{Digest, Timestamp, ToolName, Version, Visibility};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// `GET /tools/N`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct ToolInfo {
    /// The tool.
    pub(crate) name: ToolName,
    /// What it does.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) description: String,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) tags: Vec<String>,
    /// The licence.
    pub(crate) license: Option<String>,
    /// The namespace that owns it.
    pub(crate) author: Option<Author>,
    /// Where the source is.
    pub(crate) repository: Option<String>,
    /// The tool's page.
    pub(crate) homepage: Option<String>,
    /// Who may see it.
    pub(crate) visibility: Option<String>,
    /// First publish.
    pub(crate) created_at: Option<Time>,
    /// Last change.
    pub(crate) updated_at: Option<Time>,
    /// The version that is installed when none is named; null if there is none.
    pub(crate) latest_version: Option<Version>,
    /// Every version, as the registry orders them.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) versions: Vec<VersionSummary>,
    /// How many versions there are.
    pub(crate) versions_total: Option<u64>,
    /// Downloads of all versions.
    pub(crate) total_downloads: Option<u64>,
}

/// One line of [`ToolInfo::versions`]: shown, not acted on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct VersionSummary {
    /// The version.
    pub(crate) version: String,
    /// When it was published.
    pub(crate) published_at: Option<Time>,
    /// How often it was downloaded.
    pub(crate) downloads: Option<u64>,
    /// The digest of its bundle.
    pub(crate) bundle_hash: Option<String>,
    /// The size of its bundle, in bytes.
    pub(crate) bundle_size: Option<u64>,
    /// Whether it was yanked.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) yanked: bool,
}

/// A person or an organisation.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct Author {
    /// The user name, or `@org`.
    pub(crate) username: String,
    /// A picture.
    pub(crate) avatar_url: Option<String>,
}

/// `GET /tools/N/versions/V`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct VersionDetails {
    /// The tool.
    pub(crate) name: ToolName,
    /// The version.
    pub(crate) version: Version,
    /// What it does.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) description: String,
    /// The licence.
    pub(crate) license: Option<String>,
    /// Whether it was yanked.
    pub(crate) yanked: bool,
    /// Why.
    pub(crate) yank_reason: Option<String>,
    /// The version to use instead; none if the registry sent something else. It becomes part of a
    /// command that is suggested.
    #[serde(default, deserialize_with = "version_or_none")]
    pub(crate) yank_replacement: Option<Version>,
    /// When.
    pub(crate) yanked_at: Option<Time>,
    /// The manifest, as published.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) manifest: Map<String, Value>,
    /// The text of SKILL.md; the one name on the wire that is in camel case.
    #[serde(rename = "rawManifest")]
    pub(crate) raw_manifest: Option<String>,
    /// The bundle.
    pub(crate) bundle: BundleRef,
    /// Attestations of this version.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) attestations: Vec<Value>,
    /// Who published it.
    pub(crate) published_by: Option<Author>,
    /// When.
    pub(crate) published_at: Option<Time>,
    /// How often it was downloaded.
    pub(crate) downloads: Option<u64>,
}

/// The bundle of a version.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct BundleRef {
    /// Its digest.
    pub(crate) hash: Digest,
    /// Its size, in bytes.
    pub(crate) size: u64,
    /// The path to download it from. This client goes by the name and the version instead.
    pub(crate) download_url: Option<String>,
}

/// `GET /tools/search`.
#[derive(Debug, Deserialize)]
pub(crate) struct SearchPage {
    /// The rows of this page.
    pub(crate) tools: Vec<SearchRow>,
    /// How many tools match.
    pub(crate) total: u64,
    /// Rows asked for.
    pub(crate) limit: u32,
    /// Rows skipped.
    pub(crate) offset: u32,
    /// How the registry searched.
    pub(crate) search_type: Option<String>,
}

/// One match of a search: shown, not acted on.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct SearchRow {
    /// The tool.
    pub(crate) name: String,
    /// What it does.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) description: String,
    /// Tags.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) tags: Vec<String>,
    /// The latest version.
    pub(crate) version: Option<String>,
    /// The namespace that owns it.
    pub(crate) author: Option<Author>,
    /// Downloads of all versions.
    #[serde(default, deserialize_with = "null_as_default")]
    pub(crate) downloads: u64,
    /// How far it is trusted.
    pub(crate) trust_status: Option<TrustStatus>,
}

/// How far a tool is trusted.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct TrustStatus {
    /// How many auditors attest to it.
    pub(crate) auditor_count: u64,
}

/// 201 of a publish.
#[derive(Debug, Deserialize)]
pub(crate) struct Published {
    /// The tool.
    pub(crate) name: ToolName,
    /// The version.
    pub(crate) version: Version,
    /// The digest of the bundle that the registry got.
    pub(crate) bundle_hash: Digest,
    /// When it was published.
    #[serde(rename = "published_at")]
    pub(crate) at: Option<Time>,
    /// Who may see the tool now, if the registry says.
    pub(crate) visibility: Option<Visibility>,
}

/// 200 of a yank.
#[derive(Debug, Deserialize)]
pub(crate) struct Yanked {
    /// The version.
    pub(crate) version: Version,
    /// When.
    pub(crate) yanked_at: Option<Time>,
}

/// 200 of an unyank.
#[derive(Debug, Deserialize)]
pub(crate) struct Unyanked {
    /// The version.
    pub(crate) version: Version,
    /// When.
    pub(crate) unyanked_at: Option<Time>,
}

/// 200 of a change of visibility. Registries differ in what they say, so nothing is read.
#[derive(Debug, Deserialize)]
pub(crate) struct VisibilityChanged {}

/// A time; one without a zone is in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Time(Timestamp);

impl Time {
    fn parse(text: &str) -> Option<Self> {
        let parsed = Timestamp::parse(text);
        let time = parsed.or_else(|| Timestamp::parse(&format!("{}Z", text.replacen(' ', "T", 1))));
        time.map(Self)
    }

    /// To the minute and in UTC, as in `2026-01-31 17:34`.
    pub(crate) fn minute(self) -> String {
        crate::text::minute(self.0)
    }

    /// How long it is after another time, in milliseconds.
    pub(crate) fn millis_from(self, other: Timestamp) -> i64 {
        self.0.as_millis() - other.as_millis()
    }

    /// The day, as in `2026-01-31`.
    pub(crate) fn day(self) -> String {
        let text = self.0.to_string();
        text.split('T').next().unwrap_or_default().to_owned()
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a time is written as in RFC 3339"))
    }
}

/// Reads null like an absent field.
pub(super) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads what is no version like null.
fn version_or_none<'de, D>(deserializer: D) -> Result<Option<Version>, D::Error>
where
    D: Deserializer<'de>,
{
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_str().and_then(|text| Version::parse(text).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_other_registries_send() {
        let info: ToolInfo = serde_json::from_value(json!({
            "name": "alice/greeter", "description": null, "tags": null, "license": null,
            "author": null, "repository": null, "visibility": "public",
            "created_at": "2026-11-23 17:34:49", "latest_version": null,
            "versions": [{"version": "1.0.0", "published_at": "2026-11-23 17:34:49"}],
        }))
        .unwrap();
        let written = serde_json::to_value(&info).unwrap();
        assert_eq!(written["createdAt"], "2026-11-23T17:34:49.000Z");
        assert_eq!(
            written["versions"][0]["publishedAt"],
            "2026-11-23T17:34:49.000Z"
        );
        assert_eq!(written["tags"], json!([]));
        assert_eq!(info.created_at.unwrap().day(), "2026-11-23");
    }

    #[test]
    fn refuses_a_name_version_or_digest_that_is_none() {
        let fine = json!({
            "name": "a/b", "version": "1.0.0", "yanked": false, "rawManifest": "x",
            "bundle": {"hash": format!("sha256:{}", "0".repeat(64)), "size": 1},
        });
        let details: VersionDetails = serde_json::from_value(fine.clone()).unwrap();
        assert_eq!(serde_json::to_value(&details).unwrap()["rawManifest"], "x");
        for (pointer, value) in [
            ("/name", "../x"),
            ("/version", "../x"),
            ("/bundle/hash", "md5:0"),
        ] {
            let mut wrong = fine.clone();
            *wrong.pointer_mut(pointer).unwrap() = json!(value);
            assert!(
                serde_json::from_value::<VersionDetails>(wrong).is_err(),
                "{pointer}"
            );
        }
    }
}
