//! What every answer tells browsers to refrain from.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// For everything that is not a page: files of bundles hold what their authors like, and must not
/// become a page of this site.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
);

/// A year; see <https://www.rfc-editor.org/rfc/rfc6797>.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Whether this server itself speaks TLS. Behind a proxy that does, the proxy knows for which names.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpeaksTls(pub(crate) bool);

/// Adds the headers. A page that says itself what it needs keeps its policy.
pub(crate) async fn security_headers(
    State(SpeaksTls(tls)): State<SpeaksTls>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(POLICY);
    headers
        .entry(header::REFERRER_POLICY)
        .or_insert(HeaderValue::from_static("no-referrer"));
    if tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    response
}
