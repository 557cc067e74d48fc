//! The tools under one user's or organisation's name.

use enact_types::Namespace;

use crate::tools::{count, tool_columns, tool_from};
use crate::{Catalog, CatalogError, ToolRecord};

/// Which of an owner's tools are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Public ones.
    Public,
    /// All.
    All,
}

impl Catalog {
    /// A page of the tools whose names start with `owner`, by name, and how many there are.
    pub async fn tools_of(
        &self,
        owner: Namespace<'_>,
        listed: Listed,
        limit: u32,
        offset: u32,
    ) -> Result<(Vec<ToolRecord>, u64), CatalogError> {
        let total = self.tool_count(owner, listed).await?;
        let (from, to) = range(owner);
        let rows = sqlx::query(concat!(
            "SELECT ",
            tool_columns!(),
            " FROM tools t WHERE t.name >= $1 AND t.name < $2 AND (t.visibility = 'public' OR $3 = 1) \
             ORDER BY t.name LIMIT $4 OFFSET $5"
        ))
        .bind(from)
        .bind(to)
        .bind(i64::from(listed == Listed::All))
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(&self.readers)
        .await?;
        let tools = rows.iter().map(tool_from).collect::<Result<_, _>>()?;
        Ok((tools, total))
    }

    /// How many tools there are whose names start with `owner`.
    pub async fn tool_count(
        &self,
        owner: Namespace<'_>,
        listed: Listed,
    ) -> Result<u64, CatalogError> {
        let (from, to) = range(owner);
        let row = sqlx::query(
            "SELECT COUNT(*) AS total FROM tools t WHERE t.name >= $1 AND t.name < $2 \
             AND (t.visibility = 'public' OR $3 = 1)",
        )
        .bind(from)
        .bind(to)
        .bind(i64::from(listed == Listed::All))
        .fetch_one(&self.readers)
        .await?;
        count(&row, "total")
    }
}

/// The names that start with `owner/`: `0` is the character after `/`.
fn range(owner: Namespace<'_>) -> (String, String) {
    (format!("{owner}/"), format!("{owner}0"))
}
