//! Which pages of other sites may read; see <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::config::Cors;

/// Answers preflights, and marks responses as readable from the pages that may. Never with
/// credentials: a token is sent by whoever has it, not by the browser on its own.
pub(crate) async fn cors(
    State(policy): State<Arc<Cors>>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = match &*policy {
        Cors::Any => Some(HeaderValue::from_static("*")),
        Cors::None => None,
        Cors::These(origins) => request
            .headers()
            .get(header::ORIGIN)
            .filter(|origin| origins.contains(origin))
            .cloned(),
    };
    let mut response = if request.method() == Method::OPTIONS {
        let mut response = StatusCode::NO_CONTENT.into_response();
        if allowed.is_some() {
            allow(response.headers_mut());
        }
        response
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    if matches!(*policy, Cors::These(_)) {
        // A cache must not hand one page what was marked for another.
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
    if let Some(origin) = allowed {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "ETag, X-Bundle-Hash, Repr-Digest, Accept-Ranges, Content-Range, Content-Disposition, \
                 Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id",
            ),
        );
    }
    response
}

fn allow(headers: &mut HeaderMap) {
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static(
            "Authorization, Content-Type, apikey, If-Match, If-None-Match, If-Range, Range",
        ),
    );
    headers.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static("86400"),
    );
}
