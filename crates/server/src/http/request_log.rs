//! A number for every request, and one log line for every one that failed on our side.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

use crate::error::Cause;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Unique within this process; the log says which process it is.
static NEXT: AtomicU64 = AtomicU64::new(1);

/// Gives the request an id, which the client sees in `X-Request-Id`, and logs what happened to it.
pub(crate) async fn request_log(request: Request, next: Next) -> Response {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    // Without the query, which holds what people search for.
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    if let Some(Cause(error)) = response.extensions_mut().remove::<Cause>() {
        let cause = chain(&*error);
        tracing::error!(request_id = id, %method, path, status, cause, "request failed");
    } else {
        tracing::debug!(request_id = id, %method, path, status, "request");
    }
    response
        .headers_mut()
        .insert(X_REQUEST_ID, HeaderValue::from(id));
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
