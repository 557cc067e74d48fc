//! `GET /openapi.json` — anybody. What this API is, for programs.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::openapi;

#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "Server",
    summary = "This document",
    responses((status = 200, body = serde_json::Value))
)]
pub(crate) async fn openapi() -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        openapi::json(),
    )
        .into_response()
}
