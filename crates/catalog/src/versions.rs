//! Published versions: reading them, yanking them.

use enact_types::{Digest, Timestamp, Version};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::tools::{count, flag, ok, parsed, refresh};
use crate::{Catalog, CatalogError};

/// A published version, but for its texts, which can be large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    /// What listings show of it.
    pub summary: VersionSummary,
    /// The description in its manifest.
    pub description: String,
    /// The licence in its manifest.
    pub license: Option<String>,
    /// Why it was yanked.
    pub yank_reason: Option<String>,
    /// What to use instead.
    pub yank_replacement: Option<String>,
    /// When it was yanked; for a version that is not, `None`.
    pub yanked_at: Option<Timestamp>,
    /// The user name of whoever published it.
    pub published_by: String,
}

/// The large texts of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionTexts {
    /// The manifest, a JSON object.
    pub manifest: String,
    /// The text of SKILL.md.
    pub raw_manifest: Option<String>,
}

/// A line about a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionSummary {
    /// Never changes.
    pub id: String,
    /// The version.
    pub version: Version,
    /// The digest of its bundle.
    pub bundle_hash: Digest,
    /// The size of its bundle, in bytes.
    pub bundle_size: u64,
    /// The object key of its bundle.
    pub bundle_path: String,
    /// How often it was downloaded.
    pub downloads: u64,
    /// Whether it was yanked.
    pub yanked: bool,
    /// When it was published.
    pub published_at: Timestamp,
}

macro_rules! summary_columns {
    () => {
        "v.id AS version_id, v.version, v.bundle_hash, v.bundle_size, v.bundle_path, v.downloads, v.yanked, v.published_at"
    };
}

pub(crate) use summary_columns;

/// What [`version_from`] reads, of tables called `v` and `p`, the profile that published it.
macro_rules! version_columns {
    () => {
        concat!(
            crate::versions::summary_columns!(),
            ", v.description AS version_description, v.license AS version_license, v.yank_reason, \
             v.yank_replacement, v.yanked_at, p.username"
        )
    };
}
pub(crate) use version_columns;

impl Catalog {
    /// One version of a tool.
    pub async fn version(
        &self,
        tool_id: &str,
        version: &Version,
    ) -> Result<Option<VersionRecord>, CatalogError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            version_columns!(),
            " FROM tool_versions v JOIN profiles p ON p.id = v.published_by \
             WHERE v.tool_id = $1 AND v.version = $2"
        ))
        .bind(tool_id)
        .bind(version.as_str())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(version_from).transpose()
    }

    /// The texts of the version with the id.
    pub async fn texts(&self, version_id: &str) -> Result<Option<VersionTexts>, CatalogError> {
        let row = sqlx::query("SELECT manifest, raw_manifest FROM tool_versions WHERE id = $1")
            .bind(version_id)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(VersionTexts {
                manifest: row.try_get("manifest")?,
                raw_manifest: row.try_get("raw_manifest")?,
            })
        })
        .transpose()
    }

    /// The checksum manifest that was sent with the version.
    pub async fn checksum_manifest(
        &self,
        version_id: &str,
    ) -> Result<Option<String>, CatalogError> {
        let row = sqlx::query("SELECT checksum_manifest FROM tool_versions WHERE id = $1")
            .bind(version_id)
            .fetch_optional(&self.readers)
            .await?;
        Ok(match row {
            Some(row) => row.try_get("checksum_manifest")?,
            None => None,
        })
    }

    /// Yanks a version, or changes the reason of one that is yanked already, whose time stays.
    /// Returns when it was yanked; `None` if there is no such version.
    pub async fn yank(
        &self,
        tool_id: &str,
        version: &Version,
        reason: Option<&str>,
        replacement: Option<&str>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, CatalogError> {
        let mut tx = self.begin().await?;
        lock_tool(&mut tx, tool_id, now).await?;
        let row = sqlx::query(
            "UPDATE tool_versions SET yanked = 1, yank_reason = $1, yank_replacement = $2, \
             yanked_at = COALESCE(yanked_at, $3) WHERE tool_id = $4 AND version = $5 RETURNING yanked_at",
        )
        .bind(reason)
        .bind(replacement)
        .bind(now.to_string())
        .bind(tool_id)
        .bind(version.as_str())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let yanked_at = parsed(&row, "yanked_at", Timestamp::parse)?;
        refresh(&mut tx, tool_id, now).await?;
        tx.commit().await?;
        Ok(Some(yanked_at))
    }

    /// Takes a yank back; false if there is no such version.
    pub async fn unyank(
        &self,
        tool_id: &str,
        version: &Version,
        now: Timestamp,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        lock_tool(&mut tx, tool_id, now).await?;
        let done = sqlx::query(
            "UPDATE tool_versions SET yanked = 0, yank_reason = NULL, yank_replacement = NULL, yanked_at = NULL \
             WHERE tool_id = $1 AND version = $2",
        )
        .bind(tool_id)
        .bind(version.as_str())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        refresh(&mut tx, tool_id, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Writes to the tool's row, so that on Postgres a second transaction on the same tool waits and
/// then sees what this one did.
pub(crate) async fn lock_tool(
    tx: &mut sqlx::Transaction<'static, sqlx::Any>,
    tool_id: &str,
    now: Timestamp,
) -> Result<(), CatalogError> {
    sqlx::query("UPDATE tools SET updated_at = $1 WHERE id = $2")
        .bind(now.to_string())
        .bind(tool_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) fn summary_from(row: &AnyRow) -> Result<VersionSummary, CatalogError> {
    Ok(VersionSummary {
        id: row.try_get("version_id")?,
        version: parsed(row, "version", ok(Version::parse))?,
        bundle_hash: parsed(row, "bundle_hash", ok(Digest::parse))?,
        bundle_size: count(row, "bundle_size")?,
        bundle_path: row.try_get("bundle_path")?,
        downloads: count(row, "downloads")?,
        yanked: flag(row, "yanked")?,
        published_at: parsed(row, "published_at", Timestamp::parse)?,
    })
}

pub(crate) fn version_from(row: &AnyRow) -> Result<VersionRecord, CatalogError> {
    let yanked_at: Option<String> = row.try_get("yanked_at")?;
    Ok(VersionRecord {
        summary: summary_from(row)?,
        description: row.try_get("version_description")?,
        license: row.try_get("version_license")?,
        yank_reason: row.try_get("yank_reason")?,
        yank_replacement: row.try_get("yank_replacement")?,
        yanked_at: yanked_at.as_deref().and_then(Timestamp::parse),
        published_by: row.try_get("username")?,
    })
}
