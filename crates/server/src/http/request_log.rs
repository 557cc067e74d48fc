//! A number for every request, and one log line for every one that failed on our side.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use enact_types::Token;
use futures_util::FutureExt as _;
use percent_encoding::percent_decode_str;

use crate::config::is_jwt;
use crate::error::{ApiError, Cause};
use crate::state::AppState;

pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Unique within this process.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Gives the request an id, which the client sees in `X-Request-Id`, and logs what happened to it.
pub(crate) async fn request_log(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let id = format!("{}-{number}", state.process);
    // Without the query, which holds what people search for.
    let path = request.uri().path().to_owned();
    let path = || shown(&path, |text| state.auth.is_key(text));
    let method = request.method().clone();
    // A bug in a handler is answered like every other fault of ours.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response =
        answer.unwrap_or_else(|_| ApiError::internal("a handler panicked").into_response());
    let status = response.status().as_u16();
    if let Some(Cause(error)) = response.extensions_mut().remove::<Cause>() {
        let cause = chain(&*error);
        tracing::error!(request_id = id, %method, path = path(), status, cause, "request failed");
    } else {
        tracing::debug!(request_id = id, %method, path = path(), status, "request");
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
}

/// A path as it may stand in the log: without whatever signs somebody in who wrote it where a name or
/// an id belongs, in plain or percent-encoded.
fn shown(path: &str, is_key: impl Fn(&str) -> bool) -> String {
    let segments: Vec<_> = path
        .split('/')
        .map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8_lossy();
            let is_secret = |text: &str| is_jwt(text) || is_key(text);
            if decoded.split('/').any(is_secret) {
                return Cow::Borrowed("…");
            }
            match Token::redact(&decoded) {
                Cow::Borrowed(_) => Cow::Borrowed(segment),
                Cow::Owned(redacted) => Cow::Owned(redacted),
            }
        })
        .collect();
    segments.join("/")
}

/// An error and everything behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_logged_without_what_signs_in() {
        const KEY: &str = "the key: 0123456789";
        let token = Token::new([0xa5; 24]);
        let token = token.expose();
        let encoded = |text: &str| -> String {
            let bytes = text.bytes();
            bytes.fold(String::new(), |text, byte| text + &format!("%{byte:02x}"))
        };
        let in_one = format!("x%2F{}%2fy", encoded(KEY));
        for (segment, seen) in [
            ("alice%2Fgreeter", "alice%2Fgreeter"),
            ("%ff%0a", "%ff%0a"),
            ("", ""),
            (KEY, "…"),
            (&*encoded(KEY), "…"),
            (&*in_one, "…"),
            (token, "enact_…"),
            (&*encoded(token), "enact_…"),
            (&*format!("x%2F{}", encoded(token)), "x/enact_…"),
            ("eyJhbGciOiJI.e30.c2ln", "…"),
            ("eyJhbGciOiJI%2Ee30%2Ec2ln", "…"),
        ] {
            let path = shown(&format!("/users/{segment}/trust"), |text| text == KEY);
            assert_eq!(path, format!("/users/{seen}/trust"));
        }
    }
}
