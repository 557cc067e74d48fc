//! A number for every request, and one log line for every one that failed on our side.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use enact_types::Token;
use futures_util::FutureExt as _;

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
    let path = Token::redact(request.uri().path()).into_owned();
    let method = request.method().clone();
    // A bug in a handler is answered like every other fault of ours.
    let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response =
        answer.unwrap_or_else(|_| ApiError::internal("a handler panicked").into_response());
    let status = response.status().as_u16();
    if let Some(Cause(error)) = response.extensions_mut().remove::<Cause>() {
        let cause = chain(&*error);
        tracing::error!(request_id = id, %method, path, status, cause, "request failed");
    } else {
        tracing::debug!(request_id = id, %method, path, status, "request");
    }
    if let Ok(id) = HeaderValue::try_from(id) {
        response.headers_mut().insert(X_REQUEST_ID, id);
    }
    response
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
