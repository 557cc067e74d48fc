//! `GET /tools/N/versions/V/download[?acknowledge_yanked=true]` — whoever may see the tool. The
//! bytes as published. Never compressed again: existing clients would unpack the bundle itself.

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Bundle, Caller, Registry, Selector};
use enact_types::wire::ErrorBody;
use enact_types::{ToolName, Visibility};

use crate::error::ApiError;
use crate::openapi::errors::{Failures, Missing};

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}/download",
    tag = "Versions",
    summary = "Download a bundle",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/greeter"),
        ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0"),
        ("acknowledge_yanked" = Option<bool>, Query, description = "`true` to get a yanked version"),
    ),
    responses(
        (status = 200, description = "The bundle", body = Vec<u8>, content_type = "application/gzip"),
        (status = 304, description = "The client has it: `If-None-Match`"),
        (status = 410, description = "VERSION_YANKED: ask with `acknowledge_yanked=true`", body = ErrorBody),
        Failures,
        Missing
    )
)]
pub(crate) async fn download(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    head: &Parts,
) -> Result<Response, ApiError> {
    let bundle = registry
        .bundle(caller, name, version, acknowledges_yank(head))
        .await?;
    let etag = format!("\"{}\"", bundle.hash);
    let fresh = head
        .headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .any(|value| matches(value.as_bytes(), &etag));
    let shared = [
        (header::ETAG, etag),
        (
            header::CACHE_CONTROL,
            cache_control(&bundle, version).to_owned(),
        ),
    ];
    if fresh {
        return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
    }
    let body = if head.method == Method::HEAD {
        Body::empty()
    } else {
        Body::from_stream(registry.open(&bundle).await?)
    };
    let own = [
        (header::CONTENT_TYPE, "application/gzip".to_owned()),
        (header::CONTENT_LENGTH, bundle.size.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}\"", bundle.filename),
        ),
        (
            header::HeaderName::from_static("x-bundle-hash"),
            bundle.hash.to_string(),
        ),
    ];
    Ok((shared, own, body).into_response())
}

/// A version's bytes never change, but who may see them may: only public ones go into shared
/// caches, and what `latest` means is asked anew each time.
fn cache_control(bundle: &Bundle, version: &Selector) -> &'static str {
    match (bundle.visibility, version) {
        (Visibility::Private, _) => "private, no-store",
        (_, Selector::Latest) => "no-cache",
        (Visibility::Unlisted, Selector::Exact(_)) => "private, max-age=31536000, immutable",
        (Visibility::Public, Selector::Exact(_)) => "public, max-age=31536000, immutable",
    }
}

fn acknowledges_yank(head: &Parts) -> bool {
    let query = head.uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .any(|(key, value)| key == "acknowledge_yanked" && value == "true")
}

/// Whether a header `If-None-Match` names the tag; weak tags compare like strong ones there
/// (RFC 9110, section 13.1.2).
fn matches(value: &[u8], etag: &str) -> bool {
    value == b"*"
        || value.split(|byte| *byte == b',').any(|tag| {
            let tag = tag.trim_ascii();
            tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_takes_lists_and_weak_tags() {
        let etag = "\"sha256:ab\"";
        for value in [
            "*",
            "\"sha256:ab\"",
            "W/\"sha256:ab\"",
            "\"x\", \"sha256:ab\"",
        ] {
            assert!(matches(value.as_bytes(), etag), "{value}");
        }
        assert!(!matches(b"\"sha256:abc\"", etag));
        assert!(!matches(b"", etag));
    }
}
