//! The search index and the search. Both are ordinary tables and portable SQL, so that the same
//! data gives the same results on every database.

use std::collections::BTreeMap;

use enact_types::limits::{MAX_SEARCH_QUERY_BYTES, MAX_SEARCH_WORDS};
use sqlx::{Any, Row, Transaction};

use crate::sql::Sql;
use crate::tools::{count, tags_from, tool_columns, tool_from};
use crate::{Catalog, CatalogError, ToolRecord};

/// How much a word counts by where it stands; a word that matches whole counts double.
const NAME_WEIGHT: i64 = 8;
const TAG_WEIGHT: i64 = 4;
const DESCRIPTION_WEIGHT: i64 = 2;
/// Added when the query is the tool's name, whole or its last segment.
const EXACT_NAME_SCORE: i64 = 1000;
/// Added when the name or its last segment starts with the query.
const NAME_PREFIX_SCORE: i64 = 500;

/// Longer words are cut, in characters: nobody types more.
const MAX_TERM_CHARS: usize = 64;
/// Index rows of one tool; the words of the name and the tags come first.
const MAX_TERMS: usize = 1_000;
/// Rows of one INSERT, three values each.
const BATCH: usize = 500;

/// What to search for. Every word must match, at least as the start of an indexed word.
#[derive(Debug, Clone, Default)]
pub struct SearchQuery<'a> {
    /// Words; none (or `*`) matches every public tool.
    pub text: &'a str,
    /// If not empty, the tool must have one of these tags, in whatever case.
    pub tags: &'a [String],
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
    /// Searches public tools that have a version which is not yanked.
    pub async fn search(&self, query: &SearchQuery<'_>) -> Result<SearchPage, CatalogError> {
        let words = words_of_query(query.text);
        let counting = matches(Sql::new("SELECT COUNT(*) AS total"), &words, query.tags);
        let row = counting.build().fetch_one(&self.readers).await?;
        let total = count(&row, "total")?;

        let rows = score(
            Sql::new(concat!("SELECT ", tool_columns!(), ", ")),
            query.text.trim(),
            words.len(),
        );
        let rows = matches(rows, &words, query.tags)
            .text(" ORDER BY score DESC, t.total_downloads DESC, t.name LIMIT ")
            .bind(i64::from(query.limit))
            .text(" OFFSET ")
            .bind(i64::from(query.offset));
        let rows = rows.build().fetch_all(&self.readers).await?;
        let hits = rows.iter().map(tool_from).collect::<Result<_, _>>()?;
        Ok(SearchPage { hits, total })
    }
}

/// ` FROM … WHERE …`: one derived table a word, each with the tools that have a word starting so.
fn matches(mut sql: Sql, words: &[String], tags: &[String]) -> Sql {
    sql = sql.text(" FROM tools t");
    for (n, word) in words.iter().enumerate() {
        sql = sql
            .text(" JOIN (SELECT tool_id, MAX(CASE WHEN term = ")
            .bind(word.as_str())
            .text(" THEN 2 * weight ELSE weight END) AS score FROM tool_terms WHERE term >= ")
            .bind(word.as_str())
            .text(" AND term < ")
            .bind(end_of_prefix(word).as_str())
            .text(" GROUP BY tool_id) w")
            .index(n)
            .text(" ON w")
            .index(n)
            .text(".tool_id = t.id");
    }
    sql = sql.text(" WHERE t.visibility = 'public' AND t.latest_yanked = 0");
    if !tags.is_empty() {
        sql = sql
            .text(" AND EXISTS (SELECT 1 FROM tool_tags g WHERE g.tool_id = t.id AND g.tag IN (");
        for (n, tag) in tags.iter().enumerate() {
            sql = if n == 0 { sql } else { sql.text(", ") }.bind(tag.to_lowercase().as_str());
        }
        sql = sql.text("))");
    }
    sql
}

/// The column `score`: how well the words match, and whether the query is the tool's name.
fn score(mut sql: Sql, text: &str, words: usize) -> Sql {
    if words == 0 {
        return sql.text("0 AS score");
    }
    for n in 0..words {
        sql = sql.text("w").index(n).text(".score + ");
    }
    let name = text.to_lowercase();
    let end = end_of_prefix(&name);
    sql.text("CASE WHEN t.name = ")
        .bind(name.as_str())
        .text(" OR t.short_name = ")
        .bind(name.as_str())
        .text(" THEN ")
        .bind(EXACT_NAME_SCORE)
        .text(" WHEN (t.name >= ")
        .bind(name.as_str())
        .text(" AND t.name < ")
        .bind(end.as_str())
        .text(") OR (t.short_name >= ")
        .bind(name.as_str())
        .text(" AND t.short_name < ")
        .bind(end.as_str())
        .text(") THEN ")
        .bind(NAME_PREFIX_SCORE)
        .text(" ELSE 0 END AS score")
}

/// Above everything that starts with `prefix`, by bytes: followed by the highest character.
fn end_of_prefix(prefix: &str) -> String {
    format!("{prefix}\u{10FFFF}")
}

/// Writes the tool's index anew from its row.
pub(crate) async fn reindex(
    tx: &mut Transaction<'static, Any>,
    tool_id: &str,
) -> Result<(), CatalogError> {
    sqlx::query("DELETE FROM tool_terms WHERE tool_id = $1")
        .bind(tool_id)
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM tool_tags WHERE tool_id = $1")
        .bind(tool_id)
        .execute(&mut **tx)
        .await?;
    let row = sqlx::query("SELECT name, description, tags FROM tools WHERE id = $1")
        .bind(tool_id)
        .fetch_one(&mut **tx)
        .await?;
    let tags: Vec<String> = tags_from(&row)?
        .iter()
        .map(|tag| tag.to_lowercase())
        .collect();
    let (name, description): (&str, &str) = (row.try_get("name")?, row.try_get("description")?);

    let mut terms = Terms::default();
    terms.add(name, NAME_WEIGHT);
    for tag in &tags {
        terms.add(tag, TAG_WEIGHT);
    }
    terms.add(description, DESCRIPTION_WEIGHT);
    let terms: Vec<_> = terms.0.into_iter().collect();
    for batch in terms.chunks(BATCH) {
        let rows = batch
            .iter()
            .map(|(term, weight)| [term.as_str().into(), tool_id.into(), (*weight).into()]);
        Sql::new("INSERT INTO tool_terms (term, tool_id, weight) VALUES ")
            .rows(rows)
            .build()
            .execute(&mut **tx)
            .await?;
    }
    for tag in tags
        .iter()
        .enumerate()
        .filter(|(n, tag)| !tags[..*n].contains(tag))
        .map(|(_, tag)| tag)
    {
        sqlx::query("INSERT INTO tool_tags (tag, tool_id) VALUES ($1, $2)")
            .bind(tag)
            .bind(tool_id)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Words with the highest weight that each was added with.
#[derive(Default)]
struct Terms(BTreeMap<String, i64>);

impl Terms {
    fn add(&mut self, text: &str, weight: i64) {
        for word in words(text) {
            if self.0.len() >= MAX_TERMS && !self.0.contains_key(&word) {
                return;
            }
            let stored = self.0.entry(word).or_insert(weight);
            *stored = weight.max(*stored);
        }
    }
}

/// Lower-case runs of letters and digits.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            word.chars()
                .flat_map(char::to_lowercase)
                .take(MAX_TERM_CHARS)
                .collect()
        })
}

/// The words to look up; a query of nothing but punctuation is like an empty one.
fn words_of_query(text: &str) -> Vec<String> {
    let mut end = text.len().min(MAX_SEARCH_QUERY_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut found: Vec<String> = Vec::new();
    for word in words(&text[..end]) {
        if !found.contains(&word) {
            found.push(word);
        }
        if found.len() == MAX_SEARCH_WORDS {
            break;
        }
    }
    found
}
