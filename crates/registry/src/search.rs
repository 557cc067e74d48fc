//! Searching for tools.

use enact_catalog::SearchQuery;
use enact_types::limits::{DEFAULT_PAGE, MAX_PAGE};
use enact_types::wire::{SearchPage, SearchRow, TrustStatus};

use crate::tools::author;
use crate::{Registry, RegistryError};

/// The most tags of one filter; further ones are ignored.
const MAX_TAG_FILTERS: usize = 20;

/// A search. Only public tools are found, whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Words; empty or `*` lists everything.
    pub text: String,
    /// If not empty, one of these tags.
    pub tags: Vec<String>,
    /// If given, of this namespace: `alice`, `@acme`.
    pub author: Option<String>,
    /// Rows wanted; [`DEFAULT_PAGE`] if `None`, at most [`MAX_PAGE`].
    pub limit: Option<u32>,
    /// Rows to skip.
    pub offset: u32,
}

impl Registry {
    /// Searches names, tags, descriptions and texts.
    pub async fn search(&self, mut search: Search) -> Result<SearchPage, RegistryError> {
        let limit = search.limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE);
        search.tags.truncate(MAX_TAG_FILTERS);
        // Postgres has no NUL in its texts, and no tool has one either.
        let clean = |text: &String| text.replace('\0', " ");
        let text = clean(&search.text);
        let tags: Vec<String> = search.tags.iter().map(clean).collect();
        let namespace = search.author.as_ref().map(clean);
        let query = SearchQuery {
            text: &text,
            tags: &tags,
            author: namespace.as_deref(),
            limit,
            offset: search.offset,
        };
        let page = self.inner.catalog.search(&query).await?;
        let browsing = matches!(search.text.trim(), "" | "*");
        Ok(SearchPage {
            tools: page
                .hits
                .into_iter()
                .map(|tool| SearchRow {
                    author: author(&tool.name),
                    name: tool.name,
                    description: tool.description,
                    tags: tool.tags,
                    version: tool.latest_version,
                    downloads: tool.downloads,
                    trust_status: TrustStatus::default(),
                    visibility: tool.visibility,
                })
                .collect(),
            total: page.total,
            limit,
            offset: search.offset,
            search_type: if browsing { "browse" } else { "text" }.to_owned(),
        })
    }
}
