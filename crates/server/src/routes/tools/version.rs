//! `GET /tools/N/versions/V` — whoever may see the tool. One version with its manifest; `latest`
//! is an alias. Headers say so if it is yanked.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use enact_registry::{Caller, Selector};
use enact_types::ToolName;
use enact_types::wire::VersionDetails;

use crate::error::ApiError;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}",
    tag = "Versions",
    summary = "One version with its manifest",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0")),
    responses((status = 200, body = VersionDetails), Failures, Missing)
)]
pub(crate) async fn version(
    state: &AppState,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
) -> Result<Response, ApiError> {
    let details = state
        .registry
        .version_details(caller, name, version)
        .await?;
    let turn = state.large_answers.turn(details.text_bytes()).await?;
    let details = details.read().await?;
    let mut response = turn.json(&details)?;
    if details.yanked {
        mark(response.headers_mut(), &details);
    }
    Ok(response)
}

/// Says in the headers that the version is yanked.
fn mark(headers: &mut HeaderMap, details: &VersionDetails) {
    headers.insert("x-enact-yanked", HeaderValue::from_static("true"));
    headers.insert(
        header::WARNING,
        HeaderValue::from_static("299 - \"This version has been yanked\""),
    );
    let texts = [
        ("x-enact-yank-reason", &details.yank_reason),
        ("x-enact-yank-replacement", &details.yank_replacement),
    ];
    for (name, text) in texts {
        if let Some(text) = text
            && let Ok(value) = HeaderValue::try_from(plain(text))
        {
            headers.insert(name, value);
        }
    }
}

/// A text from outside as it may stand in a header: one line of visible US-ASCII, cut.
fn plain(text: &str) -> String {
    const MAX_CHARS: usize = 200;
    text.chars()
        .take(MAX_CHARS)
        .map(|char| match char {
            ' '..='~' => char,
            _ => '?',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_can_break_out_of_its_header() {
        assert_eq!(plain("a\r\nx: y\0\u{fc}"), "a??x: y??");
        assert_eq!(plain(&"x".repeat(1000)).len(), 200);
    }
}
