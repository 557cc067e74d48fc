//! Who may keep an answer, and how its bytes are vouched for.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use enact_registry::Selector;
use enact_types::{Digest, Visibility};

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
