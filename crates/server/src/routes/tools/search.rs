//! `GET /tools/search?q&tags&author&limit&offset` — anybody. Searches public tools.

use axum::Json;
use axum::extract::{RawQuery, State};
use enact_registry::{Page, Search};
use enact_types::wire::SearchPage;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::Failures;
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/tools/search",
    tag = "Skills",
    summary = "Search public skills",
    description = "Parameters that are not named here, as `threshold` of other registries, are ignored: a skill is found or not, and none is found by likeness of meaning.",
    params(
        ("q" = Option<String>, Query, description = "Words; empty or `*` lists everything"),
        ("tags" = Option<String>, Query, description = "Comma-separated, or repeated; one of them must match. `tag` is the same"),
        ("author" = Option<String>, Query, description = "A user, or an organisation with its `@`"),
        ("limit" = Option<i64>, Query, description = "1 to 100; 20 if absent"),
        ("offset" = Option<i64>, Query, description = "Rows to skip"),
    ),
    responses((status = 200, body = SearchPage), Failures)
)]
pub(crate) async fn search(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Json<SearchPage>, ApiError> {
    Ok(Json(
        state
            .registry
            .search(parse(&query.unwrap_or_default()))
            .await?,
    ))
}

fn parse(query: &str) -> Search {
    let Page { limit, offset } = query::page(query);
    let mut search = Search {
        limit,
        offset,
        ..Search::default()
    };
    for (key, value) in query::pairs(query) {
        match key.as_ref() {
            "q" => search.text = value.into_owned(),
            "author" => {
                search.author = Some(value.trim().to_owned()).filter(|name| !name.is_empty());
            }
            // Comma-separated, or repeated under either name.
            "tags" | "tag" => {
                search.tags.extend(
                    value
                        .split(',')
                        .map(str::trim)
                        .filter(|tag| !tag.is_empty())
                        .map(str::to_owned),
                );
            }
            _ => {}
        }
    }
    search
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_anything() {
        let search = parse("q=a+%22b&tags=x%2C+y,&tag=z&limit=5&offset=2");
        assert_eq!(search.text, "a \"b");
        assert_eq!(search.tags, ["x", "y", "z"]);
        assert_eq!((search.limit, search.offset), (Some(5), 2));
        assert_eq!(parse("q=%FF&%").text, "\u{FFFD}");
        assert_eq!(parse("author=+@acme+").author.as_deref(), Some("@acme"));
        assert_eq!(parse("author=+").author, None);
    }
}
