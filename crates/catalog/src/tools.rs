//! Tools: the row a tool has, and what follows from its versions.

use enact_types::{Timestamp, ToolName, Version, Visibility};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::{Catalog, CatalogError, search};

/// A tool. Texts and tags are those of its latest version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolRecord {
    /// Never changes.
    pub id: String,
    /// The tool's name.
    pub name: ToolName,
    /// The profile that owns it.
    pub owner_id: String,
    /// The organisation that owns it, for `@org/…` names.
    pub org_id: Option<String>,
    /// What it does.
    pub description: String,
    /// The licence.
    pub license: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Where the source is.
    pub repository: Option<String>,
    /// The tool's page.
    pub homepage: Option<String>,
    /// Who may see it.
    pub visibility: Visibility,
    /// The version that `latest` means.
    pub latest_version: Version,
    /// Downloads of all versions.
    pub downloads: u64,
    /// First publish.
    pub created_at: Timestamp,
    /// Last publish, yank or change of visibility.
    pub updated_at: Timestamp,
}

/// Which tools somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees<'a> {
    /// Those that are public or unlisted.
    NotPrivate,
    /// Also those that belong to the user of this id, or to an organisation of the user's.
    AlsoOf(&'a str),
    /// All.
    All,
}

/// What [`tool_from`] reads, of a table called `t`. A macro, since the queries are literals.
macro_rules! tool_columns {
    () => {
        "t.id, t.name, t.owner_id, t.org_id, t.description, t.license, t.tags, \
    t.repository_url, t.homepage_url, t.visibility, t.latest_version, t.total_downloads, t.created_at, t.updated_at"
    };
}
pub(crate) use tool_columns;

/// The condition that what is called `t` is seen: `$2` is [`Sees::all`], `$3` [`Sees::user_id`].
macro_rules! visible {
    () => {
        "(t.visibility <> 'private' OR $2 = 1 \
         OR (t.org_id IS NULL AND t.owner_id = $3) \
         OR t.org_id IN (SELECT m.org_id FROM org_members m WHERE m.user_id = $3))"
    };
}
pub(crate) use visible;

impl<'a> Sees<'a> {
    /// 1 if everything is seen.
    pub(crate) fn all(self) -> i64 {
        i64::from(self == Self::All)
    }

    /// The id of the user who is asking; empty, which is nobody's, if it does not matter.
    pub(crate) fn user_id(self) -> &'a str {
        match self {
            Self::AlsoOf(user_id) => user_id,
            Self::NotPrivate | Self::All => "",
        }
    }
}

impl Catalog {
    /// The tool called `name`, if `sees` includes it. What is not to be seen is not read either, so
    /// that it takes as long as what does not exist.
    pub async fn tool(
        &self,
        name: &ToolName,
        sees: Sees<'_>,
    ) -> Result<Option<ToolRecord>, CatalogError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            tool_columns!(),
            " FROM tools t WHERE t.name = $1 AND ",
            visible!()
        ))
        .bind(name.as_str())
        .bind(sees.all())
        .bind(sees.user_id())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(tool_from).transpose()
    }

    /// Changes who may see the tool; false if there is none of that id.
    pub async fn set_visibility(
        &self,
        tool_id: &str,
        visibility: Visibility,
        now: Timestamp,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE tools SET visibility = $1, updated_at = $2 WHERE id = $3")
            .bind(visibility.as_str())
            .bind(now.to_string())
            .bind(tool_id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        search::reindex(&mut tx, tool_id).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Brings what the tool's row and the search index say in line with its versions. The caller has
/// written to the tool's row in this transaction, which keeps others out until the commit.
pub(crate) async fn refresh(
    tx: &mut Transaction<'static, Any>,
    tool_id: &str,
    now: Timestamp,
) -> Result<(), CatalogError> {
    let rows = sqlx::query("SELECT id, version, yanked FROM tool_versions WHERE tool_id = $1")
        .bind(tool_id)
        .fetch_all(&mut **tx)
        .await?;
    let versions = rows
        .iter()
        .map(|row| {
            Ok((
                row.try_get::<String, _>("id")?,
                parsed(row, "version", ok(Version::parse))?,
                flag(row, "yanked")?,
            ))
        })
        .collect::<Result<Vec<_>, CatalogError>>()?;
    let (version_id, version, yanked) =
        enact_types::latest(&versions, |(_, version, yanked)| (version, *yanked))
            .ok_or_else(|| CatalogError::internal("tool", "it has no version"))?;
    sqlx::query(
        "UPDATE tools SET latest_version = $1, latest_yanked = $2, updated_at = $3, \
         description = v.description, license = v.license, tags = v.tags, \
         repository_url = v.repository_url, homepage_url = v.homepage_url \
         FROM tool_versions v WHERE v.id = $4 AND tools.id = $5",
    )
    .bind(version.as_str())
    .bind(i64::from(*yanked))
    .bind(now.to_string())
    .bind(version_id)
    .bind(tool_id)
    .execute(&mut **tx)
    .await?;
    search::reindex(tx, tool_id).await
}

pub(crate) fn tool_from(row: &AnyRow) -> Result<ToolRecord, CatalogError> {
    Ok(ToolRecord {
        id: row.try_get("id")?,
        name: parsed(row, "name", ok(ToolName::parse))?,
        owner_id: row.try_get("owner_id")?,
        org_id: row.try_get("org_id")?,
        description: row.try_get("description")?,
        license: row.try_get("license")?,
        tags: tags_from(row)?,
        repository: row.try_get("repository_url")?,
        homepage: row.try_get("homepage_url")?,
        visibility: parsed(row, "visibility", ok(Visibility::parse))?,
        latest_version: parsed(row, "latest_version", ok(Version::parse))?,
        downloads: count(row, "total_downloads")?,
        created_at: parsed(row, "created_at", Timestamp::parse)?,
        updated_at: parsed(row, "updated_at", Timestamp::parse)?,
    })
}

pub(crate) fn tags_from(row: &AnyRow) -> Result<Vec<String>, CatalogError> {
    serde_json::from_str(row.try_get("tags")?)
        .map_err(|error| CatalogError::internal("stored tags", error))
}

/// Reads a text column into a type of its own.
pub(crate) fn parsed<T>(
    row: &AnyRow,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<T, CatalogError> {
    let text: &str = row.try_get(column)?;
    parse(text).ok_or_else(|| {
        CatalogError::internal(column, format!("the stored value {text:?} is not valid"))
    })
}

/// As [`parsed`], of a column that may be null.
pub(crate) fn optional<T>(
    row: &AnyRow,
    column: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, CatalogError> {
    match row.try_get::<Option<&str>, _>(column)? {
        None => Ok(None),
        Some(_) => parsed(row, column, parse).map(Some),
    }
}

/// Turns a fallible parser into the form that [`parsed`] takes.
pub(crate) fn ok<T, E>(parse: impl Fn(&str) -> Result<T, E>) -> impl Fn(&str) -> Option<T> {
    move |text| parse(text).ok()
}

pub(crate) fn count(row: &AnyRow, column: &'static str) -> Result<u64, CatalogError> {
    let number: i64 = row.try_get(column)?;
    u64::try_from(number).map_err(|error| CatalogError::internal(column, error))
}

pub(crate) fn flag(row: &AnyRow, column: &'static str) -> Result<bool, CatalogError> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}
