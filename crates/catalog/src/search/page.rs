//! The rows of a page of a search.

use std::collections::BTreeMap;

use sqlx::{AnyPool, Row};

use super::best::Candidate;
use crate::sql::Sql;
use crate::tools::{tool_columns, tool_from};
use crate::{CatalogError, ToolRecord};

/// Rows of one statement: a page is at most two. The list of numbers is filled up to this, so that
/// it is always the same statement, which the databases keep prepared.
const ROWS: usize = 50;

/// A number that no tool has.
const NOBODY: i64 = -1;

/// The rows of the page. One that was hidden since its number was read is left out.
pub(super) async fn read(
    pool: &AnyPool,
    page: &[Candidate],
) -> Result<Vec<ToolRecord>, CatalogError> {
    let mut found = BTreeMap::new();
    for part in page.chunks(ROWS) {
        let numbers = part.iter().map(|candidate| candidate.number());
        let rows = Sql::new(concat!(
            "SELECT d.number, ",
            tool_columns!(),
            " FROM search_documents d JOIN tools t ON t.id = d.tool_id \
             WHERE t.visibility = 'public' AND t.latest_yanked = 0 AND d.number IN "
        ))
        .list(numbers.chain(std::iter::repeat(NOBODY)).take(ROWS))
        .build()
        .fetch_all(pool)
        .await?;
        for row in &rows {
            found.insert(row.try_get::<i64, _>("number")?, tool_from(row)?);
        }
    }
    Ok(page
        .iter()
        .filter_map(|candidate| found.remove(&candidate.number()))
        .collect())
}
