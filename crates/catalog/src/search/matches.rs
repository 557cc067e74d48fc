//! The tools that match, found by reading lists.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use sqlx::Row;

use super::best::Best;
use super::field::{Closeness, EXACT_NAME, NAME_PREFIX, counts};
use super::findable::Findable;
use super::list::{BLOCK, decode};
use super::pace::Pace;
use super::snapshot::Snapshot;
use super::{group, key};
use crate::CatalogError;

/// A slot's score; 0 for a tool that does not match.
type Block = Box<[u16; BLOCK as usize]>;

/// Scores of tools, by block.
#[derive(Default, Clone)]
pub(super) struct Matches(BTreeMap<i64, Block>);

const ROWS_THAT_START_SO: &str =
    "SELECT key, block, data FROM search_lists WHERE key >= $1 AND key < $2";

impl Matches {
    /// Tools with a word that is `word` or starts so; `alone` if the query has no other word.
    pub(super) async fn of_word(
        index: &Snapshot<'_>,
        word: &str,
        alone: bool,
    ) -> Result<Self, CatalogError> {
        let mut matches = Self::default();
        let whole = key::word(word);
        if word.chars().count() <= key::MAX_PREFIX_CHARS {
            let prefix = key::prefix(word);
            matches
                .add(index, &prefix, Closeness::Prefix, alone)
                .await?;
            matches.add(index, &whole, Closeness::Exact, alone).await?;
            return Ok(matches);
        }
        let (row, start) = key::row_of(&whole);
        read(index, row, |block, list| {
            let closeness = match list.rest.strip_prefix(start.as_bytes()) {
                Some([]) => Closeness::Exact,
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
        index: &Snapshot<'_>,
        word: &str,
    ) -> Result<(), CatalogError> {
        self.add(index, &key::word(word), Closeness::Misspelt, false)
            .await
    }

    /// Tools of any of the lists, all with the same score.
    pub(super) async fn of_any(
        index: &Snapshot<'_>,
        keys: &[String],
    ) -> Result<Self, CatalogError> {
        let mut matches = Self::default();
        for key in keys {
            matches.add(index, key, Closeness::Misspelt, false).await?;
        }
        Ok(matches)
    }

    async fn add(
        &mut self,
        index: &Snapshot<'_>,
        key: &str,
        closeness: Closeness,
        alone: bool,
    ) -> Result<(), CatalogError> {
        let (row, rest) = key::row_of(key);
        read(index, row, |block, list| {
            if list.rest == rest.as_bytes() {
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
        let counts = counts(closeness, alone);
        let scores = self.scores(block);
        decode(data, |slot, stored| {
            let counts = usize::try_from(stored).ok().and_then(|at| counts.get(at));
            let best = &mut scores[usize::from(slot)];
            *best = (*best).max(counts.copied().unwrap_or_default());
        })
    }

    fn scores(&mut self, block: i64) -> &mut Block {
        self.0
            .entry(block)
            .or_insert_with(|| Box::new([0; BLOCK as usize]))
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
        index: &Snapshot<'_>,
        phrase: &str,
        alone: bool,
    ) -> Result<(), CatalogError> {
        let whole = key::name(phrase);
        let mut bonus = Self::default();
        let mut add = |block, data: &[u8], more: u16| {
            let scores = bonus.scores(block);
            decode(data, |slot, _| {
                let best = &mut scores[usize::from(slot)];
                *best = more.max(*best);
            })
        };
        if alone {
            // Whose name starts so is known from the word's own list: of a short word, too many
            // names to read.
            read(index, &whole, |block, list| {
                add(block, list.data, EXACT_NAME)
            })
            .await?;
        } else {
            let end = key::end_of_prefix(&whole);
            let query = sqlx::query(ROWS_THAT_START_SO).bind(&whole).bind(&end);
            let mut rows = query.fetch(index.pool);
            while let Some(row) = rows.try_next().await? {
                let exact = row.try_get::<&str, _>("key")? == whole;
                let more = if exact { EXACT_NAME } else { NAME_PREFIX };
                let block = row.try_get("block")?;
                group::split(row.try_get("data")?, |_, list| add(block, list, more))?;
            }
        }
        for (block, bonus) in &bonus.0 {
            let Some(scores) = self.0.get_mut(block) else {
                continue;
            };
            for (score, more) in scores.iter_mut().zip(bonus.iter()) {
                if *score > 0 {
                    *score += *more;
                }
            }
        }
        Ok(())
    }

    /// The tools that match and may be found.
    pub(super) fn among(&self, findable: &Findable, best: &mut Best) {
        let mut pace = Pace::new();
        for (block, scores) in &self.0 {
            pace.offer();
            findable.in_block(*block, |slot, downloads| {
                let score = scores[usize::from(slot)];
                if score > 0 {
                    best.add(score, downloads, *block, slot);
                }
            });
        }
    }
}

/// Every tool that may be found.
pub(super) fn everything(findable: &Findable, best: &mut Best) {
    let mut pace = Pace::new();
    for block in findable.blocks() {
        pace.offer();
        findable.in_block(block, |slot, downloads| best.add(0, downloads, block, slot));
    }
}

/// One list, as it stands in a row.
struct List<'a> {
    /// What the list's word has after the row's key.
    rest: &'a [u8],
    data: &'a [u8],
}

/// Hands the block of each list of a row, and the list, to `each`.
async fn read(
    index: &Snapshot<'_>,
    row: &str,
    mut each: impl FnMut(i64, List<'_>) -> Result<(), CatalogError>,
) -> Result<(), CatalogError> {
    let mut pace = Pace::new();
    let row = index.row(row).await?;
    for (block, data) in row.iter() {
        group::split(data, |rest, data| each(block, List { rest, data }))?;
        pace.keep().await;
    }
    Ok(())
}
