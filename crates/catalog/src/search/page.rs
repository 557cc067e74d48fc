//! The page of a search: which of the matches are on it, and their rows.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use sqlx::{AnyPool, Row};

use super::matches::Candidate;
use crate::sql::Sql;
use crate::tools::{tool_columns, tool_from};
use crate::{CatalogError, ToolRecord};

/// Rows of one statement: a page is at most two. The list of numbers is filled up to this, so that
/// it is always the same statement, which the databases keep prepared.
const ROWS: usize = 50;

/// A number that no tool has.
const NOBODY: i64 = -1;

/// The page's matches, best first. Orders no more of the others than it must.
pub(super) fn cut(candidates: &mut [Candidate], limit: usize, offset: usize) -> &[Candidate] {
    fn order(candidate: &Candidate) -> (Reverse<u16>, Reverse<u64>, i64) {
        (
            Reverse(candidate.score),
            Reverse(candidate.downloads),
            candidate.number,
        )
    }
    if offset >= candidates.len() || limit == 0 {
        return &[];
    }
    if offset > 0 {
        candidates.select_nth_unstable_by_key(offset, order);
    }
    let rest = &mut candidates[offset..];
    if limit < rest.len() {
        rest.select_nth_unstable_by_key(limit, order);
    }
    let length = limit.min(rest.len());
    let page = &mut rest[..length];
    page.sort_unstable_by_key(order);
    page
}

/// The rows of the page. One that was hidden since its number was read is left out.
pub(super) async fn read(
    pool: &AnyPool,
    page: &[Candidate],
) -> Result<Vec<ToolRecord>, CatalogError> {
    let mut found = BTreeMap::new();
    for part in page.chunks(ROWS) {
        let numbers = part.iter().map(|candidate| candidate.number);
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
        .filter_map(|candidate| found.remove(&candidate.number))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_from_the_whole_order() {
        let all = || -> Vec<Candidate> {
            (0..100_u16)
                .map(|n| Candidate {
                    score: n * 7 % 3,
                    downloads: u64::from(n * 11 % 5),
                    number: i64::from(n),
                })
                .collect()
        };
        let numbers = |page: &[Candidate]| page.iter().map(|one| one.number).collect::<Vec<i64>>();
        let whole = numbers(cut(&mut all(), 100, 0));
        assert_eq!(whole.len(), 100);
        for (limit, offset) in [
            (1, 0),
            (10, 0),
            (7, 13),
            (50, 80),
            (1, 99),
            (9, 100),
            (0, 5),
        ] {
            let expected: Vec<_> = whole.iter().copied().skip(offset).take(limit).collect();
            assert_eq!(numbers(cut(&mut all(), limit, offset)), expected);
        }
    }
}
