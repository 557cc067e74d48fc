//! A tool and one of its versions, read at once: what nearly every request about a version needs.

use enact_types::{ToolName, Version};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

use crate::tools::{Sees, tool_columns, tool_from, visible};
use crate::versions::{VersionTexts, version_columns, version_from};
use crate::{Catalog, CatalogError, ToolRecord, VersionRecord};

/// Texts of at most so many bytes, which nearly all have, are read with the version.
const SMALL_TEXTS: i64 = 64 * 1024;

/// A tool, and the version of it that was asked for.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The tool.
    pub tool: ToolRecord,
    /// The version; `None` if the tool has none such.
    pub version: Option<VersionRecord>,
}

/// A [`Resolved`] with what is shown of the version.
#[derive(Debug, Clone)]
pub struct Described {
    /// The tool and the version.
    pub resolved: Resolved,
    /// The size of the version's texts, in bytes.
    pub text_bytes: u64,
    /// The texts if they are small; others are read by [`Catalog::texts`].
    pub texts: Option<VersionTexts>,
    /// Whether the version has an attestation that was not revoked.
    pub attested: bool,
}

/// The columns of both, what comes between, and the tables. `$4` is the version, empty for the latest.
macro_rules! resolve {
    ($more:literal) => {
        concat!(
            "SELECT ",
            tool_columns!(),
            ", ",
            version_columns!(),
            $more,
            " FROM tools t LEFT JOIN tool_versions v ON v.tool_id = t.id \
             AND v.version = COALESCE(NULLIF($4, ''), t.latest_version) \
             LEFT JOIN profiles p ON p.id = v.published_by WHERE t.name = $1 AND ",
            visible!()
        )
    };
}

const RESOLVE: &str = resolve!("");

const DESCRIBE: &str = resolve!(
    ", CAST(octet_length(v.manifest) + octet_length(COALESCE(v.raw_manifest, '')) AS BIGINT) AS text_bytes, \
     CASE WHEN octet_length(v.manifest) + octet_length(COALESCE(v.raw_manifest, '')) <= $5 THEN v.manifest END AS manifest, \
     CASE WHEN octet_length(v.manifest) + octet_length(COALESCE(v.raw_manifest, '')) <= $5 THEN v.raw_manifest END AS raw_manifest, \
     (SELECT COUNT(*) FROM attestations a WHERE a.tool_version_id = v.id AND a.revoked_at IS NULL) AS attestations"
);

impl Catalog {
    /// The tool called `name` with one of its versions, or with its latest, if `sees` includes the
    /// tool. What is not to be seen takes as long as what does not exist.
    pub async fn resolve(
        &self,
        name: &ToolName,
        sees: Sees<'_>,
        version: Option<&Version>,
    ) -> Result<Option<Resolved>, CatalogError> {
        let row = asking(RESOLVE, name, sees, version)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(resolved_from).transpose()
    }

    /// As [`resolve`](Self::resolve), with what is shown of the version.
    pub async fn describe(
        &self,
        name: &ToolName,
        sees: Sees<'_>,
        version: Option<&Version>,
    ) -> Result<Option<Described>, CatalogError> {
        let row = asking(DESCRIBE, name, sees, version)
            .bind(SMALL_TEXTS)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(described_from).transpose()
    }
}

/// The statement with what it asks for.
fn asking<'q>(
    statement: &'static str,
    name: &'q ToolName,
    sees: Sees<'q>,
    version: Option<&'q Version>,
) -> Query<'q, Any, AnyArguments> {
    sqlx::query(statement)
        .bind(name.as_str())
        .bind(sees.all())
        .bind(sees.user_id())
        .bind(version.map_or("", Version::as_str))
}

fn resolved_from(row: &AnyRow) -> Result<Resolved, CatalogError> {
    let there = row.try_get::<Option<&str>, _>("version_id")?.is_some();
    Ok(Resolved {
        tool: tool_from(row)?,
        version: there.then(|| version_from(row)).transpose()?,
    })
}

fn described_from(row: &AnyRow) -> Result<Described, CatalogError> {
    let text_bytes: Option<i64> = row.try_get("text_bytes")?;
    let manifest: Option<String> = row.try_get("manifest")?;
    Ok(Described {
        resolved: resolved_from(row)?,
        text_bytes: u64::try_from(text_bytes.unwrap_or_default())
            .map_err(|error| CatalogError::internal("text_bytes", error))?,
        texts: match manifest {
            Some(manifest) => Some(VersionTexts {
                manifest,
                raw_manifest: row.try_get("raw_manifest")?,
            }),
            None => None,
        },
        attested: row.try_get::<i64, _>("attestations")? > 0,
    })
}
