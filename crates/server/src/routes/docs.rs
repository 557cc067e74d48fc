//! `GET /docs` — anybody. What this API is, for people: one page that needs nothing else.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::openapi::page;

/// No scripts, no frames, nothing from anywhere; styles are in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[utoipa::path(
    get,
    path = "/docs",
    tag = "Server",
    summary = "This document as a page",
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub(crate) async fn docs() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
        ],
        page::html(),
    )
        .into_response()
}
