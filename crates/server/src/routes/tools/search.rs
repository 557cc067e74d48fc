//! `GET /tools/search?q&tags&author&limit&offset` — anybody. Searches public tools.

use axum::Json;
use axum::extract::{RawQuery, State};
use enact_registry::Search;
use enact_types::wire::SearchPage;

use crate::error::ApiError;
use crate::state::AppState;

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

/// Which rows of a listing are wanted. Whatever is not a number is as if it were not there: a
/// listing never fails for how it was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Paging {
    pub(crate) limit: Option<u32>,
    pub(crate) offset: u32,
}

impl Paging {
    pub(crate) fn of(query: &str) -> Self {
        let mut paging = Self::default();
        for (key, value) in pairs(query) {
            match key.as_ref() {
                "limit" => paging.limit = number(&value),
                "offset" => paging.offset = number(&value).unwrap_or(0),
                _ => {}
            }
        }
        paging
    }
}

fn parse(query: &str) -> Search {
    let Paging { limit, offset } = Paging::of(query);
    let mut search = Search {
        limit,
        offset,
        ..Search::default()
    };
    for (key, value) in pairs(query) {
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

/// The pairs of a query string; what is not UTF-8 in them becomes U+FFFD.
fn pairs(
    query: &str,
) -> impl Iterator<Item = (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)> {
    url::form_urlencoded::parse(query.as_bytes())
}

fn number(text: &str) -> Option<u32> {
    let number: f64 = text
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| !number.is_nan())?;
    // Saturates, so a huge limit means "as many as possible" and a negative offset none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates, which is meant"
    )]
    Some(number as u32)
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
        assert_eq!(Paging::of("limit=x&offset=-1"), Paging::default());
        assert_eq!(
            Paging::of("limit=1e99&offset=1e99"),
            Paging {
                limit: Some(u32::MAX),
                offset: u32::MAX
            }
        );
        assert_eq!(Paging::of("limit=NaN"), Paging::default());
        assert_eq!(parse("q=%FF&%").text, "\u{FFFD}");
        assert_eq!(parse("author=+@acme+").author.as_deref(), Some("@acme"));
        assert_eq!(parse("author=+").author, None);
    }
}
