//! The search index and the search. Ordinary tables and portable SQL, so that the same data gives
//! the same results on every database.
//!
//! The index is a set of lists of tools (`key.rs`): those with a word, with a prefix, with a tag,
//! of a namespace. A list is cut into blocks of 2048 tools, each a few bytes to two kilobytes
//! (`list.rs`); the lists of words that start with the same four letters stand together in a row for
//! each block (`group.rs`). So a search reads the tens of thousands of tools of a common word, or of
//! a prefix of many words, in some dozens of rows, counts them all and orders them all. What was read
//! lately is in memory, and known to be up to date (`snapshot.rs`). What a tool is in is its document
//! (`document.rs`); `index.rs` writes, `matches.rs` reads.

mod best;
mod dictionary;
mod document;
mod field;
mod findable;
mod group;
mod index;
mod key;
mod list;
mod matches;
mod pace;
mod page;
mod ranks;
mod rebuild;
mod rows;
mod snapshot;
mod spelling;
mod tool;
mod words;

use std::sync::Arc;

use best::Best;
use matches::{Matches, everything};
use snapshot::Snapshot;
use sqlx::AnyPool;
use words::{of_query, phrase, words_of_query};

pub(crate) use ranks::refresh_downloads;
pub(crate) use rebuild::{index_missing, index_new};
pub(crate) use snapshot::Memory;
pub(crate) use tool::{forget, reindex};

use crate::{Catalog, CatalogError, ToolRecord};

/// What to search for. Every word must match, at least as the start of an indexed word; if nothing
/// matches so, words of three letters and more may have one letter wrong.
#[derive(Debug, Clone, Default)]
pub struct SearchQuery<'a> {
    /// Words; none (or `*`) matches every public tool.
    pub text: &'a str,
    /// If not empty, the tool must have one of these tags, in whatever case.
    pub tags: &'a [String],
    /// If given, the tool must be of this namespace (`alice`, `@acme`), in whatever case.
    pub author: Option<&'a str>,
    /// Rows at most.
    pub limit: u32,
    /// Rows to skip.
    pub offset: u32,
}

/// A page of matches.
#[derive(Debug, Clone)]
pub struct SearchPage {
    /// The rows of this page, best first.
    pub hits: Vec<SearchHit>,
    /// How many tools match in all.
    pub total: u64,
}

/// A match.
pub type SearchHit = ToolRecord;

impl Catalog {
    /// Searches public tools that have a version which is not yanked. Best first: tools whose name
    /// is the text, then those whose name starts so, then by where the words stand (name, tags,
    /// description, text); among equals more downloads, and then the older tool, come first.
    pub async fn search(&self, query: &SearchQuery<'_>) -> Result<SearchPage, CatalogError> {
        let (memory, pool) = (Arc::clone(&self.index), self.searchers.clone());
        let (text, author) = (query.text.to_owned(), query.author.map(str::to_owned));
        let (tags, limit, offset) = (query.tags.to_vec(), query.limit, query.offset);
        let search = async move {
            let query = SearchQuery {
                text: &text,
                tags: &tags,
                author: author.as_deref(),
                limit,
                offset,
            };
            search(&memory, &pool, &query).await
        };
        self.background.run(search).await
    }
}

async fn search(
    memory: &Memory,
    pool: &AnyPool,
    query: &SearchQuery<'_>,
) -> Result<SearchPage, CatalogError> {
    let index = memory.snapshot(pool).await?;
    let best = best(&index, query).await?;
    let total = best.total();
    let page = best.page(query.offset as usize);
    let hits = page::read(pool, &page).await?;
    Ok(SearchPage { hits, total })
}

/// The matches, of which the best are kept, as many as the page needs.
async fn best(index: &Snapshot<'_>, query: &SearchQuery<'_>) -> Result<Best, CatalogError> {
    let findable = &index.findable;
    let wanted = (query.offset as usize).saturating_add(query.limit as usize);
    let mut best = Best::new(wanted);
    let words = words_of_query(query.text);
    let phrase = phrase(of_query(query.text));
    // Not so for `lint/lint`.
    let alone = words.first() == Some(&phrase);
    let filter = filter(index, query).await?;
    if words.is_empty() {
        match filter {
            Some(filter) => filter.among(findable, &mut best),
            None => everything(findable, &mut best),
        }
        return Ok(best);
    }
    let mut of_words = Vec::with_capacity(words.len());
    for word in &words {
        of_words.push(Matches::of_word(index, word, alone).await?);
    }
    let mut found = all_of(&of_words, filter.as_ref());
    found.prefer_name(index, &phrase, alone).await?;
    found.among(findable, &mut best);
    if best.total() > 0 {
        return Ok(best);
    }
    for (word, matches) in words.iter().zip(&mut of_words) {
        for neighbour in dictionary::neighbours(index.pool, word).await? {
            matches.add_misspelt(index, &neighbour).await?;
        }
    }
    all_of(&of_words, filter.as_ref()).among(findable, &mut best);
    Ok(best)
}

/// The tools that tags and author leave; None if every tool may be.
async fn filter(
    index: &Snapshot<'_>,
    query: &SearchQuery<'_>,
) -> Result<Option<Matches>, CatalogError> {
    let tags: Vec<_> = query.tags.iter().map(|tag| key::tag(tag)).collect();
    let of_tags = if tags.is_empty() {
        None
    } else {
        Some(Matches::of_any(index, &tags).await?)
    };
    let of_author = match query.author {
        None => None,
        Some(author) => Some(Matches::of_any(index, &[key::author(author)]).await?),
    };
    Ok(match (of_tags, of_author) {
        (Some(one), Some(other)) => Some(one.and(&other)),
        (one, other) => one.or(other),
    })
}

/// The tools that are in all of `of_words`, of which there is at least one, and in `filter`.
fn all_of(of_words: &[Matches], filter: Option<&Matches>) -> Matches {
    let mut sets = of_words.iter().chain(filter);
    let first = sets.next().cloned().unwrap_or_default();
    sets.fold(first, Matches::and)
}
