//! Who may keep an answer, and how its bytes are vouched for.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use enact_registry::Selector;
use enact_types::{Digest, Visibility};

use crate::state::AppState;

/// Keeps answers to one caller from another: what was answered to somebody who presented something
/// to sign in with is kept nowhere unless its endpoint said otherwise, and caches are told which
/// headers decide who is calling.
pub(crate) async fn apart(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let presented = request.headers().contains_key(header::AUTHORIZATION);
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if presented {
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("private, no-store"));
    }
    // What is public is the same for everybody, and shared caches may go on sharing it.
    let is_public = headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes().starts_with(b"public"));
    if !is_public {
        let decides = state.auth.decided_by();
        headers.append(header::VARY, HeaderValue::from_static(decides));
    }
    response
}

/// `Cache-Control` of bytes that belong to a version. They never change, but who may see them may:
/// only public ones go into shared caches, and what `latest` means is asked anew each time.
pub(crate) fn of_bytes(visibility: Visibility, version: &Selector) -> HeaderValue {
    HeaderValue::from_static(match (visibility, version) {
        (Visibility::Private, _) => "private, no-store",
        (_, Selector::Latest) => "no-cache",
        (Visibility::Unlisted, Selector::Exact(_)) => "private, max-age=31536000, immutable",
        (Visibility::Public, Selector::Exact(_)) => "public, max-age=31536000, immutable",
    })
}

/// `Cache-Control` of JSON, whose form may change with the server.
pub(crate) fn of_json(visibility: Visibility) -> HeaderValue {
    HeaderValue::from_static(match visibility {
        Visibility::Private => "private, no-store",
        Visibility::Unlisted | Visibility::Public => "no-cache",
    })
}

/// The strong tag of bytes with that digest.
pub(crate) fn etag(digest: &Digest) -> String {
    format!("\"{digest}\"")
}

/// Adds `Repr-Digest` (RFC 9530), which is of the whole even in an answer with a part of it.
pub(crate) fn add_digest(headers: &mut HeaderMap, digest: &Digest) {
    let text = format!("sha-256=:{}:", BASE64_STANDARD.encode(digest.as_bytes()));
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert("repr-digest", value);
    }
}

/// Adds a header whose value is ours, but made at run time.
pub(crate) fn add(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(name, value);
    }
}
