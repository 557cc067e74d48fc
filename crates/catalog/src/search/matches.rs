//! The tools that match, found by reading lists.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use sqlx::{AnyPool, Row};

use super::field::{Closeness, EXACT_NAME, NAME_PREFIX, score};
use super::index::number;
use super::list::{BLOCK, decode};
use super::{group, key};
use crate::CatalogError;

/// A slot's score; 0 for a tool that does not match.
type Block = Box<[u16; BLOCK as usize]>;

/// Scores of tools, by block.
#[derive(Default, Clone)]
pub(super) struct Matches(BTreeMap<i64, Block>);

/// A tool that matches, with what it is ordered by.
pub(super) struct Candidate {
    pub(super) score: u16,
    pub(super) downloads: u64,
    pub(super) number: i64,
}

const ONE_ROW: &str = "SELECT key, block, data FROM search_lists WHERE key = $1";
const ROWS_THAT_START_SO: &str =
    "SELECT key, block, data FROM search_lists WHERE key >= $1 AND key < $2";
const BLOCKS_OF_ONE_ROW: &str =
    "SELECT key, block, data FROM search_lists WHERE key = $1 AND block >= $2 AND block <= $3";

impl Matches {
    /// Tools with a word that is `word` or starts so; `alone` if the query has no other word.
    pub(super) async fn of_word(
        pool: &AnyPool,
        word: &str,
        alone: bool,
    ) -> Result<Self, CatalogError> {
        let mut matches = Self::default();
        let whole = key::word(word);
        if word.chars().count() <= key::MAX_PREFIX_CHARS {
            let prefix = key::prefix(word);
            matches.add(pool, &prefix, Closeness::Prefix, alone).await?;
            matches.add(pool, &whole, Closeness::Exact, alone).await?;
            return Ok(matches);
        }
        let (row, start) = key::row_of(&whole);
        read(pool, sqlx::query(ONE_ROW).bind(row), |block, list| {
            let closeness = match list.rest.strip_prefix(start) {
                Some("") => Closeness::Exact,
                Some(_) => Closeness::Prefix,
                None => return Ok(()),
            };
            matches.add_list(block, list.data, closeness, alone)
        })
        .await?;
        Ok(matches)
    }

    /// Adds the tools that have the word, misspelt in the query.
    pub(super) async fn add_misspelt(
        &mut self,
        pool: &AnyPool,
        word: &str,
    ) -> Result<(), CatalogError> {
        self.add(pool, &key::word(word), Closeness::Misspelt, false)
            .await
    }

    /// Tools of any of the lists, all with the same score.
    pub(super) async fn of_any(pool: &AnyPool, keys: &[String]) -> Result<Self, CatalogError> {
        let mut matches = Self::default();
        for key in keys {
            matches.add(pool, key, Closeness::Misspelt, false).await?;
        }
        Ok(matches)
    }

    async fn add(
        &mut self,
        pool: &AnyPool,
        key: &str,
        closeness: Closeness,
        alone: bool,
    ) -> Result<(), CatalogError> {
        let (row, rest) = key::row_of(key);
        read(pool, sqlx::query(ONE_ROW).bind(row), |block, list| {
            if list.rest == rest {
                self.add_list(block, list.data, closeness, alone)?;
            }
            Ok(())
        })
        .await
    }

    fn add_list(
        &mut self,
        block: i64,
        data: &[u8],
        closeness: Closeness,
        alone: bool,
    ) -> Result<(), CatalogError> {
        let scores = self
            .0
            .entry(block)
            .or_insert_with(|| Box::new([0; BLOCK as usize]));
        decode(data, |slot, stored| {
            let score = score(stored, closeness, alone).unwrap_or_default();
            let best = &mut scores[usize::from(slot)];
            *best = score.max(*best);
        })
    }

    /// Of the tools here, those that are in `others` too, with both scores added.
    pub(super) fn and(mut self, others: &Self) -> Self {
        self.0.retain(|block, scores| {
            let Some(others) = others.0.get(block) else {
                return false;
            };
            let mut any = false;
            for (score, other) in scores.iter_mut().zip(others.iter()) {
                *score = if *score == 0 || *other == 0 {
                    0
                } else {
                    *score + *other
                };
                any |= *score > 0;
            }
            any
        });
        self
    }

    /// Puts tools first whose name, whole or its last segment, is the phrase or starts so.
    pub(super) async fn prefer_name(
        &mut self,
        pool: &AnyPool,
        phrase: &str,
        alone: bool,
    ) -> Result<(), CatalogError> {
        let whole = key::name(phrase);
        let mut bonus = Self::default();
        let mut add = |block, list: List<'_>| {
            let more = if list.row == whole {
                EXACT_NAME
            } else {
                NAME_PREFIX
            };
            let scores = bonus
                .0
                .entry(block)
                .or_insert_with(|| Box::new([0; BLOCK as usize]));
            decode(list.data, |slot, _| {
                let best = &mut scores[usize::from(slot)];
                *best = more.max(*best);
            })
        };
        if alone {
            // Whose name starts so is known from the word's own list: of a short word, too many
            // names to read.
            read(pool, sqlx::query(ONE_ROW).bind(&whole), &mut add).await?;
        } else {
            let end = key::end_of_prefix(&whole);
            let query = sqlx::query(ROWS_THAT_START_SO).bind(&whole).bind(&end);
            read(pool, query, &mut add).await?;
        }
        for (block, bonus) in &bonus.0 {
            for (score, more) in self
                .0
                .get_mut(block)
                .into_iter()
                .flat_map(|scores| scores.iter_mut())
                .zip(bonus.iter())
            {
                if *score > 0 {
                    *score += *more;
                }
            }
        }
        Ok(())
    }

    /// The tools that match and may be found, with their downloads.
    pub(super) async fn candidates(&self, pool: &AnyPool) -> Result<Vec<Candidate>, CatalogError> {
        let (Some(first), Some(last)) = (self.0.keys().next(), self.0.keys().next_back()) else {
            return Ok(Vec::new());
        };
        let query = sqlx::query(BLOCKS_OF_ONE_ROW)
            .bind(key::ALL)
            .bind(*first)
            .bind(*last);
        let mut candidates = Vec::new();
        read(pool, query, |block, list| {
            let Some(scores) = self.0.get(&block) else {
                return Ok(());
            };
            decode(list.data, |slot, downloads| {
                let score = scores[usize::from(slot)];
                if score > 0 {
                    candidates.push(Candidate {
                        score,
                        downloads,
                        number: number(block, slot),
                    });
                }
            })
        })
        .await?;
        Ok(candidates)
    }
}

/// Every tool that may be found.
pub(super) async fn everything(pool: &AnyPool) -> Result<Vec<Candidate>, CatalogError> {
    let mut candidates = Vec::new();
    read(pool, sqlx::query(ONE_ROW).bind(key::ALL), |block, list| {
        decode(list.data, |slot, downloads| {
            candidates.push(Candidate {
                score: 0,
                downloads,
                number: number(block, slot),
            });
        })
    })
    .await?;
    Ok(candidates)
}

/// One list, as it stands in a row.
struct List<'a> {
    /// The key of the row.
    row: &'a str,
    /// What the list's word has after the row's key.
    rest: &'a str,
    data: &'a [u8],
}

/// Hands the block of each list, and the list, to `each`; one row is in memory at a time.
async fn read(
    pool: &AnyPool,
    query: sqlx::query::Query<'_, sqlx::Any, sqlx::any::AnyArguments>,
    mut each: impl FnMut(i64, List<'_>) -> Result<(), CatalogError>,
) -> Result<(), CatalogError> {
    let mut rows = query.fetch(pool);
    while let Some(row) = rows.try_next().await? {
        let (key, block) = (row.try_get("key")?, row.try_get("block")?);
        group::split(row.try_get("data")?, |rest, data| {
            let list = List {
                row: key,
                rest,
                data,
            };
            each(block, list)
        })?;
    }
    Ok(())
}
