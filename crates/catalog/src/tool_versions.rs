//! A tool and all of its versions, read at once: what a page about a tool shows.

use enact_types::ToolName;
use sqlx::Row;

use crate::tools::{Sees, tool_columns, tool_from, visible};
use crate::versions::{VersionSummary, summary_columns, summary_from};
use crate::{Catalog, CatalogError, ToolRecord};

/// A tool with all of its versions.
#[derive(Debug, Clone)]
pub struct ToolVersions {
    /// The tool.
    pub tool: ToolRecord,
    /// Every version, highest first, yanked ones included.
    pub versions: Vec<VersionSummary>,
}

/// A row for each version. The tool's columns, some of which are wide, are in the row of its latest
/// version alone; in all others they are null.
const TOOL_VERSIONS: &str = concat!(
    "SELECT ",
    tool_columns!(),
    ", ",
    summary_columns!(),
    " FROM (SELECT t.id FROM tools t WHERE t.name = $1 AND ",
    visible!(),
    ") seen JOIN tool_versions v ON v.tool_id = seen.id \
     LEFT JOIN tools t ON t.id = v.tool_id AND t.latest_version = v.version"
);

impl Catalog {
    /// The tool called `name` with all of its versions, if `sees` includes the tool. What is not to
    /// be seen is not read either, so that it takes as long as what does not exist.
    pub async fn tool_with_versions(
        &self,
        name: &ToolName,
        sees: Sees<'_>,
    ) -> Result<Option<ToolVersions>, CatalogError> {
        let rows = sqlx::query(TOOL_VERSIONS)
            .bind(name.as_str())
            .bind(sees.all())
            .bind(sees.user_id())
            .fetch_all(&self.readers)
            .await?;
        let mut tool = None;
        let mut versions = Vec::with_capacity(rows.len());
        for row in &rows {
            if row.try_get::<Option<&str>, _>("id")?.is_some() {
                tool = Some(tool_from(row)?);
            }
            versions.push(summary_from(row)?);
        }
        if versions.is_empty() {
            return Ok(None);
        }
        let tool =
            tool.ok_or_else(|| CatalogError::internal("tool", "its latest version is missing"))?;
        versions.sort_by(|a, b| b.version.cmp(&a.version));
        Ok(Some(ToolVersions { tool, versions }))
    }
}
