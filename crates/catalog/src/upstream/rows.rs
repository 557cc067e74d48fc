//! The rows of the existing server's tables as types of this project.

use enact_types::limits::{
    MAX_BUNDLE_BYTES, MAX_DESCRIPTION_CHARS, MAX_MANIFEST_BYTES, MAX_SHORT_TEXT_CHARS,
};
use enact_types::{Digest, Manifest, Timestamp, ToolName, Version, Visibility};

use super::Refused;
use super::fields::{Fields, Table};
use crate::{ImportedOrg, ImportedProfile, Member, Yank};

/// The most bytes of a short value; whatever is longer breaks a rule anyway.
const SHORT: usize = 4 * 1024;

/// The most bytes of a manifest.
#[expect(clippy::cast_possible_truncation, reason = "one MiB fits everywhere")]
const LONG: usize = MAX_MANIFEST_BYTES as usize;

/// The most members of an organisation that are looked at.
pub(super) const MAX_MEMBERS: usize = 10_000;

/// More downloads than this are no count, but an attempt to make a sum overflow.
const MAX_DOWNLOADS: u64 = 1 << 40;

/// People.
pub(super) const PROFILE: Table = Table {
    from: "profiles r",
    condition: "",
    owner: None,
    columns: &[
        ("username", "r.username", SHORT),
        ("display_name", "r.display_name", SHORT),
        ("avatar_url", "r.avatar_url", SHORT),
        ("created_at", "r.created_at", SHORT),
    ],
};

/// Organisations.
pub(super) const ORG: Table = Table {
    from: "organizations r LEFT JOIN profiles p ON p.id = r.created_by",
    condition: "",
    owner: None,
    columns: &[
        ("name", "r.name", SHORT),
        ("display_name", "r.display_name", SHORT),
        ("description", "r.description", SHORT),
        ("avatar_url", "r.avatar_url", SHORT),
        ("created_by", "p.username", SHORT),
        ("created_at", "r.created_at", SHORT),
        (
            "namesake",
            "(SELECT n.username FROM profiles n WHERE n.username = r.name LIMIT 1)",
            SHORT,
        ),
    ],
};

/// The members of one organisation.
pub(super) const MEMBER: Table = Table {
    from: "org_members r LEFT JOIN profiles p ON p.id = r.user_id \
           LEFT JOIN profiles a ON a.id = r.added_by",
    condition: "AND r.org_id = (SELECT id FROM organizations WHERE rowid = $2)",
    owner: None,
    columns: &[
        ("username", "p.username", SHORT),
        ("role", "r.role", SHORT),
        ("added_at", "r.added_at", SHORT),
        ("added_by", "a.username", SHORT),
    ],
};

/// Versions, with their tool.
pub(super) const VERSION: Table = Table {
    from: "tool_versions r LEFT JOIN tools t ON t.id = r.tool_id \
           LEFT JOIN profiles p ON p.id = r.published_by \
           LEFT JOIN profiles o ON o.id = t.owner_id",
    condition: "",
    owner: None,
    columns: &[
        ("name", "t.name", SHORT),
        ("visibility", "t.visibility", SHORT),
        ("owner", "o.username", SHORT),
        ("created_at", "t.created_at", SHORT),
        ("updated_at", "t.updated_at", SHORT),
        ("version", "r.version", SHORT),
        ("manifest", "r.manifest", LONG),
        ("raw_manifest", "r.raw_manifest", LONG),
        ("bundle_hash", "r.bundle_hash", SHORT),
        ("bundle_size", "r.bundle_size", SHORT),
        ("downloads", "r.downloads", SHORT),
        ("yanked", "r.yanked", SHORT),
        ("yank_reason", "r.yank_reason", SHORT),
        ("yank_replacement", "r.yank_replacement", SHORT),
        ("yanked_at", "r.yanked_at", SHORT),
        ("published_by", "p.username", SHORT),
        ("published_at", "r.published_at", SHORT),
    ],
};

/// An organisation of the existing server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpstreamOrg {
    /// The organisation.
    pub org: ImportedOrg,
    /// Who belongs to it.
    pub members: Vec<Member>,
    /// Members that are refused.
    pub refused: Vec<Refused>,
}

/// A version of the existing server.
#[derive(Debug, Clone, PartialEq)]
pub struct UpstreamVersion {
    /// The tool.
    pub name: ToolName,
    /// The version.
    pub version: Version,
    /// The manifest; its name and version are those of the row.
    pub manifest: Manifest,
    /// The text of SKILL.md.
    pub raw_manifest: Option<String>,
    /// The digest that the bundle had when it was published.
    pub bundle_hash: Digest,
    /// The size that it had, in bytes.
    pub bundle_size: u64,
    /// How often it was downloaded.
    pub downloads: u64,
    /// Set if it is yanked.
    pub yank: Option<Yank>,
    /// The user name of whoever published it.
    pub published_by: String,
    /// When.
    pub published_at: Timestamp,
    /// The user name of the tool's owner.
    pub owner: String,
    /// Who may see the tool.
    pub visibility: Visibility,
    /// The tool's first publish.
    pub created_at: Timestamp,
    /// The tool's last change.
    pub updated_at: Timestamp,
}

pub(super) fn profile(fields: &Fields) -> Result<ImportedProfile, Refused> {
    refusing(fields.shown("username"), || {
        fields.check_lengths()?;
        Ok(ImportedProfile {
            username: user_name(fields, "username")?,
            display_name: fields.short("display_name", MAX_SHORT_TEXT_CHARS)?,
            avatar_url: fields.short("avatar_url", MAX_SHORT_TEXT_CHARS)?,
            created_at: fields.time("created_at")?,
        })
    })
}

pub(super) fn org(fields: &Fields) -> Result<UpstreamOrg, Refused> {
    refusing(format!("@{}", fields.shown("name")), || {
        fields.check_lengths()?;
        if fields.text("namesake")?.is_some() {
            return Err("there is a person of that name".to_owned());
        }
        Ok(UpstreamOrg {
            org: ImportedOrg {
                name: user_name(fields, "name")?,
                display_name: fields.short("display_name", MAX_SHORT_TEXT_CHARS)?,
                description: fields.short("description", MAX_DESCRIPTION_CHARS)?,
                avatar_url: fields.short("avatar_url", MAX_SHORT_TEXT_CHARS)?,
                created_by: user_name(fields, "created_by")?,
                created_at: fields.time("created_at")?,
            },
            members: Vec::new(),
            refused: Vec::new(),
        })
    })
}

pub(super) fn member(org: &str, fields: &Fields) -> Result<Member, Refused> {
    refusing(format!("{} of @{org}", fields.shown("username")), || {
        fields.check_lengths()?;
        Ok(Member {
            username: user_name(fields, "username")?,
            role: match fields.required("role")? {
                "owner" => "owner",
                "admin" => "admin",
                "member" => "member",
                _ => return Err("role is none of owner, admin and member".to_owned()),
            },
            added_at: fields.time("added_at")?,
            added_by: match fields.text("added_by")? {
                Some(_) => Some(user_name(fields, "added_by")?),
                None => None,
            },
        })
    })
}

pub(super) fn version(fields: &Fields) -> Result<UpstreamVersion, Refused> {
    let what = format!("{}@{}", fields.shown("name"), fields.shown("version"));
    refusing(what, || {
        fields.check_lengths()?;
        let name = ToolName::parse(fields.required("name")?).map_err(|error| error.to_string())?;
        let version =
            Version::parse(fields.required("version")?).map_err(|error| error.to_string())?;
        let visibility = fields.required("visibility")?;
        let visibility = Visibility::parse(visibility).map_err(|error| {
            format!(
                "its visibility is {:?}, but {error}: set it with the existing server, then import again",
                fields.shown("visibility")
            )
        })?;
        let hash = fields.required("bundle_hash")?;
        Ok(UpstreamVersion {
            manifest: manifest(fields, &name, &version)?,
            raw_manifest: fields.text("raw_manifest")?.map(str::to_owned),
            bundle_hash: Digest::parse(hash)
                .or_else(|_| Digest::parse(&format!("sha256:{hash}")))
                .map_err(|error| format!("bundle_hash: {error}"))?,
            bundle_size: fields.count("bundle_size", MAX_BUNDLE_BYTES)?,
            downloads: fields.count("downloads", MAX_DOWNLOADS)?,
            yank: yank(fields)?,
            published_by: user_name(fields, "published_by")?,
            published_at: fields.time("published_at")?,
            owner: user_name(fields, "owner")?,
            visibility,
            created_at: fields.time("created_at")?,
            updated_at: fields.time("updated_at")?,
            name,
            version,
        })
    })
}

/// The manifest. Where it states name and version they must be the row's, and where it is silent,
/// which the existing server allows, the row decides.
fn manifest(fields: &Fields, name: &ToolName, version: &Version) -> Result<Manifest, String> {
    let value = serde_json::from_str(fields.required("manifest")?)
        .map_err(|error| format!("manifest is not JSON: {error}"))?;
    let mut manifest = Manifest::from_value(value).map_err(|error| error.to_string())?;
    let stated = manifest.name.get_or_insert_with(|| name.clone());
    if stated != name {
        return Err(format!("its manifest is of \"{stated}\""));
    }
    let stated = manifest.version.get_or_insert_with(|| version.clone());
    if stated != version {
        return Err(format!("its manifest is of version \"{stated}\""));
    }
    Ok(manifest)
}

fn yank(fields: &Fields) -> Result<Option<Yank>, String> {
    if fields.count("yanked", 1)? == 0 {
        return Ok(None);
    }
    let replacement = fields.short("yank_replacement", MAX_SHORT_TEXT_CHARS)?;
    Ok(Some(Yank {
        reason: fields.short("yank_reason", MAX_SHORT_TEXT_CHARS)?,
        replacement: replacement
            .map(|text| Version::parse(&text))
            .transpose()
            .map_err(|error| {
                format!(
                    "it is yanked with the replacement {:?}: {error}; yank it again with the \
                     existing server, then import again",
                    fields.shown("yank_replacement")
                )
            })?,
        at: fields.time("yanked_at")?,
    }))
}

/// The name of a person or of an organisation: what can be the first segment of a tool's name.
fn user_name(fields: &Fields, column: &'static str) -> Result<String, String> {
    let text = fields.text(column)?.ok_or_else(|| {
        format!("{column} names nobody: there is no such profile in the existing server")
    })?;
    if text.contains(['/', '@']) || ToolName::parse(&format!("{text}/x")).is_err() {
        return Err(format!(
            "{column} {:?} cannot be the first part of a skill's name",
            fields.shown(column)
        ));
    }
    Ok(text.to_owned())
}

fn refusing<T>(what: String, parse: impl FnOnce() -> Result<T, String>) -> Result<T, Refused> {
    parse().map_err(|reason| Refused { what, reason })
}
